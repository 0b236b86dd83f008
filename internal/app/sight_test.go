package app_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// What one may not see, no other question tells: whom somebody may add, and whom a
// record names to them.

// town is an organization seen from one project and one workspace: who shares what
// with the people who manage them, and who does not.
type town struct {
	*apptest.World
	actors         map[string]int64
	project, space int64 // what everybody here manages, and adds people to
	near           []int64
	far            []int64 // whom only Owner and Administrators may list
	gone           int64   // deleted, and far
}

func newTown(t *testing.T, db *store.DB) town {
	w := apptest.New(t, db)
	c := town{World: w, project: w.Project("Ours", 0), space: w.Workspace("Ours, too")}
	c.actors = map[string]int64{"Owner": w.Owner}
	for _, role := range []roster.Role{roster.RoleAdministrator, roster.RoleManager, roster.RoleReviewer,
		roster.RoleAnnotator} {
		c.actors[role.Name()] = w.Person(role)
	}
	decide(w, "projects.members", "AD", "MA", "RE")
	mine := slices.Collect(maps.Values(c.actors))
	w.Assign(c.project, mine...)
	_, _, err := w.App.SetProjectRole(w.As(w.Owner), c.project, c.actors["Annotator"], "RE")
	must(t, err)
	joined(w, c.space, mine...)
	c.near = []int64{w.Person("AN"), w.Person("AN"), w.Person("RE")}
	w.Assign(w.Project("Nearby", 0), append(mine, c.near[0])...)
	side := w.Workspace("Next door")
	joined(w, side, append(mine, c.near[1])...)
	w.Assign(w.Project("In the workspace next door", side), c.near[2])
	c.far = []int64{w.Person("AN"), w.Person("MA")}
	w.Assign(w.Project("Elsewhere", 0), append(c.far, w.Person("AN"))...)
	c.far = append(c.far, w.Person("AN"))
	c.gone = w.Person("AN")
	_, err = w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, c.gone)
	must(t, err)
	return c
}

// whoAdds is who may add people to the project, whether to the workspace, too, and
// whether as many as the organization has.
var whoAdds = []struct {
	actor            string
	space, everybody bool
}{
	{"Owner", true, true}, {"Administrator", true, true}, {"Manager", true, false},
	{"Reviewer", false, false},  // by an override, and without a list of people
	{"Annotator", false, false}, // likewise, being a Reviewer in the project
}

// nobodys is an id that nobody has.
const nobodys = 999_999

// TestWhomOneMayAdd: people one may list, by every way of adding people; and who may
// manage members without listing anybody, people they share something with. All
// others are as unknown as an id that nobody has.
func TestWhomOneMayAdd(t *testing.T) {
	storetest.Long(t)
	for _, r := range whoAdds {
		t.Run(r.actor, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				c := newTown(t, db)
				as := c.As(c.actors[r.actor])
				everybody := append(slices.Clone(c.near), c.far...)
				named := roster.Selector{Included: append(slices.Clone(everybody), c.gone, nobodys)}
				want, unknown := everybody, []int64{c.gone, nobodys}
				if !r.everybody {
					want, unknown = c.near, append(slices.Clone(c.far), c.gone, nobodys)
				}
				if r.space {
					c.intoSpace(t, as, named, want, unknown)
				}
				c.byName(t, as, named, want, unknown)
				c.eachAlone(t, as, unknown)
				c.everybodyAtOnce(t, as, want)
			})
		})
	}
}

// byName adds people to the project whose ids are named.
func (c town) byName(t *testing.T, as context.Context, named roster.Selector, want, unknown []int64) {
	t.Helper()
	before := c.Explicit(c.project)
	done, err := c.App.AssignMembers(as, c.project, named, nil)
	must(t, err)
	got := slices.DeleteFunc(c.Explicit(c.project), func(id int64) bool { return slices.Contains(before, id) })
	if !slices.Equal(got, want) || !slices.Equal(done.Skipped, unknown) {
		t.Errorf("adds %v and passes over %v, want %v and %v", got, done.Skipped, want, unknown)
	}
	for _, id := range unknown {
		if result := results(c.World, done.Operation)[id]; result != roster.UnknownPerson && id != c.gone {
			t.Errorf("the record says %q of %d", result, id)
		}
	}
}

