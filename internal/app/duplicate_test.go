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

func TestDuplicate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, elsewhere := w.Workspace("Vision"), w.Workspace("Speech")
		p := w.Project("Street signs", space)
		own, plain, inherits, strands, off, idle, up := w.Person("AN"), w.Person("AN"), w.Person("RE"), w.Person("AN"),
			w.Person("AN"), w.Person("AN"), w.Person("AN")
		joined(w, space, inherits, strands)
		joined(w, elsewhere, inherits)
		w.Assign(p, own, plain, off, idle, up)
		for user, r := range map[int64]roster.Role{own: "RE", inherits: "AN", strands: "RE", off: "RE", up: "RE"} {
			role(w, p, user, r)
		}
		as := w.As(w.Owner)
		for user, r := range map[int64]roster.Role{off: "DI", idle: "NO", up: "MA"} {
			_, _, err := w.App.ChangeMembership(as, w.Org, user, roster.MembershipChange{Role: r})
			must(t, err)
		}
		tasks := madeTasks(w, p, 3)
		give(w, p, own, tasks...)
		_, _, err := w.App.UpdateProject(as, p,
			roster.ProjectPatch{Published: ptr(true), Settings: map[string]any{"label_config": "<View/>"}}, 0)
		must(t, err)

		made, op, err := w.App.DuplicateProject(as, p, roster.ProjectCopy{Title: " Again ", WorkspaceID: elsewhere,
			Tasks: true, Members: true})
		must(t, err)
		copied, err := w.App.Project(as, made, 0)
		if err != nil || copied.Title != "Again" || copied.WorkspaceID != elsewhere || copied.Published ||
			copied.TaskCount != 3 || copied.Settings == "" {
			t.Errorf("copied: %+v %v", copied.Project, err)
		}
		if got := w.Explicit(made); !slices.Equal(got, []int64{own, plain, up}) {
			t.Errorf("members: %v", got)
		}
		wantRoles(t, w, made, map[int64]roster.Role{own: "RE", inherits: "AN"})
		copies, _, err := w.App.Tasks(as, made, roster.Everything)
		must(t, err)
		for _, task := range copies {
			wantOpen(t, w, task.ID)
		}
		wantOpen(t, w, tasks[0], own)
		record, counts, err := w.App.Operation(as, op)
		if err != nil || record.Kind != roster.OpAssign || record.ProjectID != made || record.Changed != 3 ||
			!maps.Equal(counts, map[roster.Result]int{roster.Added: 3, roster.RoleSet: 2}) {
			t.Errorf("record: %+v %v %v", record, counts, err)
		}
		undone(t, w, op, 3)
		if got := w.Explicit(made); len(got) != 0 {
			t.Errorf("after the undo: %v", got)
		}
		wantRoles(t, w, made, nil)
	})
}

func TestDuplicateAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		manager, annotator := w.Person("MA"), w.Person("AN")
		w.Assign(p, manager, annotator)
		madeTasks(w, p, 2)
		made, op, err := w.App.DuplicateProject(w.As(manager), p, roster.ProjectCopy{Title: "Bare"})
		must(t, err)
		copied, err := w.App.Project(w.As(manager), made, 10)
		if err != nil || op != 0 || copied.CreatedBy.ID != manager || copied.TaskCount+copied.MembersCount != 0 {
			t.Errorf("copied: %+v, operation %d, %v", copied, op, err)
		}
		for title, c := range map[string]struct {
			as   int64
			like roster.ProjectCopy
			want roster.Kind
		}{
			"an annotator":  {annotator, roster.ProjectCopy{Title: "Mine"}, roster.Forbidden},
			"a short title": {manager, roster.ProjectCopy{Title: "ab"}, roster.Invalid},
			"a foreign workspace": {manager, roster.ProjectCopy{Title: "Theirs", WorkspaceID: w.Workspace("Theirs")},
				roster.Invalid},
			"an unknown workspace": {manager, roster.ProjectCopy{Title: "Nowhere", WorkspaceID: 1000}, roster.Invalid},
		} {
			_, _, err := w.App.DuplicateProject(w.As(c.as), p, c.like)
			wantKind(t, title, err, c.want)
		}
		_, _, err = w.App.DuplicateProject(w.As(w.Person("MA")), p, roster.ProjectCopy{Title: "Unseen"})
		wantKind(t, "a project out of sight", err, roster.NotFound)
	})
}
