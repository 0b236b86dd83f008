package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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
		id, err = tx.BeginOperation(ctx, roster.Operation{OrganizationID: 1, Kind: roster.OpUnassign, ActorID: 1,
			Credential: "token", At: time.Unix(1, 0)})
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
	}{{storetest.Severed, true}, {storetest.Lost, false}} {
		ctx := roster.WithRequest(t.Context(), new(roster.Request))
		wire.Next(c.fate)
		id, err := recorded(ctx, db)
		_, missing := whole.Operation(ctx, id)
		if kept := missing == nil; kept != c.kept || (err == nil) != c.kept || !c.kept && roster.KindOf(err) != roster.Busy {
			t.Errorf("%v, recorded: %v, and it is there: %v", c.fate, err, kept)
		}
		facts := roster.RequestIn(ctx).Facts()
		if op, changed := facts.Operation, facts.Changed; changed != c.kept || changed && op != id {
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
	for name, fate := range map[string]storetest.Fate{
		"the server is gone": storetest.Gone, "its standbys did not confirm": storetest.Unconfirmed,
		"nor did the answer come": storetest.Doubtful,
	} {
		t.Run(name, func(t *testing.T) {
			store.LookUpFor(200 * time.Millisecond)
			defer store.LookUpFor(0)
			db, whole, wire := breakable(t)
			wire.Next(fate)
			id, err := recorded(t.Context(), db)
			if roster.KindOf(err) != roster.Unconfirmed ||
				!strings.Contains(err.Error(),
					fmt.Sprintf("operation %d of 1970-01-01 00:00:01.000000 UTC (GET /api/roster/operations/%[1]d/)", id)) ||
				strings.Contains(err.Error(), "othing was changed") {
				t.Error(err)
			}
			if _, err := whole.Operation(t.Context(), id); err != nil {
				t.Error("it was not kept, so this is about nothing:", err)
			}
		})
	}
}

// TestOneStatementIsATransaction: what became of a statement outside of a transaction is
// told as truly.
func TestOneStatementIsATransaction(t *testing.T) {
	db, whole, wire := breakable(t)
	org, err := whole.CreateOrganization(t.Context(),
		roster.Organization{Title: "Acme", DefaultRole: roster.RoleAnnotator, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	user, err := whole.CreateUser(t.Context(), roster.NewUser{Email: "ana@example.com", Username: "ana"}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []struct {
		name string
		run  func(db *store.DB) error
	}{
		{"changes rows", func(db *store.DB) error { return db.SetSetting(t.Context(), "x", []byte("y")) }},
		{"makes a row", func(db *store.DB) error {
			_, err := db.CreateTagImport(t.Context(), roster.TagImport{OrganizationID: org, CreatedBy: user,
				CreatedAt: now}, nil)
			return err
		}},
		{"takes a row", func(db *store.DB) error { _, _, err := db.TakeTagImport(t.Context()); return err }},
	} {
		for _, fate := range []storetest.Fate{storetest.Lost, storetest.Severed} {
			wire.Next(fate)
			if err := statement.run(db); (err == nil) != (fate == storetest.Severed) || err != nil &&
				roster.KindOf(err) != roster.Busy {
				t.Errorf("one that %s, %v: %v", statement.name, fate, err)
			}
		}
	}
	if _, _, err := whole.TakeTagImport(t.Context()); roster.KindOf(err) != roster.NotFound {
		t.Error("it was not taken:", err)
	}
}

// TestLookUpWaitsForNobody: what became of a lost COMMIT is found out while every
// connection for writing is taken.
func TestLookUpWaitsForNobody(t *testing.T) {
	store.LookUpFor(2 * time.Second)
	defer store.LookUpFor(0)
	db, _, wire := breakable(t)
	var others sync.WaitGroup
	held, end := make(chan struct{}), make(chan struct{})
	hold := func() {
		err := db.Update(t.Context(), func(*store.DB) error { held <- struct{}{}; <-end; return nil })
		if err != nil {
			t.Error(err)
		}
	}
	for range db.Writers() - 1 {
		others.Go(hold)
		<-held
	}
	err := db.Update(t.Context(), func(tx *store.DB) error {
		_, err := tx.BeginOperation(t.Context(), roster.Operation{OrganizationID: 1, Kind: roster.OpUnassign,
			ActorID: 1, At: now})
		others.Go(hold) // gets the connection that is lost
		for db.WaitingWriters() == 0 {
		}
		go func() { <-held }()
		wire.Next(storetest.Severed)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	close(end)
	others.Wait()
}

// TestDoubtIsOfOneCommit: that the standbys did not confirm one change is said of no other.
func TestDoubtIsOfOneCommit(t *testing.T) {
	db, _, wire := breakable(t)
	for range 20 {
		wire.Warn()
		if err := db.TouchUser(t.Context(), 1, now); err != nil { // which does not ask
			t.Fatal(err)
		}
		if _, err := recorded(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRefusals: only what a server says of a transaction is an answer to its COMMIT.
func TestRefusals(t *testing.T) {
	for code, refused := range map[string]bool{
		"23505": true, "40001": true, "53100": true, "08006": false, "08P01": false, "57014": false, "57P01": false,
	} {
		if got := store.IsRefusal(&pgconn.PgError{Code: code, SeverityUnlocalized: "ERROR"}); got != refused {
			t.Errorf("%s: %v", code, got)
		}
	}
	if store.IsRefusal(&pgconn.PgError{Code: "40001", SeverityUnlocalized: "FATAL"}) {
		t.Error("a connection that the server ended says nothing of its COMMIT")
	}
}

// TestAnotherServer: the number of a transaction is believed of the server only that gave it.
func TestAnotherServer(t *testing.T) {
	for name, forge := range map[string]func(*store.DB){
		"another took its place": func(tx *store.DB) { tx.Serial("another server") },
		"nobody says":            func(tx *store.DB) { tx.Unasked() },
	} {
		db, _, wire := breakable(t)
		if _, err := recorded(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		err := db.Update(t.Context(), func(tx *store.DB) error {
			forge(tx)
			wire.Next(storetest.Severed)
			return tx.AddActivities(t.Context(), []roster.Activity{{At: now, Method: "GET", URL: "/", Status: 200}})
		})
		if roster.KindOf(err) != roster.Unconfirmed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDeadlineWithin: a transaction that takes too long is busy, whatever it was doing.
func TestDeadlineWithin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := store.WithPatience(t.Context(), 50*time.Millisecond)
		doing := map[string]func(tx *store.DB) error{
			"asking":   func(tx *store.DB) error { return tx.Forever(ctx) },
			"changing": func(tx *store.DB) error { return tx.ChangeForever(ctx) },
			"thinking": func(tx *store.DB) error { <-tx.Over(); return nil },
			"late": func(tx *store.DB) error {
				<-tx.Over()
				_, err := tx.SchemaVersion(ctx)
				return err
			},
		}
		for name, do := range doing {
			if err := db.Update(ctx, do); roster.KindOf(err) != roster.Busy ||
				!strings.Contains(err.Error(), "Nothing was changed") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := db.View(ctx, doing["asking"]); roster.KindOf(err) != roster.Busy {
			t.Error("one state:", err)
		}
		if err := db.Forever(ctx); roster.KindOf(err) != roster.Busy {
			t.Error("one question:", err)
		}
	})
}

// TestCommitIsNotCancelled: whoever hangs up while COMMIT is under way does not undo it.
func TestCommitIsNotCancelled(t *testing.T) {
	db, whole, wire := breakable(t)
	ctx, hangUp := context.WithCancel(t.Context())
	var id int64
	var release func()
	err := db.Update(ctx, func(tx *store.DB) (err error) {
		id, err = tx.BeginOperation(ctx, roster.Operation{OrganizationID: 1, Kind: roster.OpUnassign, ActorID: 1,
			At: time.Unix(1, 0)})
		release = wire.Hold()
		go func() {
			// until it is kept
			for _, err := whole.Operation(t.Context(), id); err != nil; _, err = whole.Operation(t.Context(), id) {
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
	if _, err := recorded(ctx, db); roster.KindOf(err) != roster.Busy ||
		!strings.Contains(err.Error(), "Nothing was changed") {
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
