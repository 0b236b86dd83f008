package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// The permission table of contract 5, as a table: what each role may do, and
// where. It repeats the policy on purpose: a change of one without the other
// must be noticed.

// place is where an actor tries something.
type place string

const (
	mine    place = "a project they are a member of"
	created place = "a project they created"
	other   place = "somebody else's project"
	sandbox place = "a project in somebody else's personal workspace"
)

// allowed, hidden (404) and refused (403) are what can come of it.
const (
	allowed = ""
	hidden  = roster.NotFound
	refused = roster.Forbidden
)

type row struct {
	action core.Action
	where  place
	want   map[roster.Role]roster.Kind
}

func everybody(kind roster.Kind) map[roster.Role]roster.Kind {
	out := map[roster.Role]roster.Kind{}
	for _, role := range roster.Roles {
		out[role] = kind
	}
	return out
}

// but copies a row's answers with another answer for some roles.
func but(base map[roster.Role]roster.Kind, kind roster.Kind, roles ...roster.Role) map[roster.Role]roster.Kind {
	out := map[roster.Role]roster.Kind{}
	for role, k := range base {
		out[role] = k
	}
	for _, role := range roles {
		out[role] = kind
	}
	return out
}

func projectTable() []row {
	working := []roster.Role{"OW", "AD", "MA", "RE", "AN", "VO"}
	leads := []roster.Role{"OW", "AD", "MA"}
	visible := but(everybody(hidden), refused, working...)
	var table []row
	for _, action := range []core.Action{core.ViewMembers, core.ManageMembers, core.EditProject, core.DeleteProject,
		core.ManageTasks, core.DeleteTasks, core.AssignReviewers} {
		table = append(table,
			row{action, mine, but(visible, allowed, leads...)},
			row{action, created, but(everybody(hidden), allowed, leads...)},
			row{action, other, but(everybody(hidden), allowed, "OW", "AD")},
			row{action, sandbox, everybody(hidden)},
		)
	}
	for _, action := range []core.Action{core.FindProject, core.ViewProject, core.ViewTasks} {
		table = append(table,
			row{action, mine, but(visible, allowed, working...)},
			row{action, created, but(everybody(hidden), allowed, leads...)},
			row{action, other, but(everybody(hidden), allowed, "OW", "AD")},
			row{action, sandbox, everybody(hidden)},
		)
	}
	return append(table,
		row{core.AnnotateTasks, mine, but(visible, allowed, "OW", "AD", "MA", "RE", "AN")},
		row{core.AnnotateTasks, other, but(everybody(hidden), allowed, "OW", "AD")},
		row{core.ReviewTasks, mine, but(visible, allowed, "OW", "AD", "MA", "RE")},
		row{core.ReviewTasks, other, but(everybody(hidden), allowed, "OW", "AD")},
		row{core.AssignAnnotators, mine, but(visible, allowed, "OW", "AD", "MA", "RE")},
		row{core.AssignAnnotators, other, but(everybody(hidden), allowed, "OW", "AD")},
	)
}

func TestPolicyInProjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		personal, err := db.CreateWorkspace(ctx, roster.Workspace{OrganizationID: w.Org, Title: "Mine alone",
			Personal: true, CreatedBy: w.Person("MA")}, w.Clock)
		must(t, err)
		closed := w.Project("In a sandbox", personal)
		common, foreign := w.Project("Everybody's", 0), w.Project("Nobody's", 0)
		for _, role := range roster.Roles {
			actor := w.Owner
			if role != roster.RoleOwner {
				actor = w.Person(role)
			}
			w.Assign(common, actor)
			own, err := db.CreateProject(ctx, roster.Project{OrganizationID: w.Org, Title: "Made by " + string(role),
				CreatedBy: roster.User{ID: actor}}, w.Clock)
			must(t, err)
			places := map[place]int64{mine: common, created: own, other: foreign, sandbox: closed}
			for _, r := range projectTable() {
				_, err := w.App.MayInProject(w.As(actor), r.action, places[r.where])
				if got := kindOf(err); got != r.want[role] {
					t.Errorf("%s: %s in %s: got %q, want %q", role.Name(), r.action, r.where, got, r.want[role])
				}
			}
		}
	})
}

