package app_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// reached is a person's view by those who see everything, and the projects
// they are in by id.
func reached(w *apptest.World, user int64) map[int64]roster.Reach {
	w.T.Helper()
	p, err := w.App.PersonView(w.As(w.Owner), user)
	must(w.T, err)
	out := map[int64]roster.Reach{}
	for _, r := range p.Projects {
		out[r.Project.ID] = r.Reach
	}
	return out
}

// TestReachIsStanding: what the page of a person lists is what the policy finds
// project by project, and what a cut is said to leave is what it leaves.
func TestReachIsStanding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		spaces := []int64{w.Workspace("Vision"), w.Workspace("Speech")}
		projects := []int64{w.Project("Street signs", spaces[0]), w.Project("Faces", spaces[0]),
			w.Project("Accents", spaces[1]), w.Project("Alone", 0)}
		people := []int64{w.Person("AN"), w.Person("RE"), w.Person("MA"), w.Person("AD"), w.Person("NO")}
		dice := rand.New(rand.NewPCG(4, 1))
		for range 40 {
			some := roster.Selector{Included: []int64{people[dice.IntN(len(people))], people[dice.IntN(len(people))]}}
			var err error
			if dice.IntN(2) == 0 {
				_, err = w.App.AssignMembers(as, projects[dice.IntN(len(projects))], some, nil)
			} else {
				_, err = w.App.AssignToWorkspace(as, spaces[dice.IntN(len(spaces))], some)
			}
			must(t, err)
			person, project := people[dice.IntN(len(people))], projects[dice.IntN(len(projects))]
			cuts := []roster.Cut{{Project: project}, {Workspace: spaces[dice.IntN(len(spaces))]},
				{Role: []roster.Role{"AN", "AD", "MA"}[dice.IntN(3)]}}
			cut := cuts[dice.IntN(len(cuts))]
			before := reached(w, person)
			one := roster.Selector{Included: []int64{person}}
			switch {
			case cut.Project != 0:
				_, err = w.App.UnassignMembers(as, cut.Project, one, "")
			case cut.Workspace != 0:
				_, err = w.App.RemoveFromWorkspace(as, cut.Workspace, one)
			default:
				_, _, err = w.App.ChangeMembership(as, w.Org, person, roster.MembershipChange{Role: cut.Role})
			}
			must(t, err)
			after := reached(w, person)
			for _, id := range projects {
				s, err := db.Standing(context.Background(), id, person)
				must(t, err)
				with := roster.Standing{ProjectID: id}
				if _, err := db.ActorByUser(context.Background(), person, &with); err != nil || with != s {
					t.Fatalf("read with the person it is %+v (%v), alone %+v", with, err, s)
				}
				r, in := after[id]
				if in && s.Role.Works() != true {
					continue // their rows stand, and count when they have a role
				}
				if in != s.Member() || r.Explicit != s.Explicit || r.InWorkspace != s.InWorkspace {
					t.Fatalf("%+v, and its standing is %+v", r, s)
				}
				if was, ok := before[id]; ok && cut.From(was).Stays() != in {
					t.Fatalf("%+v leaves %+v of %+v, and it is %v", cut, cut.From(was), was, in)
				}
			}
		}
	})
}

