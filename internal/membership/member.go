package membership

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// Members is one page of the people with access to a project, and how many
// there are in all. The deleted, where f asks for them, are those whose deletion can be
// undone, as they were.
func (a *Membership) Members(ctx context.Context, project int64, f roster.MemberFilter,
	page roster.Page) (members []roster.Member, total int, err error) {
	p, f, err := a.MembersOf(ctx, core.ViewMembers, project, f)
	if err != nil {
		return nil, 0, err
	}
	return a.db.ProjectMembers(ctx, p, f, a.undoableSince(), page)
}

// MemberIDs is everybody on that list, ascending.
func (a *Membership) MemberIDs(ctx context.Context, project int64, f roster.MemberFilter) ([]int64, error) {
	p, f, err := a.MembersOf(ctx, core.ViewMembers, project, f)
	if err != nil {
		return nil, err
	}
	return a.db.ProjectMemberIDs(ctx, p, f, a.undoableSince())
}

// ExportMembers hands everybody the filter matches to fn, in order, holding
// none of them. begin is called once it is clear that the actor may.
func (a *Membership) ExportMembers(ctx context.Context, project int64, f roster.MemberFilter, order string,
	begin func(roster.Project), fn func(roster.Member) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, f, err := tx.MembersOf(ctx, core.ManageMembers, project, f)
		if err != nil {
			return err
		}
		begin(p)
		return tx.db.EachProjectMember(ctx, p, f, tx.undoableSince(), order, fn)
	})
}

// UnassignMembers ends the memberships that s selects and leaves everything
// else about the people as it is. Of everybody it ends the dormant memberships that
// match, too. With a plan it does so only while the
// selector still comes to exactly the set that the plan was made for; else
// Changed, with the difference.
func (a *Membership) UnassignMembers(ctx context.Context, project int64, s roster.Selector,
	plan string) (done roster.Unassigned, err error) {
	asked := Describe(s)
	s, unknown, err := a.takenFrom(ctx, project, s)
	if err != nil {
		return done, err
	}
	err = a.changingMembers(ctx, project, s, func(tx *Membership, p roster.Project, s roster.Selector) (err error) {
		if err := tx.holdsPlan(ctx, p, s, plan); err != nil {
			return err
		}
		done.Operation, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpUnassign, ProjectID: p.ID, Selector: asked})
		if err != nil {
			return err
		}
		if done.Count, done.Dormant, err = tx.db.EndMemberships(ctx, p, s, done.Operation); err != nil {
			return err
		}
		if err := tx.db.RecordUntouched(ctx, p, s, done.Operation); err != nil {
			return err
		}
		if err := tx.db.RecordUnknown(ctx, done.Operation, unknown); err != nil {
			return err
		}
		return tx.finishKeeping(ctx, done.Operation, done.Count, s)
	})
	return done, err
}

// named is a selector with those of the ids it names who are the organization's
// people, within the viewer's sight unless that is nil, and the ids that name nobody,
// ascending: somebody out of sight is nobody. It is asked before anything is locked,
// and once: ids that name nobody hold up nobody, however many they are, and who joins
// meanwhile was not there when the request came. The excluded stay as they are, so
// that whom a request spares is spared even so.
func (a *Membership) named(ctx context.Context, s roster.Selector, viewer *roster.Actor) (roster.Selector,
	[]int64, error) {
	if err := s.Validate(); err != nil || s.All || len(s.Included) == 0 {
		return s, nil, err
	}
	who, err := core.ActorOf(ctx)
	if err != nil {
		return s, nil, err
	}
	people, err := a.db.PeopleAmong(ctx, who.OrganizationID, s.Included, viewer)
	if err != nil {
		return s, nil, err
	}
	unknown := without(s.Included, slices.Concat(s.Excluded, people))
	s.Included, s.Filter.Sight = people, nil
	return s, unknown, nil
}

// taken is named for a removal: who is out of the actor's sight is in nothing that
// they manage.
func (a *Membership) taken(ctx context.Context, s roster.Selector) (roster.Selector, []int64, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return s, nil, err
	}
	return a.named(ctx, s, core.Within(who))
}

// takenFrom is taken for a removal from a project, whose list with the deleted shows people
// whom the actor shares nothing with any more: to name them is to name somebody.
func (a *Membership) takenFrom(ctx context.Context, project int64, s roster.Selector) (roster.Selector,
	[]int64, error) {
	s, unknown, err := a.taken(ctx, s)
	if err != nil || len(unknown) == 0 {
		return s, unknown, err
	}
	p, _, err := a.AllowedProject(ctx, core.ManageMembers, project)
	if err != nil {
		return s, nil, err
	}
	shown, err := a.db.LeftAmong(ctx, p, unknown, a.undoableSince())
	s.Included = append(s.Included, shown...)
	return s, without(unknown, shown), err
}

