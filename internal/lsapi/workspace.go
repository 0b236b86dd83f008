package lsapi

import (
	"net/http"

	"roster"
)

var workspaceRoutes = []route{
	{"GET", "/api/workspaces", (*call).listWorkspaces},
	{"POST", "/api/workspaces", (*call).createWorkspace},
	{"GET", "/api/workspaces/{id}", (*call).getWorkspace},
	{"PATCH", "/api/workspaces/{id}", (*call).updateWorkspace},
	{"DELETE", "/api/workspaces/{id}", (*call).deleteWorkspace},
	{"GET", "/api/workspaces/{id}/memberships", (*call).listWorkspaceMembers},
	{"POST", "/api/workspaces/{id}/memberships", (*call).addWorkspaceMember},
	{"DELETE", "/api/workspaces/{id}/memberships", (*call).removeWorkspaceMember},
	{"POST", "/api/workspaces/{id}/memberships/bulk", (*call).assignWorkspaceMembers},
	{"DELETE", "/api/workspaces/{id}/memberships/bulk", (*call).unassignWorkspaceMembers},
	{"GET", "/api/workspaces/{id}/memberships/paginated", (*call).pageWorkspaceMembers},
	{"GET", "/api/workspaces/{id}/projects", (*call).listWorkspaceProjects},
	{"POST", "/api/workspaces/{id}/projects", (*call).addWorkspaceProject},
	{"DELETE", "/api/workspaces/{id}/projects", (*call).removeWorkspaceProject},
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

// listWorkspaces is GET /api/workspaces/. Whoever sees every project may also
// ask for other people's personal workspaces, and is told whose they are.
func (c *call) listWorkspaces() error {
	p := c.params()
	f := roster.WorkspaceFilter{
		Personal: p.boolean("is_personal"), Archived: p.boolean("is_archived"), Sandboxes: p.flag("include_all_workspaces"),
	}
	if err := p.err(); err != nil {
		return err
	}
	workspaces, err := c.app.Workspaces(c.r.Context(), f, p.str("ordering"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(workspaces, func(w roster.Workspace) workspaceJSON {
		out := c.workspaceOf(w)
		if f.Sandboxes && w.Personal {
			owner := userSimpleOf(w.Creator)
			out.CreatedByUser = &owner
		}
		return out
	}))
}

// workspacePatch reads the changeable fields of a workspace.
func (c *call) workspacePatch() (roster.WorkspacePatch, error) {
	b, err := c.body()
	if err != nil {
		return roster.WorkspacePatch{}, err
	}
	patch := roster.WorkspacePatch{
		Title: b.text("title", maxBody), Description: b.clearable("description"), Color: b.clearable("color"),
		Personal: b.boolean("is_personal"), Archived: b.boolean("is_archived"),
	}
	return patch, b.err()
}

// clearable is a text that null makes empty.
func (b *body) clearable(name string) *string {
	if b.has(name) && b.null(name) {
		return new(string)
	}
	return b.text(name, maxBody)
}

func (c *call) createWorkspace() error {
	patch, err := c.workspacePatch()
	if err != nil {
		return err
	}
	w, done, err := c.app.CreateWorkspace(c.r.Context(), patch)
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	return c.json(http.StatusCreated, c.workspaceOf(w))
}

func (c *call) getWorkspace() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	w, err := c.app.Workspace(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.workspaceOf(w))
}

func (c *call) updateWorkspace() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	patch, err := c.workspacePatch()
	if err != nil {
		return err
	}
	w, err := c.app.UpdateWorkspace(c.r.Context(), id, patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.workspaceOf(w))
}

func (c *call) deleteWorkspace() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.app.DeleteWorkspace(c.r.Context(), id); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// workspaceUsers reads a page of a workspace's people as the wire's LseUser.
func (c *call) workspaceUsers(f roster.MemberFilter, page roster.Page) (workspace int64, users []userJSON, total int, err error) {
	if workspace, err = c.id("id"); err != nil {
		return 0, nil, 0, err
	}
	members, total, err := c.app.WorkspaceMembers(c.r.Context(), workspace, f, page)
	if err != nil {
		return 0, nil, 0, err
	}
	org, err := c.organization()
	if err != nil {
		return 0, nil, 0, err
	}
	return workspace, each(members, func(m roster.Member) userJSON { return userOf(m.User, m.Membership, org) }), total, nil
}

func (c *call) listWorkspaceMembers() error {
	workspace, users, _, err := c.workspaceUsers(roster.MemberFilter{}, roster.Everything)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(users, func(u userJSON) map[string]any { return map[string]any{"user": u, "workspace": workspace} }))
}

func (c *call) pageWorkspaceMembers() error {
	p := c.params()
	f := p.listFilter(roster.ListWorkspace)
	page, err := p.page(defaultMembers, maxMembers)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	_, users, total, err := c.workspaceUsers(f, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, users)
}

// addWorkspaceMember is POST …/memberships/, whose answer is 200 and not 201.
func (c *call) addWorkspaceMember() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("user")
	user := b.id("user")
	if other := b.id("workspace"); other != 0 && other != id {
		b.bad("workspace", "The path names another workspace.")
	}
	if err := b.err(); err != nil {
		return err
	}
	done, err := c.app.AddToWorkspace(c.r.Context(), id, user)
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	return c.json(http.StatusOK, workspaceMemberJSON{user, id})
}

func (c *call) removeWorkspaceMember() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	user, err := c.userToRemove("user_id", "user")
	if err != nil {
		return err
	}
	done, err := c.app.RemoveFromWorkspace(c.r.Context(), id, roster.Selector{Included: []int64{user}})
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	return c.empty(http.StatusNoContent)
}

func (c *call) assignWorkspaceMembers() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	sel, ignored, err := addition(c.params(), b, roster.ListWorkspace)
	if err != nil {
		return err
	}
	done, err := c.app.AssignToWorkspace(c.r.Context(), id, sel)
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	c.ignored(ignored)
	return c.json(http.StatusOK, map[string]int{"assignments": done.Count})
}

// unassignWorkspaceMembers is DELETE …/memberships/bulk/: the table of
// contract 3.1, for a workspace.
func (c *call) unassignWorkspaceMembers() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	sel, ignored, err := removal(c.params(), b, roster.ListWorkspace)
	if err != nil {
		return err
	}
	done, err := c.app.RemoveFromWorkspace(c.r.Context(), id, sel)
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	c.ignored(ignored)
	return c.json(http.StatusOK, map[string]int{"unassignments": done.Count})
}

func (c *call) listWorkspaceProjects() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	projects, err := c.app.WorkspaceProjects(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(projects, projectOf))
}

func (c *call) addWorkspaceProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("project")
	project := b.id("project")
	if err := b.err(); err != nil {
		return err
	}
	op, err := c.app.AddProject(c.r.Context(), id, project)
	if err != nil {
		return err
	}
	c.moved(op)
	return c.json(http.StatusCreated, map[string]int64{"project": project})
}

// removeWorkspaceProject is DELETE …/projects/?project=: the project is in no
// workspace then, and stays with the organization.
func (c *call) removeWorkspaceProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	project, err := c.userToRemove("project")
	if err != nil {
		return err
	}
	op, err := c.app.RemoveProject(c.r.Context(), id, project)
	if err != nil {
		return err
	}
	c.moved(op)
	return c.empty(http.StatusNoContent)
}

// moved names the record of a project's move, if it did move.
func (c *call) moved(op int64) {
	if op != 0 {
		c.operation(op)
	}
}
