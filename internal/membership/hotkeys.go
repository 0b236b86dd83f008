package membership

import (
	"context"

	"roster/internal/core"
)

// ProjectHotkeys is the hotkeys that the actor has in a project instead of their
// account's, as JSON; "" when they have none.
func (a *Membership) ProjectHotkeys(ctx context.Context, project int64) (string, error) {
	who, err := a.MayInProject(ctx, core.ViewProject, project)
	if err != nil {
		return "", err
	}
	return a.db.ProjectHotkeys(ctx, who.UserID, project)
}

// SetProjectHotkeys replaces them; "" takes them away, so that the account's count.
func (a *Membership) SetProjectHotkeys(ctx context.Context, project int64, hotkeys string) error {
	if err := ValidHotkeys(hotkeys); err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Membership) error {
		who, err := tx.MayInProject(ctx, core.ViewProject, project)
		if err != nil {
			return err
		}
		return tx.db.SetProjectHotkeys(ctx, who.UserID, project, hotkeys)
	})
}
