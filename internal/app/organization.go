package app

import (
	"context"
	"strings"
	"time"

	"roster"
)

var notFound = roster.Errorf(roster.NotFound, "Not found.")

// inOrganization asks the policy about an organization named in a request:
// any but the one the actor acts in is as good as absent.
func (a *App) inOrganization(ctx context.Context, action Action, organization int64) (roster.Actor, error) {
	who, err := actor(ctx)
	if err != nil {
		return who, err
	}
	if organization != who.OrganizationID {
		return who, notFound
	}
	return a.May(ctx, action)
}

// Organizations is the organizations that the actor belongs to.
func (a *App) Organizations(ctx context.Context, order string) ([]roster.Organization, error) {
	who, err := a.May(ctx, ViewOrganization)
	if err != nil {
		return nil, err
	}
	return a.db.OrganizationsOf(ctx, who.UserID, order)
}

// Organization reads the actor's organization, the invite token only for
// those who may invite.
func (a *App) Organization(ctx context.Context, id int64) (roster.Organization, error) {
	who, err := a.inOrganization(ctx, ViewOrganization, id)
	if err != nil {
		return roster.Organization{}, err
	}
	o, err := a.db.Organization(ctx, id)
	if may(who, Invite, nil) != nil {
		o.Token = ""
	}
	return o, err
}

// UpdateOrganization changes the actor's organization.
func (a *App) UpdateOrganization(ctx context.Context, id int64, patch roster.OrganizationPatch) (o roster.Organization, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.inOrganization(ctx, EditOrganization, id); err != nil {
			return err
		}
		if o, err = tx.Organization(ctx, id); err != nil {
			return err
		}
		if err := patchOrganization(&o, patch); err != nil {
			return err
		}
		return tx.db.UpdateOrganization(ctx, o)
	})
	return o, err
}

// SetDefaultRole says which role new people get; "" leaves it as it is. The
// working roles below Administrator can be it, and Not Activated; to make
// everybody an Administrator takes the Owner (contract 2.1).
func (a *App) SetDefaultRole(ctx context.Context, id int64, role roster.Role) (o roster.Organization, err error) {
	err = a.Update(ctx, func(tx *App) error {
		who, err := tx.inOrganization(ctx, EditOrganization, id)
		if err != nil {
			return err
		}
		switch role {
		case "", roster.RoleNotActivated, roster.RoleAnnotator, roster.RoleReviewer, roster.RoleManager:
		case roster.RoleAdministrator:
			if who.Role != roster.RoleOwner {
				return permitted(false)
			}
		default:
			return roster.InvalidField("default_role", "The role %q cannot be the default.", role)
		}
		if role != "" {
			if err := tx.db.SetDefaultRole(ctx, id, role); err != nil {
				return err
			}
		}
		o, err = tx.Organization(ctx, id)
		return err
	})
	return o, err
}

func patchOrganization(o *roster.Organization, patch roster.OrganizationPatch) (err error) {
	if patch.Title != nil {
		if o.Title, err = validLabel("title", *patch.Title, 1000); err != nil {
			return err
		}
	}
	if patch.ContactInfo == nil {
		return nil
	}
	if o.ContactInfo = *patch.ContactInfo; o.ContactInfo == "" {
		return nil
	}
	if o.ContactInfo, err = CleanEmail(o.ContactInfo); err != nil {
		return roster.InvalidField("contact_info", "%s", firstMessage(err))
	}
	return nil
}

// validLabel trims the text that names something, and refuses one that is
// empty, too long, or holds control characters.
func validLabel(field, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", roster.InvalidField(field, "This field may not be blank.")
	}
	return text, validText(field, text, most)
}

// accessible narrows a list of people to those whom the actor may see:
// Managers see the people they share a project or a workspace with, and who
// may not list people at all sees themself.
func accessible(who roster.Actor, f roster.MemberFilter) roster.MemberFilter {
	switch granted(who, ListPeople) {
	case Own:
		f.Sight = within(who)
	case No:
		f.IDs = []int64{who.UserID}
	}
	return f
}

// addressed is somebody as who may know them: whoever may not list people is told
// nobody's e-mail but their own.
func addressed(who roster.Actor, u roster.User) roster.User {
	if u.ID == who.UserID || granted(who, ListPeople) != No {
		return u
	}
	return u.Unaddressed()
}

