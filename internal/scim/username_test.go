package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster"
)

// wantNames looks at what a person is called.
func (w *wire) wantNames(t *testing.T, id int64, userName, email string) {
	t.Helper()
	answer := w.send("GET", fmt.Sprintf("/scim/v2/Users/%d", id), 1, http.Header{}, "")
	var got struct {
		UserName string
		Emails   []struct{ Value string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.UserName != userName ||
		len(got.Emails) != 1 || got.Emails[0].Value != email {
		t.Errorf("person %d: %s, want %s and %s", id, answer.Body, userName, email)
	}
}

// made is the id of the person that a POST made.
func (w *wire) made(t *testing.T, body string) (id int64) {
	t.Helper()
	answer := w.send("POST", "/scim/v2/Users", 1, http.Header{}, body)
	var got struct{ ID string }
	if answer.Code != http.StatusCreated || json.Unmarshal(answer.Body.Bytes(), &got) != nil {
		t.Fatalf("%s: %d %s", body, answer.Code, answer.Body)
	}
	fmt.Sscan(got.ID, &id)
	return id
}

func (w *wire) answers(t *testing.T, status int, text, method, path, body string) {
	t.Helper()
	if answer := w.send(method, path, 1, http.Header{}, body); answer.Code != status ||
		!strings.Contains(answer.Body.String(), text) {
		t.Errorf("%s %s %s: %d %s, want %d with %q", method, path, body, answer.Code, answer.Body, status, text)
	}
}

// TestUserNameIsItsOwn: a userName that is no e-mail, with a work e-mail beside it, is
// kept as it was written; the person has the e-mail, and is found by either.
func TestUserNameIsItsOwn(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		const noor = `{"userName":"Noor.Ng","externalId":"00u7","emails":[{"type":"home","primary":true,"value":"home@example.org"},{"type":"Work","value":"Noor@Example.com"}]}`
		id := w.made(t, noor)
		w.wantNames(t, id, "Noor.Ng", "noor@example.com")
		for filter, want := range map[string]int{
			`userName eq "noor.ng"`: 1, `userName eq "NOOR.NG"`: 1, `userName sw "noor."`: 1, `userName co "r.n"`: 1,
			`not (userName eq "noor.ng")`:    3,
			`userName eq "noor@example.com"`: 0, `emails.value eq "noor@example.com"`: 1,
			`emails[type eq "work" and value eq "noor@example.com"]`: 1,
			`emails[type eq "home"]`:                                 0, `userName eq "owner@example.com"`: 1,
			`userName ne "owner@example.com"`:                          3,
			`userName eq "noor.ng" or userName eq "owner@example.com"`: 2, `userName pr`: 4,
		} {
			w.answers(t, 200, fmt.Sprintf(`"totalResults":%d`, want), "GET", "/scim/v2/Users?filter="+
				url.QueryEscape(filter), "")
		}
		// by either, it is the same person
		w.answers(t, 409, "uniqueness", "POST", "/scim/v2/Users",
			`{"userName":"NOOR.NG","emails":[{"value":"other@example.com"}]}`)
		w.answers(t, 409, "uniqueness", "POST", "/scim/v2/Users",
			`{"userName":"other","emails":[{"value":"noor@example.com"}]}`)
		w.answers(t, 409, "uniqueness", "POST", "/scim/v2/Users", `{"userName":"noor@example.com"}`)
		w.answers(t, 409, "uniqueness", "PATCH", "/scim/v2/Users/3",
			fmt.Sprintf(patchOp, `{"op":"replace","path":"userName","value":"noor.NG"}`))
		w.answers(t, 409, "uniqueness", "PATCH", "/scim/v2/Users/3",
			fmt.Sprintf(patchOp, `{"op":"replace","path":"userName","value":"noor@example.com"}`))
		// and who signs on with the e-mail is them
		if u, err := w.DB.UserByEmail(t.Context(), "noor@example.com"); err != nil || u.ID != id {
			t.Errorf("%+v %v", u, err)
		}
		// a provider that deletes and makes them again gets them back, by either
		for _, again := range []string{`{"userName":"noor","emails":[{"type":"work","value":"noor@example.com"}]}`, noor} {
			w.answers(t, 204, "", "DELETE", fmt.Sprintf("/scim/v2/Users/%d", id), "")
			if back := w.made(t, again); back != id {
				t.Errorf("%s made %d, want %d", again, back, id)
			}
		}
		w.wantNames(t, id, "Noor.Ng", "noor@example.com")
	})
}

