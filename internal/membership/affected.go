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
func (a *Membership) affected(ctx context.Context, ops []roster.Operation, others []int64) (few map[int64][]Affected, met map[int64]bool, err error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	ids, chosen, people := []int64{}, map[int64][]int64{}, slices.Clone(others)
	for _, op := range ops {
		if op.Changed > 0 && op.Changed <= mostNamed {
			ids = append(ids, op.ID)
			chosen[op.ID] = chosenBy(op)
			people = append(people, chosen[op.ID]...)
		}
	}
	changes := map[int64][]roster.Outcome{}
	if len(ids) > 0 {
		if changes, err = a.db.ChangesOf(ctx, ids); err != nil {
			return nil, nil, err
		}
	}
	names, err := a.db.Names(ctx, core.Sorted(people))
	if err != nil {
		return nil, nil, err
	}
	few = map[int64][]Affected{}
	for _, op := range ops {
		list := byPerson(op, changes[op.ID])
		if len(list) == 0 {
			for _, id := range chosen[op.ID] {
				list = append(list, Affected{ID: id, Name: names[id]})
			}
		}
		if len(list) == op.Changed && len(list) <= mostNamed {
			few[op.ID] = list
		}
	}
	return few, met, a.meet(ctx, who, others, few, &met)
}

// meet says whose page the actor may open.
func (a *Membership) meet(ctx context.Context, who roster.Actor, others []int64, few map[int64][]Affected, met *map[int64]bool) (err error) {
	ids := slices.Clone(others)
	for _, list := range few {
		for _, p := range list {
			ids = append(ids, p.ID)
		}
	}
	if *met, err = a.inSight(ctx, who, core.Sorted(ids)); err != nil {
		return err
	}
	for _, list := range few {
		for i := range list {
			list[i].Met = (*met)[list[i].ID]
		}
	}
	return nil
}

// chosenBy is the people whom op named, where it changed every one of them.
func chosenBy(op roster.Operation) []int64 {
	var s struct {
		All      bool    `json:"all"`
		Included []int64 `json:"included"`
	}
	if json.Unmarshal([]byte(op.Selector), &s) != nil || s.All || len(s.Included) != op.Changed {
		return nil
	}
	return s.Included
}

// byPerson is the changes of an operation by person. What follows in projects from a change
// in the organization is not the change.
func byPerson(op roster.Operation, changes []roster.Outcome) (list []Affected) {
	inOrganization := op.Kind == roster.OpOrganizationRole || op.Kind == roster.OpOrganizationLeave
	for _, o := range changes {
		if inOrganization && o.ProjectID != 0 || o.Result == roster.RemovedDormant || o.Result == roster.RestoredDormant {
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