// eachAlone adds people one by one: who is not to be known is refused as unknown.
func (c town) eachAlone(t *testing.T, as context.Context, unknown []int64) {
	t.Helper()
	for _, id := range unknown {
		_, role, err := c.App.SetProjectRole(as, c.project, id, "RE")
		if role != 0 || roster.KindOf(err) != roster.Invalid {
			t.Errorf("%d gets a role: %v", id, err)
		}
		done, err := c.App.AddMember(as, c.project, id)
		if slices.Equal(done.Skipped, []int64{c.gone}) && len(unknown) == 2 {
			continue // known to have been deleted, by who sees everybody
		}
		if want := fmt.Sprintf("user: Invalid pk \"%d\" - object does not exist.", id); fmt.Sprint(err) != want {
			t.Errorf("adds %d: %v, want %s", id, err, want)
		}
	}
}

// everybodyAtOnce adds everybody there is to another project that the actor manages:
// those whom the list of candidates shows, for whom there is one.
func (c town) everybodyAtOnce(t *testing.T, as context.Context, want []int64) {
	t.Helper()
	who, _ := roster.ActorFrom(as)
	other := c.Project("Another", 0)
	c.Assign(other, who.UserID)
	if who.Role == roster.RoleAnnotator {
		_, _, err := c.App.SetProjectRole(c.As(c.Owner), other, who.UserID, "RE")
		must(t, err)
	}
	list, _, err := c.App.OrganizationMembers(as, c.Org, roster.MemberFilter{ExcludeProject: other}, roster.Everything)
	if (err == nil) != (len(list) > 0) {
		t.Errorf("lists %d candidates: %v", len(list), err)
	}
	done, err := c.App.AssignMembers(as, other, roster.Selector{All: true}, nil)
	must(t, err)
	if len(list) > 0 && len(list) != done.Count {
		t.Errorf("was shown %d candidates and added %d", len(list), done.Count)
	}
	c.only(t, c.Explicit(other), want)
}

// only looks whether of the near and the far those are in who should.
func (c town) only(t *testing.T, in, want []int64) {
	t.Helper()
	for _, id := range append(slices.Clone(c.near), c.far...) {
		if slices.Contains(in, id) != slices.Contains(want, id) {
			t.Errorf("all=true took in %d: %v", id, slices.Contains(in, id))
		}
	}
}

func (c town) intoSpace(t *testing.T, as context.Context, named roster.Selector, want, unknown []int64) {
	t.Helper()
	before := inWorkspace(c.World, c.space)
	done, err := c.App.AssignToWorkspace(as, c.space, named)
	must(t, err)
	got := slices.DeleteFunc(inWorkspace(c.World, c.space), func(id int64) bool { return slices.Contains(before, id) })
	if !slices.Equal(got, want) || !slices.Equal(done.Skipped, unknown) {
		t.Errorf("adds %v to the workspace and passes over %v, want %v and %v", got, done.Skipped, want, unknown)
	}
	for _, id := range unknown {
		_, err := c.App.AddToWorkspace(as, c.space, id)
		if want := fmt.Sprintf("user: Invalid pk \"%d\" - object does not exist.", id); fmt.Sprint(err) != want {
			t.Errorf("adds %d to the workspace: %v, want %s", id, err, want)
		}
	}
	undone(t, c.World, done.Operation, len(want))
	done, err = c.App.AssignToWorkspace(as, c.space, roster.Selector{All: true})
	must(t, err)
	c.only(t, inWorkspace(c.World, c.space), want)
	undone(t, c.World, done.Operation, done.Count)
}