// unwatched is somebody as who may know them: whoever may not list people is told nobody's
// activity but their own (contract 5).
func unwatched(who roster.Actor, u roster.User) roster.User {
	if u.ID != who.UserID && granted(who, ListPeople) == No {
		u.LastActivity = time.Time{}
	}
	return u
}

// untagged is somebody's tags as who may know them: whoever may not see tags is told none.
func untagged(who roster.Actor, tags []roster.Tag) []roster.Tag {
	if granted(who, ViewTags) == No {
		return nil
	}
	return tags
}

// OrganizationMembers is one page of an organization's people, and how many
// there are in all. Managers see the people they share a project or a
// workspace with.
func (a *App) OrganizationMembers(ctx context.Context, organization int64, f roster.MemberFilter, page roster.Page) (members []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *App) error {
		who, err := tx.inOrganization(ctx, ListPeople, organization)
		if err != nil {
			return err
		}
		if f, err = tx.meant(ctx, f, 0); err != nil {
			return err
		}
		f = accessible(who, f)
		members, total, err = tx.db.OrganizationMembers(ctx, organization, f, page)
		return err
	})
	return members, total, err
}

// ExportPeople hands everybody the filter matches to fn, as OrganizationMembers
// lists them, holding none of them. begin is called once it is clear that the
// actor may.
func (a *App) ExportPeople(ctx context.Context, organization int64, f roster.MemberFilter, order string, begin func(), fn func(roster.OrganizationMember) error) error {
	return a.Stream(ctx, func(tx *App) error {
		who, err := tx.inOrganization(ctx, ListPeople, organization)
		if err != nil {
			return err
		}
		if f, err = tx.meant(ctx, f, 0); err != nil {
			return err
		}
		begin()
		return tx.db.EachOrganizationMember(ctx, organization, accessible(who, f), order, fn)
	})
}

// MayListPeople reports whether the actor may list an organization's people.
func (a *App) MayListPeople(ctx context.Context, organization int64) error {
	_, err := a.inOrganization(ctx, ListPeople, organization)
	return err
}

// unknown says that a field names something that is not there.
func unknown(field string, id int64) error {
	return roster.InvalidField(field, "Invalid pk \"%d\" - object does not exist.", id)
}

// OrganizationMember reads one person of an organization; NotFound when they
// are unknown there, deleted, or not for the actor to see.
func (a *App) OrganizationMember(ctx context.Context, organization, user int64) (m roster.OrganizationMember, err error) {
	who, err := a.inOrganization(ctx, ListPeople, organization)
	if err != nil {
		return m, err
	}
	return a.member(ctx, who, user)
}

// member reads one person as the actor may see them.
func (a *App) member(ctx context.Context, who roster.Actor, user int64) (m roster.OrganizationMember, err error) {
	if user != who.UserID && granted(who, ListPeople) == No {
		return m, notFound
	}
	f := accessible(who, roster.MemberFilter{IDs: []int64{user}})
	members, _, err := a.db.OrganizationMembers(ctx, who.OrganizationID, f, roster.Everything)
	if err != nil {
		return m, err
	}
	if len(members) == 0 {
		return m, notFound
	}
	return members[0], nil
}

// AddProjects fills in which projects the people made and which they were
// given tasks of, as far as the actor may see those.
func (a *App) AddProjects(ctx context.Context, members []roster.OrganizationMember) error {
	who, err := a.May(ctx, ListPeople)
	if err != nil {
		return err
	}
	people := make([]int64, len(members))
	for i, m := range members {
		people[i] = m.User.ID
	}
	created, err := a.db.ProjectsCreatedBy(ctx, who, people)
	if err != nil {
		return err
	}
	contributed, err := a.db.ProjectsWorkedOnBy(ctx, who, people)
	for i, id := range people {
		members[i].Created, members[i].Contributed = created[id], contributed[id]
	}
	return err
}

// ChangeMembership changes a person's role or seat in an organization and
// returns them with the operation that records it. A role that takes access
// away ends what the person held by it; deactivation does not, because it is
// there to be reversed.
func (a *App) ChangeMembership(ctx context.Context, organization, user int64, change roster.MembershipChange) (m roster.OrganizationMember, op int64, err error) {
	err = a.Update(ctx, func(tx *App) error {
		before, after, err := tx.changing(ctx, organization, user, change)
		if err != nil {
			return err
		}
		if op, err = tx.begin(ctx, roster.Operation{Kind: roster.OpOrganizationRole}); err != nil {
			return err
		}
		if before.Role != after.Role || before.UserType != after.UserType {
			if err := tx.makeTransitions(ctx, []transition{{before, after}}, op); err != nil {
				return err
			}
			if err := tx.finish(ctx, op, 1); err != nil {
				return err
			}
		}
		m, err = tx.OrganizationMember(ctx, organization, user)
		return err
	})
	return m, op, err
}

