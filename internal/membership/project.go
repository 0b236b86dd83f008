package membership

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/core"
)

// ProjectView is a project as one person sees it.
type ProjectView struct {
	roster.Project
	Members     []roster.User // the first explicit ones, for those who may see who they are
	Permissions []string      // the wire's names of what the person may do in it
	Paused      bool          // the person is paused in it, and sees its name alone
	at          *core.Place   // what the policy knows about it
}

// Projects is one page of the projects the actor may see, each with its settings and its
// first members, and how many projects there are in all. Invalid when the settings are more
// than a page may hold.
func (a *Membership) Projects(ctx context.Context, f roster.ProjectFilter, page roster.Page,
	members int) (views []ProjectView, total int, err error) {
	who, projects, total, err := a.projectsListed(ctx, f, page)
	if err != nil || len(projects) == 0 {
		return nil, total, err
	}
	if err := a.db.FillSettings(ctx, projects); err != nil {
		return nil, 0, err
	}
	if err := a.db.FillCounts(ctx, projects); err != nil {
		return nil, 0, err
	}
	views, err = a.views(ctx, who, projects, members)
	return views, total, err
}

// projectsListed is one page of the projects the actor may see, without their settings, and how
// many there are in all.
func (a *Membership) projectsListed(ctx context.Context, f roster.ProjectFilter, page roster.Page) (who roster.Actor,
	projects []roster.Project, total int, err error) {
	a.Asked(ctx, f.IDs...)
	if who, err = a.May(ctx, core.FindProject); err != nil {
		return who, nil, 0, err
	}
	if total, err = a.db.CountProjects(ctx, who, f); err != nil || page.Offset() >= total {
		return who, nil, total, err
	}
	projects, err = a.db.Projects(ctx, who, f, page)
	return who, projects, total, err
}

// WorkspaceProjects is the projects in a workspace.
func (a *Membership) WorkspaceProjects(ctx context.Context, workspace int64) ([]ProjectView, error) {
	if _, _, err := a.MayInWorkspace(ctx, core.ViewWorkspace, workspace); err != nil {
		return nil, err
	}
	who, projects, _, err := a.projectsListed(ctx, roster.ProjectFilter{Workspaces: []int64{workspace}}, roster.Everything)
	if err == nil {
		err = a.db.FillCounts(ctx, projects)
	}
	if err != nil {
		return nil, err
	}
	return a.views(ctx, who, projects, 0)
}

// Project reads one, with its first members.
func (a *Membership) Project(ctx context.Context, id int64, members int) (ProjectView, error) {
	p, who, err := a.AllowedProject(ctx, core.ViewProject, id)
	if err != nil {
		return ProjectView{}, err
	}
	return a.view(ctx, who, p, members)
}

func (a *Membership) view(ctx context.Context, who roster.Actor, p roster.Project, members int) (ProjectView, error) {
	one := []roster.Project{p}
	if err := a.db.FillCounts(ctx, one); err != nil {
		return ProjectView{}, err
	}
	views, err := a.views(ctx, who, one, members)
	if err != nil {
		return ProjectView{}, err
	}
	return views[0], nil
}

// views completes counted projects by what who sees of them: a few statements,
// however many projects there are.
func (a *Membership) views(ctx context.Context, who roster.Actor, projects []roster.Project,
	members int) ([]ProjectView, error) {
	places, _, err := a.PlacesIn(ctx, who, idsOfProjects(projects))
	if err != nil {
		return nil, err
	}
	views := make([]ProjectView, len(projects))
	var open []int64 // the projects whose members who may see
	for i, p := range projects {
		p.CreatedBy = core.Addressed(who, p.CreatedBy)
		at := places[p.ID]
		if at.Paused {
			p = p.Named()
		}
		views[i] = ProjectView{Project: p, Permissions: core.PermissionsAt(who, at), Paused: at.Paused, at: at}
		if core.May(who, core.ViewMembers, at) == nil {
			open = append(open, p.ID)
		}
	}
	if members == 0 || len(open) == 0 {
		return views, nil
	}
	first, err := a.db.FirstMembers(ctx, open, members)
	for i := range views {
		views[i].Members = first[views[i].ID]
	}
	return views, err
}

