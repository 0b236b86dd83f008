package lsapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"roster/internal/lsapi/schema"
)

// A path and method is one operation.
func TestRoutesAreToldApart(t *testing.T) {
	known := map[string]bool{}
	for _, rt := range routes() {
		if key := rt.method + " " + rt.path; known[key] {
			t.Errorf("%s is there twice", key)
		}
		known[rt.method+" "+rt.path] = true
	}
}

func TestDocumentSaysEverything(t *testing.T) {
	for _, f := range document().Families {
		for _, op := range f.Operations {
			for _, missing := range missing(op) {
				t.Errorf("%s has no %s", op.Key(), missing)
			}
		}
	}
}

// missing is what an operation should say and does not.
func missing(op *schema.Operation) (out []string) {
	if op.Summary == "" {
		out = append(out, "summary")
	}
	for _, f := range slices.Concat(op.Parameters, op.Body) {
		if f.Text == "" || f.Schema == nil {
			out = append(out, "text or type of "+f.Name)
		}
	}
	good, bad := false, false
	for _, a := range op.Answers {
		good, bad = good || !a.Error(), bad || a.Error()
		if a.Text == "" {
			out = append(out, "text of "+strconv.Itoa(a.Status))
		}
	}
	if !good || !bad {
		out = append(out, "answers, good and bad")
	}
	// The schema is its own example, and living tokens are in no record.
	if op.Example == nil && op.Path != "/api/schema" && !strings.HasPrefix(op.Path, "/api/token/") {
		out = append(out, "example: add an exchange that goes well to testdata/exchanges")
	}
	return out
}

// A removal answers nothing and takes nothing, and its example was on the page
// for people only.
func TestEveryOperationHasItsExampleInTheDocument(t *testing.T) {
	for path, methods := range at(document().OpenAPI, "paths").(map[string]any) {
		for method := range methods.(map[string]any) {
			samples, _ := at(document().OpenAPI, "paths", path, method, "x-codeSamples").([]any)
			if len(samples) != 1 || !strings.HasPrefix(fmt.Sprint(at(samples[0], "source")), "curl") {
				t.Errorf("%s %s: %v", method, path, samples)
			}
		}
	}
}

// Whatever has pages answers 404 for what is no page, and did not say so.
func TestListsOfPagesMayNotFindOne(t *testing.T) {
	for _, path := range []string{"/api/projects", "/api/tasks", "/api/roster/operations", "/api/roster/invitations"} {
		op := find(document().Families, "GET", path)
		if !slices.ContainsFunc(op.Answers, func(a schema.Answer) bool { return a.Status == http.StatusNotFound }) {
			t.Errorf("%s does not say that there is a 404", path)
		}
	}
}

// TestExchangesFollowTheDocument holds every recorded exchange against the
// document, in which objects here have no other fields than it names.
func TestExchangesFollowTheDocument(t *testing.T) {
	exchanges, err := ReadExchanges(os.DirFS("testdata/exchanges"))
	if err != nil || len(exchanges) < 100 {
		t.Fatal(len(exchanges), err)
	}
	check := newChecker(t)
	for _, x := range exchanges {
		if err := check.exchange(x); err != nil {
			t.Errorf("%s %s, %d: %v", x.Method, x.Target, x.Status, err)
		}
	}
}

// A field, a status and a parameter that nobody described are each found.
func TestDriftIsFound(t *testing.T) {
	check := newChecker(t)
	for _, x := range []Exchange{
		{Method: "GET", Target: "/api/current-user/token/", Status: 200, Answer: `{"detail": "x", "more": 1}`},
		{Method: "GET", Target: "/api/current-user/token/", Status: 200, Answer: `{}`},
		{Method: "GET", Target: "/api/current-user/token/", Status: 202, Answer: `{"detail": "x"}`},
		{Method: "GET", Target: "/api/users/?colour=red", Status: 200, Answer: `[]`},
		{Method: "POST", Target: "/api/projects/1/members/", Body: `{"person": 1}`, Status: 201, Answer: `{"user": 1}`},
	} {
		if check.exchange(x) == nil {
			t.Errorf("%s %s, %d %s passed", x.Method, x.Target, x.Status, x.Answer)
		}
	}
}

