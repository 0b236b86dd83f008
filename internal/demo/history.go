package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roster"
)

// event is something that happened. Events run in the order of their times, so
// that the records of operations are numbered as in real life.
type event struct {
	at             time.Time
	kind           roster.OperationKind // of the record to make; "": run sees to it, or there is none
	actor          int                  // who did it
	group, project int                  // where; nowhere: not there
	undoes         *event
	size           int // how much it adds to the progress
	id             int64
	run            func(ctx context.Context, l *loader, e *event) (changed int, err error)
}

// events is all that happened in the organization.
func (p *plan) events() []*event {
	var out []*event
	d := throw(p.Options, 3)
	for i := range p.workspaces {
		out = append(out, p.arrivals(p.workspaces[i], event{kind: roster.OpWorkspaceAssign, actor: 1 + i%administrators,
			group: i, project: nowhere})...)
	}
	for i := range p.projects {
		in := event{kind: roster.OpAssign, actor: p.projects[i].creator, group: nowhere, project: i}
		out = append(out, p.arrivals(p.projects[i].crowd, in)...)
		if len(p.projects[i].inherited) > 0 {
			in.kind, in.at, in.run = roster.OpProjectRole, d.ago(roleChange+d.hours()), giveRoles
			out = append(out, &in)
		}
		for j := range p.projects[i].batches {
			out = append(out, p.delivery(i, &p.projects[i].batches[j]))
		}
	}
	out = append(out, p.departures()...)
	out = append(out, p.farewells()...)
	slices.SortStableFunc(out, func(a, b *event) int { return a.at.Compare(b.at) })
	return out
}

// arrivals is the waves in which people came, each like e.
func (p *plan) arrivals(c crowd, e event) (out []*event) {
	for wave, at := range c.waves {
		byRole := map[roster.Role][]int{}
		n := 0
		for _, m := range c.members {
			if m.wave == wave {
				byRole[m.role] = append(byRole[m.role], m.who)
				n++
			}
		}
		if n == 0 {
			continue
		}
		came := e
		came.at, came.size = at, n
		came.run = func(ctx context.Context, l *loader, e *event) (int, error) { return n, l.arrive(ctx, e, byRole) }
		out = append(out, &came)
	}
	return out
}

// arrive makes people members, in the order of the roles that they get, so
// that the same seed always comes to the same rows.
func (l *loader) arrive(ctx context.Context, e *event, byRole map[roster.Role][]int) error {
	if e.group != nowhere {
		return l.tx.LoadWorkspaceMembers(ctx, l.workspaces[e.group], l.ids(byRole[""]), e.id)
	}
	for _, role := range []roster.Role{"", roster.RoleAnnotator, roster.RoleReviewer} {
		source := roster.SourceAPI
		if role == "" {
			source = ""
		}
		l.made.Memberships += len(byRole[role])
		if err := l.tx.LoadProjectMembers(ctx, l.projects[e.project].ID, l.ids(byRole[role]), true, role, source,
			e.id); err != nil {
			return err
		}
	}
	return nil
}

// giveRoles gives people of the workspace their roles in the project.
func giveRoles(ctx context.Context, l *loader, e *event) (int, error) {
	inherited := l.plan.projects[e.project].inherited
	byRole := map[roster.Role][]int{}
	for _, m := range inherited {
		byRole[m.role] = append(byRole[m.role], m.who)
	}
	for _, role := range []roster.Role{roster.RoleAnnotator, roster.RoleReviewer} {
		if err := l.tx.SetProjectRoles(ctx, l.projects[e.project], l.ids(byRole[role]), role, roster.SourceManual,
			e.id); err != nil {
			return 0, err
		}
	}
	return len(inherited), nil
}

// delivery is a batch of tasks and its assignments.
func (p *plan) delivery(project int, b *batch) *event {
	return &event{at: b.at, project: project, group: nowhere, size: b.tasks + len(b.annotate) + len(b.review),
		run: func(ctx context.Context, l *loader, e *event) (int, error) { return 0, l.deliver(ctx, e, b) }}
}

