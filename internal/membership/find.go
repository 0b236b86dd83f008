package membership

import (
	"context"
	"strconv"
	"strings"

	"roster"
	"roster/internal/core"
)

// Found is what a search of everything finds: of each kind the first few, and only what the
// actor may see.
type Found struct {
	People     []roster.OrganizationMember // by name
	Projects   []FoundProject
	Workspaces []roster.Workspace // with nothing but their titles
	Operation  *OperationRow      // the one of a number; nil: it is none, or not for the actor
}

// FoundProject is a project by its title, and what the actor may do there.
type FoundProject struct {
	roster.Project
	SeesMembers, Manages bool
}

// Find looks for projects and workspaces with every term of a search, for people of whom a
// name or the e-mail begins with it, at most so many of each, and for an operation where it
// is a number, such as 12 or #12. Where nothing is found, it looks for people who hold it
// anywhere: that is a look at everybody.
func (a *Membership) Find(ctx context.Context, search string, most int) (found Found, err error) {
	if strings.TrimSpace(search) == "" {
		return found, nil
	}
	err = a.View(ctx, func(tx *Membership) error {
		for _, find := range []func(context.Context, string, int, *Found) error{
			tx.findPeople, tx.findProjects, tx.findWorkspaces, tx.findOperation, tx.findElsewhere,
		} {
			if err := find(ctx, search, most, &found); err != nil && roster.KindOf(err) != roster.Forbidden {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (a *Membership) findPeople(ctx context.Context, search string, most int, found *Found) (err error) {
	found.People, err = a.peopleFound(ctx, search, most, a.db.FindPeople)
	return err
}

func (a *Membership) findElsewhere(ctx context.Context, search string, most int, found *Found) (err error) {
	if len(found.People)+len(found.Projects)+len(found.Workspaces) == 0 && found.Operation == nil {
		found.People, err = a.peopleFound(ctx, search, most, a.db.FindPeopleAnywhere)
	}
	return err
}

func (a *Membership) peopleFound(ctx context.Context, search string, most int,
	find func(context.Context, int64, roster.MemberFilter, int) ([]roster.OrganizationMember,
		error)) ([]roster.OrganizationMember, error) {
	who, err := a.May(ctx, core.ListPeople)
	if err != nil {
		return nil, err
	}
	return find(ctx, who.OrganizationID, core.Accessible(who, roster.MemberFilter{Search: search}), most)
}

func (a *Membership) findProjects(ctx context.Context, search string, most int, found *Found) error {
	who, err := a.May(ctx, core.FindProject)
	if err != nil {
		return err
	}
	projects, err := a.db.FindProjects(ctx, who, search, most)
	if err != nil {
		return err
	}
	places, acting, err := a.PlacesIn(ctx, who, idsOfProjects(projects))
	for _, p := range projects {
		may := func(action core.Action) bool { return core.May(acting(p.ID), action, places[p.ID]) == nil }
		found.Projects = append(found.Projects, FoundProject{p, may(core.ViewMembers), may(core.ManageMembers)})
	}
	return err
}

func (a *Membership) findWorkspaces(ctx context.Context, search string, most int, found *Found) error {
	who, err := a.May(ctx, core.ViewWorkspace)
	if err != nil {
		return err
	}
	all, err := a.db.WorkspaceTitles(ctx, who)
	for _, w := range all {
		if len(found.Workspaces) < most && holds(w.Title, search) {
			found.Workspaces = append(found.Workspaces, w)
		}
	}
	return err
}

func (a *Membership) findOperation(ctx context.Context, search string, _ int, found *Found) error {
	id, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(search), "#"), 10, 64)
	if err != nil || id < 1 {
		return nil
	}
	op, _, err := a.operation(ctx, id)
	if roster.KindOf(err) == roster.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := a.operationRows(ctx, []roster.Operation{op})
	if err == nil {
		found.Operation = &rows[0]
	}
	return err
}
