package app_test

import (
	"context"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestTenuresOfBefore: in a store of an older Roster somebody joined when their tenure
// began, though an undo took them back later, and their role has its first id.
func TestTenuresOfBefore(t *testing.T) {
	storetest.EachBefore(t, func(t *testing.T, db *store.DB) {
		_, err := db.Migrate(t.Context())
		must(t, err)
		a, err := app.New(db, app.DefaultConfig(), []byte("a secret for tests"))
		must(t, err)
		who, err := db.ActorByUser(t.Context(), 1001)
		must(t, err)
		as := roster.WithActor(context.Background(), who)
		first := time.UnixMicro(1767225600000000)
		for _, c := range []struct {
			f    roster.MemberFilter
			want int
		}{{roster.MemberFilter{JoinedBefore: &first}, 1}, {roster.MemberFilter{JoinedAfter: new(first.Add(time.Microsecond))}, 0}} {
			if n, err := a.CountMembers(as, 1050, c.f); err != nil || n != c.want {
				t.Errorf("%+v: %d %v", c.f, n, err)
			}
		}
		roles, err := a.ProjectRoles(as, 1050)
		if err != nil || len(roles) != 1 || roles[0].ID != 1050 {
			t.Errorf("%+v %v", roles, err)
		}
	})
}
