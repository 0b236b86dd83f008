package gateway

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// counted are the numbers that the upstream takes and that say how many, how far
// or how long: none is an id.
var counted = strings.Fields(`page page_size length limit order index overlap total_annotations cancelled_annotations total_predictions comment_count
	unresolved_comment_count maximum_annotations min_annotations_to_start_training overlap_cohort_percentage last_sync_count presign_ttl timeout db
	api_token_ttl_days max_session_age max_time_between_activity`)

// ofImports is what the upstream does with what an import says, by trial (TestImports of
// tests/gate): of everything else that its serializers list, nothing.
var ofImports = map[string]string{
	"annotations":    "makes new ones, of this task and project; whose they are is the manager's word",
	"predictions":    "makes new ones, of this task and project",
	"drafts":         "likewise",
	"data":           "what is labeled",
	"meta":           "what a client adds",
	"file_upload":    "passed over",
	"file_upload_id": "notImported; no serializer lists it",
	"updated_by":     "passed over", "comment_authors": "passed over", "inner_id": "passed over", "project": "passed over",
	"task": "of predictions: looked for among the project's", "model": "passed over", "model_run": "passed over",
	"cluster": "passed over", "neighbors": "passed over", "result": "labels",
}

// decides reports whether the gate's tables say what a field of a body names, and
// a rule lets it on.
func (r *rule) decides(path []string, kind string) bool {
	if r.body == streamBody && r.narrow != narrowImport { // a file, and nothing else of it
		return true
	}
	if r.body == streamBody {
		return ofImports[path[0]] != "" || harmless[path[0]] != "" || !looksLikeReference(path[0], kind)
	}
	if r.body != jsonBody || !r.letsOn(path[0]) {
		return true
	}
	for _, name := range path {
		if inBody[name] != "" || harmless[name] != "" || freeform[name] != "" {
			return true
		}
	}
	return !looksLikeReference(path[len(path)-1], kind)
}

// noun is what fields are called that hold an id, without saying so.
var noun = regexp.MustCompile(
	`^(project|task|annotation|prediction|draft|view|user|annotator|reviewer|author|member|label|storage|organization|workspace|webhook|model)s?$`)

// looksLikeReference reports whether a field may name something, by its name or by
// its type: a number, what points to a table, or what people write as they like.
func looksLikeReference(name, kind string) bool {
	switch {
	// what lies in it is asked about by itself
	case slices.Contains(counted, name), kind == "object" && !idLike.MatchString(name):
		return false
	case idLike.MatchString(name) || noun.MatchString(name) || strings.Contains(kind, "."):
		return true
	}
	return slices.Contains([]string{"integer", "IntegerField", "BigIntegerField", "JSONField", "DictField", "any"}, kind)
}

// operation is what the upstream takes for a method of a route.
type operation struct {
	method, path string
	fields       map[string]string // of the body, with dots, to their types
	query        map[string]string
}

// TestEveryIDIsDecided: of everything that the upstream takes in a body or a query,
// the gate's tables say what it names, or why it names nothing. It walks the OpenAPI
// that Community Edition 1.23.2 serves, and what its own code reads, which is more:
// TestFieldsOfTheRelease of tests/gate has both made anew and compared.
func TestEveryIDIsDecided(t *testing.T) {
	served, read := openAPI(t), ownCode(t)
	seen := 0
	for _, o := range append(served, read.operations()...) {
		for _, r := range o.rules() {
			seen++
			for path, kind := range o.fields {
				if !r.decides(strings.Split(path, "."), kind) {
					t.Errorf("%s: nobody decided what %s (%s) in the body of %s %s names", r, path, kind, o.method, o.path)
				}
			}
			for name, kind := range o.query {
				if inQuery[name] == "" && harmless[name] == "" && looksLikeReference(name, kind) {
					t.Errorf("%s: nobody decided what %s (%s) in the query of %s %s names", r, name, kind, o.method, o.path)
				}
			}
		}
	}
	for _, name := range read.Names {
		if inBody[name] == "" && inQuery[name] == "" && harmless[name] == "" && freeform[name] == "" &&
			ofImports[name] == "" && looksLikeReference(name, "") {
			t.Errorf("nobody decided what %s names, which the upstream's code looks up", name)
		}
	}
	if seen < 150 || len(read.Names) < 100 {
		t.Errorf("%d lines of the policy about %d operations, and %d names, are too few to tell", seen, len(served),
			len(read.Names))
	}
}

