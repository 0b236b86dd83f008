package app_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func decide(w *apptest.World, permission string, roles ...roster.Role) {
	w.T.Helper()
	_, err := w.App.SetPermissionOverride(w.As(w.Owner), w.Org, permission, append([]roster.Role{}, roles...))
	must(w.T, err)
}

// overrideTable is what becomes of the policy when the Owner decides: for each
// permission, given to nobody and given to every role there is to decide about,
// who may take its actions where they are members (contract 3.12).
var overrideTable = []struct {
	permission      string
	options         []roster.Role
	action          core.Action
	nobody, anybody string
	inProject       bool
}{
	{"organizations.invite", []roster.Role{"AD", "MA", "RE"}, core.Invite, "OW", "OW AD MA RE", false},
	{"organizations.assign_same_level", []roster.Role{"AD", "MA"}, core.AssignSameLevel, "OW", "OW AD MA", false},
	{"projects.delete", []roster.Role{"AD", "MA", "RE"}, core.DeleteProject, "OW", "OW AD MA RE", true},
	{"projects.delete", []roster.Role{"AD", "MA", "RE"}, core.EditProject, "OW AD MA", "OW AD MA", true},
	{"projects.members", []roster.Role{"AD", "MA", "RE"}, core.ManageMembers, "OW", "OW AD MA RE", true},
	{"projects.members", []roster.Role{"AD", "MA", "RE"}, core.ViewMembers, "OW AD MA", "OW AD MA RE", true},
	{"tasks.delete", []roster.Role{"AD", "MA", "RE"}, core.DeleteTasks, "OW", "OW AD MA RE", true},
	{"tasks.delete", []roster.Role{"AD", "MA", "RE"}, core.ManageTasks, "OW AD MA", "OW AD MA", true},
	{"users.token.any", []roster.Role{"AD", "MA", "RE", "AN", "VO"}, core.CreateTokens, "OW", "OW AD MA RE AN VO", false},
	{"users.token.any", []roster.Role{"AD", "MA", "RE", "AN", "VO"}, core.OwnAccount, "OW AD MA RE AN VO",
		"OW AD MA RE AN VO", false},
}

func TestPolicyUnderOverrides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		mine, other := w.Project("Theirs", 0), w.Project("Others'", 0)
		people := map[roster.Role]int64{}
		for _, role := range roster.Roles {
			people[role] = w.Owner
			if role != roster.RoleOwner {
				people[role] = w.Person(role)
			}
			if role.Works() {
				w.Assign(mine, people[role])
			}
		}
		may := func(role roster.Role, action core.Action, project int64) bool {
			ctx := w.As(people[role])
			_, err := w.App.May(ctx, action)
			if project != 0 {
				_, err = w.App.MayInProject(ctx, action, project)
			}
			return err == nil
		}
		for _, row := range overrideTable {
			for _, given := range [][]roster.Role{{}, row.options} {
				decide(w, row.permission, given...)
				want := row.nobody
				if len(given) > 0 {
					want = row.anybody
				}
				for _, role := range roster.Roles {
					where := int64(0)
					if row.inProject {
						where = mine
					}
					if got := may(role, row.action, where); got != slices.Contains(codes(want), role) {
						t.Errorf("%s given to %v: %s: %s: %v", row.permission, given, role.Name(), row.action, got)
					}
				}
				if row.inProject && may("RE", row.action, other) {
					t.Errorf("%s given to %v reaches into projects of others", row.permission, given)
				}
			}
			must(t, w.App.DeletePermissionOverride(w.As(w.Owner), w.Org, row.permission))
		}
	})
}

func codes(text string) (roles []roster.Role) {
	for i := 0; i < len(text); i += 3 {
		roles = append(roles, roster.Role(text[i:i+2]))
	}
	return roles
}

// What the Owner decides holds for what really happens, from the next request
// on, and until it is taken back.
func TestOverridesBind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager, reviewer, annotator := w.Person("MA"), w.Person("RE"), w.Person("AN")
		project := w.Project("Street signs", 0)
		w.Assign(project, manager, reviewer)
		tasks := madeTasks(w, project, 1)
		one := roster.Selector{Included: []int64{annotator}}

		decide(w, "projects.members", "RE")
		decide(w, "projects.delete")
		decide(w, "tasks.delete")
		decide(w, "users.token.any", "MA")
		_, err := w.App.AssignMembers(w.As(manager), project, one, nil)
		wantKind(t, "a Manager assigns", err, roster.Forbidden)
		_, err = w.App.AssignMembers(w.As(reviewer), project, one, nil)
		must(t, err)
		wantKind(t, "delete the project", w.App.DeleteProject(w.As(manager), project), roster.Forbidden)
		_, err = w.App.DeleteTask(w.As(manager), tasks[0])
		wantKind(t, "delete a task", err, roster.Forbidden)
		_, err = w.App.CreateMyPersonalToken(w.As(annotator))
		wantKind(t, "make a token", err, roster.Forbidden)
		_, err = w.App.MyToken(w.As(annotator))
		wantKind(t, "see a token", err, roster.Forbidden)
		_, err = w.App.CreateMyPersonalToken(w.As(manager))
		must(t, err)
		must(t, w.App.DeletePermissionOverride(w.As(w.Owner), w.Org, "tasks.delete"))
		_, err = w.App.DeleteTask(w.As(manager), tasks[0])
		must(t, err)
	})
}

