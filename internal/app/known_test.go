package app_test

import (
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestAChangeIsKnownAtOnce: what is read within a change is not remembered, however it is
// read: who was just taken off is let in by nothing that comes after.
func TestAChangeIsKnownAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, person := w.Project("Street signs", 0), w.Person("AN")
		w.Assign(project, person)
		owner, theirs := w.As(w.Owner), w.As(person)
		must(t, w.App.Update(owner, func(tx *app.App) error {
			return tx.View(owner, func(in *app.App) error {
				_, err := in.MayInProject(theirs, core.ViewProject, project)
				must(t, err)
				_, err = in.UnassignMembers(owner, project, roster.Selector{Included: []int64{person}}, "")
				must(t, err)
				if _, err := in.MayInProject(theirs, core.ViewProject, project); roster.KindOf(err) != roster.NotFound {
					t.Errorf("somebody who was taken off is let in: %v", err)
				}
				return nil
			})
		}))
	})
}
