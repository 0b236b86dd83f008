package lsapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/lsapi"
)

// keyedCall is a call that takes an idempotency key, by whoever may make it for now.
type keyedCall struct {
	method, route, path string
	user                int64
	body                string
}

// keyedCalls is one for every route that takes a key, by a manager and an administrator.
func (w *wire) keyedCalls(manager, admin int64) []keyedCall {
	w.T.Helper()
	space := w.Workspace("Vision")
	project := w.Project("Street signs", space)
	var p []int64
	for range 9 {
		p = append(p, w.Person("AN"))
	}
	w.Assign(project, append(p, manager)...)
	staff := map[string]any{"all": false, "included": []int64{manager, p[0], p[1]}}
	w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/bulk/", space), w.Owner, staff)
	taken := w.Assign(w.Project("Crosswalks", space), p[8])
	const members, pauses = "/api/projects/{id}/members", "/api/projects/{id}/members/{user_pk}/pauses"
	const inSpace, inOrganization = "/api/workspaces/{id}/memberships", "/api/organizations/{id}/memberships"
	at := func(route string, ids ...int64) string {
		for _, id := range ids {
			route = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllStringFunc(route, func(mark string) string {
				if id == 0 {
					return mark
				}
				text := fmt.Sprint(id)
				id = 0
				return text
			})
		}
		return route
	}
	var lifted [3]int64
	for i := range lifted {
		paused := w.must(http.StatusCreated, "POST", at(pauses, project, p[i]), w.Owner, map[string]any{"reason": "MANUAL"})
		lifted[i] = int64(paused.(map[string]any)["id"].(float64))
	}
	one := pauses + "/{pause_pk}"
	return []keyedCall{
		{"PATCH", one, at(one, project, p[0], lifted[0]), manager, `{"verbose_reason": "why"}`},
		{"PUT", one, at(one, project, p[1], lifted[1]), manager, `{"reason": "MANUAL"}`},
		{"DELETE", one, at(one, project, p[2], lifted[2]), manager, ""},
		{"POST", pauses, at(pauses, project, p[3]), manager, `{"reason": "MANUAL"}`},
		{"DELETE", members, at(members, project) + fmt.Sprintf("?user=%d", p[4]), manager, ""},
		{"POST", members, at(members, project), manager, fmt.Sprintf(`{"user": %d}`, p[0])},
		{"DELETE", members + "/bulk", at(members, project) + fmt.Sprintf("/bulk?included=%d", p[5]), manager, ""},
		{"POST", members + "/bulk", at(members, project) + "/bulk", manager,
			fmt.Sprintf(`{"all": false, "included": [%d]}`, p[1])},
		{"POST", inSpace, at(inSpace, space), manager, fmt.Sprintf(`{"user": %d}`, p[3])},
		{"DELETE", inSpace, at(inSpace, space) + fmt.Sprintf("?user_id=%d", p[0]), manager, ""},
		{"POST", inSpace + "/bulk", at(inSpace, space) + "/bulk", manager,
			fmt.Sprintf(`{"all": false, "included": [%d]}`, p[2])},
		{"DELETE", inSpace + "/bulk", at(inSpace, space) + fmt.Sprintf("/bulk?included=%d", p[1]), manager, ""},
		{"POST", "/api/roster/operations/{id}/undo", at("/api/roster/operations/{id}/undo", taken), manager, ""},
		{"PATCH", inOrganization, at(inOrganization, w.Org), admin, fmt.Sprintf(`{"user_id": %d, "role": "RE"}`, p[6])},
		{"DELETE", inOrganization + "/{user_pk}", at(inOrganization+"/{user_pk}", w.Org, p[7]), admin, ""},
	}
}

var ids = regexp.MustCompile(`"id":"[^"]*"`)

// TestRightsComeBeforeReplays: whoever may not make a call any more does not get the
// answer of when they might, whatever the call; until then they do.
func TestRightsComeBeforeReplays(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager, admin := w.Person("MA"), w.Person("AD")
		calls := w.keyedCalls(manager, admin)
		var covered []string
		send := func(c keyedCall, key string) (status int, replayed bool, body string) {
			header := http.Header{}
			if key != "" {
				header.Set("Idempotency-Key", key)
			}
			answer := w.exchange(c.method, c.path, c.user, header, c.body)
			return answer.Code, answer.Header().Get("Idempotency-Replayed") != "", ids.ReplaceAllString(answer.Body.String(), "")
		}
		for i, c := range calls {
			covered = append(covered, c.method+" "+c.route)
			if status, _, body := send(c, fmt.Sprint("key ", i)); status >= 300 {
				t.Fatalf("%s %s: %d %s", c.method, c.path, status, body)
			}
			if status, replayed, body := send(c, fmt.Sprint("key ", i)); !replayed || status >= 300 {
				t.Errorf("%s %s is done twice: %d %s", c.method, c.path, status, body)
			}
		}
		keyed := lsapi.Keyed()
		slices.Sort(keyed)
		if slices.Sort(covered); !slices.Equal(covered, keyed) {
			t.Errorf("tried %v, and there are %v", strings.Join(covered, "\n"), strings.Join(keyed, "\n"))
		}
		w.lapse(manager, admin)
		for i, c := range calls {
			status, replayed, body := send(c, fmt.Sprint("key ", i))
			want, _, fresh := send(c, "")
			if replayed || status != want || body != fresh || status < 400 {
				t.Errorf("%s %s: %d %s, and without a key %d %s", c.method, c.path, status, body, want, fresh)
			}
		}
	})
}

// lapse takes a manager off everything, and makes an administrator an annotator.
func (w *wire) lapse(manager, admin int64) {
	w.T.Helper()
	ctx := w.As(w.Owner)
	one := roster.Selector{Included: []int64{manager}}
	projects, _, err := w.App.Projects(ctx, roster.ProjectFilter{}, roster.Everything, 0)
	for _, p := range projects {
		if err == nil {
			_, err = w.App.UnassignMembers(ctx, p.ID, one, "")
		}
		if err == nil && p.WorkspaceID != 0 {
			_, err = w.App.RemoveFromWorkspace(ctx, p.WorkspaceID, one)
		}
	}
	if err == nil {
		_, _, err = w.App.ChangeMembership(ctx, w.Org, admin, roster.MembershipChange{Role: "AN"})
	}
	if err != nil {
		w.T.Fatal(err)
	}
}
