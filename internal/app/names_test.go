package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/provision"
)

// named is a change that gives somebody names; "" leaves one as it is.
func named(userName, email, externalID string) (c roster.SCIMUserChange) {
	for _, field := range []struct {
		text string
		into **string
	}{{userName, &c.UserName}, {email, &c.Email}, {externalID, &c.ExternalID}} {
		if field.text != "" {
			*field.into = &field.text
		}
	}
	return c
}

// provisioned is the person whom a provider makes so.
func (d door) provisioned(userName, email, externalID string) roster.SCIMUser {
	d.T.Helper()
	u, err := d.app.CreateSCIMUser(d.ctx, named(userName, email, externalID))
	d.must(err)
	return u
}

// told is the people of whom an operation says a result.
func (d door) told(op roster.Operation, result roster.Result) (people []int64) {
	outcomes, err := d.DB.Outcomes(d.ctx, op, roster.OutcomeFilter{Results: []roster.Result{result}}, roster.Everything)
	d.must(err)
	for _, o := range outcomes {
		people = append(people, o.UserID)
	}
	return people
}

func (d door) password(user int64, password string) {
	d.T.Helper()
	_, err := d.app.UpdatePerson(d.ctx, user, roster.UserPatch{Password: &password})
	d.must(err)
}

func (d door) signsIn(email, password string) int64 {
	s, err := d.app.SignIn(context.Background(), email, password, "192.0.2.9:1")
	if err != nil {
		return 0
	}
	return d.who(s)
}

// deletions are the ways to delete somebody, each as the operation that did.
var deletions = map[string]func(d door, user int64) (int64, error){
	"console": func(d door, user int64) (int64, error) { return d.app.RemoveFromOrganization(d.ctx, d.Org, user) },
	"bulk": func(d door, user int64) (int64, error) {
		done, err := d.app.RemovePeople(d.ctx, roster.Selector{Included: []int64{user}}, "")
		return done.Operation, err
	},
	"scim": func(d door, user int64) (int64, error) {
		if err := d.app.DeleteSCIMUser(d.ctx, user, nil); err != nil {
			return 0, err
		}
		ops, _, err := d.app.Operations(d.ctx, roster.OperationFilter{Kind: roster.OpOrganizationLeave}, roster.Everything)
		if err != nil || len(ops) == 0 {
			return 0, err
		}
		return ops[0].ID, nil
	},
}

func eachDeletion(t *testing.T, fn func(t *testing.T, d door, remove func(user int64) int64)) {
	for way, remove := range deletions {
		t.Run(way, func(t *testing.T) {
			atDoor(t, func(t *testing.T, d door) {
				fn(t, d, func(user int64) int64 {
					op, err := remove(d, user)
					d.must(err)
					return op
				})
			})
		})
	}
}

// TestNobodyInheritsAUserName: a name that somebody had who was deleted is free, and with
// it comes nothing of theirs.
func TestNobodyInheritsAUserName(t *testing.T) {
	eachDeletion(t, func(t *testing.T, d door, remove func(user int64) int64) {
		old := d.provisioned("kim", "kim.old@example.com", "00u1")
		d.password(old.User.ID, "correct horse battery")
		remove(old.User.ID)
		if now := d.provisioned("kim", "kim.new@example.com", "00u1"); now.User.ID == old.User.ID ||
			now.UserName != "kim" || now.ExternalID != "00u1" {
			t.Errorf("the next Kim is %+v", now)
		}
		for _, email := range []string{"kim.old@example.com", "kim.new@example.com"} {
			if who := d.signsIn(email, "correct horse battery"); who != 0 {
				t.Errorf("the password of the first Kim signs in %d by %s", who, email)
			}
		}
		// the e-mail of somebody deleted, as a userName, is not them either
		if third := d.provisioned("kim.old@example.com", "third@example.com", ""); third.User.ID == old.User.ID {
			t.Errorf("%+v", third)
		}
	})
}

