package membership

import (
	"context"
	"strings"

	"roster"
	"roster/internal/core"
)

// Workspaces is every workspace the actor may see, and for those who ask and
// see every project also other people's personal ones.
func (a *Membership) Workspaces(ctx context.Context, f roster.WorkspaceFilter,
	order string) ([]roster.Workspace, error) {
	who, err := a.May(ctx, core.ViewWorkspace)
	if err != nil {
		return nil, err
	}
	list, err := a.db.Workspaces(ctx, who, f, order)
	for i := range list {
		list[i].Creator = core.Addressed(who, list[i].Creator)
	}
	return list, err
}

// Workspace reads one.
func (a *Membership) Workspace(ctx context.Context, id int64) (roster.Workspace, error) {
	w, who, err := a.MayInWorkspace(ctx, core.ViewWorkspace, id)
	w.Creator = core.Addressed(who, w.Creator)
	return w, err
}

// CreateWorkspace makes a workspace with the actor as its first member.
func (a *Membership) CreateWorkspace(ctx context.Context, patch roster.WorkspacePatch) (w roster.Workspace,
	done roster.Assigned, err error) {
	if patch.Title == nil {
		return w, done, roster.InvalidField("title", "This field is required.")
	}
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.CreateWorkspace)
		if err != nil {
			return err
		}
		w = roster.Workspace{OrganizationID: who.OrganizationID, CreatedBy: who.UserID}
		w.Personal = patch.Personal != nil && *patch.Personal
		if err := tx.newSandbox(ctx, w); err != nil {
			return err
		}
		if err := changeWorkspace(&w, patch); err != nil {
			return err
		}
		if w.ID, err = tx.db.CreateWorkspace(ctx, w, tx.Now()); err != nil {
			return err
		}
		first := roster.Selector{Included: []int64{who.UserID}}
		if done, err = tx.beginWorkspaceMembers(ctx, w, first, Describe(first), nil); err != nil {
			return err
		}
		w, err = tx.db.Workspace(ctx, w.ID, who.UserID)
		return err
	})
	return w, done, err
}

// newSandbox refuses a second personal workspace: each person owns one.
func (a *Membership) newSandbox(ctx context.Context, w roster.Workspace) error {
	if !w.Personal {
		return nil
	}
	has, err := a.db.HasSandbox(ctx, w.OrganizationID, w.CreatedBy)
	if err == nil && has {
		err = roster.InvalidField("is_personal", "You have a personal workspace already.")
	}
	return err
}

// changeWorkspace applies a patch, or refuses it.
func changeWorkspace(w *roster.Workspace, patch roster.WorkspacePatch) error {
	if patch.Title != nil {
		w.Title = strings.TrimSpace(*patch.Title)
		if w.Title == "" {
			return roster.InvalidField("title", "This field may not be blank.")
		}
	}
	core.Set(&w.Description, patch.Description)
	core.Set(&w.Color, patch.Color)
	core.Set(&w.Archived, patch.Archived)
	if patch.Personal != nil && *patch.Personal != w.Personal {
		return roster.InvalidField("is_personal", "A workspace stays personal or shared, as it was made.")
	}
	if err := core.ValidText("title", w.Title, 1000); err != nil {
		return err
	}
	if err := core.ValidText("color", w.Color, 16); err != nil {
		return err
	}
	return core.ValidText("description", w.Description, maxText)
}

// maxText bounds texts that nothing else does.
const maxText = 1 << 20

// UpdateWorkspace changes what a workspace is called and looks like.
func (a *Membership) UpdateWorkspace(ctx context.Context, id int64,
	patch roster.WorkspacePatch) (w roster.Workspace, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if w, err = tx.manageWorkspace(ctx, id); err != nil {
			return err
		}
		if err := changeWorkspace(&w, patch); err != nil {
			return err
		}
		return tx.db.UpdateWorkspace(ctx, w)
	})
	return w, err
}

