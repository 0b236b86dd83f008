package app_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// counted is a project, and what is to be counted in it.
type counted struct {
	id                  int64
	explicit, inherited int
}

// TestCountsAreOfWhoIsListed: the numbers of a project are those of its lists, and those of
// the reference, whether few or most people of an organization are inactive: in a workspace,
// a sandbox and none, with rows that the deactivated, the deleted and the waiting have.
func TestCountsAreOfWhoIsListed(t *testing.T) {
	storetest.Long(t)
	for _, inactive := range []int{0, 1, 5, 9} { // of ten
		t.Run(fmt.Sprint(inactive, " of ten"), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				projects := populated(t, w, rand.New(rand.NewPCG(uint64(inactive), 3)), inactive)
				for _, p := range projects {
					wantCounts(t, w, p)
				}
				wantOnPage(t, w, projects)
			})
		})
	}
}

// populated is three projects, with the same people at random in each.
func populated(t *testing.T, w *apptest.World, rnd *rand.Rand, inactive int) []counted {
	t.Helper()
	team := w.Workspace("Team")
	sandbox, err := w.DB.CreateWorkspace(t.Context(), roster.Workspace{
		OrganizationID: w.Org, Title: "Mine", Personal: true, CreatedBy: w.Owner,
	}, w.Clock)
	must(t, err)
	op, err := w.DB.BeginOperation(t.Context(), roster.Operation{
		OrganizationID: w.Org, Kind: roster.OpAssign, ActorID: w.Owner, At: w.Clock,
	})
	must(t, err)
	roles := []roster.Role{"AN", "AN", "RE", "MA", "AD", "NO", "VO"}
	people := []person{{id: w.Owner, org: "OW"}}
	for range 30 {
		p := person{org: roles[rnd.IntN(len(roles))]}
		if off := rnd.IntN(10) < inactive; off && rnd.IntN(2) == 0 {
			p.org = "DI"
		} else if off {
			p.deleted = true
		}
		p.id = w.Person(p.org)
		people = append(people, p)
	}
	leaveThose(t, w, people)
	var all []counted
	for _, workspace := range []int64{team, sandbox, 0} {
		c := counted{id: w.Project("Signs", workspace)}
		for _, p := range people {
			p.explicit = rnd.IntN(3) == 0
			p.workspace = workspace != 0 && rnd.IntN(3) == 0
			if p.explicit {
				must(t, w.DB.LoadProjectMembers(t.Context(), c.id, []int64{p.id}, true, "", roster.SourceAPI, op))
			} else if p.workspace && rnd.IntN(2) == 0 {
				must(t, w.DB.LoadProjectMembers(t.Context(), c.id, []int64{p.id}, false, "RE", roster.SourceAPI, op))
			}
			if p.workspace {
				must(t, w.DB.LoadWorkspaceMembers(t.Context(), workspace, []int64{p.id}, op))
			}
			byRole := p.org == "OW" || p.org == "AD" && workspace != sandbox
			switch {
			case p.deleted || p.org == "DI":
			case p.explicit:
				c.explicit++
			case p.workspace || byRole:
				c.inherited++
			}
		}
		all = append(all, c)
	}
	return all
}

func wantCounts(t *testing.T, w *apptest.World, c counted) {
	t.Helper()
	p, err := w.DB.Project(t.Context(), c.id)
	must(t, err)
	for access, want := range map[roster.Access]int{
		roster.ExplicitAccess: c.explicit, roster.ImplicitAccess: c.inherited, "": c.explicit + c.inherited,
	} {
		f := roster.MemberFilter{Access: access}
		n, err := w.DB.CountProjectMembers(t.Context(), p, f, w.Clock)
		must(t, err)
		list, _, err := w.DB.ProjectMembers(t.Context(), p, f, w.Clock, roster.Everything)
		must(t, err)
		if n != want || len(list) != want {
			t.Errorf("project %d, access %q: counted %d, listed %d, want %d", c.id, access, n, len(list), want)
		}
	}
}

func wantOnPage(t *testing.T, w *apptest.World, all []counted) {
	t.Helper()
	page := []roster.Project{}
	for _, c := range all {
		p, err := w.DB.Project(t.Context(), c.id)
		must(t, err)
		page = append(page, p)
	}
	must(t, w.DB.FillAllCounts(t.Context(), page))
	for i, c := range all {
		alone, err := w.DB.CountedProject(t.Context(), w.Org, c.id)
		must(t, err)
		for _, p := range []roster.Project{page[i], alone} {
			if p.MembersCount != c.explicit || p.Inherited != c.inherited {
				t.Errorf("project %d: %d and %d inherited, want %d and %d",
					c.id, p.MembersCount, p.Inherited, c.explicit, c.inherited)
			}
		}
	}
}
