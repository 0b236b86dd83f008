package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"roster"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Version is the schema this binary works with.
func Version() int { return len(migrationFiles()) }

func migrationFiles() []string {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	return files
}

// SchemaVersion is the schema the store is at; 0 for an empty one.
func (db *DB) SchemaVersion(ctx context.Context) (int, error) {
	n, err := db.count(ctx, db.query(strings.Replace(db.dialect.exists, "$1", "?", 1), "schema_versions"))
	if err != nil || n == 0 {
		return 0, err
	}
	return db.count(ctx, db.query("SELECT COALESCE(max(version), 0) FROM schema_versions"))
}

// CheckSchema refuses a store that this binary must not work with: one that is
// behind (run the migration) or ahead (made by a newer Roster).
func (db *DB) CheckSchema(ctx context.Context) error {
	at, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case at > Version():
		return newerSchema(at)
	case at < Version():
		return roster.Errorf(roster.Invalid,
			"The store's schema is version %d and this Roster needs version %d. Run \"roster migrate\", or start "+
				"with --migrate.", at, Version())
	}
	return nil
}

func newerSchema(at int) error {
	return roster.Errorf(roster.Invalid,
		"The store was made by a newer Roster (schema version %d, this one knows %d). Nothing was changed; install the "+
			"newer version.", at, Version())
}

// Migrate brings the schema up to Version, each step in its own transaction,
// and returns how many steps it took. Processes that start together wait for
// one another. There is no way back. A server of a SQLite store drops what would have it
// compile its questions again and again.
func (db *DB) Migrate(ctx context.Context) (steps int, err error) {
	steps, err = db.MigrateTo(ctx, Version())
	if err == nil && db.claim != nil {
		err = db.unsample(ctx)
	}
	return steps, err
}

// MigrateTo stops at an older version: a store as an older Roster left it.
func (db *DB) MigrateTo(ctx context.Context, version int) (steps int, err error) {
	if behind, err := db.isBehind(ctx, version); err != nil || !behind {
		return 0, err
	}
	done, err := db.alone(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	for {
		took, err := db.migrateOne(ctx, version)
		if err == nil && took == "" && version == Version() {
			_, err = db.Refresh(ctx)
		}
		if err != nil || took == "" {
			return steps, err
		}
		steps++
		if tell := tellings[took]; tell != nil {
			if err := tell(db, ctx); err != nil {
				return steps, err
			}
		}
	}
}

// isBehind reports whether there is anything to bring up to date.
func (db *DB) isBehind(ctx context.Context, version int) (bool, error) {
	at, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		return false, err
	case at > Version():
		return false, newerSchema(at)
	case at != version || version != Version():
		return at < version, nil
	}
	return db.isOutdated(ctx)
}

// computing is the part of a migration that SQL cannot say, in its transaction; and
// tellings write to the log what a migration did to what people had made, once it is
// done: by the migration's name without its number.
var (
	computing = map[string]func(db *DB, ctx context.Context) error{"identity": (*DB).rekey,
		"provider_names": (*DB).rekeyNames}
	tellings = map[string]func(db *DB, ctx context.Context) error{"pauses": (*DB).tellRuledOut}
)

// migrateOne takes one step towards a version, and returns its name; "" when
// there is none to take.
func (db *DB) migrateOne(ctx context.Context, version int) (took string, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		took = ""
		if err := tx.LockSetup(ctx); err != nil {
			return err
		}
		at, err := tx.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		if at > Version() {
			return newerSchema(at)
		}
		if at >= version {
			return nil
		}
		took = migrationName(at)
		return tx.apply(ctx, at)
	})
	return took, err
}

func migrationName(at int) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(migrationFiles()[at]), ".sql"), "_")
	return name
}

// apply runs the migration that leads away from version at.
func (db *DB) apply(ctx context.Context, at int) error {
	name := migrationFiles()[at]
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if at == 0 {
		if _, err := db.exec(ctx,
			db.query("CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)")); err != nil {
			return err
		}
	}
	for _, statement := range statements(db.dialect.ddl.Replace(string(text))) {
		if _, err := db.exec(ctx, db.query(statement)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if compute := computing[migrationName(at)]; compute != nil {
		if err := compute(db, ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err = db.exec(ctx, db.query("INSERT INTO schema_versions (version) VALUES (?)", at+1))
	return err
}

// statements splits a migration at the semicolons that end its statements,
// and drops comments, which may contain anything.
func statements(text string) []string {
	var clean strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		clean.WriteString(strings.TrimRight(code, "\n") + "\n")
	}
	var out []string
	for part := range strings.SplitSeq(clean.String(), ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