func kindOf(err error) roster.Kind {
	if err == nil {
		return allowed
	}
	return roster.KindOf(err)
}

// inTheOrganization is who may take an action that is about no place.
var inTheOrganization = map[core.Action]string{
	core.CreateProject: "OW AD MA", core.CreateWorkspace: "OW AD MA", core.Invite: "OW AD MA",
	core.ListPeople: "OW AD MA", core.ViewTags: "OW AD MA", core.ViewOperations: "OW AD MA",
	core.ViewHistory: "OW AD", core.ManagePeople: "OW AD", core.ManageTags: "OW AD", core.EditOrganization: "OW AD",
	core.ManageTokens:     "OW AD",
	core.ViewOrganization: "OW AD MA RE AN VO", core.OwnAccount: "OW AD MA RE AN VO",
	core.CreateTokens:    "OW AD MA RE AN VO",
	core.ViewPermissions: "OW AD", core.EditPermissions: "OW", core.AssignSameLevel: "OW", core.ViewActivity: "OW AD",
	core.ViewSessionPolicy: "OW AD", core.EditSessionPolicy: "OW", core.ViewBilling: "OW", core.ShareViews: "OW AD MA",
	core.Provision: "OW", core.EditSCIM: "OW AD", core.EditSAML: "OW AD", core.ActAsUpstream: "OW",
}

// TestEveryActionIsHeld: an action that the policy knows is in one of the tables here.
func TestEveryActionIsHeld(t *testing.T) {
	// these are asked by operations, in workspace_test.go
	held := map[core.Action]bool{core.ViewWorkspace: true, core.ManageWorkspace: true}
	for action := range inTheOrganization {
		held[action] = true
	}
	for _, r := range projectTable() {
		held[r.action] = true
	}
	for action := range core.Grants {
		if !held[action] {
			t.Errorf("nothing here says who may %s", action)
		}
	}
}

func TestPolicyInTheOrganization(t *testing.T) {
	a, err := app.New(nil, core.DefaultConfig(), []byte("a secret for tests"))
	must(t, err)
	for action, roles := range inTheOrganization {
		for _, role := range roster.Roles {
			ctx := roster.WithActor(context.Background(), roster.Actor{UserID: 1, OrganizationID: 1, Role: role})
			_, err := a.May(ctx, action)
			want := roster.Forbidden
			if strings.Contains(roles, string(role)) {
				want = allowed
			}
			if got := kindOf(err); got != want {
				t.Errorf("%s: %s: got %q, want %q", role.Name(), action, got, want)
			}
		}
	}
}

// Nobody crosses the border of an organization, not even an owner.
func TestPolicyStopsAtTheOrganization(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		project := w.Project("Ours", 0)
		ctx := roster.WithActor(context.Background(), roster.Actor{UserID: w.Owner, OrganizationID: w.Org + 1, Role: "OW"})
		for _, action := range []core.Action{core.ViewProject, core.ViewMembers, core.ManageMembers} {
			if _, err := w.App.MayInProject(ctx, action, project); kindOf(err) != hidden {
				t.Errorf("%s from another organization: %v", action, err)
			}
		}
		if _, err := w.App.MayInProject(w.As(w.Owner), core.ViewProject, project+1000); kindOf(err) != hidden {
			t.Error("a project that does not exist must look like one that is not visible")
		}
	})
}

func TestUnsignedMayNothing(t *testing.T) {
	a, err := app.New(nil, core.DefaultConfig(), []byte("a secret for tests"))
	must(t, err)
	if _, err := a.May(context.Background(), core.OwnAccount); roster.KindOf(err) != roster.Unsigned {
		t.Fatal(fmt.Errorf("without an actor: %w", err))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
