package provision

import (
	"maps"
	"slices"

	"roster"
	"roster/internal/membership"
	"roster/internal/store"
)

// writePeople makes the new people and changes the others.
func (i *importing) writePeople() error {
	i.step()
	var created, updated []roster.OrganizationMember
	for n, m := range i.people {
		switch i.state[n] {
		case roster.Created:
			created = append(created, m)
		case roster.Updated:
			updated = append(updated, m)
		}
	}
	if len(created) > 0 {
		if err := i.OwnIDs(i.ctx); err != nil {
			return err
		}
	}
	ids, err := i.db.LoadPeople(i.ctx, i.who.OrganizationID, created)
	if err != nil {
		return err
	}
	for n := range i.people {
		if i.state[n] == roster.Created {
			i.people[n].User.ID, i.people[n].Membership.UserID, ids = ids[0], ids[0], ids[1:]
		}
	}
	i.done.Created, i.done.Updated = len(created), len(updated)
	i.step()
	if err := i.endSessions(updated); err != nil {
		return err
	}
	return i.db.ImportPeople(i.ctx, i.who.OrganizationID, updated, i.done.Operation)
}

// endSessions ends the sessions of those who may not act any more.
func (i *importing) endSessions(people []roster.OrganizationMember) error {
	var ended []int64
	for _, m := range people {
		if !m.Membership.Role.Works() {
			ended = append(ended, m.User.ID)
		}
	}
	if len(ended) == 0 {
		return nil
	}
	return i.db.EndSessions(i.ctx, ended)
}

// users is the ids of the people in the given rows.
func (i *importing) users(rows []int) []int64 {
	ids := make([]int64, len(rows))
	for k, n := range rows {
		ids[k] = i.people[n].User.ID
	}
	return ids
}

// writeTags puts the tags on, making those that are missing.
func (i *importing) writeTags() (err error) {
	labels := slices.Sorted(maps.Keys(i.tags))
	ids, made, err := i.db.MakeTags(i.ctx, i.who.OrganizationID, i.who.UserID, labels, i.Now())
	if i.done.TagsCreated = made; err != nil {
		return err
	}
	for _, label := range labels {
		if err := i.db.RecordTags(i.ctx, i.done.Operation, i.users(i.tags[label]),
			[]int64{ids[store.Fold(label)]}); err != nil {
			return err
		}
		i.step()
	}
	_, i.done.Tagged, err = i.db.ApplyTags(i.ctx, i.done.Operation)
	return err
}

// writeMemberships makes the people members of their projects, which plan locked.
func (i *importing) writeMemberships() error {
	for _, id := range slices.Sorted(maps.Keys(i.projects)) {
		p, err := i.db.Project(i.ctx, id)
		if err != nil {
			return err
		}
		begun, err := i.db.ImportMemberships(i.ctx, p, i.users(i.projects[id]), i.done.Operation)
		if err != nil {
			return err
		}
		i.done.Assigned += begun
		i.step()
	}
	return nil
}

// imported is what an import made of one person.
func imported(state roster.Result, before, after roster.OrganizationMembership) roster.Outcome {
	o := membership.Transition{Before: before, After: after}.Outcome()
	o.UserID, o.Result = after.UserID, state
	if o.RoleBefore == o.RoleAfter {
		o.RoleBefore, o.RoleAfter = "", ""
	}
	return o
}

// record completes the operation with what became of whom.
func (i *importing) record() error {
	var outcomes []roster.Outcome
	for n, m := range i.people {
		if i.state[n] != "" {
			outcomes = append(outcomes, imported(i.state[n], i.before[n], m.Membership))
		}
	}
	if err := i.db.RecordOutcomes(i.ctx, i.done.Operation, outcomes); err != nil {
		return err
	}
	if err := i.db.RecordReturned(i.ctx, i.who.OrganizationID, i.done.Operation); err != nil {
		return err
	}
	changed, err := i.db.CountChanged(i.ctx, i.done.Operation)
	if err != nil {
		return err
	}
	return i.membership.Finish(i.ctx, i.done.Operation, changed)
}
