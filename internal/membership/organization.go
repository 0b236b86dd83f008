package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Organizations is the organizations that the actor belongs to.
func (a *Membership) Organizations(ctx context.Context, order string) ([]roster.Organization, error) {
	who, err := a.May(ctx, core.ViewOrganization)
	if err != nil {
		return nil, err
	}
	return a.db.OrganizationsOf(ctx, who.UserID, order)
}

// Organization reads the actor's organization, the invite token only for
// those who may invite.
func (a *Membership) Organization(ctx context.Context, id int64) (roster.Organization, error) {
	who, err := a.InOrganization(ctx, core.ViewOrganization, id)
	if err != nil {
		return roster.Organization{}, err
	}
	o, err := a.db.Organization(ctx, id)
	if core.May(who, core.Invite, nil) != nil {
		o.Token = ""
	}
	return o, err
}

// UpdateOrganization changes the actor's organization.
func (a *Membership) UpdateOrganization(ctx context.Context, id int64,
	patch roster.OrganizationPatch) (o roster.Organization, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.InOrganization(ctx, core.EditOrganization, id); err != nil {
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
func (a *Membership) SetDefaultRole(ctx context.Context, id int64,
	role roster.Role) (o roster.Organization, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.InOrganization(ctx, core.EditOrganization, id)
		if err != nil {
			return err
		}
		switch role {
		case "", roster.RoleNotActivated, roster.RoleAnnotator, roster.RoleReviewer, roster.RoleManager:
		case roster.RoleAdministrator:
			if who.Role != roster.RoleOwner {
				return core.Permitted(false)
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
		if o.Title, err = core.ValidLabel("title", *patch.Title, 1000); err != nil {
			return err
		}
	}
	if patch.ContactInfo == nil {
		return nil
	}
	if o.ContactInfo = *patch.ContactInfo; o.ContactInfo == "" {
		return nil
	}
	if o.ContactInfo, err = core.CleanEmail(o.ContactInfo); err != nil {
		return roster.InvalidField("contact_info", "%s", core.FirstMessage(err))
	}
	return nil
}

// OrganizationMembers is one page of an organization's people, and how many
// there are in all. Managers see the people they share a project or a
// workspace with.
func (a *Membership) OrganizationMembers(ctx context.Context, organization int64, f roster.MemberFilter,
	page roster.Page) (members []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		members, total, err = tx.organizationMembers(ctx, organization, f, page,
			func(organization int64, f roster.MemberFilter, page roster.Page) ([]roster.OrganizationMember, int, error) {
				return tx.db.OrganizationMembers(ctx, organization, f, page)
			})
		return err
	})
	return members, total, err
}

// organizationMembers is what read reads of an organization, as the actor may see it.
func (a *Membership) organizationMembers(ctx context.Context, organization int64, f roster.MemberFilter,
	page roster.Page,
	read func(int64, roster.MemberFilter, roster.Page) ([]roster.OrganizationMember, int,
		error)) (members []roster.OrganizationMember, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.InOrganization(ctx, core.ListPeople, organization)
		if err != nil {
			return err
		}
		if f, err = tx.Meant(ctx, f, 0); err != nil {
			return err
		}
		members, total, err = read(organization, core.Accessible(who, f), page)
		return err
	})
	return members, total, err
}

// ExportPeople hands everybody the filter matches to fn, as OrganizationMembers
// lists them, holding none of them. begin is called once it is clear that the
// actor may.
func (a *Membership) ExportPeople(ctx context.Context, organization int64, f roster.MemberFilter, order string,
	begin func(), fn func(roster.OrganizationMember) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		who, err := tx.InOrganization(ctx, core.ListPeople, organization)
		if err != nil {
			return err
		}
		if f, err = tx.Meant(ctx, f, 0); err != nil {
			return err
		}
		begin()
		return tx.db.EachOrganizationMember(ctx, organization, core.Accessible(who, f), order, fn)
	})
}

// MayListPeople reports whether the actor may list an organization's people.
func (a *Membership) MayListPeople(ctx context.Context, organization int64) error {
	_, err := a.InOrganization(ctx, core.ListPeople, organization)
	return err
}

// OrganizationMember reads one person of an organization; NotFound when they
// are unknown there, deleted, or not for the actor to see.
func (a *Membership) OrganizationMember(ctx context.Context,
	organization, user int64) (m roster.OrganizationMember, err error) {
	who, err := a.InOrganization(ctx, core.ListPeople, organization)
	if err != nil {
		return m, err
	}
	return a.member(ctx, who, user)
}

