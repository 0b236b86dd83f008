package core

import (
	"context"
	"slices"
	"strings"

	"roster"
)

// ErrNotFound is what there is not, or not for the actor to know of.
var ErrNotFound = roster.Errorf(roster.NotFound, "Not found.")

// This file alone decides who may do what. The table is contract section 5,
// read as: which organization role may take which action, and on what.

// Action is something that needs permission.
type Action string

// The actions. Those on a project or a workspace are decided by the actor's
// standing there as well as by the role.
const (
	FindProject      Action = "find a project by its name"
	ViewProject      Action = "view a project"
	CreateProject    Action = "create a project"
	EditProject      Action = "edit a project"
	ViewMembers      Action = "view a project's members"
	ManageMembers    Action = "manage a project's members"
	ViewTasks        Action = "view a project's tasks"
	ManageTasks      Action = "manage a project's tasks"
	AnnotateTasks    Action = "annotate a project's tasks"
	ReviewTasks      Action = "see and change everybody's annotations"
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
	ViewHistory      Action = "view membership history"
	OwnAccount       Action = "use one's own account"
	ManageTokens     Action = "decide which tokens the organization takes"
	DeleteProject    Action = "delete a project"
	DeleteTasks      Action = "delete a project's tasks"
	CreateTokens     Action = "make API tokens of one's own"
	AssignSameLevel  Action = "give one's own role, and change people who have it"
	ViewPermissions  Action = "view the organization's permissions"
	EditPermissions  Action = "decide about the organization's permissions"
	ViewActivity     Action = "view the activity log"

	ShareViews Action = "share views of lists"

	ViewBilling       Action = "view what a licence would count"
	ViewSessionPolicy Action = "view the session policy"
	EditSessionPolicy Action = "decide how long sessions last"

	Provision Action = "provision people and groups from an identity provider"
	EditSCIM  Action = "decide what an identity provider's groups give"
	EditSAML  Action = "keep settings of a SAML provider"

	// ActAsUpstream is about the gate alone: whoever may do it gets what the
	// upstream's machine can reach, and what the owner's token opens.
	ActAsUpstream Action = "have the upstream fetch an address, or act with its owner's token"
)

// Scope is how far a grant reaches.
type Scope int

// The scopes of a grant. Nobody reaches into somebody else's sandbox.
const (
	No Scope = iota
	// where the actor is a member, explicitly or through the workspace; a Manager also where they are the creator
	Own
	All // everywhere in the organization
)

// The columns of the table.
const (
	owner, admin, manager       = roster.RoleOwner, roster.RoleAdministrator, roster.RoleManager
	reviewer, annotator, viewer = roster.RoleReviewer, roster.RoleAnnotator, roster.RoleViewOnly
)

// Grants says for each action how far each role reaches; a role that is not
// named has no grant. Not Activated and Deactivated have none anywhere.
var Grants = map[Action]map[roster.Role]Scope{
	FindProject:      {owner: All, admin: All, manager: Own, reviewer: Own, annotator: Own, viewer: Own},
	ViewProject:      {owner: All, admin: All, manager: Own, reviewer: Own, annotator: Own, viewer: Own},
	CreateProject:    {owner: All, admin: All, manager: All},
	EditProject:      {owner: All, admin: All, manager: Own},
	ViewMembers:      {owner: All, admin: All, manager: Own},
	ManageMembers:    {owner: All, admin: All, manager: Own},
	ViewTasks:        {owner: All, admin: All, manager: Own, reviewer: Own, annotator: Own, viewer: Own},
	ManageTasks:      {owner: All, admin: All, manager: Own},
	AnnotateTasks:    {owner: All, admin: All, manager: Own, reviewer: Own, annotator: Own},
	ReviewTasks:      {owner: All, admin: All, manager: Own, reviewer: Own},
	AssignAnnotators: {owner: All, admin: All, manager: Own, reviewer: Own},
	AssignReviewers:  {owner: All, admin: All, manager: Own},
	ViewWorkspace:    {owner: All, admin: All, manager: Own, reviewer: Own, annotator: Own, viewer: Own},
	CreateWorkspace:  {owner: All, admin: All, manager: All},
	ManageWorkspace:  {owner: All, admin: All, manager: Own},
	ViewOrganization: {owner: All, admin: All, manager: All, reviewer: All, annotator: All, viewer: All},
	EditOrganization: {owner: All, admin: All},
	Invite:           {owner: All, admin: All, manager: All},
	ListPeople:       {owner: All, admin: All, manager: Own}, // Own: people who share a project or workspace
	ManagePeople:     {owner: All, admin: All},
	ViewTags:         {owner: All, admin: All, manager: All},
	ManageTags:       {owner: All, admin: All},
	ViewOperations:   {owner: All, admin: All, manager: Own},
	ViewHistory:      {owner: All, admin: All},
	OwnAccount:       {owner: All, admin: All, manager: All, reviewer: All, annotator: All, viewer: All},
	ManageTokens:     {owner: All, admin: All},
	DeleteProject:    {owner: All, admin: All, manager: Own},
	DeleteTasks:      {owner: All, admin: All, manager: Own},
	CreateTokens:     {owner: All, admin: All, manager: All, reviewer: All, annotator: All, viewer: All},
	AssignSameLevel:  {owner: All},
	ViewPermissions:  {owner: All, admin: All},
	EditPermissions:  {owner: All},
	ViewActivity:     {owner: All, admin: All},

	ShareViews: {owner: All, admin: All, manager: All},

	ViewBilling:       {owner: All},
	ViewSessionPolicy: {owner: All, admin: All},
	EditSessionPolicy: {owner: All},

	Provision: {owner: All},
	EditSCIM:  {owner: All, admin: All},
	EditSAML:  {owner: All, admin: All},

	ActAsUpstream: {owner: All},
}

