package app_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// waysIn are the ways by which an address comes to be somebody's, each as whether it came
// to somebody new.
var waysIn = map[string]func(d door, email string) (bool, error){
	"create": func(d door, email string) (bool, error) {
		_, err := d.app.CreateUser(d.ctx, roster.NewUser{Email: email})
		return err == nil, err
	},
	"scim": func(d door, email string) (bool, error) {
		_, err := d.app.CreateSCIMUser(d.ctx, roster.SCIMUserChange{Email: &email})
		return err == nil, err
	},
	"change of e-mail": func(d door, email string) (bool, error) {
		_, err := d.app.UpdateSCIMUser(d.ctx, d.Person("AN"), roster.SCIMUserChange{Email: &email}, nil)
		return err == nil, err
	},
	"import": func(d door, email string) (bool, error) {
		done, err := d.app.Import(d.ctx, strings.NewReader("email,first_name\n"+email+",Zed\n"), provision.ImportOptions{})
		return done.Created == 1, err
	},
	"invite": func(d door, email string) (bool, error) {
		err := d.app.InvitePeople(d.ctx, roster.Invite{Emails: []string{email}, Role: "AN"})
		return err == nil, err
	},
	"sign-on": func(d door, email string) (bool, error) {
		d.id.identity = roster.Identity{Issuer: "https://id.example.com", Subject: email, Email: email, EmailVerified: true}
		s, err := d.enter(0, nil)
		return err == nil && d.who(s) != d.victim(), err
	},
	"paste": func(d door, email string) (bool, error) {
		project := d.Project("Signs "+email, 0)
		found, err := d.app.PeopleByEmail(d.ctx, project, []string{email})
		return found[email].User.ID == 0, err
	},
	"tags": func(d door, email string) (bool, error) {
		_, err := d.app.ImportTags(d.ctx, d.Org, strings.NewReader("email,tags\n"+email+",red\n"), "")
		if err == nil {
			err = d.app.RunJobs(d.ctx)
		}
		tagged, _, listErr := d.app.OrganizationMembers(d.ctx, d.Org, roster.MemberFilter{Tags: []int64{1}},
			roster.Everything)
		if err == nil {
			err = listErr
		}
		return len(tagged) == 0, err
	},
	"mirror": func(d door, email string) (bool, error) {
		err := d.DB.MirrorPeople(d.ctx, []roster.User{{ID: 900, Email: email}}, d.World.Clock)
		u, readErr := d.DB.UserByEmail(d.ctx, victim)
		if err == nil {
			err = readErr
		}
		return u.ID != 900, err
	},
	"password": func(d door, email string) (bool, error) {
		s, err := d.app.SignIn(context.Background(), email, "correct horse battery", "192.0.2.9:1")
		return d.who(s) != d.victim(), err
	},
	"command line": func(d door, email string) (bool, error) {
		who, err := d.app.ActAs(context.Background(), email)
		return who.UserID != d.victim(), err
	},
}

// victim is the address of an Administrator, by the test that made them.
var victim string

func (d door) victim() int64 {
	u, err := d.DB.UserByEmail(d.ctx, victim)
	d.must(err)
	return u.ID
}

// who is whose session it is; 0 for none.
func (d door) who(s roster.Session) int64 {
	who, _ := d.app.AuthenticateSession(d.ctx, s.Token)
	return who.UserID
}

// eachWayIn tries an address by every way, where somebody has another one: each way has
// its own two, with a number before them.
func eachWayIn(t *testing.T, theirs, tried string, fn func(t *testing.T, way string, strange bool, err error)) {
	atDoor(t, func(t *testing.T, d door) {
		for i, way := range slices.Sorted(maps.Keys(waysIn)) {
			victim = fmt.Sprintf("%d%s", i, theirs)
			n := roster.NewUser{Email: victim, Role: "AD"}
			if way == "password" {
				n.Password = "correct horse battery"
			}
			_, err := d.app.CreateUser(d.ctx, n)
			d.must(err)
			strange, err := waysIn[way](d, fmt.Sprintf("%d%s", i, tried))
			fn(t, way, strange, err)
		}
	})
}

// TestOneMailboxIsOnePerson: every way in knows somebody by every spelling of theirs.
func TestOneMailboxIsOnePerson(t *testing.T) {
	for _, pair := range [][2]string{{"müller@example.com", "MÜLLER@example.com"},
		{"hans@müller.example", "hans@xn--mller-kva.example"}} {
		eachWayIn(t, pair[0], pair[1], func(t *testing.T, way string, strange bool, err error) {
			if strange {
				t.Errorf("%s: %s is somebody else than %s (%v)", way, pair[1], pair[0], err)
			}
		})
	}
}

