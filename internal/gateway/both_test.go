package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster"
)

// TestRosterAnswersWhatTheUpstreamHasNot: paths of Enterprise that the Community
// Edition lacks are Roster's, and hotkeys are where they are a project's: the upstream
// would not look at which, and change the account's.
func TestRosterAnswersWhatTheUpstreamHasNot(t *testing.T) {
	w := newWorld(t)
	const keys = `{"custom_hotkeys":{"image:zoom":{"key":"z"}}}`
	for name, a := range map[string]attempt{
		"seats":                      {"owner", "GET", "/api/billing/info", "", 200},
		"seats, for a manager":       {"mia", "GET", "/api/billing/info/", "", 403},
		"rules of review":            {"rev", "GET", "/api/projects/1/review-routing-rules/", "", 200},
		"changing them":              {"mia", "POST", "/api/projects/1/review-routing-rules/bulk/", `{"rules":[]}`, 200},
		"changing them, as reviewer": {"rev", "POST", "/api/projects/1/review-routing-rules/bulk/", `{"rules":[]}`, 403},
		"history of settings":        {"owner", "GET", "/api/fsm/organizations/1/settings-history/", "", 200},
		"hotkeys of a project":       {"ann", "PATCH", "/api/current-user/hotkeys/?project=1", keys, 200},
		"hotkeys of no project":      {"ann", "PATCH", "/api/current-user/hotkeys/?project=", keys, 400},
		"hotkeys of somebody else's": {"out", "PATCH", "/api/current-user/hotkeys/?project=1", keys, 404},
		"a project named in the body": {"ann", "PATCH", "/api/current-user/hotkeys/",
			`{"custom_hotkeys":{},"project":1}`, 400},
	} {
		w.fake.taken()
		if got := w.send(a.who, a.method, a.target, a.body); got.status != a.status {
			t.Errorf("%s: %d %s, not %d", name, got.status, got.body, a.status)
		}
		if seen := w.fake.taken(); len(seen) > 0 {
			t.Errorf("%s: the upstream heard %+v", name, seen)
		}
	}
	if got := w.get("ann", "/api/current-user/hotkeys/?project=1"); !strings.Contains(got.body, "image:zoom") {
		t.Error(got)
	}
	w.get("ann", "/api/current-user/hotkeys/")
	if seen := w.fake.taken(); len(seen) != 1 {
		t.Errorf("of the account's hotkeys the upstream heard %+v", seen)
	}
}

// TestReviewerFindsAnnotators: behind the gate, too, a reviewer finds whom they may
// assign, beside those who submitted annotations, and is told no e-mail of whom they
// do not review.
func TestReviewerFindsAnnotators(t *testing.T) {
	w := newWorld(t)
	found := map[float64]string{}
	for _, v := range w.get("rev", "/api/projects/1/annotators/").json(t).([]any) {
		o := v.(map[string]any)
		found[o["id"].(float64)], _ = o["email"].(string)
	}
	for _, name := range []string{"owner", "adm", "mia", "rev", "ann", "vic", "paul"} {
		email, listed := found[float64(people[name])]
		if told := name == "rev" || name == "ann"; !listed || (email != "") != told {
			t.Errorf("%s: listed %v, as %q", name, listed, email)
		}
	}
	if _, listed := found[float64(people["out"])]; listed || len(found) != 7 {
		t.Errorf("%v", found)
	}
	w.try(map[string]attempt{"an annotator": {"ann", "GET", "/api/projects/1/annotators/", "", 403},
		"a stranger": {"out", "GET", "/api/projects/1/annotators/", "", 404}})
}

// TestDeletedTasksEndAssignments: whichever way tasks are deleted through the gate,
// whoever had one is recorded, once.
func TestDeletedTasksEndAssignments(t *testing.T) {
	for name, c := range map[string]struct {
		method, target, body string
		left                 string // the tasks that the upstream has then
		had                  int
	}{
		"one": {"DELETE", "/api/tasks/11/", "", `{"id":12}`, 1},
		"all": {"DELETE", "/api/projects/1/tasks/", "", "", 2},
		"chosen": {"POST", "/api/dm/actions/?id=delete_tasks&project=1",
			`{"selectedItems":{"all":false,"included":[12]}}`, `{"id":11}`, 1},
		"duplicates": {"POST", "/api/dm/actions/?id=remove_duplicates&project=1",
			`{"selectedItems":{"all":true,"excluded":[]}}`, `{"id":11}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for task, who := range map[int]string{11: "ann", 12: "rev"} {
				got := w.send("mia", "POST", fmt.Sprintf("/api/projects/1/tasks/%d/assignees/", task),
					fmt.Sprintf(`{"users":[%d],"type":"AN"}`, people[who]))
				if got.status != 200 {
					t.Fatal(got)
				}
			}
			w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
				id, one := strings.CutPrefix(strings.Trim(r.URL.Path, "/"), "api/tasks/")
				if one && c.left != fmt.Sprintf(`{"id":%s}`, id) {
					hasNot(rw)
				}
				if one || strings.Trim(r.URL.Path, "/") != "api/tasks" {
					return one && c.left != fmt.Sprintf(`{"id":%s}`, id)
				}
				rw.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(rw, `{"total":1,"tasks":[%s]}`, c.left)
				return true
			})
			if got := w.send("mia", c.method, c.target, c.body); got.status/100 != 2 {
				t.Fatal(got)
			}
			ops, total, err := w.app.Operations(w.as("owner"), roster.OperationFilter{ProjectID: 1, Kind: roster.OpTaskDelete},
				roster.Everything)
			if err != nil || total != 1 || ops[0].Changed != c.had || ops[0].ActorID != people["mia"] {
				t.Fatalf("%+v %v", ops, err)
			}
			left, err := w.app.MirroredTasks(w.as("owner"), 1)
			if err != nil || len(left) != 2-c.had {
				t.Errorf("left are %v: %v", left, err)
			}
		})
	}
}
