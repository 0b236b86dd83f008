package gateway_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// personal is a personal access token of somebody's, as far as anybody can read one.
func personal(id string, user int64) string {
	return "e30." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil,
		`{"token_type":"refresh","jti":%q,"user_id":"%d"}`, id, user)) + ".c2ln"
}

// TestAccessEndsWithItsToken: the upstream takes an access token until it runs out; here it
// ends with what it was got for, and no other does.
func TestAccessEndsWithItsToken(t *testing.T) {
	for _, way := range []string{"/api/token/blacklist/", "/api/token/rotate/"} {
		w := newWorld(t)
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.Trim(r.URL.Path, "/") != "api/token/refresh" {
				return false
			}
			writeJSON(rw, map[string]any{"access": "tok-mia"})
			return true
		})
		for _, id := range []string{"one", "two"} {
			if got := w.send("", "POST", "/api/token/refresh/", `{"refresh":"`+personal(id, people["mia"])+`"}`); got.status != 200 {
				t.Fatal(got)
			}
			asMia := func() int {
				return w.send("", "GET", "/api/version/", "", "Authorization", "Bearer tok-mia").status
			}
			if got := asMia(); got != 200 {
				t.Fatal(got)
			}
			if w.send("mia", "POST", way, `{"refresh":"`+personal("three", people["mia"])+`"}`); asMia() != 200 {
				t.Error("it ended with another")
			}
			if got := w.send("mia", "POST", way,
				`{"refresh":"`+strings.TrimSuffix(personal(id, people["mia"]), ".c2ln")+`"}`); got.status != 200 {
				t.Fatal(got)
			}
			if got := asMia(); got != 401 {
				t.Error("its token is ended:", got)
			}
		}
	}
}

// TestNoAccessForTheDeactivated: the upstream would exchange their token all the same.
func TestNoAccessForTheDeactivated(t *testing.T) {
	w := newWorld(t)
	refresh := func() reply {
		return w.send("", "POST", "/api/token/refresh/", `{"refresh":"`+personal("one", people["ann"])+`"}`)
	}
	if got := refresh(); got.status != 200 {
		t.Fatal(got)
	}
	w.setRole(people["ann"], "DI")
	w.fake.taken()
	if got := refresh(); got.status != 401 || len(w.fake.taken()) > 0 {
		t.Error(got)
	}
}