func idsOfProjects(projects []roster.Project) []int64 {
	ids := make([]int64, len(projects))
	for i, p := range projects {
		ids[i] = p.ID
	}
	return ids
}

// CreateProject makes a project without members; its maker manages it all the
// same.
func (a *Membership) CreateProject(ctx context.Context, patch roster.ProjectPatch) (view ProjectView, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.CreateProject)
		if err != nil {
			return err
		}
		if patch.WorkspaceID != nil {
			if err := tx.intoWorkspace(ctx, *patch.WorkspaceID); err != nil {
				return err
			}
		}
		p := roster.Project{
			OrganizationID: who.OrganizationID, CreatedBy: roster.User{ID: who.UserID},
			Title: "New project", TaskDistribution: roster.AutoDistribution,
		}
		if err := changeProject(&p, patch); err != nil {
			return err
		}
		if err := tx.OwnIDs(ctx); err != nil {
			return err
		}
		if p.ID, err = tx.db.CreateProject(ctx, p, tx.Now()); err != nil {
			return err
		}
		if p, err = tx.db.Project(ctx, p.ID); err != nil {
			return err
		}
		view, err = tx.view(ctx, who, p, 0)
		return err
	})
	return view, err
}

// intoWorkspace authorizes putting a project into a workspace and locks that;
// 0 is no workspace. One the actor may not manage is as good as none.
func (a *Membership) intoWorkspace(ctx context.Context, workspace int64) error {
	if workspace == 0 {
		return nil
	}
	_, err := a.manageWorkspace(ctx, workspace)
	switch roster.KindOf(err) {
	case roster.NotFound, roster.Forbidden:
		return noSuch("workspace", workspace)
	}
	return err
}

// changeProject applies a patch, or refuses it.
func changeProject(p *roster.Project, patch roster.ProjectPatch) (err error) {
	if patch.Title != nil {
		p.Title = strings.TrimSpace(*patch.Title)
	}
	core.Set(&p.Description, patch.Description)
	core.Set(&p.Color, patch.Color)
	core.Set(&p.WorkspaceID, patch.WorkspaceID)
	core.Set(&p.Published, patch.Published)
	core.Set(&p.Draft, patch.Draft)
	core.Set(&p.Archived, patch.Archived)
	core.Set(&p.PinnedAt, patch.PinnedAt)
	core.Set(&p.TaskDistribution, patch.TaskDistribution)
	if p.Settings, err = mergeSettings(p.Settings, patch.Settings); err != nil {
		return err
	}
	return validProject(*p)
}

func validProject(p roster.Project) error {
	if utf8.RuneCountInString(p.Title) < 3 {
		return roster.InvalidField("title", "Ensure this field has at least 3 characters.")
	}
	if err := core.ValidText("title", p.Title, 50); err != nil {
		return err
	}
	if err := core.ValidText("color", p.Color, 16); err != nil {
		return err
	}
	return core.ValidText("description", p.Description, maxText)
}

// maxSettings bounds what a project keeps of its settings, in bytes, the labeling
// configuration above all: every page of projects carries them.
const maxSettings = 4 << 20

// mergeSettings replaces the named settings in a JSON object, and takes out
// those that become null.
func mergeSettings(text string, changes map[string]any) (string, error) {
	if len(changes) == 0 {
		return text, nil
	}
	settings := map[string]json.RawMessage{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &settings); err != nil {
			return "", err
		}
	}
	for name, value := range changes {
		raw, err := json.Marshal(value)
		if err != nil {
			return "", err
		}
		settings[name] = raw
		if value == nil {
			delete(settings, name)
		}
	}
	merged, err := json.Marshal(settings)
	if len(merged) > maxSettings {
		return "", roster.InvalidField("non_field_errors",
			"The settings of a project have at most %d MiB together. Nothing was changed.", maxSettings>>20)
	}
	return string(merged), err
}

