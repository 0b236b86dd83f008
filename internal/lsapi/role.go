package lsapi

import (
	"net/http"

	"roster"
)

var roleRoutes = []plainRoute{
	{"GET", "/api/projects/roles", (*call).myRoles},
	{"POST", "/api/projects/roles", (*call).setRole},
	{"DELETE", "/api/projects/roles/{id}", (*call).clearRole},
	{"GET", "/api/projects/{id}/roles", (*call).projectRoles},
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

// myRoles is GET /api/projects/roles/: the caller's own overrides.
func (c *call) myRoles() error {
	p := c.params()
	var ids []int64
	if p.given("ids") {
		ids = p.ids("ids")
	}
	if err := p.err(); err != nil {
		return err
	}
	roles, err := c.app.MyRoles(c.r.Context(), ids)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(roles, projectRoleOf))
}

// setRole is POST /api/projects/roles/.
func (c *call) setRole() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	for _, name := range []string{"project", "role", "user"} {
		b.require(name)
	}
	project, user, role := b.id("project"), b.id("user"), code(b, "role", roster.Role.Valid)
	if err := b.err(); err != nil {
		return err
	}
	out, op, err := c.app.SetProjectRole(c.r.Context(), project, user, role)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.json(http.StatusCreated, projectRoleOf(out))
}

// clearRole is DELETE /api/projects/roles/{id}/.
func (c *call) clearRole() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	op, err := c.app.ClearProjectRole(c.r.Context(), id)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.empty(http.StatusNoContent)
}

// projectRoles is GET /api/projects/{id}/roles: every override there.
func (c *call) projectRoles() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	roles, err := c.app.ProjectRoles(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(roles, projectRoleOf))
}