// TestReturnsWithNothingOfBefore: who is provisioned anew, by their own e-mail, keeps the
// account and no password, token, session, userName, external id or group.
func TestReturnsWithNothingOfBefore(t *testing.T) {
	eachDeletion(t, func(t *testing.T, d door, remove func(user int64) int64) {
		kim := d.provisioned("kim", "kim@example.com", "00u1")
		d.group("crew", kim.User.ID)
		d.id.identity.Email, d.id.identity.Groups = "kim@example.com", []string{"leads"}
		_, err := d.enter(0, nil)
		d.must(err)
		d.password(kim.User.ID, "correct horse battery")
		token, err := d.app.Token(d.ctx, kim.User.ID)
		d.must(err)
		d.must(d.app.KeepUpstreamLogin(d.ctx, kim.User.ID, "a session of Label Studio's"))
		remove(kim.User.ID)
		if _, err := d.app.SCIMUser(d.ctx, kim.User.ID); roster.KindOf(err) != roster.NotFound {
			t.Error(err)
		}
		back := d.provisioned("", "kim@example.com", "")
		if back.User.ID != kim.User.ID || back.UserName != "kim@example.com" || back.ExternalID != "" ||
			len(back.Groups) != 0 {
			t.Errorf("%+v", back)
		}
		d.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "MA", Group: "leads"})
		d.is(kim.User.ID, "AN")
		if who := d.signsIn("kim@example.com", "correct horse battery"); who != 0 {
			t.Error("the old password still signs in")
		}
		if who, err := d.app.Authenticate(d.ctx, token); err == nil {
			t.Errorf("the old token still is %+v", who)
		}
		if login, err := d.app.UpstreamLogin(d.ctx, kim.User.ID); err == nil {
			t.Errorf("the old login at the upstream still is %q", login)
		}
	})
}

// TestUndoGivesNamesBack: unless somebody took them meanwhile; and who lost their very
// e-mail to another's userName stays deleted.
func TestUndoGivesNamesBack(t *testing.T) {
	eachDeletion(t, func(t *testing.T, d door, remove func(user int64) int64) {
		var last roster.Operation
		undo := func(op int64) {
			t.Helper()
			var err error
			last, err = d.app.Undo(d.ctx, op)
			d.must(err)
		}
		kim := d.provisioned("kim", "kim@example.com", "00u1")
		d.group("crew", kim.User.ID)
		d.password(kim.User.ID, "correct horse battery")
		undo(remove(kim.User.ID))
		if u, err := d.app.SCIMUser(d.ctx, kim.User.ID); err != nil || u.UserName != "kim" || u.ExternalID != "00u1" ||
			len(u.Groups) != 1 {
			t.Errorf("%+v %v", u, err)
		}
		if d.signsIn("kim@example.com", "correct horse battery") != kim.User.ID {
			t.Error("an undo gives everything back, the password too")
		}
		op := remove(kim.User.ID)
		other := d.provisioned("KIM", "other@example.com", "00u1")
		undo(op)
		if u, err := d.app.SCIMUser(d.ctx, kim.User.ID); err != nil || u.UserName != "kim@example.com" || u.ExternalID != "" {
			t.Errorf("%+v %v", u, err)
		}
		op = remove(kim.User.ID)
		_, err := d.app.UpdateSCIMUser(d.ctx, other.User.ID, named("kim@example.com", "other@example.com", ""), nil)
		d.must(err)
		undo(op)
		if _, err := d.app.SCIMUser(d.ctx, kim.User.ID); roster.KindOf(err) != roster.NotFound {
			t.Error("two people are called kim@example.com", err)
		}
		for _, result := range []roster.Result{roster.ChangedMeanwhile, roster.NameTaken} {
			if told := d.told(last, result); !slices.Equal(told, []int64{kim.User.ID}) {
				t.Errorf("%s is said of %v", result, told)
			}
		}
	})
}

// TestMemberElsewhereIsNotForAProvider: who was deleted here and belongs to another
// organization is not this one's provider's to take.
func TestMemberElsewhereIsNotForAProvider(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		kim := d.provisioned("", "kim@example.com", "")
		_, err := d.app.RemoveFromOrganization(d.ctx, d.Org, kim.User.ID)
		d.must(err)
		d.must(d.DB.MirrorOrganization(d.ctx, roster.Organization{
			ID: 900, Title: "Other", Token: "x", DefaultRole: "AN", CreatedBy: d.Owner, CreatedAt: d.World.Clock,
		}))
		d.must(d.DB.AddOrganizationMember(d.ctx, roster.OrganizationMembership{
			OrganizationID: 900, UserID: kim.User.ID, Role: "AN", UserType: "standard", CreatedAt: d.World.Clock,
		}))
		_, err = d.app.CreateSCIMUser(d.ctx, named("", "kim@example.com", ""))
		d.refused("exists already", err)
	})
}

