package lsapi

import (
	"reflect"

	"roster"
)

type updateTaskRequest struct {
	inTask
	Change taskChange
}

// updateTask is PATCH /api/tasks/{id}/ (contract 3.19).
func (c *call) updateTask(in updateTaskRequest) (out taskJSON, err error) {
	if err := c.app.UpdateTask(c.r.Context(), in.Task, in.Change.apply); err != nil {
		return out, err
	}
	return c.getTask(in.inTask)
}

// taskChange is what is said of a task, which is held against how it is when it changes. So
// it is then, too, that what is wrong with it is said.
type taskChange struct{ body *body }

func (t *taskChange) read(r *request, _ field) { t.body, r.sent = r.body(), newBody(nil) }

func (t *taskChange) fields(field) []field {
	number, object := reflect.TypeFor[int](), reflect.TypeFor[map[string]any]()
	return []field{
		{in: "body", name: "data", typ: object, text: "What to work on."},
		{
			in: "body", name: "project", typ: reflect.TypeFor[int64](),
			text: "As it is shown: a task stays in its project.",
		},
		{in: "body", name: "is_labeled", typ: reflect.TypeFor[bool](), text: "As it is shown."},
		{in: "body", name: "overlap", typ: number, text: "As it is shown."},
		{in: "body", name: "meta", typ: reflect.TypeFor[any](), text: "As it is shown."},
		{in: "body", name: "allow_skip", typ: reflect.TypeFor[bool](), null: true, text: "As it is shown."},
		{in: "body", name: "inner_id", typ: number, text: "As it is shown."},
	}
}

// apply gives a task the data that was sent, and refuses to change anything else.
func (t *taskChange) apply(task *roster.Task) error {
	shown, err := shownTask(*task)
	if err != nil {
		return err
	}
	shown["project"] = task.ProjectID
	t.body.unchanged(shown)
	if t.body.has("data") {
		task.Data = t.body.taskData()
	}
	return t.body.err()
}
