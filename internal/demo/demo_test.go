package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// small is an organization that is quickly made.
func small(seed uint64) Options { return Options{People: 600, Members: 250, Seed: seed, Now: now} }

// world is a filled store, and the plan it was filled by.
type world struct {
	*testing.T
	db   *store.DB
	app  *app.App
	ctx  context.Context // the owner acts
	plan *plan
	made Result
}

func newApp(t *testing.T, db *store.DB) *app.App {
	t.Helper()
	config := core.DefaultConfig()
	config.Now = func() time.Time { return now }
	a, err := app.New(db, config, []byte("a secret for tests"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fill(t *testing.T, db *store.DB, o Options) *world {
	t.Helper()
	w := &world{T: t, db: db, app: newApp(t, db), ctx: context.Background()}
	var err error
	if w.made, err = Fill(w.ctx, w.app, db, o); err != nil {
		t.Fatal(err)
	}
	if o, err = o.complete(); err != nil {
		t.Fatal(err)
	}
	w.plan = newPlan(o)
	owner, err := w.app.Owner(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.ctx = roster.WithActor(w.ctx, owner)
	return w
}

func TestFill(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := fill(t, db, small(7))
		for name, test := range map[string]func(w *world){
			"lists": testLists, "counts": testCounts, "standings": testStandings, "search": testSearch, "history": testHistory,
		} {
			t.Run(name, func(t *testing.T) {
				in := *w
				in.T = t
				test(&in)
			})
		}
	})
}

// project is the id of a project of the plan: they are made in order.
func (w *world) project(i int) int64 { return w.made.ProjectID + int64(i) }

// members is the e-mails of a project's people, sorted.
func (w *world) members(i int, f roster.MemberFilter) []string {
	w.Helper()
	members, total, err := w.app.Members(w.ctx, w.project(i), f, roster.Everything)
	if err != nil {
		w.Fatal(err)
	}
	if total != len(members) {
		w.Errorf("project %d: %d people listed of %d", i, len(members), total)
	}
	var out []string
	for _, m := range members {
		out = append(out, m.User.Email)
	}
	slices.Sort(out)
	return out
}

// emails is the e-mails of people of the plan who are listed, sorted.
func (w *world) emails(who map[int]bool) []string {
	var out []string
	for i := range who {
		if p := w.plan.people[i]; !p.is(roster.RoleDeactivated) && p.Membership.DeletedAt.IsZero() {
			out = append(out, p.User.Email)
		}
	}
	slices.Sort(out)
	return out
}

// The lists that the application gives are the people that the plan put there.
func testLists(w *world) {
	for i, p := range w.plan.projects {
		if i == 1 || i == 7 || i == 10 {
			continue // people were taken off
		}
		own, all := map[int]bool{}, map[int]bool{}
		for _, m := range p.members {
			own[m.who], all[m.who] = true, true
		}
		if p.group != nowhere {
			for _, m := range w.plan.workspaces[p.group].members {
				all[m.who] = true
			}
		}
		for who, one := range w.plan.people {
			if one.is(roster.RoleOwner, roster.RoleAdministrator) {
				all[who] = true
			}
		}
		if got, want := w.members(i, roster.MemberFilter{Access: roster.ExplicitAccess}),
			w.emails(own); !slices.Equal(got, want) {
			w.Errorf("%s: %d explicit members, want %d", p.title, len(got), len(want))
		}
		if got, want := w.members(i, roster.MemberFilter{}), w.emails(all); !slices.Equal(got, want) {
			w.Errorf("%s: %d members, want %d", p.title, len(got), len(want))
		}
	}
}

func testCounts(w *world) {
	owner, err := w.app.Owner(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	organization := owner.OrganizationID
	count := func(f roster.MemberFilter) int {
		w.Helper()
		n, err := w.db.CountOrganizationMembers(w.ctx, organization, f)
		if err != nil {
			w.Fatal(err)
		}
		return n
	}
	if got := count(roster.MemberFilter{}) + count(roster.MemberFilter{OnlyDeleted: true}); got != 600 ||
		w.made.People != 600 {
		w.Errorf("%d people, said to be %d", got, w.made.People)
	}
	_, tags, err := w.app.Tags(w.ctx, organization, "", roster.Page{Number: 1, Size: 1})
	if err != nil || tags != 20 || w.made.Tags != 20 {
		w.Errorf("%d tags, said to be %d: %v", tags, w.made.Tags, err)
	}
	_, projects, err := w.app.Projects(w.ctx, roster.ProjectFilter{}, roster.Page{Number: 1, Size: 1}, 0)
	if err != nil || projects != 12 || w.made.Projects != 12 {
		w.Errorf("%d projects, said to be %d: %v", projects, w.made.Projects, err)
	}
	spaces, err := w.app.Workspaces(w.ctx, roster.WorkspaceFilter{}, "")
	if err != nil || len(spaces) != 4 || len(w.made.WorkspaceIDs) != 4 || spaces[0].ID != w.made.WorkspaceIDs[0] {
		w.Errorf("%d workspaces, said to be %v: %v", len(spaces), w.made.WorkspaceIDs, err)
	}
	_, operations, err := w.app.Operations(w.ctx, roster.OperationFilter{}, roster.Page{Number: 1, Size: 1})
	if err != nil || operations != w.made.Operations {
		w.Errorf("%d operations, said to be %d: %v", operations, w.made.Operations, err)
	}
	// every explicit row is of somebody in the organization, or the list would lack it
	explicit, tasks := 0, 0
	for i := range w.plan.projects {
		f := roster.MemberFilter{Access: roster.ExplicitAccess}
		explicit += len(w.members(i, f))
		f.Roles = []roster.Role{roster.RoleDeactivated}
		explicit += len(w.members(i, f))
		n, err := w.db.CountTasks(w.ctx, w.project(i))
		if err != nil {
			w.Fatal(err)
		}
		tasks += n
	}
	if explicit != w.made.Memberships || tasks != w.made.Tasks || tasks != 5000 {
		w.Errorf("%d memberships and %d tasks, said to be %d and %d", explicit, tasks, w.made.Memberships, w.made.Tasks)
	}
	if w.made.OwnerEmail != "owner@example.com" || owner.Email != w.made.OwnerEmail {
		w.Errorf("owner %s, said to be %s", owner.Email, w.made.OwnerEmail)
	}
}

// Everybody who has a role in a project is in it, some by the workspace only;
// every assignment is open: it belongs to a stay that lasts.
func testStandings(w *world) {
	inherited := 0
	for i, p := range w.plan.projects {
		listed, _, err := w.app.Members(w.ctx, w.project(i), roster.MemberFilter{WithInactive: true}, roster.Everything)
		if err != nil {
			w.Fatal(err)
		}
		byID := map[int64]roster.Member{}
		for _, m := range listed {
			byID[m.User.ID] = m
		}
		roles, err := w.db.ProjectRoles(w.ctx, w.project(i))
		if err != nil || len(roles) == 0 {
			w.Errorf("%s: %d roles: %v", p.title, len(roles), err)
		}
		for _, r := range roles {
			m, ok := byID[r.UserID]
			if !ok || !m.Membership.Role.Overridable() && m.Membership.Role != roster.RoleDeactivated {
				w.Errorf("%s: %s has a role and should not", p.title, m.User.Email)
			}
			if !m.Explicit {
				inherited++
			}
		}
	}
	if inherited == 0 {
		w.Error("nobody has a role through a workspace")
	}
	for _, i := range []int{0, 8} { // 0 had all its reviewers taken off, and back
		want, got := 0, 0
		for _, b := range w.plan.projects[i].batches {
			want += len(b.annotate) + len(b.review)
		}
		tasks, _, err := w.app.Tasks(w.ctx, w.project(i), roster.Everything)
		if err != nil {
			w.Fatal(err)
		}
		for _, task := range tasks {
			open, err := w.db.Assignees(w.ctx, task.ID, "")
			if err != nil {
				w.Fatal(err)
			}
			got += len(open)
		}
		if got != want || got < w.plan.projects[i].tasks {
			w.Errorf("%s: %d open assignments, want %d", w.plan.projects[i].title, got, want)
		}
	}
}

func testHistory(w *world) {
	ops, total, err := w.app.Operations(w.ctx, roster.OperationFilter{}, roster.Everything)
	if err != nil {
		w.Fatal(err)
	}
	var undoable roster.Operation
	removed, undone := 0, 0
	for i, op := range ops { // newest first
		if i > 0 && op.At.After(ops[i-1].At) {
			w.Errorf("operation %d is of %v, the next of %v", op.ID, op.At, ops[i-1].At)
		}
		if op.Changed == 0 || op.At.After(now) {
			w.Errorf("operation %+v", op)
		}
		if op.Kind != roster.OpUnassign {
			continue
		}
		removed++
		if op.UndoneBy != 0 {
			undone++
		} else if now.Sub(op.At) < 20*24*time.Hour {
			undoable = op
		}
	}
	if total < 40 || removed != 4 || undone != 1 {
		w.Errorf("%d operations, %d removals, %d undone", total, removed, undone)
	}
	// the last one can still be taken back; that is not tried on the store the others look at
	back := errors.New("taken back")
	err = w.app.Update(w.ctx, func(tx *app.App) error {
		if undo, err := tx.Undo(w.ctx, undoable.ID); err != nil || undo.Changed != undoable.Changed {
			w.Errorf("undo of %+v: %+v %v", undoable, undo, err)
		}
		return back
	})
	if !errors.Is(err, back) {
		w.Error(err)
	}
}

// People are found by their names as they write them.
func testSearch(w *world) {
	for _, code := range []string{"ru", "ar", "zh", "ja", "ko", "el", "hi", "tr"} {
		at := slices.IndexFunc(w.plan.projects[0].members, func(m belonging) bool {
			p := w.plan.people[m.who]
			return p.locale == code && p.is(roster.RoleAnnotator, roster.RoleReviewer) && p.User.LastName != ""
		})
		if at < 0 {
			w.Errorf("nobody with a name of locale %s", code)
			continue
		}
		who := w.plan.people[w.plan.projects[0].members[at].who].User
		found := w.members(0, roster.MemberFilter{Search: who.LastName + " " + who.FirstName})
		if !slices.Contains(found, who.Email) || len(found) > 5 {
			w.Errorf("search for %s %s: %v, want %s", who.FirstName, who.LastName, found, who.Email)
		}
	}
}

// digest is everything about the largest project's people and the operations.
func (w *world) digest() string {
	w.Helper()
	h := sha256.New()
	err := w.app.ExportMembers(w.ctx, w.made.ProjectID, roster.MemberFilter{WithInactive: true}, "",
		func(roster.Project) {}, func(m roster.Member) error {
			_, err := fmt.Fprintln(h, m)
			return err
		})
	if err != nil {
		w.Fatal(err)
	}
	ops, _, err := w.app.Operations(w.ctx, roster.OperationFilter{}, roster.Everything)
	if err != nil {
		w.Fatal(err)
	}
	fmt.Fprintln(h, ops, w.made)
	return hex.EncodeToString(h.Sum(nil))
}

// The same seed makes the same organization, on every engine; another does not.
func TestSeed(t *testing.T) {
	first := fill(t, storetest.SQLite(t), small(3)).digest()
	if other := fill(t, storetest.SQLite(t), small(4)).digest(); other == first {
		t.Error("two seeds made the same organization")
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if again := fill(t, db, small(3)).digest(); again != first {
			t.Error("one seed made two organizations")
		}
	})
}

func TestRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		for _, o := range []Options{{People: 3}, {People: -1}, {Projects: -2}, {Members: -1}, {People: 100, Members: 95}} {
			if _, err := Fill(ctx, newApp(t, db), db, o); roster.KindOf(err) != roster.Invalid {
				t.Errorf("%+v: %v", o, err)
			}
		}
		if n, err := db.CountOrganizations(ctx); err != nil || n != 0 {
			t.Fatalf("%d organizations: %v", n, err)
		}
		w := fill(t, db, Options{People: 60, Projects: 1, Seed: 1, Now: now})
		before := w.digest()
		if _, err := Fill(ctx, w.app, db, small(1)); roster.KindOf(err) != roster.Invalid {
			t.Errorf("filled twice: %v", err)
		}
		if w.digest() != before {
			t.Error("a refused fill changed the store")
		}
	})
}

