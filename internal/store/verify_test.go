package store_test

import (
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// verified is the rules that a store breaks.
func verified(t *testing.T, db *store.DB) (broken []string) {
	t.Helper()
	n, err := db.Verify(t.Context(), func(b store.Broken) {
		if b.Count > 0 {
			broken = append(broken, b.Rule+": "+strings.Join(b.Where, ", "))
		}
	})
	if err != nil || n != len(broken) {
		t.Fatal(n, err)
	}
	return broken
}

// TestVerify: what does not fit together is found, and named.
func TestVerify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		projects := twoProjects(t, db)
		if got := verified(t, db); !slices.Equal(got, []string{"an organization has one owner: organization 1"}) {
			t.Fatal(got)
		}
		for _, c := range []struct {
			statement string
			finds     []string
		}{
			{"INSERT INTO project_members (project_id, user_id, explicit, added_by) VALUES (?, 1, TRUE, 77)",
				[]string{"who begins or ends a membership of a project is written down",
					"who is in a project is in its organization"}},
			{"INSERT INTO operations (organization_id, project_id, kind, actor_id, credential, at, changed)" +
				" VALUES (1, ?, 'unassign', 1, '', 0, 3)",
				[]string{"an operation says how many it took off a project"}},
			{"UPDATE users SET active_organization = 1 WHERE id <> ?", []string{"who works in an organization is in it"}},
		} {
			before := verified(t, db)
			if err := db.Spoil(t.Context(), c.statement, projects[0]+100*int64(strings.Count(c.statement, "<>"))); err != nil {
				t.Fatal(err)
			}
			after := strings.Join(verified(t, db), "\n")
			for _, rule := range c.finds {
				if !strings.Contains(after, rule) || strings.Contains(strings.Join(before, "\n"), rule) {
					t.Errorf("%s: %s\nis not in\n%s", c.statement, rule, after)
				}
			}
		}
	})
}

// TestVerifyBefore: a store that an older Roster filled breaks no rule.
func TestVerifyBefore(t *testing.T) {
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) {
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if broken := verified(t, db); broken != nil {
			t.Error(strings.Join(broken, "\n"))
		}
	})
}
