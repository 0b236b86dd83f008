package lsapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"roster"
)

// FuzzRemoval throws queries and legacy bodies at the reading of a bulk
// removal. Whatever comes, it is refused with the field named, or it selects
// what was literally asked for: everybody only where a true "all" was sent.
func FuzzRemoval(f *testing.F) {
	f.Add("all=false&included=456%2C789", "", "")
	f.Add("all=true&excluded=3&last_activity__gte=2026-01-01T00%3A00%3A00Z&role=AN%2CRE&search=a+b&tags=1%2C2&user_type=standard", "", "")
	f.Add("", `{"all": false, "included": [456, 789]}`, "application/json")
	f.Add("", "all=true&excluded=1", "application/x-www-form-urlencoded")
	f.Add("all=true", `{"all": true, "included": null}`, "application/json")
	f.Add("included=1&included=2,3&search=%00", `[]`, "text/plain")
	f.Add("all=%FF", `{"all":"yes","included":["7"]}`, "")
	f.Fuzz(func(t *testing.T, query, body, kind string) {
		r := httptest.NewRequest(http.MethodDelete, "/", strings.NewReader(body))
		r.URL.RawQuery = query
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		c := &call{w: httptest.NewRecorder(), r: r, head: http.Header{}}
		var in struct {
			Who removal `list:"removal"`
		}
		if err := c.read(partsOf(reflect.TypeOf(in)), &in); err != nil {
			refusal(t, err)
			return
		}
		sel := in.Who
		if sel.All && !strings.Contains(query+body, "all") && !strings.Contains(query, "%") {
			t.Fatalf("everybody, from %q and %q", query, body)
		}
		if sel.All && len(sel.Included) > 0 {
			t.Fatalf("everybody and a list, from %q and %q", query, body)
		}
		for _, id := range append(sel.Included, sel.Excluded...) {
			if id < 1 {
				t.Fatalf("id %d from %q and %q", id, query, body)
			}
		}
		if !utf8.ValidString(sel.Filter.Search) || strings.ContainsRune(sel.Filter.Search, 0) {
			t.Fatalf("search %q", sel.Filter.Search)
		}
	})
}

// refusal holds that an error is one the client can act on.
func refusal(t *testing.T, err error) {
	t.Helper()
	var e *roster.Error
	if !errors.As(err, &e) || statuses[e.Kind] >= 500 {
		t.Fatalf("not a refusal: %v", err)
	}
	if e.Kind == roster.Invalid && e.Fields == nil && e.Message == "" {
		t.Fatalf("a refusal that says nothing: %v", err)
	}
}

// FuzzMoment holds that whatever is accepted as a time is one that can be
// written and read again.
func FuzzMoment(f *testing.F) {
	for _, text := range []string{"2026-01-02T00:00:00Z", "2026-01-02", "2026-01-02T03:04",
		"2026-01-02 03:04:05+02:00", "0000-01-01", "yesterday", "2026-13-01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := &params{values: map[string][]string{"t": {text}}, errs: map[string][]string{}, read: map[string]bool{}}
		moment := p.moment("t")
		if p.err() != nil || moment.IsZero() {
			return
		}
		again := &params{values: map[string][]string{"t": {formatTime(moment)}}, errs: map[string][]string{},
			read: map[string]bool{}}
		if got := again.moment("t"); again.err() != nil || got.UnixMicro() != moment.UnixMicro() {
			t.Fatalf("%q is %v, which reads back as %v", text, moment, got)
		}
	})
}
