package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestAnAnnotatorWatchesNobody: whoever may not list people is told by name who is in a
// workspace of theirs, and neither their e-mail nor when they were active.
func TestAnAnnotatorWatchesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, annotator, other, manager := w.Workspace("Vision"), w.Person("AN"), w.Person("AN"), w.Person("MA")
		_, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{annotator, other, manager}})
		must(t, err)
		must(t, db.TouchUser(t.Context(), other, w.Clock))
		must(t, db.TouchUser(t.Context(), annotator, w.Clock))
		for viewer, watches := range map[int64]bool{annotator: false, manager: true} {
			members, _, err := w.App.WorkspaceMembers(w.As(viewer), space, roster.MemberFilter{}, roster.Everything)
			must(t, err)
			for _, m := range members {
				told := m.User.Email != "" || !m.User.LastActivity.IsZero()
				if m.User.ID == other && told != watches || m.User.Name() == "" {
					t.Errorf("%d is told %+v", viewer, m.User)
				}
				if m.User.ID == viewer && viewer == annotator && m.User.LastActivity.IsZero() {
					t.Error("not even their own")
				}
			}
		}
	})
}
