package membership

import (
	"context"
	"time"

	"roster"
	"roster/internal/core"
)

// PersonView is a person as the actor sees them: what they can reach and why,
// and what the actor may do about it.
type PersonView struct {
	roster.OrganizationMember
	Projects   []ReachRow
	Workspaces []PersonWorkspace
	Roles      []roster.Role    // what the actor may make them; empty: may not change them
	Before     roster.Role      // of the deactivated: what they were before; "" where nobody wrote it down
	Removal    roster.Operation // of the deleted: what deleted them, where the actor may take it back now
	UndoUntil  time.Time        // and until when
	MayDelete  bool
	MayTag     bool
}

// ReachRow is a project the person is in.
type ReachRow struct {
	roster.Reach
	Manages     bool // the actor may take them off the project
	SeesMembers bool // the actor may see who else is in it
}

// PersonWorkspace is a workspace the person is in.
type PersonWorkspace struct {
	roster.Workspace
	Manages bool // the actor may take them out of it
}

// PersonView reads one person; NotFound when the actor may not see them. Those
// who manage people see the deleted too.
func (a *Membership) PersonView(ctx context.Context, user int64) (p PersonView, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		if p, err = tx.PersonHead(ctx, user); err != nil {
			return err
		}
		who, err := core.ActorOf(ctx)
		if err == nil {
			p.Projects, err = tx.reach(ctx, who, user)
		}
		return err
	})
	return p, err
}

// PersonHead is PersonView without the projects.
func (a *Membership) PersonHead(ctx context.Context, user int64) (p PersonView, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.OwnAccount)
		if err != nil {
			return err
		}
		if p.OrganizationMember, err = tx.memberEver(ctx, who, user); err != nil {
			return err
		}
		if p.Workspaces, err = tx.workspacesOf(ctx, who, user); err != nil {
			return err
		}
		p.may(who)
		if p.Membership.Deleted() {
			return tx.readRemoval(ctx, &p)
		}
		if p.Membership.Role == roster.RoleDeactivated {
			p.Before, err = tx.db.RoleBeforeDeactivation(ctx, user)
		}
		return err
	})
	return p, err
}

// memberEver is member, and for those who manage people also the deleted.
func (a *Membership) memberEver(ctx context.Context, who roster.Actor, user int64) (roster.OrganizationMember, error) {
	m, err := a.member(ctx, who, user)
	if roster.KindOf(err) != roster.NotFound || core.Granted(who, core.ManagePeople) == core.No {
		return m, err
	}
	gone, _, err := a.db.OrganizationMembers(ctx, who.OrganizationID,
		roster.MemberFilter{IDs: []int64{user}, OnlyDeleted: true}, roster.Everything)
	if err == nil && len(gone) == 0 {
		err = core.ErrNotFound
	}
	if err != nil {
		return m, err
	}
	return gone[0], nil
}

// readRemoval fills in what deleted the person, where the actor may take it back.
func (a *Membership) readRemoval(ctx context.Context, p *PersonView) error {
	op, err := a.db.Removal(ctx, p.Membership.OrganizationID, p.User.ID)
	if roster.KindOf(err) == roster.NotFound {
		return nil // they were deleted before there were records
	}
	if err == nil && a.mayUndoNow(ctx, op) {
		p.Removal, p.UndoUntil = op, a.undoUntil(op)
	}
	return err
}

// may fills in what the policy lets the actor do about the person.
func (p *PersonView) may(who roster.Actor) {
	if !p.Membership.DeletedAt.IsZero() {
		return
	}
	p.MayTag = core.May(who, core.ManageTags, nil) == nil
	if core.May(who, core.ManagePeople, nil) != nil || core.MayChange(who, p.Membership.Role) != nil {
		return
	}
	p.Roles = rolesToGive(who)
	p.MayDelete = p.User.ID != who.UserID
}

// rolesToGive is the roles that who may give, highest first.
func rolesToGive(who roster.Actor) (roles []roster.Role) {
	for _, role := range roster.Roles {
		if role.Assignable() && core.MayChange(who, role) == nil {
			roles = append(roles, role)
		}
	}
	return roles
}

// RolesToGive is the roles that the actor may give to people, highest first;
// none for those who may not manage people.
func (a *Membership) RolesToGive(ctx context.Context) ([]roster.Role, error) {
	who, err := core.ActorOf(ctx)
	if err != nil || core.May(who, core.ManagePeople, nil) != nil {
		return nil, err
	}
	return rolesToGive(who), nil
}

