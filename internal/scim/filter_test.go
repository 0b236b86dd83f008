package scim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// found is the ids that a filter finds.
func (w *wire) found(kind, filter string) []string {
	w.T.Helper()
	answer := w.send("GET", "/scim/v2/"+kind+"?filter="+url.QueryEscape(filter), w.Owner, http.Header{}, "")
	var list struct {
		TotalResults int
		Resources    []struct{ ID string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil || answer.Code != http.StatusOK {
		w.T.Fatalf("%s: %d %s", filter, answer.Code, answer.Body)
	}
	ids := []string{}
	for _, r := range list.Resources {
		ids = append(ids, r.ID)
	}
	if list.TotalResults != len(ids) {
		w.T.Errorf("%s: %d in all, %d listed", filter, list.TotalResults, len(ids))
	}
	return ids
}

func (w *wire) created(path, body string) {
	w.T.Helper()
	if answer := w.send("POST", path, w.Owner, http.Header{}, body); answer.Code != http.StatusCreated {
		w.T.Fatalf("%s: %d %s", body, answer.Code, answer.Body)
	}
}

func TestFilters(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		w.created("/scim/v2/Users",
			`{"userName":"zoë_1@example.org","externalId":"Z-1","active":false,"name":{"givenName":"Zoë"}}`)
		w.created("/scim/v2/Users", `{"userName":"zoe%1@example.org","externalId":"z-1"}`)
		w.created("/scim/v2/Groups", `{"displayName":"Crew","members":[{"value":"4"},{"value":"5"}]}`)
		w.created("/scim/v2/Groups", `{"displayName":"crew","externalId":"it's \"so\"","members":[{"value":"5"}]}`)
		for _, test := range []struct{ kind, filter, want string }{
			{"Users", `userName eq "OWNER@example.com"`, "1"},
			{"Users", `urn:ietf:params:scim:schemas:core:2.0:User:userName EQ "owner@example.com"`, "1"},
			{"Users", `userName ne "owner@example.com"`, "2 3 4 5"},
			{"Users", `userName sw "zo" and userName co "_"`, "4"},
			{"Users", `userName co "%1"`, "5"},
			{"Users", `emails.value ew "EXAMPLE.ORG"`, "4 5"},
			{"Users", `emails[value sw "zoë"]`, "4"},
			{"Users", `externalId eq "z-1"`, "5"},
			{"Users", `externalId sw "Z"`, "4"},
			{"Users", `externalId co "-"`, "4 5"},
			{"Users", `externalId ew "-1"`, "4 5"},
			{"Users", `externalId pr`, "4 5"},
			{"Users", `not (externalId pr)`, "1 2 3"},
			{"Users", `active eq false`, "4"},
			{"Users", `active ne "True"`, "4"},
			{"Users", `id gt "1" and id le "3"`, "2 3"},
			{"Users", `id eq "003"`, ""},
			{"Users", `name.givenName eq "zoë"`, "4"},
			{"Users", `userName lt "person2@example.com" and userName ge "owner"`, "1 2"},
			{"Users", `id eq "1" or id eq "2" and active eq false`, "1"},
			{"Users", `(id eq "1" or id eq "4") and active eq false`, "4"},
			{"Users", `groups.value eq "2"`, "5"},
			{"Groups", `displayName eq "crew"`, "2"},
			{"Groups", `displayName sw "Cr" or externalId eq "it's \"so\""`, "1 2"},
			{"Groups", `members.value eq "4"`, "1"},
			{"Groups", `members[value eq "5"] and not (members eq "4")`, "2"},
		} {
			if got := w.found(test.kind, test.filter); !slices.Equal(got, strings.Fields(test.want)) {
				t.Errorf("%s finds %q, want %q", test.filter, got, test.want)
			}
		}
	})
}

