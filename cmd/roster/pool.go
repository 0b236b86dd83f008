package main

import (
	"cmp"
	"errors"
	"time"

	"roster/internal/store"
)

// poolFlags say how serve connects to PostgreSQL.
type poolFlags struct {
	directFlags
	DBConnections   int    `name:"db-connections" default:"22" placeholder:"N" help:"How many connections to PostgreSQL to hold at the most, 7 or more: two fifths to write, two fifths to read, the rest for what every request asks, and 2 to look (default: ${default})."`
	DBIdle          span   `name:"db-idle-timeout" default:"5m" placeholder:"DURATION" help:"How long a connection to PostgreSQL is kept that nobody uses (default: ${default})."`
	DBName          string `name:"db-application-name" default:"roster" placeholder:"NAME" help:"What PostgreSQL's own lists call the connections (default: ${default})."`
	DBLock          span   `name:"db-lock-timeout" default:"10s" placeholder:"DURATION" help:"How long a change waits in PostgreSQL for a lock that another has (default: ${default})."`
	DBStatement     span   `name:"db-statement-timeout" placeholder:"DURATION" help:"After what time PostgreSQL ends a statement of a change by itself (default: what is left of --store-timeout, and 5s)."`
	DBTransactional span   `name:"db-transaction-timeout" default:"1m" placeholder:"DURATION" help:"After what time PostgreSQL ends a change that stands still, as when its server is frozen (default: ${default})."`
}

// pool is what the flags come to.
func (f poolFlags) pool() store.Pool {
	return store.Pool{
		Connections: f.DBConnections, Idle: time.Duration(f.DBIdle), Name: f.DBName, Lock: time.Duration(f.DBLock),
		Statement: time.Duration(f.DBStatement), Stand: time.Duration(f.DBTransactional),
	}
}

// check refuses what cannot work.
func (f poolFlags) check() error {
	if f.DBConnections < store.FewestConnected {
		return misuse("--db-connections: %d are too few; give %d or more", f.DBConnections, store.FewestConnected)
	}
	return nil
}

// directFlags say how to reach PostgreSQL past a pooler.
type directFlags struct {
	DBDirect string `name:"db-direct" placeholder:"URL" secret:"" help:"The address of the same PostgreSQL past its pooler, for what goes through none: a migration. Only where --db is a pooler's."`
}

// direct is where a location's schema is changed: at the address past the pooler, if one is
// given.
func (f directFlags) direct(c *console, at locationFlags, p location) (location, error) {
	past, err := f.past(c.settings, at)
	if err == nil && p.url != "" {
		p.url = cmp.Or(past.value, p.url)
	}
	return p, err
}

// past is the address past the pooler, and what says so: what gives the store, or nothing. Any
// other would be of another database.
func (f directFlags) past(s *settings, at locationFlags) (setting, error) {
	if f.DBDirect != "" {
		return setting{f.DBDirect, "--db-direct"}, nil
	}
	if at.DB != "" {
		return setting{}, nil
	}
	for _, look := range s.sources() {
		of, err := look("db")
		past, failed := look("db-direct")
		if err := errors.Join(err, failed); err != nil || of.by != "" {
			return past, err
		}
	}
	return s.lookUp("db-direct")
}
