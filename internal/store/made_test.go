package store_test

import (
	"context"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
)

// TestAStoreOfBefore opens and goes on: who was a member, was paused or had a task is and
// has; hooks from before are nobody's, and what is made from now on follows its maker.
func TestAStoreOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		a, as := w.App, w.As
		const project, owner, manager, annotator = 1001, 1001, 1004, 1008
		if _, err := a.MayInProject(as(annotator), core.AnnotateTasks, project); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("the paused: %v", err)
		}
		hook := roster.Made{ProjectID: project, Kind: roster.MadeWebhook, UpstreamID: 901,
			Location: "https://old.example.com", Works: true}
		fine(t, a.DiscoverMade(t.Context(), project, []roster.Made{hook}))
		hook.UpstreamID = 902
		fine(t, a.KeepMade(as(manager), hook, true, true))
		done, err := a.UnassignMembers(as(owner), project, roster.Selector{Included: []int64{manager}}, "")
		fine(t, err)
		out, err := a.MadeOutcome(as(owner), done.Operation)
		if err != nil || len(out.Things) != 1 || out.Things[0].UpstreamID != 902 || out.Pending != 1 {
			t.Errorf("%+v %+v %v", done, out, err)
		}
		assigned(t, a, as(owner), annotator)
		_, err = a.Undo(as(owner), done.Operation)
		fine(t, err)
		assigned(t, a, as(owner), manager, annotator)
	})
}

// assigned checks who has the task.
func assigned(t *testing.T, a *app.App, ctx context.Context, want ...int64) {
	t.Helper()
	open, err := a.Assignees(ctx, 1001, 1001)
	fine(t, err)
	if len(open) != len(want) {
		t.Errorf("%d have the task, want %v", len(open), want)
	}
	for i, o := range open {
		if i < len(want) && o.UserID != want[i] {
			t.Errorf("%d has the task, want %v", o.UserID, want)
		}
	}
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