// Whatever is sent, the answer is the sender's fault and changes nothing.
func TestHostileInput(t *testing.T) {
	deep := strings.Repeat("(", 5000) + `id pr` + strings.Repeat(")", 5000)
	onWire(t, func(t *testing.T, w *wire) {
		for _, filter := range []string{
			`(`, `)`, `not`, `not id pr`, `id`, `id eq`, `id eq "`, `id eq "x`, `id eq x`, `id eq {}`, `and`, `id pr and`,
			`id pr id pr`, `emails[`, `emails[value eq "x"`,
			`emails[emails[value eq "x"]]`, `id eq "1" xor id eq "2"`, `userName eq "\u0000"`, "userName eq \"\xff\"",
			`active gt true`, `active eq "perhaps"`,
			`id); DROP TABLE users --`, `name.givenName.x eq "y"`, deep, strings.Repeat("x", 20<<10),
		} {
			if answer := w.send("GET", "/scim/v2/Users?filter="+url.QueryEscape(filter), w.Owner, http.Header{},
				""); answer.Code != http.StatusBadRequest {
				t.Errorf("filter %.40q: %d", filter, answer.Code)
			}
		}
		for _, body := range []string{
			`{`, `null`, `7`, `{"Operations":{}}`, `{"Operations":[]}`, `{"Operations":[7]}`,
			`{"Operations":[{"op":"move"}]}`, `{"Operations":[{"op":7}]}`,
			`{"Operations":[{"op":"add","value":7}]}`, `{"Operations":[{"op":"add","path":7,"value":7}]}`,
			`{"Operations":[{"op":"add","path":"members","value":[{"value":7}]}]}`,
			`{"Operations":[{"op":"add","path":"members","value":[{"value":"-1"}]}]}`,
			`{"Operations":[{"op":"add","path":"members","value":[{"value":"99999999999999999999"}]}]}`,
			`{"Operations":[{"op":"replace","path":"members[value eq \"3\"].display","value":null}]}`,
			`{"Operations":[{"op":"remove","path":"members[value ne \"3\"]"}]}`,
			`{"Operations":[{"op":"replace","path":"displayName","value":"a\u0000b"}]}`,
			`{"Operations":[{"op":"replace","path":"displayName","value":""}]}`,
			`{"Operations":[{"op":"replace","path":"externalId","value":["x"]}]}`,
			`{"operations":[{"op":"add","OP":"remove","path":"members"}]}`,
			`{"Operations":[{"op":"replace","path":"displayName","value":"` + strings.Repeat("x", 300) + `"}]}`,
		} {
			w.T.Helper()
			if answer := w.send("PATCH", "/scim/v2/Groups/1", w.Owner, http.Header{},
				body); answer.Code != http.StatusBadRequest && answer.Code != http.StatusNotFound {
				t.Errorf("body %.80q: %d %s", body, answer.Code, answer.Body)
			}
		}
		w.created("/scim/v2/Groups", `{"displayName":"crew","members":[{"value":"3"}]}`)
		before := w.send("GET", "/scim/v2/Groups/1", w.Owner, http.Header{}, "").Body.String()
		for _, body := range []string{
			`{"Operations":[{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"99"}]}]}`} {
			if answer := w.send("PATCH", "/scim/v2/Groups/1", w.Owner, http.Header{},
				body); answer.Code != http.StatusBadRequest {
				t.Errorf("half a patch: %d", answer.Code)
			}
		}
		if after := w.send("GET", "/scim/v2/Groups/1", w.Owner, http.Header{}, "").Body.String(); after != before {
			t.Errorf("a refused patch left %s", after)
		}
		big := `{"displayName":"` + strings.Repeat("x", 17<<20) + `"}`
		if answer := w.send("POST", "/scim/v2/Groups", w.Owner, http.Header{},
			big); answer.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("17 MiB: %d", answer.Code)
		}
	})
}

// A personal access token is taken as it is, because identity providers cannot
// exchange it; other ways to say who one is are not looked at.
func TestCredentials(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		personal, err := w.App.CreatePersonalToken(t.Context(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		legacy, err := w.App.Token(t.Context(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name, value string
			want        int
		}{
			{"Authorization", "Bearer " + personal.Text, http.StatusOK},
			{"Authorization", "bearer " + legacy, http.StatusOK},
			{"Authorization", "Token " + legacy, http.StatusUnauthorized},
			{"X-API-Key", legacy, http.StatusUnauthorized},
			{"Cookie", "sessionid=" + legacy, http.StatusUnauthorized},
			{"Authorization", "Bearer a.b.c", http.StatusUnauthorized},
		} {
			if answer := w.send("GET", "/scim/v2/Users?count=1", 0, http.Header{test.name: {test.value}},
				""); answer.Code != test.want {
				t.Errorf("%s: %.12s: %d, want %d", test.name, test.value, answer.Code, test.want)
			}
		}
		if answer := w.send("GET", "/api/current-user/whoami", 0, http.Header{"Authorization": {"Bearer " + legacy}},
			""); answer.Code != http.StatusUnauthorized {
			t.Errorf("a legacy token as Bearer elsewhere: %d", answer.Code)
		}
	})
}
