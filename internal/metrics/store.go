package metrics

import (
	"cmp"
	"time"

	"roster"
)

var (
	statements = seconds("roster_store_statement_duration_seconds",
		"How long the store took for a statement, until its first row.")
	transactions = counter("roster_store_transactions_total", "Transactions that write, by how they ended.", "outcome")
	repeats      = counter("roster_store_repeats_total",
		"Transactions that were done again because others were in their way.")
	waits      = seconds("roster_store_wait_seconds", "How long changes waited for others to be done, before they began.")
	operations = counter("roster_operations_total", "Operations that were kept, by what they did.", "kind")
	people     = counter("roster_operation_people_total",
		"People whose membership, role or tags operations changed: memberships ended are those of unassign, "+
			"workspace_unassign and organization_leave.", "kind")

	connections = gauge("roster_store_connections", "Connections to the store, by what they are for.", "pool", "state")
	waiting     = gauge("roster_store_changes_waiting",
		"Changes of this process that wait for another one of the same project.")
	sizes      = gauge("roster_store_sqlite_bytes", "How large the files of a SQLite store are.", "file")
	checkpoint = gauge("roster_store_sqlite_checkpoint_timestamp_seconds",
		"When SQLite's log was last moved into the database, as far as the file tells.")
	outbox  = gauge("roster_mail_waiting", "Letters that are still to be sent.")
	oldest  = gauge("roster_mail_oldest_seconds", "How long the oldest of them has waited.")
	backlog = gauge("roster_activity_waiting",
		"Requests of this process that are still to be written to the activity log.")
	sessions = gauge("roster_sessions",
		"Sessions of the console that are kept, those that were forgotten to be ended too.")
	backups = counter("roster_backups_total",
		"Backups that a server tried to make by itself: made, or failed.", "outcome")
	lastBackup = gauge("roster_backup_timestamp_seconds",
		"When the newest backup was made of those that a server makes by itself.")
	probes = counter("roster_probe_failures_total",
		"Scrapes that could not ask the store for what is not counted as it happens.")
)

// Stated measures a statement.
func Stated(took time.Duration) { statements.WithLabelValues().Observe(took.Seconds()) }

// Waited measures how long a change waited before it began.
func Waited(took time.Duration) { waits.WithLabelValues().Observe(took.Seconds()) }

// Repeated counts a transaction that is done again.
func Repeated() { repeats.WithLabelValues().Inc() }

// Ended counts a transaction that writes, by the error that it ended with, and what its
// operation did where it was kept.
func Ended(op roster.Operation, err error) {
	outcome := "kept"
	if err != nil {
		outcome = map[roster.Kind]string{roster.Unconfirmed: "unconfirmed", roster.Busy: "busy"}[roster.KindOf(err)]
		outcome = cmp.Or(outcome, "undone")
	}
	transactions.WithLabelValues(outcome).Inc()
	if err == nil && op.ID != 0 {
		operations.WithLabelValues(string(op.Kind)).Inc()
		people.WithLabelValues(string(op.Kind)).Add(float64(op.Changed))
	}
}

// Pool says how many connections a pool has.
func Pool(name string, busy, idle, most int) {
	connections.WithLabelValues(name, "busy").Set(float64(busy))
	connections.WithLabelValues(name, "idle").Set(float64(idle))
	connections.WithLabelValues(name, "most").Set(float64(most))
}

// State is what is asked of the store at a scrape.
type State struct {
	Waiting    int              // changes
	Sizes      map[string]int64 // of SQLite's files, in bytes; none elsewhere
	Checkpoint time.Time        // of SQLite's; zero elsewhere
	Outbox     int
	Oldest     time.Duration // of what is in the outbox
	Sessions   int
}

// Probed says what the store and this process have come to.
func Probed(s State) {
	waiting.WithLabelValues().Set(float64(s.Waiting))
	for file, size := range s.Sizes {
		sizes.WithLabelValues(file).Set(float64(size))
	}
	if !s.Checkpoint.IsZero() {
		checkpoint.WithLabelValues().Set(stamp(s.Checkpoint))
	}
	outbox.WithLabelValues().Set(float64(s.Outbox))
	oldest.WithLabelValues().Set(s.Oldest.Seconds())
	sessions.WithLabelValues().Set(float64(s.Sessions))
}

// Backlog says how much is still to be written to the activity log.
func Backlog(n int) { backlog.WithLabelValues().Set(float64(n)) }

// ProbeFailed counts a scrape that the store did not answer.
func ProbeFailed() { probes.WithLabelValues().Inc() }

// BackedUp counts a backup that a server made by itself, or why it did not.
func BackedUp(err error) {
	outcome := "made"
	if err != nil {
		outcome = "failed"
	}
	backups.WithLabelValues(outcome).Inc()
}

// LastBackup says when the newest of those backups was made.
func LastBackup(at time.Time) { lastBackup.WithLabelValues().Set(float64(at.Unix())) }
