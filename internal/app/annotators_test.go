package app_test

import (
	"context"
	"slices"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// annotators is all of the list.
func annotators(a *app.App, ctx context.Context, project int64) (users []roster.User, err error) {
	err = a.EachAnnotator(ctx, project, func(u roster.User) error { users = append(users, u); return nil })
	return users, err
}

// TestAnnotatorsAreWhoCanBeAssigned: the list has everybody to whom a task can be
// given, whatever their role and the path by which they have access, and nobody else.
func TestAnnotatorsAreWhoCanBeAssigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		project := w.Project("Street signs", space)
		task := madeTasks(w, project, 1)[0]
		everybody := []int64{w.Owner}
		for _, role := range roster.Roles[1:] {
			began := role
			if !role.Works() { // they become it as members
				began = roster.RoleAnnotator
			}
			explicit, inWorkspace, outside := w.Person(began), w.Person(began), w.Person(role)
			w.Assign(project, explicit)
			_, err := w.App.AddToWorkspace(w.As(w.Owner), space, inWorkspace)
			must(t, err)
			for _, user := range []int64{explicit, inWorkspace} {
				if role != began {
					_, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, user, roster.MembershipChange{Role: role})
					must(t, err)
				}
			}
			everybody = append(everybody, explicit, inWorkspace, outside)
		}
		gone := w.Person(roster.RoleAnnotator)
		w.Assign(project, gone)
		_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		everybody = append(everybody, gone)

		listed := []int64{}
		users, err := annotators(w.App, w.As(w.Owner), project)
		must(t, err)
		for _, u := range users {
			listed = append(listed, u.ID)
		}
		for _, user := range everybody {
			_, err := w.App.AddAssignees(w.As(w.Owner), project, task, roster.Annotate, []int64{user})
			if slices.Contains(listed, user) != (err == nil) {
				t.Errorf("%d is listed: %v; assigned: %v", user, slices.Contains(listed, user), err)
			}
		}
		if !slices.IsSorted(listed) || len(listed) < 8 {
			t.Error(listed)
		}
	})
}

// TestReviewerFindsWhomToAssign: a reviewer assigns annotators, and finds them by
// name; the lists of members, with e-mails, stay shut for them.
func TestReviewerFindsWhomToAssign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		reviewer, annotator := w.Person(roster.RoleReviewer), w.Person(roster.RoleAnnotator)
		w.Assign(project, reviewer, annotator)
		users, err := annotators(w.App, w.As(reviewer), project)
		if err != nil || len(users) != 3 { // with the owner
			t.Fatal(users, err)
		}
		for _, u := range users {
			if u.FirstName == "" || (u.Email != "") != (u.ID == reviewer) {
				t.Errorf("a reviewer is told %+v", u)
			}
		}
		if _, _, err := w.App.Members(w.As(reviewer), project, roster.MemberFilter{},
			roster.Everything); kindOf(err) != refused {
			t.Error("the list of members:", err)
		}
		for user, want := range map[int64]roster.Kind{annotator: refused, w.Person(roster.RoleReviewer): hidden} {
			if _, err := annotators(w.App, w.As(user), project); kindOf(err) != want {
				t.Errorf("%d: %v", user, err)
			}
		}
		if _, err := annotators(w.App, w.As(reviewer), other); kindOf(err) != hidden {
			t.Error("a project they are not in:", err)
		}
	})
}
