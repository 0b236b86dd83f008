package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/membership"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func paused(w *apptest.World, project, user int64) int64 {
	w.T.Helper()
	p, err := w.App.PauseMember(w.As(w.Owner), project, user, roster.PauseManual, "")
	must(w.T, err)
	return p.ID
}

// inProjects is every action that is taken in a project.
var inProjects = []core.Action{
	core.ViewProject, core.EditProject, core.DeleteProject, core.ViewMembers, core.ManageMembers, core.ViewTasks,
	core.ManageTasks, core.DeleteTasks,
	core.AnnotateTasks, core.ReviewTasks, core.AssignAnnotators, core.AssignReviewers,
}

// TestPauseShutsTheProject: a paused person stays a member and finds the
// project by its name, and may do nothing in it until the last pause is lifted.
func TestPauseShutsTheProject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		for _, role := range []roster.Role{"AD", "MA", "RE", "AN", "VO"} {
			user := w.Person(role)
			w.Assign(p, user)
			w.Assign(other, user)
			before := allowedIn(w, user, p)
			first, err := w.App.PauseMember(w.As(w.Owner), p, user, roster.PauseManual, "Look at\nthe guide")
			must(t, err)
			second := paused(w, p, user)
			wantShut(t, w, p, user, before)
			must(t, w.App.LiftPause(w.As(w.Owner), p, user, second))
			_, err = w.App.MayInProject(w.As(user), core.ViewProject, p)
			if err == nil || !strings.Contains(err.Error(), "Olga Owner paused you on 1 March 2026 (“Look at the guide”).") {
				t.Errorf("%s is not told why: %v", role, err)
			}
			if got := allowedIn(w, user, other); !slices.Equal(got, before) {
				t.Errorf("%s: elsewhere %v, want %v", role, got, before)
			}
			if _, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{user}}, ""); err != nil {
				t.Fatal(err)
			}
			w.Assign(p, user) // leaving lifts nothing
			wantShut(t, w, p, user, before)
			must(t, w.App.LiftPause(w.As(w.Owner), p, user, first.ID))
			if got := allowedIn(w, user, p); !slices.Equal(got, before) {
				t.Errorf("%s: afterwards %v, want %v", role, got, before)
			}
		}
	})
}

// allowedIn is what somebody may do in a project.
func allowedIn(w *apptest.World, user, project int64) (allowed []core.Action) {
	w.T.Helper()
	for _, action := range inProjects {
		if _, err := w.App.MayInProject(w.As(user), action, project); err == nil {
			allowed = append(allowed, action)
		}
	}
	return allowed
}

// wantShut holds that a project is shut to a member who was allowed some of it,
// but for its name and their own pauses.
func wantShut(t *testing.T, w *apptest.World, p, user int64, before []core.Action) {
	t.Helper()
	if got := allowedIn(w, user, p); len(got) > 0 || len(before) == 0 {
		t.Errorf("still allowed: %v of %v", got, before)
	}
	s, err := w.DB.Standing(w.As(user), p, user)
	if err != nil || !s.Member() || s.MayWork() {
		t.Errorf("standing: %+v %v", s, err)
	}
	if _, err := w.App.MayInProject(w.As(user), core.FindProject, p); err != nil {
		t.Errorf("the project is out of sight: %v", err)
	}
	own, err := w.App.Pauses(w.As(user), p, user, false, "")
	if err != nil || len(own) == 0 {
		t.Errorf("their own pauses: %v %v", own, err)
	}
	_, err = w.App.Pauses(w.As(user), p, w.Owner, false, "")
	wantKind(t, "somebody else's pauses", err, roster.Forbidden)
	views, _, err := w.App.Projects(w.As(user), roster.ProjectFilter{IDs: []int64{p}}, roster.Everything, 3)
	must(t, err)
	v := views[0]
	hidden := v.CreatedBy.ID == 0 && v.MembersCount == 0 && len(v.Permissions) == 0 && v.Members == nil
	if v.Title != "Street signs" || !v.Paused || !hidden {
		t.Errorf("in the list: %+v", v)
	}
}

