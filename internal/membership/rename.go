package membership

import (
	"context"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// Rename gives a person another name, and returns them with the operation that records it;
// 0 where it is the one they have. In a mirror people's names are the upstream's.
func (a *Membership) Rename(ctx context.Context, id int64, first, last string) (m roster.OrganizationMember,
	op int64, err error) {
	if err := a.ownNames(ctx); err != nil {
		return m, 0, err
	}
	return a.updatePerson(ctx, id, roster.UserPatch{FirstName: &first, LastName: &last})
}

// ownNames refuses to change names in a mirror, where they are the upstream's.
func (a *Membership) ownNames(ctx context.Context) error {
	if a.IsMirror(ctx) {
		return roster.Errorf(roster.NotAllowed, "The names of people are kept in Label Studio. Nothing was changed.")
	}
	return nil
}

// MayRename is nil where the actor may give somebody another name.
func (a *Membership) MayRename(ctx context.Context, m roster.OrganizationMember) error {
	if err := a.ownNames(ctx); err != nil {
		return err
	}
	return a.MayEdit(ctx, m)
}

// recordName writes down that somebody has another name; 0 where they have not.
func (a *Membership) recordName(ctx context.Context, before, after roster.User) (op int64, err error) {
	if before.FirstName == after.FirstName && before.LastName == after.LastName {
		return 0, nil
	}
	if before, err = a.db.LockUser(ctx, before.ID); err != nil { // a rename at the same time came first
		return 0, err
	}
	if op, err = a.Begin(ctx, roster.Operation{Kind: roster.OpRename}); err != nil {
		return 0, err
	}
	if err := a.db.RecordRename(ctx, op, store.Rename{Before: before, After: after}); err != nil {
		return 0, err
	}
	return op, a.Finish(ctx, op, 1)
}

// mayUndoNames asks the policy about everybody to whom op gave another name.
func (a *Membership) mayUndoNames(ctx context.Context, op roster.Operation) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return err
	}
	renames, err := a.db.Renames(ctx, op.ID)
	if err != nil {
		return err
	}
	if err := a.ownNames(ctx); err != nil {
		return err
	}
	for _, r := range renames {
		m, err := a.memberEver(ctx, who, r.After.ID)
		if err != nil {
			return err
		}
		if err := a.MayEdit(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// mayRenameBack is mayUndoNames of those whom an operation touched.
func (a *Membership) mayRenameBack(ctx context.Context, touched []store.Touched) error {
	if err := a.ownNames(ctx); err != nil {
		return err
	}
	for _, t := range touched {
		m := roster.OrganizationMember{User: roster.User{ID: t.Renamed},
			Membership: roster.OrganizationMembership{Role: t.Role}}
		if err := a.MayEdit(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// takeBackNames gives people the names from before op. Who was renamed since keeps that, and
// who was deleted from the organization too.
func (a *Membership) takeBackNames(ctx context.Context, op roster.Operation, undo int64) (changed int, err error) {
	renames, err := a.db.Renames(ctx, op.ID)
	if err != nil {
		return 0, err
	}
	for _, r := range renames {
		done, err := a.takeBackName(ctx, op, r, undo)
		if err != nil {
			return 0, err
		}
		changed += done
	}
	return changed, nil
}

func (a *Membership) takeBackName(ctx context.Context, op roster.Operation, r store.Rename, undo int64) (int, error) {
	u, err := a.db.LockUser(ctx, r.After.ID)
	if err != nil {
		return 0, err
	}
	m, err := a.db.Membership(ctx, op.OrganizationID, u.ID)
	left := roster.Result("")
	switch {
	case err != nil && roster.KindOf(err) != roster.NotFound:
		return 0, err
	case err != nil, m.Deleted():
		left = roster.GoneMeanwhile
	case u.FirstName != r.After.FirstName || u.LastName != r.After.LastName:
		left = roster.ChangedMeanwhile
	}
	if left != "" {
		return 0, a.db.RecordOutcome(ctx, undo, roster.Outcome{UserID: u.ID, Result: left})
	}
	was := u
	u.FirstName, u.LastName = r.Before.FirstName, r.Before.LastName
	if err := a.db.RecordRename(ctx, undo, store.Rename{Before: was, After: u}); err != nil {
		return 0, err
	}
	return 1, a.db.UpdateUser(ctx, u, "")
}