// An organization with nobody but its owner is kept.
func TestOwnerKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		a := newApp(t, db)
		if _, err := a.Setup(ctx, "Acme", roster.NewUser{Email: "olga@example.org"}); err != nil {
			t.Fatal(err)
		}
		w := fill(t, db, Options{People: 60, Projects: 14, Seed: 1, Now: now})
		if n, err := db.CountOrganizations(ctx); err != nil || n != 1 || w.made.OwnerEmail != "olga@example.org" {
			t.Errorf("%d organizations, owner %s: %v", n, w.made.OwnerEmail, err)
		}
		p, err := db.Project(ctx, w.project(12))
		if err != nil || p.Title != "Street signs of European cities, batch 2" {
			t.Errorf("project 13: %q %v", p.Title, err)
		}
	})
}

func TestProgress(t *testing.T) {
	var steps [][2]int
	o := small(1)
	o.Progress = func(done, total int) { steps = append(steps, [2]int{done, total}) }
	fill(t, storetest.SQLite(t), o)
	last := steps[len(steps)-1]
	if last[0] != last[1] || last[1] < 600 {
		t.Errorf("ended at %d of %d", last[0], last[1])
	}
	if !slices.IsSortedFunc(steps, func(a, b [2]int) int { return a[0] - b[0] }) {
		t.Error("went backwards")
	}
}
