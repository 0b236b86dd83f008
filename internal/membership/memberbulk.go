package membership

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"roster"
	"roster/internal/core"
)

// What is done to many members of one project at once, each with a preview that says what it
// would come to.

// ChangeProjectRoles gives the members that s selects a role in a project, or takes away the
// one they were given there (""), as one operation. Who has it already, and whose
// organization role allows none, stays as they are. With a preview's plan it does so only
// while they are the same; else Changed.
func (a *Membership) ChangeProjectRoles(ctx context.Context, project int64, s roster.Selector, role roster.Role,
	plan string) (done roster.PeopleChanged, err error) {
	if role != "" && !role.Overridable() {
		return done, roster.InvalidField("role", "Only AN and RE can be given in a project.")
	}
	err = a.Update(ctx, func(tx *Membership) error {
		p, todo, passed, err := tx.roleTargets(ctx, project, s, role)
		if err != nil {
			return err
		}
		if plan != "" && plan != planOfIDs(todo) {
			return errOthers
		}
		if done = (roster.PeopleChanged{Count: len(todo), Passed: passed}); len(todo) == 0 {
			return nil
		}
		if done.Operation, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpProjectRole, ProjectID: p.ID,
			Selector: Describe(s)}); err != nil {
			return err
		}
		if err := tx.writeRoles(ctx, p, todo, role, done.Operation); err != nil {
			return err
		}
		return tx.Finish(ctx, done.Operation, len(todo))
	})
	return done, err
}

var errOthers = roster.Errorf(roster.Changed,
	"The people this is about are not those you were asked about any more. Nothing was changed; look again.")

func (a *Membership) writeRoles(ctx context.Context, p roster.Project, users []int64, role roster.Role,
	op int64) error {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return err
	}
	if role == "" {
		return a.db.ClearProjectRoles(ctx, p, users, op)
	}
	return a.db.SetProjectRoles(ctx, p, users, role, who.Source(), op)
}

// PreviewProjectRoles says what ChangeProjectRoles would do now, with a page of the people.
func (a *Membership) PreviewProjectRoles(ctx context.Context, project int64, s roster.Selector, role roster.Role,
	look roster.Look) (out roster.PeoplePreview, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		p, todo, passed, err := tx.roleTargets(ctx, project, s, role)
		if err != nil {
			return err
		}
		out, err = tx.previewOf(ctx, p, todo, passed, look)
		return err
	})
	return out, err
}

// previewOf is a preview of a change of some members.
func (a *Membership) previewOf(ctx context.Context, p roster.Project, todo []int64,
	passed int, look roster.Look) (out roster.PeoplePreview, err error) {
	out = roster.PeoplePreview{Plan: planOfIDs(todo), Count: len(todo), Passed: passed}
	out.People, out.Matching, err = a.lookAt(ctx, p.OrganizationID, todo, look)
	return out, err
}

// planOfIDs names a set of people.
func planOfIDs(ids []int64) string {
	h := sha256.New()
	fmt.Fprintln(h, ids)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// roleTargets is who of the selected a role would change anything for, with the project
// locked, and how many it would not.
func (a *Membership) roleTargets(ctx context.Context, project int64, s roster.Selector,
	role roster.Role) (p roster.Project, todo []int64, passed int, err error) {
	p, ids, err := a.lockSelected(ctx, project, s)
	if err != nil {
		return p, nil, 0, err
	}
	fit, err := a.db.RoleTargets(ctx, p, ids)
	if err != nil {
		return p, nil, 0, err
	}
	has, err := a.db.WithRole(ctx, p, ids, role)
	todo = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !fit[id] || has[id] })
	return p, todo, len(ids) - len(todo), err
}

// lockSelected is the members that s selects, ascending, with the project locked for whoever
// may change its members.
func (a *Membership) lockSelected(ctx context.Context, project int64, s roster.Selector) (p roster.Project,
	ids []int64, err error) {
	if err := s.Validate(); err != nil {
		return p, nil, err
	}
	if p, err = a.ManageMembers(ctx, project); err != nil {
		return p, nil, err
	}
	if s.Filter, err = a.Meant(ctx, s.Filter, p.WorkspaceID); err != nil {
		return p, nil, err
	}
	ids, err = a.db.SelectedMembers(ctx, p, s)
	return p, ids, err
}

