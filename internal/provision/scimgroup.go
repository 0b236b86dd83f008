package provision

import (
	"context"
	"slices"
	"strconv"

	"roster"
	"roster/internal/core"
)

func byID(id int64) *roster.SCIMFilter {
	return &roster.SCIMFilter{Op: roster.SCIMEqual, Attribute: "id", Value: strconv.FormatInt(id, 10)}
}

// SCIMGroups is a stretch of the identity provider's groups, and how many the
// filter (nil: none) matches in all.
func (a *Provision) SCIMGroups(ctx context.Context, f *roster.SCIMFilter, page roster.SCIMPage,
	members bool) (groups []roster.SCIMGroup, total int, err error) {
	err = a.View(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.Provision)
		if err != nil {
			return err
		}
		if total, err = tx.db.CountSCIMGroups(ctx, who.OrganizationID, f); err != nil || page.Count == 0 {
			return err
		}
		groups, err = tx.db.SCIMGroups(ctx, who.OrganizationID, f, page, members)
		return err
	})
	return groups, total, err
}

// SCIMGroup is one of them.
func (a *Provision) SCIMGroup(ctx context.Context, id int64) (g roster.SCIMGroup, err error) {
	who, err := a.May(ctx, core.Provision)
	if err != nil {
		return g, err
	}
	return a.scimGroup(ctx, who.OrganizationID, id)
}

func (a *Provision) scimGroup(ctx context.Context, organization, id int64) (g roster.SCIMGroup, err error) {
	groups, err := a.db.SCIMGroups(ctx, organization, byID(id), roster.SCIMPage{Start: 1, Count: 1}, true)
	if err != nil {
		return g, err
	}
	if len(groups) == 0 {
		return g, core.ErrNotFound
	}
	return groups[0], nil
}

// CreateSCIMGroup makes a group with its first members, who get at once what
// it is mapped to.
func (a *Provision) CreateSCIMGroup(ctx context.Context,
	change roster.SCIMGroupChange) (g roster.SCIMGroup, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		if change.Name == nil {
			return roster.InvalidField("displayName", "This field is required.")
		}
		if g, err = patchSCIMGroup(g, change); err != nil {
			return err
		}
		if g.ID, err = tx.db.CreateSCIMGroup(ctx, who.OrganizationID, g, tx.Now()); err != nil {
			return err
		}
		g, err = tx.changeSCIMGroup(ctx, who.OrganizationID, g.ID, change, nil)
		return err
	})
	return g, err
}

// UpdateSCIMGroup changes a group, and what its people have by it.
func (a *Provision) UpdateSCIMGroup(ctx context.Context, id int64, change roster.SCIMGroupChange,
	when Condition) (g roster.SCIMGroup, err error) {
	err = a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		g, err = tx.changeSCIMGroup(ctx, who.OrganizationID, id, change, when)
		return err
	})
	return g, err
}

func (a *Provision) changeSCIMGroup(ctx context.Context, organization, id int64, change roster.SCIMGroupChange,
	when Condition) (g roster.SCIMGroup, err error) {
	before, err := a.scimGroup(ctx, organization, id)
	if err != nil {
		return g, err
	}
	if err := when.holds(before.Version()); err != nil {
		return g, err
	}
	after, err := patchSCIMGroup(before, change)
	if err != nil {
		return g, err
	}
	if err := a.db.UpdateSCIMGroup(ctx, after); err != nil {
		return g, err
	}
	touched, err := a.changeSCIMMembers(ctx, organization, id, change.Members)
	if err != nil {
		return g, err
	}
	if after.Name != before.Name { // what the names are mapped to is everybody's
		touched = append(touched, peopleIn(before)...)
	}
	if err := a.membership.SyncSCIM(ctx, organization, touched, nil); err != nil {
		return g, err
	}
	return a.scimGroup(ctx, organization, id)
}

func peopleIn(g roster.SCIMGroup) []int64 {
	ids := make([]int64, len(g.Members))
	for i, m := range g.Members {
		ids[i] = m.ID
	}
	return ids
}

func patchSCIMGroup(g roster.SCIMGroup, change roster.SCIMGroupChange) (_ roster.SCIMGroup, err error) {
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

// changeSCIMMembers does the changes in their order and returns who is in the
// group now and was not, or the other way round.
func (a *Provision) changeSCIMMembers(ctx context.Context, organization, group int64,
	changes []roster.SCIMMembersChange) ([]int64, error) {
	before, err := a.db.SCIMMemberIDs(ctx, group)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if change.Remove {
			err = a.db.RemoveSCIMMembers(ctx, group, change)
		} else {
			err = a.addSCIMMembers(ctx, organization, group, change.People)
		}
		if err != nil {
			return nil, err
		}
	}
	after, err := a.db.SCIMMemberIDs(ctx, group)
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

func (a *Provision) addSCIMMembers(ctx context.Context, organization, group int64, people []int64) error {
	strangers, err := a.db.StrangersTo(ctx, organization, people)
	if err != nil {
		return err
	}
	if len(strangers) > 0 {
		return roster.InvalidField("members", "There is no user with the id %d.", strangers[0])
	}
	if err := a.db.KnowSCIMUsers(ctx, organization, people); err != nil {
		return err
	}
	return a.db.AddSCIMMembers(ctx, group, people)
}

// DeleteSCIMGroup ends a group, and what its people have by it.
func (a *Provision) DeleteSCIMGroup(ctx context.Context, id int64, when Condition) error {
	return a.provisioning(ctx, func(tx *Provision, who roster.Actor) error {
		g, err := tx.scimGroup(ctx, who.OrganizationID, id)
		if err != nil {
			return err
		}
		if err := when.holds(g.Version()); err != nil {
			return err
		}
		if err := tx.db.DeleteSCIMGroup(ctx, id); err != nil {
			return err
		}
		return tx.membership.SyncSCIM(ctx, who.OrganizationID, peopleIn(g), nil)
	})
}
