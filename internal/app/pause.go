package app

import (
	"cmp"
	"context"
	"slices"

	"roster"
)

// maxPauseMessage is the longest message to a paused person, in characters.
const maxPauseMessage = 10_000

// Pauses is the pauses of one member of a project; lifted adds those that no
// longer stand. People may read their own.
func (a *App) Pauses(ctx context.Context, project, user int64, lifted bool, order string) ([]roster.Pause, error) {
	if err := a.mayReadPauses(ctx, project, user); err != nil {
		return nil, err
	}
	return a.db.Pauses(ctx, project, user, lifted, order)
}

// Pause reads one of them, while it stands.
func (a *App) Pause(ctx context.Context, project, user, id int64) (roster.Pause, error) {
	if err := a.mayReadPauses(ctx, project, user); err != nil {
		return roster.Pause{}, err
	}
	return a.db.Pause(ctx, project, user, id)
}

// PauseMember keeps a member from working in a project until the pause is
// lifted.
func (a *App) PauseMember(ctx context.Context, project, user int64, reason roster.PauseReason, message string) (p roster.Pause, err error) {
	err = a.Update(ctx, func(tx *App) error {
		who, err := tx.mayPause(ctx, project, user)
		if err != nil {
			return err
		}
		if err := validText("verbose_reason", message, maxPauseMessage); err != nil {
			return err
		}
		p = roster.Pause{ProjectID: project, UserID: user, Reason: reason, Message: message, PausedBy: roster.User{ID: who.UserID}}
		id, err := tx.db.CreatePause(ctx, p, tx.now())
		if err != nil {
			return err
		}
		p, err = tx.db.Pause(ctx, project, user, id)
		return err
	})
	return p, err
}

// UpdatePause changes why somebody is paused.
func (a *App) UpdatePause(ctx context.Context, project, user, id int64, patch roster.PausePatch) (p roster.Pause, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.mayPause(ctx, project, user); err != nil {
			return err
		}
		if p, err = tx.db.Pause(ctx, project, user, id); err != nil {
			return err
		}
		set(&p.Reason, patch.Reason)
		set(&p.Message, patch.Message)
		if err := validText("verbose_reason", p.Message, maxPauseMessage); err != nil {
			return err
		}
		if err := tx.db.UpdatePause(ctx, p, tx.now()); err != nil {
			return err
		}
		p, err = tx.db.Pause(ctx, project, user, id)
		return err
	})
	return p, err
}

// LiftPause ends one pause; the person works again once none stands.
func (a *App) LiftPause(ctx context.Context, project, user, id int64) error {
	return a.Update(ctx, func(tx *App) error {
		who, err := tx.mayPause(ctx, project, user)
		if err != nil {
			return err
		}
		stood, err := tx.db.LiftPause(ctx, project, user, id, who.UserID, tx.now())
		if err == nil && !stood {
			err = notFound
		}
		return err
	})
}

func (a *App) mayPause(ctx context.Context, project, user int64) (roster.Actor, error) {
	who, err := a.MayInProject(ctx, ManageMembers, project)
	if err != nil {
		return who, err
	}
	return who, a.isMember(ctx, project, user)
}

func (a *App) mayReadPauses(ctx context.Context, project, user int64) error {
	action := ViewMembers
	if who, ok := roster.ActorFrom(ctx); ok && who.UserID == user {
		action = ViewProject
	}
	if _, err := a.MayInProject(ctx, action, project); err != nil {
		return err
	}
	return a.isMember(ctx, project, user)
}

// isMember is NotFound for somebody who has no access to a project.
func (a *App) isMember(ctx context.Context, project, user int64) error {
	s, err := a.db.Standing(ctx, project, user)
	if err == nil && !s.Member() {
		err = notFound
	}
	return err
}

// MembersAndPaused is the members the filter matches and, whether it does or
// not, those who are paused; by id.
func (a *App) MembersAndPaused(ctx context.Context, project int64, f roster.MemberFilter) (members []roster.Member, err error) {
	err = a.View(ctx, func(tx *App) error {
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