// Place is what the policy needs to know about the project or workspace that
// an action is about.
type Place struct {
	OrganizationID int64
	Member         bool // the actor is an explicit or workspace member
	Creator        bool
	Sandbox        bool // somebody else's personal workspace
	Paused         bool // a pause stands against the actor
}

// May is the decision itself: nil, Forbidden, or NotFound for a place that the
// actor may not even see.
func May(who roster.Actor, action Action, place *Place) error {
	if place == nil {
		return Permitted(Granted(who, action) != No)
	}
	view := FindProject
	if action == ViewWorkspace || action == ManageWorkspace {
		view = ViewWorkspace
	}
	if place.OrganizationID != who.OrganizationID || !covers(who, Granted(who, view), *place) {
		return &roster.Error{Kind: roster.NotFound, Message: "Not found."}
	}
	if place.Paused && action != view {
		return errPaused
	}
	return Permitted(covers(who, Granted(who, action), *place))
}

// Granted is how far who may take an action: as the table says, unless their
// organization decided otherwise about their role.
func Granted(who roster.Actor, action Action) Scope {
	scope := Grants[action][who.Role]
	if len(who.Overrides) == 0 {
		return scope
	}
	for _, c := range configurable {
		roles, decided := who.Overrides[c.Permission]
		if !decided || !slices.Contains(c.Options, who.Role) {
			continue
		}
		given := slices.Contains(roles, who.Role)
		switch {
		case action == c.action && !given:
			return No
		case (action == c.action || action == c.with) && given && scope == No:
			scope = c.scope
		}
	}
	return scope
}

// Within is the people whom who may know of: those with whom they share a project
// or a workspace, or nil, everybody, for those who may list everybody. It binds whom
// they list, whom they add to a project or a workspace, and whom a record names to
// them; who manages members and may list nobody (an override) has no more. Inviting
// is another right, and takes an e-mail.
func Within(who roster.Actor) *roster.Actor {
	if Granted(who, ListPeople) == All {
		return nil
	}
	return &who
}

// Addable is s without the people whom the actor may not add to anything, chosen by
// nothing that they may not know.
func Addable(ctx context.Context, s roster.Selector) (roster.Selector, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return s, err
	}
	s.Filter, err = Discreet(who, s.Filter)
	s.Filter.Sight = Within(who)
	return s, err
}

// errPaused is what the policy says to somebody who is paused. MayInProject
// says why.
var errPaused = roster.Errorf(roster.Forbidden,
	"You are paused in this project. Somebody above you who manages it can let you work again. Nothing was done.")

// Permitted is nil, or the refusal.
func Permitted(ok bool) error {
	if ok {
		return nil
	}
	return roster.Errorf(roster.Forbidden, "You do not have permission to perform this action.")
}

// covers reports whether a grant of the given scope covers place.
func covers(who roster.Actor, scope Scope, place Place) bool {
	switch scope {
	case All:
		return !place.Sandbox || place.Member
	case Own:
		return place.Member || (place.Creator && who.Role == roster.RoleManager)
	}
	return false
}

// MayChange is the limit on whose organization role an actor may change, and
// which they may give: never the Owner's, and none at or above one's own level,
// except for the Owner; one's own level where the organization allows it.
func MayChange(who roster.Actor, target roster.Role) error {
	if target == roster.RoleOwner {
		return roster.Errorf(roster.Forbidden, "The Owner's role cannot be changed.")
	}
	level := who.Role == target && Granted(who, AssignSameLevel) != No
	return Permitted(level || Outranks(who, target))
}

// MayRevoke is the limit on whose invitation an actor may revoke: their own, and those to
// a role that they may give.
func MayRevoke(who roster.Actor, i roster.Invitation) error {
	if i.InvitedBy == who.UserID {
		return nil
	}
	return MayChange(who, i.Role)
}

