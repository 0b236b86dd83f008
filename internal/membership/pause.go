package membership

import (
	"cmp"
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// maxPauseMessage is the longest message to a paused person, in characters.
const maxPauseMessage = 10_000

// Pauses is the pauses of one member of a project; lifted adds those that no
// longer stand. People may read their own.
func (a *Membership) Pauses(ctx context.Context, project, user int64, lifted bool,
	order string) ([]roster.Pause, error) {
	if err := a.mayReadPauses(ctx, project, user); err != nil {
		return nil, err
	}
	list, err := a.db.Pauses(ctx, project, user, lifted, order)
	who, _ := roster.ActorFrom(ctx)
	for i := range list {
		list[i].PausedBy = core.Addressed(who, list[i].PausedBy)
	}
	return list, err
}

// Pause reads one of them, while it stands.
func (a *Membership) Pause(ctx context.Context, project, user, id int64) (roster.Pause, error) {
	if err := a.mayReadPauses(ctx, project, user); err != nil {
		return roster.Pause{}, err
	}
	p, err := a.db.Pause(ctx, project, user, id)
	who, _ := roster.ActorFrom(ctx)
	p.PausedBy = core.Addressed(who, p.PausedBy)
	return p, err
}

// PauseMember keeps a member from working in a project until the pause is
// lifted.
func (a *Membership) PauseMember(ctx context.Context, project, user int64, reason roster.PauseReason,
	message string) (p roster.Pause, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.mayPause(ctx, project, user)
		if err != nil {
			return err
		}
		if err := core.ValidText("verbose_reason", message, maxPauseMessage); err != nil {
			return err
		}
		p = roster.Pause{ProjectID: project, UserID: user, Reason: reason, Message: message,
			PausedBy: roster.User{ID: who.UserID}}
		id, err := tx.db.CreatePause(ctx, p, tx.Now())
		if err != nil {
			return err
		}
		p, err = tx.db.Pause(ctx, project, user, id)
		return err
	})
	return p, err
}

// UpdatePause changes why somebody is paused.
func (a *Membership) UpdatePause(ctx context.Context, project, user, id int64,
	patch roster.PausePatch) (p roster.Pause, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.mayPause(ctx, project, user); err != nil {
			return err
		}
		if p, err = tx.db.Pause(ctx, project, user, id); err != nil {
			return err
		}
		core.Set(&p.Reason, patch.Reason)
		core.Set(&p.Message, patch.Message)
		if err := core.ValidText("verbose_reason", p.Message, maxPauseMessage); err != nil {
			return err
		}
		if err := tx.db.UpdatePause(ctx, p, tx.Now()); err != nil {
			return err
		}
		p, err = tx.db.Pause(ctx, project, user, id)
		return err
	})
	return p, err
}

// LiftPause ends one pause; the person works again once none stands.
func (a *Membership) LiftPause(ctx context.Context, project, user, id int64) error {
	return a.Update(ctx, func(tx *Membership) error {
		who, err := tx.mayPause(ctx, project, user)
		if err != nil {
			return err
		}
		stood, err := tx.db.LiftPause(ctx, project, user, id, who.UserID, tx.Now())
		if err == nil && !stood {
			err = core.ErrNotFound
		}
		return err
	})
}

// MayPause asks the policy about pausing somebody, and about every change of a
// pause of theirs.
func (a *Membership) mayPause(ctx context.Context, project, user int64) (roster.Actor, error) {
	who, err := a.MayInProject(ctx, core.ManageMembers, project)
	if err != nil {
		return who, err
	}
	s, err := a.whoFinds(ctx, project, user)
	if err != nil {
		return who, err
	}
	return who, core.MayPause(who, user, s.Effective())
}

// MayPause asks whether the actor, who manages the members of a project, may
// pause one of them, and let them work again.
func (a *Membership) MayPause(ctx context.Context, m roster.Member) error {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	return core.MayPause(who, m.User.ID, m.Effective())
}

// mayReadPauses lets people read their own wherever they find the project.
func (a *Membership) mayReadPauses(ctx context.Context, project, user int64) error {
	action := core.ViewMembers
	if who, ok := roster.ActorFrom(ctx); ok && who.UserID == user {
		action = core.FindProject
	}
	if _, err := a.MayInProject(ctx, action, project); err != nil {
		return err
	}
	_, err := a.whoFinds(ctx, project, user)
	return err
}

// PausedProjects is the projects in which the actor is paused.
func (a *Membership) PausedProjects(ctx context.Context) (map[int64]bool, error) {
	who, err := core.ActorOf(ctx)
	if err != nil || !core.Bound(who.Role) {
		return nil, err
	}
	return a.db.PausedProjects(ctx, who.UserID)
}

// whoFinds is the standing of somebody who finds a project: a member, by any
// path, or a Manager who made it. NotFound for others, who have no pauses.
func (a *Membership) whoFinds(ctx context.Context, project, user int64) (roster.Standing, error) {
	s, err := a.db.Standing(ctx, project, user)
	if err != nil {
		return s, err
	}
	who := roster.Actor{UserID: user, OrganizationID: s.OrganizationID, Role: s.Effective()}
	return s, core.May(who, core.FindProject, core.StandingPlace(s))
}

// mayChangeMembersOf refuses to change who is in a workspace to somebody who is
// paused in a project of it: they would change who is in that.
func (a *Membership) mayChangeMembersOf(ctx context.Context, workspace int64) error {
	who, err := core.ActorOf(ctx)
	if err != nil || !core.Bound(who.Role) {
		return err
	}
	projects, err := a.db.PausedInWorkspace(ctx, who.UserID, workspace)
	if err != nil || len(projects) == 0 {
		return err
	}
	return roster.Errorf(roster.Forbidden,
		"You are paused in the project %q of this workspace, whose members would change with it. "+
			"Somebody else who manages the workspace can do this. Nothing was changed.",
		projects[0].Title)
}

// notPausedIn refuses somebody who is paused in a project, of which nothing
// else is asked: it may be gone.
func (a *Membership) notPausedIn(ctx context.Context, project int64) error {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	s, err := a.db.Standing(ctx, project, who.UserID)
	switch {
	case roster.KindOf(err) == roster.NotFound:
		return nil
	case err == nil && s.Paused && core.Bound(s.Role):
		return a.WhyPaused(ctx, project, who.UserID)
	}
	return err
}

// MembersAndPaused is the members the filter matches and, whether it does or
// not, those who are paused; by id.
func (a *Membership) MembersAndPaused(ctx context.Context, project int64,
	f roster.MemberFilter) (members []roster.Member, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		if members, _, err = tx.Members(ctx, project, f, roster.Everything); err != nil {
			return err
		}
		paused, err := tx.db.PausedIn(ctx, project)
		if err != nil || len(paused) == 0 {
			return err
		}
		more, _, err := tx.Members(ctx, project, roster.MemberFilter{IDs: paused}, roster.Everything)
		members = append(members, more...)
		return err
	})
	slices.SortFunc(members, func(a, b roster.Member) int { return cmp.Compare(a.User.ID, b.User.ID) })
	return slices.CompactFunc(members, func(a, b roster.Member) bool { return a.User.ID == b.User.ID }), err
}
