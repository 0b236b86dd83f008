package store_test

import (
	"testing"
	"time"

	"roster"
)

// TestTasksAreOfAStay: what was given ends with the stay it was given in; who is added again
// begins without, and is given it once.
func TestTasksAreOfAStay(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.assign(o, p, one, two)
		first, second := h.task(p, one, two), h.task(p, one)
		n, err := h.db.AssignTasks(ctx, p, []int64{first, second}, roster.Annotate, []int64{one, two, o.manager}, now)
		if h.ok(err); n != 1 {
			h.Errorf("%d were given anew", n)
		}
		if n, err := h.db.AssignTasks(ctx, p, []int64{first}, roster.Review, []int64{one}, now); err != nil || n != 1 {
			h.Errorf("%d to review: %v", n, err)
		}
		elsewhere := h.task(o.projects[1])
		if n, err := h.db.AssignTasks(ctx, p, []int64{elsewhere}, roster.Annotate, []int64{one}, now); err != nil || n != 0 {
			h.Errorf("%d of another project: %v", n, err)
		}
		h.unassign(o, p, one)
		same(h, "whose", h.doing(first), two)
		h.assign(o, p, one)
		same(h, "whose", h.doing(first), two)
		h.give(p, first, one)
		same(h, "whose", h.doing(first), two, one)
		theirs, err := h.db.AssignedTasks(ctx, p.ID, one)
		h.ok(err)
		same(h, "theirs", theirs, first)
		tasks := []roster.Task{{ID: first}, {ID: second}}
		h.ok(h.db.AddGiven(ctx, tasks))
		same(h, "given the first", tasks[0].Given.Annotators, two, one)
		same(h, "given the second", tasks[1].Given.Annotators, two)
		same(h, "to review it", tasks[0].Given.Reviewers)
	})
}

// TestDeletedTasksAreNobodys: those that are selected go with everybody's assignments, and no
// others.
func TestDeletedTasksAreNobodys(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.assign(o, p, one, two)
		kept, gone, other := h.task(p, one), h.task(p, two), h.task(o.projects[1])
		but := roster.TaskSelector{All: true, Excluded: []int64{kept}}
		users, err := h.db.AssignedTo(ctx, p.ID, but)
		h.ok(err)
		same(h, "whose they are", users, two)
		h.ok(h.db.DeleteTasks(ctx, p.ID, roster.TaskSelector{Included: []int64{kept, other}, Excluded: []int64{kept}}))
		for project, want := range map[int64]int{p.ID: 2, o.projects[1].ID: 1} {
			if n, err := h.db.CountTasks(ctx, project); err != nil || n != want {
				h.Errorf("%d tasks, not %d: %v", n, want, err)
			}
		}
		h.ok(h.db.DeleteTasks(ctx, p.ID, but))
		_, err = h.db.Task(ctx, gone)
		h.is(roster.NotFound, "a deleted one", err)
		same(h, "whose the other is", h.doing(kept), one)
		if theirs, err := h.db.AssignedTasks(ctx, p.ID, two); err != nil || len(theirs) != 0 {
			h.Errorf("they have %v %v", theirs, err)
		}
	})
}

// TestNoTwoChangesOfATaskAreAtOneTime: by the time a change is noticed, whatever clocks say.
func TestNoTwoChangesOfATaskAreAtOneTime(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, id := t.Context(), h.task(h.acme.projects[0])
		last := now
		for _, at := range []time.Duration{time.Hour, time.Hour, 0, 2 * time.Hour} {
			h.ok(h.db.UpdateTask(ctx, roster.Task{ID: id, Data: `{"a":1}`, UpdatedAt: now.Add(at)}))
			task, err := h.db.Task(ctx, id)
			if h.ok(err); !task.UpdatedAt.After(last) || task.Data != `{"a":1}` {
				h.Errorf("%+v, not after %v", task, last)
			}
			last = task.UpdatedAt
		}
	})
}

