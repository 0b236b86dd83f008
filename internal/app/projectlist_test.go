package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// The list counts who is a member and who only has access, and says as what
// the viewer is there.
func TestProjectRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		open, shared := w.Project("Open", 0), w.Project("Shared", space)
		annotator, manager, gone := w.Person("AN"), w.Person("MA"), w.Person("DI")
		w.Person("AD")
		w.Assign(open, annotator)
		w.Assign(shared, manager)
		if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space,
			roster.Selector{Included: []int64{annotator, manager, gone}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.App.SetProjectRole(w.As(w.Owner), open, annotator, "RE"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			viewer, project   int64
			members, inherits int
			role              roster.Role
			sees              bool
		}{
			{w.Owner, open, 1, 2, "OW", true},      // the owner and the administrator
			{w.Owner, shared, 1, 3, "OW", true},    // and the annotator, through the workspace
			{annotator, open, 1, 2, "RE", false},   // by a project role
			{annotator, shared, 1, 3, "AN", false}, // by the workspace
			{manager, shared, 1, 3, "MA", true},    // a member of both counts once
		} {
			rows, _, err := w.App.ProjectList(w.As(want.viewer), roster.ProjectFilter{IDs: []int64{want.project}},
				roster.Everything)
			if err != nil || len(rows) != 1 {
				t.Fatal(rows, err)
			}
			r := rows[0]
			if r.MembersCount != want.members || r.Inherited != want.inherits || r.MyRole != want.role ||
				r.SeesMembers != want.sees {
				t.Errorf("%d sees %d members, %d inherited, is %s, may look inside: %v; want %+v", want.viewer,
					r.MembersCount, r.Inherited, r.MyRole, r.SeesMembers, want)
			}
			if _, total, err := w.App.Members(w.As(w.Owner), want.project, roster.MemberFilter{},
				roster.Everything); err != nil || total != want.members+want.inherits {
				t.Errorf("the list has %d people", total)
			}
		}
	})
}