// TestPausedManagerManagesNothing: every way to manage a project is shut, the
// ways that lead through something else too, and nothing has changed.
func TestPausedManagerManagesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, elsewhere := w.Workspace("Vision"), w.Workspace("Attic")
		p := w.Project("Street signs", space)
		manager, annotator, newcomer := w.Person("MA"), w.Person("AN"), w.Person("AN")
		joined(w, space, manager, annotator)
		joined(w, elsewhere, manager)
		began := w.Assign(p, manager, annotator)
		role(w, p, annotator, "RE")
		task := madeTasks(w, p, 1)
		own, theirs := paused(w, p, manager), paused(w, p, annotator)
		as, one, a := w.As(manager), roster.Selector{Included: []int64{newcomer}}, w.App
		out := roster.Selector{Included: []int64{annotator}}
		nothing := func(roster.Project) { t.Error("an export began") }
		for what, do := range map[string]func() error{
			"lifting their own pause": func() error { return a.LiftPause(as, p, manager, own) },
			"resuming themself":       func() error { _, err := a.ResumeMember(as, p, manager); return err },
			"changing their own pause": func() error {
				_, err := a.UpdatePause(as, p, manager, own, roster.PausePatch{})
				return err
			},
			"lifting another's": func() error { return a.LiftPause(as, p, annotator, theirs) },
			"pausing somebody": func() error {
				_, err := a.PauseMember(as, p, annotator, roster.PauseManual, "")
				return err
			},
			"adding":             func() error { _, err := a.AssignMembers(as, p, one, nil); return err },
			"removing":           func() error { _, err := a.UnassignMembers(as, p, out, ""); return err },
			"previewing":         func() error { _, err := a.PreviewUnassign(as, p, out, 1); return err },
			"giving a role":      func() error { _, _, err := a.SetProjectRole(as, p, annotator, "AN"); return err },
			"taking a role away": func() error { _, err := a.ClearMemberRole(as, p, annotator); return err },
			"listing members": func() error {
				_, _, err := a.Members(as, p, roster.MemberFilter{}, roster.Everything)
				return err
			},
			"exporting members":      func() error { return a.ExportMembers(as, p, roster.MemberFilter{}, "", nothing, nil) },
			"counting steps":         func() error { _, err := a.MembershipSteps(as, p); return err },
			"reading an operation":   func() error { _, _, err := a.Operation(as, began); return err },
			"undoing":                func() error { _, err := a.Undo(as, began); return err },
			"leaving its people out": func() error { return listed(w, as, roster.MemberFilter{ExcludeProject: p}) },
			"reading":                func() error { _, err := a.Project(as, p, 1); return err },
			"editing": func() error {
				_, _, err := a.UpdateProject(as, p, roster.ProjectPatch{Title: ptr("Mine now")}, 0)
				return err
			},
			"moving it":     func() error { _, err := a.AddProject(as, elsewhere, p); return err },
			"taking it out": func() error { _, err := a.RemoveProject(as, space, p); return err },
			"duplicating": func() error {
				_, _, err := a.DuplicateProject(as, p, roster.ProjectCopy{Title: "Copy"})
				return err
			},
			"deleting":      func() error { return a.DeleteProject(as, p) },
			"making tasks":  func() error { _, err := a.CreateTasks(as, p, []string{"{}"}); return err },
			"reading tasks": func() error { _, _, err := a.Tasks(as, p, roster.Everything); return err },
			"giving tasks": func() error {
				_, err := a.AddAssignees(as, p, task[0], roster.Annotate, []int64{annotator})
				return err
			},
			"inviting": func() error {
				return a.InvitePeople(as, roster.Invite{Emails: []string{"x@example.com"}, Role: "AN", Projects: []int64{p}})
			},
			"adding through its workspace": func() error { _, err := a.AssignToWorkspace(as, space, one); return err },
			"removing through it":          func() error { _, err := a.RemoveFromWorkspace(as, space, out); return err },
		} {
			wantKind(t, what, do(), roster.Forbidden)
		}
		if got := w.Explicit(p); !slices.Equal(got, []int64{manager, annotator}) {
			t.Errorf("members: %v", got)
		}
		pauses, err := a.Pauses(w.As(w.Owner), p, manager, false, "")
		if err != nil || len(pauses) != 1 || !pauses[0].UpdatedAt.Equal(pauses[0].CreatedAt) {
			t.Errorf("the pause: %+v %v", pauses, err)
		}
		if _, err := a.AssignToWorkspace(as, elsewhere, one); err != nil {
			t.Errorf("another workspace: %v", err)
		}
	})
}

