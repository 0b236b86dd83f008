package gateway_test

import (
	"strings"
	"testing"

	"roster"
)

// TestTasksOfAnUpstreamAreGivenOutByWhatIsKnown: their numbers and what is in them is the
// upstream's alone, and a filter by it would match none, or with a "not" all of them.
func TestTasksOfAnUpstreamAreGivenOutByWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	ok(t, w.app.MirrorTasks(w.as("owner"), 1, []int64{11, 12}))
	give := func(c roster.TaskCondition) ([]int64, error) {
		s := roster.TaskSelector{All: true, Filter: roster.TaskFilter{Conditions: []roster.TaskCondition{c}}}
		done, err := w.app.AssignTasks(w.as("owner"), 1, s, roster.Annotate, []int64{people["ann"]})
		return done.TaskIDs, err
	}
	for _, column := range []roster.TaskColumn{roster.TaskNumber, roster.TaskData, roster.TaskCompletedAt} {
		if _, err := give(roster.TaskCondition{
			Column: column, Key: "text", Is: roster.NotEqual, Values: []string{"1"},
		}); roster.KindOf(err) != roster.Invalid {
			t.Errorf("%s: %v", column, err)
		}
	}
	above := roster.TaskCondition{Column: roster.TaskID, Is: roster.Greater, Numbers: true, Values: []string{"11"}}
	if ids, err := give(above); err != nil || len(ids) != 1 || ids[0] != 12 {
		t.Error(ids, err)
	}
}

// TestNextTaskIsAnAssignedOne: where a project gives out assigned tasks only,
// no other way to choose reaches the upstream, which would prefer a view and a
// query in the address; and a task that it chose all the same does not pass.
func TestNextTaskIsAnAssignedOne(t *testing.T) {
	w := newWorld(t)
	only := roster.AssignedOnly
	_, _, err := w.app.UpdateProject(w.as("owner"), 1, roster.ProjectPatch{TaskDistribution: &only}, 0)
	ok(t, err)
	ok(t, w.app.MirrorTasks(w.as("owner"), 1, []int64{11, 12, 13}))
	_, err = w.app.AssignTasks(w.as("owner"), 1, roster.TaskSelector{Included: []int64{12}}, roster.Annotate,
		[]int64{people["ann"]})
	ok(t, err)
	for _, c := range []struct{ method, target, body string }{
		{"POST", "/api/dm/actions/?id=next_task&project=1", `{"view":401}`},
		{"POST", "/api/dm/actions/?id=next_task&project=1&view=401", `{}`},
		{"POST", "/api/dm/actions/?id=next_task&project=1&query=%7B%7D", `{"selectedItems":{"all":true}}`},
		{"GET", "/api/projects/1/next/?view=401", ""},
		{"GET", "/api/projects/1/next/?query=%7B%7D&view=401", ""},
	} {
		got := w.send("ann", c.method, c.target, c.body)
		reached := w.fake.taken()
		if len(reached) != 1 {
			t.Fatalf("%s %s: %d, reached %d times", c.method, c.target, got.status, len(reached))
		}
		u, chosen := reached[0], "\"included\":[12]"
		_, inQuery := u.query["query"]
		if u.query["view"] != "" || u.fields["view"] != nil || inQuery == (c.method == "POST") ||
			!strings.Contains(u.query["query"]+u.body, chosen) {
			t.Errorf("%s %s arrived as %v %s", c.method, c.target, u.query, u.body)
		}
		if got.status != 502 || strings.Contains(got.body, "annotations") { // the fake gives out task 11 whatever it is asked
			t.Errorf("%s %s: %d %s", c.method, c.target, got.status, got.body)
		}
	}
}
