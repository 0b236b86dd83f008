package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestPreviewWorkspace says project by project who loses access, and what they
// had to do there; and then it comes true.
func TestPreviewWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p, q := w.Project("Street signs", space), w.Project("Faces", space)
		plain, direct, admin, manager := w.Person("AN"), w.Person("AN"), w.Person("AD"), w.Person("MA")
		joined(w, space, plain, direct, admin)
		w.Assign(p, direct)
		_, err := db.LoadTasks(t.Context(), []roster.Task{{ProjectID: q, Data: "{}", CreatedAt: w.Clock, UpdatedAt: w.Clock}})
		must(t, err)
		_, err = w.App.AssignTasks(w.As(w.Owner), q, roster.TaskSelector{All: true}, roster.Annotate, []int64{plain})
		must(t, err)
		everybody := roster.Selector{All: true}
		preview, err := w.App.PreviewWorkspace(w.As(w.Owner), space, everybody, looking(2))
		must(t, err)
		want := []roster.ProjectLoss{
			{Project: roster.ProjectRef{ID: q, Title: "Faces"}, Lost: 2, ByRole: 1, Open: 1},
			{Project: roster.ProjectRef{ID: p, Title: "Street signs"}, Lost: 1, Direct: 1, ByRole: 1},
		}
		if preview.Count != 3 || len(preview.People) != 2 || len(preview.Projects) != 2 ||
			preview.Projects[0] != want[0] || preview.Projects[1] != want[1] {
			t.Errorf("%+v", preview)
		}
		if n, err := w.App.CountInWorkspace(w.As(w.Owner), space,
			roster.Selector{All: true, Excluded: []int64{plain}}); err != nil || n != 2 {
			t.Errorf("counts %d: %v", n, err)
		}
		_, err = w.App.PreviewWorkspace(w.As(plain), space, everybody, looking(2))
		if roster.KindOf(err) != roster.Forbidden {
			t.Errorf("a member who may not: %v", err)
		}
		_, err = w.App.PreviewWorkspace(w.As(manager), space, everybody, looking(2))
		if roster.KindOf(err) != roster.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		_, err = w.App.RemoveFromWorkspace(w.As(w.Owner), space, everybody)
		must(t, err)
		if r := reached(w, plain); len(r) != 0 {
			t.Errorf("still reaches %+v", r)
		}
		if r := reached(w, direct); len(r) != 1 || !r[p].Explicit {
			t.Errorf("reaches %+v", r)
		}
	})
}

// A Manager who picks everybody picks those whom the list showed them.
func TestAssignEverybodyToWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, known := w.Person("MA"), w.Person("AN")
		w.Person("AN")
		w.Assign(w.Project("Shared", 0), manager, known)
		title := "Mine"
		space, _, err := w.App.CreateWorkspace(w.As(manager), roster.WorkspacePatch{Title: &title})
		must(t, err)
		done, err := w.App.AssignToWorkspace(w.As(manager), space.ID, roster.Selector{All: true})
		must(t, err)
		if got := inWorkspace(w, space.ID); len(got) != 3 { // they, the person, and the Owner, who reaches what they do
			t.Errorf("%+v: %v", done, got)
		}
	})
}
