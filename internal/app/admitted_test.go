package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// posing are addresses that people would take for another's: own\u0435r@ has a Cyrillic е.
var posing = []string{
	"own\u0435r@example.com", "\u0435than.d\u0430rcy@example.com", "ethan.darcy@ex\u0430mple.com",
	"ethan.darcy@xn--exmple-4nf.com",
	"\u03bfwner@example.com", "\u0430\u0435\u043e@example.com", "\u0251nn@example.com",
	"ann\u2013lee@example.com", "ａnn@example.com", "a\u200bnn@example.com",
}

// comingIn is every way by which an address comes in.
func comingIn(d door, email string) map[string]func() error {
	as, name, plain, kept := d.ctx, "kim.ng", "new@example.com", d.Person("AN")
	scim := func(change roster.SCIMUserChange) func() error {
		return func() error { _, err := d.App.CreateSCIMUser(as, change); return err }
	}
	patch := func(change roster.SCIMUserChange) func() error {
		return func() error { _, err := d.App.UpdateSCIMUser(as, kept, change, nil); return err }
	}
	return map[string]func() error{
		"account": func() error { _, err := d.App.CreateUser(as, roster.NewUser{Email: email}); return err },
		"invitation": func() error {
			return d.App.InvitePeople(as, roster.Invite{Emails: []string{plain, email}, Role: "AN"})
		},
		"join link": func() error { return d.joinAs(email) },
		"contact": func() error {
			_, err := d.App.UpdateOrganization(as, d.Org, roster.OrganizationPatch{ContactInfo: &email})
			return err
		},
		"SCIM userName":  scim(roster.SCIMUserChange{UserName: &email}),
		"SCIM e-mail":    scim(roster.SCIMUserChange{UserName: &name, Email: &email}),
		"SCIM both":      scim(roster.SCIMUserChange{UserName: &email, Email: &plain}),
		"patch userName": patch(roster.SCIMUserChange{UserName: &email}),
		"patch e-mail":   patch(roster.SCIMUserChange{Email: &email}),
		"sign-on": func() error {
			d.id.identity = roster.Identity{
				Issuer: "https://id.example.com", Subject: email, Email: email, EmailVerified: true,
			}
			_, err := d.enter(0, nil)
			return err
		},
		"file": func() error {
			_, err := d.App.Import(as, strings.NewReader("email\n"+email+"\n"), provision.ImportOptions{})
			return err
		},
	}
}

// joinAs takes the organization's link.
func (d door) joinAs(email string) error {
	token, err := d.App.InviteToken(d.ctx)
	d.must(err)
	_, err = d.App.Join(context.Background(), token, roster.Joining{Email: email, Password: password}, "192.0.2.1:1")
	return err
}

// TestEveryWayInRefusesPosingAddresses: whichever way an address comes in, one that could be
// taken for another's does not, the reason is said, and nothing is changed.
func TestEveryWayInRefusesPosingAddresses(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		p := d.Project("Signs", 0)
		for _, email := range posing {
			for way, try := range comingIn(d, email) {
				before := d.Everybody(p)
				if err := try(); err == nil || !strings.Contains(err.Error(), " This one ") {
					t.Errorf("%s, %q: %v", way, email, err)
				}
				if d.Everybody(p) != before {
					t.Errorf("%s, %q: something was changed", way, email)
				}
			}
		}
	})
}

// TestEveryWayInTakesAddresses: of other alphabets, too.
func TestEveryWayInTakesAddresses(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		for _, email := range []string{"жанна@пример.рф", "田中@example.com", "zoë@example.com"} {
			for way, try := range comingIn(d, email) {
				if err := try(); err != nil && strings.Contains(err.Error(), " This one ") {
					t.Errorf("%s, %q: %v", way, email, err)
				}
			}
		}
	})
}

// TestOwnersAreNoPosers: the first account of a store neither.
func TestOwnersAreNoPosers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, err := app.New(db, core.Config{Now: time.Now}, make([]byte, 32))
		must(t, err)
		for _, email := range posing {
			made, err := a.Setup(context.Background(), "Acme", roster.NewUser{Email: email, Password: password})
			if made || kindOf(err) != roster.Invalid {
				t.Errorf("%q: %v, %v", email, made, err)
			}
		}
	})
}

// TestPosersFromBeforeStay: who has such an address keeps it, is found by it in any
// spelling, signs on with it, and can be looked after by files and a provider.
func TestPosersFromBeforeStay(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		const email = "ann.d\u0430rcy@example.com"
		name, written := "Ann", "ANN.D\u0410RCY@example.com"
		id := d.PersonNamed(roster.NewUser{Email: email, Role: "AN"})
		for _, text := range []string{email, written} {
			if known, err := core.KnownEmail(text); err != nil || known != email {
				t.Errorf("%q: %q, %v", text, known, err)
			}
			change := roster.SCIMUserChange{UserName: &text, Email: &text, FirstName: &name}
			if u, err := d.App.UpdateSCIMUser(d.ctx, id, change, nil); err != nil || u.User.Email != email {
				t.Errorf("%+v, %v", u.User, err)
			}
			done, err := d.App.Import(d.ctx, strings.NewReader("email,last_name\n"+text+",Darcy\n"), provision.ImportOptions{})
			if err != nil || done.Created != 0 {
				t.Errorf("%+v, %v", done, err)
			}
		}
		d.id.identity.Email, d.id.identity.Subject = email, "ann"
		for range 2 {
			if s, err := d.enter(0, nil); err != nil || s.Token == "" {
				t.Error(err)
			}
		}
	})
}
