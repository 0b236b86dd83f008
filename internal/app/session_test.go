package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

const password = "correct horse"

// withPassword adds somebody who can sign in.
func withPassword(w *apptest.World, role roster.Role) (id int64, email string) {
	w.T.Helper()
	id = w.Person(role)
	text := password
	_, err := w.App.UpdatePerson(w.As(w.Owner), id, roster.UserPatch{Password: &text})
	must(w.T, err)
	u, err := w.DB.User(context.Background(), id)
	must(w.T, err)
	return id, u.Email
}

func signIn(w *apptest.World, email string) roster.Session {
	w.T.Helper()
	s, err := w.App.SignIn(context.Background(), email, password, "192.0.2.1:1234")
	must(w.T, err)
	return s
}

// holds says whether a session still proves who its person is.
func holds(w *apptest.World, s roster.Session) bool {
	w.T.Helper()
	_, err := w.App.AuthenticateSession(context.Background(), s.Token)
	if err != nil && roster.KindOf(err) != roster.Unsigned {
		w.T.Fatal(err)
	}
	return err == nil
}

func TestSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		id, email := withPassword(w, "AN")
		s := signIn(w, " "+strings.ToUpper(email)) // as people write it
		who, err := w.App.AuthenticateSession(context.Background(), s.Token)
		must(t, err)
		if who.UserID != id || who.Role != "AN" || who.OrganizationID != w.Org ||
			who.Credential != roster.CredentialSession || who.Source() != roster.SourceManual {
			t.Errorf("the session is %+v", who)
		}
		if u, err := db.User(context.Background(), id); err != nil || !u.LastActivity.Equal(w.Clock) {
			t.Errorf("signing in is no activity: %v %v", u.LastActivity, err)
		}
		other := signIn(w, email)
		must(t, w.App.SignOut(context.Background(), s.Token))
		must(t, w.App.SignOut(context.Background(), s.Token))
		if holds(w, s) || !holds(w, other) {
			t.Error("signing out must end this session, and no other")
		}
		if holds(w, roster.Session{}) || holds(w, roster.Session{Token: "guess"}) {
			t.Error("a session that nobody began")
		}
	})
}

func TestWhoMaySignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		_, email := withPassword(w, "AN")
		_, waiting := withPassword(w, "NO")
		_, away := withPassword(w, "DI")
		gone, deleted := withPassword(w, "AN")
		_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		without := w.Person("AN")
		nobody, err := db.User(context.Background(), without)
		must(t, err)
		for _, try := range []struct {
			email, password string
			want            roster.Kind
		}{
			{email, password, allowed},
			{email, password + "x", roster.Unsigned},
			{email, "", roster.Unsigned},
			{"nobody@example.com", password, roster.Unsigned},
			{nobody.Email, "", roster.Unsigned},
			{nobody.Email, password, roster.Unsigned},
			{waiting, password, roster.Forbidden}, // told why, having proven who they are
			{waiting, "wrong", roster.Unsigned},
			{away, password, roster.Forbidden},
			{away, "wrong", roster.Unsigned},
			{deleted, password, roster.Forbidden},
			{"", "", roster.Unsigned},
		} {
			s, err := w.App.SignIn(context.Background(), try.email, try.password, "192.0.2.1:1234")
			if kindOf(err) != try.want || (s.Token != "") != (try.want == allowed) {
				t.Errorf("%q %q: %v, want %q", try.email, try.password, err, try.want)
			}
		}
	})
}

// Sessions end by the policy as it is when they are used, in minutes since
// the sign-in and since the last request.
func TestSessionPolicyEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		_, email := withPassword(w, "AN")
		set := func(age, idle int) {
			_, err := w.App.UpdateSessionPolicy(w.As(w.Owner), roster.SessionPolicyPatch{MaxAge: &age, MaxIdle: &idle})
			must(t, err)
		}
		s := signIn(w, email)
		w.Clock = w.Clock.Add(3*24*time.Hour - time.Second)
		if !holds(w, s) {
			t.Fatal("idle for less than three days, by the usual policy")
		}
		w.Clock = w.Clock.Add(3*24*time.Hour - time.Second)
		if !holds(w, s) {
			t.Fatal("its last use did not count")
		}
		w.Clock = w.Clock.Add(3 * 24 * time.Hour)
		if holds(w, s) {
			t.Fatal("idle for three days, by the usual policy")
		}
		set(60, 10)
		s = signIn(w, email)
		if !s.Expires.Equal(w.Clock.Add(time.Hour)) {
			t.Errorf("expires at %v", s.Expires)
		}
		for range 8 { // used every seven minutes: 56 in all
			w.Clock = w.Clock.Add(7 * time.Minute)
			if !holds(w, s) {
				t.Fatalf("ended after %v", w.Clock)
			}
		}
		w.Clock = w.Clock.Add(4 * time.Minute)
		if holds(w, s) {
			t.Error("sixty minutes old, and in use")
		}
		s = signIn(w, email)
		w.Clock = w.Clock.Add(5 * time.Minute)
		set(60, 5) // shorter now, for sessions under way too
		if holds(w, s) {
			t.Error("idle for five minutes")
		}
		w.Swept()
		set(1<<31-1, 1<<31-1)
		if holds(w, s) {
			t.Error("what was swept is back")
		}
	})
}

