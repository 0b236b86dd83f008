package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var (
	firstNames = []string{"Zoë", "Ana%Lucía", "O_Brien", "Жанна", "李", "محمد", "jane", "Jané",
		"STRAẞE", "back\\slash", "quo'te", "志强", "Фёдор"}
	lastNames = []string{"Müller", "Doe", "Đặng", "van der Berg", "Иванова", "", "x\"y", "50%",
		"Nguyễn", "胡", "O’Brien"}
	epoch    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	joinings = [3]time.Time{epoch.AddDate(0, 0, 10), epoch.AddDate(0, 0, 20), epoch.AddDate(0, 0, 30)}
)

// crowd fills a project and its workspace with people of every sort, the owner
// first.
func crowd(t testing.TB, w *apptest.World, project, workspace int64, n int) []person {
	t.Helper()
	owner, _, err := w.App.Me(w.As(w.Owner))
	must(t, err)
	people := []person{{id: w.Owner, first: owner.FirstName, last: owner.LastName, email: owner.Email, org: "OW",
		seat: "standard"}}
	rnd := rand.New(rand.NewPCG(7, 11))
	for i := range n {
		people = append(people, somebody(rnd, i))
	}
	enroll(t, w, people[1:])
	var ops [3]int64
	for i := range ops {
		record := roster.Operation{OrganizationID: w.Org, ProjectID: project, Kind: roster.OpAssign, ActorID: w.Owner,
			At: joinings[i]}
		op, err := w.DB.BeginOperation(w.As(w.Owner), record)
		must(t, err)
		ops[i] = op
	}
	for i := range people {
		p := &people[i]
		op := ops[i%len(ops)]
		if p.explicit {
			p.joined = joinings[i%len(ops)]
		}
		if p.workspace {
			must(t, w.DB.LoadWorkspaceMembers(w.As(w.Owner), workspace, []int64{p.id}, op))
		}
		if p.explicit || p.override != "" {
			must(t, w.DB.LoadProjectMembers(w.As(w.Owner), project, []int64{p.id}, p.explicit, p.override, roster.SourceAPI, op))
		}
		if p.paused {
			_, err := w.DB.CreatePause(w.As(w.Owner), roster.Pause{ProjectID: project, UserID: p.id,
				Reason: roster.PauseManual, PausedBy: roster.User{ID: w.Owner}}, w.Clock)
			must(t, err)
		}
	}
	leaveThose(t, w, people)
	return people
}

// leaveThose deletes the deleted from the organization, after they had what they have.
func leaveThose(t testing.TB, w *apptest.World, people []person) {
	t.Helper()
	var gone []int64
	for _, p := range people {
		if p.deleted {
			gone = append(gone, p.id)
		}
	}
	done, err := w.App.RemovePeople(w.As(w.Owner), roster.Selector{Included: gone}, "")
	if err != nil || done.Count != len(gone) {
		t.Fatalf("%+v %v", done, err)
	}
}

func somebody(rnd *rand.Rand, i int) person {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	p := person{
		first: pick(firstNames...), last: pick(lastNames...), email: fmt.Sprintf("p%d@example.com", i),
		org:       roster.Role(pick("AN", "AN", "AN", "RE", "RE", "MA", "AD", "NO", "DI", "VO")),
		seat:      roster.UserType(pick("standard", "standard", "flex", "viewonly")),
		explicit:  rnd.IntN(3) > 0,
		workspace: rnd.IntN(4) == 0,
		deleted:   rnd.IntN(12) == 0,
		paused:    rnd.IntN(5) == 0,
	}
	if rnd.IntN(4) > 0 {
		p.active = epoch.Add(time.Duration(rnd.IntN(60*24)) * time.Hour)
	}
	if (p.explicit || p.workspace) && rnd.IntN(3) == 0 {
		p.override = roster.Role(pick("AN", "RE"))
	}
	for tag := range int64(5) {
		if rnd.IntN(3) == 0 {
			p.tags = append(p.tags, tag+1)
		}
	}
	return p
}

