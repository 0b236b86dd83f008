package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scene is a project with what a request can name, each made when first asked
// for, past the gate.
type scene struct {
	t       *testing.T
	g       *gate
	project int64
	made    map[string]int64
}

const config = `<View><Text name="text" value="$text"/><Choices name="kind" toName="text"><Choice ` +
	`value="Good"/><Choice value="Bad"/></Choices></View>`

// image is an object of a bucket that a task names.
const image = "s3://pictures/bird.png"

// newScene makes a project and puts people on it through the gate.
func (g *gate) newScene(t *testing.T, names ...string) *scene {
	t.Helper()
	s := &scene{t: t, g: g, made: map[string]int64{}}
	s.project = s.create("/api/projects/", map[string]any{"title": t.Name(), "label_config": config})
	s.made["project"] = s.project
	s.join(names...)
	return s
}

func (s *scene) join(names ...string) {
	s.t.Helper()
	ids := []int64{}
	for _, name := range names {
		ids = append(ids, s.g.who(s.t, name).id)
	}
	if len(ids) == 0 {
		return
	}
	owner := s.g.who(s.t, "owner")
	owner.must(s.t, "GET", s.path("/api/projects/%d/"), nil, nil) // the gate has not seen it
	owner.must(s.t, "POST", s.path("/api/projects/%d/members/bulk/"), map[string]any{"all": false, "included": ids}, nil)
}

func (s *scene) path(format string) string { return fmt.Sprintf(format, s.project) }

// create makes something past the gate and returns its id.
func (s *scene) create(path string, body any) int64 {
	s.t.Helper()
	var made struct{ ID int64 }
	behind().must(s.t, "POST", path, body, &made)
	return made.ID
}

// task makes one more task.
func (s *scene) task() int64 {
	s.t.Helper()
	return s.create("/api/tasks/",
		map[string]any{"project": s.project, "data": map[string]any{"text": "A bird", "image": image}})
}

// id is the thing of a kind, made by or for somebody where the kind is of
// people's own work; 0 for kinds that cannot be made here.
func (s *scene) id(kind string, whose *person) int64 {
	s.t.Helper()
	key := kind
	if whose != nil && (kind == "annotation" || kind == "draft" || kind == "view") {
		key += whose.name
	}
	if _, known := s.made[key]; !known {
		s.made[key] = s.make(kind, whose)
	}
	return s.made[key]
}

// kinds is everything that can be made here; people's own work comes by itself. Labels
// come before models, which get hooks, with which the upstream makes no labels.
var kinds = []string{"task", "label", "link", "prediction", "view", "ml", "webhook", "export", "file",
	"storage s3", "target s3", "storage localfiles", "target localfiles"}

// furnish makes one of everything, before a request changes the project. Work
// comes first: later the upstream would put it into the storages.
func (s *scene) furnish() {
	s.t.Helper()
	for _, name := range []string{"owner", "mia", "rea", "ann", "bob"} {
		s.id("annotation", s.g.who(s.t, name))
		s.id("draft", s.g.who(s.t, name))
	}
	for _, kind := range kinds {
		s.id(kind, nil)
	}
}

