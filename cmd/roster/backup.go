package main

import (
	"errors"
	"os"
	"slices"

	"roster"
	"roster/internal/store"
)

type backupCommand struct {
	locationFlags
	File  string `arg:"" help:"File to write."`
	Force bool   `help:"Replace the file when it exists."`
}

// Run copies the store as it is: a store of an earlier schema is not migrated
// first, so that there is a way back from the migration to come.
func (b *backupCommand) Run(c *console) error {
	p, err := b.location(c)
	if err != nil {
		return err
	}
	if p.dir == "" {
		return roster.Errorf(roster.Invalid,
			"This store is in PostgreSQL, which has its own tool: pg_dump --format=custom --file=%s and its address.", b.File)
	}
	if !b.Force && exists(b.File) {
		return roster.Errorf(roster.Invalid, "%s exists; --force replaces it.", b.File)
	}
	db, err := p.open(false)
	if err != nil {
		return err
	}
	defer db.Close()
	if at, err := db.SchemaVersion(c.ctx); err != nil || at > store.Version() {
		return orElse(err, db.CheckSchema(c.ctx))
	}
	work := c.begin("Backing up")
	err = db.Backup(c.ctx, b.File)
	work.end()
	if err != nil {
		return err
	}
	c.say("Backed up %s to %s.", p, b.File)
	return nil
}

type restoreCommand struct {
	locationFlags
	File  string `arg:"" help:"Backup to read."`
	Force bool   `help:"Replace the store that is in the directory."`
}

// Run makes a store from a backup.
func (r *restoreCommand) Run(c *console) error {
	p, err := r.location(c)
	if err != nil {
		return err
	}
	if p.dir == "" {
		return roster.Errorf(roster.Invalid,
			"This store is in PostgreSQL, which has its own tool: pg_restore, for what pg_dump wrote.")
	}
	if empty, err := emptyBut(p.dir, secretFile, acmeFolder); err != nil || (!empty && !r.Force) {
		return orElse(err, roster.Errorf(roster.Invalid,
			"%s is not empty. Nothing was changed; --force replaces the store in it.", p.dir))
	}
	work := c.begin("Restoring")
	err = store.Restore(c.ctx, r.File, p.dir)
	work.end()
	if err != nil {
		return err
	}
	c.say("Restored %s to %s.", r.File, p)
	return nil
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
