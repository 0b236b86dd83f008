package store_test

import (
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
		got := find("ANN", 8)
		if len(got) != 5 || got[4] != hannah {
			t.Errorf("ann: %v, want %v first, and %d last", got, []int64{ann, anne, mail, accent}, hannah)
		}
		begin := slices.Sorted(slices.Values(got[:4]))
		if want := slices.Sorted(slices.Values([]int64{ann, anne, mail, accent})); !slices.Equal(begin, want) {
			t.Errorf("begins with ann: %v, want %v", begin, want)
		}
		if got := find("ann", 2); len(got) != 2 || slices.Contains(got, hannah) {
			t.Errorf("the first two: %v", got)
		}
		for search, want := range map[string][]int64{
			"zimmer ann": {ann}, "100%": {percent}, "%": {percent}, "ost": {accent}, "nobody": nil, "  ": nil, "": nil, `","`: nil,
		} {
			if got := find(search, 8); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", search, got, want)
			}
		}
	})
}