// TestACopyHasWhatCounts: the tasks in their order, and the explicit members who may work,
// with the roles they can have.
func TestACopyHasWhatCounts(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, from, to, ctx := h.acme, h.acme.projects[0], h.acme.projects[1], t.Context()
		one, idle, raised, gone := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.assign(o, from, append([]int64{o.admin}, o.annotators...)...)
		h.ok(h.db.SetProjectRoles(ctx, from, []int64{one, raised}, roster.RoleReviewer, roster.SourceManual,
			h.operation(o, roster.OpProjectRole, from.ID, 0)))
		h.role(o, roster.RoleDeactivated, idle)
		h.role(o, roster.RoleManager, raised)
		h.unassign(o, from, gone)
		first, second := h.task(from, one), h.task(from)
		h.ok(h.db.UpdateTask(ctx, roster.Task{ID: second, Data: `{"second":1}`, UpdatedAt: now.Add(time.Hour)}))
		op := h.operation(o, roster.OpAssign, to.ID, 0)
		n, err := h.db.CopyMemberships(ctx, from, to, roster.SourceManual, op)
		if h.ok(err); n != 3 {
			h.Errorf("%d were copied", n)
		}
		same(h, "members", h.members(to), o.admin, one, raised)
		for user, want := range map[int64]roster.Role{one: roster.RoleReviewer, raised: "", o.admin: ""} {
			if s, err := h.db.Standing(ctx, to.ID, user); err != nil || s.Override != want {
				h.Errorf("%+v %v", s, err)
			}
		}
		h.ok(h.db.CopyTasks(ctx, from.ID, to.ID, now))
		tasks, err := h.db.Tasks(ctx, to.ID, roster.Everything)
		if h.ok(err); len(tasks) != 2 || tasks[0].Number != 1 || tasks[1].Number != 2 || tasks[1].Data != `{"second":1}` {
			h.Errorf("%+v", tasks)
		}
		same(h, "whose the first is", h.doing(first), one)
		same(h, "whose its copy is", h.doing(tasks[0].ID))
	})
}

// TestAMirrorIsWhatTheUpstreamHas: people and projects are under their ids there, and as
// they are there now; who was deleted here stays out, and an e-mail is whose it is there.
func TestAMirrorIsWhatTheUpstreamHas(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		person := func(id int64, email, first string) roster.User {
			return roster.User{ID: id, Email: email, Username: email, FirstName: first}
		}
		mirror := func(people ...roster.User) {
			h.Helper()
			ids := make([]int64, len(people))
			for i, u := range people {
				ids[i] = u.ID
			}
			h.ok(h.db.MirrorPeople(ctx, people, now))
			h.ok(h.db.MirrorMemberships(ctx, o.id, ids, roster.RoleAnnotator, now))
		}
		mirror(person(501, "ann@example.com", "Ann"), person(502, "bob@example.com", "Bob"))
		h.leave(o, 502)
		mirror(person(501, "ann@example.com", "Anna"), person(502, "bob@example.com", "Bob"),
			person(503, "Ann@Example.com", "Another"))
		if u, err := h.db.User(ctx, 501); err != nil || u.FirstName != "Anna" || u.ActiveOrganization != o.id {
			h.Errorf("%+v %v", u, err)
		}
		if m, err := h.db.Membership(ctx, o.id, 502); err != nil || !m.Deleted() {
			h.Errorf("who was deleted is back: %+v %v", m, err)
		}
		for email, want := range map[string]int64{"ann@example.com": 501, "Ann@Example.com": 503} {
			if u, err := h.db.UserByEmail(ctx, email); err != nil || u.ID != want {
				h.Errorf("%s is %d's: %v", email, u.ID, err)
			}
		}
		mirror(person(504, "bob@example.com", "New Bob"))
		if u, err := h.db.UserByEmail(ctx, "bob@example.com"); err != nil || u.ID != 504 {
			h.Errorf("the e-mail did not move: %+v %v", u, err)
		}
		known, err := h.db.KnownUsers(ctx, []int64{501, 504, 999_999})
		if h.ok(err); len(known) != 2 || !known[501] || !known[504] {
			h.Errorf("%v", known)
		}
		p := roster.Project{ID: 701, Title: "Signs", CreatedBy: roster.User{ID: 501}, CreatedAt: now}
		h.ok(h.db.MirrorProjects(ctx, o.id, []roster.Project{p}))
		if s, err := h.db.Standing(ctx, 701, 501); err != nil || s.Creator {
			h.Errorf("having made it there counts: %+v %v", s, err)
		}
		h.ok(h.db.DeleteProject(ctx, 701, now))
		p.Title = "Street signs"
		h.ok(h.db.MirrorProjects(ctx, o.id, []roster.Project{p}))
		if got, err := h.db.Project(ctx, 701); err != nil || got.Title != "Street signs" || !got.Mirrored {
			h.Errorf("one that is there again: %+v %v", got, err)
		}
		h.ok(h.db.MirrorTasks(ctx, 701, []int64{801, 802}, now))
		h.ok(h.db.MirrorTasks(ctx, o.projects[0].ID, []int64{802}, now))
		for project, want := range map[int64]int{701: 1, o.projects[0].ID: 1} {
			if n, err := h.db.CountTasks(ctx, project); err != nil || n != want {
				h.Errorf("%d tasks in %d: %v", n, project, err)
			}
		}
	})
}

