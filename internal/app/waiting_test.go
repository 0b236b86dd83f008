package app_test

import (
	"maps"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// inactiveMember is somebody in a workspace and its project, with a project role and a task
// there, who got an organization role then by which nobody can act.
func inactiveMember(w *apptest.World, now roster.Role) (user, space, p, task int64) {
	space = w.Workspace("Vision")
	p, user = w.Project("Street signs", space), w.Person("AN")
	joined(w, space, user)
	w.Assign(p, user)
	role(w, p, user, "RE")
	task = madeTasks(w, p, 1)[0]
	give(w, p, user, task)
	must(w.T, became(w, user, now))
	return user, space, p, task
}

// TestWhoCannotActKeepsNoAccess: the preview and the record say so alike of whoever is not
// activated or deactivated, and what they held waits for them all the same.
func TestWhoCannotActKeepsNoAccess(t *testing.T) {
	for _, now := range []roster.Role{"NO", "DI"} {
		t.Run(string(now), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				as := w.As(w.Owner)
				user, _, p, task := inactiveMember(w, now)
				named := roster.Selector{Included: []int64{user}}
				preview, err := w.App.PreviewUnassign(as, p, named, 10)
				kept := len(preview.Keepers) + preview.KeepByWorkspace + preview.KeepByOrganizationRole
				if err != nil || preview.Count != 1 || kept+preview.OpenAssignments != 0 {
					t.Errorf("preview %+v %v", preview, err)
				}
				done, err := w.App.UnassignMembers(as, p, named, preview.Plan)
				must(t, err)
				outcomes, err := w.App.Outcomes(as, done.Operation, roster.Everything)
				if err != nil || len(outcomes) != 1 || outcomes[0].Result != roster.Removed || outcomes[0].KeepsBy != "" {
					t.Errorf("outcomes %+v %v", outcomes, err)
				}
				must(t, became(w, user, "AN"))
				wantRoles(t, w, p, map[int64]roster.Role{user: "RE"})
				wantOpen(t, w, task, user)
			})
		})
	}
}

// TestRoleThatWaitsIsNotOver: the history tells the end of a project role that goes on in
// the workspace only when that ends, also of people who cannot act.
func TestRoleThatWaitsIsNotOver(t *testing.T) {
	for _, now := range []roster.Role{"AN", "NO", "DI"} {
		t.Run(string(now), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				user, space, p, _ := inactiveMember(w, now)
				want := []string{"RE"}
				same := func(when string) {
					t.Helper()
					if got := roleSteps(w, p); !slices.Equal(got, want) {
						t.Errorf("%s: %v, want %v", when, got, want)
					}
				}
				done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true}, "")
				must(t, err)
				same("off the project")
				_, err = w.App.Undo(w.As(w.Owner), done.Operation)
				must(t, err)
				same("back")
				unassigned(w, p, user)
				same("off again")
				removal := left(w, space, user)
				want = append(want, roster.StateRemoved)
				same("out of the workspace")
				undone(t, w, removal, 1)
				want = append(want, "RE")
				same("back in it")
				must(t, became(w, user, "RE"))
				must(t, became(w, user, "AN"))
				if got := replayed(t, w, roster.ProjectRoles, p); !maps.Equal(got, map[int64]string{user: "RE"}) {
					t.Errorf("in the end: %v", got)
				}
				wantRoles(t, w, p, map[int64]roster.Role{user: "RE"})
			})
		})
	}
}

// roleSteps is what the role history of a project leads to step by step.
func roleSteps(w *apptest.World, p int64) (states []string) {
	w.T.Helper()
	page := roster.Everything
	page.Order = "created_at"
	steps, _, err := w.App.History(w.As(w.Owner), roster.ProjectRoles, p, roster.HistoryFilter{}, page)
	must(w.T, err)
	for _, s := range steps {
		states = append(states, s.State)
	}
	return states
}
