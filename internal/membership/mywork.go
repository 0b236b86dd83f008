package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// Asked is whom to ask about projects that somebody works in.
type Asked struct {
	Managers map[int64][]roster.User // by project: its Managers
	Everyone []roster.User           // where a project has none: the Owner and Administrators
}

// mostAsked is how many of the Owner and Administrators are named.
const mostAsked = 3

// WhomToAsk is who manages each of the actor's projects, as far as the actor may know them
// (Addressed). Where nobody does, it is the Owner or an Administrator.
func (a *Membership) WhomToAsk(ctx context.Context, projects []int64) (out Asked, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.OwnAccount)
		if err != nil {
			return err
		}
		mine, err := tx.db.Reach(ctx, who, who.UserID)
		if err != nil {
			return err
		}
		if out.Managers, err = tx.db.ManagersOf(ctx, who.OrganizationID, among(mine, projects)); err != nil {
			return err
		}
		for _, list := range out.Managers {
			for i := range list {
				list[i] = core.Addressed(who, list[i])
			}
		}
		above := roster.MemberFilter{Roles: []roster.Role{roster.RoleOwner, roster.RoleAdministrator}, Ability: roster.Able}
		page := roster.Page{Number: 1, Size: mostAsked, Order: "role"}
		people, _, err := tx.db.OrganizationMembers(ctx, who.OrganizationID, above, page)
		for _, m := range people {
			out.Everyone = append(out.Everyone, core.Addressed(who, m.User))
		}
		return err
	})
	return out, err
}

// among is the ids that are of projects in a person's reach.
func among(reach []roster.Reach, ids []int64) (within []int64) {
	known := map[int64]bool{}
	for _, r := range reach {
		known[r.Project.ID] = true
	}
	for _, id := range ids {
		if known[id] {
			within = append(within, id)
		}
	}
	return within
}

// ProjectsToAdd is those of the first projects by title that a search matches, at most so
// many, whose members the actor may manage and which a person is no member of; more says
// that others match, too.
func (a *Membership) ProjectsToAdd(ctx context.Context, user int64, search string,
	most int) (projects []roster.Project, more bool, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.ManageMembers)
		if err != nil {
			return err
		}
		if _, err := tx.member(ctx, who, user); err != nil {
			return err
		}
		found, err := tx.db.Projects(ctx, who, roster.ProjectFilter{Search: search},
			roster.Page{Number: 1, Size: most + 1, Order: "title"})
		if err != nil {
			return err
		}
		more, found = len(found) > most, found[:min(most, len(found))]
		reach, err := tx.db.Reach(ctx, who, user)
		if err != nil {
			return err
		}
		member := map[int64]bool{}
		for _, r := range reach {
			member[r.Project.ID] = r.Explicit
		}
		may, err := tx.mayInEach(ctx, who, found, core.ManageMembers)
		for _, p := range found {
			if may[core.ManageMembers][p.ID] && !member[p.ID] {
				projects = append(projects, p)
			}
		}
		return err
	})
	return projects, more, err
}
