package app_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// says is an identity provider that says what a test wants said. The dance with
// a real one is in tests/oidc.
type says struct{ identity roster.Identity }

func (s *says) Name() string { return "Acme ID" }

func (s *says) Address(_ context.Context, state, nonce, verifier string) (string, error) {
	return "https://id.example.com/?state=" + state, nil
}

func (s *says) Identify(context.Context, string, string, string) (roster.Identity, error) {
	return s.identity, nil
}

// door is a Roster that such a provider lets people into.
type door struct {
	provider
	id  *says
	app *app.App
}

func atDoor(t *testing.T, fn func(t *testing.T, d door)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		fn(t, doorOf(w, roster.Identity{
			Issuer: "https://id.example.com", Subject: "1", Email: "Ann@Example.com", EmailVerified: true,
			FirstName: "Ann\nSubject: x",
		}))
	})
}

// doorOf is a door of a world, at which the provider says who comes.
func doorOf(w *apptest.World, comes roster.Identity) door {
	w.T.Helper()
	id := &says{comes}
	return door{provider{w, w.As(w.Owner)}, id, w.Configured(func(c *core.Config) { c.SignOn = id })}
}

// enter signs in, with what it is to take in between.
func (d door) enter(takes time.Duration,
	alter func(sealed string, a *roster.SignOnAnswer) string) (roster.Session, error) {
	d.T.Helper()
	start, err := d.app.BeginSignOn(context.Background(), "/", "192.0.2.1:1")
	d.must(err)
	address, err := url.Parse(start.Address)
	d.must(err)
	answer, sealed := roster.SignOnAnswer{State: address.Query().Get("state"), Code: "a code"}, start.Sealed
	if alter != nil {
		sealed = alter(sealed, &answer)
	}
	d.World.Clock = d.World.Clock.Add(takes)
	s, _, err := d.app.SignOn(context.Background(), sealed, answer, "192.0.2.1:1")
	return s, err
}

func (d door) refused(why string, err error) {
	d.T.Helper()
	if err == nil || !strings.Contains(err.Error(), why) {
		d.T.Errorf("got %v, want %q", err, why)
	}
}

func TestSignOnAnswersMustBelongToTheQuestion(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		_, err := d.enter(11*time.Minute, nil)
		d.refused("longer than 10 minutes", err)
		for _, sealed := range []string{"", "x", strings.Repeat("x", 300)} {
			_, err = d.enter(0, func(string, *roster.SignOnAnswer) string { return sealed })
			d.refused("does not belong", err)
		}
		_, err = d.enter(0, func(sealed string, _ *roster.SignOnAnswer) string {
			return sealed[:len(sealed)-1] + string(sealed[len(sealed)-1]^1)
		})
		d.refused("does not belong", err)
		_, err = d.enter(0, func(sealed string, a *roster.SignOnAnswer) string { a.State = ""; return sealed })
		d.refused("does not belong", err)
		_, err = d.enter(0, func(sealed string, a *roster.SignOnAnswer) string { a.Code = ""; return sealed })
		d.refused("sent no code", err)
		if _, err = d.enter(time.Minute, nil); err != nil {
			t.Error(err)
		}
	})
}

// Whoever was deleted is let in by no sign-on, neither by their link nor by their e-mail:
// only an invitation, a provider and the undo bring people back.
func TestSignOnBringsNobodyBack(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		_, err := d.enter(0, nil)
		d.must(err)
		ann, err := d.DB.UserByEmail(t.Context(), "ann@example.com")
		d.must(err)
		_, err = d.App.RemoveFromOrganization(d.As(d.Owner), d.Org, ann.ID)
		d.must(err)
		for _, subject := range []string{"1", "another"} {
			d.id.identity.Subject = subject
			if _, err := d.enter(0, nil); err == nil {
				t.Errorf("%s is let in", subject)
			}
		}
		if m, err := d.DB.Membership(t.Context(), d.Org, ann.ID); err != nil || !m.Deleted() {
			t.Errorf("%+v %v", m, err)
		}
	})
}