// TestAllIsWhomTheListShows: whatever a Manager is in, all=true adds exactly the
// candidates that their list of people shows, and the record says that it was so.
func TestAllIsWhomTheListShows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		dice := rand.New(rand.NewPCG(7, 5))
		manager, people := w.Person("MA"), []int64{}
		for i := range 24 {
			people = append(people, w.Person([]roster.Role{"AN", "RE", "MA", "VO"}[i%4]))
		}
		places, spaces := []int64{}, []int64{w.Workspace("Vision"), w.Workspace("Speech")}
		for i := range 8 {
			places = append(places, w.Project(fmt.Sprint("Project ", i), append(spaces, 0, 0)[i%4]))
		}
		for range 12 {
			someone := append(people, manager, manager, manager)[dice.IntN(len(people)+3)]
			if dice.IntN(4) == 0 {
				_, err := w.App.AddToWorkspace(w.As(w.Owner), spaces[dice.IntN(2)], someone)
				must(t, err)
			} else {
				w.Assign(places[dice.IntN(len(places))], someone, people[dice.IntN(len(people))])
			}
			mine, err := w.App.CreateProject(w.As(manager), roster.ProjectPatch{Title: ptr("Made now")})
			must(t, err)
			shown, _, err := w.App.OrganizationMembers(w.As(manager), w.Org, roster.MemberFilter{ExcludeProject: mine.ID},
				roster.Everything)
			must(t, err)
			want := []int64{}
			for _, m := range shown {
				want = append(want, m.User.ID)
			}
			slices.Sort(want)
			done, err := w.App.AssignMembers(w.As(manager), mine.ID, roster.Selector{All: true}, nil)
			must(t, err)
			if got := w.Explicit(mine.ID); !slices.Equal(got, want) || done.Count != len(want) {
				t.Fatalf("added %v of the %v that were shown", got, want)
			}
			op, _, err := w.App.Operation(w.As(w.Owner), done.Operation)
			if err != nil || op.Selector != `{"all":true,"in_sight":true}` {
				t.Errorf("the record says %s %v", op.Selector, err)
			}
			must(t, w.App.DeleteProject(w.As(manager), mine.ID))
		}
	})
}

// told is what somebody reads about an operation, by person, and how often each result.
func (c town) told(t *testing.T, as context.Context, op int64) (map[int64]roster.Outcome, map[roster.Result]int) {
	t.Helper()
	outcomes, err := c.App.Outcomes(as, op, roster.Everything)
	must(t, err)
	by := map[int64]roster.Outcome{}
	for _, o := range outcomes {
		by[o.UserID] = o
	}
	_, counts, err := c.App.Operation(as, op)
	must(t, err)
	return by, counts
}

// strangers is people a Manager may not know of, of every kind that a record tells
// apart, and somebody of another organization.
func (c town) strangers(t *testing.T) []int64 {
	t.Helper()
	off, idle := c.Person("DI"), c.Person("NO")
	ctx := context.Background()
	other, err := c.DB.CreateOrganization(ctx, roster.Organization{Title: "Other", Token: "another",
		CreatedBy: c.Owner, CreatedAt: c.Clock})
	must(t, err)
	foreign, err := c.DB.CreateUser(ctx, roster.NewUser{Email: "foreign@example.com", Username: "foreign",
		FirstName: "Last99"}, "", c.Clock)
	must(t, err)
	m := roster.OrganizationMembership{OrganizationID: other, UserID: foreign, Role: "AN", CreatedAt: c.Clock}
	must(t, c.DB.AddOrganizationMember(ctx, m))
	return append(slices.Clone(c.far), c.gone, off, idle, foreign)
}

// TestRecordsNameNobodyUnseen: a Manager names ids of people they may not list, in every
// bulk call, and reads of each what they would read of an id that nobody has. Whom they
// took off stays readable by name, whether they share anything any more or not.
func TestRecordsNameNobodyUnseen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newTown(t, db)
		manager, owner := c.As(c.actors["Manager"]), c.As(c.Owner)
		strangers, mate := c.strangers(t), c.Person("AN")
		c.Assign(c.project, mate)
		joined(c.World, c.space, mate)
		named := roster.Selector{Included: append(slices.Clone(strangers), mate, c.near[0], nobodys)}
		var ops []int64
		for _, as := range []context.Context{manager, owner} {
			taken, err := c.App.UnassignMembers(as, c.project, named, "")
			must(t, err)
			left, err := c.App.RemoveFromWorkspace(as, c.space, named)
			must(t, err)
			ops = append(ops, taken.Operation, left.Operation)
			want := [2]roster.Result{roster.NotAMember, roster.NotAMember}
			if as == manager { // to them, these were as good as nobody
				want = [2]roster.Result{roster.UnknownPerson, roster.UnknownPerson}
			}
			if r := results(c.World, taken.Operation); r[strangers[0]] != want[0] || r[c.gone] != want[1] {
				t.Errorf("the Owner does not read what was: %v", r)
			}
		}
		added, err := c.App.AssignMembers(manager, c.project, named, nil)
		must(t, err)
		both := roster.Selector{Included: named.Included, Excluded: append(slices.Clone(strangers), nobodys)}
		without, err := c.App.UnassignMembers(manager, c.project, both, "")
		must(t, err)
		ops = append(ops, added.Operation, without.Operation)
		for i, op := range ops {
			told, counts := c.told(t, manager, op)
			nobody := told[nobodys]
			for _, id := range strangers {
				if o := told[id]; o.Name+o.Email != "" || o.Result != nobody.Result {
					t.Errorf("operation %d: reads %+v of %d, and %q of nobody", i, o, id, nobody.Result)
				}
			}
			if n := counts[nobody.Result]; nobody.Result != "" && n < len(strangers)+1 || len(counts) > 3 {
				t.Errorf("operation %d: counts %v", i, counts)
			}
			c.searched(t, manager, op)
		}
		told, _ := c.told(t, manager, ops[0])
		if o := told[mate]; o.Result != roster.Removed || o.Email == "" {
			t.Errorf("whom they took off is %+v to them", o)
		}
		if o := told[c.near[0]]; o.Result != roster.NotAMember || o.Email == "" {
			t.Errorf("whom they may list is %+v to them", o)
		}
		told, _ = c.told(t, owner, ops[0])
		if o := told[strangers[len(strangers)-1]]; o.Name+o.Email != "" || o.Result != roster.UnknownPerson {
			t.Errorf("the Owner reads %+v of somebody of another organization", o)
		}
		c.filtered(t, manager, mate, strangers)
	})
}

