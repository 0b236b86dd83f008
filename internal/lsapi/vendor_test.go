package lsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	slashes "path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Every recorded answer is one that the vendor's description has, but for the
// differences that testdata/vendor/differences.txt gives a reason for; and each of
// these is met.
func TestExchangesFollowTheVendor(t *testing.T) {
	exchanges, err := ReadExchanges(os.DirFS("testdata/exchanges"))
	if err != nil {
		t.Fatal(err)
	}
	v := newVendor(t)
	found := v.hold(t, exchanges)
	met := map[string]bool{}
	for _, one := range found {
		for _, place := range one.Differences {
			met[v.reason(place)] = true
		}
	}
	for place := range v.reasons {
		if !met[place] {
			t.Errorf("%s: nothing differs there any more", place)
		}
	}
}

// A field that is missing, null or of another type, and a status, are each found.
func TestDriftFromTheVendorIsFound(t *testing.T) {
	v := newVendor(t)
	for place, x := range map[string]Exchange{
		"ProjectMemberIdentityVerificationError.skipped_user_ids": {Method: "POST", Target: "/api/projects/1/members/",
			Status: 400, Answer: `{}`},
		"ProjectMember.user": {Method: "POST", Target: "/api/projects/1/members", Status: 201, Answer: `{"user": null}`},
		"DELETE /api/projects/{id}/members/bulk/ 200.unassignments": {
			Method: "DELETE", Target: "/api/projects/1/members/bulk/?all=true", Status: 200, Answer: `{"unassignments": "3"}`},
	} {
		path, op := v.operation(x)
		places, err := v.answer(path, op, x)
		if err != nil || places[place] == "" {
			t.Errorf("%s: found %v %v", place, places, err)
		}
	}
	x := Exchange{Method: "GET", Target: "/api/users/", Status: 202, Answer: `[]`}
	path, op := v.operation(x)
	if _, err := v.answer(path, op, x); err == nil {
		t.Error("a status that is not described passed")
	}
}

// What the SDK was answered by a running server is held against the description by
// scripts/conformance, which says where it is kept, and where the page is made from
// what was found.
func TestAnswersFollowTheVendor(t *testing.T) {
	dir := os.Getenv("CONFORMANCE_RECORD")
	if dir == "" {
		t.Skip("no answers: make conformance records them")
	}
	recorded, err := ReadExchanges(os.DirFS("testdata/exchanges"))
	if err != nil {
		t.Fatal(err)
	}
	answers := readAnswers(t, os.DirFS(dir))
	found := newVendor(t).hold(t, slices.Concat(recorded, answers))
	raw, err := json.MarshalIndent(found, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/vendor.json", raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// readAnswers reads the answers of every version of the SDK, one a line.
func readAnswers(t *testing.T, dir fs.FS) (out []Exchange) {
	t.Helper()
	names, err := fs.Glob(dir, "answers-*.jsonl")
	if err != nil || len(names) == 0 {
		t.Fatal("no answers were recorded", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var x Exchange
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(name, err)
			}
			out = append(out, x)
		}
	}
	return out
}

// vendor is the description of the original's API, trimmed by scripts/vendor-description,
// and the differences that were written down.
type vendor struct {
	compiler *jsonschema.Compiler
	openAPI  map[string]any
	paths    map[string]string // by the path without the names of its parameters
	reasons  map[string]string
}

// verdict is what became of one operation's answers.
type verdict struct {
	Answers     int      `json:"answers"`     // that were held against a schema, or were empty as they should
	Differences []string `json:"differences"` // the places where one was another than described
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	raw, err := os.ReadFile("testdata/vendor/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	openAPI, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	v := &vendor{compiler: jsonschema.NewCompiler(), openAPI: openAPI.(map[string]any), paths: map[string]string{},
		reasons: map[string]string{}}
	v.compiler.DefaultDraft(jsonschema.Draft4) // OpenAPI 3.0 is made of it, and formats count in it
	if err := v.compiler.AddResource("vendor.json", nullables(openAPI)); err != nil {
		t.Fatal(err)
	}
	for path := range v.openAPI["paths"].(map[string]any) {
		v.paths[bare(path)] = path
	}
	v.readReasons(t)
	return v
}

func (v *vendor) readReasons(t *testing.T) {
	raw, err := os.ReadFile("testdata/vendor/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		place, reason, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if !ok && place != "" && place[0] != '#' {
			t.Fatalf("no reason: %s", line)
		}
		if ok {
			v.reasons[place] = reason
		}
	}
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// bare is a path without its last slash and the names of its parameters, which servers
// choose.
func bare(path string) string {
	return parameter.ReplaceAllString(strings.TrimSuffix(path, "/"), "{}")
}

// nullables writes OpenAPI's nullable as JSON Schema has it, and lets an answer be what
// it is to more than one role: to an Owner a task has all that it has to a Reviewer.
func nullables(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = nullables(v[i])
		}
	case map[string]any:
		for name, inside := range v {
			v[name] = nullables(inside)
		}
		if one, ok := v["oneOf"]; ok {
			delete(v, "oneOf")
			v["anyOf"] = one
		}
		if v["nullable"] == true {
			delete(v, "nullable")
			return map[string]any{"anyOf": []any{v, map[string]any{"type": "null"}}}
		}
	}
	return v
}

