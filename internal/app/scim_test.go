package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// provider is an identity provider with the Owner's token.
type provider struct {
	*apptest.World
	ctx context.Context
}

func onProvider(t *testing.T, fn func(t *testing.T, p provider)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		who, _ := roster.ActorFrom(w.As(w.Owner))
		who.Credential = roster.CredentialSCIM
		fn(t, provider{w, roster.WithActor(context.Background(), who)})
	})
}

func (p provider) must(err error) {
	p.T.Helper()
	if err != nil {
		p.T.Fatal(err)
	}
}

func (p provider) user(email string) int64 {
	p.T.Helper()
	u, err := p.App.CreateSCIMUser(p.ctx, roster.SCIMUserChange{Email: &email})
	p.must(err)
	return u.User.ID
}

func (p provider) group(name string, people ...int64) int64 {
	p.T.Helper()
	g, err := p.App.CreateSCIMGroup(p.ctx, roster.SCIMGroupChange{Name: &name, Members: []roster.SCIMMembersChange{
		{People: people}}})
	p.must(err)
	return g.ID
}

func (p provider) change(group int64, m roster.SCIMMembersChange) {
	p.T.Helper()
	_, err := p.App.UpdateSCIMGroup(p.ctx, group, roster.SCIMGroupChange{Members: []roster.SCIMMembersChange{m}}, nil)
	p.must(err)
}

func (p provider) activate(user int64, active bool) {
	p.T.Helper()
	_, err := p.App.UpdateSCIMUser(p.ctx, user, roster.SCIMUserChange{Active: &active}, nil)
	p.must(err)
}

func (p provider) mapped(mappings ...roster.SCIMMapping) {
	p.T.Helper()
	given := map[roster.SCIMTarget][]roster.SCIMMapping{roster.SCIMRole: nil, roster.SCIMWorkspace: nil,
		roster.SCIMProject: nil}
	for _, m := range mappings {
		given[m.Kind] = append(given[m.Kind], m)
	}
	_, err := p.App.SetSCIMMappings(p.As(p.Owner), given)
	p.must(err)
}

// is checks a person's organization role.
func (p provider) is(user int64, role roster.Role) {
	p.T.Helper()
	m, err := p.DB.Membership(p.ctx, p.Org, user)
	p.must(err)
	if m.Role != role {
		p.T.Errorf("person %d has the role %q, want %q", user, m.Role, role)
	}
}

// in checks the explicit members of a project, and the roles they have there.
func (p provider) in(project int64, want ...string) {
	p.T.Helper()
	members, _, err := p.App.Members(p.As(p.Owner), project, roster.MemberFilter{Access: roster.ExplicitAccess,
		WithInactive: true}, roster.Everything)
	p.must(err)
	got := []string{}
	for _, m := range members {
		got = append(got, fmt.Sprint(m.User.ID, m.ProjectRole, m.ProjectRoleSource))
	}
	if !slices.Equal(got, want) {
		p.T.Errorf("project %d has the members %q, want %q", project, got, want)
	}
}

func TestScimHighestRoleWinsAndLeavingTheLastGroupDeactivates(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "AN", Group: "crew"},
			roster.SCIMMapping{Kind: roster.SCIMRole, Role: "MA", Group: "leads"})
		ann, bob := p.user("Ann@Example.com"), p.user("bob@example.com")
		p.is(ann, "AN") // the organization's default: no group has said anything
		crew, leads := p.group("crew", ann, bob), p.group("leads", ann)
		p.group("Leads", bob) // names are case sensitive
		p.is(ann, "MA")
		p.is(bob, "AN")
		p.change(leads, roster.SCIMMembersChange{Remove: true, People: []int64{ann}})
		p.is(ann, "AN")
		p.change(crew, roster.SCIMMembersChange{Remove: true, People: []int64{ann}})
		p.is(ann, "DI")
		p.is(bob, "AN")
		p.change(leads, roster.SCIMMembersChange{People: []int64{ann}})
		p.is(ann, "MA")
		p.must(p.App.DeleteSCIMGroup(p.ctx, leads, nil))
		p.is(ann, "DI")
		m, err := p.DB.Membership(p.ctx, p.Org, bob)
		p.must(err)
		if m.RoleSource != roster.SourceSCIM {
			t.Errorf("the source of the role is %q", m.RoleSource)
		}
	})
}

