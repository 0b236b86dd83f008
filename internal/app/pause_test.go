package app_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func paused(w *apptest.World, project, user int64) int64 {
	w.T.Helper()
	p, err := w.App.PauseMember(w.As(w.Owner), project, user, roster.PauseManual, "")
	must(w.T, err)
	return p.ID
}

// TestPauseStopsWork: a paused person stays a member and sees the project, but
// may not work until the last pause is lifted.
func TestPauseStopsWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		user := w.Person("RE")
		w.Assign(p, user)
		w.Assign(other, user)
		works := func(project int64, want bool) {
			t.Helper()
			s, err := db.Standing(w.As(user), project, user)
			if err != nil || !s.Member() || s.MayWork() != want {
				t.Errorf("project %d: member %v, may work %v, want %v; %v", project, s.Member(), s.MayWork(), want, err)
			}
			for _, action := range []app.Action{app.ViewTasks, app.AssignAnnotators} {
				if _, err := w.App.MayInProject(w.As(user), action, project); (err == nil) != want {
					t.Errorf("project %d: %s: %v", project, action, err)
				}
			}
			if _, err := w.App.MayInProject(w.As(user), app.ViewProject, project); err != nil {
				t.Errorf("project %d is out of sight: %v", project, err)
			}
		}
		works(p, true)
		first, second := paused(w, p, user), paused(w, p, user)
		works(p, false)
		works(other, true)
		must(t, w.App.LiftPause(w.As(w.Owner), p, user, first))
		works(p, false)
		if _, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true}, ""); err != nil {
			t.Fatal(err)
		}
		w.Assign(p, user)
		works(p, false)
		must(t, w.App.LiftPause(w.As(w.Owner), p, user, second))
		works(p, true)
	})
}

// TestPausedManager: a pause stops work, not management, so that nobody is
// locked out of the project they manage.
func TestPausedManager(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		manager := w.Person("MA")
		w.Assign(p, manager)
		pause := paused(w, p, manager)
		_, err := w.App.MayInProject(w.As(manager), app.ManageTasks, p)
		wantKind(t, "importing tasks", err, roster.Forbidden)
		must(t, w.App.LiftPause(w.As(manager), p, manager, pause))
		if _, err = w.App.MayInProject(w.As(manager), app.ManageTasks, p); err != nil {
			t.Error(err)
		}
	})
}

func TestPausesKeepTheirPast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		user, inactive := w.Person("AN"), w.Person("NO")
		w.Assign(p, user)
		as, made := w.As(w.Owner), w.Clock
		id := paused(w, p, user)
		w.Clock = made.Add(time.Hour)
		changed, err := w.App.UpdatePause(as, p, user, id, roster.PausePatch{Message: ptr("Look at the guide")})
		if err != nil || changed.Reason != roster.PauseManual || changed.Message != "Look at the guide" || !changed.CreatedAt.Equal(made) || !changed.UpdatedAt.Equal(w.Clock) {
			t.Errorf("changed: %+v %v", changed, err)
		}
		w.Clock = made.Add(2 * time.Hour)
		must(t, w.App.LiftPause(as, p, user, id))
		_, err = w.App.UpdatePause(as, p, user, id, roster.PausePatch{Message: ptr("late")})
		wantKind(t, "changing a lifted pause", err, roster.NotFound)
		current, err := w.App.Pauses(as, p, user, false, "")
		if err != nil || len(current) != 0 {
			t.Errorf("current: %+v %v", current, err)
		}
		all, err := w.App.Pauses(as, p, user, true, "")
		if err != nil || len(all) != 1 || !all[0].DeletedAt.Equal(w.Clock) || all[0].DeletedBy != w.Owner || all[0].Message != "Look at the guide" {
			t.Errorf("all: %+v %v", all, err)
		}
		for _, nobody := range []int64{inactive, user + 1000} {
			_, err = w.App.PauseMember(as, p, nobody, roster.PauseManual, "")
			wantKind(t, "pausing somebody who is no member", err, roster.NotFound)
		}
	})
}

// TestMembersAndPaused: the paused are added to a list that leaves them out,
// once each, while they are members.
func TestMembersAndPaused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		annotator, reviewer, gone, free := w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AN")
		w.Assign(p, annotator, reviewer, gone, free)
		newest := int64(0)
		for _, user := range []int64{annotator, reviewer, gone, annotator} {
			newest = paused(w, p, user)
		}
		if _, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{gone}}, ""); err != nil {
			t.Fatal(err)
		}
		members, err := w.App.MembersAndPaused(w.As(w.Owner), p, roster.MemberFilter{NoAnnotators: true})
		var ids []int64
		for _, m := range members {
			ids = append(ids, m.User.ID)
			if (m.Pause != nil) != (m.User.ID != w.Owner) || (m.User.ID == annotator && m.Pause.ID != newest) {
				t.Errorf("pause of %d: %+v", m.User.ID, m.Pause)
			}
		}
		if err != nil || !slices.Equal(ids, []int64{w.Owner, annotator, reviewer}) {
			t.Errorf("listed: %v %v", ids, err)
		}
	})
}
