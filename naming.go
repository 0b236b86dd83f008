package roster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Naming is how people name a thing where an id and a name can both stand: "id:7" is
// an id, "title:7" a name, and "7" either.
type Naming struct {
	Text string
	ID   int64  // 0: it is no id
	Name string // "": it is no name
	kind string // what a name is called, such as title
}

// ParseNaming reads one; kind is what a name is called. Digits are an id only as they
// are written by programs: 007 is not 7.
func ParseNaming(text, kind string) Naming {
	n := Naming{Text: text, kind: kind}
	if name, ok := strings.CutPrefix(text, kind+":"); ok {
		n.Name = name
		return n
	}
	digits, only := strings.CutPrefix(text, "id:")
	if id, err := strconv.ParseInt(digits, 10, 64); err == nil && id > 0 && strconv.FormatInt(id, 10) == digits {
		n.ID = id
	}
	if !only {
		n.Name = text
	}
	return n
}

// Choose is the one thing that is named: exists says that something has the id, named
// are the ids of what has exactly the name. NotFound when there is none, Invalid, with
// the ways to say which, when there are several. thing is a word for it.
func (n Naming) Choose(thing string, exists bool, named []int64) (int64, error) {
	ids := slices.Clone(named)
	if exists && !slices.Contains(ids, n.ID) {
		ids = append(ids, n.ID)
	}
	switch len(ids) {
	case 0:
		return 0, Errorf(NotFound, "There is no %s %q.", thing, n.Text)
	case 1:
		return ids[0], nil
	}
	slices.Sort(ids)
	ways := make([]string, len(ids))
	for i, id := range ids {
		ways[i] = fmt.Sprintf("id:%d", id)
	}
	if len(named) == 1 && exists { // the number of one is the name of another
		ways = []string{fmt.Sprintf("id:%d", n.ID), n.kind + ":" + n.Name}
	}
	return 0, Errorf(Invalid, "%q could be %d %ss. Say which: %s.", n.Text, len(ids), thing, strings.Join(ways, ", "))
}
