package store

import "context"

// ProjectHotkeys is the hotkeys that somebody has in a project instead of their
// account's, as JSON; "" when they have none.
func (db *DB) ProjectHotkeys(ctx context.Context, user, project int64) (hotkeys string, err error) {
	err = db.find(ctx, db.query("SELECT custom_hotkeys FROM project_hotkeys WHERE user_id = ? AND project_id = ?",
		user, project), &hotkeys)
	if isNotFound(err) {
		err = nil
	}
	return hotkeys, err
}

// SetProjectHotkeys replaces them; "" takes them away.
func (db *DB) SetProjectHotkeys(ctx context.Context, user, project int64, hotkeys string) error {
	q := db.query("DELETE FROM project_hotkeys WHERE user_id = ? AND project_id = ?", user, project)
	if hotkeys != "" {
		q = db.query(`INSERT INTO project_hotkeys (user_id, project_id, custom_hotkeys) VALUES (?, ?, ?)
ON CONFLICT (user_id, project_id) DO UPDATE SET custom_hotkeys = excluded.custom_hotkeys`, user, project, hotkeys)
	}
	_, err := db.exec(ctx, q)
	return err
}
