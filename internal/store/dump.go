package store

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"roster"
)

// PostgreSQL's stores are copied by its own programs, which know all that is in a database
// and in which order it is made again. What they are asked, and whether what they did is
// whole, is here.

// Programs are pg_dump and pg_restore: the folder that they are in, or "" to look for them
// as a shell does.
type Programs string

// lockWait is how long a dump waits for who changes the schema, as pg_dump reads it.
const lockWait = "30s"

// Dump writes the present state of a PostgreSQL store, which db has open and address names,
// to a new file, while others go on reading and writing. The file appears once it is read
// through, or not at all.
func (db *DB) Dump(ctx context.Context, p Programs, address, file string) error {
	if err := db.dumpable(ctx, p); err != nil {
		return err
	}
	if err := writable(file); err != nil {
		return err
	}
	return appears(file, func(part *os.File) error {
		dump, err := p.command(ctx, address, "pg_dump", "--format=custom", "--no-password", "--lock-wait-timeout="+lockWait)
		if err != nil {
			return err
		}
		dump.Stdout = part
		return orCanceled(ctx, ran(dump, file))
	}, func(part string) error {
		_, err := p.checkDump(ctx, part, file)
		return err
	})
}

// dumpable refuses a server that pg_dump is too old for.
func (db *DB) dumpable(ctx context.Context, p Programs) error {
	var server int
	if err := db.row(ctx, db.query("SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000"),
		&server); err != nil {
		return err
	}
	asks, err := p.command(ctx, "", "pg_dump", "--version")
	if err != nil {
		return err
	}
	said, err := asks.Output()
	if err != nil {
		return err
	}
	own, err := strconv.Atoi(string(regexp.MustCompile(`\d+`).Find(said)))
	if err != nil || own < server {
		return roster.Errorf(roster.Invalid, "The server is PostgreSQL %d, and this is %q, which cannot read all of it. "+
			"Nothing was written; install the client of PostgreSQL %d, or name its folder with --pg-bin.",
			server, strings.TrimSpace(string(said)), server)
	}
	return nil
}

// RestoreDump makes the store at a postgres:// address from a dump, in one transaction. A
// file that holds no store of this or an earlier version is refused, and so is a database
// that is not empty, or that anybody is connected to; then nothing has changed.
func RestoreDump(ctx context.Context, p Programs, file, address string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	if err := notOf(file, "SQLite format 3", "SQLite", "--data"); err != nil {
		return err
	}
	made, err := p.checkDump(ctx, file, file)
	if err != nil {
		return err
	}
	if err := made.follows(); err != nil {
		return err
	}
	db, err := OpenURL(address)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.isVacant(ctx); err != nil {
		return err
	}
	restore, err := p.command(ctx, address, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
		"--no-privileges", "--no-password", "--dbname="+nameOf(address), file)
	if err != nil {
		return err
	}
	if err := orCanceled(ctx, ran(restore, "the database")); err != nil {
		return err
	}
	return db.Analyze(ctx)
}

// nameOf is a database as a connection string that names nothing else: the rest is in the
// environment, out of the process list.
func nameOf(address string) string {
	name := ""
	if u, err := url.Parse(address); err == nil {
		name = strings.TrimPrefix(u.Path, "/")
	}
	return "dbname='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "'"
}

// isVacant refuses a database with anything in it but extensions, and one that others use.
func (db *DB) isVacant(ctx context.Context) error {
	var things, others int
	err := db.row(ctx, db.query(`SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT 1 FROM pg_depend d
 WHERE d.objid = c.oid AND d.deptype = 'e')), (SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
 AND COALESCE(backend_type, 'client backend') = 'client backend')`), &things, &others)
	switch {
	case err != nil:
		return err
	case things > 0:
		return roster.Errorf(roster.Invalid, "The database is not empty. Nothing was changed. Make a new one for the "+
			"restored store (createdb), and name that: the old one stays until you drop it.")
	case others > 0:
		return roster.Errorf(roster.Invalid, "The database is in use: others are connected to it (%d). Nothing was "+
			"changed; stop the servers first.", others)
	}
	return nil
}

// notOf refuses a file that begins as the backup of the other engine's store.
func notOf(file, begins, engine, flag string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(begins))
	if n, _ := f.Read(head); string(head[:n]) == begins {
		return roster.Errorf(roster.Invalid, "%s is a backup of a %s store, and makes one of %s only: name that with %s. "+
			"Nothing was changed.", file, engine, engine, flag)
	}
	return nil
}

