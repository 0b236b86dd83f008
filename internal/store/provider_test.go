package store_test

import (
	"maps"
	"slices"
	"testing"

	"roster"
	"roster/internal/store"
)

// group makes a provider's group of people.
func (h *house) group(o organization, name string, users ...int64) int64 {
	h.Helper()
	id, err := h.db.CreateSCIMGroup(h.Context(), o.id, roster.SCIMGroup{Name: name}, now)
	h.ok(err)
	h.ok(h.db.AddSCIMMembers(h.Context(), id, users))
	return id
}

// said writes down what the provider says of people.
func (h *house) said(o organization, active bool, users ...int64) {
	h.Helper()
	h.ok(h.db.KnowSCIMUsers(h.Context(), o.id, users))
	for _, id := range users {
		u, err := h.db.User(h.Context(), id)
		h.ok(err)
		h.ok(h.db.SetSCIMUser(h.Context(), o.id, roster.SCIMUser{User: u, UserName: u.Email, Active: active}))
	}
}

// sync gives people the roles they are due, and returns the operation and how many changed.
func (h *house) sync(o organization, users ...int64) (op int64, n int) {
	h.Helper()
	due, err := h.db.SCIMRolesDue(h.Context(), o.id, users)
	h.ok(err)
	op = h.operation(o, roster.OpSCIMSync, 0, 0)
	n, err = h.db.SyncSCIMRoles(h.Context(), o.id, users, op)
	if h.ok(err); due != (n > 0) {
		h.Errorf("due: %v, and %d changed", due, n)
	}
	return op, n
}

func (h *house) roleOf(o organization, user int64) roster.Role {
	h.Helper()
	m, err := h.db.Membership(h.Context(), o.id, user)
	h.ok(err)
	return m.Role
}

// TestTheProviderDecidesRoles: the highest role of one's groups; Deactivated for who is not
// active or left the last group, the role from before for who is back; and never the Owner's.
func TestTheProviderDecidesRoles(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		both, low, none := o.annotators[0], o.annotators[1], o.annotators[2]
		people := []int64{o.owner, both, low, none}
		reviewers, managers := h.group(o, "Reviewers", both, low, o.owner), h.group(o, "Managers", both)
		h.ok(h.db.SetMappings(ctx, o.id, roster.MappingSCIM, roster.SCIMRole, []roster.SCIMMapping{
			{Kind: roster.SCIMRole, Role: roster.RoleReviewer, Group: "Reviewers"},
			{Kind: roster.SCIMRole, Role: roster.RoleManager, Group: "Managers"},
		}))
		h.said(o, true, people...)
		roles := func(what string, want ...roster.Role) {
			h.Helper()
			var got []roster.Role
			for _, user := range people {
				got = append(got, h.roleOf(o, user))
			}
			same(h, what, got, want...)
		}
		op, n := h.sync(o, people...)
		roles("by groups", "OW", "MA", "RE", "AN")
		h.told(op, map[int64]roster.Result{both: roster.RoleSet, low: roster.RoleSet})
		if _, again := h.sync(o, people...); n != 2 || again != 0 {
			h.Errorf("%d changed, then %d", n, again)
		}
		h.ok(h.db.AddSession(ctx, low, []byte("theirs"), now))
		h.ok(h.db.RemoveSCIMMembers(ctx, reviewers, roster.SCIMMembersChange{Remove: true, All: true}))
		h.sync(o, people...)
		roles("who left the last group", "OW", "MA", "DI", "AN")
		if live, err := h.db.SessionsOf(ctx, low, now); err != nil || len(live) != 0 {
			h.Errorf("they are still signed in: %+v %v", live, err)
		}
		h.said(o, false, none, both)
		h.sync(o, people...)
		roles("who is not active", "OW", "DI", "DI", "DI")
		h.ok(h.db.DeleteSCIMGroup(ctx, managers))
		h.ok(h.db.UngroupSCIMUsers(ctx, o.id))
		h.said(o, true, none, both)
		h.sync(o, people...)
		roles("who is back", "OW", "MA", "DI", "AN")
		h.ok(h.db.ReturnSCIMUser(ctx, o.id, low, roster.RoleAnnotator))
		h.sync(o, people...)
		if role := h.roleOf(o, low); role != roster.RoleAnnotator {
			h.Errorf("who is to be back has %s", role)
		}
		if m, err := h.db.Membership(ctx, o.id, both); err != nil || m.RoleSource != "scim" {
			h.Errorf("%+v %v", m, err)
		}
	})
}

