package membership

import (
	"context"
	"encoding/json"
	"slices"

	"roster"
	"roster/internal/core"
)

// Affected is somebody whom an operation changed.
type Affected struct {
	ID       int64
	Name     string
	Met      bool             // the actor may open their page
	Outcomes []roster.Outcome // what it changed for them; none where they became a member
}

// mostNamed is how many people a record is told by name of.
const mostNamed = 2

// affected is whom each of some operations changed, where they are one or two and the record
// says who: in a few statements, however many operations there are. Whom an operation
// changed was there, so everybody who may read of it may know them by name (see hidden).
// Met is who else among others the actor may open the page of.
func (a *Membership) affected(
	ctx context.Context, ops []roster.Operation, others []int64,
) (people map[int64][]Affected, met map[int64]bool, err error) {
	changes, names, err := a.db.ChangesOf(ctx, changedFew(ops), core.Sorted(chosenBy(ops)))
	if err != nil {
		return nil, nil, err
	}
	people = map[int64][]Affected{}
	for _, op := range ops {
		list := byPerson(op, changes[op.ID])
		for _, id := range chosenIn(op) {
			if len(changes[op.ID]) == 0 {
				list = append(list, Affected{ID: id, Name: names[id]})
			}
		}
		if len(list) == op.Changed && len(list) <= mostNamed {
			people[op.ID] = list
		}
	}
	met, err = a.meet(ctx, others, people)
	return people, met, err
}

// OnlyOne is the name of the one person whom an operation changed; "" where it changed
// nobody or several, or is not for the actor to read.
func (a *Membership) OnlyOne(ctx context.Context, op int64) (name string, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		record, _, err := tx.operation(ctx, op)
		if kind := roster.KindOf(err); kind == roster.NotFound || kind == roster.Forbidden {
			return nil
		}
		if err != nil || record.Changed != 1 {
			return err
		}
		people, _, err := tx.affected(ctx, []roster.Operation{record}, nil)
		for _, p := range people[op] {
			name = p.Name
		}
		return err
	})
	return name, err
}

// changedFew is the operations that changed one or two people.
func changedFew(ops []roster.Operation) (ids []int64) {
	for _, op := range ops {
		if op.Changed > 0 && op.Changed <= mostNamed {
			ids = append(ids, op.ID)
		}
	}
	return ids
}

// meet says whose page the actor may open, of others and of the people.
func (a *Membership) meet(ctx context.Context, others []int64, people map[int64][]Affected) (map[int64]bool, error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return nil, err
	}
	ids := slices.Clone(others)
	for _, list := range people {
		for _, p := range list {
			ids = append(ids, p.ID)
		}
	}
	met, err := a.inSight(ctx, who, core.Sorted(ids))
	for _, list := range people {
		for i := range list {
			list[i].Met = met[list[i].ID]
		}
	}
	return met, err
}

// chosenBy is the people whom operations named, where they changed every one of them.
func chosenBy(ops []roster.Operation) (ids []int64) {
	for _, op := range ops {
		ids = append(ids, chosenIn(op)...)
	}
	return ids
}

// chosenIn is chosenBy of one operation that changed few.
func chosenIn(op roster.Operation) []int64 {
	var s struct {
		All      bool    `json:"all"`
		Included []int64 `json:"included"`
	}
	if op.Changed == 0 || op.Changed > mostNamed || json.Unmarshal([]byte(op.Selector), &s) != nil || s.All ||
		len(s.Included) != op.Changed {
		return nil
	}
	return s.Included
}

// byPerson is the changes of an operation by person. What follows in projects from a change
// in the organization is not the change, and whose dormant membership ended or came back is
// not counted among the changed.
func byPerson(op roster.Operation, changes []roster.Outcome) (list []Affected) {
	inOrganization := op.Kind == roster.OpOrganizationRole || op.Kind == roster.OpOrganizationLeave
	dormant := map[int64]bool{}
	for _, o := range changes {
		dormant[o.UserID] = dormant[o.UserID] || o.Result == roster.RemovedDormant || o.Result == roster.RestoredDormant
	}
	for _, o := range changes {
		if inOrganization && o.ProjectID != 0 || dormant[o.UserID] {
			continue
		}
		at := slices.IndexFunc(list, func(p Affected) bool { return p.ID == o.UserID })
		if at < 0 {
			at, list = len(list), append(list, Affected{ID: o.UserID, Name: o.Name})
		}
		list[at].Outcomes = append(list[at].Outcomes, o)
	}
	return list
}
