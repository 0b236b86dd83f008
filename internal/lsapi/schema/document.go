package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Document is an API as OpenAPI 3.1 and, for who writes pages from it, as the
// families it was made of.
type Document struct {
	Families []*Family
	OpenAPI  map[string]any // as encoding/json decodes it
}

// Options is what a document says besides its operations.
type Options struct {
	Title, Version, Description string
	Types                       *Types
	Error                       string         // the type of errors
	Statuses                    map[int]string // what errors mean that say nothing
	Security                    map[string]any // the schemes by name, any of which will do
}

// New makes the document of the families.
func New(families []*Family, o Options) (*Document, error) {
	b := &builder{o, Schema{}}
	tags := []any{}
	for _, f := range families {
		tags = append(tags, map[string]any{"name": f.Title, "description": f.Text})
		for _, op := range f.Operations {
			if err := b.add(f, op); err != nil {
				return nil, fmt.Errorf("%s: %w", op.Key(), err)
			}
		}
	}
	raw, err := json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": o.Title, "version": o.Version, "description": o.Description},
		"servers": []any{map[string]any{"url": "/"}},
		"tags":    tags, "paths": b.paths, "security": anyOf(o.Security),
		"components": map[string]any{"schemas": o.Types.All(), "securitySchemes": o.Security},
	})
	if err != nil {
		return nil, err
	}
	d := &Document{Families: families}
	return d, json.Unmarshal(raw, &d.OpenAPI)
}

func anyOf(schemes map[string]any) []any {
	out := []any{}
	for name := range schemes {
		out = append(out, map[string]any{name: []string{}})
	}
	return out
}

type builder struct {
	Options
	paths Schema
}

func (b *builder) add(f *Family, op *Operation) error {
	op.usualErrors(b.Statuses)
	out := map[string]any{
		"tags": []string{f.Title}, "operationId": op.ID(), "summary": op.Summary,
		// what takes and answers no body has no other place for its example
		"x-codeSamples": []any{map[string]string{"lang": "Shell", "source": op.Curl()}},
	}
	if op.Description != "" {
		out["description"] = op.Description
	}
	if op.Open {
		out["security"] = []any{}
	}
	var err error
	if out["parameters"], err = b.parameters(op); err != nil {
		return err
	}
	if len(op.Body) > 0 {
		if out["requestBody"], err = b.body(op); err != nil {
			return err
		}
	}
	if out["responses"], err = b.answers(op); err != nil {
		return err
	}
	path, _ := b.paths[op.Path].(map[string]any)
	if path == nil {
		path = map[string]any{}
		b.paths[op.Path] = path
	}
	path[strings.ToLower(op.Method)] = out
	return nil
}

// ID names the operation in one word, for anchors and generated code.
func (op *Operation) ID() string {
	words := strings.FieldsFunc(strings.TrimPrefix(op.Path, "/api/"), func(r rune) bool { return strings.ContainsRune("/{}-", r) })
	return strings.ToLower(op.Method) + "_" + strings.Join(words, "_")
}

