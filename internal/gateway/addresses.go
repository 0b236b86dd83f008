package gateway

import (
	"html"
	"net/http"
	"regexp"
	"strings"

	"roster/internal/app"
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
func (f *flight) listsPeople() bool { return f.gate.app.Somewhere(f.r.Context(), app.ListPeople) }

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