// MayTakeOver is the limit on whose account an actor may open in place of the person: of
// those whom they may manage and outrank, and whose account no other organization uses.
// It is the same whether they set a password or take the link of an invitation.
func MayTakeOver(who roster.Actor, role roster.Role) error {
	if err := May(who, ManagePeople, nil); err != nil {
		return err
	}
	return Permitted(Outranks(who, role))
}

// MayPause is the limit on whom an actor may pause, and let work again, by the
// role that the person acts with there: what MayChange says, except that of
// Administrators the Owner alone decides. Nobody does it to themself.
func MayPause(who roster.Actor, user int64, role roster.Role) error {
	switch {
	case user == who.UserID:
		return roster.Errorf(roster.Forbidden,
			"You cannot pause yourself, or end or change a pause of your own. Somebody above you who manages the project "+
				"can. Nothing was changed.")
	case role == roster.RoleOwner:
		return roster.Errorf(roster.Forbidden, "Nobody pauses the Owner. Nothing was changed.")
	case role == roster.RoleAdministrator && !Outranks(who, role), MayChange(who, role) != nil:
		return roster.Errorf(roster.Forbidden,
			"You pause people below your own role, and let them work again. The role of this one is %s. "+
				"Ask somebody above them. Nothing was changed.", role.Name())
	}
	return nil
}

// Outranks reports whether who stands above everybody with a role.
func Outranks(who roster.Actor, target roster.Role) bool {
	return who.Role == roster.RoleOwner || who.Role.Outranks(target)
}

// Bound reports whether pauses bind somebody with an organization role: all but
// the Owner, whom nobody could let work again.
func Bound(role roster.Role) bool { return role != roster.RoleOwner }

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
	{"organizations.assign_same_level", AssignSameLevel},
	{"projects.view", ViewProject},
	{"projects.create", CreateProject},
	{"projects.change", EditProject},
	{"projects.delete", DeleteProject},
	{"projects.members", ManageMembers},
	{"tasks.view", ViewTasks},
	{"tasks.create", ManageTasks},
	{"tasks.delete", DeleteTasks},
	{"users.token.any", CreateTokens},
}

// permission is one of these names that an organization may decide about.
type permission struct {
	roster.PermissionOption
	action Action
	scope  Scope  // how far it reaches for a role that usually has none
	with   Action // what comes along where it is given, and stays where it is taken
}

// configurable is all of them. Only what Roster itself does is there to be
// decided about; who has it usually is read from grants.
var configurable = []permission{
	option("organizations.invite", "Organization", "Invite members",
		"Invite people to the organization, with roles below one's own.",
		Invite, All, admin, manager, reviewer),
	option("organizations.assign_same_level", "Organization", "Assign same-level roles",
		"Give people one's own role, and change people who have it.",
		AssignSameLevel, All, admin, manager),
	option("projects.delete", "Projects", "Delete project", "Delete the projects one may edit, or belongs to.",
		DeleteProject, Own, admin, manager, reviewer),
	option("projects.members", "Projects", "Manage project members",
		"Add and remove members of projects, and set their roles there.",
		ManageMembers, Own, admin, manager, reviewer).and(ViewMembers),
	option("tasks.delete", "Tasks", "Delete tasks", "Delete tasks of the projects one belongs to.",
		DeleteTasks, Own, admin, manager, reviewer),
	option("users.token.any", "Account", "Create API tokens",
		"Make and see API tokens of one's own. Tokens that exist go on working.",
		CreateTokens, All, admin, manager, reviewer, annotator, viewer),
}

func option(name, group string, label, tooltip roster.Text, action Action,
	scope Scope, options ...roster.Role) permission {
	p := permission{action: action, scope: scope, PermissionOption: roster.PermissionOption{
		Permission: name, Group: group, Label: label, Tooltip: tooltip, Usual: []roster.Role{}, Options: options,
	}}
	for _, role := range options {
		if Grants[action][role] != No {
			p.Usual = append(p.Usual, role)
		}
	}
	return p
}

func (p permission) and(with Action) permission {
	p.with = with
	return p
}

// PermissionsAt is the wire names of what who may do in one project.
func PermissionsAt(who roster.Actor, at *Place) []string {
	names := []string{}
	for _, p := range permissionNames {
		inProject := strings.HasPrefix(p.name, "projects.") || strings.HasPrefix(p.name, "tasks.")
		if inProject && p.action != CreateProject && May(who, p.action, at) == nil {
			names = append(names, p.name)
		}
	}
	return names
}

// Permissions is the wire names of what the actor may do somewhere.
func (a *App) Permissions(ctx context.Context) ([]string, error) {
	who, err := a.May(ctx, OwnAccount)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range permissionNames {
		if Granted(who, p.action) != No {
			names = append(names, p.name)
		}
	}
	return names, nil
}
