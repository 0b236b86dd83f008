package lsapi_test

import (
	"fmt"
	"net/http"
	"testing"
)

// Fields that a request may not set are not set because a person has them.
func TestMassAssignment(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		ann := w.Person("AN")
		before, err := w.DB.User(w.As(ann), ann)
		if err != nil {
			t.Fatal(err)
		}
		w.must(http.StatusOK, "PATCH", fmt.Sprintf("/api/users/%d/", ann), ann, map[string]any{
			"first_name": "Ann", "id": 1, "role": "OW", "active_organization": 99, "is_superuser": true, "is_staff": true,
			"password_hash": "x", "date_joined": "2001-01-01T00:00:00Z", "org_membership": []any{map[string]any{"role": "OW"}},
		})
		w.must(http.StatusMethodNotAllowed, "PATCH", fmt.Sprintf("/api/users/%d/", ann), ann,
			map[string]any{"email": "other@example.com"})
		after, err := w.DB.User(w.As(ann), ann)
		if err != nil {
			t.Fatal(err)
		}
		if before.FirstName = "Ann"; after.Email != before.Email || after.ActiveOrganization != before.ActiveOrganization ||
			!after.DateJoined.Equal(before.DateJoined) || after.FirstName != "Ann" {
			t.Errorf("%+v, was %+v", after, before)
		}
		m, err := w.DB.Membership(w.As(ann), w.Org, ann)
		if err != nil || m.Role != "AN" {
			t.Error(m, err)
		}
		w.must(http.StatusForbidden, "PATCH", fmt.Sprintf("/api/organizations/%d/memberships", w.Org), ann,
			map[string]any{"user_id": ann, "role": "AD"})
		w.must(http.StatusForbidden, "PATCH", fmt.Sprintf("/api/organizations/%d", w.Org), ann,
			map[string]any{"title": "Mine"})
	})
}
