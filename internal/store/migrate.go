package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"roster"
)

// schema is how far a store is.
type schema struct {
	at     int // its version; 0: it is empty
	oldest int // that of the oldest binaries that may work with it
	begun  int // the version that it is on its way to; 0: none
}

// The stages of a step, as the store keeps them.
const (
	stageBegun      = 1 // the part that expands the schema is done, the part beside others' work is not
	stageExpanded   = 2 // it is done; older servers go on
	stageContracted = 3 // it is done, and no older server goes on
)

func (db *DB) schema(ctx context.Context) (s schema, err error) {
	n, err := db.count(ctx, db.query(strings.Replace(db.dialect.exists, "$1", "?", 1), "schema_versions"))
	if err != nil || n == 0 {
		return s, err
	}
	if s.at, err = db.count(ctx, db.query("SELECT COALESCE(max(version), 0) FROM schema_versions")); err != nil {
		return s, err
	}
	if s.at < stagesFrom() {
		s.oldest = s.at
		return s, nil
	}
	err = db.row(ctx, db.query(`SELECT COALESCE(max(CASE WHEN stage >= ? THEN version END), 0),
 COALESCE(max(CASE WHEN stage >= ? THEN version END), 0), COALESCE(max(CASE WHEN stage = ? THEN version END), 0)
FROM schema_versions`, stageExpanded, stageContracted, stageBegun), &s.at, &s.oldest, &s.begun)
	return s, err
}

// SchemaVersion is the schema the store is at; 0 for an empty one.
func (db *DB) SchemaVersion(ctx context.Context) (int, error) {
	s, err := db.schema(ctx)
	return s.at, err
}

// CheckSchema refuses a store that this binary must not work with: one that is
// behind (run the migration), or that a newer Roster took further than this one can follow.
func (db *DB) CheckSchema(ctx context.Context) error {
	s, err := db.schema(ctx)
	switch {
	case err != nil:
		return err
	case s.at < Version():
		return roster.Errorf(roster.Invalid,
			"The store's schema is version %d and this Roster needs version %d. Run \"roster migrate\", or start "+
				"with --migrate.", s.at, Version())
	}
	return s.follows()
}

// Follows refuses a store that a newer Roster took further than this one can follow, and no
// older one.
func (db *DB) Follows(ctx context.Context) error {
	s, err := db.schema(ctx)
	if err != nil {
		return err
	}
	return s.follows()
}

// follows refuses a schema that binaries of this version may not work with.
func (s schema) follows() error {
	if s.oldest <= Version() {
		return nil
	}
	return roster.Errorf(roster.Invalid,
		"The store was made by a newer Roster (schema version %d, this one knows %d). Nothing was changed; install the "+
			"newer version.", s.at, Version())
}

type progressKey struct{}

// WithProgress returns a context in which fn is told how much of a long step is done.
func WithProgress(ctx context.Context, fn func(done, total int)) context.Context {
	return context.WithValue(ctx, progressKey{}, fn)
}

func tell(ctx context.Context, done, total int) {
	if fn, ok := ctx.Value(progressKey{}).(func(done, total int)); ok {
		fn(done, total)
	}
}

// Migrate brings the schema up to Version, and returns how many steps it took. On PostgreSQL
// that goes on beside others' work, and leaves what older servers need, until Contract;
// SQLite, which one process serves, and an empty store keep nothing for them. Processes that
// start together wait for one another. There is no way back. A server of a SQLite store drops
// what would have it compile its questions again and again.
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
	was, err := db.schema(ctx)
	for err == nil {
		var took string
		if took, err = db.migrateOne(ctx, version); err != nil || took == "" {
			break
		}
		steps++
		if say := tellings[took]; say != nil {
			err = say(db, ctx)
		}
	}
	if err == nil && (was.at == 0 || db.dir != "") {
		_, err = db.contract(ctx)
	}
	if err == nil && version == Version() {
		_, err = db.Refresh(ctx)
	}
	return steps, err
}

