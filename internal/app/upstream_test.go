package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/mirror"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// mirrorOf is Roster on an empty store, made the mirror of an upstream whose
// organization is 5 and whose owner is 9.
func mirrorOf(t *testing.T, db *store.DB) (*app.App, context.Context) {
	t.Helper()
	a, err := app.New(db, core.DefaultConfig(), []byte("a secret for tests"))
	must(t, err)
	ctx := context.Background()
	u := core.Upstream{OrganizationID: 5, Title: "Label Studio", Owner: roster.User{ID: 9, Email: "owner@example.com"}}
	if made, err := a.SetupUpstream(ctx, u); err != nil || !made {
		t.Fatal(made, err)
	}
	if made, err := a.SetupUpstream(ctx, u); err != nil || made {
		t.Fatal("again:", made, err)
	}
	u.OrganizationID = 6
	_, err = a.SetupUpstream(ctx, u)
	wantKind(t, "another upstream", err, roster.Invalid)
	return a, ctx
}

func as(t *testing.T, a *app.App, user int64) context.Context {
	t.Helper()
	who, err := a.Recognize(context.Background(), user, roster.CredentialToken)
	must(t, err)
	return roster.WithActor(context.Background(), who)
}

// TestMirrorOfOneAddress: two people whose e-mails differ in their capitals alone,
// which the upstream lets be, are two, in whichever order they come.
func TestMirrorOfOneAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		people := []roster.User{{ID: 20, Email: "Ann@example.com"}, {ID: 21, Email: "ann@example.com"},
			{ID: 22, Email: "ANN@example.com"}}
		for range 3 {
			must(t, a.MirrorPeople(ctx, people))
			for _, u := range people {
				if known, err := a.KnowsPerson(ctx, u); err != nil || !known {
					t.Error(u.Email, "is not known:", err)
				}
				must(t, a.MirrorPeople(ctx, []roster.User{u})) // when they come
			}
			slices.Reverse(people)
		}
	})
}

// TestNotedAside: what the upstream has already is noted, though whoever asked for it
// hung up meanwhile.
func TestNotedAside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 20, Email: "ann@example.com"}}))
		must(t, a.MirrorProjects(ctx, []roster.Project{{ID: 70, Title: "Street signs", CreatedBy: roster.User{ID: 9}}}))
		gone, hangUp := context.WithCancel(as(t, a, 9))
		hangUp()
		hook := roster.Made{
			ProjectID: 70, Kind: roster.MadeWebhook, UpstreamID: 3, Title: "hook", Location: "http://example.com/",
			Works: true,
		}
		must(t, a.MirrorPeople(gone, []roster.User{{ID: 21, Email: "bob@example.com"}}))
		must(t, a.MirrorProjects(gone, []roster.Project{{ID: 71, Title: "Lanes", CreatedBy: roster.User{ID: 9}}}))
		must(t, a.MirrorMade(gone, roster.Project{ID: 72, Title: "Lights"}))
		must(t, a.MirrorTasks(gone, 70, []int64{1, 2}))
		must(t, a.DiscoverMade(gone, 70, []roster.Made{hook}))
		must(t, a.KeepMade(gone, hook, true, true))
		must(t, a.ForgetMade(gone, hook))
		must(t, a.ForgetTasks(gone, 70, roster.TaskSelector{Included: []int64{1}}))
		must(t, a.ForgetProject(gone, 71))
		if tasks, err := a.MirroredTasks(ctx, 70); err != nil || !slices.Equal(tasks, []int64{2}) {
			t.Error(tasks, err)
		}
	})
}