// without is the ids that are not among others.
func without(ids, others []int64) []int64 {
	return roster.Selector{Included: ids, Excluded: others}.NamedIDs()
}

// ManageMembers authorizes a change of members and locks the project, so that
// two changes never count the same person.
func (a *Membership) ManageMembers(ctx context.Context, project int64) (roster.Project, error) {
	if _, err := a.MayInProject(ctx, core.ManageMembers, project); err != nil {
		return roster.Project{}, err
	}
	return a.db.LockProject(ctx, project)
}

func (a *Membership) holdsPlan(ctx context.Context, p roster.Project, s roster.Selector, plan string) error {
	if plan == "" {
		return nil
	}
	change, err := a.db.ComparePlan(ctx, p, s, plan, a.Now())
	switch {
	case err != nil:
		return err
	case change == nil:
		return nil
	case !change.Known:
		return &roster.Error{Kind: roster.Changed, Detail: change,
			Message: "This plan is unknown or has expired. Nothing was changed; preview again."}
	}
	return &roster.Error{Kind: roster.Changed, Detail: change,
		Message: "The people this selects are no longer those of the plan. Nothing was changed; preview again."}
}

// PreviewUnassign says what UnassignMembers with the same selector would do
// now, with the first people by id, and names the set by a plan.
func (a *Membership) PreviewUnassign(ctx context.Context, project int64, s roster.Selector,
	size int) (out roster.Preview, err error) {
	err = a.previewing(ctx, project, s, func(tx *Membership, p roster.Project, _ roster.Selector, plan store.Plan,
		preview roster.Preview) (err error) {
		out = preview
		if out.Keepers, err = tx.db.MembersByID(ctx, p, plan.Keepers[:min(size, len(plan.Keepers))]); err != nil {
			return err
		}
		out.People, err = tx.db.MembersByID(ctx, p, plan.Users[:min(size, len(plan.Users))])
		return err
	})
	return out, err
}

// previewing makes the plan of an unassign, tells look what it comes to, and keeps it.
func (a *Membership) previewing(ctx context.Context, project int64, s roster.Selector,
	look func(tx *Membership, p roster.Project, s roster.Selector, plan store.Plan,
		out roster.Preview) error) (err error) {
	if err := s.Validate(); err != nil {
		return err
	}
	var p roster.Project
	var plan store.Plan
	expires := a.Now().Add(a.Config().PlanTTL)
	err = a.View(ctx, func(tx *Membership) error {
		if p, _, err = tx.AllowedProject(ctx, core.ManageMembers, project); err != nil {
			return err
		}
		if s.Filter, err = tx.Meant(ctx, s.Filter, p.WorkspaceID); err != nil {
			return err
		}
		if plan, err = tx.db.MakePlan(ctx, p, s); err != nil {
			return err
		}
		out := roster.Preview{Plan: plan.Token, Count: len(plan.Users), Dormant: plan.Dormant, ExpiresAt: expires,
			KeepByWorkspace: plan.KeepByWorkspace, KeepByOrganizationRole: plan.KeepByRole,
			OpenAssignments: plan.OpenAssignments}
		if out.Made, err = tx.madeByLeaving(ctx, project, plan); err != nil {
			return err
		}
		return look(tx, p, s, plan, out)
	})
	if err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Membership) error { return tx.db.SavePlan(ctx, p, plan, expires) })
}

// AssignMembers makes the people that s selects members of a project, and
// gives the listed project roles in the same stroke. People beyond the actor's
// sight are as good as unknown.
func (a *Membership) AssignMembers(ctx context.Context, project int64, s roster.Selector,
	roles []roster.RoleAssignment) (done roster.Assigned, err error) {
	if s, err = core.Addable(ctx, s); err != nil {
		return done, err
	}
	return a.AssignMembersUnseen(ctx, project, s, roles)
}

// errTakenBack makes a transaction leave no trace.
var errTakenBack = errors.New("taken back")

// PreviewAssign says what AssignMembers would do now. The answer names no operation.
func (a *Membership) PreviewAssign(ctx context.Context, project int64, s roster.Selector,
	roles []roster.RoleAssignment) (roster.Assigned, error) {
	return a.tried(ctx, func(tx *Membership) (roster.Assigned, error) {
		return tx.AssignMembers(ctx, project, s, roles)
	})
}

