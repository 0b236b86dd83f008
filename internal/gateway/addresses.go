package gateway

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"roster/internal/core"
)

// unaddressed takes the e-mails of others out of what an answer tells about people,
// where somebody asks who may not list them: the upstream says with every project
// who made it, and with every person who the owner is. The fields stay and are
// empty, as the screens and the SDK expect them. Who made a piece of work is told
// with it, to those who review it.
func unaddressed(change func(f *flight, doc any) (any, error)) func(f *flight, doc any) (any, error) {
	return func(f *flight, doc any) (any, error) {
		doc, err := change(f, doc)
		if err == nil && !f.listsPeople() {
			hideAddresses(doc, f.actor().UserID)
		}
		return doc, err
	}
}

// listsPeople reports whether the person may list others.
func (f *flight) listsPeople() bool { return f.gate.app.Somewhere(f.r.Context(), core.ListPeople) }

// hideAddresses empties the e-mails in a document, but for those of a person.
func hideAddresses(doc any, but int64) {
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			hideAddresses(item, but)
		}
	case map[string]any:
		own := asID(doc) == but
		for name, value := range doc {
			if raw, asWritten := value.(json.RawMessage); asWritten {
				value = decoded(raw)
				doc[name] = value
			}
			text, isText := value.(string)
			if isText && !own && (name == "email" || name == "username" && strings.Contains(text, "@")) {
				doc[name] = ""
			}
			hideAddresses(value, but)
		}
	}
}

// asItIs changes nothing.
func asItIs(_ *flight, doc any) (any, error) { return doc, nil }

// withoutOwner takes the owner's e-mail out of a page: the one about a person's own
// account says it to everybody.
func withoutOwner(f *flight, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK || f.r.Method != http.MethodGet || f.listsPeople() {
		return nil
	}
	email, err := f.gate.app.OwnerEmail(f.r.Context())
	if err != nil {
		return err
	}
	raw, err := readPage(answer)
	if err != nil {
		return err
	}
	setPage(answer, wholeAddress(email).ReplaceAll(raw, []byte("$1$2")))
	return nil
}

// wholeAddress finds an e-mail as it stands in a page, and not in a longer one.
func wholeAddress(email string) *regexp.Regexp {
	text := strings.ReplaceAll(html.EscapeString(email), "&#39;", "&#x27;") // as Django writes it
	return regexp.MustCompile(`([^\w.%+'-])` + regexp.QuoteMeta(text) + `([^\w.-])`)
}

// acquainted leaves of the people in an answer about a project their number, where
// the asker neither sees them elsewhere nor has them, or had them, in the project:
// an import may say of anybody that they did a piece of work, and the upstream
// would tell who that is.
func acquainted(change func(f *flight, doc any) (any, error)) func(f *flight, doc any) (any, error) {
	return func(f *flight, doc any) (any, error) {
		doc, err := change(f, doc)
		if err != nil {
			return nil, err
		}
		var named []int64
		eachPerson(doc, func(id int64, _ map[string]any) { named = append(named, id) })
		if len(named) == 0 {
			return doc, nil
		}
		slices.Sort(named)
		known, err := f.gate.app.Acquainted(f.r.Context(), f.project, slices.Compact(named))
		if err != nil {
			return nil, err
		}
		eachPerson(doc, func(id int64, o map[string]any) {
			if !known[id] {
				onlyNumber(o, id)
			}
		})
		return doc, nil
	}
}

// peoplesOwn is the texts and labels that people write, in which the upstream names
// nobody.
var peoplesOwn = []string{"data", "meta", "result", "prediction", "predictions"}

// eachPerson calls each with what names a person in a document: an object about them, one
// whose maker is told in a text, or one to choose them by in a form. Of whom nobody
// can say who it is has the id 0.
func eachPerson(doc any, each func(id int64, o map[string]any)) {
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			eachPerson(item, each)
		}
	case map[string]any:
		if id, names := personIn(doc); names {
			each(id, doc)
		}
		for name, value := range doc {
			if !slices.Contains(peoplesOwn, name) {
				eachPerson(value, each)
			}
		}
	}
}

// personIn is whom an object names, if anybody.
func personIn(o map[string]any) (id int64, names bool) {
	if name, _ := o["created_username"].(string); name != "" {
		return lastID(name), true
	}
	if email, _ := o["email"].(string); email != "" {
		return max(asID(o), asID(o["user_id"])), true
	}
	value, _ := o["value"].(string)
	if _, there := o["label"].(string); there && len(o) == 2 {
		id, names = parseID(value)
	}
	return id, names
}

// onlyNumber leaves of a person their number.
func onlyNumber(o map[string]any, id int64) {
	for _, name := range []string{"email", "username", "first_name", "last_name", "initials", "phone", "user"} {
		if _, isText := o[name].(string); isText {
			o[name] = ""
		}
	}
	for _, name := range []string{"created_username", "label"} {
		if _, isText := o[name].(string); isText {
			o[name] = formatID(id)
		}
	}
	if _, there := o["avatar"]; there {
		o["avatar"] = nil
	}
}