// TestEveryFaceAsksForUserNames: nobody gets an e-mail by which a provider calls somebody
// else, in whichever spelling of the mailbox.
func TestEveryFaceAsksForUserNames(t *testing.T) {
	for _, way := range []string{"create", "scim", "change of e-mail", "import", "invite", "sign-on"} {
		t.Run(way, func(t *testing.T) {
			atDoor(t, func(t *testing.T, d door) {
				victim = "kim@example.com"
				d.provisioned("HANS@Müller.example", victim, "")
				for _, email := range []string{"hans@müller.example", "Hans@XN--mller-kva.example"} {
					if strange, err := waysIn[way](d, email); strange || err == nil {
						t.Errorf("%s: %v, and somebody new: %v", email, err, strange)
					}
					if u, err := d.DB.UserByEmail(d.ctx, email); roster.KindOf(err) != roster.NotFound {
						t.Errorf("%s is %d, %v", email, u.ID, err)
					}
				}
			})
		})
	}
}

// TestUserNamesAreNamesOfOne: no name finds another's that only looks like it, whatever
// its length, and one that is an address is compared as a mailbox.
func TestUserNamesAreNamesOfOne(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		kevin := d.provisioned("kevin", "kevin@example.com", "")
		long := strings.Repeat("k", 250)
		d.provisioned(long, "long@example.com", "")
		for _, name := range []string{"\u212aevin", "\u212a" + long[1:], "ｋevin", "kev\u200bin", long + "\u202e"} {
			_, err := d.app.CreateSCIMUser(d.ctx, named(name, "other@example.com", ""))
			d.refused("This cannot be a userName.", err)
		}
		for name, want := range map[string]int{"\u212aevin": 0, "KEVIN": 1, long: 1, "\u212a" + long[1:]: 0} {
			f := roster.SCIMFilter{Op: roster.SCIMEqual, Attribute: "username", Value: name}
			if users, n, err := d.app.SCIMUsers(d.ctx, &f, roster.SCIMPage{Start: 1, Count: 9}, false); n != want || err != nil {
				t.Errorf("%q finds %+v %v", name, users, err)
			}
		}
		hans := d.provisioned("hans@müller.example", "hm@example.com", "")
		_, err := d.app.CreateSCIMUser(d.ctx, named("Hans@XN--MLLER-kva.example", "second@example.com", ""))
		d.refused("exists already", err)
		_, err = d.app.UpdateSCIMUser(d.ctx, kevin.User.ID, named("hans@xn--mller-kva.example", "", ""), nil)
		d.refused("Another user has this userName.", err)
		for op, values := range map[roster.SCIMOp][]string{
			roster.SCIMEqual:    {"HANS@xn--mller-kva.example", "hans@MÜLLER.example"},
			roster.SCIMContains: {"@MÜLLER.ex"}, roster.SCIMEnds: {"müller.example"},
			roster.SCIMStarts: {"HANS@m"},
		} {
			for _, value := range values {
				f := roster.SCIMFilter{Op: op, Attribute: "username", Value: value}
				if users, n, err := d.app.SCIMUsers(d.ctx, &f, roster.SCIMPage{Start: 1, Count: 9}, false); n != 1 ||
					err != nil || users[0].User.ID != hans.User.ID {
					t.Errorf("%s %q finds %+v %v", op, value, users, err)
				}
			}
		}
	})
}

// TestInvitationsAreLimitedFirst: a list is counted before it is read.
func TestInvitationsAreLimitedFirst(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		err := d.app.InvitePeople(d.ctx, roster.Invite{Emails: slices.Repeat([]string{"nonsense"}, 101), Role: "AN"})
		d.refused("no more than 100 elements", err)
	})
}

// TestJoiningAsksForUserNames: an invitation that was open before a provider gave the
// name away makes nobody of that name, nor does it bring anybody back.
func TestJoiningAsksForUserNames(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		gone := d.provisioned("", "gone@example.com", "")
		_, err := d.app.RemoveFromOrganization(d.ctx, d.Org, gone.User.ID)
		d.must(err)
		tokens := []string{}
		for _, email := range []string{"kim@example.com", "gone@example.com"} {
			tokens = append(tokens, invited(d.World, d.Owner, roster.Invite{Emails: []string{email}, Role: "AN"}))
		}
		d.provisioned("kim@example.com", "other@example.com", "")
		d.provisioned("GONE@example.com", "third@example.com", "")
		for _, token := range tokens {
			_, err := join(d.World, token)
			d.refused("calls somebody else", err)
		}
	})
}