func TestScimActiveIsTheWayOutAndBack(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		reviewer := p.Person(roster.RoleReviewer)
		p.activate(reviewer, false)
		p.is(reviewer, "DI")
		p.activate(reviewer, false)
		p.activate(reviewer, true)
		p.is(reviewer, "RE")
		p.activate(reviewer, true)
		p.is(reviewer, "RE")
		gone := p.Person(roster.RoleDeactivated) // nobody knows what they were
		p.activate(gone, true)
		p.is(gone, "AN")
		no := false
		_, err := p.App.UpdateSCIMUser(p.ctx, p.Owner, roster.SCIMUserChange{Active: &no}, nil)
		if roster.KindOf(err) != roster.Forbidden {
			t.Errorf("deactivating the Owner: %v", err)
		}
		p.is(p.Owner, "OW")
	})
}

func TestScimGroupsGiveAndTakeMemberships(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		signs, roads, vision := p.Project("Signs", 0), p.Project("Roads", 0), p.Workspace("Vision")
		inside := p.Project("Inside", vision)
		ann, bob, eve := p.user("ann@example.com"), p.user("bob@example.com"), p.Person(roster.RoleAnnotator)
		p.Assign(signs, eve)
		crew := p.group("crew", ann, bob, eve)
		experts := p.group("experts", ann)
		p.mapped(
			roster.SCIMMapping{Kind: roster.SCIMProject, Target: signs, Group: "crew"},
			roster.SCIMMapping{Kind: roster.SCIMProject, Target: signs, Role: "RE", Group: "experts"},
			roster.SCIMMapping{Kind: roster.SCIMProject, Target: signs, Role: "AN", Group: "crew"},
			roster.SCIMMapping{Kind: roster.SCIMWorkspace, Title: "Vision", Group: "experts"})
		p.in(signs, fmt.Sprint(ann, "REscim"), fmt.Sprint(bob, "ANscim"), fmt.Sprint(eve, "ANscim"))
		p.in(roads)
		if _, total, err := p.App.Members(p.As(p.Owner), inside, roster.MemberFilter{IDs: []int64{ann, bob}},
			roster.Everything); err != nil || total != 1 {
			t.Errorf("the workspace let %d in, %v", total, err)
		}

		p.change(experts, roster.SCIMMembersChange{Remove: true, All: true})
		p.in(signs, fmt.Sprint(ann, "ANscim"), fmt.Sprint(bob, "ANscim"), fmt.Sprint(eve, "ANscim"))
		if _, total, err := p.App.Members(p.As(p.Owner), inside, roster.MemberFilter{IDs: []int64{ann, bob}},
			roster.Everything); err != nil || total != 0 {
			t.Errorf("the workspace kept %d, %v", total, err)
		}
		p.change(crew, roster.SCIMMembersChange{Remove: true, All: true})
		p.in(signs, fmt.Sprint(eve)) // who was there by hand stays, without the group's role

		p.change(crew, roster.SCIMMembersChange{People: []int64{ann, bob}})
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMProject, Target: roads, Group: "crew"})
		p.in(signs, fmt.Sprint(eve))
		p.in(roads, fmt.Sprint(ann), fmt.Sprint(bob))
		p.must(p.App.DeleteSCIMGroup(p.ctx, crew, nil))
		p.in(roads)
	})
}

// A changed mapping must not put out everybody who had a role by the old one.
func TestScimChangedMappingDeactivatesNobody(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		ann := p.user("ann@example.com")
		p.group("crew", ann)
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "RE", Group: "crew"})
		p.is(ann, "RE")
		p.mapped()
		p.is(ann, "RE")
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "AN", Group: "crew"})
		p.is(ann, "AN")
	})
}

