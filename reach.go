package roster

// Reach is one project that a person is in, with every path by which.
type Reach struct {
	Project     Project // without settings and counts; of its creator the id alone
	UserID      int64
	Explicit    bool // has a membership row of their own
	InWorkspace bool // is a member of the project's workspace
	ByRole      bool // is Owner or Administrator
	Role        Role // the project's override; "" when none
	Source      RoleSource
	Paused      bool
	Open        int // tasks assigned to them
}

// Stays reports whether any path leads to the project.
func (r Reach) Stays() bool { return r.Explicit || r.InWorkspace || r.ByRole }

// Cut says which path to a project is taken away from a person: their own
// membership of a project, that of a workspace, or an organization role, in
// place of which they have another. Exactly one of the three is set.
type Cut struct {
	Project   int64
	Workspace int64
	Role      Role // the new one
}

// From is what is left of r after the cut.
func (c Cut) From(r Reach) Reach {
	switch {
	case c.Project != 0 && c.Project == r.Project.ID:
		r.Explicit = false
	case c.Workspace != 0 && c.Workspace == r.Project.WorkspaceID:
		r.InWorkspace = false
	case c.Role != "" && !c.Role.Works():
		r.Explicit, r.InWorkspace, r.ByRole = false, false, false
	case c.Role != "":
		r.ByRole = c.Role.SeesEveryProject() && (r.Project.SandboxOf == 0 || r.Project.SandboxOf == r.UserID)
	}
	return r
}