func TestMirror(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 9, Email: "owner@example.com"},
			{ID: 20, Email: "Ann@example.com", FirstName: "Ann"}, {ID: 21, Email: "bob@example.com"}}))
		must(t, a.MirrorProjects(ctx, []roster.Project{
			{ID: 70, Title: "Street signs", CreatedBy: roster.User{ID: 9}, Published: true, PinnedAt: time.Unix(1, 0)},
			{ID: 71, Title: "X", CreatedBy: roster.User{ID: 404}},
		}))
		who, err := a.Recognize(ctx, 20, roster.CredentialToken)
		if err != nil || who.OrganizationID != 5 || who.Role != roster.RoleAnnotator {
			t.Fatalf("%+v %v", who, err)
		}
		ann := roster.User{ID: 20, Email: "Ann@example.com", FirstName: "Ann"}
		if known, err := a.KnowsPerson(ctx, ann); err != nil || !known {
			t.Error("ann is not known:", err)
		}
		ann.LastName = "Other"
		if known, err := a.KnowsPerson(ctx, ann); err != nil || known {
			t.Error("a new name goes unseen:", err)
		}
		if known, err := a.KnowsPerson(ctx, roster.User{ID: 404}); err != nil || known {
			t.Error("a stranger is known:", err)
		}
		if ids, err := a.VisibleProjects(as(t, a, 20)); err != nil || len(ids) != 0 {
			t.Errorf("somebody new sees %v %v", ids, err)
		}
		if ids, err := a.VisibleProjects(as(t, a, 9)); err != nil || len(ids) != 2 {
			t.Errorf("the owner sees %v %v", ids, err)
		}
		if p, err := a.Project(as(t, a, 9), 70, 0); err != nil || !p.Published || p.PinnedAt.IsZero() ||
			p.TaskDistribution != roster.AutoDistribution {
			t.Errorf("%+v %v", p.Project, err)
		}
		// the upstream's own ids in Roster's operations
		if _, err := a.AssignMembers(as(t, a, 9), 70, roster.Selector{Included: []int64{20}}, nil); err != nil {
			t.Fatal(err)
		}
		must(t, a.MirrorProjects(ctx, []roster.Project{{ID: 70, Title: "Signs", CreatedBy: roster.User{ID: 9}}}))
		if p, err := a.Project(as(t, a, 20), 70, 0); err != nil || p.Title != "Signs" || p.Published || !p.PinnedAt.IsZero() {
			t.Errorf("%+v %v", p.Project, err)
		}
		_, err = a.CreateProject(as(t, a, 9), roster.ProjectPatch{Title: ptr("Made here")})
		wantKind(t, "a project of Roster's own", err, roster.NotAllowed)
		_, err = a.CreateUser(as(t, a, 9), roster.NewUser{Email: "new@example.com", Role: roster.RoleAnnotator})
		wantKind(t, "a person of Roster's own", err, roster.NotAllowed)
		must(t, a.ForgetProject(ctx, 71))
		if known, err := a.KnowsProject(ctx, 71); err != nil || known {
			t.Error("a deleted project is known:", err)
		}
	})
}

// TestMirrorMovesEmails: in the upstream somebody was deleted, and somebody
// else came with their e-mail.
func TestMirrorMovesEmails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 20, Email: "ann@example.com"}, {ID: 21, Email: "bob@example.com"}}))
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 22, Email: "ann@example.com"}}))
		// they change places
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 22, Email: "bob@example.com"}, {ID: 21, Email: "ann@example.com"}}))
		for id, email := range map[int64]string{21: "ann@example.com", 22: "bob@example.com"} {
			if u, err := db.UserByEmail(ctx, email); err != nil || u.ID != id {
				t.Errorf("%s is %d, not %d: %v", email, u.ID, id, err)
			}
		}
	})
}

// TestMirrorLetsNobodyBack: who was deactivated or taken out in Roster stays
// so, whatever the upstream says.
func TestMirrorLetsNobodyBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		people := []roster.User{{ID: 20, Email: "ann@example.com"}, {ID: 21, Email: "bob@example.com"}}
		must(t, a.MirrorPeople(ctx, people))
		owner := as(t, a, 9)
		if _, err := a.RemoveFromOrganization(owner, 5, 20); err != nil {
			t.Fatal(err)
		}
		must(t, a.MirrorPeople(ctx, people))
		_, err := a.Recognize(ctx, 20, roster.CredentialToken)
		wantKind(t, "somebody taken out", err, roster.Unsigned)
		_, err = a.SignInUpstream(ctx, 20, "a cookie")
		wantKind(t, "their sign-in", err, roster.Forbidden)
		_, err = a.Recognize(ctx, 404, roster.CredentialToken)
		wantKind(t, "somebody unknown", err, roster.NotFound)
	})
}

