package lsapi

import "roster"

// updateTask is PATCH /api/tasks/{id}/ (contract 3.19).
func (c *call) updateTask() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	if err := c.app.UpdateTask(c.r.Context(), id, b.taskChange); err != nil {
		return err
	}
	return c.getTask()
}

// taskChange gives t the data that b sends, and refuses to change anything else.
func (b *body) taskChange(t *roster.Task) error {
	shown, err := shownTask(*t)
	if err != nil {
		return err
	}
	shown["project"] = t.ProjectID
	b.unchanged(shown)
	if b.has("data") {
		t.Data = b.taskData()
	}
	return b.err()
}