// Contract takes away what only older Rosters need, and returns of how many steps: none of
// them may serve the store any more. Texts that they wrote meanwhile are made anew.
func (db *DB) Contract(ctx context.Context) (steps int, err error) {
	if err := db.CheckSchema(ctx); err != nil {
		return 0, err
	}
	done, err := db.alone(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	if steps, err = db.contract(ctx); err == nil {
		_, err = db.Refresh(ctx)
	}
	return steps, err
}

// contract does it for each step that this binary knows and that has not been contracted.
func (db *DB) contract(ctx context.Context) (steps int, err error) {
	s, err := db.schema(ctx)
	for version := stagesFrom() + 1; err == nil && version <= min(s.at, Version()); version++ {
		var took bool
		if took, err = db.contractOne(ctx, version); took {
			steps++
		}
	}
	return steps, err
}

func (db *DB) contractOne(ctx context.Context, version int) (took bool, err error) {
	m, err := db.migration(version)
	if err != nil || len(m.contract) == 0 {
		return false, err
	}
	err = db.step(ctx, func(tx *DB) error {
		var stage int
		if err := tx.row(ctx, tx.query("SELECT stage FROM schema_versions WHERE version = ?", version), &stage); err != nil {
			return err
		}
		if took = stage < stageContracted; !took {
			return nil
		}
		if err := tx.all(ctx, m, m.contract); err != nil {
			return err
		}
		return tx.setStage(ctx, version, stageContracted)
	})
	return took && err == nil, err
}

func (db *DB) setStage(ctx context.Context, version, stage int) error {
	_, err := db.exec(ctx, db.query("UPDATE schema_versions SET stage = ? WHERE version = ?", stage, version))
	return err
}

// isBehind reports whether there is anything to bring up to date.
func (db *DB) isBehind(ctx context.Context, version int) (bool, error) {
	s, err := db.schema(ctx)
	if err == nil {
		err = s.follows()
	}
	if err != nil || s.at < version {
		return err == nil, err
	}
	if version != Version() {
		return false, nil
	}
	if db.dir != "" { // it keeps nothing for others
		if pending, err := db.isPending(s); err != nil || pending {
			return pending, err
		}
	}
	return db.isOutdated(ctx)
}

// isPending reports whether there is anything to contract.
func (db *DB) isPending(s schema) (bool, error) {
	for version := max(s.oldest, stagesFrom()) + 1; version <= min(s.at, Version()); version++ {
		if m, err := db.migration(version); err != nil || len(m.contract) > 0 {
			return err == nil, err
		}
	}
	return false, nil
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
// there is none to take. One that was begun goes on.
func (db *DB) migrateOne(ctx context.Context, version int) (took string, err error) {
	var m migration
	var to int
	err = db.step(ctx, func(tx *DB) error {
		m = migration{}
		s, err := tx.schema(ctx)
		if err == nil {
			err = s.follows()
		}
		if err != nil || s.at >= version {
			return err
		}
		to = s.at + 1
		if m, err = tx.migration(to); err != nil || s.begun == to {
			return err
		}
		return tx.apply(ctx, m, to)
	})
	if err != nil || m.file == "" || len(m.online) == 0 {
		return m.name(), err
	}
	if err := db.online(ctx, m); err != nil {
		return "", err
	}
	return m.name(), db.setStage(ctx, to, stageExpanded)
}

// step runs fn in a transaction in which the schema changes. A lock that is not to be had at
// once would hold up everybody who comes after: so it is given up, and tried again.
func (db *DB) step(ctx context.Context, fn func(tx *DB) error) error {
	for tries := 1; ; tries++ {
		err := db.Update(ctx, func(tx *DB) error {
			if err := tx.LockSetup(ctx); err != nil {
				return err
			}
			return fn(tx)
		})
		if err == nil || db.dialect.impatient == "" || !db.dialect.isBusy(err) || tries == mostTries {
			return err
		}
		slog.Info("the schema waits for somebody's lock", "try", tries)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(betweenTries):
		}
	}
}

// A step is tried for some minutes.
const (
	mostTries    = 120
	betweenTries = time.Second
)

// apply runs the part of a migration that expands the schema.
func (db *DB) apply(ctx context.Context, m migration, version int) error {
	if version == 1 {
		if _, err := db.exec(ctx,
			db.query("CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)")); err != nil {
			return err
		}
	}
	if err := db.all(ctx, m, statements(m.expand)); err != nil {
		return err
	}
	if compute := computing[m.name()]; compute != nil {
		if err := compute(db, ctx); err != nil {
			return fmt.Errorf("%s: %w", m.file, err)
		}
	}
	_, err := db.exec(ctx, db.query("INSERT INTO schema_versions (version) VALUES (?)", version))
	switch {
	case err != nil || version <= stagesFrom():
		return err
	case len(m.online) > 0:
		return db.setStage(ctx, version, stageBegun)
	}
	return db.setStage(ctx, version, stageExpanded)
}

// all runs statements of a migration.
func (db *DB) all(ctx context.Context, m migration, statements []string) error {
	if err := db.hurry(ctx); err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := db.exec(ctx, db.query(statement)); err != nil {
			return fmt.Errorf("%s: %w", m.file, err)
		}
	}
	return nil
}

