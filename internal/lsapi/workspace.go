package lsapi

import (
	"net/http"

	"roster"
)

func workspaceRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/workspaces", do: does((*call).listWorkspaces),
			summary: "List workspaces", answer: "The workspaces the caller sees.",
		},
		{
			method: "POST", path: "/api/workspaces", do: does((*call).createWorkspace),
			summary: "Create a workspace", status: http.StatusCreated, answer: "The workspace, with the caller in it.",
		},
		{
			method: "GET", path: "/api/workspaces/{id}", do: does((*call).getWorkspace),
			summary: "Read a workspace", answer: "The workspace.",
		},
		{
			method: "PATCH", path: "/api/workspaces/{id}", do: does((*call).updateWorkspace),
			summary: "Change a workspace", answer: "The workspace as it is now.",
		},
		{
			method: "DELETE", path: "/api/workspaces/{id}", do: does((*call).deleteWorkspace),
			summary: "Delete a workspace",
			answer:  "It is gone.", others: []answer{{status: 400, text: "It still has projects."}},
		},
	}
}

func workspaceMemberRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/workspaces/{id}/memberships", do: does((*call).listWorkspaceMembers),
			summary: "List the members of a workspace", answer: "All of them.",
		},
		{
			method: "POST", path: "/api/workspaces/{id}/memberships", once: true, do: does((*call).addWorkspaceMember),
			summary: "Add a member to a workspace", answer: "They are a member.",
		},
		{
			method: "DELETE", path: "/api/workspaces/{id}/memberships", once: true,
			do:      does((*call).removeWorkspaceMember),
			summary: "Remove a member from a workspace", answer: "They are no member.",
		},
		{
			method: "POST", path: "/api/workspaces/{id}/memberships/bulk", once: true,
			do:      does((*call).assignWorkspaceMembers),
			summary: "Add many members to a workspace", answer: "How many became members.",
		},
		{
			method: "DELETE", path: "/api/workspaces/{id}/memberships/bulk", once: true,
			do:      does((*call).unassignWorkspaceMembers),
			summary: "Remove many members from a workspace", answer: "How many memberships ended.",
		},
		{
			method: "GET", path: "/api/workspaces/{id}/memberships/paginated", do: does((*call).pageWorkspaceMembers),
			summary: "List the members of a workspace by page", answer: "A page of members.",
		},
	}
}

func workspaceProjectRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/workspaces/{id}/projects", do: does((*call).listWorkspaceProjects),
			summary: "List the projects of a workspace", answer: "The projects.",
		},
		{
			method: "POST", path: "/api/workspaces/{id}/projects", do: does((*call).addWorkspaceProject),
			summary: "Move a project into a workspace", status: http.StatusCreated, answer: "It is there.",
		},
		{
			method: "DELETE", path: "/api/workspaces/{id}/projects", do: does((*call).removeWorkspaceProject),
			summary: "Take a project out of a workspace",
			text:    "It stays in the organization, in no workspace.", answer: "It is out.",
		},
	}
}

// workspaceJSON is the wire's Workspace.
type workspaceJSON struct {
	ID            int64                `json:"id"`
	Title         string               `json:"title"`
	Description   *string              `json:"description"`
	Color         *string              `json:"color"`
	IsPersonal    bool                 `json:"is_personal"`
	IsArchived    bool                 `json:"is_archived"`
	CreatedBy     int64                `json:"created_by"`
	CreatedByUser *userSimpleJSON      `json:"created_by_user"`
	ProjectsCount int                  `json:"projects_count"`
	Membership    *workspaceMemberJSON `json:"membership"`
}

// workspaceMemberJSON is the wire's WorkspaceMemberCreate: somebody's row in a
// workspace, with the caller's own in every workspace they are a member of.
type workspaceMemberJSON struct {
	User      int64 `json:"user"`
	Workspace int64 `json:"workspace"`
}

