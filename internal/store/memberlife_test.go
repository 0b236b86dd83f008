package store_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"roster"
	"roster/internal/store"
)

// life is the reference model of who belongs where in acme: plain Go, and no SQL. A stay is
// known by a number of its own, and what was given within it by that number.
type life struct {
	*house
	rows    map[spot]*row
	inside  map[int64]bool // the workspace
	roles   map[int64]roster.Role
	given   []gift
	tasks   map[int64]int64 // the task of each project
	stays   int
	removed []removal
	taken   []taking // what later removals took, to tell an undo what stands
}

// spot is a person in a project.
type spot struct{ project, user int64 }

// row is a standing: a membership, or what is held by another path.
type row struct {
	explicit bool
	role     roster.Role
	stay     int
}

// gift is a task given to somebody within a stay.
type gift struct {
	spot
	stay  int
	after int64 // the operation before which it was not there
}

// removal is a removal from a project that can be taken back.
type removal struct {
	op      int64
	project roster.Project
	rows    map[int64]row // that it ended, by person
	dormant map[int64]bool
	undone  bool
}

// taking is a membership of a project that an operation ended, which was no undo.
type taking struct {
	spot
	op int64
}

func newLife(h *house) *life {
	l := &life{house: h, rows: map[spot]*row{}, inside: map[int64]bool{}, roles: map[int64]roster.Role{},
		tasks: map[int64]int64{}}
	l.roles[h.acme.admin] = roster.RoleAdministrator
	for _, user := range l.annotators() {
		l.roles[user] = roster.RoleAnnotator
	}
	for _, p := range h.acme.projects {
		made, err := h.db.LoadTasks(h.Context(), []roster.Task{{ProjectID: p.ID, Data: "{}", CreatedAt: now, UpdatedAt: now}})
		h.ok(err)
		l.tasks[p.ID] = made[0]
	}
	return l
}

// annotators are few, so that what happens happens to the same ones.
func (l *life) annotators() []int64 { return l.acme.annotators[:2] }

// people is everybody, ascending.
func (l *life) people() []int64 { return slices.Sorted(maps.Keys(l.roles)) }

func (l *life) able(user int64) bool { return l.roles[user] != roster.RoleDeactivated }

// byPath reports whether somebody has, or would have if they could act, access to a
// project without a membership of their own.
func (l *life) byPath(p roster.Project, user int64) bool {
	return l.roles[user].SeesEveryProject() || p.WorkspaceID != 0 && l.inside[user]
}

func (l *life) holds(at spot, r row) bool {
	return r.role != "" || slices.ContainsFunc(l.given, func(g gift) bool { return g.spot == at && g.stay == r.stay })
}

func (l *life) drawProject(t *rapid.T) roster.Project {
	return evenly(t, l.acme.projects[:])
}

func (l *life) drawPeople(t *rapid.T) []int64 {
	return distinct(evenly(t, l.people()), evenly(t, l.people()))
}

// drawSelector is the named, or everybody but some.
func (l *life) drawSelector(t *rapid.T) roster.Selector {
	users := l.drawPeople(t)
	if rapid.Bool().Draw(t, "everybody but them") {
		return roster.Selector{All: true, Excluded: users}
	}
	return named(users...)
}

// about reports whether a removal with s is about somebody: counted, or dormant and besides.
func (l *life) about(s roster.Selector, user int64) (counted, dormant bool) {
	if !s.All {
		return slices.Contains(s.Included, user), false
	}
	in := !slices.Contains(s.Excluded, user)
	return in && l.able(user), in && !l.able(user)
}

func (l *life) assign(t *rapid.T) { l.add(l.drawProject(t), l.drawPeople(t)...) }

func (l *life) add(p roster.Project, users ...int64) {
	op, want := l.operation(l.acme, roster.OpAssign, p.ID, 0), 0
	for _, user := range users {
		at := spot{p.ID, user}
		r := l.rows[at]
		switch {
		case !l.able(user) || r != nil && r.explicit:
			continue
		case r != nil:
			r.explicit = true
		default:
			l.stays++
			l.rows[at] = &row{explicit: true, stay: l.stays}
		}
		want++
	}
	n, err := l.db.BeginMemberships(l.Context(), p, named(users...), op)
	if l.ok(err); n != want {
		l.Errorf("%d began, not %d", n, want)
	}
	l.ok(l.db.FinishOperation(l.Context(), op, n))
}