// enroll writes the people and their tags, numbered 1 to 5, into the store.
func enroll(t testing.TB, w *apptest.World, people []person) {
	t.Helper()
	ctx := w.As(w.Owner)
	rows := make([]roster.OrganizationMember, len(people))
	for i, p := range people {
		rows[i].User = roster.User{Email: p.email, Username: p.email, FirstName: p.first, LastName: p.last,
			DateJoined: w.Clock, LastActivity: p.active}
		rows[i].Membership = roster.OrganizationMembership{Role: p.org, UserType: p.seat, CreatedAt: w.Clock}
	}
	ids, err := w.DB.LoadPeople(ctx, w.Org, rows)
	must(t, err)
	for i := range people {
		people[i].id = ids[i]
	}
	labels := []roster.Tag{{Label: "a"}, {Label: "b"}, {Label: "c"}, {Label: "d"}, {Label: "e"}}
	tags, err := w.DB.LoadTags(ctx, w.Org, labels)
	must(t, err)
	for _, tag := range tags {
		var holders []int64
		for _, p := range people {
			if slices.Contains(p.tags, tag) {
				holders = append(holders, p.id)
			}
		}
		must(t, w.DB.LoadMemberTags(ctx, tag, holders))
	}
}

func drawFilter(t *rapid.T, people []person) roster.MemberFilter {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.id
	}
	id := rapid.SampledFrom(append(ids, 999_999))
	role := rapid.SampledFrom(roster.Roles)
	when := rapid.Custom(func(t *rapid.T) time.Time {
		return epoch.Add(time.Duration(rapid.IntRange(0, 60*24).Draw(t, "hour")) * time.Hour)
	})
	maybe := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) == 0 }
	var f roster.MemberFilter
	if maybe("roles?") {
		f.Roles = rapid.SliceOfNDistinct(role, 1, 3, rapid.ID).Draw(t, "roles")
	}
	if maybe("search?") {
		f.Search = rapid.SampledFrom([]string{"doe", "JANE doe", "ж", "%", "_", "\\", "'", "\"van der\"", "ü", "p1",
			"li,example", "zoë", "zoe", "李", "mü an", "MULLER", "nguyen", "đặng", "dang", "obrien", "o'brien",
			"胡志强", "志强", "федор", "strasse", "\u0301"}).Draw(t, "search")
	}
	if maybe("tags?") {
		f.Tags = rapid.SliceOfNDistinct(rapid.Int64Range(1, 6), 1, 3, rapid.ID).Draw(t, "tags")
		f.EveryTag = rapid.Bool().Draw(t, "every tag")
	}
	if maybe("seats?") {
		f.UserTypes = rapid.SliceOfNDistinct(rapid.SampledFrom(roster.UserTypes), 1, 2, rapid.ID).Draw(t, "seats")
	}
	if maybe("from?") {
		f.ActiveFrom = new(when.Draw(t, "from"))
	}
	if maybe("to?") {
		f.ActiveTo = new(when.Draw(t, "to"))
	}
	f.NeverActive = rapid.IntRange(0, 7).Draw(t, "never active?") == 0
	f.ByRole = rapid.IntRange(0, 7).Draw(t, "by role?") == 0
	f.Ability = rapid.SampledFrom([]roster.Ability{"", "", "", "", roster.Able, roster.Deactivated, roster.Waiting}).
		Draw(t, "ability")
	if rapid.IntRange(0, 7).Draw(t, "in workspace?") == 0 {
		f.InWorkspace = 1
	}
	if rapid.IntRange(0, 7).Draw(t, "paused?") == 0 {
		f.PausedIn = 1
	}
	joined := rapid.SampledFrom([]time.Time{
		joinings[0], joinings[1], joinings[1].Add(time.Microsecond), joinings[2], joinings[2].Add(-time.Microsecond),
	})
	if rapid.IntRange(0, 7).Draw(t, "joined after?") == 0 {
		f.JoinedAfter = new(joined.Draw(t, "joined after"))
	}
	if rapid.IntRange(0, 7).Draw(t, "joined before?") == 0 {
		f.JoinedBefore = new(joined.Draw(t, "joined before"))
	}
	if rapid.IntRange(0, 7).Draw(t, "shared with?") == 0 {
		f.SharedWith = &roster.Actor{UserID: people[0].id} // the owner shares with everybody
	}
	if maybe("ids?") {
		f.IDs = rapid.SliceOfNDistinct(id, 1, 10, rapid.ID).Draw(t, "ids")
	}
	return f
}

