package core

import (
	"context"
	"strings"

	"roster"
	"roster/internal/store"
)

// DescribeFilter keeps a filter in the record of an operation: all that it narrows by.
func DescribeFilter(out map[string]any, f roster.MemberFilter) {
	for _, d := range f.Given() {
		switch value := d.Value(f).(type) {
		case *roster.Actor:
			out[d.Recorded()] = recordedViewer(d, value)
		default:
			out[d.Recorded()] = value
		}
	}
}

// recordedViewer is who was named, or that it was the actor's own sight.
func recordedViewer(d roster.FilterField, viewer *roster.Actor) any {
	if d.Lists == 0 {
		return true
	}
	return viewer.UserID
}

// MembersOf is a project whose members the actor may take action on, and the filter of
// them as it is meant.
func (a *App) MembersOf(ctx context.Context, action Action, id int64, f roster.MemberFilter) (roster.Project,
	roster.MemberFilter, error) {
	p, _, err := a.AllowedProject(ctx, action, id)
	if err != nil {
		return p, f, err
	}
	f, err = a.Meant(ctx, f, p.WorkspaceID)
	return p, f, err
}

// Meant is a filter as the store takes it. The places and the people that it names are
// there and for the actor to see: the difference of two lists would tell who is in a
// place. The workspace of what is listed (0: none) is in sight with it.
func (a *App) Meant(ctx context.Context, f roster.MemberFilter, workspace int64) (roster.MemberFilter, error) {
	if f.ExcludeProject != 0 {
		if _, err := a.MayInProject(ctx, ViewProject, f.ExcludeProject); err != nil {
			return f, asUnknown(err, "exclude_project_id", f.ExcludeProject)
		}
	}
	if f.PausedIn != 0 {
		if _, err := a.MayInProject(ctx, ViewMembers, f.PausedIn); err != nil {
			return f, asUnknown(err, "paused_in", f.PausedIn)
		}
	}
	for field, id := range map[string]int64{"exclude_workspace_id": f.ExcludeWorkspace, "in_workspace": f.InWorkspace} {
		if id == 0 || id == workspace {
			continue
		}
		if _, _, err := a.MayInWorkspace(ctx, ViewWorkspace, id); err != nil {
			return f, asUnknown(err, field, id)
		}
	}
	return a.sharing(ctx, f)
}

// Discreet is a filter of people whom who may know by name alone, unless they may list
// people (contract 5). The difference of two lists would tell what addressed and unwatched
// do not: so they narrow neither by activity nor by tags, nor search for more than names.
func Discreet(who roster.Actor, f roster.MemberFilter) (roster.MemberFilter, error) {
	if Granted(who, ListPeople) != No {
		return f, nil
	}
	for _, d := range f.Given() {
		switch {
		case d.Watches:
			return f, roster.InvalidField(d.Name, "Only who may list people can narrow them by activity. Nothing was changed.")
		case d.Thing == roster.ThingTag && Granted(who, ViewTags) == No:
			return f, roster.InvalidField(d.Name, "Only who may see tags can narrow people by them. Nothing was changed.")
		}
	}
	f.NamesOnly = f.Search != ""
	return f, nil
}

// Discreetly is discreet with the page of a list, which they do not sort by those either.
func Discreetly(who roster.Actor, f roster.MemberFilter, page roster.Page) (roster.MemberFilter, roster.Page, error) {
	f, err := Discreet(who, f)
	if err != nil || Granted(who, ListPeople) != No {
		return f, page, err
	}
	switch direction, column := trimDirection(page.Order); column {
	case "email", "username", "last_activity":
		return f, page, roster.InvalidField("ordering",
			"Only who may list people can sort them by e-mail, username or activity. Nothing was changed.")
	case "name":
		page.Order = direction + store.NameAlone
	}
	return f, page, nil
}

// trimDirection is the "-" of a descending order, and the column.
func trimDirection(order string) (direction, column string) {
	column = strings.TrimPrefix(order, "-")
	return strings.TrimSuffix(order, column), column
}

// asUnknown says of what is not found that the field names nothing.
func asUnknown(err error, field string, id int64) error {
	if roster.KindOf(err) == roster.NotFound {
		return Unknown(field, id)
	}
	return err
}

// sharing reads whom a filter's people share with. With whom others than oneself share
// is for those to know who may list everybody.
func (a *App) sharing(ctx context.Context, f roster.MemberFilter) (roster.MemberFilter, error) {
	if f.SharedWith == nil {
		return f, nil
	}
	who, err := ActorOf(ctx)
	if err != nil {
		return f, err
	}
	if f.WithInactive {
		return f, roster.InvalidField("shared_with",
			"This is about who sees whom now, and whoever was deleted shares nothing any more: "+
				"leave it out, or with_deleted. Nothing was changed.")
	}
	id := f.SharedWith.UserID
	viewer, err := a.db.ActorByUser(ctx, id)
	switch {
	case id != who.UserID && Within(who) != nil:
		return f, roster.InvalidField("shared_with",
			"Only who may list everybody can ask this about somebody else. Nothing was changed.")
	case roster.KindOf(err) == roster.NotFound, err == nil && viewer.OrganizationID != who.OrganizationID:
		return f, Unknown("shared_with", id)
	}
	f.SharedWith = &viewer
	return f, err
}
