package lsapi

import (
	"context"
	"net/http"

	"roster"
)

var assignmentRoutes = []plainRoute{
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
	p := c.params()
	p.nothingElse()
	if err := p.err(); err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	kind, users := b.assignees()
	sel := b.taskSelector()
	b.has("async") // it is done when it is answered, whatever this says
	b.nothingElse()
	if err := b.err(); err != nil {
		return err
	}
	done, err := c.app.AssignTasks(c.r.Context(), id, sel, kind, users)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]any{"assignments": done.Count, "async": false, "task_ids": orEmpty(done.TaskIDs)})
}

// listAnnotators is GET …/annotators: a bare list of whom the caller may give
// tasks to annotate (contract 3.8). Nobody has submitted annotations here, of whom
// the original makes the list.
func (c *call) listAnnotators() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	out := &listWriter{w: c.w}
	err = c.app.EachAnnotator(c.r.Context(), id, func(u roster.User) error { return out.add(userSimpleOf(u)) })
	return out.end(err)
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
	p.nothingElse()
	if err := p.err(); err != nil {
		return err
	}
	if err := c.app.RemoveAssignees(c.r.Context(), project, task, kind, users); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