func (s *scene) make(kind string, whose *person) int64 {
	s.t.Helper()
	about := map[string]any{"project": s.project}
	switch kind {
	case "task":
		return s.task()
	case "annotation":
		return s.work(whose, "/api/tasks/%d/annotations/")
	case "draft":
		return s.work(whose, "/api/tasks/%d/drafts")
	case "prediction":
		return s.create("/api/predictions/", map[string]any{"task": s.id("task", nil), "result": []any{}})
	case "view":
		maker := behind()
		if whose != nil {
			maker = s.past(whose)
		}
		var made struct{ ID int64 }
		maker.must(s.t, "POST", "/api/dm/views/",
			map[string]any{"project": s.project, "data": map[string]any{"title": "Tab"}}, &made)
		return made.ID
	case "ml":
		return s.create("/api/ml/", map[string]any{"project": s.project, "url": standIn().URL, "title": "Model"})
	case "webhook":
		return s.create("/api/webhooks/", map[string]any{"project": s.project, "url": standIn().URL})
	case "export":
		return s.create(s.path("/api/projects/%d/exports/"), map[string]any{"title": "Snapshot"})
	case "file":
		return s.upload()
	case "label":
		return s.label("label")
	case "link":
		return s.label("id")
	case "storage s3", "target s3":
		about["bucket"], about["s3_endpoint"] = "pictures", standIn().URL
		about["aws_access_key_id"], about["aws_secret_access_key"], about["region_name"] = "key", "secret", "eu-west-1"
		return s.create(map[string]string{"storage s3": "/api/storages/s3/",
			"target s3": "/api/storages/export/s3"}[kind], about)
	case "storage localfiles", "target localfiles":
		about["path"] = filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "files", fmt.Sprint(s.project))
		if err := os.MkdirAll(about["path"].(string), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if kind == "target localfiles" {
			return s.create("/api/storages/export/localfiles", about)
		}
		// through the gate, which may have read the folders just before and would
		// not know of a new one for a minute
		var made struct{ ID int64 }
		s.g.who(s.t, "owner").must(s.t, "POST", "/api/storages/localfiles/", about, &made)
		return made.ID
	case "import":
		return s.row("projects_projectimport", fields{
			"project_id": s.project, "status": "completed", "commit_to_project": 1, "return_task_ids": 0, "task_count": 0,
			"annotation_count": 0, "prediction_count": 0,
			"duration": 0, "file_upload_ids": "[]", "could_be_tasks_list": 0, "found_formats": "[]", "data_columns": "[]",
			"task_ids": "[]",
		})
	case "reimport":
		return s.row("projects_projectreimport", fields{
			"project_id": s.project, "status": "completed", "task_count": 0, "annotation_count": 0, "prediction_count": 0,
			"duration": 0, "file_upload_ids": "[]", "files_as_tasks_list": 0, "found_formats": "[]", "data_columns": "[]",
		})
	}
	if role, cloud, ok := strings.Cut(kind, " "); ok {
		return s.cloud(role, cloud)
	}
	return 0
}

// past is somebody past the gate, where anybody can do anything.
func (s *scene) past(who *person) *person {
	s.t.Helper()
	var token struct{ Token string }
	who.must(s.t, "GET", "/api/current-user/token", nil, &token)
	return &person{name: who.name, base: upstream.url, token: token.Token, client: http.DefaultClient}
}

// work makes an annotation or a draft of somebody's, in their name.
func (s *scene) work(whose *person, path string) int64 {
	s.t.Helper()
	var made struct{ ID int64 }
	s.past(whose).must(s.t, "POST", fmt.Sprintf(path, s.id("task", nil)),
		map[string]any{"result": chosen("Good"), "lead_time": 1}, &made)
	return made.ID
}

// chosen is the result of an annotation.
func chosen(value string) []any {
	return []any{map[string]any{"from_name": "kind", "to_name": "text", "type": "choices", "value": map[string]any{
		"choices": []string{value}}}}
}

func (s *scene) upload() int64 {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "tasks.csv")
	if err == nil {
		_, err = part.Write([]byte("text\nbird\n"))
	}
	if err != nil || form.Close() != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", upstream.url+s.path("/api/projects/%d/import?commit_to_project=false"), &body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	a, err := behind().send(r)
	var made struct {
		IDs []int64 `json:"file_upload_ids"`
	}
	if err == nil {
		err = json.Unmarshal(a.body, &made)
	}
	if err != nil || len(made.IDs) != 1 {
		s.t.Fatalf("upload: %v %v", a, err)
	}
	return made.IDs[0]
}

// label makes a label of the project's, and returns a field of the link to it.
func (s *scene) label(field string) int64 {
	s.t.Helper()
	// labels are the organization's
	label := map[string]any{"project": s.project, "from_name": "kind", "title": s.path("Own of %d"),
		"value": []string{"own"}}
	behind().must(s.t, "POST", "/api/labels/", []any{label}, nil)
	var links struct {
		Results []map[string]any
	}
	behind().must(s.t, "GET", s.path("/api/label_links/?project=%d"), nil, &links)
	if len(links.Results) == 0 {
		s.t.Fatal("a label without a link")
	}
	return int64(links.Results[0][field].(float64))
}

// standIn is what the upstream finds where it looks for a bucket or a model:
// something that agrees.
func standIn() *httptest.Server {
	if agreeing == nil {
		agreeing = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"UP","model_version":"1","results":[]}`)
		}))
	}
	return agreeing
}

var agreeing *httptest.Server
