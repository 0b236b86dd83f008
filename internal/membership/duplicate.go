package membership

import (
	"context"
	"fmt"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
)

// DuplicateProject makes a project like another: the same settings, and on
// request the same tasks and the same people with the same project roles. It
// begins unpublished, and nobody has assignments in it. The operation is the
// record of its members; 0 without them.
func (a *Membership) DuplicateProject(ctx context.Context, id int64,
	like roster.ProjectCopy) (made, op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		from, who, err := tx.mayCopy(ctx, id, like)
		if err != nil {
			return err
		}
		p := from
		p.Title, p.Description, p.WorkspaceID, p.CreatedBy = strings.TrimSpace(like.Title), like.Description,
			like.WorkspaceID, roster.User{ID: who.UserID}
		p.Published, p.Archived, p.PinnedAt = false, false, time.Time{}
		if err := validProject(p); err != nil {
			return err
		}
		if err := tx.OwnIDs(ctx); err != nil {
			return err
		}
		if made, err = tx.db.CreateProject(ctx, p, tx.Now()); err != nil {
			return err
		}
		if like.Tasks {
			if err := tx.db.CopyTasks(ctx, from.ID, made, tx.Now()); err != nil {
				return err
			}
		}
		if !like.Members {
			return nil
		}
		op, err = tx.copyMembers(ctx, from, made, who)
		return err
	})
	return made, op, err
}

// mayCopy authorizes a copy: to see what is copied is not enough, because the
// people in it become the members of something.
func (a *Membership) mayCopy(ctx context.Context, id int64, like roster.ProjectCopy) (roster.Project,
	roster.Actor, error) {
	from, who, err := a.AllowedProject(ctx, core.EditProject, id)
	if err != nil {
		return from, who, err
	}
	if _, err := a.May(ctx, core.CreateProject); err != nil {
		return from, who, err
	}
	for action, needed := range map[core.Action]bool{core.ManageMembers: like.Members, core.ManageTasks: like.Tasks} {
		if !needed {
			continue
		}
		if _, err := a.MayInProject(ctx, action, id); err != nil {
			return from, who, err
		}
	}
	return from, who, a.intoWorkspace(ctx, like.WorkspaceID)
}

func (a *Membership) copyMembers(ctx context.Context, from roster.Project, made int64,
	who roster.Actor) (int64, error) {
	p, err := a.db.Project(ctx, made)
	if err != nil {
		return 0, err
	}
	op, err := a.Begin(ctx, roster.Operation{Kind: roster.OpAssign, ProjectID: made,
		Selector: fmt.Sprintf(`{"members_of":%d}`, from.ID)})
	if err != nil {
		return 0, err
	}
	begun, err := a.db.CopyMemberships(ctx, from, p, who.Source(), op)
	if err != nil {
		return 0, err
	}
	return op, a.Finish(ctx, op, begun)
}
