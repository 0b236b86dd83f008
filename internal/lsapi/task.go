package lsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"roster"
	"roster/internal/limit"
)

func taskRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/tasks", do: does((*call).listTasks),
			summary: "List tasks", answer: "A page of tasks.",
		},
		{
			method: "POST", path: "/api/tasks", do: does((*call).createTask),
			summary: "Create a task", status: http.StatusCreated, answer: "The task.",
		},
		{
			method: "GET", path: "/api/tasks/{id}", do: does((*call).getTask),
			summary: "Read a task", answer: "The task.",
		},
		{
			method: "PATCH", path: "/api/tasks/{id}", do: does((*call).updateTask),
			summary: "Change a task",
			text: "Whoever has it keeps it. Any other field of a task that the original lets one change may " +
				"be sent as it is shown, and is refused else.",
			answer: "The task as it is now.",
		},
		{
			method: "DELETE", path: "/api/tasks/{id}", do: does((*call).deleteTask),
			summary: "Delete a task",
			text:    "Where it was assigned, that is an operation.",
			answer:  "It is gone.",
		},
		{
			method: "POST", path: "/api/projects/{id}/import", do: does((*call).importTasks),
			summary: "Import tasks", status: http.StatusCreated, answer: "How many there are.",
		},
	}
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
		ID: t.ID, InnerID: t.Number, Project: t.ProjectID, Data: shallow(t.Data, roster.MostNested, unreadable),
		AllowSkip: true,
		CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt), UpdatedBy: none, Overlap: 1, State: "CREATED",
		Annotations: none, Predictions: none, Drafts: none, CommentAuthors: none,
		Annotators: each(given.Annotators, user), AnnotatorsCount: len(given.Annotators),
		Reviewers: each(given.Reviewers, user), ReviewersCount: len(given.Reviewers),
	}
}

type listTasksRequest struct {
	Project int64       `query:"project,required" doc:"Of this project."`
	Page    roster.Page `page:"100,1000"`
}

type tasksJSON struct {
	Tasks       []taskJSON `json:"tasks"`
	Total       int        `json:"total"`
	Annotations int        `json:"total_annotations"`
	Predictions int        `json:"total_predictions"`
}

// listTasks is GET /api/tasks/?project=, in the shape the wire gives to tasks
// alone.
func (c *call) listTasks(in listTasksRequest) (tasksJSON, error) {
	tasks, total, err := c.app.GivenTasks(c.r.Context(), in.Project, in.Page)
	return tasksJSON{Tasks: each(tasks, taskOf), Total: total}, err
}

type inTask struct {
	Task int64 `path:"id"`
}

func (c *call) getTask(in inTask) (taskJSON, error) {
	t, err := c.app.Task(c.r.Context(), in.Task)
	return taskOf(t), err
}

// unchangedTask are the fields of a task that the wire lets one write and that say
// nothing here that could change: what annotations, predictions, comments and reviews
// come to, and how often a task is done.
var unchangedTask = []string{
	"allow_skip", "annotations", "avg_lead_time", "cancelled_annotations", "comment_authors", "comment_count",
	"completed_at", "draft_exists",
	"file_upload", "ground_truth", "inner_id", "is_labeled", "last_comment_updated_at", "meta", "overlap",
	"precomputed_agreement", "predictions",
	"predictions_score", "reviewed", "reviewed_at", "reviews_accepted", "reviews_rejected", "total_annotations",
	"total_predictions",
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

type createTaskRequest struct {
	Project int64         `body:"project,required" doc:"In this project."`
	Data    taskData      `body:"data,required" doc:"What to work on."`
	Meta    unheeded[any] `body:"meta" doc:"As it is shown, empty: Roster keeps none. So it is with every other field that the original lets one write."`
}

func (in *createTaskRequest) complete(r *request) {
	shown, err := shownTask(roster.Task{})
	r.fail(err)
	r.body().unchanged(shown)
}

// createTask is POST /api/tasks/.
func (c *call) createTask(in createTaskRequest) (out taskJSON, err error) {
	ids, err := c.app.CreateTasks(c.r.Context(), in.Project, []string{string(in.Data)})
	if roster.KindOf(err) == roster.NotFound {
		return out, roster.InvalidField("project", "Invalid pk \"%d\" - object does not exist.", in.Project)
	}
	if err != nil {
		return out, err
	}
	return c.getTask(inTask{ids[0]})
}

// taskData is the data of a task, an object.
type taskData string

func (d *taskData) read(r *request, _ field) { *d = taskData(r.body().taskData()) }

func (c *call) deleteTask(in inTask) (out nothing, err error) {
	op, err := c.app.DeleteTask(c.r.Context(), in.Task)
	c.operation(op)
	return out, err
}

type importTasksRequest struct {
	inProject
	Tasks   importedTasks
	WithIDs bool `query:"return_task_ids" doc:"Say which tasks were made."`
}

type importedJSON struct {
	Annotations     int      `json:"annotation_count"`
	CouldBeList     bool     `json:"could_be_tasks_list"`
	Columns         []string `json:"data_columns"`
	Duration        float64  `json:"duration"`
	Files           []int64  `json:"file_upload_ids"`
	Formats         []string `json:"found_formats"`
	Prediction      int      `json:"prediction_count"`
	PredictionCount int      `json:"predictions_count"`
	Tasks           int      `json:"task_count"`
	IDs             []int64  `json:"task_ids,omitempty"`
}

// importTasks is POST /api/projects/{id}/import with JSON, answered when it is
// done, as the open server does.
func (c *call) importTasks(in importTasksRequest) (importedJSON, error) {
	ids, err := c.app.CreateTasks(c.r.Context(), in.Project, in.Tasks.data)
	out := importedJSON{
		Tasks: len(ids), Duration: time.Since(in.Tasks.began).Seconds(),
		Files: []int64{}, Formats: []string{}, Columns: []string{},
	}
	if in.WithIDs {
		out.IDs = ids
	}
	return out, err
}

// importedTasks is the data of tasks, which is the whole body.
type importedTasks struct {
	began time.Time
	data  []string
}

func (t *importedTasks) read(r *request, _ field) {
	t.began = time.Now()
	data, err := r.importedData()
	r.fail(err)
	t.data = data
}

func (t *importedTasks) fields(field) []field {
	return []field{{
		in: "body", typ: reflect.TypeFor[any](), required: true,
		text: "A list of objects, or one. Each is a task with its data inside, or the data itself. " +
			"Annotations, predictions and whatever else Roster does not keep are refused.",
	}}
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
