package lsapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"roster"
)

var projectTaskRoutes = []plainRoute{
	{"GET", "/api/projects/{id}/tasks", (*call).listProjectTasks},
	{"DELETE", "/api/projects/{id}/tasks", (*call).deleteProjectTasks},
}

// maxEveryTask is how many tasks a list without pages holds: it has no count by
// which a client could tell that some are missing.
const maxEveryTask = 10_000

// taskSimpleJSON is the wire's TaskSimple, as much of it as Roster knows.
type taskSimpleJSON struct {
	ID          int64           `json:"id"`
	Project     int64           `json:"project"`
	Data        json.RawMessage `json:"data"`
	CreatedAt   stamp           `json:"created_at"`
	UpdatedAt   stamp           `json:"updated_at"`
	Annotations []struct{}      `json:"annotations"`
	Predictions []struct{}      `json:"predictions"`
}

func taskSimpleOf(t roster.Task) taskSimpleJSON {
	return taskSimpleJSON{
		ID: t.ID, Project: t.ProjectID, Data: shallow(t.Data, roster.MostNested, unreadable), CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt),
		Annotations: []struct{}{}, Predictions: []struct{}{},
	}
}

// listProjectTasks is GET /api/projects/{id}/tasks/: a bare list (contract 3.19).
func (c *call) listProjectTasks() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	page, every, err := p.taskPage()
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	if every {
		if err := c.fewTasks(id); err != nil {
			return err
		}
	}
	tasks, _, err := c.app.Tasks(c.r.Context(), id, page)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(tasks, taskSimpleOf))
}

// fewTasks refuses to list every task of a project that has too many, before one is read.
func (c *call) fewTasks(project int64) error {
	total, err := c.app.CountTasks(c.r.Context(), project)
	if err == nil && total > maxEveryTask {
		err = roster.InvalidField("page_size", "These are %d tasks, and at most %d can be had at once. Ask for pages.", total, maxEveryTask)
	}
	return err
}

// taskPage reads page and page_size, or start (tasks to pass over) and length. A
// size of -1 is every task, and page has no effect then.
func (p *params) taskPage() (page roster.Page, every bool, err error) {
	if !p.given("page_size") && p.given("length") {
		p.values.Set("page_size", p.str("length"))
	}
	if page, err = p.page(defaultTasks, maxTasks); err != nil {
		return page, false, err
	}
	if strings.TrimSpace(p.str("page_size")) == "-1" {
		return roster.Page{Number: 1, Size: maxEveryTask, Order: page.Order}, true, nil
	}
	if !p.given("start") || p.given("page") {
		return page, false, nil
	}
	start, err := strconv.Atoi(strings.TrimSpace(p.str("start")))
	if err != nil || start < 0 || start > 1<<31 || start%page.Size != 0 {
		p.bad("start", "Must be a number of whole pages.")
		return page, false, nil
	}
	page.Number = start/page.Size + 1
	return page, false, nil
}

// deleteProjectTasks is DELETE /api/projects/{id}/tasks/.
func (c *call) deleteProjectTasks() error {
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
	b.nothingElse()
	if err := b.err(); err != nil {
		return err
	}
	op, err := c.app.DeleteEveryTask(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.deleted(op)
}
