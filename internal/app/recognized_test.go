package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestStandingComesWithWhoAsks: whatever somebody comes with, the statement that tells who
// they are tells what they are to a project, as it is at that moment: also of the one that
// they have just been taken off, by another server on the same store.
func TestStandingComesWithWhoAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann, project := w.Person("AN"), w.Project("Birds", 0)
		w.Assign(project, ann)
		legacy, err := w.App.ResetMyToken(w.As(ann))
		must(t, err)
		got := access(t, w, personal(t, w, ann).Text)
		other := w.Configured(func(*core.Config) {})
		ways := map[string]func(in *roster.Standing) (roster.Actor, error){
			"legacy": func(in *roster.Standing) (roster.Actor, error) { return w.App.Authenticate(t.Context(), legacy, in) },
			"access": func(in *roster.Standing) (roster.Actor, error) { return w.App.AuthenticateAccess(t.Context(), got, in) },
			"person": func(in *roster.Standing) (roster.Actor, error) {
				return w.App.Recognize(t.Context(), ann, roster.CredentialToken, in)
			},
		}
		check := func(member bool, refused roster.Kind) {
			t.Helper()
			for name, way := range ways {
				at, nowhere := roster.Standing{ProjectID: project}, roster.Standing{ProjectID: 404}
				who, err := way(&at)
				must(t, err)
				alone, err := db.Standing(t.Context(), project, ann)
				must(t, err)
				if at != alone || at.Member() != member {
					t.Errorf("%s: %+v, alone %+v", name, at, alone)
				}
				ctx := roster.WithActor(t.Context(), who)
				if err := w.App.MayAs(ctx, core.AnnotateTasks, at); (err == nil) != member || err != nil &&
					roster.KindOf(err) != refused {
					t.Errorf("%s: %v", name, err)
				}
				if _, err := way(&nowhere); err != nil ||
					roster.KindOf(w.App.MayAs(ctx, core.ViewProject, nowhere)) != roster.NotFound {
					t.Errorf("%s: of no project %+v, %v", name, nowhere, err)
				}
				if err := w.App.MayAs(w.As(w.Owner), core.AnnotateTasks, at); err == nil {
					t.Errorf("%s: somebody else may by it", name)
				}
			}
		}
		check(true, "")
		_, err = other.UnassignMembers(w.As(w.Owner), project, roster.Selector{Included: []int64{ann}}, "")
		must(t, err)
		check(false, roster.NotFound)
	})
}