// TestSameLevel: with it Administrators change one another's membership, and
// still not one another's account, which would be to become them.
func TestSameLevel(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	ada, bob, manager := w.Person("AD"), w.Person("AD"), w.Person("MA")
	promote := func() error {
		_, _, err := w.App.ChangeMembership(w.As(ada), w.Org, manager, roster.MembershipChange{Role: "AD"})
		return err
	}
	wantKind(t, "promote to one's own level", promote(), roster.Forbidden)
	decide(w, "organizations.assign_same_level", "AD")
	must(t, promote())
	_, _, err := w.App.ChangeMembership(w.As(ada), w.Org, w.Owner, roster.MembershipChange{Role: "MA"})
	wantKind(t, "demote the Owner", err, roster.Forbidden)
	_, err = w.App.UpdatePerson(w.As(ada), bob, roster.UserPatch{Password: ptr("a password they know")})
	wantKind(t, "set another Administrator's password", err, roster.Forbidden)
	_, err = w.App.RemoveFromOrganization(w.As(ada), w.Org, bob)
	must(t, err)
}

func TestWhoDecides(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	admin, manager := w.Person("AD"), w.Person("MA")
	for user, want := range map[int64]roster.Kind{w.Owner: allowed, admin: refused, manager: refused} {
		_, err := w.App.SetPermissionOverride(w.As(user), w.Org, "projects.delete", nil)
		if kindOf(err) != want {
			t.Errorf("user %d sets: %v", user, err)
		}
		_, err = w.App.ChangePermissionOverride(w.As(user), w.Org, "projects.delete", []roster.Role{"AD"})
		if kindOf(err) != want {
			t.Errorf("user %d changes: %v", user, err)
		}
	}
	for user, want := range map[int64]roster.Kind{w.Owner: allowed, admin: allowed, manager: refused} {
		_, err := w.App.PermissionOverrides(w.As(user), w.Org, "")
		if kindOf(err) != want {
			t.Errorf("user %d reads: %v", user, err)
		}
		_, err = w.App.PermissionOptions(w.As(user), w.Org, "")
		if kindOf(err) != want {
			t.Errorf("user %d reads the options: %v", user, err)
		}
	}
	wantKind(t, "an Administrator takes back", w.App.DeletePermissionOverride(w.As(admin), w.Org, "projects.delete"),
		roster.Forbidden)
	_, err := w.App.PermissionOverrides(w.As(w.Owner), w.Org+1, "")
	wantKind(t, "another organization", err, roster.NotFound)
}

// Every permission can be given to those who usually have it, and whoami says
// what there is to decide about.
func TestPermissionOptions(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	options, err := w.App.PermissionOptions(w.As(w.Owner), w.Org, "-label")
	must(t, err)
	if !slices.IsSortedFunc(options, func(a, b roster.PermissionOption) int { return cmp.Compare(b.Label, a.Label) }) {
		t.Error("not by label")
	}
	names, err := w.App.Permissions(w.As(w.Owner))
	must(t, err)
	for _, o := range options {
		set, err := w.App.SetPermissionOverride(w.As(w.Owner), w.Org, o.Permission, nil)
		if err != nil || !slices.Equal(set.Roles, o.Usual) || o.Group == "" || o.Tooltip == "" {
			t.Errorf("%+v %v", o, err)
		}
		if !slices.Contains(names, o.Permission) {
			t.Errorf("the Owner's whoami lacks %s", o.Permission)
		}
	}
	for _, roles := range [][]roster.Role{{"AN"}, {"DI"}, {"AD", "XX"}} {
		_, err := w.App.SetPermissionOverride(w.As(w.Owner), w.Org, "projects.delete", roles)
		wantKind(t, string(roles[0]), err, roster.Invalid)
	}
	before, err := w.App.Permissions(w.As(w.Person("RE")))
	must(t, err)
	decide(w, "projects.members", "RE", "OW", "RE")
	after, err := w.App.Permissions(w.As(w.Person("RE")))
	must(t, err)
	if slices.Contains(before, "projects.members") || !slices.Contains(after, "projects.members") {
		t.Errorf("whoami: %v, then %v", before, after)
	}
	if _, err := w.App.PermissionOverride(context.Background(), w.Org,
		"projects.members"); roster.KindOf(err) != roster.Unsigned {
		t.Error(err)
	}
}
