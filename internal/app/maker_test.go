package app_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/membership"
)

// TestComingAgainEndsMaking: a Manager who comes again does not see what they made before,
// though it says who made it; the undo of the deletion is the way back to how it was, and
// what is closed to everybody else stays theirs.
func TestComingAgainEndsMaking(t *testing.T) {
	for name, come := range comings {
		t.Run(name, func(t *testing.T) {
			onProvider(t, func(t *testing.T, p provider) {
				p.T = t
				user := p.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: roster.RoleManager})
				made := makes(p.World, user)
				leave := func() int64 {
					left, err := p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, user)
					must(t, err)
					return left
				}
				undone(t, p.World, leave(), 1)
				made.want(p.World, user, true)
				left := leave()
				p.Clock = p.Clock.Add(time.Hour)
				must(t, come(p, "ana@example.com"))
				_, _, err := p.App.ChangeMembership(p.As(p.Owner), p.Org, user, roster.MembershipChange{Role: roster.RoleManager})
				must(t, err)
				made.want(p.World, user, false)
				if got := cameBy(p.World, user, left); !slices.Contains(got, roster.Outcome{
					UserID: user, ProjectID: made.project, Project: "Theirs", Result: roster.MakerEnded,
				}) {
					t.Errorf("no record of it in %+v", got)
				}
				span := roster.Span{Since: p.Clock.Add(time.Hour), Until: p.Clock.Add(2 * time.Hour)}
				p.Clock = span.Until
				people, _, err := p.App.PastAccess(p.As(p.Owner), made.project, span, roster.PastFilter{}, roster.Everything)
				if err != nil || slices.ContainsFunc(people, func(a roster.PastAccess) bool { return a.User.ID == user }) {
					t.Errorf("who could see it afterwards: %+v %v", people, err)
				}
			})
		})
	}
}

// madeBy is what somebody made: a project, a workspace, and a project in their sandbox.
type madeBy struct{ project, space, sandboxed int64 }

func makes(w *apptest.World, user int64) (m madeBy) {
	w.T.Helper()
	as, title, personal := w.As(user), "Theirs", true
	project, err := w.App.CreateProject(as, roster.ProjectPatch{Title: &title})
	must(w.T, err)
	space, _, err := w.App.CreateWorkspace(as, roster.WorkspacePatch{Title: &title})
	must(w.T, err)
	alone, _, err := w.App.CreateWorkspace(as, roster.WorkspacePatch{Title: &title, Personal: &personal})
	must(w.T, err)
	sandboxed, err := w.App.CreateProject(as, roster.ProjectPatch{Title: &title, WorkspaceID: &alone.ID})
	must(w.T, err)
	return madeBy{project.ID, space.ID, sandboxed.ID}
}

// want looks whether they see what others may see, too, in lists and by itself.
func (m madeBy) want(w *apptest.World, user int64, all bool) {
	w.T.Helper()
	as := w.As(user)
	_, err := w.App.Project(as, m.project, 0)
	_, sandboxed := w.App.Project(as, m.sandboxed, 0)
	_, space := w.App.Workspace(as, m.space)
	if (err == nil) != all || (space == nil) != all || sandboxed != nil {
		w.T.Errorf("by itself: project %v, workspace %v, sandbox %v", err, space, sandboxed)
	}
	list, _, err := w.App.Projects(as, roster.ProjectFilter{}, roster.Everything, 0)
	must(w.T, err)
	if got := slices.ContainsFunc(list, func(v membership.ProjectView) bool { return v.ID == m.project }); got != all {
		w.T.Errorf("the project is in the list: %v", got)
	}
	spaces, err := w.App.Workspaces(as, roster.WorkspaceFilter{}, "")
	must(w.T, err)
	if got := slices.ContainsFunc(spaces, func(v roster.Workspace) bool { return v.ID == m.space }); got != all {
		w.T.Errorf("the workspace is in the list: %v", got)
	}
}
