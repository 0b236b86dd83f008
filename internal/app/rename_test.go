package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// Another name is recorded with the one before, and can be taken back until somebody changes
// it again.
func TestRenaming(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		id := w.PersonNamed(roster.NewUser{Email: "noor@example.com", FirstName: "Noor", LastName: "Ng", Role: "AN"})
		as := w.As(w.Owner)
		m, op, err := w.App.Rename(as, id, "Noor", "Ngata")
		if err != nil || op == 0 || m.User.Name() != "Noor Ngata" {
			t.Fatalf("%+v %d %v", m, op, err)
		}
		if _, none, err := w.App.Rename(as, id, "Noor", "Ngata"); err != nil || none != 0 {
			t.Errorf("the same name is operation %d: %v", none, err)
		}
		list, err := w.App.Outcomes(as, op, roster.Everything)
		if err != nil || len(list) != 1 || list[0].Result != roster.Renamed || list[0].NameBefore != "Noor Ng" ||
			list[0].NameAfter != "Noor Ngata" {
			t.Fatalf("%+v %v", list, err)
		}
		first := "Nora" // however it is changed, it is recorded
		must(t, second(w.App.UpdatePerson(as, id, roster.UserPatch{FirstName: &first})))
		if _, err := w.App.Undo(as, op); err != nil {
			t.Fatal(err)
		}
		if m, err = w.App.Person(as, id); err != nil || m.User.Name() != "Nora Ngata" {
			t.Errorf("an undo took a later name away: %s %v", m.User.Name(), err)
		}
		ops, _, err := w.App.OperationList(as, roster.OperationFilter{Kind: roster.OpRename}, roster.Everything)
		if err != nil || len(ops) != 2 || len(ops[0].People) != 1 || ops[0].People[0].Outcomes[0].NameBefore != "Noor Ngata" {
			t.Fatalf("%+v %v", ops, err)
		}
		if _, err := w.App.Undo(as, ops[0].ID); err != nil {
			t.Fatal(err)
		}
		if m, err = w.App.Person(as, id); err != nil || m.User.Name() != "Noor Ngata" {
			t.Errorf("not taken back: %s %v", m.User.Name(), err)
		}
	})
}

// Nobody renames whom they do not outrank, nor takes that back.
func TestWhoRenames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		other, admin, manager, user := w.Person("AD"), w.Person("AD"), w.Person("MA"), w.Person("AN")
		w.Assign(w.Project("Signs", 0), manager, user)
		for by, target := range map[int64]int64{admin: other, manager: user, user: manager} {
			if _, _, err := w.App.Rename(w.As(by), target, "New", "Name"); err == nil {
				t.Errorf("%d renamed %d", by, target)
			}
		}
		_, op, err := w.App.Rename(w.As(w.Owner), other, "New", "Name")
		if err != nil {
			t.Fatal(err)
		}
		view, err := w.App.OperationView(w.As(admin), op, roster.OutcomeFilter{}, roster.Everything)
		if err != nil || view.MayUndo {
			t.Errorf("an Administrator may undo it: %v", err)
		}
		if _, err := w.App.Undo(w.As(admin), op); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("an Administrator undid it: %v", err)
		}
		if _, _, err := w.App.Rename(w.As(user), user, "My", "Self"); err != nil {
			t.Errorf("one's own name: %v", err)
		}
	})
}

// The record names one or two people, whatever was done to them and however they were
// chosen, and counts more.
func TestTheRecordNamesFew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		p, space, tag := w.Project("Signs", 0), w.Workspace("Vision"), w.Tag("Night")
		one, two, three := w.Person("AN"), w.Person("AN"), w.Person("AN")
		pick := func(ids ...int64) roster.Selector { return roster.Selector{Included: ids} }
		must(t, second(w.App.AssignMembers(as, p, pick(one, two), nil)))
		must(t, second(w.App.UnassignMembers(as, p, roster.Selector{All: true}, "")))
		must(t, second(w.App.AssignToWorkspace(as, space, pick(three))))
		must(t, second(w.App.RemoveFromWorkspace(as, space, pick(three))))
		must(t, second(w.App.AssignTags(as, w.Org, roster.TagAssignment{Selector: pick(two), Tags: []int64{tag}})))
		must(t, second(w.App.AssignMembers(as, p, pick(one, two, three), nil)))
		if _, _, err := w.App.ChangeMembership(as, w.Org, one, roster.MembershipChange{Role: "RE"}); err != nil {
			t.Fatal(err)
		}
		must(t, second(w.App.RemoveFromOrganization(as, w.Org, two)))
		rows, _, err := w.App.OperationList(as, roster.OperationFilter{}, roster.Everything)
		if err != nil {
			t.Fatal(err)
		}
		want := [][]int64{{two}, {one}, {}, {two}, {three}, {three}, {one, two}, {one, two}}
		for i, ids := range want {
			got := []int64{}
			for _, a := range rows[i].People {
				got = append(got, a.ID)
				if a.Name == "" || !a.Met {
					t.Errorf("%+v", a)
				}
			}
			if len(got) != len(ids) || len(ids) > 0 && got[0] != ids[0] {
				t.Errorf("%s names %v, want %v", rows[i].Kind, got, ids)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