func (c *call) workspaceOf(w roster.Workspace) workspaceJSON {
	out := workspaceJSON{
		ID: w.ID, Title: w.Title, Description: nullable(w.Description), Color: nullable(w.Color),
		IsPersonal: w.Personal, IsArchived: w.Archived, CreatedBy: w.CreatedBy, ProjectsCount: w.ProjectsCount,
	}
	if who, ok := roster.ActorFrom(c.r.Context()); ok && w.Member {
		out.Membership = &workspaceMemberJSON{who.UserID, w.ID}
	}
	return out
}

type listWorkspacesRequest struct {
	Personal  *bool `query:"is_personal" doc:"Only personal ones, or only others."`
	Archived  *bool `query:"is_archived" doc:"Only archived ones, or only others."`
	Sandboxes bool  `query:"include_all_workspaces" doc:"With other people's personal ones, for who sees every project."`
	Order     ordering
}

// listWorkspaces is GET /api/workspaces/. Whoever sees every project may also
// ask for other people's personal workspaces, and is told whose they are.
func (c *call) listWorkspaces(in listWorkspacesRequest) ([]workspaceJSON, error) {
	f := roster.WorkspaceFilter{Personal: in.Personal, Archived: in.Archived, Sandboxes: in.Sandboxes}
	workspaces, err := c.app.Workspaces(c.r.Context(), f, string(in.Order))
	return each(workspaces, func(w roster.Workspace) workspaceJSON {
		out := c.workspaceOf(w)
		if f.Sandboxes && w.Personal {
			owner := userSimpleOf(w.Creator)
			out.CreatedByUser = &owner
		}
		return out
	}), err
}

// workspacePatch is the changeable fields of a workspace.
type workspacePatch struct {
	Title       *string `body:"title" doc:"Its name."`
	Description *string `body:"description,null" doc:"What it is for."`
	Color       *string `body:"color,null" doc:"How it is shown."`
	Personal    *bool   `body:"is_personal" doc:"The creator's own, closed to others."`
	Archived    *bool   `body:"is_archived" doc:"Out of the way."`
}

func (c *call) createWorkspace(in workspacePatch) (workspaceJSON, error) {
	w, done, err := c.app.CreateWorkspace(c.r.Context(), roster.WorkspacePatch(in))
	c.operation(done.Operation)
	return c.workspaceOf(w), err
}

func (c *call) getWorkspace(in inWorkspace) (workspaceJSON, error) {
	w, err := c.app.Workspace(c.r.Context(), in.Workspace)
	return c.workspaceOf(w), err
}

type updateWorkspaceRequest struct {
	inWorkspace
	workspacePatch
}

func (c *call) updateWorkspace(in updateWorkspaceRequest) (workspaceJSON, error) {
	w, err := c.app.UpdateWorkspace(c.r.Context(), in.Workspace, roster.WorkspacePatch(in.workspacePatch))
	return c.workspaceOf(w), err
}

func (c *call) deleteWorkspace(in inWorkspace) (out nothing, err error) {
	return out, c.app.DeleteWorkspace(c.r.Context(), in.Workspace)
}

// workspaceUsers reads a page of a workspace's people as the wire's LseUser.
func (c *call) workspaceUsers(workspace int64, f roster.MemberFilter, page roster.Page) ([]userJSON, int, error) {
	members, total, err := c.app.WorkspaceMembers(c.r.Context(), workspace, f, page)
	if err != nil {
		return nil, 0, err
	}
	org, err := c.organization()
	return each(members, func(m roster.Member) userJSON { return userOf(m.User, m.Membership, org) }), total, err
}

// workspaceUserJSON is a member of a workspace with the whole user.
type workspaceUserJSON struct {
	User      userJSON `json:"user"`
	Workspace int64    `json:"workspace"`
}

type listWorkspaceMembersRequest struct {
	inWorkspace
	Page unheeded[int] `query:"page" doc:"Has no effect: it is always all of them."`
}

func (c *call) listWorkspaceMembers(in listWorkspaceMembersRequest) ([]workspaceUserJSON, error) {
	users, _, err := c.workspaceUsers(in.Workspace, roster.MemberFilter{}, roster.Everything)
	return each(users, func(u userJSON) workspaceUserJSON { return workspaceUserJSON{u, in.Workspace} }), err
}

