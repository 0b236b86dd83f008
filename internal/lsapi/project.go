package lsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
)

var projectRoutes = []plainRoute{
	{"GET", "/api/projects", (*call).listProjects},
	{"POST", "/api/projects", (*call).createProject},
	{"GET", "/api/projects/{id}", (*call).getProject},
	{"PATCH", "/api/projects/{id}", (*call).updateProject},
	{"DELETE", "/api/projects/{id}", (*call).deleteProject},
}

const (
	defaultProjects    = 30
	maxProjects        = 1000
	defaultMembersShow = 10
)

// listProjects is GET /api/projects/ (contract 3.17).
func (c *call) listProjects() error {
	p := c.params()
	f, members := p.projectFilter(), p.membersLimit()
	page, err := p.page(defaultProjects, maxProjects)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	projects, total, err := c.app.Projects(c.r.Context(), f, page, members)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(projects, projectOf))
}

// projectFilter reads what narrows a list of projects.
func (p *params) projectFilter() roster.ProjectFilter {
	return roster.ProjectFilter{
		IDs: p.ids("ids"), Search: p.search("search"), Title: p.search("title"), Workspaces: p.ids("workspaces"),
		Archived: p.boolean("archived"), Pinned: p.pinned("filter"),
	}
}

// pinned reads the filter that is named filter: nil for all.
func (p *params) pinned(name string) *bool {
	var pinned bool
	switch p.str(name) {
	case "pinned_only":
		pinned = true
	case "exclude_pinned":
	case "", "all":
		return nil
	default:
		p.bad(name, "Must be \"all\", \"pinned_only\" or \"exclude_pinned\".")
	}
	return &pinned
}

// membersLimit is how many of its members a project shows.
func (p *params) membersLimit() int {
	if !p.given("members_limit") {
		return defaultMembersShow
	}
	n, err := strconv.Atoi(strings.TrimSpace(p.str("members_limit")))
	switch {
	case err != nil:
		p.bad("members_limit", "A valid integer is required.")
	case n < 0:
		p.bad("members_limit", "Ensure this value is greater than or equal to 0.")
	}
	return min(n, maxMembers)
}

func (c *call) getProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	members := p.membersLimit()
	if err := p.err(); err != nil {
		return err
	}
	project, err := c.app.Project(c.r.Context(), id, members)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, projectOf(project))
}

func (c *call) createProject() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := b.projectPatch()
	readSettings(b, createdSettings, "", patch.Settings)
	if patch.Settings["collection_mode"] != nil && patch.Settings["use_custom_interface"] != true {
		b.bad("collection_mode", "Requires use_custom_interface. Nothing was changed.")
	}
	if err := c.unchangedInNew(b); err != nil {
		return err
	}
	if err := b.err(); err != nil {
		return err
	}
	project, err := c.app.CreateProject(c.r.Context(), patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, projectOf(project))
}

func (c *call) updateProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	members := p.membersLimit()
	if err := p.err(); err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := b.projectPatch()
	if err := c.unchangedIn(b, id); err != nil {
		return err
	}
	if err := b.err(); err != nil {
		return err
	}
	project, op, err := c.app.UpdateProject(c.r.Context(), id, patch, members)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.json(http.StatusOK, projectOf(project))
}

func (c *call) deleteProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.app.DeleteProject(c.r.Context(), id); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// projectPatch reads the fields of a project that a request may write. What is
// read only on the wire is passed over, as there.
func (b *body) projectPatch() roster.ProjectPatch {
	patch := roster.ProjectPatch{
		Title: b.text("title", maxBody), Description: b.clearable("description"), Color: b.clearable("color"),
		Published: b.boolean("is_published"), Draft: b.boolean("is_draft"), Archived: b.boolean("is_archived"),
		PinnedAt: b.pinnedAt(), Settings: map[string]any{},
	}
	if b.has("workspace") {
		workspace := b.id("workspace") // null is no workspace
		patch.WorkspaceID = &workspace
	}
	if assignment := b.object("assignment_settings"); assignment != nil {
		patch.TaskDistribution = assignment.distribution()
		b.adopt("assignment_settings", assignment)
	}
	readSettings(b, projectSettings, "", patch.Settings)
	b.readInside("review_settings", reviewSettings, reviewPrefix, patch.Settings)
	b.readInside("dm_column_defaults", columnSettings, columnsPrefix, patch.Settings)
	if b.has("dm_column_defaults") && b.null("dm_column_defaults") {
		for _, s := range columnSettings {
			patch.Settings[columnsPrefix+s.name] = nil
		}
	}
	return patch
}

