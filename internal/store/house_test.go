package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

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
		h := &house{tester: t, db: db}
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
		Credential: roster.CredentialSession, At: now,
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
