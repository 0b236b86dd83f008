package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// loadPeople loads n people, of whom every tenth is deleted; numbers at the
// front of their last names order them as they were given.
func loadPeople(t *testing.T, w *apptest.World, n int) []int64 {
	t.Helper()
	people := make([]roster.OrganizationMember, n)
	for i := range people {
		email := fmt.Sprintf("Loaded%d@Example.com", i)
		people[i].User = roster.User{Email: email, Username: fmt.Sprintf("loaded%d", i), FirstName: "Élodie",
			LastName:   fmt.Sprintf("%05d O'Brien \"Ж\"", i),
			DateJoined: w.Clock.Add(-time.Hour), LastActivity: w.Clock}
		people[i].Membership = roster.OrganizationMembership{Role: roster.RoleAnnotator, RoleSource: roster.SourceSCIM,
			UserType: roster.SeatFlex, CreatedAt: w.Clock}
		if i%10 == 9 {
			people[i].Membership.DeletedAt = w.Clock
		}
	}
	ids, err := w.DB.LoadPeople(context.Background(), w.Org, people)
	if err != nil || len(ids) != n {
		t.Fatalf("loaded %d of %d: %v", len(ids), n, err)
	}
	return ids
}

func TestLoadPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		const n = 2*2000 + 7 // more than two statements' worth
		ids := loadPeople(t, w, n)
		for _, i := range []int{0, 9, 1999, 2000, n - 1} {
			u, err := db.UserByEmail(ctx, fmt.Sprintf("loaded%d@example.COM", i))
			if err != nil || u.ID != ids[i] {
				t.Fatalf("person %d: %+v %v, want id %d", i, u, err, ids[i])
			}
			m, err := db.Membership(ctx, w.Org, ids[i])
			if err != nil || m.UserType != roster.SeatFlex || m.RoleSource != roster.SourceSCIM ||
				m.DeletedAt.IsZero() != (i%10 != 9) {
				t.Errorf("membership %d: %+v %v", i, m, err)
			}
			if active := u.ActiveOrganization == w.Org; active != m.DeletedAt.IsZero() {
				t.Errorf("person %d acts in organization %d", i, u.ActiveOrganization)
			}
			if !u.LastActivity.Equal(w.Clock) || !u.DateJoined.Equal(w.Clock.Add(-time.Hour)) {
				t.Errorf("person %d: joined %v, active %v", i, u.DateJoined, u.LastActivity)
			}
		}
	})
}

// What is loaded is found and ordered as what is created one by one.
func TestLoadFoldsAsCreate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Signs", 0)
		created := w.PersonNamed(roster.NewUser{Email: "Straße@example.com", Username: "ΣΊΣΥΦΟΣ",
			FirstName: "ÅSA", LastName: "Łuczak", Role: roster.RoleAnnotator})
		ids, err := db.LoadPeople(context.Background(), w.Org, []roster.OrganizationMember{{
			User: roster.User{Email: "Straße2@example.com", Username: "ΣΊΣΥΦΟΣ", FirstName: "ÅSA",
				LastName: "Łuczak", DateJoined: w.Clock},
			Membership: roster.OrganizationMembership{Role: roster.RoleAnnotator, UserType: roster.SeatStandard,
				CreatedAt: w.Clock},
		}})
		if err != nil {
			t.Fatal(err)
		}
		both := []int64{created, ids[0]}
		w.Assign(p, both...)
		for _, search := range []string{"åsa", "ŁUCZAK", "σίσυφος", "STRASSE"} {
			members, _, err := w.App.Members(w.As(w.Owner), p, roster.MemberFilter{Search: search},
				roster.Page{Number: 1, Size: 10, Order: "last_name"})
			if err != nil {
				t.Fatal(err)
			}
			var found []int64
			for _, m := range members {
				found = append(found, m.User.ID)
			}
			if !slices.Equal(found, both) {
				t.Errorf("search %q: %v, want %v", search, found, both)
			}
		}
	})
}

func TestLoadMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		ids := loadPeople(t, w, 30)
		space := w.Workspace("Vision")
		p := w.Project("Signs", space)
		op, err := db.BeginOperation(ctx, roster.Operation{OrganizationID: w.Org, ProjectID: p, Kind: roster.OpAssign,
			ActorID: w.Owner, At: w.Clock})
		if err != nil {
			t.Fatal(err)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		tags, err := db.LoadTags(ctx, w.Org, []roster.Tag{{Label: "Zeta", CreatedAt: w.Clock, UpdatedAt: w.Clock},
			{Label: "Alpha", CreatedAt: w.Clock, UpdatedAt: w.Clock}})
		must(err)
		must(db.LoadMemberTags(ctx, tags[0], ids[:5]))
		must(db.LoadWorkspaceMembers(ctx, space, ids[20:25], op))
		must(db.LoadProjectMembers(ctx, p, []int64{ids[3], ids[0], ids[1]}, true, "", "", op))
		must(db.LoadProjectMembers(ctx, p, ids[4:6], true, roster.RoleReviewer, roster.SourceAPI, op))
		must(db.LoadProjectMembers(ctx, p, ids[20:21], false, roster.RoleReviewer, roster.SourceManual, op))
		must(db.LoadProjectMembers(ctx, p, nil, true, "", "", op))

		if got, want := w.Explicit(p), []int64{ids[0], ids[1], ids[3], ids[4], ids[5]}; !slices.Equal(got, want) {
			t.Errorf("explicit: %v, want %v", got, want)
		}
		members, total, err := w.App.Members(w.As(w.Owner), p,
			roster.MemberFilter{Roles: []roster.Role{roster.RoleReviewer}}, roster.Everything)
		if err != nil || total != 3 || members[0].User.ID != ids[4] || members[2].User.ID != ids[20] || members[2].Explicit {
			t.Errorf("reviewers: %d %+v %v", total, members, err)
		}
		members, total, err = w.App.Members(w.As(w.Owner), p, roster.MemberFilter{Tags: tags[:1]}, roster.Everything)
		if err != nil || total != 4 || members[0].Tags[0].Label != "Zeta" {
			t.Errorf("tagged: %d %+v %v", total, members, err)
		}
		outcomes, err := w.App.Outcomes(w.As(w.Owner), op, roster.Everything)
		if err != nil || len(outcomes) != 5 {
			t.Errorf("outcomes: %+v %v", outcomes, err)
		}
	})
}

func TestLoadAssignments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		p := w.Project("Signs", 0)
		a, b, stranger := w.Person("AN"), w.Person("AN"), w.Person("AN")
		w.Assign(p, a, b)
		tasks, err := db.LoadTasks(ctx,
			[]roster.Task{{ProjectID: p, Data: `{"n":"<1>"}`, CreatedAt: w.Clock, UpdatedAt: w.Clock},
				{ProjectID: p, Data: `{"n":2}`, CreatedAt: w.Clock, UpdatedAt: w.Clock}})
		if err != nil {
			t.Fatal(err)
		}
		if task, err := db.Task(ctx, tasks[0]); err != nil || task.Data != `{"n":"<1>"}` || task.ProjectID != p {
			t.Errorf("task: %+v %v", task, err)
		}
		// a second stay: what is loaded must belong to it, and come back with an undo
		done, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{a}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.App.Undo(w.As(w.Owner), done.Operation); err != nil {
			t.Fatal(err)
		}
		given := []roster.Assignment{{TaskID: tasks[0], UserID: b}, {TaskID: tasks[0], UserID: a},
			{TaskID: tasks[1], UserID: a}}
		if err := db.LoadAssignments(ctx, p, given, roster.Annotate, w.Clock); err != nil {
			t.Fatal(err)
		}
		open := func(task int64) (who []int64) {
			t.Helper()
			assignees, err := db.Assignees(ctx, task, roster.Annotate)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range assignees {
				who = append(who, one.UserID)
			}
			slices.Sort(who)
			return who
		}
		if got := open(tasks[0]); !slices.Equal(got, []int64{a, b}) {
			t.Errorf("first task: %v", got)
		}
		if done, err = w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{All: true}, ""); err != nil ||
			len(open(tasks[1])) != 0 {
			t.Errorf("after unassign: %v %v", open(tasks[1]), err)
		}
		if _, err := w.App.Undo(w.As(w.Owner), done.Operation); err != nil || !slices.Equal(open(tasks[1]), []int64{a}) {
			t.Errorf("after undo: %v %v", open(tasks[1]), err)
		}

		// a stranger refuses the whole load
		err = db.LoadAssignments(ctx, p, []roster.Assignment{{TaskID: tasks[1], UserID: b},
			{TaskID: tasks[1], UserID: stranger}}, roster.Annotate, w.Clock)
		if err == nil || !slices.Equal(open(tasks[1]), []int64{a}) {
			t.Errorf("with a stranger: %v %v", open(tasks[1]), err)
		}
	})
}

func TestFresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		fresh := func() bool {
			t.Helper()
			is, err := db.Fresh(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return is
		}
		if !fresh() {
			t.Error("an empty store is not fresh")
		}
		w := apptest.New(t, db)
		if !fresh() {
			t.Error("a store with an owner is not fresh")
		}
		w.Project("Signs", 0)
		if fresh() {
			t.Error("a store with a project is fresh")
		}
	})
}