// TestMappingsMakeMembers: whom a group makes a member is due, who left it goes only where
// an earlier sync had made them so; and roles in the project are the highest given.
func TestMappingsMakeMembers(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		in, idle, byHand, out := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		night, high := h.group(o, "Night", in, idle), h.group(o, "High", in)
		h.ok(h.db.SetMappings(ctx, o.id, roster.MappingSCIM, roster.SCIMProject, []roster.SCIMMapping{
			{Kind: roster.SCIMProject, Target: p.ID, Role: roster.RoleAnnotator, Group: "Night"},
			{Kind: roster.SCIMProject, Target: p.ID, Role: roster.RoleReviewer, Group: "High"},
		}))
		h.role(o, roster.RoleDeactivated, idle)
		everybody := append(slices.Clone(o.annotators), h.umbrella.owner)
		due := func(join, leave []int64) {
			h.Helper()
			j, l, err := h.db.SCIMDue(ctx, o.id, roster.SCIMProject, p.ID, everybody)
			h.ok(err)
			same(h, "to join", j, join...)
			same(h, "to leave", l, leave...)
		}
		due([]int64{in}, nil)
		op := h.operation(o, roster.OpSCIMSync, p.ID, 0)
		_, err := h.db.BeginMemberships(ctx, p, named(in, out), op)
		h.ok(err)
		h.assign(o, p, byHand)
		due(nil, []int64{out})
		roles := func() map[roster.Role][]int64 {
			given, err := h.db.SCIMProjectRoles(ctx, p, everybody)
			h.ok(err)
			return given
		}
		if got := roles(); len(got) != 1 || !slices.Equal(got[roster.RoleReviewer], []int64{in}) {
			h.Errorf("roles due: %v", got)
		}
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{in}, roster.RoleReviewer, roster.RoleSource("scim"), op))
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{byHand}, roster.RoleReviewer, roster.SourceManual, op))
		if got := roles(); len(got) != 0 {
			h.Errorf("roles due to who has them: %v", got)
		}
		h.ok(h.db.DeleteSCIMGroup(ctx, night))
		h.ok(h.db.DeleteSCIMGroup(ctx, high))
		due(nil, []int64{in, out})
		if got := roles(); !slices.Equal(slices.Collect(maps.Keys(got)), []roster.Role{""}) ||
			!slices.Equal(got[""], []int64{in}) {
			h.Errorf("roles to go: %v", got)
		}
		h.ok(h.db.ClearProjectRoles(ctx, p, []int64{in, out}, op))
		for user, want := range map[int64]roster.Role{in: "", byHand: roster.RoleReviewer} {
			if s, err := h.db.Standing(ctx, p.ID, user); err != nil || s.Override != want {
				h.Errorf("%+v %v", s, err)
			}
		}
		list, err := h.db.Mappings(ctx, o.id)
		if h.ok(err); len(list) != 2 || list[0].Group != "Night" {
			h.Errorf("%+v", list)
		}
		if list, err := h.db.MappingsOf(ctx, o.id, roster.MappingSAML); err != nil || len(list) != 0 {
			h.Errorf("SAML's: %+v %v", list, err)
		}
	})
}

// TestTheDeletedAreFreeNames: what a provider calls somebody is free when they are deleted,
// and comes back with them where nobody has it by then.
func TestTheDeletedAreFreeNames(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		one, two, three := o.annotators[0], o.annotators[1], o.annotators[2]
		group := h.group(o, "Night", one, two, three)
		h.said(o, true, one, two, three)
		call := func(user int64, name, external string) {
			u, err := h.db.User(ctx, user)
			h.ok(err)
			h.ok(h.db.SetSCIMUser(ctx, o.id, roster.SCIMUser{User: u, UserName: name, ExternalID: external, Active: true}))
		}
		call(one, "One@corp.example.com", "x1")
		call(two, "two@corp.example.com", "x2")
		h.ok(h.db.SetClaimedGroups(ctx, o.id, one, []string{"claimed", "claimed"}))
		taken := func(user int64, external string) bool {
			is, err := h.db.SCIMExternalIDTaken(ctx, o.id, user, external)
			h.ok(err)
			return is
		}
		called := func(names ...string) []int64 {
			ids, err := h.db.SCIMNamed(ctx, o.id, names...)
			h.ok(err)
			return ids
		}
		same(h, "called", called("ONE@corp.example.com", "acme.annotator2@example.com"), one, three)
		if !taken(two, "x1") || taken(one, "x1") || taken(two, "") {
			h.Error("an external id is one person's")
		}
		op := h.leave(o, one, two)
		h.ok(h.db.ForgetSCIMUsers(ctx, o.id, []int64{one, two}, op))
		same(h, "called then", called("one@corp.example.com", "two@corp.example.com"))
		in, err := h.db.SCIMMemberIDs(ctx, group)
		h.ok(err)
		same(h, "in the group", in, three)
		call(three, "one@CORP.example.com", "x2")
		undo, _ := h.undoing(o, op)
		h.ok(h.db.RestorePeople(ctx, o.id, []int64{one, two}))
		h.ok(h.db.RecallSCIMUsers(ctx, []int64{one, two}, op, undo))
		same(h, "called one", called("one@corp.example.com"), three)
		same(h, "called two", called("two@corp.example.com"), two)
		if !taken(one, "x2") || taken(three, "x2") || taken(two, "x1") != taken(three, "x1") {
			h.Error("ids are not who they were")
		}
		h.told(undo, map[int64]roster.Result{one: roster.NameTaken, two: roster.NameTaken})
		in, err = h.db.SCIMMemberIDs(ctx, group)
		h.ok(err)
		same(h, "in the group again", in, one, two, three)
		stranger := h.umbrella.owner
		strangers, err := h.db.StrangersTo(ctx, o.id, []int64{stranger, one, 999_999, stranger})
		h.ok(err)
		same(h, "strangers", strangers, stranger, 999_999)
	})
}