// reason is the pattern of the differences that a place has.
func (v *vendor) reason(place string) string {
	for pattern := range v.reasons {
		if ok, _ := slashes.Match(pattern, place); ok {
			return pattern
		}
	}
	return ""
}

// hold holds answers against the description. Keys are METHOD path.
func (v *vendor) hold(t *testing.T, exchanges []Exchange) map[string]*verdict {
	t.Helper()
	found, wrong := map[string]*verdict{}, map[string]string{}
	for _, x := range exchanges {
		path, op := v.operation(x)
		if op == nil {
			continue
		}
		key := x.Method + " " + path
		places, err := v.answer(path, op, x)
		if err != nil {
			wrong[key+": "+err.Error()] = x.Target
			continue
		}
		if found[key] == nil {
			found[key] = &verdict{Differences: []string{}}
		}
		if x.Status < 300 {
			found[key].Answers++
		}
		for place, detail := range places {
			if v.reason(place) == "" {
				wrong[place] = fmt.Sprintf("%s, %d: %s", key, x.Status, detail)
			}
			if !slices.Contains(found[key].Differences, place) {
				found[key].Differences = append(found[key].Differences, place)
			}
		}
		slices.Sort(found[key].Differences)
	}
	for _, place := range slices.Sorted(maps.Keys(wrong)) {
		t.Errorf("%s (%s)", place, wrong[place])
	}
	return found
}

// operation is what the vendor describes of what an exchange asked; nil for nothing.
func (v *vendor) operation(x Exchange) (path string, op any) {
	ours := find(document().Families, x.Method, x.Target)
	if ours == nil {
		return "", nil
	}
	path = v.paths[bare(ours.Path)]
	return path, at(v.openAPI, "paths", path, strings.ToLower(x.Method))
}

// answer is the places where an answer is another than the description's, with what is
// wrong there. Errors that are not described are as the description's prose has them.
func (v *vendor) answer(path string, op any, x Exchange) (map[string]string, error) {
	response, ok := at(op, "responses", strconv.Itoa(x.Status)).(map[string]any)
	if !ok && x.Status < 300 {
		return nil, fmt.Errorf("%d is not described", x.Status)
	}
	described := at(response, "content", "application/json", "schema")
	if described == nil || at(described, "format") == "binary" {
		return nil, nil
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(x.Answer))
	if err != nil {
		return nil, fmt.Errorf("%d without JSON", x.Status)
	}
	pointer := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
	compiled, err := v.compiler.Compile(
		fmt.Sprintf("vendor.json#/paths/%s/%s/responses/%d/content/application~1json/schema", pointer,
			strings.ToLower(x.Method), x.Status))
	if err != nil {
		return nil, err
	}
	places := map[string]string{}
	if wrong, ok := errors.AsType[*jsonschema.ValidationError](compiled.Validate(body)); ok {
		leaves(wrong, func(leaf *jsonschema.ValidationError) { addPlaces(places, leaf) })
	}
	return places, nil
}

func leaves(e *jsonschema.ValidationError, each func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		each(e)
	}
	for _, cause := range e.Causes {
		leaves(cause, each)
	}
}

// addPlaces names the fields that one complaint is about: the schema that the vendor
// gave a name, or the operation, and the way to the field.
func addPlaces(places map[string]string, e *jsonschema.ValidationError) {
	_, pointer, _ := strings.Cut(e.SchemaURL, "#/")
	if strings.HasSuffix(pointer, "/anyOf/1") { // null, beside what it could be besides
		return
	}
	place := placeOf(pointer)
	missing, ok := e.ErrorKind.(*kind.Required)
	if !ok {
		places[place] = fmt.Sprintf("%v %v", e.InstanceLocation, e.ErrorKind)
		return
	}
	for _, name := range missing.Missing {
		places[strings.TrimSuffix(place, ".")+"."+name] = fmt.Sprintf("%v lacks it", e.InstanceLocation)
	}
}

func placeOf(pointer string) string {
	parts := strings.Split(pointer, "/")
	place, rest := parts[2], parts[3:] // components/schemas/NAME/…
	if parts[0] == "paths" {
		path, _ := url.PathUnescape(strings.ReplaceAll(parts[1], "~1", "/"))
		place, rest = strings.ToUpper(parts[2])+" "+path+" "+parts[4], parts[5:]
	}
	for i, part := range rest {
		if i > 0 && rest[i-1] == "properties" {
			place += "." + part
		}
	}
	return place
}
