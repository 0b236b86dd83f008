package app_test

import (
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestChangePeople changes whom the actor may change and passes over the rest.
func TestChangePeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		an, re, ma, ad, other := w.Person("AN"), w.Person("RE"), w.Person("MA"), w.Person("AD"), w.Person("AD")
		joined(w, space, an)
		_, _, err := w.App.SetProjectRole(w.As(w.Owner), p, an, "RE") // a row that ends with the access
		must(t, err)
		everybody := roster.Selector{All: true, Excluded: []int64{re}}
		preview, err := w.App.PreviewPeople(w.As(ad), everybody, roster.MembershipChange{Role: "NO"}, looking(1))
		if err != nil || preview.Count != 2 || preview.Passed != 3 || len(preview.People) != 1 {
			t.Fatalf("preview %+v %v", preview, err)
		}
		later := w.Person("AN")
		if _, err := w.App.ChangePeople(w.As(ad), everybody, roster.MembershipChange{Role: "NO"},
			preview.Plan); roster.KindOf(err) != roster.Changed {
			t.Errorf("with somebody more than was shown: %v", err)
		}
		everybody.Excluded = append(everybody.Excluded, later)
		done, err := w.App.ChangePeople(w.As(ad), everybody, roster.MembershipChange{Role: "NO"}, preview.Plan)
		if err != nil || done.Count != 2 || done.Passed != 3 {
			t.Fatalf("%+v %v", done, err)
		}
		wantResults(t, w, done.Operation, map[int64]roster.Result{an: roster.RoleSet, ma: roster.RoleSet})
		for user, want := range map[int64]roster.Role{an: "NO", ma: "NO", re: "RE", ad: "AD", other: "AD", w.Owner: "OW"} {
			m, err := db.Membership(t.Context(), w.Org, user)
			if err != nil || m.Role != want {
				t.Errorf("%d is %s, want %s: %v", user, m.Role, want, err)
			}
		}
		again, err := w.App.ChangePeople(w.As(ad), everybody, roster.MembershipChange{Role: "NO"}, "")
		if err != nil || again.Count != 0 || again.Operation != 0 || again.Passed != 5 {
			t.Errorf("again: %+v %v", again, err)
		}
		for role, kind := range map[roster.Role]roster.Kind{"OW": roster.Invalid, "AD": roster.Forbidden,
			"XX": roster.Invalid} {
			if _, err := w.App.ChangePeople(w.As(ad), everybody, roster.MembershipChange{Role: role},
				""); roster.KindOf(err) != kind {
				t.Errorf("to %s: %v", role, err)
			}
		}
		if _, err := w.App.ChangePeople(w.As(re), everybody, roster.MembershipChange{Role: "AN"},
			""); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("a Reviewer: %v", err)
		}
		if _, err := w.App.ChangePeople(w.As(ad), roster.Selector{All: true, Included: []int64{an}},
			roster.MembershipChange{Role: "AN"}, ""); roster.KindOf(err) != roster.Invalid {
			t.Errorf("everybody and a list: %v", err)
		}
		if none, err := w.App.ChangePeople(w.As(ad), roster.Selector{}, roster.MembershipChange{Role: "AN"},
			""); err != nil || none.Count != 0 {
			t.Errorf("nobody: %+v %v", none, err)
		}
	})
}

// TestRemovePeople deletes whom the actor may delete, and never the actor.
func TestRemovePeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		an, ma, ad := w.Person("AN"), w.Person("MA"), w.Person("AD")
		w.Assign(p, an)
		preview, err := w.App.PreviewRemoval(w.As(ad), roster.Selector{All: true}, looking(5))
		if err != nil || preview.Count != 2 || preview.Passed != 2 || len(preview.People) != 2 {
			t.Fatalf("preview %+v %v", preview, err)
		}
		if _, err := w.App.RemovePeople(w.As(ad), roster.Selector{Included: []int64{an}},
			preview.Plan); roster.KindOf(err) != roster.Changed {
			t.Errorf("not the people that were shown: %v", err)
		}
		done, err := w.App.RemovePeople(w.As(ad), roster.Selector{All: true}, preview.Plan)
		if err != nil || done.Count != 2 || done.Passed != 2 {
			t.Fatalf("%+v %v", done, err)
		}
		wantResults(t, w, done.Operation, map[int64]roster.Result{an: roster.Removed, ma: roster.Removed})
		left, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{}, roster.Everything)
		if err != nil || len(left) != 2 {
			t.Errorf("left: %+v %v", left, err)
		}
		members, _, err := w.App.Members(w.As(w.Owner), p,
			roster.MemberFilter{Access: roster.ExplicitAccess, WithInactive: true}, roster.Everything)
		if err != nil || len(members) != 1 || members[0].User.ID != an || !members[0].Membership.Deleted() {
			t.Errorf("their past on the project is gone: %v %v", members, err)
		}
		if got := w.Explicit(p); len(got) != 0 {
			t.Errorf("members: %v", got)
		}
		if _, err := w.App.RemovePeople(w.As(an), roster.Selector{All: true}, ""); err == nil {
			t.Error("an Annotator deleted people")
		}
	})
}

// looking is the first page of the people of a question.
func looking(most int) roster.Look { return roster.Look{Page: roster.Page{Number: 1, Size: most}} }
