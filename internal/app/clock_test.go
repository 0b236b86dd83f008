package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestClockJumps: a clock that was wrong for a while, however much was swept meanwhile, has
// cost nothing once it is right again.
func TestClockJumps(t *testing.T) {
	storetest.Long(t)
	for name, jump := range map[string]time.Duration{
		"hours ahead": 30 * time.Hour, "hours behind": -30 * time.Hour,
		"years ahead": 20 * 365 * 24 * time.Hour, "years behind": -20 * 365 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				must(t, w.App.Sweep(t.Context())) // as a server does when it starts
				intact := before(t, w)
				right := w.Clock
				w.Clock = w.Clock.Add(jump)
				for range 6 { // an hour of sweeps
					must(t, w.App.Sweep(t.Context()))
				}
				w.Clock = right.Add(time.Hour)
				must(t, w.App.Sweep(t.Context()))
				intact()
			})
		})
	}
}

// before makes everything that has an end, and returns what looks whether it is there.
func before(t *testing.T, w *apptest.World) (intact func()) {
	project, ana, as := w.Project("Signs", 0), w.Person("AN"), w.As(w.Owner)
	removed := roster.Selector{Included: []int64{ana}}
	w.Assign(project, ana)
	preview, err := w.App.PreviewUnassign(as, project, removed, 10)
	must(t, err)
	_, email := withPassword(w, "AN")
	session, token := signIn(w, email), personal(t, w, w.Owner)
	_, err = w.App.ClaimKey(as, "a key", []byte("a request"))
	must(t, err)
	ask(w, roster.Activity{URL: "/before"})
	written(w)
	return func() {
		t.Helper()
		if !holds(w, session) {
			t.Error("the session has ended")
		}
		if _, err := w.App.AccessToken(t.Context(), token.Text, ""); err != nil {
			t.Error("the personal access token:", err)
		}
		if _, err := w.App.ClaimKey(as, "a key", []byte("another request")); roster.KindOf(err) != roster.KeyReused {
			t.Error("the idempotency key:", err)
		}
		if n := len(activityURLs(w, roster.ActivityFilter{URL: [][]string{{"/before"}}}, "")); n != 1 {
			t.Errorf("the activity log has %d", n)
		}
		done, err := w.App.UnassignMembers(as, project, removed, preview.Plan)
		must(t, err)
		if _, err := w.App.Undo(as, done.Operation); err != nil {
			t.Error("the undo:", err)
		}
	}
}

// TestClockGoesBack: what was put off or counted under a clock that was ahead does not wait
// until that time comes.
func TestClockGoesBack(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		right, owner := w.Clock, w.As(w.Owner)
		w.Clock = right.Add(20 * time.Hour)
		must(t, w.App.InvitePeople(owner, roster.Invite{Emails: []string{"a@example.com"}, Role: "AN"}))
		var sent int
		post := func(err error) func(context.Context, roster.Mail) error {
			return func(context.Context, roster.Mail) error { sent++; return err }
		}
		_, err := w.App.DeliverMail(t.Context(), post(errors.New("later")))
		must(t, err)
		for range 100 {
			w.App.SignIn(t.Context(), "nobody@example.com", "wrong", "192.0.2.1:1")
		}
		if _, err := w.App.SignIn(t.Context(), "nobody@example.com", "wrong",
			"192.0.2.1:1"); roster.KindOf(err) != roster.TooMany {
			t.Fatal("nobody was held to a rate, so this is about nothing:", err)
		}
		w.Clock = right
		if _, err := w.App.DeliverMail(t.Context(), post(nil)); err != nil || sent != 2 {
			t.Errorf("sent %d times, %v", sent, err)
		}
		if _, err := w.App.SignIn(t.Context(), "nobody@example.com", "wrong",
			"192.0.2.1:1"); roster.KindOf(err) != roster.Unsigned {
			t.Error("who tried to sign in:", err)
		}
	})
}

// TestSweepsGoOn: what has expired is forgotten a day later, by and by also where no server
// ran for a while.
func TestSweepsGoOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		w.App = w.Configured(func(c *core.Config) { c.ActivityRetention = time.Hour })
		must(t, w.App.Sweep(t.Context()))
		ask(w, roster.Activity{URL: "/before"})
		written(w)
		w.Clock = w.Clock.Add(24 * time.Hour)
		must(t, w.App.Sweep(t.Context()))
		if len(activityURLs(w, roster.ActivityFilter{}, "")) != 1 {
			t.Error("it went a day too early")
		}
		w.Clock = w.Clock.Add(5 * time.Hour)
		for range 30 {
			must(t, w.App.Sweep(t.Context()))
		}
		if n := len(activityURLs(w, roster.ActivityFilter{}, "")); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

// TestSweepsGoOnOnceTheClockIsRight: a clock that was behind, also when a store was swept for
// the first time, as that of a computer is which begins in 1970 until it is told the time, does
// not hold up what is forgotten once it is right.
func TestSweepsGoOnOnceTheClockIsRight(t *testing.T) {
	for name, c := range map[string]struct {
		wrong  time.Time
		before bool // it was swept while the clock was right, too
	}{
		"from the beginning": {time.Unix(0, 0), false},
		"in 1970":            {time.Unix(0, 0), true},
		"half a year":        {time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC), true},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				w.App = w.Configured(func(c *core.Config) { c.ActivityRetention = time.Hour })
				sweep := func(times int) {
					for range times {
						must(t, w.App.Sweep(t.Context()))
					}
				}
				right := w.Clock
				if c.before {
					sweep(1)
				}
				w.Clock = c.wrong
				sweep(6)
				w.Clock = right
				ask(w, roster.Activity{URL: "/before"})
				written(w)
				w.Clock = right.Add(29 * time.Hour)
				sweep(40)
				if n := len(activityURLs(w, roster.ActivityFilter{}, "")); n != 0 {
					t.Errorf("%d are left", n)
				}
			})
		})
	}
}
