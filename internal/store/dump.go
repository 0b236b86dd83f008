package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"roster"
)

// ofLibpq are the settings of an address that PostgreSQL's own programs know, too.
var ofLibpq = []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "connect_timeout",
	"target_session_attrs", "channel_binding", "passfile", "host", "port", "user", "options"}

// forLibpq is an address for PostgreSQL's own programs, and its password apart: everybody on
// the machine sees what a program is called with.
func forLibpq(address string) (without, password string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("the address of the store cannot be read")
	}
	query := url.Values{}
	for _, name := range ofLibpq {
		if u.Query().Has(name) {
			query.Set(name, u.Query().Get(name))
		}
	}
	password, _ = u.User.Password()
	password = cmp.Or(password, u.Query().Get("password"))
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = query.Encode()
	return u.String(), password, nil
}

// dump has pg_dump write the store to a file, and pg_restore read what is in it: all tables,
// or it is no backup.
func (db *DB) dump(ctx context.Context, file string) error {
	address, password, err := forLibpq(db.address)
	if err != nil {
		return err
	}
	tables, err := collect(ctx, db, db.query(`SELECT table_schema || ' ' || table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`), func(s scanner) (name string, err error) {
		return name, s.Scan(&name)
	})
	if err != nil {
		return err
	}
	return whole(file, func(part string) error {
		if _, err := tool(ctx, password, "pg_dump", "--format=custom", "--no-password", "--file="+part,
			"--dbname="+address); err != nil {
			return err
		}
		said, err := tool(ctx, "", "pg_restore", "--list", part)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if !bytes.Contains(said, []byte(" TABLE DATA "+table+" ")) {
				return roster.Errorf(roster.Busy, "pg_dump left %s out. There is no backup.", table)
			}
		}
		return nil
	}, func() error { return nil })
}

// tool runs one of PostgreSQL's own programs.
func tool(ctx context.Context, password, name string, args ...string) (said []byte, err error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, roster.Errorf(roster.Invalid,
			"%s is not there, by which PostgreSQL is backed up: install the client of the server's version "+
				"(postgresql-client). There is no backup.", name)
	}
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), "PGPASSWORD="+cmp.Or(password, os.Getenv("PGPASSWORD")))
	var complaint bytes.Buffer
	c.Stderr = &complaint
	if said, err = c.Output(); err != nil {
		return nil, roster.Error{Kind: roster.Invalid, Err: err}.Says("%s failed, and there is no backup: %s", name,
			strings.TrimSpace(complaint.String()))
	}
	return said, nil
}
