package web

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"roster"
	"roster/internal/locale"
)

// functions are what templates may call, besides what says texts in a language. Links begin
// with base.
func functions(root, base string, lang *locale.Language) template.FuncMap {
	all := template.FuncMap{
		// link "/projects/%d/members" .ID: the address of a page of this site
		"link": func(format string, args ...any) string { return base + fmt.Sprintf(format, args...) },
		// root "/user/account": the address of what is not a page of this site, and beside them
		"root":     func(path string) string { return root + path },
		"asset":    func(name string) string { return base + "/static/" + assets()[name].versioned() },
		"initials": func(name any) string { return initials(lang.Say(textOf(name))) },
		"comma":    func() string { return lang.Say(enumerated([]roster.Text{"", ""})) },
		"name":     func(text string) roster.Name { return roster.Name{Text: text} },
		"hue":      func(id int64) int64 { return id % hues },
		"role":     roleName,
		"key":      rand.Text, // names one rendered form: sent twice, it is carried out once
		"args":     arguments,
		"more":     func(n, shown int) int { return max(0, n-shown) },
		"still":    stillBy,
		"seat":     seatName,
		"fewTags":  fewTags,
		"openWork": openWork,
		"fewChips": func(all []chip) []chip { return all[:min(len(all), mostChips)] },

		"madeKind": madeKind, "madeState": madeState, "intentText": intentText,
	}
	maps.Copy(all, lang.Functions())
	return all
}

// textOf is a name, whichever way it is there.
func textOf(name any) roster.Text {
	if text, ok := name.(roster.Text); ok {
		return text
	}
	return roster.Verbatim(fmt.Sprint(name))
}

// roleName is the word people use for a role.
func roleName(r roster.Role) roster.Text { return r.Text() }

// arguments makes what a shared part is called with: names and values in turn.
func arguments(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("args: %d values", len(pairs))
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out, nil
}

// counted is one of two whole sentences or phrases, by how many there are;
// many has a %s where the number stands.
func counted(n int, one, many roster.Text) roster.Text { return roster.Counted(n, one, many) }

// hues is how many colours avatars have.
const hues = 10

// initials are the first letters of a name's first and last word; of a script
// without capital letters, the first alone, which says more than two would.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '\''
	})
	for i, word := range words { // a mark alone is what an emoji leaves
		words[i] = strings.TrimLeftFunc(word, unicode.IsMark)
	}
	words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
	if len(words) == 0 {
		return "?"
	}
	first, last := []rune(words[0])[0], []rune(words[len(words)-1])[0]
	if len(words) == 1 || strings.Contains(name, "@") || !unicode.IsUpper(unicode.ToUpper(first)) {
		return string(unicode.ToUpper(first))
	}
	return string([]rune{unicode.ToUpper(first), unicode.ToUpper(last)})
}

// moment is a time as a page shows it: how long ago, and exactly where the
// viewer is.
type moment struct {
	time.Time
	now  time.Time
	zone *time.Location
}

// ISO is the time for machines.
func (m moment) ISO() string { return m.UTC().Format(time.RFC3339) }

// Exact is the time in the viewer's zone, to the minute.
func (m moment) Exact() roster.Text { return locale.Minute(m.In(m.zone)) }

// Day is the date in the viewer's zone.
func (m moment) Day() roster.Text { return locale.ShortDay(m.In(m.zone)) }

// Ago says roughly how long ago it was.
func (m moment) Ago() roster.Text {
	d := m.now.Sub(m.Time)
	hours, days := int(d.Hours()), int(d.Hours()/24)
	switch {
	case d < 0:
		return m.Day()
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return counted(int(d.Minutes()), "1 minute ago", "%s minutes ago")
	case hours < 24:
		return counted(hours, "1 hour ago", "%s hours ago")
	case days < 60:
		return counted(days, "yesterday", "%s days ago")
	case days < 730:
		return counted(days/30, "1 month ago", "%s months ago")
	}
	return counted(days/365, "1 year ago", "%s years ago")
}

// sentence fills a whole sentence's {places}, names and values in turn.
func sentence(text roster.Text, pairs ...any) roster.Text { return text.With(pairs...) }

// both is two whole sentences, the second of which may be "".
func both(first, second roster.Text) roster.Text {
	switch {
	case second == "":
		return first
	case first == "":
		return second
	}
	return sentence("{first} {second}", "first", first, "second", second)
}

// enumerated is a list of things, with between them what the language puts there.
func enumerated(items []roster.Text) (list roster.Text) {
	for i, item := range items {
		if i == 0 {
			list = item
			continue
		}
		list = sentence("{list}, {item}", "list", list, "item", item)
	}
	return list
}

// namesIn is names in a row, and how many more there are.
func namesIn(names []string, more int) roster.Text {
	items := make([]roster.Text, len(names))
	for i, name := range names {
		items[i] = nameText(name)
	}
	list := enumerated(items)
	if more > 0 {
		list = sentence(counted(more, "{names} and one more", "{names} and %s more"), "names", list)
	}
	return list
}

// nameText is a name where a Text can stand.
func nameText(name string) roster.Text { return sentence("{name}", "name", roster.Name{Text: name}) }

// stillBy says by which path somebody keeps access, beneath words that they do.
func stillBy(r roster.Reach) roster.Text {
	switch {
	case r.Explicit:
		return "as a member of the project itself"
	case r.InWorkspace:
		return sentence("through the workspace {workspace}", "workspace", r.Project.WorkspaceTitle)
	}
	return "by organization role"
}

// shownTags is the first of somebody's tags, and the rest in words.
type shownTags struct {
	First []roster.Tag
	More  int
	Rest  string
}

// fewTags keeps a row of a table to one line.
func fewTags(tags []roster.Tag) shownTags {
	const most = 2
	s := shownTags{First: tags[:min(most, len(tags))]}
	var rest []string
	for _, t := range tags[len(s.First):] {
		rest = append(rest, t.Label)
	}
	s.More, s.Rest = len(rest), strings.Join(rest, ", ")
	return s
}
