package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// Invitee is what stands in the way of inviting an e-mail to the organization.
type Invitee struct {
	Belongs bool                      // somebody with it is in the organization
	Claimed bool                      // an identity provider calls somebody else so
	Person  roster.OrganizationMember // who belongs; zero where the actor may not list them
	Gives   []roster.Role             // the roles that the actor may give to them instead
}

// Invitees is that of each of the e-mails, for whom the policy lets invite. What is not
// there can be invited.
func (a *Membership) Invitees(ctx context.Context, emails []string) (found map[string]Invitee, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.Invite)
		if err != nil {
			return err
		}
		found = map[string]Invitee{}
		called, err := tx.db.Called(ctx, who.OrganizationID, emails)
		if err != nil {
			return err
		}
		for email := range called {
			found[email] = Invitee{Claimed: true}
		}
		return tx.belonging(ctx, who, emails, found)
	})
	return found, err
}

// belonging adds who is in the organization already to found.
func (a *Membership) belonging(ctx context.Context, who roster.Actor, emails []string, found map[string]Invitee) error {
	people, err := a.db.PeopleByEmail(ctx, roster.Project{OrganizationID: who.OrganizationID}, emails)
	if err != nil {
		return err
	}
	known, err := a.addressees(ctx, who, people)
	for email, m := range people {
		if m.Membership.Deleted() {
			continue
		}
		i := Invitee{Belongs: true}
		if k, listed := known[email]; listed && !k.Stranger {
			i.Person = roster.OrganizationMember{User: m.User, Membership: m.Membership}
			i.Gives = givable(who, m.Membership.Role)
		}
		found[email] = i
	}
	return err
}

// givable is the working roles that who may give to somebody with a role.
func givable(who roster.Actor, role roster.Role) []roster.Role {
	if core.May(who, core.ManagePeople, nil) != nil || core.MayChange(who, role) != nil {
		return nil
	}
	return slices.DeleteFunc(rolesToGive(who), func(r roster.Role) bool { return r == role || !r.Works() })
}