// usualErrors adds the errors that follow from how an operation is asked, to
// those it names itself.
func (op *Operation) usualErrors(texts map[int]string) {
	usual := []int{http.StatusServiceUnavailable}
	if !op.Open {
		usual = append(usual, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if strings.Contains(op.Path, "{") || op.takes("page") {
		usual = append(usual, http.StatusNotFound)
	}
	if op.has("query") || op.has("header") || len(op.Body) > 0 {
		usual = append(usual, http.StatusBadRequest)
	}
	if len(op.Body) > 0 {
		usual = append(usual, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range usual {
		if !op.ends(status) {
			op.Answers = append(op.Answers, Answer{Status: status})
		}
	}
	for i, a := range op.Answers {
		if a.Text == "" {
			op.Answers[i].Text = texts[a.Status]
		}
	}
}

func (op *Operation) has(in string) bool {
	for _, f := range op.Parameters {
		if f.In == in {
			return true
		}
	}
	return false
}

// takes reports whether there is such a parameter in the query.
func (op *Operation) takes(name string) bool {
	return slices.ContainsFunc(op.Parameters, func(f Field) bool { return f.In == "query" && f.Name == name })
}

func (op *Operation) ends(status int) bool {
	for _, a := range op.Answers {
		if a.Status == status {
			return true
		}
	}
	return false
}

func (b *builder) parameters(op *Operation) ([]any, error) {
	out := []any{}
	for _, f := range op.Parameters {
		s, err := b.of(f.Type, f.Schema)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		parameter := map[string]any{"in": f.In, "name": f.Name, "schema": s, "description": f.Text}
		if f.Required {
			parameter["required"] = true
		}
		if s["type"] == "array" {
			parameter["explode"] = false
		}
		out = append(out, parameter)
	}
	return out, nil
}

// body is an object's fields, which may come as JSON or as a form, or
// something else as a whole.
func (b *builder) body(op *Operation) (any, error) {
	content := map[string]any{}
	if whole := op.Body[0]; whole.Name == "" {
		s, err := b.of(whole.Type, whole.Schema)
		if err != nil {
			return nil, err
		}
		content["application/json"] = b.withExample(op, s)
		return map[string]any{"required": true, "content": content, "description": whole.Text}, nil
	}
	s, err := b.object(op.Body, func(Schema) bool { return true })
	if err != nil {
		return nil, err
	}
	content["application/json"] = b.withExample(op, s)
	form, err := b.object(op.Body, b.fitsForm)
	if err != nil {
		return nil, err
	}
	required, _ := s["required"].([]string)
	inForm, _ := form["required"].([]string)
	if len(form["properties"].(Schema)) > 0 && len(required) == len(inForm) {
		content["application/x-www-form-urlencoded"] = map[string]any{"schema": form}
		content["multipart/form-data"] = map[string]any{"schema": form}
	}
	return map[string]any{"required": len(required) > 0, "content": content}, nil
}

// object is the schema of those fields whose own fits.
func (b *builder) object(fields []Field, fits func(Schema) bool) (Schema, error) {
	properties, required := Schema{}, []string{}
	for _, f := range fields {
		s, err := b.of(f.Type, f.Schema)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if !fits(s) {
			continue
		}
		described := maps.Clone(s)
		described["description"] = f.Text
		if properties[f.Name] = described; f.Required {
			required = append(required, f.Name)
		}
	}
	s := Schema{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s, nil
}

// fitsForm reports whether a form can hold a value: text, numbers, switches,
// and lists of them as fields that come again.
func (b *builder) fitsForm(s Schema) bool {
	if name, isRef := strings.CutPrefix(fmt.Sprint(s["$ref"]), refPrefix); isRef {
		named, _ := b.Types.All()[name].(Schema)
		return b.fitsForm(named)
	}
	if items, isList := s["items"].(Schema); isList {
		return b.fitsForm(items)
	}
	if either, ok := s["anyOf"].([]any); ok { // or null
		return slices.ContainsFunc(either, func(one any) bool { part, _ := one.(Schema); return b.fitsForm(part) })
	}
	return slices.ContainsFunc([]string{"string", "integer", "number", "boolean"}, func(kind string) bool {
		kinds, several := s["type"].([]string)
		return s["type"] == kind || (several && slices.Contains(kinds, kind))
	})
}

func (b *builder) withExample(op *Operation, s Schema) map[string]any {
	media := map[string]any{"schema": s}
	if op.Example != nil && op.Example.Body != nil {
		media["example"] = op.Example.Body
	}
	return media
}

// answers is by status; one that ends in several shapes is any of them.
func (b *builder) answers(op *Operation) (map[string]any, error) {
	out := map[string]any{}
	for _, a := range op.Answers {
		code := strconv.Itoa(a.Status)
		response, _ := out[code].(map[string]any)
		if response == nil {
			response = map[string]any{"description": a.Text}
			out[code] = response
		} else {
			response["description"] = strings.TrimSpace(response["description"].(string) + " " + a.Text)
		}
		if a.Type == "" && a.Schema == nil && a.Media == "" && !a.Error() {
			continue
		}
		media, s, err := b.answerType(a)
		if err != nil {
			return nil, err
		}
		content, _ := response["content"].(map[string]any)
		if content == nil {
			content = map[string]any{}
			response["content"] = content
		}
		if before, ok := content[media].(map[string]any); ok {
			s = Schema{"anyOf": []any{before["schema"], s}}
		}
		content[media] = answerExample(op, a, media, s)
	}
	return out, nil
}

// of is a schema, which may be said as text.
func (b *builder) of(text string, s Schema) (Schema, error) {
	if s != nil {
		return s, nil
	}
	return b.Types.Of(text)
}

// answerType is the media type of an answer with a body, and its schema.
func (b *builder) answerType(a Answer) (media string, s Schema, err error) {
	switch {
	case a.Media != "":
		return a.Media, scalars["string"], nil
	case strings.Contains(a.Type, "/"):
		return a.Type, scalars["string"], nil
	case a.Schema != nil:
		return "application/json", a.Schema, nil
	case a.Type == "":
		return "application/json", Ref(b.Error), nil
	}
	s, err = b.Types.Of(a.Type)
	return "application/json", s, err
}

func answerExample(op *Operation, a Answer, kind string, s Schema) map[string]any {
	media := map[string]any{"schema": s}
	if e := op.Example; e != nil && e.Status == a.Status && e.Answer != nil && e.Media == kind {
		media["example"] = e.Answer
	}
	return media
}
