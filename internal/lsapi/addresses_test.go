package lsapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster"
)

// Who may not list people is told nobody's e-mail but their own: not who made a
// project, not who paused them, not who else is in their workspace.
func TestNoEmailsOfOthers(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space := w.Workspace("Maps")
		project := w.Project("Street signs", space)
		colleague, manager := w.Person("AN"), w.Person("MA")
		nameless := w.PersonNamed(roster.NewUser{Email: "nameless@example.com", Role: "AD"})
		for _, role := range []roster.Role{"AN", "RE", "VO"} {
			seat := map[roster.Role]roster.UserType{"VO": roster.SeatViewOnly}[role]
			me := w.PersonNamed(roster.NewUser{Email: strings.ToLower(string(role)) + "@example.org", FirstName: "Mia",
				Role: role, UserType: seat})
			w.Assign(project, me, colleague, manager)
			if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space,
				roster.Selector{Included: []int64{me, colleague, manager}}); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{
				"/api/projects/", fmt.Sprintf("/api/projects/%d", project), fmt.Sprintf("/api/workspaces/%d/projects/", space),
				"/api/workspaces/",
				fmt.Sprintf("/api/workspaces/%d/memberships/", space),
				fmt.Sprintf("/api/workspaces/%d/memberships/paginated/", space),
				"/api/users/", "/api/current-user/whoami", fmt.Sprintf("/api/organizations/%d", w.Org),
			} {
				if body := w.send("GET", path, me, nil).Body.String(); strings.Contains(body, "@example.com") {
					t.Errorf("%s is told of others by %s: %s", role, path, body)
				}
			}
			if body := w.send("GET", "/api/users/", me, nil).Body.String(); !strings.Contains(body, "@example.org") {
				t.Errorf("%s is not told of themself: %s", role, body)
			}
			maker := at(w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d", project), me, nil), "created_by")
			if at(maker, "id") != float64(w.Owner) || at(maker, "email") != "" || at(maker, "username") != "" ||
				at(maker, "first_name") != "Olga" {
				t.Errorf("the maker, to %s: %v", role, maker)
			}
			w.must(http.StatusCreated, "POST", fmt.Sprintf("/api/projects/%d/members/%d/pauses/", project, me), nameless,
				`{"reason":"MANUAL","verbose_reason":"x"}`)
			for _, path := range []string{fmt.Sprintf("/api/projects/%d/members/%d/pauses/", project, me),
				fmt.Sprintf("/api/projects/%d", project)} {
				if body := w.send("GET", path, me, nil).Body.String(); strings.Contains(body, "@example.com") {
					t.Errorf("%s is told who paused them by %s: %s", role, path, body)
				}
			}
		}
		if maker := at(w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d", project), manager, nil),
			"created_by"); at(maker, "email") != "owner@example.com" {
			t.Errorf("the maker, to a manager: %v", maker)
		}
	})
}
