package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Pool is how a PostgreSQL store is connected to; what is zero is as usual.
type Pool struct {
	Connections int           // at the most, of all kinds together: 22
	Idle        time.Duration // how long one that nobody uses is kept: 5 minutes
	Name        string        // application_name: roster
	Lock        time.Duration // lock_timeout of a request's transaction: 10 seconds
	Statement   time.Duration // statement_timeout of one: what is left of its patience, and 5 seconds
	Stand       time.Duration // idle_in_transaction_session_timeout of one: a minute
}

const (
	connections     = 22
	lookConns       = 2 // for a moment, to look what became of a lost COMMIT
	FewestConnected = 7 // one of each kind, two that read, and those that look
)

// shares are how many connections a server has at the most for what it writes, for what it
// reads, and for what is read at once. Apart, so that writers who wait for each other keep
// nobody from reading, and long lists nobody from being let in.
func (p Pool) shares() (write, read, short int) {
	all := max(cmp.Or(p.Connections, connections), FewestConnected) - lookConns
	short = all / 5
	write = (all - short) / 2
	return write, all - short - write, short
}

// planning is what the store's statements are made for.
//
// Bulk statements look at thousands of rows, where compiling the plan to machine
// code costs more than it gains. With the planner's default price for a page out
// of order, which is that of a disk, PostgreSQL reads a million members of an
// organization in order to find the thousand of a project.
var planning = map[string]string{"jit": "off", "random_page_cost": "1.1"}

// The statements are planned for their values each time, but for those that the store
// compiles itself (query.keep): a plan for all values knows neither which of the roles is
// rare nor how long a list of ids is. This way of asking leaves nothing on a connection,
// so that it is right behind a pooler, too.
var asking = map[string]string{"default_query_exec_mode": "cache_describe"}

// way is what the connections of a store lead to. A pooler, such as PgBouncer in
// transaction mode, hands each transaction to whichever connection of its own is free: what
// one leaves on it, the next does not find, and strangers do.
type way struct {
	met    atomic.Bool // somebody has been connected
	pooled atomic.Bool // to a pooler, at least once
	tuning string      // what says planning, where the address says nothing else; %s: for a transaction only
}

func newWay(said map[string]string) *way {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(planning)) {
		if _, says := said[name]; !says {
			list = append(list, fmt.Sprintf("set_config('%s', '%s', %%[1]s)", name, planning[name]))
		}
	}
	return &way{tuning: strings.Join(append(list, "''"), ", ")}
}

// meet finds out whose connection it is: a pooler's has another number than the server's
// own process. What the store's statements are made for stays on the connection only where
// it is the store's alone. It is not said when the connection begins, which poolers refuse.
func (w *way) meet(ctx context.Context, conn *pgx.Conn) error {
	passRowIDs(conn)
	pooled := fmt.Sprintf("pg_backend_pid() <> %d", int32(conn.PgConn().PID()))
	result := conn.PgConn().Exec(ctx, "SELECT "+pooled+", "+fmt.Sprintf(w.tuning, pooled))
	rows, err := result.ReadAll()
	if err != nil {
		return err
	}
	if string(rows[0].Rows[0][0]) == "t" && !w.pooled.Swap(true) {
		slog.Info("the database is reached through a pooler: nothing is kept on its connections")
	}
	w.met.Store(true)
	return nil
}

// keeps reports whether what is compiled on a connection is there the next time. Before
// anybody was connected, it connects.
func (w *way) keeps(ctx context.Context, pool *sql.DB) (bool, error) {
	if w == nil {
		return true, nil // there is no server
	}
	if !w.met.Load() {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return false, err
		}
		conn.Close()
	}
	return !w.pooled.Load(), nil
}

// tune says within a transaction what stays on no connection of a pooler's.
func (db *DB) tune(ctx context.Context) error {
	if db.way == nil || !db.way.pooled.Load() {
		return nil
	}
	_, err := db.tx.ExecContext(ctx, "SELECT "+fmt.Sprintf(db.way.tuning, "TRUE"))
	return db.told(ctx, err)
}

// pool opens one, of connections that are made when they are needed.
func (p Pool) open(config pgx.ConnConfig, w *way, most, idle int) *sql.DB {
	db := stdlib.OpenDB(config, stdlib.OptionAfterConnect(w.meet))
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxIdleTime(cmp.Or(p.Idle, 5*time.Minute))
	return db
}
