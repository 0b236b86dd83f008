package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// breakable is a store whose way to its server can be broken, and the same store
// by another way.
func breakable(t *testing.T) (broken, whole *store.DB, wire *storetest.Wire) {
	t.Helper()
	url := storetest.PostgresURL(t)
	whole, err := store.OpenURL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { whole.Close() })
	if _, err := whole.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wire = storetest.NewWire(t, url)
	broken, err = store.OpenURL(wire.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wire.Close(); broken.Close() })
	return broken, whole, wire
}

// recorded is a change with a record, and its number.
func recorded(ctx context.Context, db *store.DB) (id int64, err error) {
	err = db.Update(ctx, func(tx *store.DB) error {
		id, err = tx.BeginOperation(ctx, roster.Operation{OrganizationID: 1, Kind: roster.OpUnassign, ActorID: 1, Credential: "token", At: time.Unix(1, 0)})
		return err
	})
	return id, err
}

// unrecorded is a change that leaves no record: the rows of a table that nothing refers to.
func unrecorded(ctx context.Context, db *store.DB) error {
	return db.Update(ctx, func(tx *store.DB) error {
		return tx.AddActivities(ctx, []roster.Activity{{At: time.Unix(1, 0), Method: "GET", URL: "/", Status: 200}})
	})
}

// TestCommitIsLookedUp: a connection that is cut after COMMIT was sent tells nothing,
// and the store says what became of it.
func TestCommitIsLookedUp(t *testing.T) {
	db, whole, wire := breakable(t)
	for _, c := range []struct {
		fate storetest.Fate
		kept bool
	}{{storetest.Cut, true}, {storetest.Lost, false}} {
		ctx := roster.WithDone(t.Context())
		wire.Next(c.fate)
		id, err := recorded(ctx, db)
		_, missing := whole.Operation(ctx, id)
		if kept := missing == nil; kept != c.kept || (err == nil) != c.kept || !c.kept && roster.KindOf(err) != roster.Busy {
			t.Errorf("%v, recorded: %v, and it is there: %v", c.fate, err, kept)
		}
		if op, changed := roster.DoneIn(ctx); changed != c.kept || changed && op != id {
			t.Errorf("%v: the request changed something: %v, operation %d", c.fate, changed, op)
		}
		wire.Next(c.fate)
		if err := unrecorded(ctx, db); (err == nil) != c.kept || !c.kept && roster.KindOf(err) != roster.Busy {
			t.Errorf("%v, without a record: %v", c.fate, err)
		}
	}
}

// TestCommitOfWhichNobodyKnows says so, with the operation's number, and never that
// nothing was changed.
func TestCommitOfWhichNobodyKnows(t *testing.T) {
	for name, fate := range map[string]storetest.Fate{"the server is gone": storetest.Gone, "its standbys did not confirm": storetest.Unconfirmed} {
		t.Run(name, func(t *testing.T) {
			store.LookUpFor(200 * time.Millisecond)
			defer store.LookUpFor(0)
			db, whole, wire := breakable(t)
			wire.Next(fate)
			id, err := recorded(t.Context(), db)
			if roster.KindOf(err) != roster.Unconfirmed || !strings.Contains(err.Error(), fmt.Sprintf("operation %d ", id)) || strings.Contains(err.Error(), "othing was changed") {
				t.Error(err)
			}
			if _, err := whole.Operation(t.Context(), id); err != nil {
				t.Error("it was not kept, so this is about nothing:", err)
			}
		})
	}
}

// TestCommitIsNotCancelled: whoever hangs up while COMMIT is under way does not undo it.
func TestCommitIsNotCancelled(t *testing.T) {
	db, whole, wire := breakable(t)
	ctx, hangUp := context.WithCancel(t.Context())
	var id int64
	var release func()
	err := db.Update(ctx, func(tx *store.DB) (err error) {
		id, err = tx.BeginOperation(ctx, roster.Operation{OrganizationID: 1, Kind: roster.OpUnassign, ActorID: 1, At: time.Unix(1, 0)})
		release = wire.Hold()
		go func() {
			for _, err := whole.Operation(t.Context(), id); err != nil; _, err = whole.Operation(t.Context(), id) { // until it is kept
			}
			hangUp()
			release()
		}()
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestBrokenConnections: connections that were broken while nobody used them are
// nobody's error.
func TestBrokenConnections(t *testing.T) {
	db, _, wire := breakable(t)
	for range 3 {
		var all sync.WaitGroup
		failed := make(chan error, 200)
		for range 20 {
			all.Go(func() {
				_, err := db.SchemaVersion(t.Context())
				failed <- errors.Join(err, db.Ping(t.Context()))
				_, err = recorded(t.Context(), db)
				failed <- err
			})
		}
		all.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				t.Error(err)
			}
		}
		wire.Break()
	}
}

// TestSilentStore: a store that does not answer is busy, to whoever has a patience.
func TestSilentStore(t *testing.T) {
	db, _, wire := breakable(t)
	ctx := store.WithPatience(t.Context(), 200*time.Millisecond)
	if _, err := recorded(ctx, db); err != nil {
		t.Fatal(err)
	}
	defer wire.Hold()()
	_, err := db.SchemaVersion(ctx)
	if roster.KindOf(err) != roster.Busy {
		t.Error("reading:", err)
	}
	if _, err := recorded(ctx, db); roster.KindOf(err) != roster.Busy || !strings.Contains(err.Error(), "Nothing was changed") {
		t.Error("changing:", err)
	}
	err = db.View(ctx, func(tx *store.DB) error { _, err := tx.SchemaVersion(ctx); return err })
	if roster.KindOf(err) != roster.Busy {
		t.Error("one state:", err)
	}
}

// TestStoreAway: a server that is not there is busy, and a change did not happen.
func TestStoreAway(t *testing.T) {
	db, _, wire := breakable(t)
	wire.Close()
	_, read := db.SchemaVersion(t.Context())
	_, changed := recorded(t.Context(), db)
	for _, err := range []error{read, changed} {
		if roster.KindOf(err) != roster.Busy {
			t.Error(err)
		}
	}
}

// TestNoRoom: a full disk is said to be one, and changes nothing.
func TestNoRoom(t *testing.T) {
	db := storetest.SQLite(t)
	if err := db.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := db.Update(t.Context(), func(tx *store.DB) error {
		list := make([]roster.Activity, 2000)
		for i := range list {
			list[i] = roster.Activity{At: time.Unix(1, 0), Method: "GET", URL: "/", Status: 200}
		}
		return tx.AddActivities(t.Context(), list)
	})
	if roster.KindOf(err) != roster.Busy || !strings.Contains(err.Error(), "no room") {
		t.Error(err)
	}
}
