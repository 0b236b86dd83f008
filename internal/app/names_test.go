package app_test

import (
	"context"
	"testing"

	"roster"
)

// named is a change that gives somebody names; "" leaves one as it is.
func named(userName, email, externalID string) (c roster.ScimUserChange) {
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
func (d door) provisioned(userName, email, externalID string) roster.ScimUser {
	d.T.Helper()
	u, err := d.app.CreateScimUser(d.ctx, named(userName, email, externalID))
	d.must(err)
	return u
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
		if err := d.app.DeleteScimUser(d.ctx, user, nil); err != nil {
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
		if now := d.provisioned("kim", "kim.new@example.com", "00u1"); now.User.ID == old.User.ID || now.UserName != "kim" || now.ExternalID != "00u1" {
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
		remove(kim.User.ID)
		if _, err := d.app.ScimUser(d.ctx, kim.User.ID); roster.KindOf(err) != roster.NotFound {
			t.Error(err)
		}
		back := d.provisioned("", "kim@example.com", "")
		if back.User.ID != kim.User.ID || back.UserName != "kim@example.com" || back.ExternalID != "" || len(back.Groups) != 0 {
			t.Errorf("%+v", back)
		}
		d.mapped(roster.ScimMapping{Kind: roster.ScimRole, Role: "MA", Group: "leads"})
		d.is(kim.User.ID, "AN")
		if who := d.signsIn("kim@example.com", "correct horse battery"); who != 0 {
			t.Error("the old password still signs in")
		}
		if who, err := d.app.Authenticate(d.ctx, token); err == nil {
			t.Errorf("the old token still is %+v", who)
		}
	})
}

// TestUndoGivesNamesBack: unless somebody took them meanwhile; and who lost their very
// e-mail to another's userName stays deleted.
func TestUndoGivesNamesBack(t *testing.T) {
	eachDeletion(t, func(t *testing.T, d door, remove func(user int64) int64) {
		undo := func(op int64) {
			t.Helper()
			_, err := d.app.Undo(d.ctx, op)
			d.must(err)
		}
		kim := d.provisioned("kim", "kim@example.com", "00u1")
		d.group("crew", kim.User.ID)
		d.password(kim.User.ID, "correct horse battery")
		undo(remove(kim.User.ID))
		if u, err := d.app.ScimUser(d.ctx, kim.User.ID); err != nil || u.UserName != "kim" || u.ExternalID != "00u1" || len(u.Groups) != 1 {
			t.Errorf("%+v %v", u, err)
		}
		if d.signsIn("kim@example.com", "correct horse battery") != kim.User.ID {
			t.Error("an undo gives everything back, the password too")
		}
		op := remove(kim.User.ID)
		other := d.provisioned("KIM", "other@example.com", "00u1")
		undo(op)
		if u, err := d.app.ScimUser(d.ctx, kim.User.ID); err != nil || u.UserName != "kim@example.com" || u.ExternalID != "" {
			t.Errorf("%+v %v", u, err)
		}
		op = remove(kim.User.ID)
		_, err := d.app.UpdateScimUser(d.ctx, other.User.ID, named("kim@example.com", "other@example.com", ""), nil)
		d.must(err)
		undo(op)
		if _, err := d.app.ScimUser(d.ctx, kim.User.ID); roster.KindOf(err) != roster.NotFound {
			t.Error("two people are called kim@example.com", err)
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
		d.must(d.DB.MirrorOrganization(d.ctx, roster.Organization{ID: 900, Title: "Other", Token: "x", DefaultRole: "AN", CreatedBy: d.Owner, CreatedAt: d.World.Clock}))
		d.must(d.DB.AddOrganizationMember(d.ctx, roster.OrganizationMembership{OrganizationID: 900, UserID: kim.User.ID, Role: "AN", UserType: "standard", CreatedAt: d.World.Clock}))
		_, err = d.app.CreateScimUser(d.ctx, named("", "kim@example.com", ""))
		d.refused("exists already", err)
	})
}