// DeleteWorkspace takes away a workspace that holds no projects any more.
func (a *Membership) DeleteWorkspace(ctx context.Context, id int64) error {
	return a.Update(ctx, func(tx *Membership) error {
		w, err := tx.manageWorkspace(ctx, id)
		if err != nil {
			return err
		}
		if w.ProjectsCount > 0 {
			return roster.InvalidField("non_field_errors",
				"The workspace still holds projects (%d). Move or delete them first.", w.ProjectsCount)
		}
		return tx.db.DeleteWorkspace(ctx, id, tx.Now())
	})
}

// manageWorkspace authorizes a change of a workspace and locks it.
func (a *Membership) manageWorkspace(ctx context.Context, id int64) (w roster.Workspace, err error) {
	if _, _, err = a.MayInWorkspace(ctx, core.ManageWorkspace, id); err != nil {
		return w, err
	}
	if err = a.db.LockWorkspace(ctx, id); err != nil {
		return w, err
	}
	w, _, err = a.MayInWorkspace(ctx, core.ManageWorkspace, id) // as it is under the lock
	return w, err
}

// manageWorkspaceMembers authorizes a change of a workspace's members, and
// locks the workspace and its projects, where people's standing depends on it.
func (a *Membership) manageWorkspaceMembers(ctx context.Context, id int64) (w roster.Workspace, err error) {
	if w, err = a.manageWorkspace(ctx, id); err != nil {
		return w, err
	}
	if w.Personal {
		return w, roster.InvalidField("non_field_errors", "A personal workspace is its owner's alone. Nothing was changed.")
	}
	if err := a.mayChangeMembersOf(ctx, id); err != nil {
		return w, err
	}
	return w, a.db.LockProjectsOf(ctx, id)
}

// WorkspaceMembers is one page of the people in a workspace, and how many
// there are in all.
func (a *Membership) WorkspaceMembers(ctx context.Context, id int64, f roster.MemberFilter,
	page roster.Page) (members []roster.Member, total int, err error) {
	return a.workspaceMembers(ctx, id, f, page, func(w roster.Workspace, f roster.MemberFilter,
		page roster.Page) ([]roster.Member, int, error) {
		return a.db.WorkspaceMembers(ctx, w, f, page)
	})
}

// workspaceMembers is what read reads of a workspace, as the actor may see it.
func (a *Membership) workspaceMembers(ctx context.Context, id int64, f roster.MemberFilter, page roster.Page,
	read func(roster.Workspace, roster.MemberFilter, roster.Page) ([]roster.Member, int,
		error)) (members []roster.Member, total int, err error) {
	w, who, err := a.MayInWorkspace(ctx, core.ViewWorkspace, id)
	if err != nil {
		return nil, 0, err
	}
	if f, page, err = core.Discreetly(who, f, page); err != nil {
		return nil, 0, err
	}
	if f, err = a.Meant(ctx, f, id); err != nil {
		return nil, 0, err
	}
	members, total, err = read(w, f, page)
	for i := range members {
		members[i].User = core.Unwatched(who, core.Addressed(who, members[i].User))
		members[i].Tags = core.Untagged(who, members[i].Tags)
	}
	return members, total, err
}

// AssignToWorkspace makes the people that s selects members of a workspace,
// and so gives them access to every project in it. People beyond the actor's sight
// are as good as unknown.
func (a *Membership) AssignToWorkspace(ctx context.Context, id int64,
	s roster.Selector) (done roster.Assigned, err error) {
	if s, err = core.Addable(ctx, s); err != nil {
		return done, err
	}
	return a.AssignToWorkspaceUnseen(ctx, id, s)
}

// AssignToWorkspaceUnseen adds people whom the actor need not see, as AssignMembersUnseen does.
func (a *Membership) AssignToWorkspaceUnseen(ctx context.Context, id int64,
	s roster.Selector) (done roster.Assigned, err error) {
	asked := Describe(s)
	s, unknown, err := a.named(ctx, s, s.Filter.Sight)
	if err != nil {
		return done, err
	}
	err = a.changingWorkspace(ctx, id, s, func(tx *Membership, w roster.Workspace, s roster.Selector) (err error) {
		done, err = tx.beginWorkspaceMembers(ctx, w, s, asked, unknown)
		return err
	})
	return done, err
}