// TestAdopt: the projects that an upstream had get their first members once, in
// one operation, and it can be undone.
func TestAdopt(t *testing.T) {
	people := []roster.User{{ID: 9, Email: "owner@example.com"}, {ID: 20, Email: "ann@example.com"},
		{ID: 21, Email: "bob@example.com"}}
	projects := []roster.Project{
		{ID: 70, Title: "Ann's", CreatedBy: roster.User{ID: 20}},
		{ID: 71, Title: "Ann's too", CreatedBy: roster.User{ID: 20}},
		{ID: 72, Title: "The owner's", CreatedBy: roster.User{ID: 9}},
	}
	for rule, sees := range map[mirror.Adoption][2]int{mirror.AdoptNone: {0, 0}, mirror.AdoptCreators: {2, 0},
		mirror.AdoptAll: {3, 3}} {
		t.Run(string(rule), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				a, ctx := mirrorOf(t, db)
				must(t, a.MirrorPeople(ctx, people))
				must(t, a.MirrorProjects(ctx, slices.Clone(projects)))
				op, err := a.Adopt(ctx, rule)
				must(t, err)
				for i, user := range []int64{20, 21} {
					if ids, err := a.VisibleProjects(as(t, a, user)); err != nil || len(ids) != sees[i] {
						t.Errorf("%d sees %v %v", user, ids, err)
					}
				}
				if again, err := a.Adopt(ctx, mirror.AdoptAll); err != nil || again != 0 {
					t.Error("a second time:", again, err)
				}
				if rule == mirror.AdoptNone {
					if op != 0 {
						t.Error("an operation that did nothing")
					}
					return
				}
				if _, err := a.MayInProject(as(t, a, 20), core.ManageMembers, 70); err != nil {
					t.Error("the maker does not manage:", err)
				}
				if got, _, err := a.Operation(as(t, a, 9), op); err != nil || got.Kind != roster.OpAdopt || got.Changed == 0 {
					t.Errorf("%+v %v", got, err)
				}
				_, err = a.Undo(as(t, a, 21), op)
				if err == nil {
					t.Error("anybody may undo it")
				}
				undo, err := a.Undo(as(t, a, 9), op)
				must(t, err)
				_, counts, err := a.Operation(as(t, a, 9), undo.ID)
				if want := sees[0] + sees[1]; err != nil || counts[roster.Removed] != want || counts[roster.RoleSet] != 1 {
					t.Errorf("undone: %v, not %d %v", counts, want, err)
				}
				for _, user := range []int64{20, 21} {
					who := as(t, a, user)
					if ids, err := a.VisibleProjects(who); err != nil || len(ids) != 0 {
						t.Errorf("%d still sees %v %v", user, ids, err)
					}
				}
				if who, err := a.Recognize(ctx, 20, roster.CredentialToken); err != nil || who.Role != roster.RoleAnnotator {
					t.Error(who, err)
				}
			})
		})
	}
}

// TestMaker: who makes a project through the gate is a member of it, by an
// operation of their own, and has nothing else in it: taken off it, they are out.
func TestMaker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 20, Email: "mia@example.com"}, {ID: 21, Email: "ann@example.com"},
			{ID: 22, Email: "adm@example.com"}}))
		for user, role := range map[int64]roster.Role{20: "MA", 22: "AD"} {
			m, err := db.Membership(ctx, 5, user)
			must(t, err)
			m.Role = role
			must(t, db.SetMembership(ctx, m))
		}
		wantKind(t, "an annotator's", a.MirrorMade(as(t, a, 21), roster.Project{ID: 69}), roster.Forbidden)
		must(t, a.MirrorMade(as(t, a, 20), roster.Project{ID: 70, Title: "Mia's"}))
		must(t, a.MirrorMade(as(t, a, 22), roster.Project{ID: 71, Title: "The administrator's"}))
		must(t, a.MirrorMade(as(t, a, 9), roster.Project{ID: 72, Title: "The owner's"}))
		must(t, a.MirrorProjects(ctx,
			[]roster.Project{{ID: 73, Title: "Made past the gate", CreatedBy: roster.User{ID: 20}}}))
		owner := as(t, a, 9)
		for project, want := range map[int64]string{70: "mia@example.com", 71: "adm@example.com", 72: "", 73: ""} {
			v, err := a.Project(owner, project, 5)
			must(t, err)
			got := ""
			for _, m := range v.Members {
				got += m.Email
			}
			if got != want {
				t.Errorf("members of %d: %q, not %q", project, got, want)
			}
		}
		ops, _, err := a.Operations(owner, roster.OperationFilter{Kind: roster.OpAssign}, roster.Everything)
		if err != nil || len(ops) != 2 || ops[1].ActorID != 20 || ops[1].ProjectID != 70 || ops[1].Changed != 1 {
			t.Errorf("%+v %v", ops, err)
		}
		sees := func(when string, want ...int64) {
			t.Helper()
			if ids, err := a.VisibleProjects(as(t, a, 20)); err != nil || !slices.Equal(ids, want) {
				t.Errorf("%s: %v %v", when, ids, err)
			}
			if _, err := a.MayInProject(as(t, a, 20), core.ManageMembers, 70); (err == nil) != (len(want) > 0) {
				t.Errorf("%s: manages: %v", when, err)
			}
		}
		sees("made", 70)
		gone, err := a.UnassignMembers(owner, 70, roster.Selector{Included: []int64{20}}, "")
		must(t, err)
		sees("taken off")
		// the next comparison
		must(t, a.MirrorProjects(ctx, []roster.Project{{ID: 70, Title: "Mia's", CreatedBy: roster.User{ID: 20}}}))
		sees("compared")
		if _, err := a.Undo(owner, gone.Operation); err != nil {
			t.Fatal(err)
		}
		sees("undone", 70)
		if _, err := a.Undo(owner, ops[1].ID); err != nil {
			t.Fatal(err)
		}
		sees("the making undone")
	})
}

