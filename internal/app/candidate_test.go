package app_test

import (
	"slices"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestCandidatesOfASandbox: who has no access because a project is in somebody's sandbox
// can be added to it like anybody else.
func TestCandidatesOfASandbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin, manager, annotator := w.Person("AD"), w.Person("MA"), w.Person("AN")
		box, err := w.DB.CreateWorkspace(t.Context(), roster.Workspace{
			OrganizationID: w.Org, Title: "Mine", CreatedBy: w.Owner, Personal: true,
		}, w.Clock)
		must(t, err)
		project, open := w.Project("Drafts", box), w.Project("Street signs", 0)
		ctx := w.As(w.Owner)
		candidates := func(project int64) (ids []int64) {
			people, total, err := w.App.Candidates(ctx, project, roster.MemberFilter{Ability: roster.Able}, roster.Everything)
			must(t, err)
			for _, m := range people {
				ids = append(ids, m.User.ID)
			}
			if total != len(ids) {
				t.Errorf("%d of %d", len(ids), total)
			}
			slices.Sort(ids)
			return ids
		}
		if got := candidates(open); !slices.Equal(got, []int64{manager, annotator}) {
			t.Errorf("candidates %v", got)
		}
		if got := candidates(project); !slices.Equal(got, []int64{admin, manager, annotator}) {
			t.Errorf("candidates of a sandbox %v", got)
		}
		all := roster.Selector{All: true}
		would, err := w.App.PreviewAssign(ctx, project, all, nil)
		must(t, err)
		done, err := w.App.AssignMembers(ctx, project, all, nil)
		must(t, err)
		if would.Count != 3 || done.Count != 3 || would.Operation != 0 {
			t.Errorf("would %+v, did %+v", would, done)
		}
	})
}

// TestDryRunIsTheOperation: for a Manager, who may add whom they share with, and where the
// same people are included and excluded; "-179 people" was said once.
func TestDryRunIsTheOperation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, near, far, waits, off := w.Person("MA"), w.Person("AN"), w.Person("AN"), w.Person("NO"), w.Person("AN")
		shared, project := w.Project("Shared", 0), w.Project("Street signs", 0)
		w.Assign(shared, manager, near, off)
		w.Assign(project, manager)
		_, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, off, roster.MembershipChange{Role: "DI"})
		must(t, err)
		for name, s := range map[string]roster.Selector{
			"all": {All: true}, "both": {Included: []int64{far}, Excluded: []int64{far}},
			"waiting": {Included: []int64{waits, off, near, far, near}},
			"nobody":  {}, "but": {All: true, Excluded: []int64{near}},
		} {
			ctx := w.As(manager)
			would, err := w.App.PreviewAssign(ctx, project, s, nil)
			must(t, err)
			var did roster.Assigned
			err = w.App.Update(ctx, func(tx *app.App) error {
				did, err = tx.AssignMembers(ctx, project, s, nil)
				must(t, err)
				return errBack
			})
			if would.Count != did.Count || would.Count < 0 || !slices.Equal(would.Skipped, did.Skipped) {
				t.Errorf("%s: would %+v, did %+v (%v)", name, would, did, err)
			}
		}
		if got := w.Explicit(project); !slices.Equal(got, []int64{manager}) {
			t.Errorf("members %v", got)
		}
	})
}

// TestARolesIDStays: an undo gives a project role back under its id, by which it can be
// taken away.
func TestARolesIDStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx, project, person := w.As(w.Owner), w.Project("Street signs", 0), w.Person("AN")
		w.Assign(project, person)
		role, _, err := w.App.SetProjectRole(ctx, project, person, "RE")
		must(t, err)
		for range 2 {
			gone, err := w.App.UnassignMembers(ctx, project, roster.Selector{All: true}, "")
			must(t, err)
			_, err = w.App.Undo(ctx, gone.Operation)
			must(t, err)
		}
		roles, err := w.App.ProjectRoles(ctx, project)
		must(t, err)
		if len(roles) != 1 || roles[0] != role {
			t.Errorf("%+v, not %+v", roles, role)
		}
		_, err = w.App.ClearProjectRole(ctx, role.ID)
		must(t, err)
	})
}

// TestTheDeactivatedKeepNoAccess: a preview counts nobody who cannot work among those who
// keep access.
func TestTheDeactivatedKeepNoAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx, space := w.As(w.Owner), w.Workspace("Team")
		project, off, on := w.Project("Street signs", space), w.Person("AN"), w.Person("AN")
		w.Assign(project, off, on)
		_, err := w.App.AssignToWorkspace(ctx, space, roster.Selector{Included: []int64{off, on}})
		must(t, err)
		_, _, err = w.App.ChangeMembership(ctx, w.Org, off, roster.MembershipChange{Role: "DI"})
		must(t, err)
		p, err := w.App.PreviewUnassign(ctx, project, roster.Selector{Included: []int64{off, on}}, 10)
		must(t, err)
		if p.Count != 2 || p.KeepByWorkspace != 1 || len(p.Keepers) != 1 || p.Keepers[0].User.ID != on {
			t.Errorf("%d go, %d keep access: %+v", p.Count, p.KeepByWorkspace, p.Keepers)
		}
	})
}