// TestReachTellsWhy looks at each path, the project's role, the pause and the
// open tasks, and at a sandbox, which an Administrator does not reach.
func TestReachTellsWhy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		space := w.Workspace("Vision")
		p, q := w.Project("Street signs", space), w.Project("Alone", 0)
		user, admin := w.Person("AN"), w.Person("AD")
		joined(w, space, user)
		w.Assign(p, user)
		_, _, err := w.App.SetProjectRole(as, p, user, "RE")
		must(t, err)
		paused(w, p, user)
		got := reached(w, user)
		r := got[p]
		if len(got) != 1 || !r.Explicit || !r.InWorkspace || r.ByRole || r.Role != "RE" ||
			r.Source != roster.SourceAPI || !r.Paused || r.Project.WorkspaceTitle != "Vision" {
			t.Errorf("%+v", got)
		}
		mine, err := db.CreateWorkspace(as, roster.Workspace{OrganizationID: w.Org, Title: "Mine", Personal: true,
			CreatedBy: w.Owner}, w.Clock)
		must(t, err)
		w.Project("In a sandbox", mine)
		got = reached(w, admin)
		if len(got) != 2 || !got[p].ByRole || !got[q].ByRole {
			t.Errorf("an Administrator reaches %+v", got)
		}
		w.Assign(q, user)
		must(t, db.DeleteProject(as, q, w.Clock))
		if got = reached(w, user); len(got) != 1 {
			t.Errorf("a deleted project is reached: %+v", got)
		}
	})
}

// TestReachIsAsFarAsOneSees: a Manager sees of a person what lies in their own
// places, others see themselves only, and nobody what is in another organization.
func TestReachIsAsFarAsOneSees(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		shared, hidden := w.Project("Shared", 0), w.Project("Hidden", 0)
		user, manager, other, admin := w.Person("AN"), w.Person("MA"), w.Person("AN"), w.Person("AD")
		w.Assign(shared, user, manager, other)
		w.Assign(hidden, user)
		see := func(who int64) []int64 {
			t.Helper()
			p, err := w.App.PersonView(w.As(who), user)
			if err != nil {
				if roster.KindOf(err) != roster.NotFound {
					t.Error(err)
				}
				return nil
			}
			ids := []int64{}
			for _, r := range p.Projects {
				ids = append(ids, r.Project.ID)
				if manages := who == w.Owner || who == manager || who == admin; r.Manages != manages {
					t.Errorf("%d manages %d: %v", who, r.Project.ID, r.Manages)
				}
			}
			if (len(p.Roles) > 0) != (who == w.Owner || who == admin) || p.MayDelete != (len(p.Roles) > 0) {
				t.Errorf("%d may change %d: %v %v", who, user, p.Roles, p.MayDelete)
			}
			slices.Sort(ids)
			return ids
		}
		for _, c := range []struct {
			who  int64
			want []int64
		}{{w.Owner, []int64{shared, hidden}}, {admin, []int64{shared, hidden}}, {manager, []int64{shared}},
			{user, []int64{shared, hidden}}, {other, nil}} {
			if got := see(c.who); !slices.Equal(got, c.want) {
				t.Errorf("%d sees %v, want %v", c.who, got, c.want)
			}
		}
	})
}

// TestPersonHistory tells what was done to one person, place by place.
func TestPersonHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", 0)
		user, manager := w.Person("AN"), w.Person("MA")
		w.Assign(p, user, manager)
		joined(w, space, user)
		done, err := w.App.UnassignMembers(as, p, roster.Selector{Included: []int64{user}}, "")
		must(t, err)
		_, err = w.App.Undo(as, done.Operation)
		must(t, err)
		_, _, err = w.App.ChangeMembership(as, w.Org, user, roster.MembershipChange{Role: "DI"})
		must(t, err)
		told := func(who int64) (out []string) {
			t.Helper()
			steps, total, err := w.App.PersonHistory(w.As(who), user, roster.Everything)
			if err != nil || total != len(steps) {
				t.Fatal(total, err)
			}
			for _, s := range steps {
				for _, o := range s.Outcomes {
					out = append(out, string(o.Result)+" "+s.Project+s.Space)
				}
			}
			return out
		}
		want := []string{"role_set ", "restored Street signs", "removed Street signs", "assigned Vision",
			"assigned Street signs"}
		if got := told(w.Owner); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if got := told(manager); !slices.Equal(got, []string{want[1], want[2], want[4]}) {
			t.Errorf("a Manager is told %q", got)
		}
		view, err := w.App.PersonView(as, user)
		if err != nil || view.Before != "AN" {
			t.Errorf("was %q before: %v", view.Before, err)
		}
	})
}
