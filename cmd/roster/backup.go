package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"roster"
	"roster/internal/store"
)

type backupCommand struct {
	locationFlags
	File  string `arg:"" help:"File to write; - writes to the standard output. With --keep, the folder in which each backup has its own."`
	Force bool   `help:"Replace the file when it exists."`
	Keep  int    `placeholder:"N" help:"Write a new file into the folder, called by the time, and remove all but the newest N that were written so."`
}

// Validate refuses flags that contradict each other.
func (b *backupCommand) Validate() error {
	switch {
	case b.Keep < 0:
		return misuse("--keep: %d is not how many", b.Keep)
	case b.Keep > 0 && (b.File == "-" || b.Force):
		return misuse("--keep writes new files into a folder; leave out --force and -")
	}
	return nil
}

// Run copies the store as it is: a store of an earlier schema is not migrated
// first, so that there is a way back from the migration to come.
func (b *backupCommand) Run(c *console) error {
	p, err := b.location(c)
	if err != nil {
		return err
	}
	switch {
	case b.File == "-":
		return b.stream(c, p)
	case b.Keep > 0:
		return b.rotate(c, p)
	case !b.Force && exists(b.File):
		return roster.Errorf(roster.Invalid, "%s exists; --force replaces it.", b.File)
	}
	return b.write(c, p, b.File)
}

func (b *backupCommand) write(c *console, p location, file string) error {
	if err := b.copy(c, p, file); err != nil {
		return err
	}
	c.say("Backed up %s to %s.", p, file)
	return nil
}

func (b *backupCommand) copy(c *console, p location, file string) error {
	db, err := p.open(false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Follows(c.ctx); err != nil {
		return err
	}
	work := c.begin("Backing up")
	defer work.end()
	return db.Backup(c.ctx, file)
}

// stream writes a backup to the standard output, once it is whole.
func (b *backupCommand) stream(c *console, p location) error {
	if isTerminal(c.stdout) {
		return misuse("a backup is nothing to read: send the output to a file, or name one")
	}
	dir, err := os.MkdirTemp("", "roster-backup")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "backup")
	if err := b.copy(c, p, file); err != nil {
		return err
	}
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(c.stdout, from)
	return err
}

// ofBackups is how the files are called that --keep writes, and no others: they are removed in time.
var ofBackups = regexp.MustCompile(`^roster-\d{8}T\d{6}Z\.(db|dump)$`)

// rotate writes a backup into a folder, and then removes the oldest.
func (b *backupCommand) rotate(c *console, p location) error {
	if err := os.MkdirAll(b.File, 0o700); err != nil {
		return err
	}
	kind := map[bool]string{true: ".db", false: ".dump"}[p.dir != ""]
	file := filepath.Join(b.File, time.Now().UTC().Format("roster-20060102T150405Z")+kind)
	if err := b.write(c, p, file); err != nil {
		return err
	}
	entries, err := os.ReadDir(b.File) // by name, which is by age
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !ofBackups.MatchString(e.Name()) })
	for _, old := range entries[:max(len(entries)-b.Keep, 0)] {
		err = errors.Join(err, os.Remove(filepath.Join(b.File, old.Name())))
	}
	return err
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
			"This store is in PostgreSQL, which has its own tool. Into an empty database: "+
				"pg_restore --no-owner --exit-on-error --single-transaction --dbname=… %s.", r.File)
	}
	if empty, err := emptyBut(p.dir, secretFile); err != nil || (!empty && !r.Force) {
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

// emptyBut reports whether a directory is missing, or holds nothing but a file of the
// given name and what is left over from others who began.
func emptyBut(dir, name string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	for _, entry := range entries {
		if entry.Name() != name && !store.IsLeftOver(entry.Name()) {
			return false, err
		}
	}
	return true, err
}
