package lsapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPermissionBodies(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		path := fmt.Sprintf("/api/organizations/%d/permissions", w.Org)
		for body, field := range map[string]string{
			`{}`:                             "permission",
			`{"permission": 7, "roles": []}`: "permission",
			`{"permission": "tasks.delete", "roles": null}`:              "roles",
			`{"permission": "tasks.delete", "roles": "AD"}`:              "roles",
			`{"permission": "tasks.delete", "roles": [["AD"]]}`:          "roles",
			`{"permission": "tasks.delete", "roles": ["ad"]}`:            "roles",
			`{"permission": "tasks.delete", "roles": ["ADMINISTRATOR"]}`: "roles",
			`{"permission": "tasks.delete", "roles": ["VO"]}`:            "roles",
			`{"permission": "` + strings.Repeat("x", 256) + `"}`:         "permission",
			`{"permission": "tasks.delete; DROP"}`:                       "permission",
		} {
			w.refused(field, "POST", path, w.Owner, body)
		}
		w.must(404, "PUT", path+"/tasks.delete", w.Owner, map[string]any{"permission": "tasks.delete", "roles": []string{}})
		w.must(404, "GET", path+"/nothing", w.Owner, nil)
		if got := w.must(200, "GET", path, w.Owner, nil); len(got.([]any)) != 0 {
			t.Errorf("something was decided: %v", got)
		}
		token, err := w.App.Token(t.Context(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", path, strings.NewReader("permission=tasks.delete&roles=AD&roles=MA"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Token "+token)
		answer := httptest.NewRecorder()
		w.server.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"roles":["AD","MA"]`) {
			t.Errorf("a form: %d %s", answer.Code, answer.Body)
		}
	})
}

// The invite token is for those who may invite, whoever they are.
func TestInviteTokenFollowsThePermission(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		reviewer, manager := w.Person("RE"), w.Person("MA")
		path := fmt.Sprintf("/api/organizations/%d", w.Org)
		sees := func(user int64) bool { return at(w.must(200, "GET", path, user, nil), "token") != "" }
		if sees(reviewer) || !sees(manager) {
			t.Error("usually Managers invite, and Reviewers do not")
		}
		w.must(200, "POST", path+"/permissions", w.Owner, map[string]any{"permission": "organizations.invite",
			"roles": []string{"RE"}})
		if !sees(reviewer) || sees(manager) {
			t.Error("the Owner decided otherwise")
		}
	})
}