// checkDump reads a dump through, and returns the schema in it. It is called file in what is
// said of it.
func (p Programs) checkDump(ctx context.Context, dump, file string) (made schema, err error) {
	reads, err := p.command(ctx, "", "pg_restore", "--file="+os.DevNull, dump)
	if err != nil {
		return made, err
	}
	if said, err := reads.CombinedOutput(); err != nil {
		return made, orCanceled(ctx, roster.Errorf(roster.Invalid,
			"%s is no dump of a Roster store, or is damaged (%s). Nothing was changed.", file, line(said)))
	}
	versions, err := p.command(ctx, "", "pg_restore", "--data-only", "--table=schema_versions", "--file=-", dump)
	if err != nil {
		return made, err
	}
	said, err := versions.Output()
	if err != nil {
		return made, orCanceled(ctx, err)
	}
	for _, row := range versionRow.FindAllStringSubmatch(string(said), -1) {
		made.take(row[1], row[2])
	}
	if made.at == 0 {
		return made, roster.Errorf(roster.Invalid, "%s is not a dump of a Roster store. Nothing was changed.", file)
	}
	return made, nil
}

// versionRow is a row of schema_versions in a dump: a version and, in newer stores, its stage.
var versionRow = regexp.MustCompile(`(?m)^(\d+)(?:\t(\d+))?$`)

// take notes a row of schema_versions; before there were stages, all steps were done at once.
func (s *schema) take(version, stage string) {
	at, _ := strconv.Atoi(version)
	done := stageContracted
	if stage != "" {
		done, _ = strconv.Atoi(stage)
	}
	if done >= stageExpanded {
		s.at = max(s.at, at)
	}
	if done >= stageContracted {
		s.oldest = max(s.oldest, at)
	}
}

// command is one of the programs, which finds the store at address, if any, by its
// environment: its arguments, everybody on the machine can read.
func (p Programs) command(ctx context.Context, address, name string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(filepath.Join(string(p), name))
	if err != nil {
		return nil, roster.Errorf(roster.Invalid, "There is no %s here, which comes with PostgreSQL's client (on Debian "+
			"postgresql-client). Install it, or name its folder with --pg-bin. Nothing was changed.", name)
	}
	found, err := libpq(address)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, path, args...)
	c.Env = slices.Concat(os.Environ(), []string{"LC_ALL=C", "PGAPPNAME=roster"}, found)
	return c, nil
}

// ran runs a program, and says what it said where it failed, with what there may be no room for.
func ran(c *exec.Cmd, room string) error {
	var said bytes.Buffer
	c.Stderr = &said
	err := c.Run()
	switch {
	case err == nil:
		return nil
	case strings.Contains(said.String(), syscall.ENOSPC.Error()),
		strings.Contains(said.String(), "No space left on device"):
		return noRoom(syscall.ENOSPC, room)
	}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && !failed.Exited() {
		return roster.Errorf(roster.Invalid, "%s was ended (%s). Nothing was changed.", filepath.Base(c.Path), err)
	}
	return roster.Errorf(roster.Invalid, "%s failed: %s. Nothing was changed.", filepath.Base(c.Path),
		strings.TrimSuffix(line(said.Bytes()), "."))
}

// orCanceled is err, or why ctx ended where err is for that.
func orCanceled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// line is what a program said, as one line without its own name.
func line(said []byte) string {
	first, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	for _, name := range []string{"pg_dump: ", "pg_restore: ", "error: "} {
		first = strings.TrimPrefix(first, name)
	}
	return first
}

// libpqNames are the parameters of an address that PostgreSQL's programs take, and the
// variables that they take them from. The rest is the driver's, or the server's settings.
var libpqNames = map[string]string{
	"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
	"passfile": "PGPASSFILE", "service": "PGSERVICE", "servicefile": "PGSERVICEFILE",
	"sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT",
	"sslsni": "PGSSLSNI", "sslnegotiation": "PGSSLNEGOTIATION", "sslcrl": "PGSSLCRL",
	"ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION", "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
	"channel_binding": "PGCHANNELBINDING", "require_auth": "PGREQUIREAUTH", "krbsrvname": "PGKRBSRVNAME",
	"connect_timeout": "PGCONNECT_TIMEOUT", "target_session_attrs": "PGTARGETSESSIONATTRS", "options": "PGOPTIONS",
}

// libpq is a postgres:// address as the environment of PostgreSQL's programs.
func libpq(address string) (env []string, err error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" { // err would tell the password
		return nil, roster.Errorf(roster.Invalid, "The store's address is not one of the form postgres://…")
	}
	said := map[string]string{"user": u.User.Username(), "dbname": strings.TrimPrefix(u.Path, "/")}
	said["password"], _ = u.User.Password()
	said["host"], said["port"] = hosts(u.Host)
	for name, values := range u.Query() {
		said[name] = values[0]
	}
	for name, value := range said {
		if variable := libpqNames[name]; variable != "" && value != "" {
			env = append(env, variable+"="+value)
		}
	}
	return env, nil
}

// hosts are the servers of an address and their ports, with commas between them.
func hosts(authority string) (names, ports string) {
	if authority == "" {
		return "", ""
	}
	var all, at []string
	for one := range strings.SplitSeq(authority, ",") {
		host, port, err := net.SplitHostPort(one)
		if err != nil {
			host, port = strings.Trim(one, "[]"), ""
		}
		all, at = append(all, host), append(at, port)
	}
	return strings.Join(all, ","), strings.Join(at, ",")
}
