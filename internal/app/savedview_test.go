package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/membership"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestSavedViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, other := w.Project("Signs", w.Workspace("Vision")), w.Project("Secret", 0)
		admin, manager, stranger, annotator := w.Person("AD"), w.Person("MA"), w.Person("MA"), w.Person("AN")
		w.Assign(project, manager, annotator)
		save := func(user int64, v roster.SavedView) (int64, error) { return w.App.SaveView(w.As(user), v) }
		must := func(user int64, v roster.SavedView) int64 {
			t.Helper()
			id, err := save(user, v)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		names := func(user int64) string {
			t.Helper()
			rows, err := w.App.SavedViews(w.As(user))
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range rows {
				out = append(out, r.Name)
			}
			return strings.Join(out, ", ")
		}
		shared := must(manager, roster.SavedView{Name: " Annotators ", List: roster.ViewedMembers, PlaceID: project,
			Query: "role=AN", Shared: true})
		must(manager, roster.SavedView{Name: "Mine alone", List: roster.ViewedPeople})
		must(w.Owner, roster.SavedView{Name: "Secret people", List: roster.ViewedMembers, PlaceID: other, Shared: true})
		if got := names(manager); got != "Annotators, Mine alone" {
			t.Errorf("the manager has %s", got)
		}
		if got := names(w.Owner); got != "Annotators, Secret people" {
			t.Errorf("the owner has %s", got)
		}
		if names(stranger) != "" || names(annotator) != "" {
			t.Errorf("who may not see a list is told of its views: %s, %s", names(stranger), names(annotator))
		}
		for who, v := range map[int64]roster.SavedView{
			annotator: {Name: "x", List: roster.ViewedMembers, PlaceID: project},
			stranger:  {Name: "x", List: roster.ViewedMembers, PlaceID: project},
			w.Owner:   {Name: "x", List: roster.ViewedMembers, PlaceID: 999},
		} {
			if _, err := save(who, v); roster.KindOf(err) != roster.NotFound {
				t.Errorf("a view of what %d may not see: %v", who, err)
			}
		}
		for _, v := range []roster.SavedView{
			{Name: " ", List: roster.ViewedPeople}, {Name: strings.Repeat("x", 101), List: roster.ViewedPeople},
			{Name: "x", List: roster.ViewedPeople, Query: strings.Repeat("q", 33<<10)},
		} {
			if _, err := save(w.Owner, v); roster.KindOf(err) != roster.Invalid {
				t.Errorf("%.20q is kept: %v", v.Name, err)
			}
		}

		// who changes what
		text := "Renamed"
		if _, err := w.App.ChangeView(w.As(stranger), shared,
			membership.ViewPatch{Name: &text}); roster.KindOf(err) != roster.NotFound {
			t.Errorf("a stranger renames: %v", err)
		}
		if row, err := w.App.ChangeView(w.As(admin), shared, membership.ViewPatch{Name: &text}); err != nil ||
			row.Name != text || row.Maker.ID != manager {
			t.Errorf("an administrator renames: %+v, %v", row, err)
		}

		// the maker leaves: what is shared stays
		if _, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, manager); err != nil {
			t.Fatal(err)
		}
		if got := names(admin); got != "Renamed, Secret people" {
			t.Errorf("after the maker left there are %s", got)
		}
		if _, err := w.App.DeleteView(w.As(admin), shared); err != nil {
			t.Error(err)
		}

		// the project is gone: the view is there, to be deleted
		mine := must(w.Owner, roster.SavedView{Name: "Of a project", List: roster.ViewedMembers, PlaceID: project})
		if err := w.App.DeleteProject(w.As(w.Owner), project); err != nil {
			t.Fatal(err)
		}
		if row, err := w.App.SavedView(w.As(w.Owner), mine); err != nil || row.Opens || row.Place != "" {
			t.Errorf("of a project that is gone: %+v, %v", row, err)
		}
		for i := range membership.MostViews - 2 {
			must(w.Owner, roster.SavedView{Name: fmt.Sprint(i), List: roster.ViewedPeople})
		}
		if _, err := save(w.Owner, roster.SavedView{Name: "one too many", List: roster.ViewedPeople}); roster.KindOf(
			err) != roster.Invalid {
			t.Errorf("one view too many: %v", err)
		}
	})
}

func TestJoinedSince(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		project := w.Project("Signs", space)
		old, back := w.Person("AN"), w.Person("AN")
		w.Assign(project, old, back)
		into := func(user int64) {
			t.Helper()
			if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{user}}); err != nil {
				t.Fatal(err)
			}
		}
		into(old)
		views := map[roster.ViewedList]int64{}
		for list, place := range map[roster.ViewedList]int64{roster.ViewedPeople: 0, roster.ViewedMembers: project,
			roster.ViewedWorkspace: space} {
			id, err := w.App.SaveView(w.As(w.Owner), roster.SavedView{Name: "v", List: list, PlaceID: place})
			if err != nil {
				t.Fatal(err)
			}
			views[list] = id
		}
		w.Clock = w.Clock.Add(time.Hour)
		done, err := w.App.UnassignMembers(w.As(w.Owner), project, roster.Selector{Included: []int64{back}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.App.Undo(w.As(w.Owner), done.Operation); err != nil {
			t.Fatal(err)
		}
		late, reviewer := w.Person("AN"), w.Person("RE")
		w.Assign(project, late, reviewer)
		into(late)
		for list, id := range views {
			row, err := w.App.SavedView(w.As(w.Owner), id)
			if err != nil {
				t.Fatal(err)
			}
			members, total, err := w.App.JoinedSince(w.As(w.Owner), row.SavedView,
				roster.MemberFilter{Roles: []roster.Role{"AN"}}, roster.Page{Number: 1, Size: 10})
			if err != nil || total != 1 || len(members) != 1 || members[0].User.ID != late {
				t.Errorf("%s: joined %+v, %d, %v", list, members, total, err)
			}
		}
		row, _ := w.App.ChangeView(w.As(w.Owner), views[roster.ViewedMembers], membership.ViewPatch{Query: new(string)})
		if _, total, err := w.App.JoinedSince(w.As(w.Owner), row.SavedView, roster.MemberFilter{},
			roster.Page{Number: 1, Size: 10}); err != nil || total != 0 {
			t.Errorf("saved anew: %d, %v", total, err)
		}
	})
}