// TestTwoPeopleOfOneMailbox: each is found by exactly their spelling; by another, nobody
// is, and whoever asks is told.
func TestTwoPeopleOfOneMailbox(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		d.must(d.DB.MirrorPeople(d.ctx, []roster.User{
			{ID: 901, Email: "Ann@Example.com"}, {ID: 902, Email: "ann@EXAMPLE.com"},
		}, d.World.Clock))
		d.must(d.DB.MirrorMemberships(d.ctx, d.Org, []int64{901, 902}, "AN", d.World.Clock))
		for _, u := range []int64{901, 902} {
			d.password(u, fmt.Sprintf("correct horse %d", u))
		}
		equal := func(email string) *roster.SCIMFilter {
			return &roster.SCIMFilter{Op: roster.SCIMEqual, Attribute: "emails.value", Value: email}
		}
		page := roster.SCIMPage{Start: 1, Count: 9}
		for email, want := range map[string]int64{"Ann@Example.com": 901, "ann@EXAMPLE.com": 902} {
			if u, err := d.DB.UserByEmail(d.ctx, email); err != nil || u.ID != want {
				t.Errorf("%s is %d, %v", email, u.ID, err)
			}
			if d.signsIn(email, fmt.Sprintf("correct horse %d", want)) != want {
				t.Errorf("%s does not sign in", email)
			}
			if users, n, err := d.app.SCIMUsers(d.ctx, equal(email), page, false); err != nil || n != 1 ||
				users[0].User.ID != want {
				t.Errorf("%s finds %+v, %v", email, users, err)
			}
			if n, err := d.DB.CountSeats(d.ctx, d.Org, roster.SeatFilter{Email: email}); err != nil || n != 1 {
				t.Errorf("%s has %d seats, %v", email, n, err)
			}
		}
		file := strings.NewReader("email,first_name\nAnn@Example.com,One\nann@EXAMPLE.com,Two\n")
		if done, err := d.app.Import(d.ctx, file, provision.ImportOptions{}); err != nil || done.Updated != 2 {
			t.Errorf("%+v %v", done, err)
		}
		const says = "The mailbox of ANN@example.com is two people's"
		_, err := d.app.Import(d.ctx, strings.NewReader("email,first_name\nANN@example.com,Third\n"),
			provision.ImportOptions{})
		d.refused("is two people's", err)
		_, err = d.DB.UserByEmail(d.ctx, "ANN@example.com")
		d.refused(says, err)
		_, _, err = d.app.SCIMUsers(d.ctx, equal("ANN@example.com"), page, false)
		d.refused(says, err)
		_, err = d.DB.CountSeats(d.ctx, d.Org, roster.SeatFilter{Email: "ANN@example.com"})
		d.refused(says, err)
		_, err = d.app.UpdateSCIMUser(d.ctx, d.Owner, named("", "ANN@example.com", ""), nil)
		d.refused("Another user has this userName", err)
		_, err = d.app.CreateUser(d.ctx, roster.NewUser{Email: "ANN@example.com"})
		d.refused("is two people's", err)
		if d.signsIn("ANN@example.com", "correct horse 901") != 0 {
			t.Error("one of two was picked")
		}
	})
}

// TestLinksOfBefore: without an e-mail, a link that an older Roster made is taken once the
// provider has said the account's; with another one that the old fold took for it, never.
func TestLinksOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		d := doorOf(w, roster.Identity{Issuer: "https://id.example.com", Subject: "1025"})
		_, err := d.enter(0, nil)
		d.refused("does not say your e-mail address", err)
		d.id.identity.Email = "x@straße.example"
		_, err = d.enter(0, nil)
		d.refused("which is another one", err)
		for _, email := range []string{"x@strasse.example", "", "x"} {
			d.id.identity.Email = email
			if s, err := d.enter(0, nil); err != nil || d.who(s) != 1025 {
				t.Errorf("%q: %v", email, err)
			}
		}
	})
}

// TestDepartedOfBefore: the names of somebody whom an older Roster deleted are free, and
// the undo of that deletion gives them back.
func TestDepartedOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		w.Clock = time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
		as := w.As(w.Owner)
		if taken, err := w.DB.SCIMExternalIDTaken(as, w.Org, 0, "00u41"); taken || err != nil {
			t.Error("the external id of somebody deleted is taken", err)
		}
		if ids, err := w.DB.SCIMMemberIDs(as, 1041); len(ids) != 0 || err != nil {
			t.Errorf("%v are in the group, %v", ids, err)
		}
		undone(t, w, 1041, 1)
		u, err := w.App.SCIMUser(as, 1041)
		if err != nil || u.ExternalID != "00u41" || u.UserName != "gone@example.com" || len(u.Groups) != 1 {
			t.Errorf("%+v %v", u, err)
		}
	})
}