// TestAnotherMailboxIsAnotherPerson: x@straße.example is nobody's who is x@strasse.example.
func TestAnotherMailboxIsAnotherPerson(t *testing.T) {
	for _, pair := range [][2]string{{"x@strasse.example", "x@straße.example"},
		{"ibrahim@example.com", "İbrahim@example.com"}} {
		eachWayIn(t, pair[0], pair[1], func(t *testing.T, way string, strange bool, err error) {
			if finds := way == "password" || way == "command line"; !strange || (err != nil) != finds {
				t.Errorf("%s: %s is %s (%v)", way, pair[1], pair[0], err)
			}
		})
	}
}

// TestNobodySignsInAsKevin: the Kelvin sign, whose small letter is a plain k, is in no
// address that anybody gets, and finds nobody.
func TestNobodySignsInAsKevin(t *testing.T) {
	eachWayIn(t, "kevin@example.com", "\u212aevin@example.com", func(t *testing.T, way string, strange bool, err error) {
		gives := way != "paste" && way != "tags" && way != "mirror" && way != "password" && way != "command line"
		if (gives && (err == nil || !strings.Contains(err.Error(), "look like the usual ones"))) || (!gives && !strange) {
			t.Errorf("%s: %v (somebody else: %v)", way, err, strange)
		}
	})
}

// Single sign-on signs in nobody with a refused address: not whom an older Roster gave
// it, not whom it linked, and not by a link between addresses that it took for one.
func TestSignOnRefusesOldAddresses(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		old := roster.OrganizationMember{
			User: roster.User{Email: "ａnn@example.com", Username: "ann", DateJoined: d.World.Clock}}
		old.Membership = roster.OrganizationMembership{Role: "AD", CreatedAt: d.World.Clock}
		ids, err := d.DB.LoadPeople(d.ctx, d.Org, []roster.OrganizationMember{old})
		d.must(err)
		d.id.identity.Email = "ａnn@example.com"
		_, err = d.enter(0, nil)
		d.refused("Nobody signs in with it", err)
		d.must(d.DB.AddIdentity(d.ctx, ids[0], d.id.identity.Issuer, d.id.identity.Subject, d.World.Clock))
		_, err = d.enter(0, nil)
		d.refused("look like the usual ones", err)
		d.id.identity.Email = "ann@example.com" // corrected at the provider
		if s, err := d.enter(0, nil); err != nil || d.who(s) != ids[0] {
			t.Errorf("%+v %v", s, err)
		}

		administrator := d.PersonNamed(roster.NewUser{Email: "x@strasse.example", Role: "AD"})
		d.id.identity = roster.Identity{Issuer: "https://id.example.com", Subject: "2", Email: "x@straße.example",
			EmailVerified: true}
		d.must(d.DB.AddIdentity(d.ctx, administrator, "https://id.example.com", "2", d.World.Clock))
		_, err = d.enter(0, nil)
		d.refused("which is another one", err)
		_, err = d.app.Unlink(d.ctx, administrator)
		d.must(err)
		if s, err := d.enter(0, nil); err != nil || d.who(s) == administrator {
			t.Errorf("after that: %+v %v", s, err)
		}
	})
}

// Two spellings of one mailbox are one line too many in a file, and one invitation.
func TestSpellingsInOneList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		_, err := w.App.Import(as, strings.NewReader("email\nhans@müller.example\nHans@xn--mller-kva.example\n"),
			provision.ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), "line 3: email: hans@xn--mller-kva.example is in line 2 already.") {
			t.Error(err)
		}
		must(t, w.App.InvitePeople(as,
			roster.Invite{Emails: []string{"hans@müller.example", "hans@xn--mller-kva.example", "x@straße.example",
				"x@strasse.example"}, Role: "AN"}))
		if list, n, err := w.App.Invitations(as, roster.InvitationFilter{}, roster.Everything); n != 3 || err != nil {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// TestOddAddressesAreTold: to administrators, and in the log.
func TestOddAddressesAreTold(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		log := logged(t, func() { must(t, w.App.TellOddAddresses(t.Context())) })
		for _, line := range []string{
			"user=1022 email=hans@müller.example other=1021 other_email=hans@xn--mller-kva.example",
			"user=1023 email=ａnn@example.com"} {
			if !strings.Contains(log, line) {
				t.Errorf("%q is not in the log:\n%s", line, log)
			}
		}
		for user, knows := range map[int64]bool{1001: true, 1002: true, 1004: false, 1021: false} {
			odd, err := w.App.OddAddresses(w.As(user))
			if knows && (err != nil || len(odd) != 3) || !knows && roster.KindOf(err) != roster.Forbidden {
				t.Errorf("%d: %+v %v", user, odd, err)
			}
		}
	})
}
