package membership

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"roster"
	"roster/internal/core"
)

// CountInWorkspace is how many people RemoveFromWorkspace with selector s would
// take out now.
func (a *Membership) CountInWorkspace(ctx context.Context, id int64, s roster.Selector) (int, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	w, who, err := a.MayInWorkspace(ctx, core.ViewWorkspace, id)
	if err != nil {
		return 0, err
	}
	if s.Filter, err = core.Discreet(who, s.Filter); err != nil {
		return 0, err
	}
	if s.Filter, err = a.Meant(ctx, s.Filter, id); err != nil {
		return 0, err
	}
	return a.db.CountWorkspaceSelected(ctx, w, s)
}

// PreviewWorkspace says what RemoveFromWorkspace with the same selector would
// do now, with a page of the people.
func (a *Membership) PreviewWorkspace(ctx context.Context, id int64, s roster.Selector,
	look roster.Look) (p roster.WorkspacePreview, err error) {
	if err := s.Validate(); err != nil {
		return p, err
	}
	err = a.View(ctx, func(tx *Membership) error {
		w, _, err := tx.MayInWorkspace(ctx, core.ManageWorkspace, id)
		if err != nil {
			return err
		}
		if err := tx.mayChangeMembersOf(ctx, id); err != nil {
			return err
		}
		if s.Filter, err = tx.Meant(ctx, s.Filter, id); err != nil {
			return err
		}
		ids, err := tx.db.WorkspaceSelected(ctx, w, s)
		if err != nil {
			return err
		}
		dormant, err := tx.db.WorkspaceDormant(ctx, w, s)
		if p.Count, p.Dormant = len(ids), len(dormant); err != nil || p.Count+p.Dormant == 0 {
			return err
		}
		if p.Projects, err = tx.db.WorkspaceLosses(ctx, w, s); err != nil {
			return err
		}
		h := sha256.New()
		fmt.Fprintln(h, ids, dormant, p.Projects)
		p.Plan = hex.EncodeToString(h.Sum(nil)[:16])
		if p.Count == 0 {
			return nil
		}
		some := roster.MemberFilter{IDs: ids, Search: look.Search, WithInactive: true}
		p.People, p.Matching, err = tx.db.WorkspaceMembers(ctx, w, some, look.Page)
		return err
	})
	return p, err
}
