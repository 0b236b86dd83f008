package store_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
)

// TestTasksOfBefore: the tasks of a store of before are numbered in the order they came,
// and the next one goes on from there.
func TestTasksOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		made, err := w.DB.LoadTasks(t.Context(), []roster.Task{{ProjectID: 1010, Data: "{}", CreatedAt: now, UpdatedAt: now}})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[int64]int64{1010: 1, 1012: 2, made[0]: 3, 1001: 0} { // 1001 is the upstream's
			if task, err := w.DB.Task(t.Context(), id); err != nil || task.Number != want {
				t.Errorf("task %d has number %d, want %d: %v", id, task.Number, want, err)
			}
		}
	})
}
