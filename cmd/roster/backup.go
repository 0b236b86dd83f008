package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"roster"
	"roster/internal/store"
)

// stream is how a command line names standard output, or input, in place of a file.
const stream = "-"

// copyFlags say which store is copied, or made of a copy.
type copyFlags struct {
	locationFlags
	directFlags
	PGBin string `name:"pg-bin" placeholder:"DIR" help:"Folder of pg_dump and pg_restore, for a PostgreSQL store (default: they are looked for as a shell does)."`
}

// unpooled is the store, past a pooler if there is one: a copy is made in one session.
func (f copyFlags) unpooled(c *console) (location, error) {
	p, err := f.location(c)
	if err != nil {
		return p, err
	}
	return f.direct(c, f.locationFlags, p)
}

type backupCommand struct {
	copyFlags
	File  string `arg:"" help:"File to write; - writes to standard output."`
	Force bool   `help:"Replace the file when it exists."`
}

// Run copies the store as it is: a store of an earlier schema is not migrated
// first, so that there is a way back from the migration to come.
func (b *backupCommand) Run(c *console) error {
	p, err := b.unpooled(c)
	if err != nil {
		return err
	}
	if b.File == stream {
		return b.toOutput(c, p)
	}
	if !b.Force && exists(b.File) {
		return roster.Errorf(roster.Invalid, "%s exists; --force replaces it.", b.File)
	}
	if err := b.write(c, p, b.File); err != nil {
		return err
	}
	c.say("Backed up %s to %s.", p, b.File)
	return nil
}

// toOutput writes a backup to standard output once all of it is there and checked: whoever
// reads from a pipe cannot tell the end from a cut.
func (b *backupCommand) toOutput(c *console, p location) error {
	if isTerminal(c.stdout) {
		return misuse("a backup is not for a terminal; name a file, or send the output somewhere")
	}
	return inPassing(func(file string) error {
		if err := b.write(c, p, file); err != nil {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := io.Copy(c.stdout, f); err != nil {
			return fmt.Errorf("the backup was not taken whole: %w", err)
		}
		return nil
	})
}

// write writes a backup of a store to a file.
func (b *backupCommand) write(c *console, p location, file string) error {
	db, err := p.open(false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Follows(c.ctx); err != nil {
		return err
	}
	if at, err := db.SchemaVersion(c.ctx); err != nil || at == 0 {
		return orElse(err, roster.Errorf(roster.NotFound, "There is no store in %s.", p))
	}
	if err := db.Follows(c.ctx); err != nil {
		return err
	}
	defer c.begin("Backing up").end()
	if p.dir == "" {
		return db.Dump(c.ctx, store.Programs(b.PGBin), p.url, file)
	}
	return db.Backup(c.ctx, file)
}

type restoreCommand struct {
	copyFlags
	File  string `arg:"" help:"Backup to read; - reads standard input."`
	Force bool   `help:"Replace the SQLite store that is in the directory. A PostgreSQL database must be empty."`
}

// Run makes a store from a backup.
func (r *restoreCommand) Run(c *console) error {
	p, err := r.unpooled(c)
	if err != nil {
		return err
	}
	if r.File != stream {
		return r.read(c, p, r.File)
	}
	if isTerminal(c.stdin) {
		return misuse("a backup does not come from a terminal; name a file, or send one to the input")
	}
	return inPassing(func(file string) error {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, c.stdin)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("standard input was not read whole. Nothing was changed: %w", err)
		}
		return r.read(c, p, file)
	})
}

// read makes a store from a file.
func (r *restoreCommand) read(c *console, p location, file string) error {
	if p.dir == "" && r.Force {
		return roster.Errorf(roster.Invalid, "--force replaces no PostgreSQL store. Make a new database for the restored "+
			"one (createdb), and name that: the old one stays until you drop it.")
	}
	if err := r.make(c, p, file); err != nil {
		return err
	}
	c.say("Restored %s to %s.", r.File, p)
	return c.sayWithoutKey(p)
}

// sayWithoutKey says what a SQLite store misses that was restored without its key: the next
// server would go on with another one, and nobody would know why tokens fail.
func (c *console) sayWithoutKey(p location) error {
	given, err := storeFlags{}.secretKey(c.settings)
	if own := filepath.Join(p.dir, secretFile); err == nil && p.dir != "" && given.by == "" && !exists(own) {
		c.say("There is no %s: put your copy of it there before you serve. Without it no token can be shown again, "+
			"and no personal access token works.", own)
	}
	return err
}

func (r *restoreCommand) make(c *console, p location, file string) error {
	if p.dir == "" {
		defer c.begin("Restoring").end()
		return store.RestoreDump(c.ctx, store.Programs(r.PGBin), file, p.url)
	}
	if empty, err := emptyBut(p.dir, secretFile, acmeFolder); err != nil || (!empty && !r.Force) {
		return orElse(err, roster.Errorf(roster.Invalid,
			"%s is not empty. Nothing was changed; --force replaces the store in it.", p.dir))
	}
	defer c.begin("Restoring").end()
	return store.Restore(c.ctx, file, p.dir)
}

// inPassing has fn work with the name of a file that is in the way of nobody, and gone
// afterwards.
func inPassing(fn func(file string) error) error {
	dir, err := os.MkdirTemp("", "roster-backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return fn(filepath.Join(dir, "copy"))
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// emptyBut reports whether a directory is missing, or holds nothing but what has the given
// names and what is left over from others who began.
func emptyBut(dir string, names ...string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) && !store.IsLeftOver(entry.Name()) {
			return false, err
		}
	}
	return true, err
}