// checker holds exchanges against the document.
type checker struct {
	compiler *jsonschema.Compiler
	openAPI  map[string]any
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	raw, err := json.Marshal(document().OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	openAPI, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(openAPI.(map[string]any))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("roster.json", openAPI); err != nil {
		t.Fatal(err)
	}
	return &checker{c, openAPI.(map[string]any)}
}

// closeObjects lets objects have the fields they are described with only.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, isObject := v["properties"].(map[string]any); isObject && v["type"] != nil {
			v["additionalProperties"] = false
		}
		for _, inside := range v {
			closeObjects(inside)
		}
	case []any:
		for _, inside := range v {
			closeObjects(inside)
		}
	}
}

func (c *checker) exchange(x Exchange) error {
	op := find(document().Families, x.Method, x.Target)
	if op == nil {
		if x.Status == http.StatusNotFound || x.Status == http.StatusMethodNotAllowed {
			return nil
		}
		return fmt.Errorf("no such operation")
	}
	if err := asked(op, x); err != nil && x.Status < 400 {
		return err
	}
	responses := at(c.openAPI, "paths", op.Path, strings.ToLower(op.Method), "responses")
	response, ok := at(responses, strconv.Itoa(x.Status)).(map[string]any)
	if !ok {
		return fmt.Errorf("the status is not described")
	}
	var body any
	if json.Unmarshal([]byte(x.Answer), &body) != nil {
		if x.Answer != "" && at(response, "content", "text/csv") == nil {
			return fmt.Errorf("the answer is no JSON")
		}
		return nil
	}
	if at(response, "content", "application/json") == nil {
		return fmt.Errorf("an answer that should be empty")
	}
	pointer := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(op.Path)
	compiled, err := c.compiler.Compile(
		fmt.Sprintf("roster.json#/paths/%s/%s/responses/%d/content/application~1json/schema", pointer,
			strings.ToLower(op.Method), x.Status))
	if err != nil {
		return err
	}
	return compiled.Validate(body)
}

// asked holds the names in a request against those that are described.
func asked(op *schema.Operation, x Exchange) error {
	described := func(in, name string) bool {
		return slices.ContainsFunc(slices.Concat(op.Parameters, op.Body), func(f schema.Field) bool {
			return f.In == in && (f.Name == name || f.Name == "")
		})
	}
	_, text, _ := strings.Cut(x.Target, "?")
	query, _ := url.ParseQuery(text)
	for name := range query {
		if !described("query", name) && name != "token" { // which the activity log's own record sends in vain
			return fmt.Errorf("the parameter %s is not described", name)
		}
	}
	var fields map[string]any
	if json.Unmarshal([]byte(x.Body), &fields) != nil {
		return nil // a list, a form, or nothing
	}
	for name := range fields {
		if !described("body", name) {
			return fmt.Errorf("the field %s is not described", name)
		}
	}
	return nil
}

// Forms are described where they can say what must be said, and only there.
func TestFormsAreDescribed(t *testing.T) {
	for _, c := range []struct {
		method, path, field string
		form, inForm        bool
	}{
		{"post", "/api/organizations/{id}/member-tags", "label", true, true},
		{"post", "/api/organizations/{id}/member-tags/imports", "file", true, true},
		{"post", "/api/invite/send-email", "emails", true, true},
		{"post", "/api/saml/settings", "roles_groups", true, false},
		{"post", "/api/tasks", "data", false, false},
		{"post", "/api/projects/{id}/import", "", false, false},
	} {
		content := at(document().OpenAPI, "paths", c.path, c.method, "requestBody", "content")
		if at(content, "application/json") == nil {
			t.Errorf("%s has no JSON", c.path)
		}
		for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data"} {
			form := at(content, kind)
			if (form != nil) != c.form || (at(form, "schema", "properties", c.field) != nil) != c.inForm {
				t.Errorf("%s as %s: %v", c.path, kind, form)
			}
		}
	}
}