func (l *life) unassign(t *rapid.T) {
	p, s := l.drawProject(t), l.drawSelector(t)
	op := l.operation(l.acme, roster.OpUnassign, p.ID, 0)
	gone := removal{op: op, project: p, rows: map[int64]row{}, dormant: map[int64]bool{}}
	for _, user := range l.people() {
		at := spot{p.ID, user}
		counted, besides := l.about(s, user)
		if r := l.rows[at]; r != nil && r.explicit && (counted || besides) {
			gone.rows[user], gone.dormant[user] = *r, besides
			l.end(p, at, op)
		}
	}
	besides := 0
	for _, dormant := range gone.dormant {
		if dormant {
			besides++
		}
	}
	said, err := l.db.CountSelected(l.Context(), p, s)
	l.ok(err)
	ended, dormant, err := l.db.EndMemberships(l.Context(), p, s, op)
	if l.ok(err); ended != len(gone.rows)-besides || dormant != besides || said != ended {
		l.Errorf("%d ended and %d dormant, not %d and %d; %d were announced", ended, dormant, len(gone.rows)-besides,
			besides, said)
	}
	l.ok(l.db.FinishOperation(l.Context(), op, ended))
	l.removed = append(l.removed, gone)
}

// end ends a membership, of which what they hold goes on where another path leads there.
func (l *life) end(p roster.Project, at spot, op int64) {
	r := *l.rows[at]
	delete(l.rows, at)
	l.taken = append(l.taken, taking{at, op})
	if l.byPath(p, at.user) && l.holds(at, r) {
		r.explicit = false
		l.rows[at] = &r
	}
}

// undo takes back one of the removals that stand.
func (l *life) undo(t *rapid.T) {
	var standing []int
	for i, r := range l.removed {
		if !r.undone && len(r.rows) > 0 {
			standing = append(standing, i)
		}
	}
	if len(standing) == 0 {
		return
	}
	of := &l.removed[evenly(t, standing)]
	of.undone = true
	want := l.restore(*of)
	undone, err := l.db.Operation(l.Context(), of.op)
	l.ok(err)
	op, err := l.db.BeginOperation(l.Context(), roster.Operation{OrganizationID: l.acme.id, ProjectID: of.project.ID,
		Kind: roster.OpUndo, ActorID: l.acme.owner, At: now, Undoes: of.op})
	l.ok(err)
	n, err := l.db.RestoreMemberships(l.Context(), of.project, undone, op)
	if l.ok(err); n != want {
		l.Errorf("%d came back, not %d", n, want)
	}
	l.ok(l.db.FinishOperation(l.Context(), op, n))
}

// restore gives back what a removal took, and returns how many that counts.
func (l *life) restore(of removal) (counted int) {
	back, carried := map[int64]bool{}, map[int64]bool{}
	for user, had := range of.rows {
		at := spot{of.project.ID, user}
		again := slices.ContainsFunc(l.taken, func(k taking) bool { return k.spot == at && k.op > of.op })
		r := l.rows[at]
		if again || r != nil && r.explicit {
			continue
		}
		carried[user] = r != nil && r.stay == had.stay
		back[user] = true
		had.explicit = true
		l.rows[at] = &had
		if !of.dormant[user] || l.able(user) {
			counted++
		}
	}
	l.dropTaken(of, back, carried)
	return counted
}

// dropTaken takes from who came back a task that somebody else was given meanwhile and has.
func (l *life) dropTaken(of removal, back, carried map[int64]bool) {
	theirs := func(g gift) bool { r := l.rows[g.spot]; return r != nil && r.stay == g.stay }
	taken := func(g gift) bool {
		return g.project == of.project.ID && g.after < of.op && back[g.user] && !carried[g.user] && theirs(g) &&
			slices.ContainsFunc(l.given, func(n gift) bool {
				return n.project == g.project && n.after > of.op && n.user != g.user && theirs(n)
			})
	}
	l.given = slices.DeleteFunc(slices.Clone(l.given), taken)
}