// member reads one person as the actor may see them.
// memberKey is whom somebody was asked about.
type memberKey struct{ user, viewer int64 }

func (a *Membership) member(ctx context.Context, who roster.Actor,
	user int64) (m roster.OrganizationMember, err error) {
	if user != who.UserID && core.Granted(who, core.ListPeople) == core.No {
		return m, core.ErrNotFound
	}
	members, err := core.Once(a.App, memberKey{user, who.UserID}, func() ([]roster.OrganizationMember, error) {
		f := core.Accessible(who, roster.MemberFilter{IDs: []int64{user}})
		members, _, err := a.db.OrganizationMembers(ctx, who.OrganizationID, f, roster.Everything)
		return members, err
	})
	if err != nil {
		return m, err
	}
	if len(members) == 0 {
		return m, core.ErrNotFound
	}
	return members[0], nil
}

// AddProjects fills in which projects the people made and which they were
// given tasks of, as far as the actor may see those.
func (a *Membership) AddProjects(ctx context.Context, members []roster.OrganizationMember) error {
	who, err := a.May(ctx, core.ListPeople)
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
func (a *Membership) ChangeMembership(ctx context.Context, organization, user int64,
	change roster.MembershipChange) (m roster.OrganizationMember, op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		before, after, err := tx.changing(ctx, organization, user, change)
		if err != nil {
			return err
		}
		if op, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpOrganizationRole}); err != nil {
			return err
		}
		if before.Role != after.Role || before.UserType != after.UserType {
			if err := tx.MakeTransitions(ctx, []Transition{{before, after}}, op); err != nil {
				return err
			}
			if err := tx.Finish(ctx, op, 1); err != nil {
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
func (a *Membership) changing(ctx context.Context, organization, user int64,
	change roster.MembershipChange) (before, after roster.OrganizationMembership, err error) {
	who, err := a.InOrganization(ctx, core.ManagePeople, organization)
	if err != nil {
		return before, after, err
	}
	before, err = a.db.LockMembership(ctx, organization, user)
	switch {
	case roster.KindOf(err) == roster.NotFound, err == nil && !before.DeletedAt.IsZero():
		return before, after, core.Unknown("user_id", user)
	case err != nil:
		return before, after, err
	}
	if after, err = Changed(before, change); err != nil {
		return before, after, err
	}
	after.RoleSource = who.Source()
	if err := core.MayChange(who, before.Role); err != nil {
		return before, after, err
	}
	return before, after, core.MayChange(who, after.Role)
}

// Changed is the membership that change makes of m. A working role gives a
// View Only member a standard seat unless it says flex, and nothing gives View Only back
// (contract 2.3).
func Changed(m roster.OrganizationMembership, change roster.MembershipChange) (roster.OrganizationMembership, error) {
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

// RecordOne completes an operation that changed one person.
func (a *Membership) RecordOne(ctx context.Context, op int64, o roster.Outcome) error {
	if err := a.db.RecordOutcome(ctx, op, o); err != nil {
		return err
	}
	return a.Finish(ctx, op, 1)
}

// RemoveFromOrganization soft-deletes a person: every credential of theirs is
// refused from now on, and their work stays.
func (a *Membership) RemoveFromOrganization(ctx context.Context, organization, user int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		m, err := tx.leaving(ctx, organization, user)
		if err != nil {
			return err
		}
		if op, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpOrganizationLeave}); err != nil {
			return err
		}
		if err := tx.remove(ctx, []roster.OrganizationMembership{m}, op); err != nil {
			return err
		}
		return tx.Finish(ctx, op, 1)
	})
	return op, err
}

// leaving authorizes a removal, holding the person's membership. An
// organization the actor does not act in is refused here, not hidden, as the
// wire has it (contract 3.9).
func (a *Membership) leaving(ctx context.Context,
	organization, user int64) (m roster.OrganizationMembership, err error) {
	who, err := a.May(ctx, core.ManagePeople)
	if err == nil && organization != who.OrganizationID {
		err = core.Permitted(false)
	}
	if err == nil {
		err = a.db.LockSCIM(ctx, organization)
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
		return m, core.ErrNotFound
	case m.Role == roster.RoleOwner:
		return m, roster.Errorf(roster.NotAllowed, "The Owner cannot be deleted from the organization.")
	}
	return m, core.MayChange(who, m.Role)
}
