package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestSeats: the report splits an organization into the seats that count and
// those that do not, by the rule that each row also shows.
func TestSeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		for _, role := range roster.Roles[1:] {
			for _, seat := range append([]roster.UserType{""}, roster.UserTypes...) {
				id := w.Person(role)
				must(t, db.SetMembership(t.Context(), roster.OrganizationMembership{ID: id, Role: role, UserType: seat}))
			}
		}
		gone := w.Person("AN")
		_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		total := 0
		for _, counted := range []bool{true, false} {
			seats, n, err := w.App.Seats(w.As(w.Owner), w.Org, roster.SeatFilter{Counted: &counted}, roster.Everything)
			if err != nil || n != len(seats) {
				t.Fatal(n, len(seats), err)
			}
			total += n
			for _, m := range seats {
				if m.Membership.CountsAsSeat() != counted || m.User.ID == gone {
					t.Errorf("counted %v: %+v", counted, m.Membership)
				}
			}
			// the owner, and the four roles that work on three kinds of seat
			if counted && n != 1+4*3 {
				t.Errorf("%d seats count", n)
			}
		}
		if total != 1+7*5 {
			t.Errorf("%d people in all", total)
		}
		_, _, err = w.App.Seats(w.As(w.Person("MA")), w.Org, roster.SeatFilter{}, roster.Everything)
		wantKind(t, "a Manager", err, roster.Forbidden)
	})
}

// TestBillingCountsSeats: what a licence would count is what the report of seats
// counts, and it is the Owner's to know.
func TestBillingCountsSeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		for _, role := range roster.Roles[1:] {
			w.Person(role)
		}
		gone := w.Person(roster.RoleAnnotator)
		_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		w.Project("Street signs", 0)
		must(t, w.App.DeleteProject(w.As(w.Owner), w.Project("Crosswalks", 0)))

		b, err := w.App.Billing(w.As(w.Owner))
		must(t, err)
		counted := true
		_, seats, err := w.App.Seats(w.As(w.Owner), w.Org, roster.SeatFilter{Counted: &counted}, roster.Everything)
		must(t, err)
		if b.Seats != seats || b.Seats != 5 || b.People != 8 || b.Projects != 1 || !b.Invites || b.SignOn || b.Mail {
			t.Errorf("%+v, and the report has %d seats", b, seats)
		}
		_, err = w.App.Billing(w.As(w.Person(roster.RoleAdministrator)))
		wantKind(t, "an Administrator", err, roster.Forbidden)
	})
}
