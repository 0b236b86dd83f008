package provision

import (
	"context"
	"slices"
	"strconv"

	"roster"
	"roster/internal/core"
)

func byID(id int64) *roster.ScimFilter {
	return &roster.ScimFilter{Op: roster.ScimEqual, Attribute: "id", Value: strconv.FormatInt(id, 10)}
}

// ScimGroups is a stretch of the identity provider's groups, and how many the
// filter (nil: none) matches in all.
func (a *Provision) ScimGroups(ctx context.Context, f *roster.ScimFilter, page roster.ScimPage, members bool) (groups []roster.ScimGroup, total int, err error) {
	err = a.View(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.Provision)
		if err != nil {
			return err
		}
		if total, err = tx.db.CountScimGroups(ctx, who.OrganizationID, f); err != nil || page.Count == 0 {
			return err
		}
		groups, err = tx.db.ScimGroups(ctx, who.OrganizationID, f, page, members)
		return err
	})
	return groups, total, err
}

// ScimGroup is one of them.
func (a *Provision) ScimGroup(ctx context.Context, id int64) (g roster.ScimGroup, err error) {
	who, err := a.May(ctx, core.Provision)
	if err != nil {
		return g, err
	}
	return a.scimGroup(ctx, who.OrganizationID, id)
}

func (a *Provision) scimGroup(ctx context.Context, organization, id int64) (g roster.ScimGroup, err error) {
	groups, err := a.db.ScimGroups(ctx, organization, byID(id), roster.ScimPage{Start: 1, Count: 1}, true)
	if err != nil {
		return g, err
	}
	if len(groups) == 0 {
		return g, core.ErrNotFound
	}
	return groups[0], nil
}

// CreateScimGroup makes a group with its first members, who get at once what
// it is mapped to.
func (a *Provision) CreateScimGroup(ctx context.Context, change roster.ScimGroupChange) (g roster.ScimGroup, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		if change.Name == nil {
			return roster.InvalidField("displayName", "This field is required.")
		}
		if g, err = patchScimGroup(g, change); err != nil {
			return err
		}
		if g.ID, err = tx.db.CreateScimGroup(ctx, who.OrganizationID, g, tx.Now()); err != nil {
			return err
		}
		g, err = tx.changeScimGroup(ctx, who.OrganizationID, g.ID, change, nil)
		return err
	})
	return g, err
}

// UpdateScimGroup changes a group, and what its people have by it.
func (a *Provision) UpdateScimGroup(ctx context.Context, id int64, change roster.ScimGroupChange, when Condition) (g roster.ScimGroup, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		g, err = tx.changeScimGroup(ctx, who.OrganizationID, id, change, when)
		return err
	})
	return g, err
}

func (a *Provision) changeScimGroup(ctx context.Context, organization, id int64, change roster.ScimGroupChange, when Condition) (g roster.ScimGroup, err error) {
	before, err := a.scimGroup(ctx, organization, id)
	if err != nil {
		return g, err
	}
	if err := when.holds(before.Version()); err != nil {
		return g, err
	}
	after, err := patchScimGroup(before, change)
	if err != nil {
		return g, err
	}
	if err := a.db.UpdateScimGroup(ctx, after); err != nil {
		return g, err
	}
	touched, err := a.changeScimMembers(ctx, organization, id, change.Members)
	if err != nil {
		return g, err
	}
	if after.Name != before.Name { // what the names are mapped to is everybody's
		touched = append(touched, peopleIn(before)...)
	}
	if err := a.membership.SyncScim(ctx, organization, touched, nil); err != nil {
		return g, err
	}
	return a.scimGroup(ctx, organization, id)
}

func peopleIn(g roster.ScimGroup) []int64 {
	ids := make([]int64, len(g.Members))
	for i, m := range g.Members {
		ids[i] = m.ID
	}
	return ids
}

func patchScimGroup(g roster.ScimGroup, change roster.ScimGroupChange) (_ roster.ScimGroup, err error) {
	if change.Name != nil {
		if g.Name, err = core.ValidLabel("displayName", *change.Name, 256); err != nil {
			return g, err
		}
		if err := core.ValidLine("displayName", g.Name, 256); err != nil {
			return g, err
		}
	}
	if change.ExternalID != nil {
		g.ExternalID = *change.ExternalID
		err = core.ValidLine("externalId", g.ExternalID, 256)
	}
	return g, err
}

// changeScimMembers does the changes in their order and returns who is in the
// group now and was not, or the other way round.
func (a *Provision) changeScimMembers(ctx context.Context, organization, group int64, changes []roster.ScimMembersChange) ([]int64, error) {
	before, err := a.db.ScimMemberIDs(ctx, group)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if change.Remove {
			err = a.db.RemoveScimMembers(ctx, group, change)
		} else {
			err = a.addScimMembers(ctx, organization, group, change.People)
		}
		if err != nil {
			return nil, err
		}
	}
	after, err := a.db.ScimMemberIDs(ctx, group)
	return eitherNotBoth(before, after), err
}

// eitherNotBoth is what is in one of two ascending lists alone.
func eitherNotBoth(a, b []int64) []int64 {
	out := []int64{}
	for _, lists := range [][2][]int64{{a, b}, {b, a}} {
		for _, id := range lists[0] {
			if _, both := slices.BinarySearch(lists[1], id); !both {
				out = append(out, id)
			}
		}
	}
	return out
}

func (a *Provision) addScimMembers(ctx context.Context, organization, group int64, people []int64) error {
	strangers, err := a.db.StrangersTo(ctx, organization, people)
	if err != nil {
		return err
	}
	if len(strangers) > 0 {
		return roster.InvalidField("members", "There is no user with the id %d.", strangers[0])
	}
	if err := a.db.KnowScimUsers(ctx, organization, people); err != nil {
		return err
	}
	return a.db.AddScimMembers(ctx, group, people)
}

// DeleteScimGroup ends a group, and what its people have by it.
func (a *Provision) DeleteScimGroup(ctx context.Context, id int64, when Condition) error {
	return a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		g, err := tx.scimGroup(ctx, who.OrganizationID, id)
		if err != nil {
			return err
		}
		if err := when.holds(g.Version()); err != nil {
			return err
		}
		if err := tx.db.DeleteScimGroup(ctx, id); err != nil {
			return err
		}
		return tx.membership.SyncScim(ctx, who.OrganizationID, peopleIn(g), nil)
	})
}