func (l *loader) deliver(ctx context.Context, e *event, b *batch) error {
	p := l.projects[e.project]
	tasks := make([]roster.Task, b.tasks)
	for i := range tasks {
		l.made.Tasks++
		tasks[i] = roster.Task{ProjectID: p.ID, Data: fmt.Sprintf(l.plan.projects[e.project].task, l.made.Tasks),
			CreatedAt: e.at, UpdatedAt: e.at}
	}
	ids, err := l.tx.LoadTasks(ctx, tasks)
	if err != nil {
		return err
	}
	for _, given := range []struct {
		kind roster.AssignmentType
		jobs []job
	}{{roster.Annotate, b.annotate}, {roster.Review, b.review}} {
		assignments := make([]roster.Assignment, len(given.jobs))
		for i, j := range given.jobs {
			assignments[i] = roster.Assignment{TaskID: ids[j.task], UserID: l.people[j.who]}
		}
		l.made.Assignments += len(assignments)
		if err := l.tx.LoadAssignments(ctx, p.ID, assignments, given.kind, e.at.Add(time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

// departures are the times people were taken off projects. But for the one
// that was taken back, they are about projects without tasks, so that nobody
// is given a task after having left.
func (p *plan) departures() (out []*event) {
	d := throw(p.Options, 4)
	leave := func(project int, days float64, actor int, whom func(l *loader) roster.Selector) *event {
		e := &event{at: d.ago(days + d.hours()), actor: actor, project: project, group: nowhere, run: unassign(whom)}
		if project < len(p.projects) {
			out = append(out, e)
		}
		return e
	}
	everybody := func(f roster.MemberFilter) func(*loader) roster.Selector {
		return func(*loader) roster.Selector { return roster.Selector{All: true, Filter: f} }
	}
	leave(7, 47, 1, func(l *loader) roster.Selector { // the vendor's contract ended
		at := slices.IndexFunc(p.tags, func(t tag) bool { return t.label == leavingVendor })
		return roster.Selector{All: true, Filter: roster.MemberFilter{Tags: l.tags[at : at+1]}}
	})
	leave(1, 33, 0, everybody(roster.MemberFilter{ActiveTo: new(d.ago(150))}))
	mistake := leave(0, 21, 2, everybody(roster.MemberFilter{Roles: []roster.Role{roster.RoleReviewer}}))
	out = append(out, &event{at: mistake.at.Add(18 * time.Minute), actor: 2, group: nowhere, undoes: mistake, run: undo})
	leave(10, 6, 3, func(l *loader) roster.Selector { return roster.Selector{Included: l.ids(p.pioneers(10, 12))} })
	return out
}

// pioneers is a few of those who came to a project first and still work.
func (p *plan) pioneers(project, most int) (who []int) {
	for _, m := range p.projects[project].members {
		if m.wave == 0 && len(who) < most && p.people[m.who].is(roster.RoleAnnotator, roster.RoleReviewer) {
			who = append(who, m.who)
		}
	}
	return who
}

// unassign takes people off a project as the application does. Its statements
// are not made for tables whose statistics say that they are empty.
func unassign(whom func(l *loader) roster.Selector) func(context.Context, *loader, *event) (int, error) {
	return func(ctx context.Context, l *loader, e *event) (int, error) {
		if err := l.tx.Analyze(ctx); err != nil {
			return 0, err
		}
		done, err := l.app.At(l.tx, e.at).UnassignMembers(ctx, l.projects[e.project].ID, whom(l), "")
		e.id = done.Operation
		l.made.Memberships -= done.Count + done.Dormant
		return done.Count, err
	}
}

// farewells are the times people were deleted from the organization.
func (p *plan) farewells() (out []*event) {
	for who, at := range p.people {
		if !at.Membership.DeletedAt.IsZero() {
			out = append(out, &event{at: at.Membership.DeletedAt, group: nowhere, project: nowhere,
				run: func(ctx context.Context, l *loader, e *event) (int, error) {
					return 1, l.sayFarewell(ctx, e, l.people[who])
				}})
		}
	}
	return out
}

// sayFarewell deletes somebody as the application does, with all they have.
func (l *loader) sayFarewell(ctx context.Context, e *event, user int64) error {
	reach, err := l.tx.Reach(ctx, l.owner, user)
	if err != nil {
		return err
	}
	for _, r := range reach {
		if l.made.Assignments -= r.Open; r.Explicit {
			l.made.Memberships--
		}
	}
	e.id, err = l.app.At(l.tx, e.at).RemoveFromOrganization(ctx, l.owner.OrganizationID, user)
	return err
}

func undo(ctx context.Context, l *loader, e *event) (int, error) {
	undone, err := l.app.At(l.tx, e.at).Undo(ctx, e.undoes.id)
	e.id = undone.ID
	l.made.Memberships += undone.Changed
	return undone.Changed, err
}
