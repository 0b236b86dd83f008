package store_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestTasksOfBefore: the tasks of a store of before are numbered in the order they came,
// and the next one goes on from there.
func TestTasksOfBefore(t *testing.T) {
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) {
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		if _, err := db.LoadTasks(t.Context(), []roster.Task{{ProjectID: 1001, Data: "{}", CreatedAt: now, UpdatedAt: now}}); err != nil {
			t.Fatal(err)
		}
		tasks, err := db.Tasks(t.Context(), 1001, roster.Everything)
		if err != nil || len(tasks) < 2 {
			t.Fatal(tasks, err)
		}
		for i, task := range tasks {
			if task.Number != int64(i+1) {
				t.Errorf("task %d has number %d, want %d", task.ID, task.Number, i+1)
			}
		}
	})
}