// tried is what an addition would answer: it is made, and taken back.
func (a *Membership) tried(ctx context.Context,
	add func(tx *Membership) (roster.Assigned, error)) (done roster.Assigned, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if done, err = add(tx); err != nil {
			return err
		}
		return errTakenBack
	})
	if !errors.Is(err, errTakenBack) {
		return roster.Assigned{}, err
	}
	done.Operation = 0
	return done, nil
}

// changingMembers runs change in a transaction in which the actor manages the members of a
// project, with the selector as the store takes it.
func (a *Membership) changingMembers(ctx context.Context, project int64, s roster.Selector,
	change func(tx *Membership, p roster.Project, s roster.Selector) error) error {
	return a.Update(ctx, func(tx *Membership) error {
		p, err := tx.ManageMembers(ctx, project)
		if err != nil {
			return err
		}
		meant := s
		if meant.Filter, err = tx.Meant(ctx, s.Filter, p.WorkspaceID); err != nil {
			return err
		}
		return change(tx, p, meant)
	})
}

// AssignMembersUnseen adds people whom the actor need not see: an invitation names them by
// their address.
func (a *Membership) AssignMembersUnseen(ctx context.Context, project int64, s roster.Selector,
	roles []roster.RoleAssignment) (done roster.Assigned, err error) {
	asked := s
	s, unknown, err := a.named(ctx, s, s.Filter.Sight)
	if err != nil {
		return done, err
	}
	err = a.changingMembers(ctx, project, s, func(tx *Membership, p roster.Project, s roster.Selector) (err error) {
		skipped, err := tx.db.Skipped(ctx, p, s)
		if err != nil {
			return err
		}
		done.Skipped = idsOf(skipped, unknown)
		done.Operation, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpAssign, ProjectID: p.ID,
			Selector: Describe(asked)})
		if err != nil {
			return err
		}
		if done.Count, err = tx.db.BeginMemberships(ctx, p, s, done.Operation); err != nil {
			return err
		}
		if err := tx.recordSkipped(ctx, done.Operation, skipped, unknown); err != nil {
			return err
		}
		if err := tx.assignRoles(ctx, p, asked, roles, done.Operation); err != nil {
			return err
		}
		return tx.Finish(ctx, done.Operation, done.Count)
	})
	return done, err
}

// idsOf is everybody whom an addition passes over: the people, and who is nobody.
func idsOf(skipped []roster.Outcome, unknown []int64) []int64 {
	ids := slices.Clone(unknown)
	for _, o := range skipped {
		ids = append(ids, o.UserID)
	}
	slices.Sort(ids)
	return ids
}

func (a *Membership) recordSkipped(ctx context.Context, op int64, skipped []roster.Outcome, unknown []int64) error {
	by := map[roster.Result][]int64{}
	for _, o := range skipped {
		by[o.Result] = append(by[o.Result], o.UserID)
	}
	for result, users := range by {
		if err := a.db.RecordSame(ctx, op, users, roster.Outcome{Result: result}); err != nil {
			return err
		}
	}
	return a.db.RecordUnknown(ctx, op, unknown)
}

// Describe keeps a selector in the record of its operation. Long lists are
// kept as their length: the outcomes name the people.
func Describe(s roster.Selector) string {
	out := map[string]any{"all": s.All}
	if s.KeepMade {
		out["keep_made"] = true
	}
	list := func(name string, ids []int64) {
		switch {
		case len(ids) > 100:
			out[name+"_count"] = len(ids)
		case len(ids) > 0:
			out[name] = ids
		}
	}
	list("included", s.Included)
	list("excluded", s.Excluded)
	if s.All {
		core.DescribeFilter(out, s.Filter)
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// AddMember makes one person a member; being one already is fine. A person who
// may not be a member is skipped, and then nothing was done.
func (a *Membership) AddMember(ctx context.Context, project, user int64) (done roster.Assigned, err error) {
	one, err := core.Addable(ctx, roster.Selector{Included: []int64{user}})
	if err != nil {
		return done, err
	}
	err = a.Update(ctx, func(tx *Membership) error {
		p, err := tx.ManageMembers(ctx, project)
		if err != nil {
			return err
		}
		skipped, err := tx.db.Skipped(ctx, p, one)
		if err != nil {
			return err
		}
		if len(skipped) > 0 && skipped[0].Result == roster.UnknownPerson {
			return noSuch("user", user)
		}
		if len(skipped) > 0 {
			done = roster.Assigned{Skipped: []int64{user}}
			return nil
		}
		asked := one
		asked.Filter.Sight = nil // its question is answered
		done, err = tx.AssignMembersUnseen(ctx, project, asked, nil)
		return err
	})
	return done, err
}
