package app_test

import (
	"testing"
	"time"

	"roster/internal/app/apptest"

	"roster"
)

// TestTenuresOfBefore: in a store of an older Roster somebody joined when their tenure
// began, though an undo took them back later, and their role has its first id.
func TestTenuresOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		a, as := w.App, w.As(w.Owner)
		first := time.UnixMicro(1767225600000000)
		for _, c := range []struct {
			f    roster.MemberFilter
			want int
		}{{roster.MemberFilter{JoinedBefore: &first}, 1},
			{roster.MemberFilter{JoinedAfter: new(first.Add(time.Microsecond))}, 0}} {
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