// TestADomainIsOneOrganizations: the settings of single sign-on stand in place of earlier
// ones, and their domains are no other organization's.
func TestADomainIsOneOrganizations(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		_, err := h.db.SAMLSettings(ctx, o.id)
		h.is(roster.NotFound, "before they are said", err)
		yes := true
		set := roster.SAMLSettings{Domain: "a.example.com,b.example.com", Provider: "p", ManualRoles: &yes}
		h.ok(h.db.SetSAMLSettings(ctx, o.id, set))
		h.is(roster.Exists, "another's domain", h.db.Update(ctx, func(tx *store.DB) error {
			return tx.SetSAMLSettings(ctx, other.id, roster.SAMLSettings{Domain: "c.example.com,b.example.com"})
		}))
		_, err = h.db.SAMLSettings(ctx, other.id)
		h.is(roster.NotFound, "what was refused", err)
		for organization, want := range map[int64]bool{o.id: false, other.id: true} {
			if is, err := h.db.DomainTaken(ctx, organization, "b.example.com"); err != nil || is != want {
				h.Errorf("taken: %v %v", is, err)
			}
		}
		set.Domain = "a.example.com"
		h.ok(h.db.SetSAMLSettings(ctx, o.id, set))
		if got, err := h.db.SAMLSettings(ctx, o.id); err != nil || got.Domain != "a.example.com" || !*got.ManualRoles {
			h.Errorf("%+v %v", got, err)
		}
		h.ok(h.db.SetSAMLSettings(ctx, other.id, roster.SAMLSettings{Domain: "b.example.com"}))
		h.ok(h.db.DeleteSAMLSettings(ctx, o.id))
		h.ok(h.db.DeleteSAMLSettings(ctx, o.id))
		if is, err := h.db.DomainTaken(ctx, other.id, "a.example.com"); err != nil || is {
			h.Errorf("a free one: %v %v", is, err)
		}
	})
}

// TestAnIdentityIsOnePersons: and a person has one of each provider's.
func TestAnIdentityIsOnePersons(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, one, two := t.Context(), h.acme.annotators[0], h.acme.annotators[1]
		const provider = "https://id.example.com"
		h.ok(h.db.AddIdentity(ctx, one, provider, "s1", now))
		for what, err := range map[string]error{
			"another of the same provider's": h.db.AddIdentity(ctx, one, provider, "s2", now),
			"somebody else's":                h.db.AddIdentity(ctx, two, provider, "s1", now),
		} {
			h.is(roster.Exists, what, err)
		}
		h.ok(h.db.AddIdentity(ctx, one, "https://other.example.com", "s1", now))
		if user, proven, err := h.db.UserByIdentity(ctx, provider, "s1"); err != nil || user != one || !proven {
			h.Errorf("%d %v %v", user, proven, err)
		}
		_, _, err := h.db.UserByIdentity(ctx, provider, "s2")
		h.is(roster.NotFound, "nobody's", err)
		if n, err := h.db.ForgetIdentities(ctx, one); err != nil || n != 2 {
			h.Errorf("%d were forgotten: %v", n, err)
		}
		h.ok(h.db.AddIdentity(ctx, two, provider, "s1", now))
	})
}
