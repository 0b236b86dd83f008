package app

import (
	"context"

	"roster"
)

// This file alone decides who may do what. The table is contract section 5,
// read as: which organization role may take which action, and on what.

// Action is something that needs permission.
type Action string

// The actions. Those on a project or a workspace are decided by the actor's
// standing there as well as by the role.
const (
	ViewProject      Action = "view a project"
	CreateProject    Action = "create a project"
	EditProject      Action = "edit a project"
	ViewMembers      Action = "view a project's members"
	ManageMembers    Action = "manage a project's members"
	ViewTasks        Action = "view a project's tasks"
	ManageTasks      Action = "manage a project's tasks"
	AssignAnnotators Action = "assign annotators"
	AssignReviewers  Action = "assign reviewers"
	ViewWorkspace    Action = "view a workspace"
	CreateWorkspace  Action = "create a workspace"
	ManageWorkspace  Action = "manage a workspace"
	ViewOrganization Action = "view the organization"
	EditOrganization Action = "edit the organization"
	Invite           Action = "invite people"
	ListPeople       Action = "list the organization's people"
	ManagePeople     Action = "manage the organization's people"
	ViewTags         Action = "view tags"
	ManageTags       Action = "manage tags"
	ViewOperations   Action = "view operations"
	OwnAccount       Action = "use one's own account"
)

// Scope is how far a grant reaches.
type Scope int

// The scopes of a grant. Nobody reaches into somebody else's sandbox.
const (
	No  Scope = iota
	Own       // where the actor is a member, explicitly or through the workspace; a Manager also where they are the creator
	All       // everywhere in the organization
)

// grants says for each action how far each role reaches; a role that is not
// named has no grant. Not Activated and Deactivated have none anywhere.
var grants = map[Action]map[roster.Role]Scope{
	ViewProject:      {"OW": All, "AD": All, "MA": Own, "RE": Own, "AN": Own, "VO": Own},
	CreateProject:    {"OW": All, "AD": All, "MA": All},
	EditProject:      {"OW": All, "AD": All, "MA": Own},
	ViewMembers:      {"OW": All, "AD": All, "MA": Own},
	ManageMembers:    {"OW": All, "AD": All, "MA": Own},
	ViewTasks:        {"OW": All, "AD": All, "MA": Own, "RE": Own, "AN": Own, "VO": Own},
	ManageTasks:      {"OW": All, "AD": All, "MA": Own},
	AssignAnnotators: {"OW": All, "AD": All, "MA": Own, "RE": Own},
	AssignReviewers:  {"OW": All, "AD": All, "MA": Own},
	ViewWorkspace:    {"OW": All, "AD": All, "MA": Own, "RE": Own, "AN": Own, "VO": Own},
	CreateWorkspace:  {"OW": All, "AD": All, "MA": All},
	ManageWorkspace:  {"OW": All, "AD": All, "MA": Own},
	ViewOrganization: {"OW": All, "AD": All, "MA": All, "RE": All, "AN": All, "VO": All},
	EditOrganization: {"OW": All, "AD": All},
	Invite:           {"OW": All, "AD": All, "MA": All},
	ListPeople:       {"OW": All, "AD": All, "MA": Own}, // Own: people who share a project or workspace
	ManagePeople:     {"OW": All, "AD": All},
	ViewTags:         {"OW": All, "AD": All, "MA": All},
	ManageTags:       {"OW": All, "AD": All},
	ViewOperations:   {"OW": All, "AD": All, "MA": Own},
	OwnAccount:       {"OW": All, "AD": All, "MA": All, "RE": All, "AN": All, "VO": All},
}

// Place is what the policy needs to know about the project or workspace that
// an action is about.
type Place struct {
	OrganizationID int64
	Member         bool // the actor is an explicit or workspace member
	Creator        bool
	Sandbox        bool // somebody else's personal workspace
}

// may is the decision itself: nil, Forbidden, or NotFound for a place that the
// actor may not even see.
func may(who roster.Actor, action Action, place *Place) error {
	if place == nil {
		return permitted(grants[action][who.Role] != No)
	}
	view := ViewProject
	if action == ViewWorkspace || action == ManageWorkspace {
		view = ViewWorkspace
	}
	if place.OrganizationID != who.OrganizationID || !reaches(who, grants[view][who.Role], *place) {
		return &roster.Error{Kind: roster.NotFound, Message: "Not found."}
	}
	return permitted(reaches(who, grants[action][who.Role], *place))
}

func permitted(ok bool) error {
	if ok {
		return nil
	}
	return roster.Errorf(roster.Forbidden, "You do not have permission to perform this action.")
}

// reaches reports whether a grant of the given scope covers place.
func reaches(who roster.Actor, scope Scope, place Place) bool {
	switch scope {
	case All:
		return !place.Sandbox || place.Member
	case Own:
		return place.Member || (place.Creator && who.Role == roster.RoleManager)
	}
	return false
}

// mayChange is the limit on whose organization role an actor may change: never
// the Owner's, and nobody at or above one's own level, except for the Owner.
func mayChange(who roster.Actor, target roster.Role) error {
	if target == roster.RoleOwner {
		return roster.Errorf(roster.Forbidden, "The Owner's role cannot be changed.")
	}
	return permitted(who.Role == roster.RoleOwner || who.Role.Outranks(target))
}

// May asks the policy about the organization the actor acts in.
func (a *App) May(ctx context.Context, action Action) (roster.Actor, error) {
	who, err := actor(ctx)
	if err != nil {
		return who, err
	}
	return who, may(who, action, nil)
}

// MayInProject asks the policy about a project, reading the actor's standing
// from the store: nothing that decides access is remembered between requests.
func (a *App) MayInProject(ctx context.Context, action Action, project int64) (roster.Actor, error) {
	who, err := actor(ctx)
	if err != nil {
		return who, err
	}
	s, err := a.db.Standing(ctx, project, who.UserID)
	if err != nil {
		return who, err
	}
	return who, may(who, action, &Place{
		OrganizationID: s.OrganizationID, Member: s.Explicit || s.InWorkspace, Creator: s.Creator, Sandbox: s.Sandbox,
	})
}

// permissionNames are the wire's names for what a person may do in general:
// the Community Edition's own, and two of Roster's (contract 3.12). whoami
// lists them so that a front end can hide what would be refused.
var permissionNames = []struct {
	name   string
	action Action
}{
	{"organizations.view", ViewOrganization},
	{"organizations.change", EditOrganization},
	{"organizations.invite", Invite},
	{"projects.view", ViewProject},
	{"projects.create", CreateProject},
	{"projects.change", EditProject},
	{"projects.delete", EditProject},
	{"projects.members", ManageMembers},
	{"tasks.view", ViewTasks},
	{"tasks.create", ManageTasks},
	{"tasks.delete", ManageTasks},
	{"users.token.any", OwnAccount},
}

// Permissions is the wire names of what the actor may do somewhere.
func (a *App) Permissions(ctx context.Context) ([]string, error) {
	who, err := a.May(ctx, OwnAccount)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range permissionNames {
		if grants[p.action][who.Role] != No {
			names = append(names, p.name)
		}
	}
	return names, nil
}