// TestFollowGone: people and projects that the upstream has no more go; what came
// while it was asked stays, and so does everything when its list is not whole.
func TestFollowGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		people := []roster.User{{ID: 9, Email: "owner@example.com"}, {ID: 20, Email: "ann@example.com"},
			{ID: 21, Email: "bob@example.com"}}
		must(t, a.MirrorPeople(ctx, people))
		must(t, a.MirrorProjects(ctx, []roster.Project{{ID: 70, Title: "A", CreatedBy: roster.User{ID: 9}},
			{ID: 71, Title: "B", CreatedBy: roster.User{ID: 9}}}))
		was, err := a.Mirrored(ctx)
		must(t, err)
		must(t, a.MirrorPeople(ctx, []roster.User{{ID: 22, Email: "new@example.com"}}))
		must(t, a.MirrorProjects(ctx, []roster.Project{{ID: 72, Title: "New", CreatedBy: roster.User{ID: 9}}}))
		wantKind(t, "a list without the owner", a.FollowGone(ctx, was, people[1:], nil), roster.Invalid)
		must(t, a.FollowGone(ctx, was, people[:2], []roster.Project{{ID: 70}}))
		for user, works := range map[int64]bool{9: true, 20: true, 21: false, 22: true} {
			if _, err := a.Recognize(ctx, user, roster.CredentialToken); (err == nil) != works {
				t.Errorf("%d: %v", user, err)
			}
		}
		for project, there := range map[int64]bool{70: true, 71: false, 72: true} {
			if known, err := a.KnowsProject(ctx, project); err != nil || known != there {
				t.Errorf("project %d: %v %v", project, known, err)
			}
		}
	})
}

func TestUpstreamLogin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, ctx := mirrorOf(t, db)
		_, err := a.UpstreamLogin(ctx, 9)
		wantKind(t, "before", err, roster.Forbidden)
		s, err := a.SignInUpstream(ctx, 9, "one")
		must(t, err)
		if who, err := a.AuthenticateSession(ctx, s.Token); err != nil || who.UserID != 9 {
			t.Error(who, err)
		}
		must(t, a.KeepUpstreamLogin(ctx, 9, "two"))
		if login, err := a.UpstreamLogin(ctx, 9); err != nil || login != "two" {
			t.Error(login, err)
		}
		other, err := app.New(db, core.DefaultConfig(), []byte("another secret"))
		must(t, err)
		_, err = other.UpstreamLogin(ctx, 9)
		wantKind(t, "under another key", err, roster.Forbidden)
	})
}

func TestOnlyAssigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Signs", 0)
		ann, rev := w.Person("AN"), w.Person("RE")
		w.Assign(p, ann, rev)
		must(t, w.App.MirrorTasks(context.Background(), p, []int64{801, 802, 803}))
		give(w, p, ann, 803, 801)
		if _, held, err := w.App.OnlyAssigned(w.As(ann), p); err != nil || held {
			t.Error("held where everybody may take any task:", err)
		}
		only := roster.AssignedOnly
		if _, _, err := w.App.UpdateProject(w.As(w.Owner), p, roster.ProjectPatch{TaskDistribution: &only}, 0); err != nil {
			t.Fatal(err)
		}
		if tasks, held, err := w.App.OnlyAssigned(w.As(ann), p); err != nil || !held ||
			!slices.Equal(tasks, []int64{801, 803}) {
			t.Error(tasks, held, err)
		}
		if _, held, err := w.App.OnlyAssigned(w.As(rev), p); err != nil || held {
			t.Error("a reviewer is held:", err)
		}
		if _, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{ann}}, ""); err != nil {
			t.Fatal(err)
		}
		w.Assign(p, ann)
		if tasks, held, err := w.App.OnlyAssigned(w.As(ann), p); err != nil || !held || len(tasks) != 0 {
			t.Error("a new stay begins with", tasks, held, err)
		}
	})
}
