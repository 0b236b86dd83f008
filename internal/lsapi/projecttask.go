package lsapi

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"roster"
)

func projectTaskRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/{id}/tasks", do: does((*call).listProjectTasks),
			summary: "List a project's tasks, without pages around them",
			text:    "The tasks of a page hold 64 MiB of data at most: more is 400, and asks for a smaller page.",
			answer:  "The tasks, by id.",
		},
		{
			method: "DELETE", path: "/api/projects/{id}/tasks", do: does((*call).deleteProjectTasks),
			summary: "Delete every task of a project",
			text:    "Where tasks were assigned, that is an operation. It takes no parameter that would narrow it.",
			answer:  "They are gone.",
			others:  []answer{{status: 400, text: "It names something that would narrow it. Nothing was changed."}},
		},
	}
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
		ID: t.ID, Project: t.ProjectID, Data: shallow(t.Data, roster.MostNested, unreadable),
		CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt),
		Annotations: []struct{}{}, Predictions: []struct{}{},
	}
}

type listProjectTasksRequest struct {
	inProject
	Shown taskPage
}

// listProjectTasks is GET /api/projects/{id}/tasks/: a bare list (contract 3.19).
func (c *call) listProjectTasks(in listProjectTasksRequest) ([]taskSimpleJSON, error) {
	if in.Shown.every {
		if err := c.fewTasks(in.Project); err != nil {
			return nil, err
		}
	}
	tasks, _, err := c.app.Tasks(c.r.Context(), in.Project, in.Shown.page)
	return each(tasks, taskSimpleOf), err
}

// fewTasks refuses to list every task of a project that has too many, before one is read.
func (c *call) fewTasks(project int64) error {
	total, err := c.app.CountTasks(c.r.Context(), project)
	if err == nil && total > maxEveryTask {
		err = roster.InvalidField("page_size", "These are %d tasks, and at most %d can be had at once. Ask for pages.",
			total, maxEveryTask)
	}
	return err
}

// taskPage is page and page_size, or start (tasks to pass over) and length. A
// size of -1 is every task, and page has no effect then.
type taskPage struct {
	page  roster.Page
	every bool
}

func (t *taskPage) read(r *request, _ field) {
	p := r.query()
	if asked := p.given("length"); asked && !p.given("page_size") {
		p.values.Set("page_size", p.str("length"))
	}
	t.page = r.page(defaultTasks, maxTasks)
	if t.every = strings.TrimSpace(p.str("page_size")) == "-1"; t.every {
		t.page.Number, t.page.Size = 1, maxEveryTask
		return
	}
	if !p.given("start") || p.given("page") {
		return
	}
	start, err := strconv.Atoi(strings.TrimSpace(p.str("start")))
	if err != nil || start < 0 || start > 1<<31 || start%t.page.Size != 0 {
		p.bad("start", "Must be a number of whole pages.")
		return
	}
	t.page.Number = start/t.page.Size + 1
}

func (t *taskPage) fields(field) []field {
	number := reflect.TypeFor[int]()
	return append([]field{
		{
			in: "query", name: "page_size", typ: number,
			text: "How many, at most 1,000; -1 is every task, where there are at most 10,000.",
		},
		{in: "query", name: "length", typ: number, text: "page_size by another name."},
		{in: "query", name: "start", typ: number, text: "How many tasks to pass over, instead of page: whole pages."},
	}, pageFields[:2]...)
}

type deleteProjectTasksRequest struct {
	inProject
	Query noOtherParameter
	Body  noOtherField
}

// deleteProjectTasks is DELETE /api/projects/{id}/tasks/.
func (c *call) deleteProjectTasks(in deleteProjectTasksRequest) (out nothing, err error) {
	op, err := c.app.DeleteEveryTask(c.r.Context(), in.Project)
	c.operation(op)
	return out, err
}
