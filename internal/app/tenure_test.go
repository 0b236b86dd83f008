package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestJoinedIsTheBeginningOfTheTenure: an undo makes nobody new, nor does a membership
// that goes on another way; being added again does, and who only inherits never joined.
func TestJoinedIsTheBeginningOfTheTenure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := w.As(w.Owner)
		space := w.Workspace("Team")
		project := w.Project("Street signs", space)
		undone, again, promoted, inherited := w.Person("AN"), w.Person("AN"), w.Person("AN"), w.Person("AN")
		_, err := w.App.AssignToWorkspace(ctx, space, roster.Selector{Included: []int64{promoted, inherited, undone}})
		must(t, err)
		_, _, err = w.App.SetProjectRole(ctx, project, promoted, "RE") // a row of no membership: the tenure begins
		must(t, err)
		_, _, err = w.App.SetProjectRole(ctx, project, inherited, "RE")
		must(t, err)
		w.Assign(project, undone, again)
		first := w.Clock
		w.Clock = w.Clock.AddDate(0, 0, 10)
		out, err := w.App.UnassignMembers(ctx, project, roster.Selector{Included: []int64{undone, again}}, "")
		must(t, err)
		w.Clock = w.Clock.AddDate(0, 0, 10)
		w.Assign(project, again, promoted)
		_, err = w.App.Undo(ctx, out.Operation)
		must(t, err)
		day := func(at time.Time) *time.Time { return &at }
		check := func(f roster.MemberFilter, want ...int64) {
			t.Helper()
			if got := narrowed(ctx, t, w, project, f); !slices.Equal(got, want) {
				t.Errorf("%v to %v: %v, want %v", f.JoinedAfter, f.JoinedBefore, got, want)
			}
		}
		check(roster.MemberFilter{JoinedAfter: day(first)}, undone, again, promoted)
		check(roster.MemberFilter{JoinedAfter: day(first.Add(time.Microsecond))}, again)
		check(roster.MemberFilter{JoinedBefore: day(first)}, undone, promoted)
		check(roster.MemberFilter{JoinedBefore: day(first.Add(-time.Microsecond))})
		check(roster.MemberFilter{JoinedBefore: new(time.Time)}) // the zero time is a bound: nobody
		// and what a view shows is what goes
		gone, err := w.App.UnassignMembers(ctx, project, roster.Selector{
			All: true, Filter: roster.MemberFilter{JoinedAfter: day(first.Add(time.Hour))},
		}, "")
		must(t, err)
		if gone.Count != 1 {
			t.Errorf("%d went", gone.Count)
		}
		check(roster.MemberFilter{JoinedAfter: day(first)}, undone, promoted)
		_, err = w.App.Undo(ctx, gone.Operation)
		must(t, err)
		check(roster.MemberFilter{JoinedAfter: day(first.Add(time.Microsecond))}, again)
	})
}

// narrowed is whom a filter of a project's members matches.
func narrowed(ctx context.Context, t *testing.T, w *apptest.World, project int64, f roster.MemberFilter) (ids []int64) {
	t.Helper()
	members, _, err := w.App.Members(ctx, project, f, roster.Everything)
	must(t, err)
	for _, m := range members {
		ids = append(ids, m.User.ID)
	}
	return ids
}