// TestAnUndecidedIDIsFound: the walk would notice.
func TestAnUndecidedIDIsFound(t *testing.T) {
	label := operation{method: "POST", path: "/api/labels/"}.rules()
	if len(label) != 1 {
		t.Fatalf("%v", label)
	}
	for path, kind := range map[string]string{"reviewed_by": "integer", "brand.new_id": "", "thing": "things.Thing",
		"more": "JSONField", "reviewer": ""} {
		if label[0].decides(strings.Split(path, "."), kind) {
			t.Errorf("%s passes for decided", path)
		}
	}
	if !undecided("brand_new_id") || undecided("project_id") || undecided("title") {
		t.Error("nor does the gate")
	}
}

// rules are those by which an operation reaches the upstream.
func (o operation) rules() (found []*rule) {
	segments := strings.Split(strings.Trim(o.path, "/"), "/")
	for _, r := range rules() {
		if (r.door == upstream || r.door == anonymous) && slices.Contains(r.methods, o.method) && !r.rest &&
			r.about(segments) {
			found = append(found, r)
		}
	}
	return found
}

// code is what testdata/fields_1.23.2.json holds, made by
//
//	python tests/gate/testdata/fields.py EMPTY-DIR
//
// with the release's own Python.
type code struct {
	Fields map[string]map[string]string
	Names  []string
}

func ownCode(t *testing.T) (c code) {
	t.Helper()
	raw, err := os.ReadFile("testdata/fields_1.23.2.json")
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pattern is a placeholder as Django's older routes write it.
var pattern = regexp.MustCompile(`\(\?P(<[^>]*>)[^)]*\)`)

func (c code) operations() (all []operation) {
	for name, fields := range c.Fields {
		method, path, _ := strings.Cut(name, " ")
		path = pattern.ReplaceAllString(strings.TrimSuffix(path, "$"), "$1")
		all = append(all, operation{method: method, path: path, fields: fields})
	}
	return all
}

// schema is as much of an OpenAPI document as says what may be sent.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	ReadOnly   bool               `json:"readOnly"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	AllOf      []*schema          `json:"allOf"`
	OneOf      []*schema          `json:"oneOf"`
	AnyOf      []*schema          `json:"anyOf"`
	Additional any                `json:"additionalProperties"`
	Enum       []any              `json:"enum"`
}

type document struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Schema   *schema
		}
		RequestBody struct {
			Content map[string]struct{ Schema *schema }
		}
	}
	Components struct{ Schemas map[string]*schema }
}

// openAPI is what the release serves at /docs/api/schema/json/, as it was kept by
//
//	curl -H "Authorization: Token …" …/docs/api/schema/json/ | gzip -9n
func openAPI(t *testing.T) (all []operation) {
	t.Helper()
	file, err := os.Open("testdata/schema_1.23.2.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var d document
	packed, err := gzip.NewReader(file)
	if err == nil {
		err = json.NewDecoder(packed).Decode(&d)
	}
	if err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		path = strings.NewReplacer("{", "<", "}", ">").Replace(path)
		for method, o := range methods {
			found := operation{strings.ToUpper(method), path, map[string]string{}, map[string]string{}}
			for _, p := range o.Parameters {
				if p.In == "query" {
					found.query[p.Name] = p.Schema.Type
				}
			}
			for _, content := range o.RequestBody.Content {
				d.walk(content.Schema, "", found.fields, 0)
			}
			all = append(all, found)
		}
	}
	return all
}

// walk puts down every field that may be sent, with dots where they are nested.
func (d document) walk(s *schema, path string, fields map[string]string, depth int) {
	if s == nil || s.ReadOnly || depth > 12 {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		d.walk(d.Components.Schemas[name], path, fields, depth+1)
		return
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf, []*schema{s.Items}) {
		d.walk(part, path, fields, depth+1)
	}
	for name, property := range s.Properties {
		d.walk(property, strings.TrimPrefix(path+"."+name, "."), fields, depth+1)
	}
	if path != "" && fields[path] == "" {
		fields[path] = s.kind()
	}
}

// kind is a field's type, "any" for what people write as they like.
func (s *schema) kind() string {
	leaf := len(s.Properties) == 0 && s.Items == nil && len(s.AllOf)+len(s.OneOf)+len(s.AnyOf)+len(s.Enum) == 0
	if leaf && (s.Type == "" || s.Type == "object") {
		return "any"
	}
	return s.Type
}
