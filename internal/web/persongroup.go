package web

import (
	"cmp"
	"slices"

	"roster/internal/membership"
)

// pathGroup is the projects that somebody reaches by one workspace: leaving it is leaving
// them all. Those that they reach by no workspace are the last group.
type pathGroup struct {
	ID       int64 // of the workspace; 0: none
	Title    string
	Projects int
}

// groupOfRow is the workspace by which a project is reached; 0 without one.
func groupOfRow(r membership.ReachRow) int64 {
	if !r.InWorkspace {
		return 0
	}
	return r.Project.WorkspaceID
}

// byWorkspace puts projects that are in the order of their titles into that of the
// workspaces by which they are reached.
func byWorkspace(projects []membership.ReachRow) {
	slices.SortStableFunc(projects, func(a, b membership.ReachRow) int {
		x, y := groupOfRow(a), groupOfRow(b)
		switch {
		case x == y:
			return 0
		case x == 0 || y == 0:
			return cmp.Compare(y, x)
		}
		return cmp.Or(cmp.Compare(a.Project.WorkspaceTitle, b.Project.WorkspaceTitle), cmp.Compare(x, y))
	})
}

// Heading is the group that begins with a row of the page; nil where none does, or where no
// project is reached by a workspace.
func (p personPage) Heading(at int) *pathGroup {
	group := groupOfRow(p.Shown[at])
	if at > 0 && groupOfRow(p.Shown[at-1]) == group {
		return nil
	}
	out := pathGroup{ID: group, Title: p.Shown[at].Project.WorkspaceTitle}
	for _, r := range p.Projects {
		if groupOfRow(r) == group {
			out.Projects++
		}
	}
	if group == 0 && out.Projects == len(p.Projects) {
		return nil
	}
	return &out
}
