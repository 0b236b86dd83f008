package lsapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"roster/internal/store/storetest"
	"slices"
	"strings"
	"testing"

	"roster"
)

// described is a schema of the vendor's description, with what it refers to in its place.
type described = map[string]any

func vendorSchemas(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("testdata/vendor/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var openAPI map[string]any
	if err := json.Unmarshal(raw, &openAPI); err != nil {
		t.Fatal(err)
	}
	return openAPI
}

// resolved follows references, and an allOf of one.
func resolved(openAPI any, schema any) described {
	if of, ok := at(schema, "allOf", 0).(map[string]any); ok {
		return resolved(openAPI, of)
	}
	if of, ok := at(schema, "oneOf", 0).(map[string]any); ok {
		return resolved(openAPI, of)
	}
	if ref, ok := at(schema, "$ref").(string); ok {
		return resolved(openAPI, at(openAPI, "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]))
	}
	found, _ := schema.(map[string]any)
	return found
}

// another is a value that a field can have by its schema and does not have now.
func another(openAPI any, schema described, now any) any {
	if choices, ok := schema["enum"].([]any); ok {
		return choices[slices.IndexFunc(choices, func(v any) bool { return v != now && v != "OW" })]
	}
	switch {
	case schema["type"] == "boolean":
		return now != true
	case schema["type"] == "integer" || schema["type"] == "number":
		return 7.0
	case schema["type"] == "array" && at(schema, "items", "type") == "array":
		return []any{[]any{"standard", "people"}}
	case schema["type"] == "array":
		return []any{another(openAPI, resolved(openAPI, schema["items"]), nil)}
	case schema["format"] == "date-time":
		return "2026-05-05T00:00:00.000000Z"
	case schema["format"] == "decimal":
		return "12.50"
	case schema["format"] == "email":
		return "else@example.com"
	case schema["type"] == "string":
		return "else"
	}
	return map[string]any{"else": 1.0}
}

// fieldsOf is what the vendor describes as writable, by the way to each.
func fieldsOf(openAPI any, schema described, prefix ...string) map[string]described {
	out := map[string]described{}
	for name := range schema["properties"].(map[string]any) {
		field, way := resolved(openAPI, at(schema, "properties", name)), append(slices.Clone(prefix), name)
		if len(prefix) == 0 && strings.HasSuffix(name, "_settings") && at(field, "properties") != nil {
			maps.Copy(out, fieldsOf(openAPI, field, way...))
			continue
		}
		out[strings.Join(way, ".")] = field
	}
	return out
}

// TestWhatIsWritableIsKeptOrRefused sends, one at a time, every field that the vendor's
// description, or the newest SDK, lets one write with these operations. It is shown again
// as it was sent, or refused by name; and what is shown can be sent back as it is.
func TestWhatIsWritableIsKeptOrRefused(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		openAPI := vendorSchemas(t)
		p, space, ann := w.Project("Street signs", 0), w.Workspace("Vision"), w.Person(roster.RoleAnnotator)
		project := fmt.Sprintf("/api/projects/%d/", p)
		org := fmt.Sprintf("/api/organizations/%d", w.Org)
		for _, c := range []struct {
			method, path, operation string
			base                    map[string]any // what the operation requires
			read                    string         // "" where the answer itself shows all of it
			newer                   map[string]any // what the newest SDK sends besides
			elsewhere               []string       // fields that have tests of their own
		}{
			{method: "PATCH", path: org, operation: "/api/organizations/{id}", read: org},
			{method: "PATCH", path: org + "/set-default-role", operation: "/api/organizations/{id}/set-default-role"},
			{method: "PATCH", path: org + "/memberships", operation: "/api/organizations/{id}/memberships",
				base:  map[string]any{"user_id": ann},
				newer: map[string]any{"user_type": "flex"}, elsewhere: []string{"user_id"}},
			// who somebody is and since when is passed over: TestMassAssignment
			{method: "PATCH", path: fmt.Sprintf("/api/users/%d/", ann), operation: "/api/users/{id}/",
				read:      fmt.Sprintf("/api/users/%d/", ann),
				elsewhere: []string{"active_organization", "date_joined", "password"}},
			{method: "PATCH", path: "/api/current-user", operation: "/api/current-user", read: "/api/current-user",
				elsewhere: []string{"active_organization", "date_joined", "password"}},
			{method: "POST", path: "/api/users/", operation: "/api/users/", base: map[string]any{},
				elsewhere: []string{"username", "email", "password"}},
			{method: "PATCH", path: project, operation: "/api/projects/{id}/", read: project, elsewhere: []string{"workspace"},
				newer: map[string]any{
					"dm_column_defaults": map[string]any{"explore": map[string]any{"order": []any{"tasks:id"}}, "labeling": nil}}},
			{method: "POST", path: "/api/projects/", operation: "/api/projects/", elsewhere: []string{"workspace"},
				base: map[string]any{"use_custom_interface": true},
				newer: map[string]any{"collection_mode": "open", "dm_column_defaults": map[string]any{
					"explore": map[string]any{"order": []any{}}, "labeling": nil}}},
			{method: "POST", path: "/api/workspaces/", operation: "/api/workspaces/", base: map[string]any{"title": "Else"}},
			{method: "PATCH", path: fmt.Sprintf("/api/workspaces/%d/", space), operation: "/api/workspaces/{id}/",
				read: fmt.Sprintf("/api/workspaces/%d/", space)},
			{method: "PATCH", path: "/api/session-policy/", operation: "/api/session-policy/", read: "/api/session-policy/"},
			{method: "POST", path: "/api/jwt/settings", operation: "/api/jwt/settings",
				base: map[string]any{"api_token_ttl_days": 30}, read: "/api/jwt/settings"},
			{method: "POST", path: "/api/saml/settings", operation: "/api/saml/settings",
				newer: map[string]any{"user_type_groups": []any{[]any{"flex", "people"}}}},
			{method: "POST", path: "/api/scim/settings", operation: "/api/scim/settings",
				newer: map[string]any{"user_type_groups": []any{[]any{"flex", "people"}}}},
			{method: "POST", path: "/api/tasks/", operation: "/api/tasks/",
				base: map[string]any{"project": p, "data": map[string]any{"text": "a"}}, elsewhere: []string{"project"}},
		} {
			var shown any
			if c.read != "" {
				shown = w.must(http.StatusOK, "GET", c.read, w.Owner, nil)
				if status, answer := w.do(c.method, c.path, w.Owner, shownAgain(shown)); status >= 300 {
					t.Errorf("%s %s: what was read is refused: %d %v", c.method, c.path, status, answer)
				}
			}
			request := at(openAPI, "paths", c.operation, strings.ToLower(c.method), "requestBody", "content",
				"application/json", "schema")
			sent := map[string]any{}
			for way, field := range fieldsOf(openAPI, resolved(openAPI, request)) {
				sent[way] = another(openAPI, field, at(shown, steps(way)...))
			}
			for way, value := range c.newer {
				sent[way+" "] = value // beside what the description has under the same name
			}
			for _, way := range slices.Sorted(maps.Keys(sent)) {
				if name := strings.TrimSpace(way); !slices.Contains(c.elsewhere, name) {
					w.keptOrRefused(c.method, c.path, c.base, name, sent[way])
				}
			}
		}
	})
}

// TestPublishedExamples sends the examples of requests that the vendor's description has,
// where what they name is there.
func TestPublishedExamples(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		openAPI := vendorSchemas(t)
		w.Workspace("Default workspace")
		for range 42 {
			w.Project("Street signs", 0)
		}
		sent := 0
		for path, methods := range openAPI["paths"].(map[string]any) {
			for method, operation := range methods.(map[string]any) {
				examples, _ := at(operation, "requestBody", "content", "application/json", "examples").(map[string]any)
				for name, example := range examples {
					sent++
					if status, answer := w.do(strings.ToUpper(method), path, w.Owner, at(example, "value")); status >= 300 {
						t.Errorf("%s %s, %s: %d %v", method, path, name, status, answer)
					}
				}
			}
		}
		if sent != 3 {
			t.Errorf("%d examples", sent)
		}
		filter := at(openAPI, "components", "schemas", "PrepareParamsFiltersRequest", "properties", "items",
			"items", "example")
		w.must(http.StatusCreated, "POST", "/api/projects/1/tasks/assignees", w.Owner, map[string]any{
			"type": "AN", "users": []int64{w.Owner}, "selectedItems": map[string]any{"all": true},
			"filters": map[string]any{"conjunction": "and", "items": []any{filter}},
		})
	})
}

