package main

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/metrics"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// scheduled is a schedule of a store with nobody in it, and its folder.
func scheduled(t *testing.T, db *store.DB, every time.Duration, keep int, now time.Time) (s *schedule, dir string) {
	t.Helper()
	dir = t.TempDir()
	return again(t, db, dir, every, keep, now), dir
}

// again is the schedule as a server finds it that is started then.
func again(t *testing.T, db *store.DB, dir string, every time.Duration, keep int, now time.Time) *schedule {
	t.Helper()
	f := scheduleFlags{BackupEvery: span(every), BackupDir: dir, BackupKeep: keep}
	s, err := f.schedule(t.Context(), db, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// times are those that the names of the backups in a folder tell.
func times(t *testing.T, dir string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "roster-*-*.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		all = append(all, file[len(file)-len("20260301T120000Z.db"):len(file)-len(".db")])
	}
	slices.Sort(all)
	return all
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// TestBackupsAreMadeWhenDue: once at the start, then as often as was asked; a restart puts
// none off, and makes none too many; a clock that went back stops none.
func TestBackupsAreMadeWhenDue(t *testing.T) {
	db := storetest.SQLite(t)
	s, dir := scheduled(t, db, 6*time.Hour, 10, noon)
	for _, step := range []struct {
		after   time.Duration
		restart bool
		want    string
	}{
		{0, false, "20260301T120000Z"},
		{time.Hour, false, ""},
		{6 * time.Hour, false, "20260301T180000Z"},
		{7 * time.Hour, true, ""},
		{13 * time.Hour, true, "20260302T010000Z"},
		{24 * 400 * time.Hour, false, "20270405T120000Z"}, // the clock was wrong
		{20 * time.Hour, false, "20260302T080000Z"},
		{27 * time.Hour, true, "20260302T150000Z"},
	} {
		now := noon.Add(step.after)
		if step.restart {
			s = again(t, db, dir, 6*time.Hour, 10, now)
		}
		before := times(t, dir)
		s.at(t.Context(), now)
		made := slices.DeleteFunc(times(t, dir), func(at string) bool { return slices.Contains(before, at) })
		if got := strings.Join(made, " "); got != step.want {
			t.Errorf("after %v: made %q, want %q", step.after, got, step.want)
		}
	}
}

// TestBackupsAreKept: the newest stay, whatever else is in the folder stays, and the one
// that was just made stays even where the clock went back.
func TestBackupsAreKept(t *testing.T) {
	db := storetest.SQLite(t)
	s, dir := scheduled(t, db, time.Hour, 2, noon)
	s.at(t.Context(), noon)
	own := times(t, dir)
	mark := strings.TrimSuffix(strings.TrimPrefix(onlyFile(t, dir), "roster-"), "-"+own[0]+".db")
	others := []string{"roster-2026-01-31.db", "roster-other123-20200101T000000Z.db", "roster-" + mark +
		"-20200101T000000Z.db-wal",
		"roster-" + mark + "-2020.db", "notes.txt"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "roster-"+mark+"-20200102T000000Z.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, ".roster-"+mark+"-20200103T000000Z.db.123")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(left, noon, noon); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		s.at(t.Context(), noon.Add(time.Duration(n+1)*time.Hour))
	}
	s.at(t.Context(), noon.Add(-48*time.Hour))
	for _, name := range others {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s is gone", name)
		}
	}
	if exists(left) {
		t.Error("what a killed server left behind is still there")
	}
	want := []string{"20260227T120000Z", "20260301T160000Z"}
	if got := times(t, dir); !isSubset(want, got) || slices.Contains(got, "20260301T150000Z") {
		t.Errorf("kept %v, want %v of them", got, want)
	}
}

func isSubset(few, many []string) bool {
	return !slices.ContainsFunc(few, func(one string) bool { return !slices.Contains(many, one) })
}

// onlyFile is the name of the one file of a folder.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	return entries[0].Name()
}

// TestBackupThatFailsIsSaid: in the log and in the metrics; the older ones stay, and it is
// tried again.
func TestBackupThatFailsIsSaid(t *testing.T) {
	db := storetest.SQLite(t)
	s, dir := scheduled(t, db, 6*time.Hour, 1, noon)
	s.at(t.Context(), noon)
	kept := onlyFile(t, dir)
	moved := dir + "-away"
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, nil)))
	s.at(t.Context(), noon.Add(6*time.Hour))
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if !strings.Contains(said.String(), "level=ERROR msg=\"no backup was made\"") {
		t.Errorf("the log says %s", said.String())
	}
	scrape := httptest.NewRecorder()
	metrics.Handler(nil).ServeHTTP(scrape, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(scrape.Body.String(), `roster_backups_total{outcome="failed"} 1`) ||
		!strings.Contains(scrape.Body.String(), "roster_backup_timestamp_seconds") {
		t.Error("the metrics do not tell of it")
	}
	if s.due != noon.Add(7*time.Hour) {
		t.Errorf("after a failure the next is due at %v", s.due)
	}
	if err := os.Rename(moved, dir); err != nil {
		t.Fatal(err)
	}
	if onlyFile(t, dir) != kept {
		t.Error("the older backup is gone")
	}
	s.at(t.Context(), noon.Add(7*time.Hour))
	if got := times(t, dir); !slices.Equal(got, []string{"20260301T190000Z"}) {
		t.Errorf("kept %v", got)
	}
}

// TestServeMakesBackups: a server makes one when it is started, which restores.
func TestServeMakesBackups(t *testing.T) {
	storetest.Long(t)
	dir := t.TempDir()
	e := environment{"ROSTER_DATA": filepath.Join(t.TempDir(), "store")}
	s := e.serve(t, "--backup-every", "1d", "--backup-dir", dir, "--metrics-addr", "127.0.0.1:0")
	for len(times(t, dir)) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("no backup was made")
		}
	}
	s.stop()
	file := filepath.Join(dir, onlyFile(t, dir))
	other := filepath.Join(t.TempDir(), "other")
	e.ok(t, "restore", file, "--data", other)
	e.ok(t, "verify", "--data", other)
	if list := e.ok(t, "user", "list", "--data", other); !strings.Contains(list, "owner@example.com") {
		t.Error(list)
	}
	for args, says := range map[string]string{
		"serve --backup-every 1d":                                     "need each other",
		"serve --backup-every 10s --backup-dir " + dir:                "less than a minute",
		"serve --backup-every 1d --backup-keep 0 --backup-dir " + dir: "at least one",
	} {
		if a := e.roster(t, strings.Fields(args)...); a.code != 2 || !strings.Contains(a.errors, says) {
			t.Errorf("roster %s: %+v", args, a)
		}
	}
}
