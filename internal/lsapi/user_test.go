package lsapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster"
)

func TestUsers(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		count := func(user int64) int {
			return len(w.must(200, "GET", "/api/users/?page=7&page_size=1", user, nil).([]any))
		}
		for role, want := range map[roster.Role]int{"OW": 8, "AD": 8, "MA": 1, "RE": 1, "AN": 1, "VO": 1} {
			if got := count(people[role]); got != want {
				t.Errorf("%s sees %d people, want %d", role, got, want)
			}
		}
		w.must(401, "GET", "/api/users/", people["DI"], nil)
		list := w.must(200, "GET", "/api/users?ordering=-id", w.Owner, nil)
		if at(list, 7, "id") != float64(w.Owner) || at(list, 7, "organization_membership", "role") != "OW" ||
			at(list, 7, "active_organization") != float64(w.Org) {
			t.Errorf("the Owner is not the oldest: %v", list)
		}
		of := func(role roster.Role) string { return fmt.Sprintf("/api/users/%d/", people[role]) }
		w.statuses(people, map[roster.Role]int{"OW": 200, "AD": 200, "MA": 404, "RE": 404, "AN": 404, "VO": 200,
			"NO": 401, "DI": 401}, "GET", of("VO"), nil)
		w.statuses(people, map[roster.Role]int{"OW": 405, "AD": 405, "MA": 405, "RE": 405, "AN": 405, "VO": 405,
			"NO": 401, "DI": 401}, "DELETE", of("VO"), nil)
		if got := w.must(200, "GET", of("AN"), people["AN"], nil); at(got, "initials") != "FL" ||
			at(got, "lse_fields", "invited_at") != nil {
			t.Errorf("oneself: %v", got)
		}
		w.must(404, "GET", "/api/users/999/", w.Owner, nil)
	})
}

// The vendor's description requires a username and nothing else.
func TestAUserNeedsOnlyAUsername(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		made := w.must(http.StatusCreated, "POST", "/api/users/", w.Owner, map[string]any{"username": "Jo@Example.com"})
		if at(made, "email") != "jo@example.com" || at(made, "username") != "Jo@Example.com" {
			t.Errorf("%v", made)
		}
		w.refused("email", "POST", "/api/users/", w.Owner, map[string]any{"username": "jo"})
		w.refused("email", "POST", "/api/users/", w.Owner, map[string]any{"username": "jo@"})
		w.refused("email", "POST", "/api/users/", w.Owner, map[string]any{"username": "mo@example.com", "email": nil})
	})
}

func TestCreateUser(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		body := func(more map[string]any) map[string]any {
			out := map[string]any{"email": "New.Person@Example.com", "username": "newcomer"}
			for name, value := range more {
				out[name] = value
			}
			return out
		}
		made := w.must(201, "POST", "/api/users/", people["AD"], body(map[string]any{
			"first_name": "New", "phone": "+49 1", "password": "correct horse",
			"role": "OW", "active_organization": w.Org, "is_superuser": true, "id": 1,
			"organization_membership": map[string]any{"role": "OW"}, "user_type": "service",
		}))
		if at(made, "email") != "new.person@example.com" || at(made, "organization_membership", "role") != "AN" ||
			at(made, "organization_membership", "user_type") != "standard" ||
			at(made, "active_organization") != float64(w.Org) || at(made, "password") != nil {
			t.Errorf("made: %v", made)
		}
		id := int64(at(made, "id").(float64))
		hash, err := w.DB.PasswordHash(context.Background(), id)
		if err != nil || !strings.HasPrefix(hash, "$argon2id$") || strings.Contains(hash, "horse") {
			t.Errorf("password kept as %q: %v", hash, err)
		}
		w.must(200, "GET", "/api/current-user/whoami", id, nil)
		w.statuses(map[roster.Role]int64{"MA": people["MA"], "RE": people["RE"], "AN": people["AN"], "VO": people["VO"],
			"NO": people["NO"]},
			map[roster.Role]int{"MA": 403, "RE": 403, "AN": 403, "VO": 403, "NO": 401}, "POST", "/api/users/",
			body(map[string]any{"email": "x@example.com"}))
		for field, value := range map[string]any{
			"email": "NEW.person@example.com", "username": "", "password": "short", "first_name": strings.Repeat("x", 257),
			"last_name": true, "phone": "\x02",
		} {
			more := map[string]any{"email": "other@example.com"}
			more[field] = value
			w.refused(field, "POST", "/api/users/", w.Owner, body(more))
		}
		w.refused("email", "POST", "/api/users/", w.Owner, body(map[string]any{"email": "nobody"}))
		w.refused("email", "POST", "/api/users/", w.Owner, map[string]any{"username": "x"})
		w.refused("active_organization", "POST", "/api/users/", w.Owner,
			body(map[string]any{"email": "other@example.com", "active_organization": 99}))
		w.refused("username", "POST", "/api/users/", w.Owner, map[string]any{"email": "other@example.com"})
		if got := len(w.must(200, "GET", "/api/users/", w.Owner, nil).([]any)); got != 9 {
			t.Errorf("%d people", got)
		}
		w.must(204, "DELETE", fmt.Sprintf("/api/organizations/%d/memberships/%d/", w.Org, id), w.Owner, nil)
		again := w.must(400, "POST", "/api/users/", w.Owner, body(nil))
		if message, _ := at(again, "validation_errors", "email", 0).(string); !strings.Contains(message, "deleted") {
			t.Errorf("a deleted person's e-mail: %v", again)
		}
	})
}