// searched looks for strangers in a record by their names and by what became of them.
func (c town) searched(t *testing.T, as context.Context, op int64) {
	t.Helper()
	for _, f := range []roster.OutcomeFilter{
		{Search: "foreign"}, {Search: fmt.Sprintf("person%d@", c.far[0]-1)},
		{Results: []roster.Result{roster.SkippedDeleted, roster.SkippedDeactivated, roster.SkippedNotActivated}},
	} {
		view, err := c.App.OperationView(as, op, f, roster.Everything)
		if err != nil || view.Matching != 0 || len(view.Outcomes) != 0 {
			t.Errorf("%+v finds %v %v", f, view.Outcomes, err)
		}
	}
}

// filtered looks for the operations about people: of strangers there are none.
func (c town) filtered(t *testing.T, as context.Context, mate int64, strangers []int64) {
	t.Helper()
	about := func(id int64) int {
		_, total, err := c.App.Operations(as, roster.OperationFilter{PersonID: id}, roster.Everything)
		must(t, err)
		return total
	}
	for _, id := range append(strangers, nobodys) {
		if n := about(id); n != 0 {
			t.Errorf("there are %d operations about %d", n, id)
		}
	}
	if about(mate) != 2 { // made a member, and taken off; not where they were only named since
		t.Errorf("there are %d operations about whom they took off", about(mate))
	}
}

// TestUndoRestoresWhomOneSeesNoMore: a Manager takes people off and back, whom they
// share nothing with in between.
func TestUndoRestoresWhomOneSeesNoMore(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	p, manager := w.Project("Street signs", 0), w.Person("MA")
	people := []int64{w.Person("AN"), w.Person("AN")}
	w.Assign(p, append(people, manager)...)
	done, err := w.App.UnassignMembers(w.As(manager), p, roster.Selector{Included: people}, "")
	must(t, err)
	_, err = w.App.AddMember(w.As(manager), p, people[0])
	wantKind(t, "add somebody they see no more", err, roster.Invalid)
	undo, err := w.App.Undo(w.As(manager), done.Operation)
	if err != nil || undo.Changed != 2 || len(w.Explicit(p)) != 3 {
		t.Errorf("undo: %+v %v", undo, err)
	}
}

// TestWhoMatchedIsNotTold: of everybody whom somebody else's filter matched, a Manager
// reads those they may know of, and not how many others there are.
func TestWhoMatchedIsNotTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newTown(t, db)
		manager, owner := c.As(c.actors["Manager"]), c.As(c.Owner)
		off := c.Person("DI")
		for name, f := range map[string]roster.MemberFilter{"role": {Roles: []roster.Role{roster.RoleDeactivated}},
			"search": {Search: "Last"}} {
			done, err := c.App.AssignMembers(owner, c.project, roster.Selector{All: true, Filter: f}, nil)
			must(t, err)
			if r := results(c.World, done.Operation); r[off] != roster.SkippedDeactivated && name == "role" {
				t.Errorf("the Owner does not read who was passed over: %v", r)
			}
			told, counts := c.told(t, manager, done.Operation)
			if _, there := told[off]; there || counts[roster.UnknownPerson] != 0 || counts[roster.SkippedDeactivated] != 0 {
				t.Errorf("%s: a Manager reads %v, %v", name, told, counts)
			}
		}
	})
}

