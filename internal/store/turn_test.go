package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// twoProjects is an organization's.
func twoProjects(t *testing.T, db *store.DB) (ids [2]int64) {
	t.Helper()
	user, err := db.CreateUser(t.Context(), roster.NewUser{Email: "owner@example.com", Username: "owner"}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	org, err := db.CreateOrganization(t.Context(), roster.Organization{
		Title: "Acme", DefaultRole: roster.RoleAnnotator, CreatedBy: user, CreatedAt: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range ids {
		if ids[i], err = db.CreateProject(t.Context(), roster.Project{
			OrganizationID: org, Title: "Signs", CreatedBy: roster.User{ID: user},
		}, now); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// locking is a change of a project.
func locking(ctx context.Context, db *store.DB, project int64) error {
	return db.Update(ctx, func(tx *store.DB) error { _, err := tx.LockProject(ctx, project); return err })
}

// tagging is a change of an organization's tags.
func tagging(ctx context.Context, db *store.DB, organization int64) error {
	return db.Update(ctx, func(tx *store.DB) error { _, err := tx.LockTags(ctx, organization); return err })
}

// changingMany is a change of many people of an organization.
func changingMany(ctx context.Context, db *store.DB, organization, user int64) error {
	return db.Update(ctx, func(tx *store.DB) error {
		_, err := tx.LockMemberships(ctx, organization, []int64{user})
		return err
	})
}

// TestStuckWriter: of a thousand changes of one project, of the tags or of people, that somebody
// holds, a bounded number waits, without a connection each, and the others are told to come
// again; what is read and changed elsewhere is done while none of them is.
func TestStuckWriter(t *testing.T) {
	for name, change := range map[string]func(ctx context.Context, db *store.DB, project roster.Project) error{
		"a project": func(ctx context.Context, db *store.DB, p roster.Project) error { return locking(ctx, db, p.ID) },
		"tags": func(ctx context.Context, db *store.DB, p roster.Project) error {
			return tagging(ctx, db, p.OrganizationID)
		},
		"people": func(ctx context.Context, db *store.DB, p roster.Project) error {
			return changingMany(ctx, db, p.OrganizationID, p.CreatedBy.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, outside, _ := breakable(t)
			projects := twoProjects(t, outside)
			p, err := outside.Project(t.Context(), projects[0])
			if err != nil {
				t.Fatal(err)
			}
			member := roster.OrganizationMembership{OrganizationID: p.OrganizationID, UserID: p.CreatedBy.ID, Role: "OW",
				CreatedAt: now}
			if err := outside.AddOrganizationMember(t.Context(), member); err != nil {
				t.Fatal(err)
			}
			if _, err := outside.CreateTag(t.Context(), p.OrganizationID, p.CreatedBy.ID, "night", now); err != nil {
				t.Fatal(err)
			}
			stuck := func(ctx context.Context, db *store.DB) error { return change(ctx, db, p) }
			wantOthersDone(t, db, outside, stuck, projects[1])
		})
	}
}

// wantOthersDone makes a thousand changes of what is held outside, and meanwhile one of
// another project.
func wantOthersDone(t *testing.T, db, outside *store.DB, stuck func(context.Context, *store.DB) error, other int64) {
	t.Helper()
	release := make(chan struct{})
	var all sync.WaitGroup
	var done atomic.Int64
	refused := make(chan error, 1000)
	err := outside.Update(t.Context(), func(tx *store.DB) error {
		if err := stuck(t.Context(), tx); err != nil {
			return err
		}
		for range 1000 {
			all.Go(func() {
				if err := stuck(t.Context(), db); err != nil {
					refused <- err
					return
				}
				done.Add(1)
				<-release
			})
		}
		for range 1000 - 1 - store.MostWaiting {
			if err := <-refused; roster.KindOf(err) != roster.Busy {
				t.Error(err)
			}
		}
		if err := locking(t.Context(), db, other); err != nil {
			t.Error(err)
		}
		if _, err := db.Project(t.Context(), other); err != nil {
			t.Error(err)
		}
		if done.Load() > 0 {
			t.Error("nothing was stuck, so this is about nothing")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	close(release)
	all.Wait()
	if done.Load() != 1+store.MostWaiting || db.Lanes() != 0 {
		t.Errorf("%d of them waited, and %d lanes are still taken", done.Load(), db.Lanes())
	}
}

// TestWaitingEnds: who hangs up or has waited long enough waits no more, and holds
// nobody's lane.
func TestWaitingEnds(t *testing.T) {
	db := storetest.Postgres(t)
	projects := twoProjects(t, db)
	err := db.Update(t.Context(), func(tx *store.DB) error {
		if _, err := tx.LockProject(t.Context(), projects[0]); err != nil {
			return err
		}
		gone, hangUp := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, hangUp)
		if err := locking(gone, db, projects[0]); !errors.Is(err, context.Canceled) {
			t.Error("who hung up:", err)
		}
		if err := locking(store.WithPatience(t.Context(), 50*time.Millisecond), db,
			projects[0]); roster.KindOf(err) != roster.Busy {
			t.Error("who waited long enough:", err)
		}
		return locking(t.Context(), tx, projects[0]) // it has it already
	})
	if err != nil || db.Lanes() != 0 {
		t.Error(db.Lanes(), err)
	}
}

// TestConflictIsRepeated: transactions that wait for each other are both done in the end.
func TestConflictIsRepeated(t *testing.T) {
	db := storetest.Postgres(t)
	names := []string{"a", "b"}
	var all, met sync.WaitGroup
	met.Add(2)
	var runs atomic.Int64
	for i := range names {
		all.Go(func() {
			meet := sync.OnceFunc(func() { met.Done(); met.Wait() })
			err := db.Update(t.Context(), func(tx *store.DB) error {
				runs.Add(1)
				if err := tx.SetSetting(t.Context(), names[i], []byte("x")); err != nil {
					return err
				}
				meet()
				return tx.SetSetting(t.Context(), names[1-i], []byte("y"))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if runs.Load() < 3 { // more where the one that is done again is faster than the one it gave way to
		t.Errorf("the two ran %d times in all", runs.Load())
	}
}

// TestGuard: the server itself bounds each transaction of a request, and leaves one that
// may take long its time; what the role says holds.
func TestGuard(t *testing.T) {
	db := storetest.Postgres(t)
	read := func(ctx context.Context) (lock, idle string) {
		err := db.Update(ctx, func(tx *store.DB) error {
			var err, also error
			lock, err = tx.Shown(ctx, "lock_timeout")
			idle, also = tx.Shown(ctx, "idle_in_transaction_session_timeout")
			return errors.Join(err, also)
		})
		if err != nil {
			t.Fatal(err)
		}
		return lock, idle
	}
	if lock, idle := read(store.WithPatience(t.Context(), time.Minute)); lock != "10s" || idle != "1min" {
		t.Error("a request:", lock, idle)
	}
	if lock, idle := read(t.Context()); lock != "0" || idle != "10min" {
		t.Error("a command:", lock, idle)
	}
	if lock, err := db.Shown(t.Context(), "lock_timeout"); err != nil || lock != "0" {
		t.Error("it outlives its transaction:", lock, err)
	}
}

// TestWritersGiveUpTogether: of those who queue for SQLite's lock none waits for the others'
// turns to wait: all give up while it is held.
func TestWritersGiveUpTogether(t *testing.T) {
	db := storetest.SQLite(t)
	back := store.LockFor(50 * time.Millisecond)
	defer back()
	err := db.Update(t.Context(), func(*store.DB) error {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := db.Update(t.Context(), func(*store.DB) error { return nil }); roster.KindOf(err) != roster.Busy {
					t.Error(err)
				}
			})
		}
		all.Wait() // for ever, or not
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
