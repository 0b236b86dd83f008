package lsapi

import (
	"encoding/json"

	"roster"
)

// unchangeableTaskFields are the fields of a task that the original lets a PATCH
// write and that say nothing here that could change: what annotations and reviews
// come to, where the task lies, and how often it is done. As they are shown they
// may be sent, so that what was read can be sent back.
var unchangeableTaskFields = []string{
	"allow_skip", "avg_lead_time", "cancelled_annotations", "comment_count", "completed_at", "draft_exists", "ground_truth", "inner_id",
	"is_labeled", "last_comment_updated_at", "meta", "overlap", "precomputed_agreement", "predictions_score", "project", "reviewed",
	"reviewed_at", "reviews_accepted", "reviews_rejected", "total_annotations", "total_predictions", "unresolved_comment_count",
}

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
	shown, err := fieldsOf(taskOf(*t))
	if err != nil {
		return err
	}
	for _, name := range unchangeableTaskFields {
		if b.has(name) && !b.null(name) && !b.isShown(name, shown[name]) {
			b.bad(name, "Roster changes nothing of a task but its data. Leave this out, or send it as it is shown. Nothing was changed.")
		}
	}
	if b.has("data") {
		if b.null("data") {
			b.bad("data", "This field may not be null.")
		} else if b.object("data") != nil {
			t.Data = string(b.fields["data"])
		}
	}
	return b.err()
}

// fieldsOf is an answer by its fields.
func fieldsOf(answer any) (fields map[string]any, err error) {
	raw, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(raw, &fields)
}
