package gate

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// attempt is a request that names something of another project's: past the gate
// the upstream does it, unless it looks for itself.
type attempt struct {
	who, method, path string
	body              any
	status            int // through the gate
}

// try sends each through the gate.
func (g *gate) try(t *testing.T, attempts map[string]attempt) {
	t.Helper()
	for name, a := range attempts {
		got, err := g.who(t, a.who).ask(a.method, a.path, a.body)
		if err != nil || got.status != a.status {
			t.Errorf("%s: %v %v, not %d", name, got, err, a.status)
		}
	}
}

// TestLabelsOfOthers: past the gate, a label of another project's is linked by its
// id or by its title, and read by the link. Through it, by who has it already.
func TestLabelsOfOthers(t *testing.T) {
	g := need(t)
	own, other := g.newScene(t, "mia", "ann"), g.newScene(t)
	secret, title := other.id("label", nil), other.path("Own of %d")
	link := own.id("link", nil)
	with := func(more map[string]any) map[string]any {
		more["project"], more["from_name"], more["value"] = own.project, "kind", []string{"mine"}
		return more
	}
	g.try(t, map[string]attempt{
		"by its id": {"mia", "POST", "/api/label_links/", with(map[string]any{"label": secret}), 404},
		"by changing a link": {"mia", "PATCH", fmt.Sprintf("/api/label_links/%d/", link),
			map[string]any{"label": secret}, 404},
		"by its title": {"ann", "POST", "/api/labels/", []any{with(map[string]any{"title": " " + title + "\t"})}, 400},
		"approved by another": {"ann", "POST", "/api/labels/", []any{
			with(map[string]any{"title": own.path("New in %d"), "approved_by": g.who(t, "owner").id}),
		}, 403},
		"a new one": {"ann", "POST", "/api/labels/",
			[]any{with(map[string]any{"title": own.path("New in %d")})}, 201},
		"one's own link, as it is": {"mia", "PATCH", fmt.Sprintf("/api/label_links/%d/", link),
			map[string]any{"label": own.id("label", nil)}, 200},
	})
	read := func() string {
		got, err := g.who(t, "mia").ask("GET", own.path("/api/label_links/?project=%d&expand=label"), nil)
		if err != nil || got.status != 200 {
			t.Fatalf("the links: %v %v", got, err)
		}
		return string(got.body)
	}
	if text := read(); strings.Contains(text, title) {
		t.Errorf("the other project's label is read: %s", text)
	}
	behind().must(t, "POST", "/api/label_links/", with(map[string]any{"label": secret}), nil)
	if text := read(); !strings.Contains(text, title) {
		t.Errorf("past the gate it is not: %s", text)
	}
}

// TestImports: what the upstream takes from an import, of all that an import can
// name. The gate lets nothing through by which it would reach another project.
func TestImports(t *testing.T) {
	g := need(t)
	own, other := g.newScene(t, "mia"), g.newScene(t)
	file, task, theirs := other.id("file", nil), other.id("task", nil), other.id("annotation", g.who(t, "ann"))
	name := other.fileName(file)
	into := own.path("/api/projects/%d/import?return_task_ids=true")
	said := func(more string) any {
		return json.RawMessage(fmt.Sprintf(`[{"data":{"text":"x"},%s}]`, more))
	}
	named := said(fmt.Sprintf(`"file_upload_id":%d`, file))
	g.try(t, map[string]attempt{
		"a file":          {"mia", "POST", into, named, 400},
		"a file, in bulk": {"mia", "POST", own.path("/api/projects/%d/tasks/bulk/"), named, 400},
		"a file of a new task": {"mia", "POST", own.path("/api/projects/%d/tasks/"),
			map[string]any{"data": map[string]any{"text": "x"}, "file_upload": file}, 404},
		"predictions of a task": {"mia", "POST", own.path("/api/projects/%d/import/predictions"), []any{
			map[string]any{"task": task, "result": chosen("Good")},
		}, 400}, // the upstream looks for itself
	})
	if text := own.tasks(); strings.Contains(text, "tasks.csv") || !strings.Contains(text, `"total":0`) {
		t.Errorf("it was imported: %s", text)
	}
	var made struct {
		Tasks []int64 `json:"task_ids"`
	}
	result, _ := json.Marshal(chosen("Good"))
	whatever := fmt.Sprintf(`"id":%[1]d,"project":%[2]d,"file_upload":%[4]d,"inner_id":77,"updated_by":1,"comment_authors":[1],
		"annotations":[{"id":%[3]d,"task":%[1]d,"project":%[2]d,"parent_annotation":%[3]d,"updated_by":1,"last_created_by":1,"result":%[5]s}],
		"predictions":[{"task":%[1]d,"project":%[2]d,"model":1,"model_run":1,"result":%[5]s}]`, task, other.project,
		theirs, file, result)
	g.who(t, "mia").must(t, "POST", into, said(whatever), &made)
	if len(made.Tasks) != 1 || made.Tasks[0] == task {
		t.Fatalf("made %v", made.Tasks)
	}
	text := own.tasks()
	for _, foreign := range []string{name, `"inner_id":77`, fmt.Sprintf(`"project":%d`, other.project),
		fmt.Sprintf(`"parent_annotation":%d`, theirs), `"model":1`} {
		if strings.Contains(text, foreign) {
			t.Errorf("an import reaches further, to %s: %s", foreign, text)
		}
	}
	behind().must(t, "POST", into, named, nil)
	if text := own.tasks(); !strings.Contains(text, name) {
		t.Errorf("past the gate, the file is not told: %s", text)
	}
}