// unchangedInNew refuses to say whose a project is that is to be made: it is its maker's.
func (c *call) unchangedInNew(b *body) error {
	return c.unchangedProject(b, func() (roster.User, error) {
		me, _, err := c.app.Me(c.r.Context())
		return me, err
	})
}

// unchangedIn refuses to say whose the project with this id is, and to move its settings.
func (c *call) unchangedIn(b *body, id int64) error {
	b.unchangedInside("assignment_settings", map[string]any{"project": id})
	b.unchangedInside("review_settings", map[string]any{"project": id})
	return c.unchangedProject(b, func() (roster.User, error) {
		project, err := c.app.Project(c.r.Context(), id, 0)
		return project.CreatedBy, err
	})
}

// unchangedProject refuses to change what every project is shown with. Its maker is
// looked for where the request names one.
func (c *call) unchangedProject(b *body, maker func() (roster.User, error)) error {
	who, _ := roster.ActorFrom(c.r.Context())
	shown := map[string]any{"organization": who.OrganizationID, "task_data_password": nil}
	if b.has("created_by") {
		user, err := maker()
		if err != nil {
			return err
		}
		shown["created_by"] = userSimpleOf(user)
	}
	b.unchanged(shown)
	return nil
}

func (b *body) distribution() *roster.TaskDistribution {
	d := code(b, "label_stream_task_distribution", func(d roster.TaskDistribution) bool {
		return d == roster.AutoDistribution || d == roster.AssignedOnly
	})
	return nullable(d)
}

// readInside adds the settings that lie in an object.
func (b *body) readInside(name string, settings []setting, prefix string, changes map[string]any) {
	if inside := b.object(name); inside != nil {
		readSettings(inside, settings, prefix, changes)
		b.adopt(name, inside)
	}
}

// pinnedAt is when a project was pinned; null takes the pin away.
func (b *body) pinnedAt() *time.Time {
	text := b.clearable("pinned_at")
	if text == nil || *text == "" {
		return zeroTime(text)
	}
	p := params{values: map[string][]string{"pinned_at": {*text}}, errs: b.errs, read: map[string]bool{}}
	at := p.moment("pinned_at")
	return &at
}

func zeroTime(text *string) *time.Time {
	if text == nil {
		return nil
	}
	return new(time.Time)
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
func projectOf(v app.ProjectView) projectJSON {
	out := projectJSON{
		"id": v.ID, "title": v.Title, "description": v.Description, "color": v.Color,
		"organization": v.OrganizationID, "workspace": nullable(v.WorkspaceID), "workspace_title": nullable(v.WorkspaceTitle),
		"created_by": userSimpleOf(v.CreatedBy), "created_at": stamp(v.CreatedAt), "pinned_at": stamp(v.PinnedAt),
		"is_published": v.Published, "is_draft": v.Draft, "is_archived": v.Archived, "state": "CREATED",
		"members": each(v.Members, userSimpleOf), "members_count": v.MembersCount, "permissions": v.Permissions,
		"assignment_settings": map[string]any{"id": v.ID, "project": v.ID, "label_stream_task_distribution": v.TaskDistribution},
		"task_number":         v.TaskCount, "queue_total": v.TaskCount, "queue_left": v.TaskCount, "review_total_tasks": v.TaskCount,
		"description_short": shortened(v.Description), "internal_description_short": nil,
		"blueprints": []any{}, "prompts": []any{}, "data_types": map[string]any{}, "parsed_label_config": map[string]any{},
		"allow_stream": true, "ready": true, "is_dimensions_enabled": false, "duplication_done": false, "duplication_status": "",
		"config_has_control_tags": false, "config_suitable_for_bulk_annotation": false, "start_training_on_annotation_update": false,
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
	"finished_task_number", "ground_truth_number", "num_tasks_with_annotations", "queue_done", "rejected", "reviewed_number",
	"reviewer_queue_total", "skipped_annotations_number", "total_annotations_number", "total_predictions_number", "useful_annotation_number",
}

// shortened is the beginning of a text, for lists.
func shortened(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
