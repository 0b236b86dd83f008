package main

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/metrics"
	"roster/internal/store"
)

// scheduleFlags say which backups a server makes by itself.
type scheduleFlags struct {
	BackupEvery span   `placeholder:"DURATION" help:"Make a backup of the SQLite store so often, such as 6h or 1d (default: never)."`
	BackupDir   string `placeholder:"DIR" help:"Folder for the backups of --backup-every, best on another disk."`
	BackupKeep  int    `default:"7" placeholder:"N" help:"How many of the backups of --backup-every to keep; older ones are removed once a newer one is made and checked (default: ${default})."`
}

func (f *scheduleFlags) check() error {
	switch {
	case (f.BackupEvery == 0) != (f.BackupDir == ""):
		return misuse("--backup-every and --backup-dir need each other")
	case f.BackupEvery != 0 && time.Duration(f.BackupEvery) < time.Minute:
		return misuse("--backup-every: %s is less than a minute", f.BackupEvery)
	case f.BackupKeep < 1:
		return misuse("--backup-keep: at least one backup is kept")
	}
	return nil
}

// schedule makes backups when they are due.
type schedule struct {
	series *store.Series
	every  time.Duration
	keep   int
	due    time.Time
}

// schedule looks when the next backup is due; nil where none ever is.
func (f *scheduleFlags) schedule(ctx context.Context, db *store.DB, now time.Time) (*schedule, error) {
	if f.BackupEvery == 0 {
		return nil, nil
	}
	series, err := db.Series(ctx, f.BackupDir)
	if err != nil {
		return nil, err
	}
	last, err := series.Last(now)
	if err != nil {
		return nil, err
	}
	s := &schedule{series: series, every: time.Duration(f.BackupEvery), keep: f.BackupKeep}
	if !last.IsZero() {
		s.due = last.Add(s.every)
		metrics.LastBackup(last)
	}
	return s, nil
}

// watch makes what is due at each tick, until ctx ends.
func (s *schedule) watch(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks:
			s.at(ctx, now)
		}
	}
}

// retryAfter is how long a backup that failed is not tried again.
const retryAfter = time.Hour

// at makes a backup if one is due. One that is due later than a clock that is right could
// have put it was put there by one that was wrong.
func (s *schedule) at(ctx context.Context, now time.Time) {
	if now.Before(s.due) && s.due.Sub(now) <= s.every {
		return
	}
	file, err := s.series.Make(ctx, now, s.keep)
	switch {
	case ctx.Err() != nil:
	case file == "":
		s.due = now.Add(min(s.every, retryAfter))
		metrics.BackedUp(err)
		slog.ErrorContext(ctx, "no backup was made", "error", err, "next", s.due)
	default:
		s.due = now.Add(s.every)
		metrics.BackedUp(nil)
		metrics.LastBackup(now)
		slog.InfoContext(ctx, "a backup was made", "file", file)
		if err != nil {
			slog.WarnContext(ctx, "an old backup could not be removed", "error", err)
		}
	}
}