func listed(w *apptest.World, as context.Context, f roster.MemberFilter) error {
	_, _, err := w.App.OrganizationMembers(as, w.Org, f, roster.Everything)
	return err
}

// TestPausedListsTellNothing: what lists over many projects tell leaves out the
// one in which somebody is paused, an Administrator too.
func TestPausedListsTellNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		manager, admin, only, both := w.Person("MA"), w.Person("AD"), w.Person("AN"), w.Person("AN")
		reviewer := w.Person("AN")
		began := w.Assign(p, manager, only, both, reviewer)
		w.Assign(other, manager, both)
		role(w, p, reviewer, "RE")
		give(w, p, both, madeTasks(w, p, 1)...)
		for _, user := range []int64{manager, admin, reviewer} {
			paused(w, p, user)
		}
		for _, user := range []int64{manager, admin} {
			ops, total, err := w.App.Operations(w.As(user), roster.OperationFilter{}, roster.Everything)
			told := slices.ContainsFunc(ops, func(op roster.Operation) bool { return op.ProjectID == p })
			if err != nil || total != len(ops) || told || len(ops) == 0 {
				t.Errorf("operations: %d, %+v %v", total, ops, err)
			}
			_, _, err = w.App.Operation(w.As(user), began)
			wantKind(t, "an operation of the project", err, roster.Forbidden)
			view, err := w.App.PersonView(w.As(user), both)
			if err != nil || len(view.Projects) != 1 || view.Projects[0].Project.ID != other {
				t.Errorf("where somebody is: %+v %v", view.Projects, err)
			}
			people := []roster.OrganizationMember{{User: roster.User{ID: both}}}
			must(t, w.App.AddProjects(w.As(user), people))
			if len(people[0].Contributed) > 0 {
				t.Errorf("what somebody worked on: %+v", people[0].Contributed)
			}
		}
		seen, err := w.App.VisiblePeople(w.As(manager))
		if err != nil || seen[only] || !seen[both] {
			t.Errorf("people: %v %v", seen, err)
		}
		roles, err := w.App.MyRoles(w.As(reviewer), nil)
		if err != nil || len(roles) > 0 {
			t.Errorf("roles: %v %v", roles, err)
		}
		own, err := w.App.PersonView(w.As(manager), manager)
		i := slices.IndexFunc(own.Projects, func(r membership.ReachRow) bool { return r.Project.ID == p })
		if err != nil || len(own.Projects) != 2 || !own.Projects[i].Paused || own.Projects[i].Manages ||
			own.Projects[i].SeesMembers {
			t.Errorf("their own projects: %+v %v", own.Projects, err)
		}
		_, err = importFile(w, "email,projects\nperson99@example.com,Street signs\n", provision.ImportOptions{})
		must(t, err) // by the Owner
		_, err = w.App.Import(w.As(admin), strings.NewReader("email,projects\nperson98@example.com,Street signs\n"),
			provision.ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), "You may not change the members of project") {
			t.Errorf("importing into the project: %v", err)
		}
	})
}

// TestWhoPausesWhom repeats the rule for every two roles: making, changing and
// lifting a pause all ask it.
func TestWhoPausesWhom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		nobody, usual := []roster.Role{}, []roster.Role{"AD", "MA"}
		for _, c := range []struct {
			sameLevel, members []roster.Role // who has these permissions beside the Owner
			who                roster.Role
			whom               string
		}{
			{nobody, usual, "OW", "AD MA RE AN VO"},
			{nobody, usual, "AD", "MA RE AN VO"},
			{nobody, usual, "MA", "RE AN VO"},
			{nobody, []roster.Role{"AD", "MA", "RE"}, "RE", "AN VO"},
			{usual, usual, "MA", "MA RE AN VO"},
			{usual, usual, "AD", "MA RE AN VO"},
		} {
			decide(w, "organizations.assign_same_level", c.sameLevel...)
			decide(w, "projects.members", c.members...)
			actor := w.Owner
			if c.who != roster.RoleOwner {
				actor = w.Person(c.who)
				w.Assign(p, actor)
			}
			wantPauses(t, w, p, actor, actor, false)
			for _, role := range []roster.Role{"OW", "AD", "MA", "RE", "AN", "VO"} {
				target := w.Owner
				if role != roster.RoleOwner {
					target = w.Person(role)
					w.Assign(p, target)
				}
				wantPauses(t, w, p, actor, target, slices.Contains(codes(c.whom), role))
			}
		}
	})
}

