package web

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster"
	"roster/internal/app"
)

// shape is how the values of a field are read.
type shape struct {
	several bool                   // it may come more than once
	reads   func(text string) bool // what it may be, unless blank; nil: whatever its own reader takes
}

var (
	single  = shape{}
	choices = shape{several: true}
	flag    = shape{reads: func(text string) bool { return text == "1" }}
	idList  = shape{several: true, reads: areIDs}
	text    = shape{reads: searches}
)

// listFields is every field of the addresses and the forms of a list of people.
// What is not here is refused, because a filter that nobody reads means everybody.
var listFields = map[string]shape{
	"q": text, "role": choices, "seat": choices, "active": single, "from": single, "to": single,
	"all": flag, "included": idList, "excluded": idList, "pick": idList, "shown": idList, "under": single, "only": idList,
	"page": single, "size": single, "order": single, "bom": single,
	"key": single, "next": single, "plan": single, "seen": single, "typed": single, "keep_made": single, "give": single, "deactivate": single, "add": idList, "drop": idList,
}

// fieldsOf are those that a page reads besides, and who is looked at them.
func (v *visit) fieldsOf(at where) map[string]shape {
	fields := map[string]shape{}
	if v.may(app.ViewTags) {
		fields["tag"], fields["every"], fields["tagfind"] = idList, flag, single
	}
	if at.organization {
		fields["state"] = single
	}
	if at.project != 0 {
		fields["access"], fields["joined_after"], fields["joined_before"] = single, single, single
	}
	return fields
}

// exact refuses what would quietly be passed over: a field that the page does not
// know or that this person may not use, one that says two things, and a value that
// cannot be read.
func (v *visit) exact(at where) error {
	if v.field("all") == "1" && v.field("included") != "" {
		return roster.InvalidField("included", "This says everybody, and a few as well. Select again in the list. Nothing was changed.")
	}
	more := v.fieldsOf(at)
	for name, values := range v.r.Form {
		s, known := listFields[name]
		if !known {
			s, known = more[name]
		}
		if !known {
			return roster.InvalidField(name, "This list has no filter %s, or you may not use it. Nothing was changed.", strconv.Quote(cut(name, 40)))
		}
		if err := s.check(name, values); err != nil {
			return err
		}
	}
	return nil
}

func (s shape) check(name string, values []string) error {
	for _, value := range values {
		if value != values[0] && !s.several { // a view's address and its form may say the same
			return roster.InvalidField(name, "The filter %s comes more than once, with different values. Nothing was changed.", name)
		}
		plain := clean(value) == value
		if !plain || value != "" && s.reads != nil && !s.reads(value) {
			return roster.InvalidField(name, "The address says %s where %s should stand, which cannot be read. Choose it again from the list. Nothing was changed.",
				strconv.Quote(cut(clean(value), 40)), name)
		}
	}
	return nil
}

// areIDs reports whether a text is ids with commas between them.
func areIDs(text string) bool {
	return !slices.ContainsFunc(strings.Split(text, ","), func(item string) bool {
		id, err := strconv.ParseInt(strings.TrimSpace(item), 10, 64)
		return err != nil || id < 1
	})
}

// searches reports whether a search finds somebody in particular.
func searches(text string) bool {
	says := func(r rune) bool { return r != ',' && r != '"' && !unicode.IsSpace(r) }
	return utf8.RuneCountInString(text) <= maxSearch && (strings.ContainsFunc(text, says) || strings.TrimSpace(text) == "")
}
