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

// sight is by which paths people can see a project, as the policy has it now.
type sight map[int64]roster.PastAccess

// seen asks the policy of the present about everybody.
func seen(t *testing.T, w *apptest.World, project int64, people []int64) sight {
	t.Helper()
	out := sight{}
	for _, user := range people {
		who, err := w.DB.ActorByUser(t.Context(), user)
		if err != nil {
			continue // deleted from the organization
		}
		s, err := w.DB.Standing(t.Context(), project, user)
		must(t, err)
		a := roster.PastAccess{Explicit: s.Explicit, InWorkspace: s.InWorkspace, Creator: s.Creator && s.Role == "MA",
			ByRole: s.Role.SeesEveryProject() && !s.Sandbox}
		_, err = w.App.MayInProject(roster.WithActor(t.Context(), who), core.ViewProject, project)
		if may := err == nil; may != (s.Role != "" && s.Role.Works() &&
			(a.Explicit || a.InWorkspace || a.ByRole || a.Creator)) {
			t.Fatalf("the reference and the policy do not agree about %d: %v, %+v", user, err, s)
		}
		if err == nil {
			out[user] = a
		}
	}
	return out
}

// add has what could be seen by either.
func (s sight) add(other sight) {
	for user, a := range other {
		b := s[user]
		s[user] = roster.PastAccess{Explicit: a.Explicit || b.Explicit, InWorkspace: a.InWorkspace || b.InWorkspace,
			ByRole: a.ByRole || b.ByRole, Creator: a.Creator || b.Creator}
	}
}

// auditedWorld is a project, places it can be in, people, and what can happen.
type auditedWorld struct {
	*apptest.World
	dice             *rand.Rand
	project, creator int64
	spaces, people   []int64
	ops              []int64
}

func audited(t *testing.T, db *store.DB, seed uint64) *auditedWorld {
	w := &auditedWorld{World: apptest.New(t, db), dice: rand.New(rand.NewPCG(seed, 6))}
	w.creator = w.Person("MA")
	own, err := db.CreateWorkspace(t.Context(), roster.Workspace{OrganizationID: w.Org, Title: "Own",
		Personal: true, CreatedBy: w.Owner}, w.Clock)
	must(t, err)
	w.spaces = []int64{0, w.Workspace("Vision"), w.Workspace("Language"), own}
	w.project, err = db.CreateProject(t.Context(), roster.Project{
		OrganizationID: w.Org, WorkspaceID: w.spaces[1], Title: "Street signs", CreatedBy: roster.User{ID: w.creator},
		TaskDistribution: roster.AutoDistribution,
	}, w.Clock)
	must(t, err)
	w.people = []int64{w.Owner, w.creator, w.Person("AN"), w.Person("RE"), w.Person("AD"), w.Person("MA"),
		w.Person("NO"), w.Person("AN")}
	return w
}

// happen does one thing; what is refused is no matter.
func (w *auditedWorld) happen() {
	as, user := w.As(w.Owner), w.people[1+w.dice.IntN(len(w.people)-1)]
	one, space := roster.Selector{Included: []int64{user}}, w.spaces[1+w.dice.IntN(2)]
	did := func(op int64, err error) {
		if err == nil && op != 0 {
			w.ops = append(w.ops, op)
		}
	}
	switch w.dice.IntN(9) {
	case 0, 1:
		done, err := w.App.AssignMembers(as, w.project, one, nil)
		did(done.Operation, err)
	case 2:
		done, err := w.App.UnassignMembers(as, w.project, one, "")
		did(done.Operation, err)
	case 3:
		done, err := w.App.AssignToWorkspace(as, space, one)
		did(done.Operation, err)
	case 4:
		done, err := w.App.RemoveFromWorkspace(as, space, one)
		did(done.Operation, err)
	case 5:
		_, op, err := w.App.ChangeMembership(as, w.Org, user, roster.MembershipChange{
			Role: []roster.Role{"AN", "AD", "MA", "DI", "NO", "RE"}[w.dice.IntN(6)]})
		did(op, err)
	case 6:
		_, _, _ = w.App.UpdateProject(as, w.project, roster.ProjectPatch{WorkspaceID: &w.spaces[w.dice.IntN(4)]}, 0)
	case 7:
		if len(w.ops) > 0 {
			_, _ = w.App.Undo(as, w.ops[w.dice.IntN(len(w.ops))])
		}
	case 8:
		if w.dice.IntN(3) == 0 {
			did(w.App.RemoveFromOrganization(as, w.Org, user))
		} else {
			w.comeBack(as)
		}
	}
}

// comeBack has an identity provider bring back whoever was deleted.
func (w *auditedWorld) comeBack(as context.Context) {
	for _, user := range w.people[1:] {
		u, err := w.DB.User(as, user)
		must(w.T, err)
		_, _ = w.App.CreateSCIMUser(as, roster.SCIMUserChange{Email: &u.Email})
	}
}

