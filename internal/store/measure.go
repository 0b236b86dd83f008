package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"time"

	"roster/internal/metrics"
)

// Measure says to whoever watches how the store is doing at now: its connections and
// files, what waits to be done, and how many sessions there are.
func (db *DB) Measure(ctx context.Context, now time.Time) error {
	for name, pool := range map[string]*sql.DB{
		"write": db.write, "read": db.read, "ask": db.short, "look": db.look,
	} {
		if pool != nil {
			s := pool.Stats()
			metrics.Pool(name, s.InUse, s.Idle, s.MaxOpenConnections)
		}
	}
	state := metrics.State{Waiting: db.Waiting()}
	state.Sizes, state.Checkpoint = db.files()
	var oldest sql.NullInt64
	err := db.prepared(ctx, db.fixed(`SELECT (SELECT count(*) FROM mails WHERE next_at IS NOT NULL),
 (SELECT min(created_at) FROM mails WHERE next_at IS NOT NULL), (SELECT count(*) FROM sessions)`),
		&state.Outbox, &oldest, &state.Sessions)
	if oldest.Valid {
		state.Oldest = now.Sub(moment(oldest))
	}
	metrics.Probed(state)
	return err
}

// files are the sizes of SQLite's files, in bytes, and when the database was last
// written to, which its log is moved into; none of a server.
func (db *DB) files() (sizes map[string]int64, written time.Time) {
	if db.dir == "" {
		return nil, written
	}
	sizes = map[string]int64{}
	path := filepath.Join(db.dir, sqliteFile)
	for name, file := range map[string]string{"database": path, "wal": path + "-wal"} {
		is, err := os.Stat(file)
		if err != nil {
			continue
		}
		sizes[name] = is.Size()
		if file == path {
			written = is.ModTime()
		}
	}
	return sizes, written
}