func TestUpdateUser(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		of := func(role roster.Role) string { return fmt.Sprintf("/api/users/%d", people[role]) }
		got := w.must(200, "PATCH", of("AN")+"/", people["AN"], map[string]any{
			"first_name": "Zoë", "last_name": "", "username": "zoe", "allow_newsletters": true,
			"custom_hotkeys":      map[string]any{"a": []int{1}},
			"active_organization": 99, "date_joined": "2000-01-01T00:00:00Z", "role": "OW", "id": 1, "last_activity": nil,
			"organization_membership": map[string]any{"role": "OW"},
		})
		if at(got, "first_name") != "Zoë" || at(got, "last_name") != "" || at(got, "allow_newsletters") != true ||
			at(got, "custom_hotkeys", "a", 0) != 1.0 ||
			at(got, "active_organization") != float64(w.Org) || at(got, "organization_membership", "role") != "AN" ||
			at(got, "id") != float64(people["AN"]) {
			t.Errorf("patched: %v", got)
		}
		if got := w.must(200, "PATCH", of("AN"), people["AD"], map[string]any{"phone": "1", "custom_hotkeys": nil}); at(got,
			"phone") != "1" || at(got, "first_name") != "Zoë" || len(at(got, "custom_hotkeys").(map[string]any)) != 0 {
			t.Errorf("patched by an Administrator: %v", got)
		}
		if found := listed(t, w.must(200, "GET", fmt.Sprintf("/api/organizations/%d/memberships?search=ZO%%C3%%8B", w.Org),
			w.Owner, nil)); len(found) != 1 {
			t.Errorf("the new name is not found: %v", found)
		}
		w.statuses(map[roster.Role]int64{"MA": people["MA"], "RE": people["RE"], "VO": people["VO"]},
			map[roster.Role]int{"MA": 404, "RE": 404, "VO": 404},
			"PATCH", of("AN"), map[string]any{"first_name": "Mallory"})
		w.Assign(w.Project("Signs", 0), people["MA"], people["AN"])
		w.must(403, "PATCH", of("AN"), people["MA"], map[string]any{"first_name": "Mallory"})
		for _, above := range []int64{w.Owner, w.Person("AD")} {
			w.must(403, "PATCH", fmt.Sprintf("/api/users/%d", above), people["AD"], map[string]any{"password": "taking over"})
		}
		for _, email := range []any{"other@example.com", nil} {
			if got := w.must(405, "PATCH", of("AN"), people["AN"],
				map[string]any{"email": email}); len(got.(map[string]any)) != 1 || at(got, "detail") == nil {
				t.Errorf("email: %v", got)
			}
		}
		for field, value := range map[string]any{
			"password": "1234567", "username": " ", "first_name": strings.Repeat("x", 257), "phone": map[string]any{},
			"allow_newsletters": "perhaps",
			"custom_hotkeys":    strings.Repeat("x", 70_000),
		} {
			w.refused(field, "PATCH", of("AN"), people["AN"], map[string]any{field: value})
		}
		w.must(404, "PATCH", "/api/users/999", w.Owner, map[string]any{"first_name": "x"})
	})
}

func TestUpdateCurrentUser(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		user := w.Person("VO")
		got := w.must(200, "PATCH", "/api/current-user", user,
			map[string]any{"last_name": "Łukasz", "password": "correct horse", "role": "OW"})
		if at(got, "last_name") != "Łukasz" || at(got, "id") != float64(user) ||
			at(got, "organization_membership", "role") != "VO" {
			t.Errorf("patched: %v", got)
		}
		if hash, err := w.DB.PasswordHash(context.Background(), user); err != nil || !strings.HasPrefix(hash, "$argon2id$") {
			t.Errorf("password kept as %q: %v", hash, err)
		}
		w.must(405, "PATCH", "/api/current-user/", user, map[string]any{"email": "x@example.com"})
		w.must(401, "PATCH", "/api/current-user", 0, map[string]any{"last_name": "x"})
		if got := w.must(200, "GET", "/api/current-user/", user, nil); at(got, "last_name") != "Łukasz" ||
			at(got, "active_organization_meta", "title") != "Acme" {
			t.Errorf("read back: %v", got)
		}
	})
}