// TestPastAccess: whatever happens, asked about any day afterwards, the record
// names everybody whom the policy let see the project at some time of the day,
// nobody else, and by which paths.
func TestPastAccess(t *testing.T) {
	storetest.Long(t)
	for seed := range uint64(4) {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			w := audited(t, db, seed)
			days := map[time.Time]sight{}
			for step := range 70 {
				if step%9 == 8 {
					w.heldToToday(t)
				}
				state, from := seen(t, w.World, w.project, w.people), w.Clock
				w.Clock = w.Clock.Add(time.Duration(1+w.dice.IntN(40)) * time.Hour)
				for at := from.Truncate(24 * time.Hour); at.Before(w.Clock); at = at.Add(24 * time.Hour) {
					if days[at] == nil {
						days[at] = sight{}
					}
					days[at].add(state)
				}
				w.happen()
			}
			w.Clock = w.Clock.Truncate(24 * time.Hour) // the last day is not over
			delete(days, w.Clock)
			for at, want := range days {
				got := sight{}
				people, total, err := w.App.PastAccess(w.As(w.Owner), w.project,
					roster.Span{Since: at, Until: at.Add(24 * time.Hour)}, roster.PastFilter{}, roster.Everything)
				must(t, err)
				for _, a := range people {
					got[a.User.ID] = roster.PastAccess{Explicit: a.Explicit, InWorkspace: a.InWorkspace, ByRole: a.ByRole,
						Creator: a.Creator}
				}
				if !maps.Equal(got, want) || total != len(want) {
					t.Errorf("seed %d, %s:\n%s and %d in all, want\n%s", seed, at.Format(time.DateOnly), fmt.Sprint(got),
						total, fmt.Sprint(want))
				}
			}
		})
	}
}

// heldToToday: who can see the project today, by the record of a day held to it, is whom the
// policy lets see it now.
func (w *auditedWorld) heldToToday(t *testing.T) {
	t.Helper()
	want := seen(t, w.World, w.project, w.people)
	day := roster.Span{Since: w.Clock.Add(-48 * time.Hour), Until: w.Clock.Add(-24 * time.Hour)}
	then, _, counts, err := w.App.PastAccessBesideNow(w.As(w.Owner), w.project, day,
		roster.PastFilter{Now: roster.EverySeeing}, roster.Everything)
	must(t, err)
	since, _, _, err := w.App.PastAccessBesideNow(w.As(w.Owner), w.project, day, roster.PastFilter{Now: roster.SeesSince},
		roster.Everything)
	must(t, err)
	still := 0
	for _, a := range then {
		if _, sees := want[a.User.ID]; sees {
			still++
		}
	}
	if counts != (roster.PastCounts{Still: still, Gone: len(then) - still, New: len(want) - still}) ||
		counts.New != len(since) {
		t.Errorf("%+v, of %d then, %d since and %d now", counts, len(then), len(since), len(want))
	}
}

// Who could see a project, beside who can today: with the role of then, since when, and by
// which way.
func TestPastAccessBesideNow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		start := w.Clock
		space := w.Workspace("Vision")
		project := w.Project("Signs", space)
		stays, goes, comes, promoted := w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AN")
		w.Assign(project, stays, goes)
		if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{promoted}}); err != nil {
			t.Fatal(err)
		}
		w.Clock = start.Add(72 * time.Hour)
		if _, err := w.App.UnassignMembers(w.As(w.Owner), project, roster.Selector{Included: []int64{goes}}, ""); err != nil {
			t.Fatal(err)
		}
		w.Assign(project, comes)
		if _, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, promoted, roster.MembershipChange{
			Role: roster.RoleReviewer}); err != nil {
			t.Fatal(err)
		}
		w.Clock = start.Add(96 * time.Hour)
		then := roster.Span{Since: start.Add(24 * time.Hour), Until: start.Add(48 * time.Hour)}
		ask := func(f roster.PastFilter) (ids []int64, counts roster.PastCounts, people []roster.PastAccess) {
			t.Helper()
			people, _, counts, err := w.App.PastAccessBesideNow(w.As(w.Owner), project, then, f, roster.Everything)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range people {
				ids = append(ids, p.User.ID)
			}
			slices.Sort(ids)
			return ids, counts, people
		}
		all := []int64{w.Owner, stays, goes, promoted}
		for _, c := range []struct {
			f    roster.PastFilter
			want []int64
		}{
			{roster.PastFilter{}, all}, {roster.PastFilter{Now: roster.EverySeeing}, all},
			{roster.PastFilter{Now: roster.StillSees}, []int64{w.Owner, stays, promoted}},
			{roster.PastFilter{Now: roster.SeesNoMore}, []int64{goes}},
			{roster.PastFilter{Now: roster.SeesSince}, []int64{comes}},
			{roster.PastFilter{Way: roster.PastDirect}, []int64{stays, goes}},
			{roster.PastFilter{Way: roster.PastWorkspace}, []int64{promoted}},
			{roster.PastFilter{Way: roster.PastRole}, []int64{w.Owner}}, {roster.PastFilter{Way: roster.PastCreator}, nil},
			{roster.PastFilter{Way: roster.PastDirect, Now: roster.StillSees}, []int64{stays}},
		} {
			got, counts, people := ask(c.f)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.f, got, c.want)
			}
			if want := (roster.PastCounts{Still: 3, Gone: 1, New: 1}); c.f.Now != "" && counts != want {
				t.Errorf("%+v: %+v", c.f, counts)
			}
			for _, p := range people {
				if p.User.ID == promoted && (p.Role != roster.RoleAnnotator || !p.Since.Equal(start)) {
					t.Errorf("who was promoted since was %s, since %s", p.Role, p.Since)
				}
				if p.User.ID == comes && !p.Since.Equal(start.Add(72*time.Hour)) {
					t.Errorf("who came since, came %s", p.Since)
				}
			}
		}
	})
}