// fileName is what an uploaded file is called.
func (s *scene) fileName(id int64) string {
	s.t.Helper()
	var file struct{ File string }
	behind().must(s.t, "GET", fmt.Sprintf("/api/import/file-upload/%d", id), nil, &file)
	return filepath.Base(file.File)
}

// tasks is everything that a manager is told of the project's tasks.
func (s *scene) tasks() string {
	s.t.Helper()
	got, err := s.g.who(s.t, "mia").ask("GET", s.path("/api/tasks/?project=%d&fields=all"), nil)
	if err != nil || got.status != 200 {
		s.t.Fatalf("the tasks: %v %v", got, err)
	}
	return string(got.body)
}

// TestIDsTheUpstreamLooksFor: what the gate's tables call harmless because the
// upstream looks for it among the project's own.
func TestIDsTheUpstreamLooksFor(t *testing.T) {
	g := need(t)
	own, other := g.newScene(t, "mia"), g.newScene(t)
	own.task()
	task, tab, file := other.id("task", nil), other.id("view", nil), other.id("file", nil)
	theirs := other.id("annotation", g.who(t, "ann"))
	chosenTask := map[string]any{"selectedItems": map[string]any{"all": false, "included": []int64{task}}}
	action := func(id string) string { return own.path("/api/dm/actions/?project=%d&id=") + id }
	g.try(t, map[string]attempt{
		"delete tasks":       {"mia", "POST", action("delete_tasks"), chosenTask, 200},
		"delete annotations": {"mia", "POST", action("delete_tasks_annotations"), chosenTask, 200},
		"the next task":      {"mia", "POST", action("next_task"), chosenTask, 404},
		"order tabs": {"mia", "POST", "/api/dm/views/order/",
			map[string]any{"project": own.project, "ids": []int64{tab}}, 200},
		"export by a tab": {"mia", "POST", own.path("/api/projects/%d/exports/"),
			map[string]any{"task_filter_options": map[string]any{"view": tab}}, 404},
	})
	for path, secret := range map[string]string{
		own.path("/api/projects/%d/file-uploads") + fmt.Sprintf("?all=true&ids=[%d]",
			file): other.fileName(file),
		own.path("/api/projects/%d/export?exportType=JSON&download_all_tasks=true") +
			fmt.Sprintf("&ids[]=%d", task): fmt.Sprintf(`"id":%d,`, task),
	} {
		got, err := g.who(t, "mia").ask("GET", path, nil)
		if err != nil || got.status != 200 || strings.Contains(string(got.body), secret) {
			t.Errorf("%s: %v %v", path, got, err)
		}
	}
	behind().must(t, "GET", fmt.Sprintf("/api/tasks/%d/", task), nil, nil)
	behind().must(t, "GET", fmt.Sprintf("/api/annotations/%d/", theirs), nil, nil)
}

// TestFieldsOfTheRelease: the lists that the gate's tables are held against are
// those of the installed release.
func TestFieldsOfTheRelease(t *testing.T) {
	need(t)
	kept := filepath.Join("..", "..", "internal", "gateway", "testdata")
	got, err := behind().ask("GET", "/docs/api/schema/json/", nil)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.Open(filepath.Join(kept, "schema_1.23.2.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	served, err := io.ReadAll(unpacked)
	if err != nil || !reflect.DeepEqual(unmarshaled(t, served), unmarshaled(t, got.body)) {
		t.Errorf("the OpenAPI is not the one that was kept (%v)", err)
	}
	own, err := exec.Command(filepath.Join(os.Getenv("LABEL_STUDIO_VENV"), "bin/python"), "testdata/fields.py",
		t.TempDir()).Output()
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(kept, "fields_1.23.2.json"))
	if err != nil || !reflect.DeepEqual(unmarshaled(t, own), unmarshaled(t, before)) {
		t.Errorf("the fields of its own code are not those that were kept (%v)", err)
	}
}

func unmarshaled(t *testing.T, raw []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
