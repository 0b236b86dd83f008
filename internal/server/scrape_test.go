package server_test

import (
	"strings"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestScrapeDuringAChange: a scrape does not wait for a large change, and none waits for it:
// what is under way holds the store's writer, and all is told all the same.
func TestScrapeDuringAChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Signs", 0)
		for range 50 {
			w.Assign(project, w.Person("AN"))
		}
		failures := func(lines []string) (line string) {
			for _, line = range lines {
				if strings.HasPrefix(line, "roster_probe_failures_total") {
					return line
				}
			}
			return "none"
		}
		before := failures(scraped(t, w))
		must(t, db.Update(t.Context(), func(tx *store.DB) error {
			if _, err := tx.CreateTag(t.Context(), w.Org, w.Owner, "night", w.Clock); err != nil {
				return err
			}
			all := strings.Join(scraped(t, w), "\n")
			for _, name := range []string{"roster_mail_waiting", "roster_sessions", "roster_store_connections", before} {
				if !strings.Contains(all, name) {
					t.Errorf("during a change no %s in\n%s", name, all)
				}
			}
			return nil
		}))
	})
}