type pageWorkspaceMembersRequest struct {
	inWorkspace
	Filter roster.MemberFilter `list:"workspace"`
	Page   roster.Page         `page:"30,1000"`
}

func (c *call) pageWorkspaceMembers(in pageWorkspaceMembersRequest) (pageJSON[userJSON], error) {
	users, total, err := c.workspaceUsers(in.Workspace, in.Filter, in.Page)
	return pageOf(c, in.Page, total, users), err
}

type addWorkspaceMemberRequest struct {
	inWorkspace
	User  int64 `body:"user,required" doc:"Who, by user id."`
	Other int64 `body:"workspace" doc:"The same as in the path."`
}

func (in *addWorkspaceMemberRequest) complete(r *request) {
	if in.Other != 0 && in.Other != in.Workspace {
		r.body().bad("workspace", "The path names another workspace.")
	}
}

// addWorkspaceMember is POST …/memberships/, whose answer is 200 and not 201.
func (c *call) addWorkspaceMember(in addWorkspaceMemberRequest) (workspaceMemberJSON, error) {
	done, err := c.app.AddToWorkspace(c.r.Context(), in.Workspace, in.User)
	c.operation(done.Operation)
	return workspaceMemberJSON{in.User, in.Workspace}, err
}

type removeWorkspaceMemberRequest struct {
	inWorkspace
	Who named `names:"user_id user" doc:"Who."`
}

func (c *call) removeWorkspaceMember(in removeWorkspaceMemberRequest) (out nothing, err error) {
	one := roster.Selector{Included: []int64{int64(in.Who)}}
	done, err := c.app.RemoveFromWorkspace(c.r.Context(), in.Workspace, one)
	c.operation(done.Operation)
	return out, err
}

type assignWorkspaceMembersRequest struct {
	inWorkspace
	Who addition `list:"workspace"`
}

// countedJSON says how many became members.
type countedJSON struct {
	Assignments int `json:"assignments"`
}

func (c *call) assignWorkspaceMembers(in assignWorkspaceMembersRequest) (countedJSON, error) {
	done, err := c.app.AssignToWorkspace(c.r.Context(), in.Workspace, in.Who.Selector)
	c.operation(done.Operation)
	return countedJSON{done.Count}, err
}

type unassignWorkspaceMembersRequest struct {
	inWorkspace
	Who removal `list:"workspace"`
}

// unassignWorkspaceMembers is DELETE …/memberships/bulk/: the table of
// contract 3.1, for a workspace.
func (c *call) unassignWorkspaceMembers(in unassignWorkspaceMembersRequest) (unassignedJSON, error) {
	done, err := c.app.RemoveFromWorkspace(c.r.Context(), in.Workspace, in.Who.Selector)
	c.operation(done.Operation)
	return unassignedJSON{done.Count}, err
}

func (c *call) listWorkspaceProjects(in inWorkspace) ([]projectJSON, error) {
	projects, err := c.app.WorkspaceProjects(c.r.Context(), in.Workspace)
	return each(projects, projectOf), err
}

type projectIDJSON struct {
	Project int64 `json:"project"`
}

type addWorkspaceProjectRequest struct {
	inWorkspace
	Project int64 `body:"project,required" doc:"Which."`
}

func (c *call) addWorkspaceProject(in addWorkspaceProjectRequest) (projectIDJSON, error) {
	op, err := c.app.AddProject(c.r.Context(), in.Workspace, in.Project)
	c.operation(op)
	return projectIDJSON{in.Project}, err
}

type removeWorkspaceProjectRequest struct {
	inWorkspace
	Which named `names:"project" doc:"Which."`
}

// removeWorkspaceProject is DELETE …/projects/?project=: the project is in no
// workspace then, and stays with the organization.
func (c *call) removeWorkspaceProject(in removeWorkspaceProjectRequest) (out nothing, err error) {
	op, err := c.app.RemoveProject(c.r.Context(), in.Workspace, int64(in.Which))
	c.operation(op)
	return out, err
}
