package membership

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"roster"
	"roster/internal/core"
)

// mostGlanced is how many members are looked at for a page of a list: of more, it would take
// longer than people wait for it.
const mostGlanced = 50_000

// glanced is which places of a list are counted, given how many members each has: the small
// ones first, as far as it goes.
func glanced(members map[int64]int) (counted []int64) {
	ids := slices.SortedFunc(maps.Keys(members), func(a, b int64) int {
		return cmp.Or(cmp.Compare(members[a], members[b]), cmp.Compare(a, b))
	})
	left := mostGlanced
	for _, id := range ids {
		if left -= members[id]; left < 0 {
			break
		}
		counted = append(counted, id)
	}
	return counted
}

// GlancedProject is a project with what a list shows of its people.
type GlancedProject struct {
	ProjectRow
	roster.Glance // of nobody where the actor does not see the members
}

// ProjectsAtAGlance is ProjectList with a glance at each. Inactive are those who did nothing
// since a time.
func (a *Membership) ProjectsAtAGlance(ctx context.Context, f roster.ProjectFilter, page roster.Page,
	inactive time.Time) (rows []GlancedProject, total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		list, n, err := tx.ProjectList(ctx, f, page)
		if total = n; err == nil {
			rows, err = tx.glanceAtProjects(ctx, list, inactive)
		}
		return err
	})
	return rows, total, err
}

func (a *Membership) glanceAtProjects(ctx context.Context, list []ProjectRow,
	inactive time.Time) (rows []GlancedProject, err error) {
	members := map[int64]int{}
	for _, row := range list {
		rows = append(rows, GlancedProject{ProjectRow: row})
		if row.SeesMembers {
			members[row.ID] = row.MembersCount
		}
	}
	if len(members) == 0 {
		return rows, nil
	}
	counted := glanced(members)
	glances, err := a.db.ProjectGlances(ctx, rows[0].OrganizationID, slices.Collect(maps.Keys(members)), counted,
		inactive, roster.MostOpen+1)
	for i := range rows {
		rows[i].Glance = glances[rows[i].ID]
		rows[i].Steps = charted(rows[i].Steps)
	}
	return rows, err
}

// GlancedWorkspace is a workspace with what a list shows of its people.
type GlancedWorkspace struct {
	WorkspaceRow
	roster.Glance // of nobody where the actor may not change it
}

// GlanceAtWorkspaces looks at each of the rows of a list that the actor may change. Inactive
// are those who did nothing since a time.
func (a *Membership) GlanceAtWorkspaces(ctx context.Context, rows []WorkspaceRow,
	inactive time.Time) (out []GlancedWorkspace, err error) {
	who, err := core.ActorOf(ctx)
	if err != nil {
		return nil, err
	}
	members := map[int64]int{}
	for _, row := range rows {
		if core.May(who, core.ManageWorkspace, core.PlaceOf(row.Workspace, who)) == nil {
			members[row.ID] = row.Members
		}
	}
	glances := map[int64]roster.Glance{}
	if len(members) > 0 {
		glances, err = a.db.WorkspaceGlances(ctx, slices.Collect(maps.Keys(members)), glanced(members), inactive,
			roster.MostOpen+1)
	}
	for _, row := range rows {
		out = append(out, GlancedWorkspace{row, glances[row.ID]})
	}
	return out, err
}

// WithoutWork is one page of the people, by name and how many there are in all, who are
// members of projects in which tasks are handed out, may work there, and have no open task
// in any of them. Only who looks after everybody may know.
func (a *Membership) WithoutWork(ctx context.Context, page roster.Page) (people []roster.User, total int, err error) {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return nil, 0, err
	}
	return a.db.WithoutWork(ctx, who.OrganizationID, page)
}