// errBack makes a transaction leave no trace.
var errBack = errors.New("take it back")

// TestSelectorAgreesWithReference holds list, count, preview and unassign
// against the reference matcher, on both engines.
func TestSelectorAgreesWithReference(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		workspace := w.Workspace("Team")
		project := w.Project("Street signs", workspace)
		people := crowd(t, w, project, workspace, 90)
		ctx := w.As(w.Owner)
		clear(drawn)
		rapid.Check(t, func(t *rapid.T) { agrees(t, ctx, w.App, project, people) })
		for _, d := range roster.FilterFields(roster.ListProject | roster.ListRemoval) {
			if !drawn[d.Name] {
				t.Errorf("no selector was narrowed by %s: draw it, and say in matches what it means", d.Name)
			}
		}
	})
}

// drawn is the filters that selectors were narrowed by.
var drawn = map[string]bool{}

func agrees(t *rapid.T, ctx context.Context, a *app.App, project int64, people []person) {
	f := drawFilter(t, people)
	checkList(t, ctx, a, project, people, f)
	s := roster.Selector{All: rapid.Bool().Draw(t, "all"), Filter: f}
	if !s.All {
		s.Included = f.IDs
	}
	s.Excluded = rapid.SliceOfN(rapid.SampledFrom([]int64{people[3].id, people[20].id, people[40].id, 999_999}), 0,
		3).Draw(t, "excluded")
	checkUnassign(t, ctx, a, project, people, s)
}

func checkList(t *rapid.T, ctx context.Context, a *app.App, project int64, people []person, f roster.MemberFilter) {
	f.Access = rapid.SampledFrom([]roster.Access{roster.AnyAccess, roster.ExplicitAccess, roster.ImplicitAccess}).
		Draw(t, "access")
	f.WithInactive = rapid.Bool().Draw(t, "inactive") && f.SharedWith == nil // both at once are refused
	f.NoAnnotators = rapid.IntRange(0, 4).Draw(t, "no annotators") == 0
	f.NoViewOnly = rapid.IntRange(0, 4).Draw(t, "no view only") == 0
	for _, d := range f.Given() {
		drawn[d.Name] = true
	}
	want := []int64{}
	for _, p := range people {
		if matches(p, f) {
			want = append(want, p.id)
		}
	}
	members, total, err := a.Members(ctx, project, f, roster.Everything)
	if err != nil {
		t.Fatal(err)
	}
	got := []int64{}
	for _, m := range members {
		got = append(got, m.User.ID)
		i := slices.IndexFunc(people, func(p person) bool { return p.id == m.User.ID })
		if p := people[i]; m.Explicit != p.explicit || m.InWorkspace != p.workspace ||
			m.Effective() != p.effective() || m.ProjectRole != p.shown() || len(m.Tags) != len(p.tags) {
			t.Fatalf("listed %+v, want %+v", m, p)
		}
	}
	if !slices.Equal(got, want) || total != len(want) {
		t.Fatalf("filter %+v\nlisted %v (count %d)\nwant   %v", f, got, total, want)
	}
	exported := []int64{}
	err = a.ExportMembers(ctx, project, f, "", func(roster.Project) {}, func(m roster.Member) error {
		exported = append(exported, m.User.ID)
		return nil
	})
	if err != nil || !slices.Equal(exported, want) {
		t.Fatalf("filter %+v\nexported %v %v\nwant     %v", f, exported, err, want)
	}
}

