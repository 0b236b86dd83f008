package gateway

import (
	"cmp"
	"context"
	"encoding/xml"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// labeling is what Label Studio reads in a labeling configuration about the results that a
// project may have.
type labeling struct {
	controls map[string]*control // by name
	flags    []string            // each stands in names for the index of a Repeater
	widest   int                 // the most that is listed for one of them
}

// control is what people label with.
type control struct {
	tag    string // in small letters
	to     []string
	labels map[string]struct{}
	paths  map[string]struct{} // to labels within others, each as it is said whole
	fields []string            // of tasks, from which labels come
	listed int                 // characters that are written for a result that does not fit: its labels and what it is for
}

// kind is of what kind Label Studio counts a result, its type in small letters. Without to and
// what it is the name of a control, which is all that is counted of drafts.
type kind struct{ from, to, what string }

// alsoGives is of which types results are besides the name of their control's tag.
var alsoGives = map[string][]string{
	"chat":      {"chatmessage"},
	"magicwand": {"brush", "brushlabels"},
	"labels": {"bitmasklabels", "brushlabels", "ellipselabels", "keypointlabels", "polygonlabels", "rectanglelabels",
		"vectorlabels", "videorectangle", "videovectorlabels"},
}

// selfReferring are the tags that are for themselves.
var selfReferring = map[string]string{"chat": "chatmessage", "reactcode": "reactcode"}

// tagsOfLabels are those whose values are labels of the control that they lie in.
var tagsOfLabels = []string{"Label", "Choice", "Relation"}

// configurationOf is the labeling configuration that a project has now.
func (u *Upstream) configurationOf(ctx context.Context, project int64) (string, error) {
	var of struct {
		Config string `json:"label_config"`
	}
	err := u.Get(ctx, "/api/projects/"+formatID(project)+"/", url.Values{"include": {"label_config"}}, &of)
	return of.Config, err
}

// configured is the labeling configuration that the request's project has now.
func (f *located) configured() (string, error) {
	f.inquired = true
	return f.gate.upstream.configurationOf(f.r.Context(), f.project)
}

// labelingOf reads a labeling configuration as the upstream does. It is one that the upstream
// has, so what cannot be read is left out.
func labelingOf(config string) labeling {
	l := labeling{controls: map[string]*control{}}
	var within []around
	selves := map[string]string{} // what is for itself; labels in it belong to what is around it
	elements(config, false, func(e xml.StartElement) {
		name, tag := attribute(e, "name"), strings.ToLower(e.Name.Local)
		if !l.add(e, within) && name != "" && selfReferring[tag] != "" {
			selves[name] = selfReferring[tag]
		}
		within = append(within, around{name, pathTo(e, within)})
	}, func() { within = within[:max(0, len(within)-1)] })
	for name, tag := range selves {
		if l.controls[name] == nil {
			l.controls[name] = newControl(tag, []string{name})
		}
	}
	for _, c := range l.controls {
		c.listed += listedAs(c.to...)
		l.widest = max(l.widest, c.listed)
	}
	return l
}

// maxPath is how long the way to a label within others may be for it to be remembered, in bytes.
const maxPath = 1000

// around is an element that another lies in.
type around struct {
	name string
	path []any // the labels that lead to it, if it is one
}

// pathTo is the labels that lead to one, its own the last.
func pathTo(e xml.StartElement, within []around) []any {
	said := saidBy(e)
	if said == "" || !slices.Contains(tagsOfLabels, e.Name.Local) {
		return nil
	}
	if len(within) == 0 {
		return []any{said}
	}
	return append(slices.Clone(within[len(within)-1].path), said)
}

// saidBy is what a label of the configuration is in results.
func saidBy(e xml.StartElement) string { return cmp.Or(attribute(e, "alias"), attribute(e, "value")) }

// elements goes through XML in its order. What is not strict goes on where it can.
func elements(config string, strict bool, begins func(xml.StartElement), ends func()) error {
	r := xml.NewDecoder(strings.NewReader(config))
	r.Strict = strict
	r.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is a text already
	for {
		token, err := r.Token()
		switch token := token.(type) {
		case xml.StartElement:
			begins(token)
		case xml.EndElement:
			ends()
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// attribute is one as the upstream looks for it: by its exact name; "" for none.
func attribute(e xml.StartElement, name string) string {
	i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Space == "" && a.Name.Local == name })
	if i < 0 {
		return ""
	}
	return e.Attr[i].Value
}

// add notes what one element says, and reports whether that is a control.
func (l *labeling) add(e xml.StartElement, within []around) bool {
	if flag := attribute(e, "indexFlag"); flag != "" {
		l.flags = append(l.flags, flag)
	}
	name, to := attribute(e, "name"), attribute(e, "toName")
	control := name != "" && to != "" && e.Name.Local != "Filter"
	switch {
	case control:
		l.controls[name] = newControl(strings.ToLower(e.Name.Local), strings.Split(to, ","))
		l.controls[name].takesFrom(e)
	case e.Name.Space == "" && slices.Contains(tagsOfLabels, e.Name.Local):
		l.label(e, within)
	}
	return control
}

func newControl(tag string, to []string) *control {
	return &control{tag: tag, to: to, labels: map[string]struct{}{}, paths: map[string]struct{}{}}
}

// takesFrom notes from which field of tasks labels come, if they do.
func (c *control) takesFrom(e xml.StartElement) {
	if field := fieldIn(attribute(e, "value")); field != "" {
		c.fields = append(c.fields, field)
	}
}

// label adds a label to the control that it lies in, however deep.
func (l *labeling) label(e xml.StartElement, within []around) {
	value := saidBy(e)
	if value == "" {
		return
	}
	for _, a := range slices.Backward(within) {
		c := l.controls[a.name]
		if c == nil {
			continue
		}
		if _, there := c.labels[value]; !there {
			c.labels[value] = struct{}{}
			c.listed += listedAs(value)
		}
		if path := asPython(pathTo(e, within)); len(path) <= maxPath {
			c.paths[path] = struct{}{}
		}
		c.takesFrom(e)
		return
	}
}

// listedAs is how many characters texts have in a list as Python writes it, at most.
func listedAs(texts ...string) (n int) {
	const escaped, quoted = 10, 4 // \U0001f3f4, and '…', with the space
	for _, text := range texts {
		n += quoted
		for _, r := range text {
			if unicode.IsPrint(r) && r != '\\' && r != '\'' {
				n++
			} else {
				n += escaped
			}
		}
	}
	return n
}

// has reports whether the configuration has a control that gives results of a kind.
func (l labeling) has(k kind) bool {
	return l.some(k.from, func(c *control) bool { return l.gives(c, k) })
}

// indexed reports whether it has one with the index of a Repeater.
func (l labeling) indexed(k kind) bool {
	return len(l.flags) > 0 && !labeling{controls: l.controls}.has(k) && l.has(k)
}

// gives reports whether a control gives results of a kind.
func (l labeling) gives(c *control, k kind) bool {
	if k.what == "" {
		return true
	}
	return (k.what == c.tag || slices.Contains(alsoGives[c.tag], k.what)) &&
		(k.to == strings.Join(c.to, ",") || slices.ContainsFunc(c.to, func(to string) bool { return l.stands(to, k.to) }))
}

// stands reports whether a name of the configuration is what a result says, with an index in
// the place of a flag.
func (l labeling) stands(name, said string) bool {
	if name == said {
		return true
	}
	return slices.ContainsFunc(l.flags, func(flag string) bool {
		before, after, has := strings.Cut(name, flag)
		if !has || len(said) <= len(before)+len(after) {
			return false
		}
		rest, begins := strings.CutPrefix(said, before)
		index, ends := strings.CutSuffix(rest, after)
		return begins && ends && isIndex(index)
	})
}

// isIndex reports whether a text is one of the thousand numbers that a Repeater may count.
func isIndex(text string) bool {
	return len(text) <= 3 && strings.Trim(text, "0123456789") == "" && (text == "0" || text != "" && text[0] != '0')
}