// hurry has the transaction wait for no lock as long as others would have to wait behind it.
func (db *DB) hurry(ctx context.Context) error {
	if db.dialect.impatient == "" {
		return nil
	}
	_, err := db.exec(ctx, db.fixed(db.dialect.impatient))
	return err
}

// online runs the part of a migration that takes long, beside others' work.
func (db *DB) online(ctx context.Context, m migration) error {
	for _, statement := range m.online {
		slog.Info("the schema changes beside others' work", "step", m.name())
		if err := db.beside(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", m.file, err)
		}
	}
	return nil
}

func (db *DB) beside(ctx context.Context, statement string) error {
	if of := batchMark.FindStringSubmatch(statement); of != nil {
		return db.inBatches(ctx, statement, of[1], of[2])
	}
	if of := indexMade.FindStringSubmatch(statement); of != nil {
		if err := db.dropInvalid(ctx, of[1]); err != nil {
			return err
		}
	}
	_, err := db.write.ExecContext(ctx, statement)
	return db.told(ctx, err)
}

// atOnce is how many numbers of rows a batch has: who wants one of them waits so long.
const atOnce = 2000

// inBatches runs a statement for all rows of a table, some at a time.
func (db *DB) inBatches(ctx context.Context, statement, table, column string) error {
	var first, last int
	bounds := db.query(fmt.Sprintf("SELECT COALESCE(min(%[1]s), 1), COALESCE(max(%[1]s), 0) FROM %[2]s", column, table))
	if err := db.row(ctx, bounds, &first, &last); err != nil {
		return err
	}
	for from := first; from <= last; from += atOnce {
		batch := fmt.Sprintf("%s.%s BETWEEN %d AND %d", table, column, from, from+atOnce-1)
		if _, err := db.exec(ctx, db.query(batchMark.ReplaceAllLiteralString(statement, batch))); err != nil {
			return err
		}
		tell(ctx, min(from+atOnce, last+1)-first, last+1-first)
	}
	return nil
}

// dropInvalid drops an index that somebody began to build and did not finish. Where somebody
// still builds it, whose process may be gone, that is waited for.
func (db *DB) dropInvalid(ctx context.Context, name string) error {
	for {
		var state string
		if err := db.row(ctx, db.query(indexState, name, name), &state); err != nil || state == "" {
			return err
		}
		if state == "invalid" {
			slog.Info("an index that was not finished is built anew", "index", name)
			_, err := db.write.ExecContext(ctx, "DROP INDEX CONCURRENTLY "+name)
			return db.told(ctx, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(betweenTries):
		}
	}
}

const indexState = `SELECT CASE
 WHEN EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid = to_regclass(?)) THEN 'being built'
 WHEN EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(?) AND NOT indisvalid) THEN 'invalid'
 ELSE '' END`