// TestWhomTheListShowsAsDeletedIsSomebody: a Manager who names somebody deleted reads what
// their list of the project says of them, while it does: they are no member. Whom it never
// showed, and shows no more, is as nobody. An Owner knows everybody.
func TestWhomTheListShowsAsDeletedIsSomebody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newTown(t, db)
		space := c.Workspace("Around it")
		project, other := c.Project("Street signs", space), c.Project("Elsewhere, too", 0)
		manager, owner := c.As(c.actors["Manager"]), c.As(c.Owner)
		member, inherited, taken, elsewhere := c.Person("AN"), c.Person("AN"), c.Person("AN"), c.Person("AN")
		c.Assign(project, c.actors["Manager"], member, taken)
		joined(c.World, space, inherited)
		c.Assign(other, elsewhere)
		_, err := c.App.UnassignMembers(owner, project, roster.Selector{Included: []int64{taken}}, "")
		must(t, err)
		people := []int64{member, inherited, taken, elsewhere}
		for _, id := range people {
			_, err := c.App.RemoveFromOrganization(owner, c.Org, id)
			must(t, err)
		}
		named := roster.Selector{Included: append(slices.Clone(people), c.far[0], nobodys)}
		for _, later := range []bool{false, true} {
			if later {
				c.Clock = c.Clock.Add(core.DefaultConfig().UndoWindow + time.Hour)
			}
			list, _, err := c.App.Members(manager, project, roster.MemberFilter{WithInactive: true}, roster.Everything)
			must(t, err)
			shown := map[int64]bool{}
			for _, m := range list {
				shown[m.User.ID] = true
			}
			if shown[member] == later || shown[inherited] == later || shown[taken] || shown[elsewhere] {
				t.Fatalf("the list shows %v", shown)
			}
			done, err := c.App.UnassignMembers(manager, project, named, "")
			must(t, err)
			told, counts := c.told(t, manager, done.Operation)
			for _, id := range named.Included {
				want, name := roster.UnknownPerson, false
				if shown[id] {
					want, name = roster.NotAMember, true
				}
				if o := told[id]; o.Result != want || (o.Name+o.Email != "") != name {
					t.Errorf("the Manager reads %+v of %d, want %s", o, id, want)
				}
			}
			if done.Count != 0 || counts[roster.NotAMember] != len(shown)-shownAlive(list) {
				t.Errorf("%d taken, %v", done.Count, counts)
			}
			if done, err = c.App.UnassignMembers(owner, project, named, ""); err != nil {
				t.Fatal(err)
			}
			told, _ = c.told(t, owner, done.Operation)
			byOwner, _ := c.told(t, manager, done.Operation)
			for _, id := range people {
				if told[id].Result != roster.NotAMember {
					t.Errorf("the Owner reads %+v of %d", told[id], id)
				}
				if o := byOwner[id]; (o.Result == roster.NotAMember) != shown[id] {
					t.Errorf("the Manager reads %+v of %d, whom the Owner named", o, id)
				}
			}
		}
	})
}

// shownAlive is how many of a list were not deleted.
func shownAlive(list []roster.Member) (n int) {
	for _, m := range list {
		if !m.Membership.Deleted() {
			n++
		}
	}
	return n
}

// TestWhoCannotActSharesNothing: nobody is in a workspace that somebody deactivated sees,
// because they see none.
func TestWhoCannotActSharesNothing(t *testing.T) {
	for _, now := range []roster.Role{"DI", "NO"} {
		t.Run(string(now), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := apptest.New(t, db)
				user, space, _, _ := inactiveMember(w, now)
				joined(w, space, w.Person("AN"))
				f := roster.MemberFilter{SharedWith: &roster.Actor{UserID: user}}
				people, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, f, roster.Everything)
				if err != nil || len(people) != 1 || people[0].User.ID != user {
					t.Errorf("they share with %d people: %v", len(people)-1, err)
				}
			})
		})
	}
}