// shownAgain is an answer as somebody sends it back; an e-mail cannot be changed, and is
// refused even as it is (405).
func shownAgain(shown any) map[string]any {
	out := maps.Clone(shown.(map[string]any))
	if _, person := out["initials"]; person {
		delete(out, "email")
	}
	return out
}

func steps(way string) (out []any) {
	for name := range strings.SplitSeq(way, ".") {
		out = append(out, name)
	}
	return out
}

var someone int

func (w *wire) keptOrRefused(method, path string, base map[string]any, way string, value any) {
	w.T.Helper()
	body := maps.Clone(base)
	if body == nil {
		body = map[string]any{}
	}
	if path == "/api/users/" {
		someone++
		body["username"] = fmt.Sprintf("someone-%d@example.com", someone)
	}
	name, inside, nested := strings.Cut(way, ".")
	if body[name] = value; nested {
		body[name] = map[string]any{inside: value}
	}
	status, answer := w.do(method, path, w.Owner, body)
	kept := at(answer, steps(way)...)
	switch {
	case status == http.StatusBadRequest && at(answer, "validation_errors", name) != nil:
	case status < 300 && (reflect.DeepEqual(kept, value) || fmt.Sprint(kept) == fmt.Sprint(value)):
	default:
		w.T.Errorf("%s %s: %s of %v: %d, and shown is %v", method, path, way, value, status, kept)
	}
}
