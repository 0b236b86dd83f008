package lsapi

import (
	"net/http"

	"roster"
)

func roleRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/roles", do: does((*call).myRoles),
			summary: "List my project roles", answer: "The caller's roles.",
		},
		{
			method: "POST", path: "/api/projects/roles", do: does((*call).setRole),
			summary: "Give a project role",
			text:    "Replaces the one that stands.",
			status:  http.StatusCreated, answer: "The role.",
			others: []answer{{status: 404, text: "There is no such project, or the caller may not see it."}},
		},
		{
			method: "DELETE", path: "/api/projects/roles/{id}", do: does((*call).clearRole),
			summary: "Take a project role away", answer: "The organization's role holds again.",
		},
		{
			method: "GET", path: "/api/projects/{id}/roles", do: does((*call).projectRoles),
			summary: "List the roles in a project", answer: "The roles.",
		},
	}
}

// projectRoleJSON is the wire's ProjectRole.
type projectRoleJSON struct {
	ID         int64              `json:"id"`
	Project    int64              `json:"project"`
	User       int64              `json:"user"`
	Role       roster.Role        `json:"role"`
	RoleSource *roster.RoleSource `json:"role_source"`
}

func projectRoleOf(r roster.ProjectRole) projectRoleJSON {
	return projectRoleJSON{r.ID, r.ProjectID, r.UserID, r.Role, nullable(r.Source)}
}

type myRolesRequest struct {
	IDs []int64 `query:"ids" doc:"Only in these projects."`
}

// myRoles is GET /api/projects/roles/: the caller's own overrides.
func (c *call) myRoles(in myRolesRequest) ([]projectRoleJSON, error) {
	roles, err := c.app.MyRoles(c.r.Context(), in.IDs)
	return each(roles, projectRoleOf), err
}

type setRoleRequest struct {
	Project int64           `body:"project,required" doc:"The project."`
	User    int64           `body:"user,required" doc:"Who, by user id."`
	Role    projectRoleCode `body:"role,required" doc:"Annotator or Reviewer."`
}

// setRole is POST /api/projects/roles/.
func (c *call) setRole(in setRoleRequest) (projectRoleJSON, error) {
	out, op, err := c.app.SetProjectRole(c.r.Context(), in.Project, in.User, roster.Role(in.Role))
	c.operation(op)
	return projectRoleOf(out), err
}

type clearRoleRequest struct {
	Role int64 `path:"id"`
}

// clearRole is DELETE /api/projects/roles/{id}/.
func (c *call) clearRole(in clearRoleRequest) (out nothing, err error) {
	op, err := c.app.ClearProjectRole(c.r.Context(), in.Role)
	c.operation(op)
	return out, err
}

// projectRoles is GET /api/projects/{id}/roles: every override there.
func (c *call) projectRoles(in inProject) ([]projectRoleJSON, error) {
	roles, err := c.app.ProjectRoles(c.r.Context(), in.Project)
	return each(roles, projectRoleOf), err
}
