package store_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
)

// plan is what a removal with a selector would do now.
func (h *house) plan(p roster.Project, s roster.Selector) store.Plan {
	h.Helper()
	plan, err := h.db.MakePlan(h.Context(), p, s)
	h.ok(err)
	return plan
}

// TestAPlanIsItsMemberships: the same memberships have the same name, however they are
// selected, and any others have another, be it of the same people.
func TestAPlanIsItsMemberships(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p := h.acme, h.acme.projects[0]
		one, two, three := o.annotators[0], o.annotators[1], o.annotators[2]
		for _, in := range o.projects {
			h.assign(o, in, one, two, three)
		}
		everybody := h.plan(p, roster.Selector{All: true})
		same(h, "users", everybody.Users, one, two, three)
		for what, s := range map[string]roster.Selector{
			"named":        named(three, one, two),
			"named twice":  named(one, two, three, one),
			"with another": named(one, two, three, o.manager, h.umbrella.owner, 999_999),
			"by role":      {All: true, Filter: roster.MemberFilter{Roles: []roster.Role{roster.RoleAnnotator}}},
		} {
			if got := h.plan(p, s); got.Token != everybody.Token {
				h.Errorf("%s is another plan: %v", what, got.Users)
			}
		}
		tokens := map[string]string{everybody.Token: "everybody"}
		other := func(what string, in roster.Project, s roster.Selector) {
			token := h.plan(in, s).Token
			if was := tokens[token]; was != "" {
				h.Errorf("%s is the plan of %s", what, was)
			}
			tokens[token] = what
		}
		other("of another project", o.projects[1], roster.Selector{All: true})
		other("without one", p, roster.Selector{All: true, Excluded: []int64{one}})
		other("of nobody", p, named())
		other("of nobody in another project", o.projects[1], named())
		h.unassign(o, p, two)
		other("when one is gone", p, roster.Selector{All: true})
		h.assign(o, p, two)
		other("when they are back", p, roster.Selector{All: true})
		h.role(o, roster.RoleDeactivated, two)
		other("when they cannot act", p, roster.Selector{All: true})
	})
}

// TestAPlanSaysWhatItDoes: who keeps access and by which path, whose dormant membership
// ends besides, and how many tasks are dropped; and the removal does just that.
func TestAPlanSaysWhatItDoes(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		plain, inside, idle, idleInside := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.enter(o, inside, idleInside, o.manager)
		h.assign(o, p, append([]int64{o.admin}, o.annotators...)...)
		h.task(p, append([]int64{o.admin}, o.annotators...)...)
		h.task(p, plain)
		h.role(o, roster.RoleDeactivated, idle, idleInside)
		plan := h.plan(p, roster.Selector{All: true})
		same(h, "users", plan.Users, sorted(o.admin, plain, inside)...)
		same(h, "dormant", plan.DormantUsers, sorted(idle, idleInside)...)
		same(h, "keepers", sorted(plan.Keepers...), sorted(o.admin, inside)...)
		if plan.KeepByWorkspace != 1 || plan.KeepByRole != 1 || plan.Dormant != 2 || plan.OpenAssignments != 2 {
			h.Errorf("%+v", plan)
		}
		if plan := h.plan(p, named(idleInside)); len(plan.Users) != 1 || len(plan.Keepers) != 0 || plan.OpenAssignments != 0 {
			h.Errorf("who cannot act keeps a task and no access: %+v", plan)
		}
		op := h.operation(o, roster.OpUnassign, p.ID, 0)
		ended, dormant, err := h.db.EndMemberships(ctx, p, roster.Selector{All: true}, op)
		if h.ok(err); ended != len(plan.Users) || dormant != plan.Dormant {
			h.Errorf("%d ended and %d dormant", ended, dormant)
		}
		got, err := h.db.Ended(ctx, p, op)
		if h.ok(err); got != (roster.Ended{KeepByWorkspace: plan.KeepByWorkspace,
			KeepByOrganizationRole: plan.KeepByRole, Released: plan.OpenAssignments}) {
			h.Errorf("it came to %+v", got)
		}
		h.told(op, map[int64]roster.Result{o.admin: roster.Removed, plain: roster.Removed, inside: roster.Removed,
			idle: roster.RemovedDormant, idleInside: roster.RemovedDormant})
	})
}

