package lsapi

import (
	"net/http"

	"roster"
)

func assignmentRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/{id}/annotators", do: does((*call).listAnnotators),
			summary: "List whom tasks can be assigned to",
			text: "Everybody with access to the project, by any path, for those who may assign annotators: " +
				"reviewers, too, who are told no e-mails.",
			answer: "The people, by id.",
		},
		{
			method: "POST", path: "/api/projects/{id}/tasks/assignees", do: does((*call).assignTasks),
			summary: "Assign many tasks", status: http.StatusCreated, answer: "What was done.",
		},
		{
			method: "GET", path: "/api/projects/{id}/tasks/{task}/assignees", do: does((*call).listAssignees),
			summary: "List who a task is assigned to", answer: "The open assignments.",
		},
		{
			method: "POST", path: "/api/projects/{id}/tasks/{task}/assignees", do: does((*call).addAssignees),
			summary: "Assign a task to more people", answer: "The first assignment.",
			others: []answer{{status: 200, like: nobodyJSON{}, text: "Nobody has it."}},
		},
		{
			method: "PATCH", path: "/api/projects/{id}/tasks/{task}/assignees", do: does((*call).setAssignees),
			summary: "Assign a task to exactly these people", answer: "The first assignment.",
			others: []answer{{status: 200, like: nobodyJSON{}, text: "Nobody has it."}},
		},
		{
			method: "DELETE", path: "/api/projects/{id}/tasks/{task}/assignees", do: does((*call).removeAssignees),
			summary: "Take a task away", answer: "They do not have it.",
		},
	}
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

// assignees is what every assignment of tasks says.
type assignees struct {
	Type  roster.AssignmentType `body:"type,required,some" doc:"To annotate or to review."`
	Users []int64               `body:"users,required" doc:"Who."`
}

type assignTasksRequest struct {
	inProject
	Query noOtherParameter
	assignees
	Tasks taskSelectorSent
	Async unheeded[any] `body:"async" doc:"Accepted: it is done when it is answered."`
	Body  noOtherField
}

type tasksAssignedJSON struct {
	Assignments int     `json:"assignments"`
	Async       bool    `json:"async"`
	TaskIDs     []int64 `json:"task_ids"`
}

// assignTasks is POST …/tasks/assignees (contract 3.8).
func (c *call) assignTasks(in assignTasksRequest) (tasksAssignedJSON, error) {
	done, err := c.app.AssignTasks(c.r.Context(), in.Project, in.Tasks.TaskSelector, in.Type, in.Users)
	return tasksAssignedJSON{Assignments: done.Count, TaskIDs: orEmpty(done.TaskIDs)}, err
}

// listAnnotators is GET …/annotators: a bare list of whom the caller may give
// tasks to annotate (contract 3.8). Nobody has submitted annotations here, of whom
// the original makes the list.
func (c *call) listAnnotators(in inProject) (done streamed[[]userSimpleJSON], err error) {
	out := &listWriter{w: c.w}
	err = c.app.EachAnnotator(c.r.Context(), in.Project, func(u roster.User) error { return out.add(userSimpleOf(u)) })
	return done, out.end(err)
}

type inProjectTask struct {
	inProject
	Task int64 `path:"task"`
}

func (c *call) listAssignees(in inProjectTask) ([]assignmentJSON, error) {
	open, err := c.app.Assignees(c.r.Context(), in.Project, in.Task)
	return each(open, assignmentOf), err
}

type assigneesRequest struct {
	inProjectTask
	assignees
}

// firstAssignmentJSON is the first of some assignments. Where nobody had the task and nobody
// has, it is still an object, or the client breaks.
type firstAssignmentJSON struct{ *assignmentJSON }

// nobodyJSON is firstAssignmentJSON of nobody.
type nobodyJSON struct{}

func firstOf(a roster.Assignment) firstAssignmentJSON {
	if a.ID == 0 {
		return firstAssignmentJSON{}
	}
	return firstAssignmentJSON{new(assignmentOf(a))}
}

// addAssignees is POST …/tasks/{task}/assignees; the answer is one object.
func (c *call) addAssignees(in assigneesRequest) (firstAssignmentJSON, error) {
	first, err := c.app.AddAssignees(c.r.Context(), in.Project, in.Task, in.Type, in.Users)
	return firstOf(first), err
}

// setAssignees is PATCH …/tasks/{task}/assignees.
func (c *call) setAssignees(in assigneesRequest) (firstAssignmentJSON, error) {
	first, err := c.app.SetAssignees(c.r.Context(), in.Project, in.Task, in.Type, in.Users)
	return firstOf(first), err
}

type removeAssigneesRequest struct {
	inProjectTask
	Type  roster.AssignmentType `query:"type" doc:"Only to annotate, or only to review."`
	Users saidIDs               `query:"users" doc:"From these people; without it, from everybody."`
	Rest  noOtherParameter
}

func (c *call) removeAssignees(in removeAssigneesRequest) (out nothing, err error) {
	return out, c.app.RemoveAssignees(c.r.Context(), in.Project, in.Task, in.Type, in.Users)
}

// saidIDs is ids of which nil is everybody, which an empty list is not.
type saidIDs []int64

func (s *saidIDs) read(r *request, f field) {
	if name := f.name; r.query().values.Has(name) {
		*s = orEmpty(r.query().ids(name))
	}
}
