package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestFindPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		named := func(first, last, email string) int64 {
			return w.PersonNamed(roster.NewUser{FirstName: first, LastName: last, Email: email, Role: "AN"})
		}
		hannah := named("Hannah", "Berg", "hb@example.com")
		ann := named("Ann", "Zimmer", "z@example.com")
		anne := named("Bo", "Annesley", "bo@example.com")
		mail := named("Kim", "Roe", "annual@example.com")
		accent := named("Ánnika", "Öst", "ao@example.com")
		percent := named("100%", "Sure", "sure@example.com")
		gone := named("Anna", "Gone", "gone@example.com")
		if _, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone); err != nil {
			t.Fatal(err)
		}
		find := func(search string, most int) (ids []int64) {
			t.Helper()
			people, err := db.FindPeople(t.Context(), w.Org, roster.MemberFilter{Search: search}, most)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range people {
				ids = append(ids, m.User.ID)
			}
			return ids
		}
		begin := []int64{ann, accent, anne, mail} // by name
		if got := find("ANN", 8); !slices.Equal(got, begin) {
			t.Errorf("begins with ann: %v, want %v", got, begin)
		}
		if got := find("ann", 2); len(got) != 2 || slices.Contains(got, hannah) {
			t.Errorf("the first two: %v", got)
		}
		anywhere, err := db.FindPeopleAnywhere(t.Context(), w.Org, roster.MemberFilter{Search: "ann"}, 8)
		if err != nil || len(anywhere) != 5 {
			t.Errorf("anywhere: %v, %v", anywhere, err)
		}
		for search, want := range map[string][]int64{
			"zimmer ann": {ann}, "100%": {percent}, "%": nil, "ost": {accent}, "nobody": nil, "  ": nil, "": nil, `","`: nil,
		} {
			if got := find(search, 8); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", search, got, want)
			}
		}
	})
}

// TestFindInSight: whom somebody finds is whom the list shows them, on random memberships.
func TestFindInSight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		dice := rand.New(rand.NewPCG(1, 2))
		var people, managers, projects, spaces []int64
		for i := range 40 {
			role := roster.Role([]string{"AN", "AN", "RE", "MA", "AD", "DI", "AN"}[i%7])
			id := w.PersonNamed(roster.NewUser{FirstName: "Kim", LastName: fmt.Sprintf("No%d", i),
				Email: fmt.Sprintf("kim%d@example.com", i), Role: role})
			if people = append(people, id); role == "MA" {
				managers = append(managers, id)
			}
		}
		for i := range 4 {
			spaces = append(spaces, w.Workspace(fmt.Sprintf("Space %d", i)))
		}
		for i := range 8 {
			projects = append(projects, w.Project(fmt.Sprintf("Project %d", i), append(spaces, 0, 0)[dice.IntN(6)]))
		}
		for _, id := range people {
			if dice.IntN(2) == 0 {
				w.Assign(projects[dice.IntN(len(projects))], id)
			} else if dice.IntN(3) == 0 {
				if _, err := w.App.AssignToWorkspace(w.As(w.Owner), spaces[dice.IntN(len(spaces))],
					roster.Selector{Included: []int64{id}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, manager := range managers {
			who, err := db.ActorByUser(t.Context(), manager)
			if err != nil {
				t.Fatal(err)
			}
			f := roster.MemberFilter{Search: "kim", Sight: &who}
			want, _, err := db.OrganizationMembers(t.Context(), w.Org, f, roster.Page{Number: 1, Size: 100, Order: "name"})
			if err != nil {
				t.Fatal(err)
			}
			for name, find := range map[string]func(context.Context, int64, roster.MemberFilter,
				int) ([]roster.OrganizationMember, error){
				"begun": db.FindPeople, "anywhere": db.FindPeopleAnywhere,
			} {
				got, err := find(t.Context(), w.Org, f, 100)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: manager %d finds %d people, and is shown %d", name, manager, len(got), len(want))
				}
			}
		}
	})
}
