package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// house is two organizations on one store, each with an Owner, an Administrator, a Manager,
// annotators, a workspace and two projects, the second of which lies in the workspace.
// What is asked of one is asked with the other's ids, too.
type house struct {
	tester
	db       *store.DB
	at       time.Time // when what is done is done
	acme     organization
	umbrella organization
}

// tester is a test, or one of the many that rapid makes of it.
type tester interface {
	rapid.TB
	Context() context.Context
}

type organization struct {
	id, owner, admin, manager int64
	annotators                []int64
	workspace                 roster.Workspace
	projects                  [2]roster.Project
}

// eachHouse runs fn on a house of every engine.
func eachHouse(t *testing.T, fn func(h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := &house{tester: t, db: db, at: now}
		h.acme, h.umbrella = h.organization("acme"), h.organization("umbrella")
		fn(h)
	})
}

var errBack = errors.New("what was tried is taken back")

// tries runs fn on the house as it is now, as often as rapid says; nothing of it stays.
func (h *house) tries(fn func(h *house, t *rapid.T)) {
	h.Helper()
	rapid.Check(h.tester, func(t *rapid.T) {
		err := h.db.Update(t.Context(), func(tx *store.DB) error {
			in := *h
			in.tester, in.db = t, tx
			fn(&in, t)
			return errBack
		})
		if !errors.Is(err, errBack) {
			t.Fatal(err)
		}
	})
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// is fails unless err is of a kind.
func (h *house) is(kind roster.Kind, what string, err error) {
	h.Helper()
	if roster.KindOf(err) != kind {
		h.Errorf("%s: %v, not %v", what, err, kind)
	}
}

func (h *house) organization(name string) (o organization) {
	h.Helper()
	ctx, owner := h.Context(), h.user(name+".owner")
	id, err := h.db.CreateOrganization(ctx, roster.Organization{Title: name, DefaultRole: roster.RoleAnnotator,
		CreatedBy: owner, CreatedAt: now})
	h.ok(err)
	o = organization{id: id, owner: owner, admin: h.user(name + ".admin"), manager: h.user(name + ".manager")}
	for i := range 4 {
		o.annotators = append(o.annotators, h.user(fmt.Sprintf("%s.annotator%d", name, i)))
	}
	h.joins(o.id, roster.RoleOwner, owner)
	h.joins(o.id, roster.RoleAdministrator, o.admin)
	h.joins(o.id, roster.RoleManager, o.manager)
	h.joins(o.id, roster.RoleAnnotator, o.annotators...)
	space, err := h.db.CreateWorkspace(ctx, roster.Workspace{OrganizationID: id, Title: name + " space",
		CreatedBy: owner}, now)
	h.ok(err)
	o.workspace, err = h.db.Workspace(ctx, space, owner)
	h.ok(err)
	for i, workspace := range []int64{0, space} {
		p := roster.Project{OrganizationID: id, Title: fmt.Sprintf("%s %d", name, i), WorkspaceID: workspace,
			CreatedBy: roster.User{ID: owner}}
		p.ID, err = h.db.CreateProject(ctx, p, now)
		h.ok(err)
		o.projects[i], err = h.db.Project(ctx, p.ID)
		h.ok(err)
	}
	return o
}

func (h *house) user(name string) int64 {
	h.Helper()
	id, err := h.db.CreateUser(h.Context(), roster.NewUser{Email: name + "@example.com", Username: name}, "", now)
	h.ok(err)
	return id
}

func (h *house) joins(organization int64, role roster.Role, users ...int64) {
	h.Helper()
	for _, user := range users {
		h.ok(h.db.AddOrganizationMember(h.Context(), roster.OrganizationMembership{
			OrganizationID: organization, UserID: user, Role: role, UserType: roster.SeatStandard, CreatedAt: now,
		}))
		h.ok(h.db.SetActiveOrganization(h.Context(), user, organization))
	}
}

// operation begins one about a place of the organization.
func (h *house) operation(o organization, kind roster.OperationKind, project, workspace int64) int64 {
	h.Helper()
	id, err := h.db.BeginOperation(h.Context(), roster.Operation{
		OrganizationID: o.id, ProjectID: project, WorkspaceID: workspace, Kind: kind, ActorID: o.owner,
		Credential: roster.CredentialSession, At: h.at,
	})
	h.ok(err)
	return id
}

// who is an actor of an organization.
func (o organization) who(user int64, role roster.Role) roster.Actor {
	return roster.Actor{UserID: user, OrganizationID: o.id, Role: role}
}

// named is the selector of some people.
func named(users ...int64) roster.Selector { return roster.Selector{Included: users} }

// assign makes people members of a project of o, and returns the operation.
func (h *house) assign(o organization, p roster.Project, users ...int64) int64 {
	h.Helper()
	op := h.operation(o, roster.OpAssign, p.ID, 0)
	n, err := h.db.BeginMemberships(h.Context(), p, named(users...), op)
	h.ok(err)
	h.ok(h.db.FinishOperation(h.Context(), op, n))
	return op
}

// unassign takes people off a project of o, and returns the operation.
func (h *house) unassign(o organization, p roster.Project, users ...int64) int64 {
	h.Helper()
	op := h.operation(o, roster.OpUnassign, p.ID, 0)
	n, _, err := h.db.EndMemberships(h.Context(), p, named(users...), op)
	h.ok(err)
	h.ok(h.db.FinishOperation(h.Context(), op, n))
	return op
}

// enter makes people members of the workspace of o, and returns the operation.
func (h *house) enter(o organization, users ...int64) int64 {
	h.Helper()
	op := h.operation(o, roster.OpWorkspaceAssign, 0, o.workspace.ID)
	n, err := h.db.BeginWorkspaceMembers(h.Context(), o.workspace, named(users...), op)
	h.ok(err)
	h.ok(h.db.FinishOperation(h.Context(), op, n))
	return op
}

// leave deletes people from o, and returns the operation.
func (h *house) leave(o organization, users ...int64) int64 {
	h.Helper()
	op := h.operation(o, roster.OpOrganizationLeave, 0, 0)
	for _, user := range users {
		m, err := h.db.Membership(h.Context(), o.id, user)
		h.ok(err)
		h.ok(h.db.RecordOutcome(h.Context(), op, roster.Outcome{UserID: user, Result: roster.Removed, RoleBefore: m.Role}))
	}
	h.ok(h.db.DeleteMemberships(h.Context(), o.id, users, op, h.at))
	return op
}

// role gives people of o an organization role, and returns the operation.
func (h *house) role(o organization, role roster.Role, users ...int64) int64 {
	h.Helper()
	op := h.operation(o, roster.OpOrganizationRole, 0, 0)
	for _, user := range users {
		m, err := h.db.Membership(h.Context(), o.id, user)
		h.ok(err)
		h.ok(h.db.RecordOutcome(h.Context(), op, roster.Outcome{UserID: user, Result: roster.RoleSet, RoleBefore: m.Role,
			RoleAfter: role}))
	}
	h.ok(h.db.SetMemberships(h.Context(), roster.OrganizationMembership{OrganizationID: o.id, Role: role,
		UserType: roster.SeatStandard}, users))
	return op
}

// undoing begins the undo of an operation, and returns it and that operation.
func (h *house) undoing(o organization, undone int64) (undo int64, op roster.Operation) {
	h.Helper()
	op, err := h.db.Operation(h.Context(), undone)
	h.ok(err)
	undo, err = h.db.BeginOperation(h.Context(), roster.Operation{OrganizationID: o.id, ProjectID: op.ProjectID,
		WorkspaceID: op.WorkspaceID, Kind: roster.OpUndo, ActorID: o.owner, At: h.at, Undoes: undone})
	h.ok(err)
	return undo, op
}

// read is an operation.
func (h *house) read(id int64) roster.Operation {
	h.Helper()
	op, err := h.db.Operation(h.Context(), id)
	h.ok(err)
	return op
}

// told fails unless an operation did just this to people, once each.
func (h *house) told(operation int64, want map[int64]roster.Result) {
	h.Helper()
	list, err := h.db.Outcomes(h.Context(), h.read(operation), roster.OutcomeFilter{}, roster.Everything)
	h.ok(err)
	got := map[int64]roster.Result{}
	for _, o := range list {
		got[o.UserID] = o.Result
	}
	if !maps.Equal(got, want) || len(list) != len(want) {
		h.Errorf("operation %d did %v (%d), not %v", operation, got, len(list), want)
	}
}

// members is the explicit members of a project, ascending, the deactivated too.
func (h *house) members(p roster.Project) []int64 {
	h.Helper()
	list, _, err := h.db.ProjectMembers(h.Context(), p, roster.MemberFilter{Access: roster.ExplicitAccess,
		WithInactive: true}, time.Time{}, roster.Everything)
	h.ok(err)
	return slices.Sorted(slices.Values(idsOf(list)))
}

// task makes a task of a project and gives it to people.
func (h *house) task(p roster.Project, users ...int64) int64 {
	h.Helper()
	made, err := h.db.LoadTasks(h.Context(), []roster.Task{{ProjectID: p.ID, Data: "{}", CreatedAt: now, UpdatedAt: now}})
	h.ok(err)
	h.give(p, made[0], users...)
	return made[0]
}

func (h *house) give(p roster.Project, task int64, users ...int64) {
	h.Helper()
	_, err := h.db.AssignTasks(h.Context(), p, []int64{task}, roster.Annotate, users, now)
	h.ok(err)
}

// doing is who has a task to annotate, by when they were given it.
func (h *house) doing(task int64) (users []int64) {
	h.Helper()
	open, err := h.db.Assignees(h.Context(), task, roster.Annotate)
	h.ok(err)
	for _, a := range open {
		users = append(users, a.UserID)
	}
	return users
}

// same fails unless a list is what it should be.
func same[T comparable](h *house, what string, got []T, want ...T) {
	h.Helper()
	if !slices.Equal(got, want) {
		h.Errorf("%s: %v, not %v", what, got, want)
	}
}
