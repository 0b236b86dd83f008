package lsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"roster"
	"roster/internal/limit"
)

var taskRoutes = []plainRoute{
	{"GET", "/api/tasks", (*call).listTasks},
	{"POST", "/api/tasks", (*call).createTask},
	{"GET", "/api/tasks/{id}", (*call).getTask},
	{"PATCH", "/api/tasks/{id}", (*call).updateTask},
	{"DELETE", "/api/tasks/{id}", (*call).deleteTask},
	{"POST", "/api/projects/{id}/import", (*call).importTasks},
}

const (
	defaultTasks = 100
	maxTasks     = 1000
)

// taskJSON is the wire's task, LseTask. Roster keeps no annotations, predictions and
// comments, so that what is made of them is empty.
type taskJSON struct {
	ID                   int64           `json:"id"`
	InnerID              int64           `json:"inner_id"`
	Project              int64           `json:"project"`
	Data                 json.RawMessage `json:"data"`
	Meta                 struct{}        `json:"meta"`
	AllowSkip            bool            `json:"allow_skip"`
	CreatedAt            stamp           `json:"created_at"`
	UpdatedAt            stamp           `json:"updated_at"`
	UpdatedBy            []struct{}      `json:"updated_by"`
	IsLabeled            bool            `json:"is_labeled"`
	Overlap              int             `json:"overlap"`
	TotalAnnotations     int             `json:"total_annotations"`
	CancelledAnnotations int             `json:"cancelled_annotations"`
	TotalPredictions     int             `json:"total_predictions"`
	CommentCount         int             `json:"comment_count"`
	UnresolvedComments   int             `json:"unresolved_comment_count"`
	LastComment          *string         `json:"last_comment_updated_at"`
	Annotations          []struct{}      `json:"annotations"`
	Predictions          []struct{}      `json:"predictions"`
	Drafts               []struct{}      `json:"drafts"`
	State                string          `json:"state"`
	Annotators           []taskUserJSON  `json:"annotators"`
	AnnotatorsCount      int             `json:"annotators_count"`
	Reviewers            []taskUserJSON  `json:"reviewers"`
	ReviewersCount       int             `json:"reviewers_count"`
	CommentAuthors       []struct{}      `json:"comment_authors"`
	CommentAuthorsCount  int             `json:"comment_authors_count"`
	Agreement            float64         `json:"agreement"`
	AgreementSelected    float64         `json:"agreement_selected"`
	AnnotationTime       *int            `json:"annotation_time"`
	ReviewTime           *int            `json:"review_time"`
	AnnotationIDs        string          `json:"annotations_ids"`
	AnnotationResults    string          `json:"annotations_results"`
	Comments             string          `json:"comments"`
	PredictionResults    string          `json:"predictions_results"`
	ModelVersions        string          `json:"predictions_model_versions"`
	FileUpload           *string         `json:"file_upload"`
	StorageFilename      *string         `json:"storage_filename"`
}

// taskUserJSON is one of the people a task is given to.
type taskUserJSON struct {
	UserID int64 `json:"user_id"`
}

// unreadable stands for data that came before its depth was bounded.
const unreadable = `{"not_shown":"The data of this task is nested more than 100 levels deep."}`

func taskOf(t roster.Task) taskJSON {
	given := roster.TaskGiven{}
	if t.Given != nil {
		given = *t.Given
	}
	user := func(id int64) taskUserJSON { return taskUserJSON{id} }
	none := []struct{}{}
	return taskJSON{
		ID: t.ID, InnerID: t.Number, Project: t.ProjectID, Data: shallow(t.Data, roster.MostNested, unreadable), AllowSkip: true,
		CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt), UpdatedBy: none, Overlap: 1, State: "CREATED",
		Annotations: none, Predictions: none, Drafts: none, CommentAuthors: none,
		Annotators: each(given.Annotators, user), AnnotatorsCount: len(given.Annotators), Reviewers: each(given.Reviewers, user), ReviewersCount: len(given.Reviewers),
	}
}

// listTasks is GET /api/tasks/?project=, in the shape the wire gives to tasks
// alone.
func (c *call) listTasks() error {
	p := c.params()
	project := p.id("project")
	if !p.given("project") {
		p.bad("project", "This field is required.")
	}
	page, err := p.page(defaultTasks, maxTasks)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	tasks, total, err := c.app.GivenTasks(c.r.Context(), project, page)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{
		"tasks": each(tasks, taskOf), "total": total, "total_annotations": 0, "total_predictions": 0,
	})
}

func (c *call) getTask() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	t, err := c.app.Task(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, taskOf(t))
}

// unchangedTask are the fields of a task that the wire lets one write and that say
// nothing here that could change: what annotations, predictions, comments and reviews
// come to, and how often a task is done.
var unchangedTask = []string{
	"allow_skip", "annotations", "avg_lead_time", "cancelled_annotations", "comment_authors", "comment_count",
	"completed_at", "draft_exists",
	"file_upload", "ground_truth", "inner_id", "is_labeled", "last_comment_updated_at", "meta", "overlap",
	"precomputed_agreement", "predictions",
	"predictions_score", "reviewed", "reviewed_at", "reviews_accepted", "reviews_rejected", "total_annotations", "total_predictions",
	"unresolved_comment_count", "updated_by",
}

