package membership

import (
	"context"
	"maps"
	"slices"

	"roster"
	"roster/internal/core"
)

// Addressee is whom an e-mail belongs to, as far as the actor may know them.
type Addressee struct {
	roster.Member
	// Stranger says that the actor may not list them. Who may invite people has named
	// them by their exact e-mail, and learns whether they can be added, and no more.
	Stranger bool
}

// Joins reports whether they can be a member of anything.
func (a Addressee) Joins() bool { return !a.Membership.Deleted() && a.Membership.Role.Works() }

// PeopleByEmail is the people of the organization with one of the e-mails, by the
// e-mail as it is given: the deactivated and the deleted too, and whether they are
// members of the project.
func (a *Membership) PeopleByEmail(ctx context.Context, project int64,
	emails []string) (found map[string]Addressee, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		p, who, err := tx.AllowedProject(ctx, core.ManageMembers, project)
		if err != nil {
			return err
		}
		people, err := tx.db.PeopleByEmail(ctx, p, emails)
		if err != nil {
			return err
		}
		found, err = tx.addressees(ctx, who, people)
		return err
	})
	return found, err
}

func (a *Membership) addressees(ctx context.Context, who roster.Actor,
	people map[string]roster.Member) (map[string]Addressee, error) {
	listed, err := a.listed(ctx, who, slices.Collect(maps.Values(people)))
	found := make(map[string]Addressee, len(people))
	for email, m := range people {
		switch {
		case listed[m.User.ID]:
			found[email] = Addressee{Member: m}
		case core.May(who, core.Invite, nil) == nil && !m.Membership.Deleted():
			found[email] = stranger(m)
		}
	}
	return found, err
}

// listed is which of people who may list.
func (a *Membership) listed(ctx context.Context, who roster.Actor, people []roster.Member) (map[int64]bool, error) {
	ids := make([]int64, len(people))
	for i, m := range people {
		ids[i] = m.User.ID
	}
	return a.inSight(ctx, who, ids)
}

// inSight is which of the people among ids who may list.
func (a *Membership) inSight(ctx context.Context, who roster.Actor, ids []int64) (map[int64]bool, error) {
	seen := ids
	if viewer := core.Within(who); viewer != nil {
		var err error
		s := roster.Selector{Included: ids, Filter: roster.MemberFilter{Sight: viewer}}
		if seen, err = a.db.SelectedPeople(ctx, who.OrganizationID, s); err != nil {
			return nil, err
		}
	}
	set := make(map[int64]bool, len(seen))
	for _, id := range seen {
		set[id] = true
	}
	return set, nil
}

// Acquainted is which of the people among ids the actor may know by name in a
// project: those whom they may list, themselves, who is or was a member of it, and
// whose role in the organization gives access to it. It is an error when the actor
// does not see the project's tasks.
func (a *Membership) Acquainted(ctx context.Context, project int64, ids []int64) (map[int64]bool, error) {
	p, who, err := a.AllowedProject(ctx, core.ViewTasks, project)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	known, err := a.inSight(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	members, err := a.db.EverMembers(ctx, p, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range members {
		known[u.ID] = true
	}
	byRole := roster.Selector{All: true, Filter: roster.MemberFilter{IDs: ids, ByRole: true}}
	everywhere, err := a.db.SelectedPeople(ctx, p.OrganizationID, byRole)
	for _, id := range append(everywhere, who.UserID) {
		known[id] = true
	}
	return known, err
}

// stranger is what somebody is to those who know nothing but their e-mail.
func stranger(m roster.Member) Addressee {
	known := Addressee{Stranger: true}
	known.User.ID, known.User.Email = m.User.ID, m.User.Email
	if !m.Membership.Role.Works() {
		known.Membership.Role = roster.RoleNotActivated
	}
	return known
}

// AssignMembersByEmail makes the people members who have these e-mails, and gives
// roles to those who are named with one.
func (a *Membership) AssignMembersByEmail(
	ctx context.Context, project int64, emails []string, roles map[string]roster.Role,
) (done roster.Assigned, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		people, err := tx.PeopleByEmail(ctx, project, emails)
		if err != nil {
			return err
		}
		s, given, err := byEmail(people, emails, roles)
		if err != nil {
			return err
		}
		done, err = tx.AssignMembersUnseen(ctx, project, s, given)
		return err
	})
	return done, err
}

// SetRolesByEmail gives the members who have these e-mails a role in a project, and returns
// the operation that records it.
func (a *Membership) SetRolesByEmail(ctx context.Context, project int64, emails []string,
	role roster.Role) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		people, err := tx.PeopleByEmail(ctx, project, emails)
		if err != nil {
			return err
		}
		roles := map[string]roster.Role{}
		for _, email := range emails {
			roles[email] = role
		}
		s, _, err := byEmail(people, emails, roles)
		if err != nil {
			return err
		}
		op, err = tx.SetProjectRoles(ctx, project, core.Sorted(s.Included), role)
		return err
	})
	return op, err
}

// byEmail is whom e-mails come to, and the roles that go with them. Strangers keep their
// organization role: which others can be given to them would tell what they are.
func byEmail(
	people map[string]Addressee, emails []string, roles map[string]roster.Role,
) (s roster.Selector, given []roster.RoleAssignment, err error) {
	for _, email := range emails {
		person, found := people[email]
		role := roles[email]
		if !found || (person.Stranger && role != "") {
			return s, nil, roster.InvalidField("emails",
				"%s cannot be added, or not in this way. Nothing was changed; check the list again.", email)
		}
		s.Included = append(s.Included, person.User.ID)
		if role != "" {
			given = append(given, roster.RoleAssignment{UserID: person.User.ID, Role: role})
		}
	}
	return s, given, nil
}