// wantPauses tries each change of a pause.
func wantPauses(t *testing.T, w *apptest.World, p, actor, target int64, may bool) {
	t.Helper()
	as := w.As(actor)
	given := roster.Pause{ProjectID: p, UserID: target, Reason: roster.PauseManual, PausedBy: roster.User{ID: w.Owner}}
	stands, err := w.DB.CreatePause(as, given, w.Clock)
	must(t, err)
	if actor == target { // or they would be refused because they are paused
		_, err = w.DB.LiftPause(as, p, target, stands, w.Owner, w.Clock)
		must(t, err)
	}
	_, made := w.App.PauseMember(as, p, target, roster.PauseManual, "")
	_, changed := w.App.UpdatePause(as, p, target, stands, roster.PausePatch{Message: ptr("x")})
	lifted := w.App.LiftPause(as, p, target, stands)
	_, resumed := w.App.ResumeMember(as, p, target)
	for what, err := range map[string]error{"make": made, "change": changed, "lift": lifted, "resume": resumed} {
		if want := map[bool]roster.Kind{false: roster.Forbidden}[may]; kindOf(err) != want {
			t.Errorf("%d may %s a pause of %d: %v", actor, what, target, err)
		}
	}
	members, _, err := w.App.Members(w.As(w.Owner), p, roster.MemberFilter{IDs: []int64{target}}, roster.Everything)
	must(t, err)
	if len(members) != 1 || (w.App.MayPause(as, members[0]) == nil) != may {
		t.Errorf("what the page offers about %d: %v", target, !may)
	}
	if _, err := w.App.MayInProject(w.As(w.Owner), core.ViewTasks, p); err != nil {
		t.Errorf("the Owner is shut out: %v", err)
	}
}

// TestProjectRolesAndPauses: a project's role decides for whom the project gave
// it to, and never lifts who pauses.
func TestProjectRolesAndPauses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		decide(w, "projects.members", "AD", "MA", "RE")
		reviewer, raised, annotator, looker := w.Person("RE"), w.Person("AN"), w.Person("AN"), w.Person("VO")
		w.Assign(p, reviewer, raised, annotator, looker)
		role(w, p, raised, "RE")
		for _, c := range []struct {
			who, whom int64
			want      roster.Kind
		}{
			{reviewer, annotator, allowed}, {reviewer, raised, refused}, // who reviews here
			{raised, annotator, refused}, {raised, looker, allowed}, // an annotator all the same
		} {
			_, err := w.App.PauseMember(w.As(c.who), p, c.whom, roster.PauseManual, "")
			if kindOf(err) != c.want {
				t.Errorf("%d pauses %d: %v", c.who, c.whom, err)
			}
		}
	})
}

// TestMakersArePaused: a Manager who made a project reaches it without being a
// member, and is paused like one.
func TestMakersArePaused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		maker := w.Person("MA")
		made, err := w.App.CreateProject(w.As(maker), roster.ProjectPatch{Title: ptr("Attic")})
		must(t, err)
		before := allowedIn(w, maker, made.ID)
		paused(w, made.ID, maker)
		if got := allowedIn(w, maker, made.ID); len(got) > 0 || len(before) == 0 {
			t.Errorf("still allowed: %v of %v", got, before)
		}
		if own, err := w.App.Pauses(w.As(maker), made.ID, maker, false, ""); err != nil || len(own) != 1 {
			t.Errorf("their own pauses: %v %v", own, err)
		}
	})
}