// TestUserNameNeedsAnEmail: who is to be made has one, somewhere.
func TestUserNameNeedsAnEmail(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		for body, says := range map[string]string{
			`{"userName":"jdoe"}`:             "Must be an e-mail address, or have a work e-mail beside it.",
			`{"userName":"jdoe","emails":[]}`: "Must be an e-mail address",
			`{"userName":"jdoe","emails":[{"type":"home","value":"j@x.example"}]}`: "Must be an e-mail address",
			`{"userName":"jdoe","emails":[{"value":""}]}`:                          "must be an e-mail address",
			`{"userName":"jdoe","emails":[{"type":"work"}]}`:                       "must be an e-mail address",
			`{"userName":"jdoe","emails":[{"value":"jdoe"}]}`:                      "must be an e-mail address",
			`{"userName":"jdoe","emails":"j@x.example"}`:                           "emails must be a list",
			`{"userName":"jdoe","emails":[{"value":"ｊ@x.example"}]}`:               "look like the usual ones",
			`{"userName":"ｊdoe","emails":[{"value":"j@x.example"}]}`:               "look like the usual ones",
			`{"userName":"\u212adoe","emails":[{"value":"j@x.example"}]}`:          "look like the usual ones",
			`{"userName":"a\nb","emails":[{"value":"j@x.example"}]}`:               "Line breaks",
			`{"userName":"  ","emails":[{"value":"j@x.example"}]}`:                 "blank",
		} {
			w.answers(t, 400, says, "POST", "/scim/v2/Users", body)
		}
		w.answers(t, 200, `"totalResults":3`, "GET", "/scim/v2/Users", "")
	})
}

// TestWorkEmailChangesTheEmail: it is the person's e-mail from then on; their userName
// stays what the provider calls them by, and one that was the e-mail follows only itself.
func TestWorkEmailChangesTheEmail(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		id := w.made(t, `{"userName":"noor@example.com"}`)
		at := fmt.Sprintf("/scim/v2/Users/%d", id)
		patch := func(operation, userName, email string) {
			t.Helper()
			w.answers(t, 200, "", "PATCH", at, fmt.Sprintf(patchOp, operation))
			w.wantNames(t, id, userName, email)
		}
		patch(`{"op":"replace","path":"userName","value":"ng@example.com"}`, "ng@example.com", "ng@example.com")
		patch(`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"noor.ng@example.com"}`,
			"ng@example.com", "noor.ng@example.com")
		patch(`{"op":"replace","path":"userName","value":"NNG"}`, "NNG", "noor.ng@example.com")
		patch(`{"op":"replace","value":{"emails[type eq \"work\"].value":"n@example.com"}}`, "NNG", "n@example.com")
		patch(`{"op":"replace","value":"{\"emails\":[{\"type\":\"work\",\"primary\":true,\"value\":\"o@example.com\"}],\"name.givenName\":\"Noor\"}"}`, "NNG", "o@example.com")
		patch(`{"op":"add","path":"emails","value":[{"type":"work","value":"p@example.com"}]}`, "NNG", "p@example.com")
		patch(`{"op":"replace","path":"emails[type eq \"work\" and primary eq true].value","value":"q@example.com"}`,
			"NNG", "q@example.com")
		patch(`{"op":"replace","path":"emails[type eq \"home\"].value","value":"home@example.com"}`, "NNG", "q@example.com")
		patch(`{"op":"add","path":"emails","value":[{"type":"home","value":"home@example.com"}]}`, "NNG", "q@example.com")
		patch(`{"op":"replace","path":"userName","value":"q@example.com"}`, "q@example.com", "q@example.com")
		for operation, status := range map[string]int{
			`{"op":"remove","path":"emails[type eq \"work\"]"}`:                                          400,
			`{"op":"remove","path":"emails"}`:                                                            400,
			`{"op":"replace","path":"emails","value":[]}`:                                                400,
			`{"op":"replace","path":"emails[type eq \"work\"].value","value":""}`:                        400,
			`{"op":"replace","path":"emails[type eq \"work\"].value","value":"nonsense"}`:                400,
			`{"op":"replace","path":"emails[value eq \"q@example.com\"].value","value":"r@example.com"}`: 400,
			`{"op":"replace","path":"emails[type eq \"work\"].value","value":"owner@example.com"}`:       409,
		} {
			w.answers(t, status, "", "PATCH", at, fmt.Sprintf(patchOp, operation))
		}
		w.wantNames(t, id, "q@example.com", "q@example.com")
		w.answers(t, 200, "", "PUT", at, `{"userName":"NNG","emails":[{"type":"work","value":"z@example.com"}]}`)
		w.wantNames(t, id, "NNG", "z@example.com")
		w.answers(t, 200, "", "PUT", at, `{"userName":"NNG"}`)
		w.wantNames(t, id, "NNG", "z@example.com")
		ops, _, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{PersonID: id}, roster.Everything)
		if err != nil || len(ops) != 1 {
			t.Errorf("a changed name changes no membership: %d operations, %v", len(ops), err)
		}
	})
}

// TestPrimaryAsText: providers that write booleans as text mean the same by them.
func TestPrimaryAsText(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		const emails = `[{"type":"work","value":"first@example.com"},{"type":"work","primary":%s,"value":"second@example.com"}]`
		for primary, email := range map[string]string{
			`"True"`: "second@example.com", `true`: "second@example.com", `"false"`: "first@example.com",
			`null`: "first@example.com",
		} {
			id := w.made(t, fmt.Sprintf(`{"userName":"noor","emails":`+emails+`}`, primary))
			w.wantNames(t, id, "noor", email)
			w.answers(t, 204, "", "DELETE", fmt.Sprintf("/scim/v2/Users/%d", id), "")
		}
		w.answers(t, 400, "emails.primary must be true or false", "POST", "/scim/v2/Users",
			fmt.Sprintf(`{"userName":"noor","emails":`+emails+`}`, `"yes"`))
	})
}
