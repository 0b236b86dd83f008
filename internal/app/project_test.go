package app_test

import (
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestProjectChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager := w.Person("MA")
		made, err := w.App.CreateProject(w.As(manager),
			roster.ProjectPatch{Title: ptr("  Attic "), Settings: map[string]any{"a": 1, "b": "x"}})
		if err != nil || made.Title != "Attic" || made.CreatedBy.ID != manager || made.WorkspaceID != 0 {
			t.Fatalf("%+v %v", made, err)
		}
		at := w.Clock
		changed, _, err := w.App.UpdateProject(w.As(manager), made.ID, roster.ProjectPatch{
			Description: ptr("Up there"), Archived: ptr(true), PinnedAt: &at, TaskDistribution: ptr(roster.AssignedOnly),
			Settings: map[string]any{"a": nil, "c": true},
		}, 0)
		if err != nil || changed.Title != "Attic" || changed.Description != "Up there" || !changed.Archived ||
			!changed.PinnedAt.Equal(at) || changed.TaskDistribution != roster.AssignedOnly ||
			changed.Settings != `{"b":"x","c":true}` {
			t.Fatalf("%+v %v", changed, err)
		}
		for _, title := range []string{"ab", "  a  ", strings.Repeat("é", 51), "con\x01trol"} {
			_, _, err := w.App.UpdateProject(w.As(manager), made.ID, roster.ProjectPatch{Title: &title}, 0)
			wantKind(t, title, err, roster.Invalid)
		}
		if _, _, err := w.App.UpdateProject(w.As(manager), made.ID,
			roster.ProjectPatch{Title: ptr(strings.Repeat("é", 50))}, 0); err != nil {
			t.Errorf("50 characters: %v", err)
		}
	})
}

func TestProjectIntoWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, reader := w.Person("MA"), w.Person("AN")
		ours, theirs := w.Workspace("Ours"), w.Workspace("Theirs")
		joined(w, ours, manager, reader)
		made, err := w.App.CreateProject(w.As(manager), roster.ProjectPatch{WorkspaceID: &ours})
		if err != nil || made.WorkspaceTitle != "Ours" {
			t.Fatal(made, err)
		}
		for _, workspace := range []int64{theirs, 9999} {
			_, err := w.App.CreateProject(w.As(manager), roster.ProjectPatch{WorkspaceID: &workspace})
			wantKind(t, "create", err, roster.Invalid)
			_, _, err = w.App.UpdateProject(w.As(manager), made.ID, roster.ProjectPatch{WorkspaceID: &workspace}, 0)
			wantKind(t, "move", err, roster.Invalid)
		}
		_, _, err = w.App.UpdateProject(w.As(reader), made.ID, roster.ProjectPatch{Title: ptr("Mine")}, 0)
		wantKind(t, "an annotator", err, roster.Forbidden)
		_, err = w.App.AddProject(w.As(manager), ours, 9999)
		wantKind(t, "no such project", err, roster.Invalid)
		same, op, err := w.App.UpdateProject(w.As(manager), made.ID, roster.ProjectPatch{WorkspaceID: &ours}, 0)
		if err != nil || op != 0 || same.WorkspaceID != ours {
			t.Errorf("to where it is: %+v %d %v", same, op, err)
		}
	})
}

// TestProjectList: what each person sees of which projects.
func TestProjectList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		signs, walks, lost := w.Project("Street signs", space), w.Project("Crosswalks", 0), w.Project("Lost", 0)
		manager, reader, off := w.Person("MA"), w.Person("AN"), w.Person("AN")
		joined(w, space, manager)
		w.Assign(signs, reader, off)
		w.Assign(walks, manager, reader)
		madeTasks(w, walks, 3)
		deactivated(w, off)
		if err := w.App.DeleteProject(w.As(w.Owner), lost); err != nil {
			t.Fatal(err)
		}
		see := func(user int64, f roster.ProjectFilter) []string {
			t.Helper()
			views, total, err := w.App.Projects(w.As(user), f, roster.Page{Number: 1, Size: 10, Order: "id"}, 1)
			if err != nil || total != len(views) {
				t.Fatal(total, len(views), err)
			}
			var titles []string
			for _, v := range views {
				titles = append(titles, v.Title)
			}
			return titles
		}
		for user, want := range map[int64][]string{
			w.Owner: {"Street signs", "Crosswalks"}, manager: {"Street signs", "Crosswalks"},
			reader: {"Street signs", "Crosswalks"}, w.Person("RE"): nil,
		} {
			if got := see(user, roster.ProjectFilter{}); !slices.Equal(got, want) {
				t.Errorf("person %d sees %v, want %v", user, got, want)
			}
		}
		for name, c := range map[string]struct {
			f    roster.ProjectFilter
			want []string
		}{
			"ids":       {roster.ProjectFilter{IDs: []int64{walks, lost}}, []string{"Crosswalks"}},
			"search":    {roster.ProjectFilter{Search: "SIGNS street"}, []string{"Street signs"}},
			"title":     {roster.ProjectFilter{Title: "WALKS"}, []string{"Crosswalks"}},
			"workspace": {roster.ProjectFilter{Workspaces: []int64{space}}, []string{"Street signs"}},
			"archived":  {roster.ProjectFilter{Archived: ptr(true)}, nil},
			"pinned":    {roster.ProjectFilter{Pinned: ptr(false)}, []string{"Street signs", "Crosswalks"}},
		} {
			if got := see(w.Owner, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		views, _, err := w.App.Projects(w.As(manager), roster.ProjectFilter{},
			roster.Page{Number: 1, Size: 10, Order: "id"}, 1)
		if err != nil || views[0].MembersCount != 1 || views[1].MembersCount != 2 || views[1].TaskCount != 3 {
			t.Fatalf("counts: %+v %v", views, err)
		}
		if len(views[0].Members) != 1 || views[0].Members[0].ID != reader || len(views[1].Members) != 1 ||
			views[1].Members[0].ID != manager {
			t.Errorf("first members: %+v / %+v", views[0].Members, views[1].Members)
		}
		if !slices.Contains(views[0].Permissions, "projects.members") ||
			slices.Contains(views[0].Permissions, "projects.create") {
			t.Errorf("a manager may: %v", views[0].Permissions)
		}
		mine, err := w.App.Project(w.As(reader), signs, 10)
		if err != nil || mine.Members != nil || !slices.Equal(mine.Permissions, []string{"projects.view", "tasks.view"}) {
			t.Errorf("an annotator sees %+v, may %v: %v", mine.Members, mine.Permissions, err)
		}
		all, err := w.App.Project(w.As(w.Owner), walks, 10)
		if err != nil || len(all.Members) != 2 {
			t.Errorf("all members: %+v %v", all.Members, err)
		}
		in, err := w.App.WorkspaceProjects(w.As(manager), space)
		if err != nil || len(in) != 1 || in[0].ID != signs {
			t.Errorf("in the workspace: %+v %v", in, err)
		}
	})
}
