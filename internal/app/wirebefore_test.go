package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
)

// TestTasksAndSettingsOfBefore: a store of an older Roster opens with no hotkeys of
// projects and no history of settings, keeps both from then on, and records whose
// tasks are deleted that were given out before.
func TestTasksAndSettingsOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		const project, manager, annotator = 1001, 1004, 1008
		a, owner := w.App, w.As(w.Owner)
		users, err := annotators(a, owner, project)
		if err != nil || len(users) != 9 {
			t.Errorf("%d can be assigned: %v", len(users), err)
		}
		keys, err := a.ProjectHotkeys(owner, project)
		if err != nil || keys != "" {
			t.Errorf("hotkeys %q %v", keys, err)
		}
		must(t, a.SetProjectHotkeys(owner, project, `{"a":1}`))
		if keys, err = a.ProjectHotkeys(owner, project); err != nil || keys != `{"a":1}` {
			t.Errorf("hotkeys %q %v", keys, err)
		}
		must(t, w.DB.SetMappings(t.Context(), 1001, roster.MappingSCIM, roster.SCIMRole, []roster.SCIMMapping{
			{Kind: roster.SCIMRole, Role: "AN", Title: "AN", Group: "people"},
		}))
		_, err = a.SetSCIMMappings(owner, map[roster.SCIMTarget][]roster.SCIMMapping{roster.SCIMRole: nil})
		must(t, err)
		changes, total, err := a.SettingsHistory(owner, 1001, roster.MappingSCIM, roster.HistoryFilter{}, roster.Everything)
		if err != nil || total != 1 || changes[0].Previous != roster.StateActive || changes[0].State != roster.StateRemoved {
			t.Errorf("%+v %v", changes, err)
		}
		op, err := a.DeleteEveryTask(owner, project)
		must(t, err)
		_, counts, err := a.Operation(owner, op)
		if err != nil || counts[roster.TasksDeleted] != 2 {
			t.Errorf("%v %v", counts, err)
		}
		outcomes, err := a.Outcomes(owner, op, roster.Everything)
		if err != nil || len(outcomes) != 2 || outcomes[0].UserID != manager || outcomes[1].UserID != annotator {
			t.Errorf("%v %v", outcomes, err)
		}
	})
}
