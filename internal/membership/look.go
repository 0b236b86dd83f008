package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// mostSpared is how many of those who are spared a preview names.
const mostSpared = 12

// LookAtUnassign is PreviewUnassign for somebody who reads all of it: one page of the people
// of a group, by name, and who is spared.
func (a *Membership) LookAtUnassign(ctx context.Context, project int64, s roster.Selector,
	look roster.Look) (out roster.Looked, err error) {
	err = a.previewing(ctx, project, s, func(tx *Membership, p roster.Project, s roster.Selector, plan store.Plan,
		preview roster.Preview) error {
		out = roster.Looked{Preview: preview, Going: plan.Users}
		spared, err := tx.spared(ctx, p, s)
		if err != nil {
			return err
		}
		if out.Spared = len(spared); out.Spared > 0 {
			if out.SparedSome, err = tx.firstByName(ctx, p, spared, mostSpared); err != nil {
				return err
			}
		}
		page := look.Page
		if page.Order == "" {
			page.Order = "name"
		}
		out.People, out.Matching, err = tx.db.ProjectMembers(ctx, p, groupOf(s, plan, spared, look), tx.undoableSince(), page)
		return err
	})
	return out, err
}

// EachUnassigned hands everybody of a group of a preview to fn, by name, as ExportAccess
// does.
func (a *Membership) EachUnassigned(ctx context.Context, project int64, s roster.Selector, look roster.Look,
	begin func(roster.Project), fn func(roster.Member) error) error {
	if err := s.Validate(); err != nil {
		return err
	}
	return a.Stream(ctx, func(tx *Membership) error {
		p, f, err := tx.MembersOf(ctx, core.ManageMembers, project, s.Filter)
		if err != nil {
			return err
		}
		s.Filter = f
		plan, err := tx.db.MakePlan(ctx, p, s)
		if err != nil {
			return err
		}
		spared, err := tx.spared(ctx, p, s)
		if err != nil {
			return err
		}
		return tx.ExportAccess(ctx, project, groupOf(s, plan, spared, look), "name", begin, fn)
	})
}

// groupOf is the filter of the people of a group.
func groupOf(s roster.Selector, plan store.Plan, spared []int64, look roster.Look) roster.MemberFilter {
	if f := s.Filter; s.All && look.Group == roster.GroupAll && f.Access != roster.ImplicitAccess &&
		!f.OnlyDeleted && (f.Search == "" || look.Search == "") {
		// whom the filter matches are those who go and those who are spared: nobody has to be named
		f.Access, f.WithInactive, f.Search = roster.ExplicitAccess, false, f.Search+look.Search
		return f
	}
	// who is named may be deactivated
	f := roster.MemberFilter{Search: look.Search, Access: roster.ExplicitAccess, WithInactive: true}
	switch look.Group {
	case roster.GroupLose:
		f.IDs = without(plan.Users, plan.Keepers)
	case roster.GroupKeep:
		f.IDs = plan.Keepers
	case roster.GroupDormant:
		f.IDs = plan.DormantUsers
	case roster.GroupSpared:
		f.IDs = spared
	default:
		f.IDs = slices.Concat(plan.Users, spared)
	}
	if f.IDs == nil { // nobody is not the same as no filter
		f.IDs = []int64{}
	}
	return f
}

// spared is who of the excluded would go if they were not.
func (a *Membership) spared(ctx context.Context, p roster.Project, s roster.Selector) ([]int64, error) {
	if !s.All || len(s.Excluded) == 0 {
		return nil, nil
	}
	s.Filter.IDs, s.Excluded = s.Excluded, nil
	return a.db.SelectedMembers(ctx, p, s)
}

// firstByName is the first of some members.
func (a *Membership) firstByName(ctx context.Context, p roster.Project, ids []int64,
	most int) (users []roster.User, err error) {
	page := roster.Page{Number: 1, Size: most, Order: "name"}
	members, err := a.db.ProjectMembersPage(ctx, p, roster.MemberFilter{IDs: ids}, a.undoableSince(), page)
	for _, m := range members {
		users = append(users, m.User)
	}
	return users, err
}

// UnassignAndTell is UnassignMembers that says what it came to.
func (a *Membership) UnassignAndTell(ctx context.Context, project int64, s roster.Selector,
	plan string) (done roster.Ended, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		out, err := tx.UnassignMembers(ctx, project, s, plan)
		if err != nil {
			return err
		}
		p, err := tx.db.Project(ctx, project)
		if err != nil {
			return err
		}
		done, err = tx.db.Ended(ctx, p, out.Operation)
		done.Unassigned = out
		return err
	})
	return done, err
}

// SelectedMembers is whom UnassignMembers with selector s would find, ascending: those of
// a project's list who have a membership of their own.
func (a *Membership) SelectedMembers(ctx context.Context, project int64, s roster.Selector) (ids []int64, err error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	err = a.View(ctx, func(tx *Membership) error {
		p, f, err := tx.MembersOf(ctx, core.ManageMembers, project, s.Filter)
		if err != nil {
			return err
		}
		s.Filter = f
		ids, err = tx.db.SelectedMembers(ctx, p, s)
		return err
	})
	return ids, err
}
