package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const patchOp = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`

// group makes a group of the annotator, 3, and the administrator, 2.
func (w *wire) group() string {
	w.T.Helper()
	answer := w.send("POST", "/scim/v2/Groups", 1, http.Header{},
		`{"displayName":"Night shift","members":[{"value":"2"},{"value":"3"}]}`)
	if answer.Code != http.StatusCreated {
		w.T.Fatal(answer.Code, answer.Body)
	}
	return answer.Header().Get("Location")
}

// TestMembersAreExact: a group's members change as a provider said, or it is told
// that they did not; what it left out is never nobody.
func TestMembersAreExact(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		at := w.group()
		for operation, want := range map[string]string{
			`{"op":"add","path":"members","value":[{"value":"1","type":"Group"}]}`:                      "invalidValue",
			`{"op":"add","path":"members","value":[{"value":"1","$ref":"https://x/scim/v2/Groups/1"}]}`: "invalidValue",
			`{"op":"add","path":"members","value":[{"$ref":"https://x/scim/v2/Groups/1"}]}`:             "invalidValue",
			`{"op":"remove","path":"members[value eq \"2\"].value"}`:                                    "invalidPath",
			`{"op":"add","path":"members","value":[{"value":"6","type":"Group"}]}`:                      "invalidValue",
			`{"op":"remove","path":"members[value eq \"2001\"].value"}`:                                 "invalidPath",
			`{"op":"add","path":"members.value","value":"1"}`:                                           "invalidPath",
			`{"op":"replace","path":"members"}`:                                                         "invalidValue",
			`{"op":"replace","path":"members","value":null}`:                                            "invalidValue",
			`{"op":"add","path":"members"}`:                                                             "invalidValue",
			`{"op":"remove","path":"members","value":[]}`:                                               "invalidValue",
			`{"op":"replace","path":"displayName[value eq \"x\"]","value":"y"}`:                         "invalidPath",
			`{"op":"replace"}`:                         "invalidValue",
			`{"op":"replace","value":"not an object"}`: "invalidValue",
			`{"op":"add","path":"members","value":[{"value":"1"}]},{"op":"remove","path":"members","value":[]}`: "invalidValue",
		} {
			answer := w.send("PATCH", at, 1, http.Header{}, fmt.Sprintf(patchOp, operation))
			if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%s: %d %s, want %s", operation, answer.Code, answer.Body, want)
			}
			w.members(t, at, "2", "3")
		}
		if answer := w.send("PUT", at, 1, http.Header{}, `{"displayName":"Day shift"}`); answer.Code != http.StatusOK {
			t.Error(answer.Code, answer.Body)
		}
		w.members(t, at, "2", "3")
		for _, value := range []string{`[{"value":"2","type":"User"}]`, `[{"value":"2","type":"direct"}]`,
			`[{"value":"2","$ref":"../Users/2"}]`} {
			answer := w.send("PATCH", at, 1, http.Header{},
				fmt.Sprintf(patchOp, `{"op":"replace","path":"members","value":`+value+`}`))
			if answer.Code != http.StatusNoContent {
				t.Errorf("%s: %d %s", value, answer.Code, answer.Body)
			}
			w.members(t, at, "2")
		}
		w.send("PUT", at, 1, http.Header{}, `{"displayName":"Day shift","members":[]}`)
		w.members(t, at)
	})
}

// members checks who is in a group.
func (w *wire) members(t *testing.T, at string, want ...string) {
	t.Helper()
	body := w.send("GET", at, 1, http.Header{}, "").Body.String()
	if n := strings.Count(body, `"$ref"`); n != len(want) {
		t.Errorf("the group has %d members, want %v: %s", n, want, body)
	}
	for _, id := range want {
		if !strings.Contains(body, `/Users/`+id+`"`) {
			t.Errorf("%s is not in the group: %s", id, body)
		}
	}
}

// TestOneExternalIDOnePerson: what a provider calls one person by names nobody else.
func TestOneExternalIDOnePerson(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		make := func(name string, status int) {
			t.Helper()
			answer := w.send("POST", "/scim/v2/Users", 1, http.Header{}, `{"userName":"`+name+
				`@example.com","externalId":"00u1"}`)
			if answer.Code != status || status == http.StatusConflict && !strings.Contains(answer.Body.String(), "uniqueness") {
				t.Errorf("%s: %d %s, want %d", name, answer.Code, answer.Body, status)
			}
		}
		make("zoe", http.StatusCreated)
		make("zara", http.StatusConflict)
		for _, body := range []string{`{"op":"replace","path":"externalId","value":"00u1"}`,
			`{"op":"add","value":{"externalId":"00u1"}}`} {
			if answer := w.send("PATCH", "/scim/v2/Users/3", 1, http.Header{},
				fmt.Sprintf(patchOp, body)); answer.Code != http.StatusConflict {
				t.Errorf("%s: %d %s", body, answer.Code, answer.Body)
			}
		}
		if answer := w.send("GET", `/scim/v2/Users?filter=userName%20eq%20%22zara@example.com%22`, 1, http.Header{},
			""); !strings.Contains(answer.Body.String(), `"totalResults":0`) {
			t.Error("the refused one was made:", answer.Body)
		}
	})
}

// TestTheVendorsGuide: addresses and filters as its guide for administrators writes
// them, and what providers send besides.
func TestTheVendorsGuide(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		for _, c := range []struct{ method, path, want string }{
			{"GET", "/scim/Users", `"totalResults":3`},
			{"GET", "/scim/ServiceProviderConfig", `"patch"`},
			{"GET", "/scim/v2/Users?filter=userName%20=owner@example.com", `"totalResults":1`},
			{"GET", "/scim/v2/Users?filter=userName=%22owner@example.com%22", `"totalResults":1`},
			{"GET", "/scim/v2/Users?filter=userName%20=%20nobody", `"totalResults":0`},
			{"HEAD", "/scim/v2/Users", ""},
			{"HEAD", "/scim/v2/Users/3", ""},
		} {
			answer := w.send(c.method, c.path, 1, http.Header{}, "")
			if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), c.want) {
				t.Errorf("%s %s: %d %s", c.method, c.path, answer.Code, answer.Body)
			}
		}
		text := `{"op":"replace","value":"{\"active\":false,\"name.givenName\":\"Zo\"}"}`
		if answer := w.send("PATCH", "/scim/v2/Users/3", 1, http.Header{},
			fmt.Sprintf(patchOp, text)); !strings.Contains(answer.Body.String(), `"active":false`) {
			t.Error(answer.Code, answer.Body)
		}
	})
}
