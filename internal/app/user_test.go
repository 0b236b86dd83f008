package app_test

import (
	"sync"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestSeatsAndRolesOfNewPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin := w.As(w.Person(roster.RoleAdministrator))
		for _, c := range []struct {
			email string
			new   roster.NewUser
			role  roster.Role
			kind  roster.Kind
		}{
			{"default@example.com", roster.NewUser{}, roster.RoleAnnotator, ""},
			{"viewer@example.com", roster.NewUser{UserType: roster.SeatViewOnly}, roster.RoleViewOnly, ""},
			{"away@example.com", roster.NewUser{UserType: roster.SeatViewOnly, Role: roster.RoleDeactivated},
				roster.RoleDeactivated, ""},
			{"manager@example.com", roster.NewUser{Role: roster.RoleManager}, roster.RoleManager, ""},
			{"admin@example.com", roster.NewUser{Role: roster.RoleAdministrator}, "", roster.Forbidden},
			{"owner2@example.com", roster.NewUser{Role: roster.RoleOwner}, "", roster.Forbidden},
		} {
			c.new.Email = c.email
			u, err := w.App.CreateUser(admin, c.new)
			if c.kind != "" {
				if roster.KindOf(err) != c.kind {
					t.Errorf("%s: %v, want %s", c.email, err, c.kind)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := db.Membership(admin, w.Org, u.ID)
			if err != nil || m.Role != c.role || m.RoleSource != roster.SourceAPI {
				t.Errorf("%s: %+v %v, want %s", c.email, m, err, c.role)
			}
		}
	})
}

// Two who ask for a token at once, where there is none yet, get the same: the
// first to be answered had one that worked no more.
func TestFirstTokenAskedForTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		for range 4 {
			user := w.Person("AN")
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					token, err := w.App.Token(t.Context(), user)
					if err == nil {
						_, err = w.App.Authenticate(t.Context(), token)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
	})
}