// Whoever is deactivated, waits for a role again, or is deleted has no session
// from then on, and gets none back with the next role.
func TestSessionsEndWithAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		owner := w.As(w.Owner)
		for _, role := range []roster.Role{"DI", "NO"} {
			id, email := withPassword(w, "AN")
			s := signIn(w, email)
			_, _, err := w.App.ChangeMembership(owner, w.Org, id, roster.MembershipChange{Role: role})
			must(t, err)
			ended := !holds(w, s)
			_, _, err = w.App.ChangeMembership(owner, w.Org, id, roster.MembershipChange{Role: "AN"})
			must(t, err)
			if !ended || holds(w, s) {
				t.Errorf("%s did not end the session", role)
			}
		}
		id, email := withPassword(w, "AN")
		s := signIn(w, email)
		_, err := w.App.RemoveFromOrganization(owner, w.Org, id)
		must(t, err)
		if holds(w, s) {
			t.Error("deletion did not end the session")
		}
		_, email = withPassword(w, "AN")
		s = signIn(w, email)
		for _, role := range []string{"DI", "AN"} {
			_, err := w.App.Import(owner, strings.NewReader("email,role\n"+email+","+role+"\n"), provision.ImportOptions{})
			must(t, err)
		}
		if holds(w, s) {
			t.Error("an import did not end the session")
		}
		id, email = withPassword(w, "MA")
		here, there := signIn(w, email), signIn(w, email)
		who, err := w.App.AuthenticateSession(context.Background(), here.Token)
		must(t, err)
		next := "another horse"
		_, err = w.App.UpdatePerson(roster.WithActor(context.Background(), who), id, roster.UserPatch{Password: &next})
		must(t, err)
		if !holds(w, here) || holds(w, there) {
			t.Error("a new password must end every session but the one that set it")
		}
	})
}

// A stranger who guesses at somebody's password runs into a limit of their
// own; the owner, from elsewhere, never notices.
func TestLockoutLocksNobodyElseOut(t *testing.T) {
	storetest.Long(t)
	w := apptest.New(t, storetest.SQLite(t))
	_, email := withPassword(w, "AN")
	if usual := core.DefaultConfig().SignInRate; usual != (limit.Rate{N: 20, Per: time.Hour}) {
		t.Errorf("the documented rate is 20/h, not %v", usual)
	}
	a := w.Configured(func(c *core.Config) { c.SignInRate = limit.Rate{N: 1, Per: time.Hour} })
	try := func(email, password, from string) roster.Kind {
		_, err := a.SignIn(context.Background(), email, password, from)
		return kindOf(err)
	}
	if got := try(email, "guess", "198.51.100.7:1"); got != roster.Unsigned {
		t.Fatalf("a guess: %q", got)
	}
	for _, again := range []string{email, " " + email, strings.ToUpper(email)} {
		if got := try(again, password, "198.51.100.7:2"); got != roster.TooMany {
			t.Errorf("%q after the limit: %q; the right password must not tell", again, got)
		}
	}
	if got := try(email, password, "203.0.113.9:1"); got != allowed {
		t.Errorf("the owner, from elsewhere: %q", got)
	}
	w.Clock = w.Clock.Add(time.Hour)
	if got := try(email, password, "198.51.100.7:3"); got != allowed {
		t.Errorf("an hour later: %q", got)
	}
	// one address, however many e-mails it tries
	tried := 0
	for try(fmt.Sprintf("person%d@example.org", tried), "guess", "198.51.100.8:1") == roster.Unsigned {
		tried++
	}
	if tried != 30 {
		t.Errorf("%d e-mails from one address, want 30", tried)
	}
}
