package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestPausesOfBefore: a store of an older Roster keeps the pauses that could be
// made now; the others stop counting, are named in the log, and stay readable.
func TestPausesOfBefore(t *testing.T) {
	for name, sameLevel := range map[string][]roster.Role{"as usual": nil, "Managers change Managers": {"MA"}} {
		t.Run(name, func(t *testing.T) {
			storetest.EachBefore(t, func(t *testing.T, db *store.DB) { wantPausesOfBefore(t, db, sameLevel) })
		})
	}
}

func wantPausesOfBefore(t *testing.T, db *store.DB, sameLevel []roster.Role) {
	const owner, project = 1001, 1001
	ctx := context.Background()
	if sameLevel != nil {
		err := db.SetPermissionOverride(ctx, 1001, "organizations.assign_same_level", sameLevel)
		must(t, err)
	}
	var w *apptest.World
	log := logged(t, func() { w = apptest.Opened(t, db) })
	for user := int64(1001); user <= 1009; user++ {
		pauses, err := db.Pauses(ctx, project, user, true, "")
		must(t, err)
		shut := false
		for _, p := range pauses {
			stands := strings.HasPrefix(p.Message, "stands") || (sameLevel != nil && p.Message == "ended: a Manager by another")
			shut = shut || stands
			ruledOut := !p.DeletedAt.IsZero() && p.DeletedBy == 0
			named := strings.Contains(log, fmt.Sprintf("pause=%d project=%d title=\"Street signs\"", p.ID, project))
			if p.DeletedBy == 0 && (stands == ruledOut || named != ruledOut) {
				t.Errorf("pause %d of %d, %q: ended %v, named %v", p.ID, user, p.Message, ruledOut, named)
			}
		}
		_, err = w.App.MayInProject(w.As(user), core.ViewTasks, project)
		if (kindOf(err) == refused) != shut {
			t.Errorf("%d in the project: %v", user, err)
		}
		all, err := w.App.Pauses(w.As(user), project, user, true, "")
		if err != nil || len(all) != len(pauses) {
			t.Errorf("%d reads %d of their pauses: %v", user, len(all), err)
		}
	}
	if !strings.Contains(log, "person=owner@example.com paused_by=manager@example.com") ||
		strings.Contains(log, "pause=1012") {
		t.Errorf("the log says:\n%s", log)
	}
}

// logged is what is written to the log meanwhile.
func logged(t *testing.T, do func()) string {
	t.Helper()
	var out bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	defer slog.SetDefault(was)
	do()
	return out.String()
}