func sorted(ids ...int64) []int64 { return slices.Sorted(slices.Values(ids)) }

// TestAPlanTellsWhatChanged: who came, who went, and whose membership became dormant or is
// not so any more; and nothing of a plan that expired, is of another project, or never was.
func TestAPlanTellsWhatChanged(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two, three, four := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.role(o, roster.RoleDeactivated, four)
		h.assign(o, p, one, two, three)
		everybody, later := roster.Selector{All: true}, now.Add(time.Hour)
		plan := h.plan(p, everybody)
		h.ok(h.db.SavePlan(ctx, p, plan, later))
		compare := func(in roster.Project, token string, at time.Time) *roster.PlanChange {
			change, err := h.db.ComparePlan(ctx, in, everybody, token, at)
			h.ok(err)
			return change
		}
		if change := compare(p, plan.Token, now); change != nil {
			h.Errorf("nothing changed: %+v", change)
		}
		for what, change := range map[string]*roster.PlanChange{
			"it expired":            compare(p, plan.Token, later),
			"another project":       compare(o.projects[1], plan.Token, now),
			"one that was not kept": compare(p, "none", now),
		} {
			if change == nil || change.Known || len(change.Added)+len(change.Gone) != 0 {
				h.Errorf("%s: %+v", what, change)
			}
		}
		h.ok(h.db.SavePlan(ctx, p, plan, later.Add(time.Hour))) // asked for once more
		h.unassign(o, p, one, two)
		h.assign(o, p, two)
		h.assign(o, p, o.manager)
		h.role(o, roster.RoleDeactivated, three)
		change := compare(p, plan.Token, later)
		if change == nil || !change.Known || change.AddedCount != 2 || change.GoneCount != 3 {
			h.Fatalf("%+v", change)
		}
		same(h, "added", change.Added, sorted(o.manager, two)...)
		same(h, "gone", change.Gone, one, two, three)

		plan = h.plan(p, everybody)
		h.ok(h.db.SavePlan(ctx, p, plan, later))
		h.role(o, roster.RoleAnnotator, three)
		if change := compare(p, plan.Token, now); change == nil || change.AddedCount != 1 || change.GoneCount != 0 ||
			change.Added[0] != three {
			h.Errorf("who can act again: %+v", change)
		}
	})
}

// TestAPlanNamesAHundred: of more people who came or went it says how many.
func TestAPlanNamesAHundred(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		plan := h.plan(p, roster.Selector{All: true})
		if plan.Users == nil || len(plan.Users) != 0 {
			h.Errorf("nobody is %v", plan.Users)
		}
		h.ok(h.db.SavePlan(ctx, p, plan, now.Add(time.Hour)))
		crew := make([]roster.OrganizationMember, 130)
		for i := range crew {
			name := "crew" + string(rune('a'+i/26)) + string(rune('a'+i%26))
			crew[i] = roster.OrganizationMember{User: roster.User{Email: name + "@example.com", Username: name},
				Membership: roster.OrganizationMembership{Role: roster.RoleAnnotator, UserType: roster.SeatStandard}}
		}
		ids, err := h.db.LoadPeople(ctx, o.id, crew)
		h.ok(err)
		h.assign(o, p, ids...)
		change, err := h.db.ComparePlan(ctx, p, roster.Selector{All: true}, plan.Token, now)
		h.ok(err)
		if change == nil || change.AddedCount != 130 || !slices.Equal(change.Added, ids[:100]) {
			h.Errorf("%+v", change)
		}
	})
}
