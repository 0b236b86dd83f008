package lsapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"roster"
)

var assignmentRoutes = []route{
	{"GET", "/api/projects/{id}/annotators", (*call).listAnnotators},
	{"POST", "/api/projects/{id}/tasks/assignees", (*call).assignTasks},
	{"GET", "/api/projects/{id}/tasks/{task}/assignees", (*call).listAssignees},
	{"POST", "/api/projects/{id}/tasks/{task}/assignees", (*call).addAssignees},
	{"PATCH", "/api/projects/{id}/tasks/{task}/assignees", (*call).setAssignees},
	{"DELETE", "/api/projects/{id}/tasks/{task}/assignees", (*call).removeAssignees},
}

// assignmentJSON is the wire's TaskAssignment.
type assignmentJSON struct {
	ID        int64                 `json:"id"`
	Task      int64                 `json:"task"`
	Assignee  int64                 `json:"assignee"`
	Type      roster.AssignmentType `json:"type"`
	CreatedAt stamp                 `json:"created_at"`
	State     string                `json:"state"`
}

func assignmentOf(a roster.Assignment) assignmentJSON {
	return assignmentJSON{a.ID, a.TaskID, a.UserID, a.Type, stamp(a.CreatedAt), "CREATED"}
}

// assignees reads the two fields that every assignment of tasks has.
func (b *body) assignees() (roster.AssignmentType, []int64) {
	b.require("type")
	b.require("users")
	kind, users := code(b, "type", roster.AssignmentType.Valid), b.ids("users")
	if kind == "" && len(b.errs["type"]) == 0 {
		b.bad("type", "This field may not be null.")
	}
	return kind, users
}

// assignTasks is POST …/tasks/assignees (contract 3.8).
func (c *call) assignTasks() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	kind, users := b.assignees()
	sel := b.taskSelector()
	if err := b.err(); err != nil {
		return err
	}
	done, err := c.app.AssignTasks(c.r.Context(), id, sel, kind, users)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]any{"assignments": done.Count, "async": false, "task_ids": orEmpty(done.TaskIDs)})
}

// taskSelector reads selectedItems and filters.
func (b *body) taskSelector() roster.TaskSelector {
	var s roster.TaskSelector
	if b.require("selectedItems") {
		if items := b.object("selectedItems"); items != nil {
			items.require("all")
			s = roster.TaskSelector{All: items.flag("all"), Included: items.ids("included"), Excluded: items.ids("excluded")}
			b.adopt("selectedItems", items)
		}
	}
	if filters := b.object("filters"); filters != nil {
		s.Filter = filters.taskFilter()
		b.adopt("filters", filters)
	}
	return s
}

// taskFilter reads as much of the Data Manager's grammar as concerns ids, and
// refuses the rest by name: a condition that is not understood must not turn
// "some tasks" into "all".
func (b *body) taskFilter() roster.TaskFilter {
	conjunction := code(b, "conjunction", func(v string) bool { return v == "and" || v == "or" })
	b.require("conjunction")
	b.require("items")
	f := roster.TaskFilter{Any: conjunction == "or"}
	for item := range b.objects("items") {
		f.Conditions = append(f.Conditions, item.taskCondition())
		b.adopt("items", item)
	}
	return f
}

func (b *body) taskCondition() roster.TaskCondition {
	if column := b.text("filter", 1000); column == nil || *column != "filter:tasks:id" {
		b.bad("filter", fmt.Sprintf("Roster filters tasks by filter:tasks:id only, not by %s.", b.fields["filter"]))
	}
	if b.has("child_filters") && !b.null("child_filters") {
		b.bad("child_filters", "Roster has no nested filters.")
	}
	c := roster.TaskCondition{Is: code(b, "operator", func(c roster.Comparison) bool { return comparisons[c] })}
	b.require("operator")
	if b.require("value") {
		c.IDs = b.numbers("value")
	}
	if list := c.Is == roster.InList || c.Is == roster.NotInList; !list && len(c.IDs) != 1 && len(b.errs) == 0 {
		b.bad("value", "A valid integer is required.")
	}
	return c
}

var comparisons = map[roster.Comparison]bool{
	roster.Equal: true, roster.NotEqual: true, roster.Greater: true, roster.GreaterOrEqual: true,
	roster.Less: true, roster.LessOrEqual: true, roster.InList: true, roster.NotInList: true,
}

// numbers is one integer or a list of them, as numbers or as text with commas.
func (b *body) numbers(name string) []int64 {
	var out []int64
	if bytes.Count(b.fields[name], []byte(",")) >= roster.MostIDs {
		b.bad(name, roster.TooManyIDs)
		return nil
	}
	for _, value := range flatten(b.fields[name]) {
		for text := range strings.SplitSeq(value, ",") {
			n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			if err != nil {
				b.bad(name, "A valid integer is required.")
				return nil
			}
			out = append(out, n)
		}
	}
	return out
}

// listAnnotators is GET …/annotators: a bare list of whom the caller may give
// tasks to annotate (contract 3.8). Nobody has submitted annotations here, of whom
// the original makes the list.
func (c *call) listAnnotators() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	users, err := c.app.Annotators(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(users, userSimpleOf))
}

// assigneePath reads the project and the task that a path names.
func (c *call) assigneePath() (project, task int64, err error) {
	if project, err = c.id("id"); err != nil {
		return 0, 0, err
	}
	task, err = c.id("task")
	return project, task, err
}

func (c *call) listAssignees() error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	open, err := c.app.Assignees(c.r.Context(), project, task)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(open, assignmentOf))
}

// addAssignees is POST …/tasks/{task}/assignees; the answer is one object.
func (c *call) addAssignees() error {
	return c.changeAssignees(c.app.AddAssignees)
}

// setAssignees is PATCH …/tasks/{task}/assignees.
func (c *call) setAssignees() error {
	return c.changeAssignees(c.app.SetAssignees)
}

type assigneeChange func(ctx context.Context, project, task int64, kind roster.AssignmentType, users []int64) (roster.Assignment, error)

func (c *call) changeAssignees(change assigneeChange) error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	kind, users := b.assignees()
	if err := b.err(); err != nil {
		return err
	}
	first, err := change(c.r.Context(), project, task, kind, users)
	if err != nil {
		return err
	}
	if first.ID == 0 { // nobody had it and nobody has: still an object, or the client breaks
		return c.json(http.StatusOK, struct{}{})
	}
	return c.json(http.StatusOK, assignmentOf(first))
}

func (c *call) removeAssignees() error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	p := c.params()
	kind := roster.AssignmentType(p.str("type"))
	if kind != "" && !kind.Valid() {
		p.bad("type", "\""+string(kind)+"\" is not a valid choice.")
	}
	var users []int64 // nil is everybody, which an empty list is not
	if p.values.Has("users") {
		users = orEmpty(p.ids("users"))
	}
	for _, name := range p.unread() {
		p.bad(name, "Unknown parameter. Nothing was changed.")
	}
	if err := p.err(); err != nil {
		return err
	}
	if err := c.app.RemoveAssignees(c.r.Context(), project, task, kind, users); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
