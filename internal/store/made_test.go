package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// older is what a gate's store held before it knew who made what: an owner, a
// manager in a project of theirs, an annotator whom a pause keeps from working.
var older = []string{
	"INSERT INTO organizations (id, title, token, created_by, created_at) VALUES (1, 'Labels', 'token', 1, 1)",
	`INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key, username_key, date_joined, active_organization) VALUES
 (1, 'owner@example.com', 'owner@example.com', 'owner', '', '', '', '', 1, 1), (2, 'mia@example.com', 'mia@example.com', 'mia', '', '', '', '', 1, 1),
 (3, 'paul@example.com', 'paul@example.com', 'paul', '', '', '', '', 1, 1)`,
	"INSERT INTO organization_members (organization_id, user_id, role, created_at) VALUES (1, 1, 'OW', 1), (1, 2, 'MA', 1), (1, 3, 'AN', 1)",
	"INSERT INTO settings (name, value) VALUES ('upstream_organization', CAST('1' AS {{bytes}}))",
	"INSERT INTO projects (id, organization_id, title, title_key, created_by, created_at, mirrored) VALUES (7, 1, 'Signs', 'signs', 1, 1, TRUE)",
	"INSERT INTO operations (organization_id, project_id, kind, actor_id, credential, request_id, at, selector) VALUES (1, 7, 'assign', 1, 'token', '', 1, '')",
	"INSERT INTO project_members (project_id, user_id, explicit, added_by) VALUES (7, 2, TRUE, 1), (7, 3, TRUE, 1)",
	"INSERT INTO pauses (project_id, user_id, reason, paused_by, created_at, updated_at) VALUES (7, 3, 'MANUAL', 1, 1, 1)",
}

// TestMakersOfAStoreFromBefore opens and goes on: who was a member and who was paused is,
// hooks from before are nobody's, and what is made from now on follows its maker.
func TestMakersOfAStoreFromBefore(t *testing.T) {
	for engine, open := range map[string]func(t *testing.T) (*store.DB, error){
		"sqlite":   func(t *testing.T) (*store.DB, error) { return store.OpenDir(filepath.Join(t.TempDir(), "data")) },
		"postgres": func(t *testing.T) (*store.DB, error) { return store.OpenURL(storetest.PostgresURL(t)) },
	} {
		t.Run(engine, func(t *testing.T) {
			db, err := open(t)
			fine(t, err)
			t.Cleanup(func() { db.Close() })
			fine(t, db.AtSchema(t.Context(), 11, older))
			_, err = db.Migrate(t.Context())
			fine(t, err)
			goesOn(t, db)
		})
	}
}

func goesOn(t *testing.T, db *store.DB) {
	a, err := app.New(db, app.DefaultConfig(), []byte("a secret for tests"))
	fine(t, err)
	as := func(user int64) context.Context {
		who, err := db.ActorByUser(t.Context(), user)
		fine(t, err)
		return roster.WithActor(t.Context(), who)
	}
	if _, err := a.MayInProject(as(3), app.AnnotateTasks, 7); roster.KindOf(err) != roster.Forbidden {
		t.Errorf("the paused: %v", err)
	}
	hook := roster.Made{ProjectID: 7, Kind: roster.MadeWebhook, UpstreamID: 901, Place: "https://old.example.com", Works: true}
	fine(t, a.DiscoverMade(t.Context(), 7, []roster.Made{hook}))
	hook.UpstreamID = 902
	fine(t, a.KeepMade(as(2), hook, true, true))
	done, err := a.UnassignMembers(as(1), 7, roster.Selector{All: true}, "")
	fine(t, err)
	out, err := a.MadeOutcome(as(1), done.Operation)
	if err != nil || done.Count != 2 || len(out.Things) != 1 || out.Things[0].UpstreamID != 902 || out.Pending != 1 {
		t.Errorf("%+v %+v %v", done, out, err)
	}
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