// PauseMembers keeps the members that s selects from working in a project, as PauseMember
// does one, but for those who are paused already and whom the actor may not pause. Pauses
// are no operations: letting them work again ends them.
func (a *Membership) PauseMembers(ctx context.Context, project int64, s roster.Selector,
	message, plan string) (done roster.PeopleChanged, err error) {
	err = a.changePauses(ctx, project, s, false, plan, &done, func(tx *Membership, who roster.Actor, users []int64) error {
		if err := core.ValidText("verbose_reason", message, maxPauseMessage); err != nil {
			return err
		}
		p := roster.Pause{ProjectID: project, Reason: roster.PauseManual, Message: message,
			PausedBy: roster.User{ID: who.UserID}}
		return tx.db.CreatePauses(ctx, p, users, tx.Now())
	})
	return done, err
}

// ResumeMembers lifts every pause that keeps the members that s selects from working.
func (a *Membership) ResumeMembers(ctx context.Context, project int64, s roster.Selector,
	plan string) (done roster.PeopleChanged, err error) {
	err = a.changePauses(ctx, project, s, true, plan, &done, func(tx *Membership, who roster.Actor, users []int64) error {
		return tx.db.LiftPausesIn(ctx, project, users, who.UserID, tx.Now())
	})
	return done, err
}

func (a *Membership) changePauses(ctx context.Context, project int64, s roster.Selector, paused bool,
	plan string, done *roster.PeopleChanged,
	change func(tx *Membership, who roster.Actor, users []int64) error) error {
	return a.Update(ctx, func(tx *Membership) error {
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		_, todo, passed, err := tx.pauseTargets(ctx, project, s, paused)
		if err != nil {
			return err
		}
		if plan != "" && plan != planOfIDs(todo) {
			return errOthers
		}
		if *done = (roster.PeopleChanged{Count: len(todo), Passed: passed}); len(todo) == 0 {
			return nil
		}
		return change(tx, who, todo)
	})
}

// PreviewPauses says what PauseMembers or, of who is paused, ResumeMembers would do now.
func (a *Membership) PreviewPauses(ctx context.Context, project int64, s roster.Selector, paused bool,
	look roster.Look) (out roster.PeoplePreview, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		p, todo, passed, err := tx.pauseTargets(ctx, project, s, paused)
		if err != nil {
			return err
		}
		out, err = tx.previewOf(ctx, p, todo, passed, look)
		return err
	})
	return out, err
}

// pauseTargets is who of the selected is paused or not, and the actor may pause.
func (a *Membership) pauseTargets(ctx context.Context, project int64, s roster.Selector,
	paused bool) (p roster.Project, todo []int64, passed int, err error) {
	p, ids, err := a.lockSelected(ctx, project, s)
	if err != nil {
		return p, nil, 0, err
	}
	members, err := a.db.MembersByID(ctx, p, ids)
	for _, m := range members {
		if (m.Pause != nil) == paused && a.MayPause(ctx, m) == nil {
			todo = append(todo, m.User.ID)
		}
	}
	slices.Sort(todo)
	return p, todo, len(ids) - len(todo), err
}

// PreviewWorkspaceAssign says what AssignToWorkspace would do now. The answer names no
// operation.
func (a *Membership) PreviewWorkspaceAssign(ctx context.Context, workspace int64,
	s roster.Selector) (roster.Assigned, error) {
	return a.tried(ctx, func(tx *Membership) (roster.Assigned, error) {
		return tx.AssignToWorkspace(ctx, workspace, s)
	})
}

// SelectedPeople is who of the organization's people s selects, whom the actor may see,
// ascending.
func (a *Membership) SelectedPeople(ctx context.Context, s roster.Selector) (ids []int64, err error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	who, err := a.May(ctx, core.ListPeople)
	if err != nil {
		return nil, err
	}
	f, err := a.Meant(ctx, s.Filter, 0)
	if err != nil {
		return nil, err
	}
	s.Filter = core.Accessible(who, f)
	ids, err = a.db.SelectedPeople(ctx, who.OrganizationID, s)
	slices.Sort(ids)
	return ids, err
}