func TestPausesKeepTheirPast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		user, inactive := w.Person("AN"), w.Person("NO")
		w.Assign(p, user)
		as, made := w.As(w.Owner), w.Clock
		id := paused(w, p, user)
		w.Clock = made.Add(time.Hour)
		changed, err := w.App.UpdatePause(as, p, user, id, roster.PausePatch{Message: ptr("Look at the guide")})
		if err != nil || changed.Reason != roster.PauseManual || changed.Message != "Look at the guide" ||
			!changed.CreatedAt.Equal(made) || !changed.UpdatedAt.Equal(w.Clock) {
			t.Errorf("changed: %+v %v", changed, err)
		}
		w.Clock = made.Add(2 * time.Hour)
		must(t, w.App.LiftPause(as, p, user, id))
		_, err = w.App.UpdatePause(as, p, user, id, roster.PausePatch{Message: ptr("late")})
		wantKind(t, "changing a lifted pause", err, roster.NotFound)
		current, err := w.App.Pauses(as, p, user, false, "")
		if err != nil || len(current) != 0 {
			t.Errorf("current: %+v %v", current, err)
		}
		all, err := w.App.Pauses(as, p, user, true, "")
		if err != nil || len(all) != 1 || !all[0].DeletedAt.Equal(w.Clock) || all[0].DeletedBy != w.Owner ||
			all[0].Message != "Look at the guide" {
			t.Errorf("all: %+v %v", all, err)
		}
		for _, nobody := range []int64{inactive, user + 1000} {
			_, err = w.App.PauseMember(as, p, nobody, roster.PauseManual, "")
			wantKind(t, "pausing somebody who is no member", err, roster.NotFound)
		}
	})
}

// TestMembersAndPaused: the paused are added to a list that leaves them out,
// once each, while they are members.
func TestMembersAndPaused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		annotator, reviewer, gone, free := w.Person("AN"), w.Person("RE"), w.Person("AN"), w.Person("AN")
		w.Assign(p, annotator, reviewer, gone, free)
		newest := int64(0)
		for _, user := range []int64{annotator, reviewer, gone, annotator} {
			newest = paused(w, p, user)
		}
		if _, err := w.App.UnassignMembers(w.As(w.Owner), p, roster.Selector{Included: []int64{gone}}, ""); err != nil {
			t.Fatal(err)
		}
		members, err := w.App.MembersAndPaused(w.As(w.Owner), p, roster.MemberFilter{NoAnnotators: true})
		var ids []int64
		for _, m := range members {
			ids = append(ids, m.User.ID)
			if (m.Pause != nil) != (m.User.ID != w.Owner) || (m.User.ID == annotator && m.Pause.ID != newest) {
				t.Errorf("pause of %d: %+v", m.User.ID, m.Pause)
			}
		}
		if err != nil || !slices.Equal(ids, []int64{w.Owner, annotator, reviewer}) {
			t.Errorf("listed: %v %v", ids, err)
		}
	})
}

// TestPausedRemapNothing: who is paused in a project changes no mapping by which an
// identity provider's groups put people into it or take them off.
func TestPausedRemapNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin, space := w.Person("AD"), w.Workspace("Vision")
		project, other := w.Project("Street signs", space), w.Project("Invoices", 0)
		set := func(by int64, kind roster.SCIMTarget, mappings ...roster.SCIMMapping) error {
			_, err := w.App.SetSCIMMappings(w.As(by), map[roster.SCIMTarget][]roster.SCIMMapping{kind: mappings})
			return err
		}
		mapped := roster.SCIMMapping{Kind: roster.SCIMProject, Target: project, Group: "night"}
		elsewhere := roster.SCIMMapping{Kind: roster.SCIMProject, Target: other, Group: "night"}
		within := roster.SCIMMapping{Kind: roster.SCIMWorkspace, Title: "Vision", Group: "night"}
		must(t, set(w.Owner, roster.SCIMProject, mapped))
		_, err := w.App.PauseMember(w.As(w.Owner), project, admin, roster.PauseManual, "")
		must(t, err)
		for what, err := range map[string]error{
			"takes the mapping away": set(admin, roster.SCIMProject),
			"gives it to others":     set(admin, roster.SCIMProject, elsewhere),
			"maps the workspace":     set(admin, roster.SCIMWorkspace, within),
			"resets everything":      w.App.ResetSAML(w.As(admin)),
		} {
			if roster.KindOf(err) != roster.Forbidden {
				t.Errorf("who is paused %s: %v", what, err)
			}
		}
		must(t, set(admin, roster.SCIMProject, mapped, elsewhere)) // what is not shut to them
		must(t, set(w.Owner, roster.SCIMProject))
		if _, err := w.App.PreviewWorkspace(w.As(admin), space, roster.Selector{All: true},
			looking(5)); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("who is paused previews the workspace: %v", err)
		}
	})
}