// RolesToInvite is the roles that the actor may invite people to, highest first.
func (a *Membership) RolesToInvite(ctx context.Context) (roles []roster.Role, err error) {
	who, err := a.May(ctx, core.Invite)
	if err != nil {
		return nil, err
	}
	for _, role := range rolesToGive(who) {
		if role.Works() {
			roles = append(roles, role)
		}
	}
	return roles, nil
}

// reach is every project the person is in, with what the actor may do in each:
// a few statements, however many projects there are.
func (a *Membership) reach(ctx context.Context, who roster.Actor, user int64) ([]ReachRow, error) {
	list, err := a.db.Reach(ctx, who, user)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	projects := make([]roster.Project, len(list))
	for i, r := range list {
		projects[i] = r.Project
	}
	may, err := a.mayInEach(ctx, who, projects, core.ManageMembers, core.ViewMembers)
	if err != nil {
		return nil, err
	}
	rows := make([]ReachRow, len(list))
	for i, r := range list {
		rows[i] = ReachRow{r, may[core.ManageMembers][r.Project.ID], may[core.ViewMembers][r.Project.ID]}
	}
	return rows, nil
}

// mayInEach is MayInProject, for many projects and actions at once.
func (a *Membership) mayInEach(ctx context.Context, who roster.Actor, projects []roster.Project,
	actions ...core.Action) (map[core.Action]map[int64]bool, error) {
	places, acting, err := a.PlacesIn(ctx, who, idsOfProjects(projects))
	if err != nil {
		return nil, err
	}
	out := map[core.Action]map[int64]bool{}
	for _, action := range actions {
		out[action] = map[int64]bool{}
		for _, p := range projects {
			out[action][p.ID] = core.May(acting(p.ID), action, places[p.ID]) == nil
		}
	}
	return out, nil
}

func (a *Membership) workspacesOf(ctx context.Context, who roster.Actor, user int64) ([]PersonWorkspace, error) {
	list, err := a.db.WorkspacesOf(ctx, who, user)
	rows := make([]PersonWorkspace, len(list))
	for i, w := range list {
		rows[i] = PersonWorkspace{w, !w.Personal && core.May(who, core.ManageWorkspace, core.PlaceOf(w, who)) == nil}
	}
	return rows, err
}

// PersonStep is an operation and what it did to one person.
type PersonStep struct {
	roster.Operation
	Met      bool             // the actor may open the page of whoever did it
	Outcomes []roster.Outcome // by project; never empty
}

// PersonHistory is one page of what was done to a person, newest first, and how
// much there is in all: of the places whose operations the actor may see.
func (a *Membership) PersonHistory(ctx context.Context, user int64, page roster.Page) (steps []PersonStep,
	total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.ViewOperations)
		if err != nil {
			return err
		}
		if _, err := tx.memberEver(ctx, who, user); err != nil {
			return err
		}
		ops, n, err := tx.Operations(ctx, roster.OperationFilter{PersonID: user}, page)
		if total = n; err != nil || len(ops) == 0 {
			return err
		}
		steps, err = tx.steps(ctx, who, user, ops)
		return err
	})
	return steps, total, err
}

func (a *Membership) steps(ctx context.Context, who roster.Actor, user int64,
	ops []roster.Operation) ([]PersonStep, error) {
	ids := make([]int64, len(ops))
	var by []int64
	for i, op := range ops {
		ids[i], by = op.ID, append(by, op.ActorID)
	}
	outcomes, err := a.db.OutcomesOf(ctx, user, ids)
	if err != nil {
		return nil, err
	}
	met, err := a.inSight(ctx, who, core.Sorted(by))
	steps := make([]PersonStep, len(ops))
	for i, op := range ops {
		steps[i] = PersonStep{Operation: op, Met: met[op.ActorID], Outcomes: outcomes[op.ID]}
		if len(outcomes[op.ID]) == 0 {
			steps[i].Outcomes = []roster.Outcome{{UserID: user, Result: told[op.Kind]}}
		}
	}
	return steps, err
}

// told is what membership rows say where no outcome does: that an operation of
// the kind began a membership, ended it, or had it be as it was.
var told = map[roster.OperationKind]roster.Result{
	roster.OpAssign: roster.Added, roster.OpWorkspaceAssign: roster.Added, roster.OpTaskAssign: roster.Added,
	roster.OpSCIMSync: roster.Added,
	roster.OpUnassign: roster.Removed, roster.OpWorkspaceUnassign: roster.Removed, roster.OpMove: roster.Removed,
	roster.OpOrganizationRole: roster.Removed, roster.OpOrganizationLeave: roster.Removed,
	roster.OpUndo: roster.Restored,
}