func TestScimChangesAreOperations(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		signs := p.Project("Signs", 0)
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMRole, Role: "RE", Group: "crew"},
			roster.SCIMMapping{Kind: roster.SCIMProject, Target: signs, Group: "crew"})
		ann, bob := p.user("ann@example.com"), p.user("bob@example.com")
		before, _, err := p.App.Operations(p.As(p.Owner), roster.OperationFilter{}, roster.Everything)
		p.must(err)
		crew := p.group("crew", ann, bob)
		p.change(crew, roster.SCIMMembersChange{People: []int64{ann, bob}}) // nothing new: no record
		after, _, err := p.App.Operations(p.As(p.Owner), roster.OperationFilter{}, roster.Everything)
		p.must(err)
		if len(after)-len(before) != 2 {
			t.Fatalf("%d operations for a role and a project", len(after)-len(before))
		}
		for _, op := range after {
			if op.Kind != roster.OpSCIMSync || op.Credential != roster.CredentialSCIM || op.ActorID != p.Owner {
				t.Errorf("operation %+v", op)
			}
		}
		for _, op := range after[:2] {
			if op.Changed != 2 {
				t.Errorf("operation %d changed %d", op.ID, op.Changed)
			}
		}
	})
}

func TestScimDeletedPeopleComeBackWithoutCredentials(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		ann := p.user("ann@example.com")
		p.group("crew", ann)
		token, err := p.App.Token(p.ctx, ann)
		p.must(err)
		p.must(p.App.DeleteSCIMUser(p.ctx, ann, nil))
		if _, err := p.App.SCIMUser(p.ctx, ann); roster.KindOf(err) != roster.NotFound {
			t.Errorf("a deleted person is %v", err)
		}
		if again := p.user("ANN@example.com"); again != ann {
			t.Errorf("came back as %d, was %d", again, ann)
		}
		u, err := p.App.SCIMUser(p.ctx, ann)
		p.must(err)
		if !u.Active || len(u.Groups) != 0 {
			t.Errorf("came back as %+v", u)
		}
		if _, err := p.App.Authenticate(context.Background(), token); roster.KindOf(err) != roster.Unsigned {
			t.Errorf("the old token: %v", err)
		}
		email := "ann@example.com"
		if _, err := p.App.CreateSCIMUser(p.ctx, roster.SCIMUserChange{Email: &email}); roster.KindOf(err) != roster.Exists {
			t.Errorf("a second one: %v", err)
		}
	})
}

// Provisioning is the Owner's alone; the mapping is Administrators' too, but
// for roles they may not give.
func TestScimPolicy(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		admins := map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMRole: {{Kind: roster.SCIMRole, Role: "AD", Group: "g"}}}
		for _, role := range []roster.Role{"AD", "MA", "RE", "AN"} {
			ctx := p.As(p.Person(role))
			if _, _, err := p.App.SCIMUsers(ctx, nil, roster.SCIMPage{Start: 1, Count: 1},
				false); roster.KindOf(err) != roster.Forbidden {
				t.Errorf("%s lists people: %v", role, err)
			}
			if err := p.App.DeleteSCIMGroup(ctx, 1, nil); roster.KindOf(err) != roster.Forbidden {
				t.Errorf("%s deletes a group: %v", role, err)
			}
			_, err := p.App.SCIMMappings(ctx)
			if may := err == nil; may != (role == "AD") {
				t.Errorf("%s reads the mapping: %v", role, err)
			}
			if _, err := p.App.SetSCIMMappings(ctx, admins); roster.KindOf(err) != roster.Forbidden {
				t.Errorf("%s maps Administrators: %v", role, err)
			}
		}
	})
}

// An Administrator must not lower another one by way of a group.
func TestScimMappingKeepsToTheLimitsOfWhoSetIt(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		peer, admin := p.Person("AD"), p.Person("AD")
		p.group("crew", peer)
		lower := map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMRole: {{Kind: roster.SCIMRole, Role: "AN", Group: "crew"}}, roster.SCIMWorkspace: nil,
			roster.SCIMProject: nil,
		}
		if _, err := p.App.SetSCIMMappings(p.As(admin), lower); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("an Administrator's mapping lowered another: %v", err)
		}
		p.is(peer, "AD")
		p.mapped(lower[roster.SCIMRole]...)
		p.is(peer, "AN")
	})
}
