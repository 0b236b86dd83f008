package lsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"roster"
	"roster/internal/membership"
)

func projectRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects", do: does((*call).listProjects),
			summary: "List projects", answer: "A page of the projects the caller sees.",
		},
		{
			method: "POST", path: "/api/projects", do: does((*call).createProject),
			summary: "Create a project", status: http.StatusCreated, answer: "The project.",
		},
		{
			method: "GET", path: "/api/projects/{id}", do: does((*call).getProject),
			summary: "Read a project", answer: "The project.",
		},
		{
			method: "PATCH", path: "/api/projects/{id}", do: does((*call).updateProject),
			summary: "Change a project", answer: "The project as it is now.",
		},
		{
			method: "DELETE", path: "/api/projects/{id}", do: does((*call).deleteProject),
			summary: "Delete a project", answer: "It is gone, with its tasks.",
		},
	}
}

// maxMembersShow is how many of its members a project shows at most.
const maxMembersShow = 1000

// projectFilter is what narrows a list of projects.
type projectFilter struct {
	IDs        []int64 `query:"ids" doc:"Only these."`
	Search     string  `query:"search" doc:"Words that title or description contain."`
	Title      string  `query:"title" doc:"Words that the title contains."`
	Workspaces []int64 `query:"workspaces" doc:"Only in these workspaces."`
	Archived   *bool   `query:"archived" doc:"Only archived ones, or only others."`
	Pinned     string  `query:"filter" codes:"all pinned_only exclude_pinned" doc:"Only pinned ones, or only others."`
}

func (f projectFilter) filter() roster.ProjectFilter {
	out := roster.ProjectFilter{
		IDs: f.IDs, Search: f.Search, Title: f.Title, Workspaces: f.Workspaces, Archived: f.Archived,
	}
	if f.Pinned != "" && f.Pinned != "all" {
		out.Pinned = new(f.Pinned == "pinned_only")
	}
	return out
}

type listProjectsRequest struct {
	projectFilter
	Members int         `query:"members_limit" default:"10" doc:"How many members to show of each."`
	Page    roster.Page `page:"30,1000"`
}

// listProjects is GET /api/projects/ (contract 3.17).
func (c *call) listProjects(in listProjectsRequest) (pageJSON[projectJSON], error) {
	projects, total, err := c.app.Projects(c.r.Context(), in.filter(), in.Page, min(in.Members, maxMembersShow))
	return pageOf(c, in.Page, total, each(projects, projectOf)), err
}

type getProjectRequest struct {
	inProject
	Members int `query:"members_limit" default:"10" doc:"How many members to show."`
}

func (c *call) getProject(in getProjectRequest) (projectJSON, error) {
	project, err := c.app.Project(c.r.Context(), in.Project, min(in.Members, maxMembersShow))
	return projectOf(project), err
}

// projectPatch is the fields of a project that a request may write. What is read only on
// the wire is passed over, as there.
type projectPatch struct {
	Title        *string      `body:"title" doc:"3 to 50 characters."`
	Description  *string      `body:"description,null" doc:"What it is about."`
	Color        *string      `body:"color,null" doc:"How it is shown."`
	Workspace    *int64       `body:"workspace,null" doc:"The workspace it is in."`
	Published    *bool        `body:"is_published" doc:"Whether annotators see it."`
	Draft        *bool        `body:"is_draft" doc:"Whether it is unfinished."`
	Archived     *bool        `body:"is_archived" doc:"Whether it is out of the way."`
	PinnedAt     pinnedAt     `body:"pinned_at,null" doc:"When it was pinned; null is not at all."`
	Distribution distribution `body:"assignment_settings" doc:"label_stream_task_distribution: auto_distribution or assigned_only."`
	Settings     givenSettings
}

func (in projectPatch) patch() roster.ProjectPatch {
	return roster.ProjectPatch{
		Title: in.Title, Description: in.Description, Color: in.Color, WorkspaceID: in.Workspace,
		Published: in.Published, Draft: in.Draft, Archived: in.Archived, PinnedAt: in.PinnedAt.at,
		TaskDistribution: in.Distribution.said, Settings: in.Settings,
	}
}

type createProjectRequest struct {
	projectPatch
	Created firstSettings
}

func (in *createProjectRequest) complete(r *request) {
	maps.Copy(in.Settings, in.Created)
	if in.Settings["collection_mode"] != nil && in.Settings["use_custom_interface"] != true {
		r.body().bad("collection_mode", "Requires use_custom_interface. Nothing was changed.")
	}
	r.unchangedProject(func() (roster.User, error) {
		me, _, err := r.app.Me(r.r.Context())
		return me, err
	})
}

func (c *call) createProject(in createProjectRequest) (projectJSON, error) {
	project, err := c.app.CreateProject(c.r.Context(), in.patch())
	return projectOf(project), err
}

type updateProjectRequest struct {
	getProjectRequest
	projectPatch
}

func (in *updateProjectRequest) complete(r *request) {
	r.body().unchangedInside("assignment_settings", map[string]any{"project": in.Project})
	r.body().unchangedInside("review_settings", map[string]any{"project": in.Project})
	r.unchangedProject(func() (roster.User, error) {
		project, err := r.app.Project(r.r.Context(), in.Project, 0)
		return project.CreatedBy, err
	})
}

func (c *call) updateProject(in updateProjectRequest) (projectJSON, error) {
	project, op, err := c.app.UpdateProject(c.r.Context(), in.Project, in.patch(), min(in.Members, maxMembersShow))
	c.operation(op)
	return projectOf(project), err
}

