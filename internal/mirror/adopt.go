package mirror

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"roster"
	"roster/internal/membership"
)

// Adoption is whom the projects begin with that an upstream had before a gate
// stood in front of it, and everybody saw everything.
type Adoption string

// The rules of adoption. Whoever made a project is a Manager from then on.
const (
	AdoptNone     Adoption = "none"
	AdoptCreators Adoption = "creators"
	AdoptAll      Adoption = "all-members"
)

// adoptedSetting says that a mirror has adopted, and by which rule: it happens once.
const adoptedSetting = "upstream_adopted"

// Adopt gives the projects of a new mirror their first members, in the Owner's
// name, as one operation that can be undone. It returns 0 when there is nothing
// to do, and ever after the first time.
func (a *Mirror) Adopt(ctx context.Context, rule Adoption) (op int64, err error) {
	owner, err := a.identity.Owner(ctx)
	if err != nil {
		return 0, err
	}
	ctx = roster.WithActor(ctx, owner)
	err = a.Update(ctx, func(tx *Mirror) error {
		op = 0
		_, err := tx.db.Setting(ctx, adoptedSetting)
		if roster.KindOf(err) != roster.NotFound || err == nil {
			return err
		}
		if _, err := tx.db.SetSettingOnce(ctx, adoptedSetting, []byte(rule)); err != nil {
			return err
		}
		makers, err := tx.db.ProjectMakers(ctx, owner.OrganizationID)
		if err != nil || len(makers) == 0 || (rule != AdoptCreators && rule != AdoptAll) {
			return err
		}
		op, err = tx.Begin(ctx, roster.Operation{Kind: roster.OpAdopt, Selector: fmt.Sprintf(`{"adopt":%q}`, rule)})
		if err != nil {
			return err
		}
		return tx.adopt(ctx, owner, rule, makers, op)
	})
	return op, err
}

// adopt writes what Adopt decided. makers is who made which project.
func (a *Mirror) adopt(ctx context.Context, owner roster.Actor, rule Adoption, makers map[int64]int64, op int64) error {
	everybody, err := a.db.MirroredPeople(ctx, owner.OrganizationID)
	if err != nil {
		return err
	}
	var made []int64
	for _, project := range slices.Sorted(maps.Keys(makers)) {
		members := []int64{makers[project]}
		if rule == AdoptAll {
			members = everybody
		}
		members = slices.DeleteFunc(slices.Clone(members), func(id int64) bool {
			return id == owner.UserID || !slices.Contains(everybody, id)
		})
		if len(members) == 0 {
			continue
		}
		p, err := a.db.Project(ctx, project)
		if err != nil {
			return err
		}
		if _, err := a.db.ImportMemberships(ctx, p, members, op); err != nil {
			return err
		}
		made = append(made, makers[project])
	}
	slices.Sort(made)
	if err := a.makeManagers(ctx, slices.Compact(made), op); err != nil {
		return err
	}
	n, err := a.db.CountChanged(ctx, op)
	if err != nil {
		return err
	}
	return a.membership.Finish(ctx, op, n)
}

// makeManagers gives people the organization role of Manager, who have a lower one.
func (a *Mirror) makeManagers(ctx context.Context, people []int64, op int64) error {
	if len(people) == 0 {
		return nil
	}
	_, list, err := a.membership.SelectedMemberships(ctx, roster.Selector{Included: people})
	if err != nil {
		return err
	}
	var todo []membership.Transition
	for _, m := range list {
		if roster.RoleManager.Outranks(m.Role) {
			t := membership.Transition{Before: m, After: m}
			t.After.Role = roster.RoleManager
			todo = append(todo, t)
		}
	}
	return a.membership.MakeTransitions(ctx, todo, op)
}
