package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// dialect holds every difference between the engines; nothing else may name one.
type dialect struct {
	name string
	// ddl replaces the words in double braces in migrations.
	ddl *strings.Replacer
	// mark is parameter n of a text in which each stands once, in its order.
	mark func(n int) string
	// anyOf is a condition that expr is among the ids bound as parameter p.
	anyOf func(expr, p string) string
	// ids is a table expression, alias x(id), of the ids bound as parameter p.
	ids func(p string) string
	// idsArg binds a list of ids as ONE parameter, so that no list is too long.
	idsArg func(ids []int64) any
	// elements is a table expression with one column, value, of the elements of
	// the JSON array bound as parameter p.
	elements func(p string) string
	// rowIDs says where the selected rows, pm, are, as one value of bytes, and
	// isAt the condition that pm is one of those bound to its mark.
	rowIDs, isAt string
	// find is the function that tells where a text holds another first, from 1; 0: nowhere.
	find string
	// through follows a table's name where the question must go through an index of
	// few rows, and SQLite would prefer a unique one of many.
	through func(index string) string
	// notAmong is a condition that a person is none of a few, om, who are found by a FROM and
	// WHERE, where it is asked of many people.
	notAmong func(person, few string) string
	// part appends one of the parts that make a page together, each in the page's order, up to
	// the page's end. SQLite merges them as their indexes have them and stops by itself; what
	// had an end of its own, it would sort once more. PostgreSQL would collect and sort all of
	// each, however few are wanted.
	part func(q *query, walk, end func())
	// forUpdate locks the selected rows until the transaction ends (see DB.lock). SQLite
	// has one writer at a time, so its transactions hold the lock already.
	forUpdate string
	// guard bounds what a transaction waits for, runs and stands still, in milliseconds;
	// "" where all of it is in this process.
	guard string
	// lockSchema keeps a second process from migrating at the same time.
	lockSchema string
	// impatient says within a transaction that no lock is waited for long; "": nobody waits
	// behind who waits.
	impatient string
	// integrity are the questions to the engine whether all of it is whole.
	integrity []inquiry
	// analyze refreshes the planner's statistics after a large load, together.
	analyze []string
	// isUnique and isBusy recognize driver errors by code, never by text; so do isAway
	// (the store does not answer, or cannot write now), isFull (it has no room), and
	// isRefusal: the engine itself says, at a COMMIT or a statement, that it keeps nothing;
	// isConflict, that it ended the transaction for the sake of others.
	isUnique, isBusy, isAway, isFull, isRefusal, isConflict func(error) bool
	// serial is a question for what the engine knows the transaction by, and which
	// server that is; "" where nothing is to be asked. A server may refuse to answer it.
	serial string
	// happened reports whether the transaction of db.unit did, seen from outside of
	// it; errNobodyKnows where nothing tells.
	happened func(ctx context.Context, db *DB) (bool, error)
	// isDoubtful reports whether the server said at the COMMIT just carried out that it
	// may be lost with this server.
	isDoubtful func(*sql.Conn) bool
	// commitPatience is how long the answer to a COMMIT is waited for; 0: until it comes,
	// because it is given in this process.
	commitPatience time.Duration
	// lockPatience is how long a transaction that writes waits to begin; 0: as long as
	// for any statement.
	lockPatience time.Duration
	// takes reports whether the store can be written now, or somebody does just that.
	takes func(ctx context.Context, db *DB) error
	// brief is the context of a question that is answered at once. SQLite answers
	// in this process, sooner than the drivers could begin to watch for an end of
	// ctx; PostgreSQL may be far, or gone.
	brief func(ctx context.Context, db *DB) (context.Context, context.CancelFunc)
	// exists counts tables of the given name: the schema of an empty store is version 0.
	exists string
}

// jsonIDs writes ids as a JSON array.
func jsonIDs(ids []int64) string {
	if len(ids) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(ids)
	return string(text)
}

// queryable is what *sql.DB and *sql.Tx share.
type queryable interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// asError is errors.As for a type parameter.
func asError[T error](err error) (target T, ok bool) {
	ok = errors.As(err, &target)
	return target, ok
}