func (l *life) enter(t *rapid.T) {
	users := l.drawPeople(t)
	op, want := l.operation(l.acme, roster.OpWorkspaceAssign, 0, l.acme.workspace.ID), 0
	for _, user := range users {
		if l.able(user) && !l.inside[user] {
			l.inside[user] = true
			want++
		}
	}
	n, err := l.db.BeginWorkspaceMembers(l.Context(), l.acme.workspace, named(users...), op)
	if l.ok(err); n != want {
		l.Errorf("%d came in, not %d", n, want)
	}
	l.ok(l.db.FinishOperation(l.Context(), op, n))
}

func (l *life) leave(t *rapid.T) {
	s, want, besides := l.drawSelector(t), 0, 0
	for _, user := range l.people() {
		counted, dormant := l.about(s, user)
		if !l.inside[user] || !counted && !dormant {
			continue
		}
		if want++; dormant {
			want, besides = want-1, besides+1
		}
		l.inside[user] = false
		at := spot{l.acme.projects[1].ID, user}
		if r := l.rows[at]; r != nil && !r.explicit && !l.byPath(l.acme.projects[1], user) {
			delete(l.rows, at)
		}
	}
	op := l.operation(l.acme, roster.OpWorkspaceUnassign, 0, l.acme.workspace.ID)
	ended, dormant, err := l.db.EndWorkspaceMembers(l.Context(), l.acme.workspace, s, op)
	if l.ok(err); ended != want || dormant != besides {
		l.Errorf("%d left and %d dormant, not %d and %d", ended, dormant, want, besides)
	}
	l.ok(l.db.FinishOperation(l.Context(), op, ended))
}

// switches deactivates somebody, or has them act again.
func (l *life) switches(t *rapid.T) {
	user := evenly(t, l.annotators())
	role := roster.RoleDeactivated
	if !l.able(user) {
		role = roster.RoleAnnotator
	}
	l.roles[user] = role
	l.ok(l.db.SetMemberships(l.Context(), roster.OrganizationMembership{OrganizationID: l.acme.id, Role: role,
		UserType: roster.SeatStandard}, []int64{user}))
	l.ok(l.db.EndInheritedOf(l.Context(), []int64{user}, l.operation(l.acme, roster.OpOrganizationRole, 0, 0)))
}

// reviewer gives somebody a role in a project that they have access to.
func (l *life) reviewer(t *rapid.T) {
	p, user := l.drawProject(t), evenly(t, l.annotators())
	at := spot{p.ID, user}
	r := l.rows[at]
	may := l.able(user) && (r != nil && r.explicit || p.WorkspaceID != 0 && l.inside[user])
	fit, err := l.db.RoleTargets(l.Context(), p, []int64{user, l.umbrella.owner})
	if l.ok(err); fit[user] != may || fit[l.umbrella.owner] {
		l.Errorf("may have a role: %v, not %v", fit, may)
	}
	if !may {
		return
	}
	if r == nil {
		l.stays++
		r = &row{stay: l.stays}
		l.rows[at] = r
	}
	r.role = roster.RoleReviewer
	op := l.operation(l.acme, roster.OpProjectRole, p.ID, 0)
	l.ok(l.db.SetProjectRoles(l.Context(), p, []int64{user}, r.role, roster.SourceManual, op))
}

