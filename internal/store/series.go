package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roster"
)

// Series are the backups of one SQLite store in a folder, made one after the other, of which
// the newest are kept. Their names tell whose they are and when they were made, so nothing
// else is written down about them, and no other file in the folder is ever touched.
type Series struct {
	db        *DB
	dir, mark string
}

// seriesSetting keeps what the names of a store's backups have in common. Its copies go on
// with that.
const seriesSetting = "backup_series"

// seriesTime is how a name tells the time, in UTC.
const seriesTime = "20060102T150405Z"

// Series is the store's own in a folder, which is made when it is missing. SQLite only.
func (db *DB) Series(ctx context.Context, dir string) (*Series, error) {
	if db.dir == "" {
		return nil, roster.Errorf(roster.Invalid,
			"Only a SQLite store has backups that its server makes: several servers may "+
				"share one on PostgreSQL. Have \"roster backup\" run by a timer, or use the database's own archive.")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	mark, err := db.SetSettingOnce(ctx, seriesSetting, []byte(strings.ToLower(rand.Text()[:8])))
	return &Series{db, dir, string(mark)}, err
}

// name is that of the backup of a time.
func (s *Series) name(at time.Time) string {
	return "roster-" + s.mark + "-" + at.UTC().Format(seriesTime) + ".db"
}

// madeAt is the time that a name tells, where it is that of one of the series.
func (s *Series) madeAt(name string) (at time.Time, is bool) {
	stamp, is := strings.CutPrefix(strings.TrimSuffix(name, ".db"), "roster-"+s.mark+"-")
	at, err := time.Parse(seriesTime, stamp)
	return at, is && err == nil && s.name(at) == name
}

// made are the names of the backups that there are, the newest first.
func (s *Series) made() (names []string, err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		if _, is := s.madeAt(entry.Name()); is && entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) }) // names sort as their times do
	return names, err
}

// Last is when the newest backup was made, of those that are not of a later time: a clock was
// wrong then. The zero time says that there is none.
func (s *Series) Last(now time.Time) (time.Time, error) {
	names, err := s.made()
	for _, name := range names {
		if at, _ := s.madeAt(name); !at.After(now) {
			return at, err
		}
	}
	return time.Time{}, err
}

// Make writes one more backup, and only then removes the oldest beyond keep of them. A file that
// is returned beside an error is made: only what was
// to be removed was not.
func (s *Series) Make(ctx context.Context, now time.Time, keep int) (file string, err error) {
	if err := s.sweep(); err != nil {
		return "", err
	}
	file = filepath.Join(s.dir, s.name(now))
	if err := s.db.Backup(ctx, file); err != nil {
		return "", err
	}
	return file, s.prune(filepath.Base(file), keep)
}

// prune removes the oldest backups beyond keep, and never the one that was just made, even
// where the clock went back since the others were.
func (s *Series) prune(made string, keep int) error {
	names, err := s.made()
	names = slices.DeleteFunc(names, func(name string) bool { return name == made })
	for _, name := range names[min(len(names), max(keep, 1)-1):] {
		err = errors.Join(err, remove(filepath.Join(s.dir, name)))
	}
	return err
}

// sweep removes what is left of backups whose server was killed.
func (s *Series) sweep() error {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		base := strings.TrimPrefix(entry.Name(), ".")
		if at := strings.Index(base, ".db."); at >= 0 {
			if _, is := s.madeAt(base[:at+len(".db")]); is {
				err = errors.Join(err, sweepParts(filepath.Join(s.dir, base[:at+len(".db")]), time.Now().Add(-abandoned)))
			}
		}
	}
	return err
}