// TestAnImportSaysWhoChanged: people get names, roles and seats at once, those whose role
// gives less lose what it gave, and memberships are told with their project.
func TestAnImportSaysWhoChanged(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.ok(h.db.BeginInherited(ctx, p, []int64{o.admin}, h.operation(o, roster.OpTaskAssign, p.ID, 0)))
		task := h.task(p, o.admin)
		h.assign(o, p, two)
		people, err := h.db.LockPeople(ctx, o.id, []string{"ACME.admin@example.com", "umbrella.owner@example.com",
			"nobody@example.com"})
		h.ok(err)
		if m := people["ACME.admin@example.com"]; m.User.ID != o.admin || m.Membership.Role != roster.RoleAdministrator {
			h.Errorf("%+v", m)
		}
		if m, there := people["umbrella.owner@example.com"]; !there || m.Membership.ID != 0 || len(people) != 2 {
			h.Errorf("%+v", people)
		}
		m := people["ACME.admin@example.com"]
		m.User.FirstName, m.Membership.Role, m.Membership.UserType = "Ada", roster.RoleAnnotator, roster.SeatFlex
		op := h.operation(o, roster.OpImport, 0, 0)
		h.ok(h.db.ImportPeople(ctx, o.id, []roster.OrganizationMember{m}, op))
		h.ok(h.db.RecordOutcomes(ctx, op, []roster.Outcome{{UserID: o.admin, Result: roster.Updated,
			RoleBefore: roster.RoleAdministrator, RoleAfter: roster.RoleAnnotator}}))
		same(h, "whose task", h.doing(task))
		got, err := h.db.Membership(ctx, o.id, o.admin)
		if h.ok(err); got.Role != roster.RoleAnnotator || got.UserType != roster.SeatFlex {
			h.Errorf("%+v", got)
		}
		if found, total, err := h.db.OrganizationMembers(ctx, o.id, roster.MemberFilter{Search: "ada"},
			roster.Everything); err != nil || total != 1 || found[0].User.ID != o.admin {
			h.Errorf("not found by the new name: %+v %v", found, err)
		}
		begun, err := h.db.ImportMemberships(ctx, p, []int64{one, two}, op)
		if h.ok(err); begun != 1 {
			h.Errorf("%d began", begun)
		}
		told, err := h.db.OutcomesOf(ctx, one, []int64{op})
		if h.ok(err); len(told[op]) != 1 || told[op][0].ProjectID != p.ID || told[op][0].Result != roster.Added {
			h.Errorf("%+v", told)
		}
		told, err = h.db.OutcomesOf(ctx, two, []int64{op})
		if h.ok(err); len(told[op]) != 1 || told[op][0].ProjectID != p.ID || told[op][0].Result != roster.AlreadyMember {
			h.Errorf("%+v", told)
		}
		if n, err := h.db.CountChanged(ctx, op); err != nil || n != 2 {
			h.Errorf("%d changed: %v", n, err)
		}
	})
}