// TestMirrorOutranksUserNames: whoever the upstream gives an e-mail has it, and nobody
// else is called by it any more.
func TestMirrorOutranksUserNames(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		kim := d.provisioned("kim@example.com", "other@example.com", "")
		noor := d.provisioned("noor", "noor@example.com", "")
		d.must(d.DB.MirrorPeople(d.ctx, []roster.User{
			{ID: 901, Email: "Kim@Example.com"}, {ID: 902, Email: "noor@elsewhere.example"},
		}, d.World.Clock))
		d.must(d.DB.MirrorMemberships(d.ctx, d.Org, []int64{901, 902}, "AN", d.World.Clock))
		for id, want := range map[int64]string{kim.User.ID: "other@example.com", noor.User.ID: "noor",
			901: "Kim@Example.com"} {
			if u, err := d.app.SCIMUser(d.ctx, id); err != nil || u.UserName != want {
				t.Errorf("%d is called %s, want %s: %v", id, u.UserName, want, err)
			}
		}
	})
}

// TestMirrorWaitsForNames: a person of the upstream and a userName that come at once are
// not one name of two people.
func TestMirrorWaitsForNames(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		noor := p.user("noor@example.com")
		_, err := p.DB.SetSettingOnce(p.ctx, "upstream_organization", fmt.Append(nil, p.Org))
		p.must(err)
		first, second := p.Overlapping(func(tx *app.App) error {
			_, err := tx.UpdateSCIMUser(p.ctx, noor, named("kim@example.com", "noor@example.com", ""), nil)
			return err
		}, func() error { return p.App.MirrorPeople(p.ctx, []roster.User{{ID: 901, Email: "kim@example.com"}}) })
		p.must(first)
		p.must(second)
		if u, err := p.App.SCIMUser(p.ctx, noor); err != nil || u.UserName != "noor@example.com" {
			t.Errorf("noor is called %s: %v", u.UserName, err)
		}
	})
}

// TestAccountsElsewhereAreTheirOwners: the e-mail of an account that another organization
// uses, too, is not one provider's to change, which sign-on would follow, nor its password
// one's administrators'.
func TestAccountsElsewhereAreTheirOwners(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		kim := d.provisioned("kim", "kim@example.com", "")
		d.must(d.DB.MirrorOrganization(d.ctx, roster.Organization{
			ID: 900, Title: "Other", Token: "x", DefaultRole: "AN", CreatedBy: d.Owner, CreatedAt: d.World.Clock,
		}))
		d.must(d.DB.AddOrganizationMember(d.ctx, roster.OrganizationMembership{
			OrganizationID: 900, UserID: kim.User.ID, Role: "AN", UserType: "standard", CreatedAt: d.World.Clock,
		}))
		_, err := d.app.UpdateSCIMUser(d.ctx, kim.User.ID, named("", "mallory@example.com", ""), nil)
		d.refused("another organization", err)
		_, err = d.app.UpdateSCIMUser(d.ctx, kim.User.ID, named("kim.ng", "kim@example.com", "00u1"), nil)
		d.must(err)
		password := "correct horse battery"
		_, err = d.app.UpdatePerson(d.ctx, kim.User.ID, roster.UserPatch{Password: &password})
		d.refused("another organization", err)
		if d.signsIn("kim@example.com", password) != 0 {
			t.Error("an administrator signs in as somebody of another organization")
		}
		_, err = d.app.UpdatePerson(d.As(kim.User.ID), kim.User.ID, roster.UserPatch{Password: &password})
		d.must(err)
	})
}

// TestUndoLeavesSharedMailboxes: a userName that was freed does not come back where it is
// the mailbox of somebody who shares it.
func TestUndoLeavesSharedMailboxes(t *testing.T) {
	atDoor(t, func(t *testing.T, d door) {
		noor := d.provisioned("kim@example.com", "noor@example.com", "")
		op, err := d.app.RemoveFromOrganization(d.ctx, d.Org, noor.User.ID)
		d.must(err)
		d.must(d.DB.MirrorPeople(d.ctx, []roster.User{
			{ID: 901, Email: "Kim@example.com"}, {ID: 902, Email: "kim@Example.com"},
		}, d.World.Clock))
		d.must(d.DB.MirrorMemberships(d.ctx, d.Org, []int64{901, 902}, "AN", d.World.Clock))
		_, err = d.app.RemoveFromOrganization(d.ctx, d.Org, 901)
		d.must(err)
		undo, err := d.app.Undo(d.ctx, op)
		d.must(err)
		if u, err := d.app.SCIMUser(d.ctx, noor.User.ID); err != nil || u.UserName != "noor@example.com" {
			t.Errorf("noor is called %s: %v", u.UserName, err)
		}
		if told := d.told(undo, roster.NameTaken); !slices.Equal(told, []int64{noor.User.ID}) {
			t.Errorf("told of %v", told)
		}
	})
}
