package app_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// conflicting is a world, another App on its store, and the way of that to it.
func conflicting(t *testing.T) (w *apptest.World, other *app.App, wire *storetest.Wire) {
	t.Helper()
	url := storetest.PostgresURL(t)
	open := func(url string) *store.DB {
		db, err := store.OpenURL(url)
		must(t, err)
		t.Cleanup(func() { db.Close() })
		return db
	}
	whole := open(url)
	_, err := whole.Migrate(t.Context())
	must(t, err)
	w = apptest.New(t, whole)
	wire = storetest.NewWire(t, url)
	config := core.DefaultConfig()
	config.Now = func() time.Time { return w.Clock }
	other, err = app.New(open(wire.URL), config, []byte("a secret for tests"))
	must(t, err)
	return w, other, wire
}

// TestDoneAgain: a transaction that is done again, because another was in its way, is done
// as if for the first time, and answers for nothing that was taken back.
func TestDoneAgain(t *testing.T) {
	w, other, wire := conflicting(t)
	as := w.As(w.Owner)
	for name, what := range map[string]func(t *testing.T) (between func() error, then func()){
		"a project moves": func(t *testing.T) (func() error, func()) {
			space, project := w.Workspace("Vision"), w.Project("Signs", 0)
			move := func(a *app.App) (int64, error) {
				_, op, err := a.UpdateProject(as, project, roster.ProjectPatch{WorkspaceID: &space}, 0)
				return op, err
			}
			return func() error { _, err := move(w.App); return err }, func() {
				if op, err := move(other); op != 0 || err != nil {
					t.Errorf("it was moved by operation %d: %v", op, err)
				}
			}
		},
		"tags are deleted": func(t *testing.T) (func() error, func()) {
			tag, err := w.App.CreateTag(as, w.Org, "Night shift")
			must(t, err)
			return func() error { _, _, err := w.App.DeleteTags(as, w.Org, []int64{tag.ID}); return err }, func() {
				if n, op, err := other.DeleteTags(as, w.Org, []int64{tag.ID}); n != 0 || op != 0 || err != nil {
					t.Errorf("%d are deleted by operation %d: %v", n, op, err)
				}
			}
		},
		"somebody is added": func(t *testing.T) (func() error, func()) {
			project, person := w.Project("Signs", 0), w.Person("AN")
			return func() error {
					_, _, err := w.App.ChangeMembership(as, w.Org, person, roster.MembershipChange{Role: roster.RoleDeactivated})
					return err
				}, func() {
					if done, err := other.AddMember(as, project, person); done.Operation != 0 || done.Count != 0 ||
						len(done.Skipped) != 1 || err != nil {
						t.Errorf("%+v %v", done, err)
					}
				}
		},
		"tags are given": func(t *testing.T) (func() error, func()) {
			person := w.Person("RE")
			tag, err := w.App.CreateTag(as, w.Org, "Early shift")
			must(t, err)
			all := roster.Selector{All: true, Filter: roster.MemberFilter{Roles: []roster.Role{"RE"}}}
			return func() error { _, err := w.App.RemoveFromOrganization(as, w.Org, person); return err }, func() {
				done, err := other.AssignTags(as, w.Org, roster.TagAssignment{Selector: all, Tags: []int64{tag.ID}})
				if done.Operation != 0 || done.Count != 0 || err != nil {
					t.Errorf("%+v %v", done, err)
				}
			}
		},
		"somebody is made": func(t *testing.T) (func() error, func()) {
			return func() error { _, err := w.App.SetDefaultRole(as, w.Org, "NO"); return err }, func() {
				u, err := other.CreateUser(as, roster.NewUser{Email: "new@example.com", Username: "new"})
				must(t, err)
				if m, err := w.DB.Membership(t.Context(), w.Org, u.ID); err != nil || m.Role != "NO" {
					t.Errorf("made as %s %v", m.Role, err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			between, then := what(t)
			wire.Conflict(func() {
				if err := between(); err != nil {
					t.Error(err)
				}
			})
			then()
		})
	}
}

// TestDisabledStaysSo: who changes a thing that was disabled does not enable it, however
// often that has to be done.
func TestDisabledStaysSo(t *testing.T) {
	w, other, wire := conflicting(t)
	maker, project := w.Person("MA"), w.Project("Signs", 0)
	w.Assign(project, maker)
	hook := roster.Made{Kind: roster.MadeWebhook, ProjectID: project, UpstreamID: 901,
		Location: "https://maker.example.com", Works: true}
	must(t, w.App.KeepMade(w.As(maker), hook, true, true))
	hook, err := w.DB.MadeThing(t.Context(), hook.Kind, hook.Type, hook.UpstreamID)
	must(t, err)
	_, err = w.App.SwitchMade(w.As(w.Owner), project, hook.ID, roster.MadeDisable)
	must(t, err)
	hook.Works = false // as Label Studio says
	wire.Conflict(func() {})
	must(t, other.KeepMade(w.As(w.Owner), hook, false, false))
	if is, err := w.DB.MadeThing(t.Context(), hook.Kind, hook.Type, hook.UpstreamID); err != nil || !is.Disabled ||
		is.MakerID != maker {
		t.Errorf("%+v %v", is, err)
	}
}