func (c *call) deleteProject(in inProject) (out nothing, err error) {
	return out, c.app.DeleteProject(c.r.Context(), in.Project)
}

// unchangedProject refuses to change what every project is shown with. Its maker is
// looked for where the request names one.
func (r *request) unchangedProject(maker func() (roster.User, error)) {
	who, _ := roster.ActorFrom(r.r.Context())
	shown := map[string]any{"organization": who.OrganizationID, "task_data_password": nil}
	if r.body().has("created_by") {
		user, err := maker()
		r.fail(err)
		shown["created_by"] = userSimpleOf(user)
	}
	r.body().unchanged(shown)
}

// distribution is how tasks are given out, which lies in an object.
type distribution struct{ said *roster.TaskDistribution }

func (d *distribution) read(r *request, f field) {
	b, name := r.body(), f.name
	if inside := b.object(name); inside != nil {
		d.said = nullable(code(inside, "label_stream_task_distribution", func(d roster.TaskDistribution) bool {
			return d == roster.AutoDistribution || d == roster.AssignedOnly
		}))
		b.adopt(name, inside)
	}
}

// pinnedAt is when a project was pinned; null takes the pin away.
type pinnedAt struct{ at *time.Time }

func (p *pinnedAt) read(r *request, f field) {
	b, name := r.body(), f.name
	switch text := b.clearable(name); {
	case text == nil:
	case *text == "":
		p.at = new(time.Time)
	default:
		asked := params{values: map[string][]string{name: {*text}}, errs: b.errs, read: map[string]bool{}}
		p.at = new(asked.moment(name))
	}
}

// object is a JSON object in a field; nil when absent, null or something else.
func (b *body) object(name string) *body {
	if !b.has(name) || b.null(name) {
		return nil
	}
	var fields map[string]json.RawMessage
	if b.isForm || json.Unmarshal(b.fields[name], &fields) != nil {
		b.bad(name, "Expected an object.")
		return nil
	}
	return newBody(fields)
}

// adopt complains about a field for everything that was wrong inside it.
func (b *body) adopt(name string, inside *body) {
	for _, field := range slices.Sorted(maps.Keys(inside.errs)) {
		for _, message := range inside.errs[field] {
			b.bad(name, field+": "+message)
		}
	}
}

// projectJSON is a project, made field by field.
type projectJSON map[string]any

// projectOf is the wire's LseProjectResponse, and so also its shorter shapes.
// Roster has no annotations, so everything that counts them is zero.
func projectOf(v membership.ProjectView) projectJSON {
	out := projectJSON{
		"id": v.ID, "title": v.Title, "description": v.Description, "color": v.Color,
		"organization": v.OrganizationID, "workspace": nullable(v.WorkspaceID), "workspace_title": nullable(v.WorkspaceTitle),
		"created_by": userSimpleOf(v.CreatedBy), "created_at": stamp(v.CreatedAt), "pinned_at": stamp(v.PinnedAt),
		"is_published": v.Published, "is_draft": v.Draft, "is_archived": v.Archived, "state": "CREATED",
		"members": each(v.Members, userSimpleOf), "members_count": v.MembersCount, "permissions": v.Permissions,
		"assignment_settings": map[string]any{"id": v.ID, "project": v.ID,
			"label_stream_task_distribution": v.TaskDistribution},
		"task_number": v.TaskCount, "queue_total": v.TaskCount, "queue_left": v.TaskCount, "review_total_tasks": v.TaskCount,
		"description_short": shortened(v.Description), "internal_description_short": nil,
		"blueprints": []any{}, "prompts": []any{}, "data_types": map[string]any{}, "parsed_label_config": map[string]any{},
		"allow_stream": true, "ready": true, "is_dimensions_enabled": false, "duplication_done": false,
		"duplication_status":      "",
		"config_has_control_tags": false, "config_suitable_for_bulk_annotation": false,
		"start_training_on_annotation_update": false,
	}
	for _, name := range annotationCounts {
		out[name] = 0
	}
	if v.Paused {
		out["allow_stream"], out["ready"] = false, false
	}
	kept := map[string]json.RawMessage{}
	if v.Settings != "" {
		json.Unmarshal([]byte(v.Settings), &kept) // it was valid when it was stored
	}
	maps.DeleteFunc(kept, func(_ string, value json.RawMessage) bool { return roster.Nesting(value) > roster.MostNested })
	writeSettings(out, projectSettings, "", kept)
	writeSettings(out, createdSettings, "", kept)
	out["task_data_password"] = nil // nothing Roster answers holds a secret it was given
	out["dm_column_defaults"] = columnsOf(kept)
	review := map[string]any{"id": v.ID, "project": v.ID, "requeue_rejected_tasks_to_annotator": false}
	writeSettings(review, reviewSettings, reviewPrefix, kept)
	out["review_settings"] = review
	return out
}

// columnsOf is dm_column_defaults; null where nothing was said.
func columnsOf(kept map[string]json.RawMessage) any {
	columns := map[string]any{}
	writeSettings(columns, columnSettings, columnsPrefix, kept)
	if columns["explore"] == nil && columns["labeling"] == nil {
		return nil
	}
	return columns
}

var annotationCounts = []string{
	"finished_task_number", "ground_truth_number", "num_tasks_with_annotations", "queue_done", "rejected",
	"reviewed_number",
	"reviewer_queue_total", "skipped_annotations_number", "total_annotations_number", "total_predictions_number",
	"useful_annotation_number",
}

// shortened is the beginning of a text, for lists.
func shortened(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