// give gives somebody the task of a project that they have access to.
func (l *life) give(t *rapid.T) {
	p, user := l.drawProject(t), evenly(t, l.people())
	at := spot{p.ID, user}
	r := l.rows[at]
	may := l.able(user) && (r != nil && r.explicit || l.byPath(p, user))
	can, err := l.db.Assignable(l.Context(), p, []int64{user, l.umbrella.owner})
	if l.ok(err); can[user] != may || can[l.umbrella.owner] {
		l.Errorf("may be given a task: %v, not %v", can, may)
	}
	if !may {
		return
	}
	op := l.operation(l.acme, roster.OpTaskAssign, p.ID, 0)
	without, err := l.db.WithoutStanding(l.Context(), p, []int64{user})
	if l.ok(err); (len(without) == 1) != (r == nil) {
		l.Errorf("without a row: %v, not %v", without, r == nil)
	}
	if r == nil {
		l.stays++
		r = &row{stay: l.stays}
		l.rows[at] = r
		l.ok(l.db.BeginInherited(l.Context(), p, without, op))
	}
	had := slices.ContainsFunc(l.given, func(g gift) bool { return g.spot == at && g.stay == r.stay })
	n, err := l.db.AssignTasks(l.Context(), p, []int64{l.tasks[p.ID]}, roster.Annotate, []int64{user}, now)
	if l.ok(err); (n == 1) == had {
		l.Errorf("%d given to who had it: %v", n, had)
	}
	if !had {
		l.given = append(l.given, gift{at, r.stay, op})
	}
}

// agrees compares the store with the model: everybody's standing, and who has each task.
func (l *life) agrees() {
	o := l.acme
	for _, user := range l.people() {
		got, err := l.db.Standings(l.Context(), []int64{o.projects[0].ID, o.projects[1].ID}, user)
		l.ok(err)
		for _, p := range o.projects {
			want := row{}
			if r := l.rows[spot{p.ID, user}]; r != nil {
				want = *r
			}
			s := got[p.ID]
			if s.Explicit != want.explicit || s.Override != want.role || s.Role != l.roles[user] ||
				s.InWorkspace != (p.WorkspaceID != 0 && l.inside[user]) {
				l.Errorf("%d in %q: %+v, not %+v", user, p.Title, s, want)
			}
		}
	}
	for project, task := range l.tasks {
		open, err := l.db.Assignees(l.Context(), task, roster.Annotate)
		l.ok(err)
		var got, want []int64
		for _, a := range open {
			got = append(got, a.UserID)
		}
		for _, g := range l.given {
			if r := l.rows[g.spot]; g.project == project && r != nil && r.stay == g.stay {
				want = append(want, g.user)
			}
		}
		if !slices.Equal(got, want) {
			l.Errorf("the task of project %d is %v's, not %v's", project, got, want)
		}
	}
}

// evenly is one of a few, each as often as another: what rapid draws from a list is mostly
// one of the first.
func evenly[T any](t *rapid.T, list []T) T {
	n := 0
	for range 5 {
		if n *= 2; rapid.Bool().Draw(t, "which") {
			n++
		}
	}
	return list[n%len(list)]
}

// distinct is ids sorted, each once.
func distinct(ids ...int64) []int64 {
	return slices.Compact(sorted(ids...))
}

// whole fails where the store breaks a rule that holds in every one.
func (h *house) whole() {
	h.Helper()
	_, err := h.db.Verify(h.Context(), func(b store.Broken) {
		if b.Count > 0 {
			h.Errorf("%s: %v", b.Rule, b.Where)
		}
	})
	h.ok(err)
}

// TestMembershipsLiveAsTheModelSays: whatever is done to people, in whichever order, they
// have the access, the role and the tasks that the reference model says, and each change
// counts whom it changed.
func TestMembershipsLiveAsTheModelSays(t *testing.T) {
	eachHouse(t, func(h *house) {
		h.tries(func(h *house, t *rapid.T) {
			l := newLife(h)
			doings := []func(*rapid.T){l.assign, l.assign, l.unassign, l.unassign, l.unassign, l.undo, l.undo, l.undo,
				l.enter, l.enter, l.leave, l.switches, l.switches, l.reviewer, l.give, l.give}
			for _, p := range h.acme.projects {
				l.add(p, l.annotators()...)
			}
			for range rapid.IntRange(10, 25).Draw(t, "steps") {
				evenly(t, doings)(t)
				l.agrees()
			}
			h.whole()
		})
	})
}