// beginWorkspaceMembers makes an addition to a workspace, with the record of what
// was asked, and of the ids in it that name nobody.
func (a *Membership) beginWorkspaceMembers(ctx context.Context, w roster.Workspace, s roster.Selector,
	asked string, unknown []int64) (done roster.Assigned, err error) {
	skipped, err := a.db.SkippedInWorkspace(ctx, w, s)
	if err != nil {
		return done, err
	}
	done.Skipped = idsOf(skipped, unknown)
	if done.Operation, err = a.Begin(ctx, roster.Operation{Kind: roster.OpWorkspaceAssign, WorkspaceID: w.ID,
		Selector: asked}); err != nil {
		return done, err
	}
	if done.Count, err = a.db.BeginWorkspaceMembers(ctx, w, s, done.Operation); err != nil {
		return done, err
	}
	if err := a.recordSkipped(ctx, done.Operation, skipped, unknown); err != nil {
		return done, err
	}
	return done, a.Finish(ctx, done.Operation, done.Count)
}

// AddToWorkspace makes one person a member; being one already is fine.
func (a *Membership) AddToWorkspace(ctx context.Context, id, user int64) (done roster.Assigned, err error) {
	one, err := core.Addable(ctx, roster.Selector{Included: []int64{user}})
	if err != nil {
		return done, err
	}
	err = a.Update(ctx, func(tx *Membership) error {
		w, err := tx.manageWorkspaceMembers(ctx, id)
		if err != nil {
			return err
		}
		skipped, err := tx.db.SkippedInWorkspace(ctx, w, one)
		if err != nil {
			return err
		}
		if len(skipped) > 0 {
			return refusedMember(skipped[0])
		}
		asked := one
		asked.Filter.Sight = nil // its question is answered
		done, err = tx.beginWorkspaceMembers(ctx, w, asked, Describe(one), nil)
		return err
	})
	return done, err
}

// refusedMember says why somebody cannot be a member of anything.
func refusedMember(o roster.Outcome) error {
	if o.Result == roster.UnknownPerson || o.Result == roster.SkippedDeleted {
		return noSuch("user", o.UserID)
	}
	return roster.InvalidField("user", "User %d is deactivated, or not activated yet.", o.UserID)
}

// noSuch refuses a reference to something that is absent or not visible.
func noSuch(field string, id int64) error {
	return roster.InvalidField(field, "Invalid pk \"%d\" - object does not exist.", id)
}

// changingWorkspace runs change in a transaction in which the actor manages the members of
// a workspace, with the selector as the store takes it.
func (a *Membership) changingWorkspace(ctx context.Context, id int64, s roster.Selector,
	change func(tx *Membership, w roster.Workspace, s roster.Selector) error) error {
	return a.Update(ctx, func(tx *Membership) error {
		w, err := tx.manageWorkspaceMembers(ctx, id)
		if err != nil {
			return err
		}
		meant := s
		if meant.Filter, err = tx.Meant(ctx, s.Filter, id); err != nil {
			return err
		}
		return change(tx, w, meant)
	})
}

// RemoveFromWorkspace ends the memberships that s selects. People who had
// access to its projects by that alone lose it, with their project roles and
// open assignments.
func (a *Membership) RemoveFromWorkspace(ctx context.Context, id int64,
	s roster.Selector) (done roster.Unassigned, err error) {
	asked := Describe(s)
	s, unknown, err := a.taken(ctx, s)
	if err != nil {
		return done, err
	}
	err = a.changingWorkspace(ctx, id, s, func(tx *Membership, w roster.Workspace, s roster.Selector) (err error) {
		done.Operation, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpWorkspaceUnassign, WorkspaceID: w.ID,
			Selector: asked})
		if err != nil {
			return err
		}
		if done.Count, done.Dormant, err = tx.db.EndWorkspaceMembers(ctx, w, s, done.Operation); err != nil {
			return err
		}
		if err := tx.db.RecordWorkspaceUntouched(ctx, w, s, done.Operation); err != nil {
			return err
		}
		if err := tx.db.RecordUnknown(ctx, done.Operation, unknown); err != nil {
			return err
		}
		return tx.finishKeeping(ctx, done.Operation, done.Count, s)
	})
	return done, err
}