// UpdateProject changes a project. Moving it to another workspace (0: to none)
// is an operation: it ends what people held in it by the old one alone.
func (a *Membership) UpdateProject(ctx context.Context, id int64, patch roster.ProjectPatch,
	members int) (view ProjectView, op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		p, who, err := tx.editProject(ctx, core.EditProject, id, patch.WorkspaceID)
		if err != nil {
			return err
		}
		from := p.WorkspaceID
		op = 0
		if err := changeProject(&p, patch); err != nil {
			return err
		}
		if err := tx.db.UpdateProject(ctx, p); err != nil {
			return err
		}
		if p.WorkspaceID != from {
			if op, err = tx.moved(ctx, p, from); err != nil {
				return err
			}
		}
		if p, err = tx.db.Project(ctx, id); err != nil {
			return err
		}
		view, err = tx.view(ctx, who, p, members)
		return err
	})
	return view, op, err
}

// editProject authorizes a change of a project, and of its workspace when into
// is another one, and locks both: the workspace first, as everybody does.
func (a *Membership) editProject(ctx context.Context, action core.Action, id int64, into *int64) (roster.Project,
	roster.Actor, error) {
	before, who, err := a.AllowedProject(ctx, action, id)
	if err != nil {
		return before, who, err
	}
	if into != nil && *into != before.WorkspaceID {
		if err := a.intoWorkspace(ctx, *into); err != nil {
			return before, who, err
		}
	}
	p, err := a.db.LockProject(ctx, id)
	if err == nil && p.WorkspaceID != before.WorkspaceID {
		err = roster.Errorf(roster.Busy, "Somebody moved the project at the same time. Nothing was changed; try again.")
	}
	return p, who, err
}

// moved records that a project left workspace from, with what that ends.
func (a *Membership) moved(ctx context.Context, p roster.Project, from int64) (int64, error) {
	op, err := a.Begin(ctx, roster.Operation{
		Kind: roster.OpMove, ProjectID: p.ID, WorkspaceID: p.WorkspaceID, Selector: fmt.Sprintf(`{"from":%d,"to":%d}`,
			from, p.WorkspaceID),
	})
	if err != nil {
		return 0, err
	}
	if err := a.db.EndInherited(ctx, p, op); err != nil {
		return 0, err
	}
	return op, a.followMakers(ctx, op, roster.MadeDisable)
}

// DeleteProject takes a project out of every list; its record stays.
func (a *Membership) DeleteProject(ctx context.Context, id int64) error {
	return a.Update(ctx, func(tx *Membership) error {
		if _, _, err := tx.editProject(ctx, core.DeleteProject, id, nil); err != nil {
			return err
		}
		return tx.db.DeleteProject(ctx, id, tx.Now())
	})
}

// AddProject moves a project into a workspace; being there already is fine.
func (a *Membership) AddProject(ctx context.Context, workspace, project int64) (op int64, err error) {
	if _, _, err := a.MayInWorkspace(ctx, core.ManageWorkspace, workspace); err != nil {
		return 0, err
	}
	_, op, err = a.UpdateProject(ctx, project, roster.ProjectPatch{WorkspaceID: &workspace}, 0)
	if roster.KindOf(err) == roster.NotFound {
		err = noSuch("project", project)
	}
	return op, err
}

// RemoveProject takes a project out of a workspace, and into none. One that is
// not in it stays where it is.
func (a *Membership) RemoveProject(ctx context.Context, workspace, project int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		op = 0
		if _, _, err := tx.MayInWorkspace(ctx, core.ManageWorkspace, workspace); err != nil {
			return err
		}
		p, _, err := tx.AllowedProject(ctx, core.EditProject, project)
		if err != nil || p.WorkspaceID != workspace {
			return err
		}
		_, op, err = tx.UpdateProject(ctx, project, roster.ProjectPatch{WorkspaceID: new(int64)}, 0)
		return err
	})
	return op, err
}