func checkUnassign(t *rapid.T, ctx context.Context, a *app.App, project int64, people []person, s roster.Selector) {
	want, besides := selected(people, s), dormant(people, s)
	preview, err := a.PreviewUnassign(ctx, project, s, 1000)
	if err != nil {
		t.Fatal(err)
	}
	shown, keeps := []int64{}, 0
	for _, m := range preview.People {
		shown = append(shown, m.User.ID)
	}
	for _, p := range people {
		if slices.Contains(want, p.id) && !p.deleted && p.org.Works() && (p.workspace || p.org == "AD" || p.org == "OW") {
			keeps++
		}
	}
	if !slices.Equal(shown, want) || preview.Count != len(want) || preview.Dormant != len(besides) ||
		preview.KeepByWorkspace+preview.KeepByOrganizationRole != keeps {
		t.Fatalf("selector %+v\npreviewed %v (%d, %d keep, %d besides)\nwant      %v (%d keep, %v besides)", s, shown,
			preview.Count,
			preview.KeepByWorkspace+preview.KeepByOrganizationRole, preview.Dormant, want, keeps, besides)
	}
	err = a.Update(ctx, func(tx *app.App) error {
		done, err := tx.UnassignMembers(ctx, project, s, preview.Plan)
		if err != nil {
			return err
		}
		checkRecord(t, ctx, tx, done, want, besides)
		checkGone(t, ctx, tx, project, slices.Concat(want, besides))
		before := explicit(t, ctx, tx, project)
		undo, err := tx.Undo(ctx, done.Operation)
		if err != nil || undo.Changed != len(want) {
			t.Fatalf("undo changed %d of %d: %v", undo.Changed, len(want), err)
		}
		checkOutcomes(t, ctx, tx, undo.ID, map[roster.Result][]int64{roster.Restored: want, roster.RestoredDormant: besides})
		if now := explicit(t, ctx, tx, project); len(now) != len(before)+len(want)+len(besides) {
			t.Fatalf("%d explicit members after undo, %d before, %d and %d taken", len(now), len(before), len(want),
				len(besides))
		}
		return errBack
	})
	if !errors.Is(err, errBack) {
		t.Fatal(err)
	}
}

func checkRecord(t *rapid.T, ctx context.Context, a *app.App, done roster.Unassigned, want, besides []int64) {
	checkOutcomes(t, ctx, a, done.Operation, map[roster.Result][]int64{roster.Removed: want,
		roster.RemovedDormant: besides})
	op, _, err := a.Operation(ctx, done.Operation)
	if err != nil || done.Count != len(want) || done.Dormant != len(besides) || op.Changed != len(want) ||
		op.Dormant != len(besides) {
		t.Fatalf("removed %d and %d besides, recorded %d (%v), want %v and %v", done.Count, done.Dormant, op.Changed,
			err, want, besides)
	}
}

// checkOutcomes looks whom an operation did what to, of the results in want.
func checkOutcomes(t *rapid.T, ctx context.Context, a *app.App, op int64, want map[roster.Result][]int64) {
	outcomes, err := a.Outcomes(ctx, op, roster.Page{Number: 1, Size: 1000})
	if err != nil {
		t.Fatal(err)
	}
	_, counts, err := a.Operation(ctx, op)
	if err != nil {
		t.Fatal(err)
	}
	for result, ids := range want {
		got := []int64{}
		for _, o := range outcomes {
			if o.Result == result {
				got = append(got, o.UserID)
			}
		}
		if !slices.Equal(got, ids) || counts[result] != len(ids) {
			t.Fatalf("%s: %v (%d), want %v", result, got, counts[result], ids)
		}
	}
}

func checkGone(t *rapid.T, ctx context.Context, a *app.App, project int64, gone []int64) {
	for _, id := range explicit(t, ctx, a, project) {
		if slices.Contains(gone, id) {
			t.Fatalf("%d is still an explicit member", id)
		}
	}
}

// explicit is who is a member, dormant ones too.
func explicit(t *rapid.T, ctx context.Context, a *app.App, project int64) (ids []int64) {
	members, _, err := a.Members(ctx, project, roster.MemberFilter{Access: roster.ExplicitAccess, WithInactive: true},
		roster.Everything)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if !m.Membership.Deleted() {
			ids = append(ids, m.User.ID)
		}
	}
	return ids
}

// FuzzSelector is the same property with the fuzzer choosing.
func FuzzSelector(f *testing.F) {
	w := apptest.New(f, storetest.SQLite(f))
	workspace := w.Workspace("Team")
	project := w.Project("Street signs", workspace)
	people := crowd(f, w, project, workspace, 60)
	ctx := w.As(w.Owner)
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { agrees(t, ctx, w.App, project, people) }))
}
