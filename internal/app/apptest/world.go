// Package apptest builds small worlds for tests: an organization with people
// in it, on a real store, with a clock that stands still.
package apptest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// World is an organization to test in.
type World struct {
	T     testing.TB
	DB    *store.DB
	App   *app.App
	Clock time.Time // moved by hand only
	Org   int64
	Owner int64
	made  int
}

// New makes an organization with an owner and nobody else.
func New(t testing.TB, db *store.DB) *World {
	t.Helper()
	return over(t, db, func(w *World) {
		_, err := w.App.Setup(context.Background(), "Acme",
			roster.NewUser{Email: "owner@example.com", FirstName: "Olga", LastName: "Owner"})
		w.ok(err)
	})
}

// Before runs fn on the world of a store of every engine that an older Roster left, opened
// by this one: storetest's before.sql says who is in it.
func Before(t *testing.T, fn func(t *testing.T, w *World)) {
	t.Helper()
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) { fn(t, Opened(t, db)) })
}

// Opened opens a store that an older Roster left.
func Opened(t testing.TB, db *store.DB) *World {
	t.Helper()
	return over(t, db, func(w *World) {
		_, err := db.Migrate(context.Background())
		w.ok(err)
	})
}

// over is the world of a store, once begin has made it one.
func over(t testing.TB, db *store.DB, begin func(w *World)) *World {
	t.Helper()
	w := &World{T: t, DB: db, Clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.App = w.Configured(func(*core.Config) {})
	begin(w)
	who, err := w.App.Owner(context.Background())
	w.ok(err)
	w.Org, w.Owner = who.OrganizationID, who.UserID
	return w
}

// Configured is another Roster on the same store, with a configuration of its own: as set
// makes it of the usual one, by the world's clock.
func (w *World) Configured(set func(c *core.Config)) *app.App {
	w.T.Helper()
	config := core.DefaultConfig()
	config.Now = func() time.Time { return w.Clock }
	config.SeenTimeout = time.Minute // a busy machine loses nothing that a test looks for
	set(&config)
	a, err := app.New(w.DB, config, []byte("a secret for tests"))
	w.ok(err)
	return a
}

// Swept is the world a day later, and swept, as by a server that ran all the time.
func (w *World) Swept() {
	w.T.Helper()
	w.Clock = w.Clock.Add(24 * time.Hour)
	w.ok(w.DB.SetSetting(context.Background(), store.SweptSetting, strconv.AppendInt(nil, w.Clock.UnixMicro(), 10)))
	w.ok(w.App.Sweep(context.Background()))
}

// Person adds somebody with an organization role.
func (w *World) Person(role roster.Role) int64 {
	w.T.Helper()
	w.made++
	return w.PersonNamed(roster.NewUser{
		Email: fmt.Sprintf("person%d@example.com", w.made), FirstName: fmt.Sprintf("First%d", w.made),
		LastName: fmt.Sprintf("Last%d", w.made), Role: role,
	})
}

// PersonNamed adds somebody in full.
func (w *World) PersonNamed(n roster.NewUser) int64 {
	w.T.Helper()
	ctx := context.Background()
	if n.Username == "" {
		n.Username = n.Email
	}
	if n.UserType == "" {
		n.UserType = roster.SeatStandard
	}
	id, err := w.DB.CreateUser(ctx, n, "", w.Clock)
	w.ok(err)
	w.ok(w.DB.SetActiveOrganization(ctx, id, w.Org))
	w.ok(w.DB.AddOrganizationMember(ctx, roster.OrganizationMembership{
		OrganizationID: w.Org, UserID: id, Role: n.Role, UserType: n.UserType, CreatedAt: w.Clock,
	}))
	return id
}

// Project adds a project made by the owner, in a workspace or in none (0).
func (w *World) Project(title string, workspace int64) int64 {
	w.T.Helper()
	id, err := w.DB.CreateProject(context.Background(), roster.Project{
		OrganizationID: w.Org, WorkspaceID: workspace, Title: title, CreatedBy: roster.User{ID: w.Owner},
		TaskDistribution: roster.AutoDistribution,
	}, w.Clock)
	w.ok(err)
	return id
}

// Workspace adds a workspace made by the owner.
func (w *World) Workspace(title string) int64 {
	w.T.Helper()
	id, err := w.DB.CreateWorkspace(context.Background(), roster.Workspace{OrganizationID: w.Org, Title: title,
		CreatedBy: w.Owner}, w.Clock)
	w.ok(err)
	return id
}

// Tag adds a tag.
func (w *World) Tag(label string) int64 {
	w.T.Helper()
	t, err := w.App.CreateTag(w.As(w.Owner), w.Org, label)
	w.ok(err)
	return t.ID
}

// As is a context in which the given person acts.
func (w *World) As(user int64) context.Context {
	w.T.Helper()
	who, err := w.DB.ActorByUser(context.Background(), user)
	w.ok(err)
	who.Credential = roster.CredentialToken
	return roster.WithActor(context.Background(), who)
}

// Assign makes people explicit members of a project.
func (w *World) Assign(project int64, users ...int64) int64 {
	w.T.Helper()
	done, err := w.App.AssignMembers(w.As(w.Owner), project, roster.Selector{Included: users}, nil)
	w.ok(err)
	return done.Operation
}

// Overlapping runs second while the transaction of first is open, waits until it is in the
// way of first or done, and returns what first came to, and what second did. On SQLite
// second waits for its turn.
func (w *World) Overlapping(first func(tx *app.App) error, second func() error) (one, two error) {
	w.T.Helper()
	done := make(chan struct{})
	one = w.App.Update(context.Background(), func(tx *app.App) error {
		if err := first(tx); err != nil {
			close(done)
			return err
		}
		go func() { two = second(); close(done) }()
		if beside := storetest.Beside(w.T, w.DB); beside != nil {
			storetest.AwaitBlocked(w.T, w.DB, beside, 1, done)
		}
		return nil
	})
	<-done
	return one, two
}

// Explicit is the ids of the explicit members, deactivated ones too.
func (w *World) Explicit(project int64) []int64 {
	w.T.Helper()
	members, _, err := w.App.Members(w.As(w.Owner), project, roster.MemberFilter{Access: roster.ExplicitAccess,
		WithInactive: true}, roster.Everything)
	w.ok(err)
	ids := []int64{}
	for _, m := range members {
		if !m.Membership.Deleted() {
			ids = append(ids, m.User.ID)
		}
	}
	return ids
}

func (w *World) ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