// changing authorizes a change and works out what comes of it, holding the
// person's membership.
func (a *App) changing(ctx context.Context, organization, user int64, change roster.MembershipChange) (before, after roster.OrganizationMembership, err error) {
	who, err := a.inOrganization(ctx, ManagePeople, organization)
	if err != nil {
		return before, after, err
	}
	before, err = a.db.LockMembership(ctx, organization, user)
	switch {
	case roster.KindOf(err) == roster.NotFound, err == nil && !before.DeletedAt.IsZero():
		return before, after, unknown("user_id", user)
	case err != nil:
		return before, after, err
	}
	if after, err = changed(before, change); err != nil {
		return before, after, err
	}
	after.RoleSource = who.Source()
	if err := mayChange(who, before.Role); err != nil {
		return before, after, err
	}
	return before, after, mayChange(who, after.Role)
}

// changed is the membership that change makes of m. A working role gives a
// View Only member a standard seat unless it says flex, and nothing gives View Only back
// (contract 2.3).
func changed(m roster.OrganizationMembership, change roster.MembershipChange) (roster.OrganizationMembership, error) {
	switch {
	case change.Role != "" && !change.Role.Assignable():
		return m, roster.InvalidField("role", "The role %q cannot be given.", change.Role)
	case change.UserType != "" && change.UserType != roster.SeatStandard && change.UserType != roster.SeatFlex:
		return m, roster.InvalidField("user_type", "Only the seats standard and flex can be given. Nothing was changed.")
	case change.UserType != "" && m.UserType == roster.SeatService:
		return m, roster.InvalidField("user_type", "A service account takes no seat.")
	}
	works := change.Role != "" && change.Role.Works()
	if change.UserType != "" && m.UserType == roster.SeatViewOnly && !works {
		return m, roster.InvalidField("role", "A View Only member takes a seat with the role AD, MA, RE or AN.")
	}
	if change.Role != "" {
		m.Role = change.Role
	}
	if change.UserType != "" {
		m.UserType = change.UserType
	} else if works && m.UserType == roster.SeatViewOnly {
		m.UserType = roster.SeatStandard
	}
	return m, nil
}

// recordOne completes an operation that changed one person.
func (a *App) recordOne(ctx context.Context, op int64, o roster.Outcome) error {
	if err := a.db.RecordOutcome(ctx, op, o); err != nil {
		return err
	}
	return a.finish(ctx, op, 1)
}

// RemoveFromOrganization soft-deletes a person: every credential of theirs is
// refused from now on, and their work stays.
func (a *App) RemoveFromOrganization(ctx context.Context, organization, user int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *App) error {
		m, err := tx.leaving(ctx, organization, user)
		if err != nil {
			return err
		}
		if op, err = tx.begin(ctx, roster.Operation{Kind: roster.OpOrganizationLeave}); err != nil {
			return err
		}
		if err := tx.remove(ctx, []roster.OrganizationMembership{m}, op); err != nil {
			return err
		}
		return tx.finish(ctx, op, 1)
	})
	return op, err
}

// leaving authorizes a removal, holding the person's membership. An
// organization the actor does not act in is refused here, not hidden, as the
// wire has it (contract 3.9).
func (a *App) leaving(ctx context.Context, organization, user int64) (m roster.OrganizationMembership, err error) {
	who, err := a.May(ctx, ManagePeople)
	if err == nil && organization != who.OrganizationID {
		err = permitted(false)
	}
	if err == nil {
		err = a.db.LockScim(ctx, organization)
	}
	if err != nil {
		return m, err
	}
	if user == who.UserID {
		return m, roster.Errorf(roster.NotAllowed, "You cannot delete yourself from the organization.")
	}
	m, err = a.db.LockMembership(ctx, organization, user)
	switch {
	case err != nil:
		return m, err
	case !m.DeletedAt.IsZero():
		return m, notFound
	case m.Role == roster.RoleOwner:
		return m, roster.Errorf(roster.NotAllowed, "The Owner cannot be deleted from the organization.")
	}
	return m, mayChange(who, m.Role)
}