// Another server with the same key finishes what one began; with another key none does.
func TestSignOnIsFinishedByAnyReplica(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		for key, works := range map[string]bool{"a secret for tests": true, "another secret for it": false} {
			config := core.DefaultConfig()
			config.Now, config.SignOn = func() time.Time { return d.World.Clock }, d.id
			other, err := app.New(d.DB, config, []byte(key))
			d.must(err)
			start, err := d.app.BeginSignOn(context.Background(), "/", "192.0.2.1:1")
			d.must(err)
			address, err := url.Parse(start.Address)
			d.must(err)
			_, _, err = other.SignOn(context.Background(), start.Sealed,
				roster.SignOnAnswer{State: address.Query().Get("state"), Code: "c"}, "192.0.2.1:1")
			if (err == nil) != works {
				t.Errorf("with the key %q: %v", key, err)
			}
		}
	})
}

func TestSignOnGroupsGiveWhatScimGroupsGive(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		project := d.Project("Signs", 0)
		d.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "AN", Group: "crew"},
			roster.SCIMMapping{Kind: roster.SCIMRole, Role: "MA", Group: "leads"},
			roster.SCIMMapping{Kind: roster.SCIMProject, Target: project, Role: "RE", Group: "crew"})
		d.id.identity.Groups = []string{"crew", "crew", "", "two\nlines", strings.Repeat("x", 300)}
		_, err := d.enter(0, nil)
		d.must(err)
		ann, err := d.DB.UserByEmail(d.ctx, "ann@example.com")
		d.must(err)
		if ann.FirstName != "Ann Subject: x" {
			t.Errorf("the name is %q", ann.FirstName)
		}
		d.is(ann.ID, "AN")
		d.in(project, "2REscim")
		// A mapping that is made later counts for who signed in before.
		d.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "RE", Group: "crew"})
		d.is(ann.ID, "RE")
		d.in(project)
		d.id.identity.Groups = []string{}
		_, err = d.enter(0, nil)
		d.refused("Your account is deactivated", err)
		d.is(ann.ID, "DI")
		d.id.identity.Groups = make([]string, 1001)
		_, err = d.enter(0, nil)
		d.refused("more than 1000 groups", err)
	})
}

// The Owner's role is no group's to take, and nobody takes an account over by
// an e-mail that nobody verified.
func TestSignOnLeavesTheOwnerAlone(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		d.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "AN", Group: "crew"})
		d.id.identity.Email, d.id.identity.Groups, d.id.identity.EmailVerified = "owner@example.com", []string{"crew"}, false
		_, err := d.enter(0, nil)
		d.refused("has not verified", err)
		d.id.identity.EmailVerified = true
		_, err = d.enter(0, nil)
		d.must(err)
		d.is(d.Owner, "OW")
		d.id.identity.Email, d.id.identity.Subject = "", "2"
		_, err = d.enter(0, nil)
		d.refused("does not say your e-mail", err)
		d.id.identity.Email = "owner@example.com"
		_, err = d.enter(0, nil)
		d.refused("belongs to somebody else", err)
		unlinked, err := d.app.Unlink(d.ctx, d.Owner)
		if err != nil || !unlinked {
			t.Fatal(unlinked, err)
		}
		_, err = d.enter(0, nil)
		d.must(err)
	})
}

func TestSignOnIsLimitedByAddress(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		try := func(from string) error {
			_, _, err := d.app.SignOn(context.Background(), "", roster.SignOnAnswer{}, from)
			return err
		}
		for range 600 {
			d.refused("does not belong", try("192.0.2.1:1"))
		}
		d.refused("throttled", try("192.0.2.1:2"))
		_, err := d.app.BeginSignOn(context.Background(), "/", "192.0.2.1:3")
		d.refused("throttled", err)
		d.refused("does not belong", try("192.0.2.2:1"))
	})
}