// shownTask is what a task is shown with in these fields. One that is to be made is
// shown as Task{} is.
func shownTask(t roster.Task) (map[string]any, error) {
	t.Data = "{}" // which is not among them
	raw, err := json.Marshal(taskOf(t))
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	shown := map[string]any{}
	for _, name := range unchangedTask {
		shown[name] = all[name]
	}
	return shown, nil
}

// taskData is the data of a task, an object.
func (b *body) taskData() string {
	if b.require("data") && b.object("data") != nil {
		return string(b.fields["data"])
	}
	return ""
}

// createTask is POST /api/tasks/.
func (c *call) createTask() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("project")
	project := b.id("project")
	data := b.taskData()
	shown, err := shownTask(roster.Task{})
	if err != nil {
		return err
	}
	b.unchanged(shown)
	if err := b.err(); err != nil {
		return err
	}
	ids, err := c.app.CreateTasks(c.r.Context(), project, []string{data})
	if roster.KindOf(err) == roster.NotFound {
		return roster.InvalidField("project", "Invalid pk \"%d\" - object does not exist.", project)
	}
	if err != nil {
		return err
	}
	t, err := c.app.Task(c.r.Context(), ids[0])
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, taskOf(t))
}

func (c *call) deleteTask() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	op, err := c.app.DeleteTask(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.deleted(op)
}

// deleted answers that tasks are gone, and with which record where they were
// assigned to somebody.
func (c *call) deleted(op int64) error {
	if op != 0 {
		c.operation(op)
	}
	return c.empty(http.StatusNoContent)
}

// importTasks is POST /api/projects/{id}/import with JSON, answered when it is
// done, as the open server does.
func (c *call) importTasks() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	began := time.Now()
	data, err := c.importedData()
	if err != nil {
		return err
	}
	p := c.params()
	withIDs := p.flag("return_task_ids")
	if err := p.err(); err != nil {
		return err
	}
	ids, err := c.app.CreateTasks(c.r.Context(), id, data)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, importedOf(ids, withIDs, time.Since(began)))
}

func importedOf(ids []int64, withIDs bool, took time.Duration) map[string]any {
	out := map[string]any{
		"task_count": len(ids), "annotation_count": 0, "prediction_count": 0, "predictions_count": 0, "duration": took.Seconds(),
		"file_upload_ids": []int64{}, "could_be_tasks_list": false, "found_formats": []string{}, "data_columns": []string{},
	}
	if withIDs {
		out["task_ids"] = ids
	}
	return out
}

// importedData reads the data of tasks from a list of objects, or one. Each is
// a task with its data inside, or the data itself.
func (c *call) importedData() ([]string, error) {
	raw, err := c.bytes()
	if err != nil {
		return nil, err
	}
	if err := limit.Weigh(c.r, roster.Values(raw)); err != nil {
		return nil, err
	}
	if err := validJSON(c.r, raw); err != nil {
		return nil, err
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		items = []json.RawMessage{raw}
	}
	if len(items) == 0 {
		return nil, roster.InvalidField("non_field_errors", "There are no tasks in the list.")
	}
	if len(items) > roster.MostTasks {
		return nil, roster.InvalidField("non_field_errors", "%s", roster.TooManyTasks)
	}
	shown, err := shownTask(roster.Task{})
	if err != nil {
		return nil, err
	}
	data := make([]string, len(items))
	for i, item := range items {
		if data[i], err = importedTask(item, shown); err != nil {
			return nil, roster.InvalidField("non_field_errors", "Item %d %s. Nothing was imported.", i, err)
		}
	}
	return data, nil
}

// validJSON holds a body that is no object to what holds for objects.
func validJSON(r *http.Request, raw []byte) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || kind != "application/json":
		return unsupported(r)
	case !utf8.Valid(raw):
		return roster.InvalidField("non_field_errors", "The body is not valid UTF-8.")
	case !json.Valid(raw):
		return roster.InvalidField("non_field_errors", "The body is not valid JSON.")
	case roster.Nesting(raw) > roster.MostNested:
		return roster.InvalidField("non_field_errors", "%s", roster.TooNested)
	case bytes.Contains(raw, []byte(`\u0000`)) && holdsNUL(raw):
		return roster.InvalidField("non_field_errors", "Null characters are not allowed.")
	}
	return nil
}

// importedTask is the data of one imported item, or what is wrong with the item. A new
// task is shown with what shown says.
func importedTask(item json.RawMessage, shown map[string]any) (string, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(item, &fields) != nil || fields == nil {
		return "", errors.New("is not an object")
	}
	var inside map[string]json.RawMessage
	if json.Unmarshal(fields["data"], &inside) != nil || inside == nil {
		return string(item), nil
	}
	b := newBody(fields)
	b.unchanged(shown)
	for _, name := range slices.Sorted(maps.Keys(b.errs)) {
		return "", fmt.Errorf("has %s, which Roster does not keep", name)
	}
	return string(fields["data"]), nil
}
