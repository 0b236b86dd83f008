package schema

import (
	"encoding/json"
	"fmt"
	"maps"
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
	b := &builder{o, o.Types.All()}
	tags, paths, security := []any{}, Schema{}, []any{}
	for _, f := range families {
		tags = append(tags, map[string]any{"name": f.Title, "description": f.Text})
		for _, op := range f.Operations {
			methods, _ := paths[op.Path].(Schema)
			if methods == nil {
				methods = Schema{}
				paths[op.Path] = methods
			}
			methods[strings.ToLower(op.Method)] = b.operation(f, op)
		}
	}
	for name := range o.Security {
		security = append(security, map[string]any{name: []string{}})
	}
	raw, err := json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": o.Title, "version": o.Version, "description": o.Description},
		"servers": []any{map[string]any{"url": "/"}},
		"tags":    tags, "paths": paths, "security": security,
		"components": map[string]any{"schemas": b.named, "securitySchemes": o.Security},
	})
	if err != nil {
		return nil, err
	}
	d := &Document{Families: families}
	return d, json.Unmarshal(raw, &d.OpenAPI)
}

type builder struct {
	Options
	named Schema
}

func (b *builder) operation(f *Family, op *Operation) Schema {
	op.usualErrors(b.Statuses)
	out := Schema{
		"tags": []string{f.Title}, "operationId": op.ID(), "summary": op.Summary,
		"parameters": parameters(op), "responses": b.answers(op),
		// what takes and answers no body has no other place for its example
		"x-codeSamples": []any{map[string]string{"lang": "Shell", "source": op.Curl()}},
	}
	if op.Description != "" {
		out["description"] = op.Description
	}
	if op.Open {
		out["security"] = []any{}
	}
	if len(op.Body) > 0 {
		out["requestBody"] = b.body(op)
	}
	return out
}

func parameters(op *Operation) []any {
	out := []any{}
	for _, f := range op.Parameters {
		parameter := map[string]any{"in": f.In, "name": f.Name, "schema": f.Schema, "description": f.Text}
		if f.Required {
			parameter["required"] = true
		}
		if f.Schema["type"] == "array" {
			parameter["explode"] = false
		}
		out = append(out, parameter)
	}
	return out
}

// body is an object's fields, which may come as JSON or as a form, or
// something else as a whole.
func (b *builder) body(op *Operation) any {
	if whole := op.Body[0]; whole.Name == "" {
		content := map[string]any{"application/json": withExample(op, whole.Schema)}
		return map[string]any{"required": true, "content": content, "description": whole.Text}
	}
	s, required := object(op.Body)
	content := map[string]any{"application/json": withExample(op, s)}
	inForm := slices.DeleteFunc(slices.Clone(op.Body), func(f Field) bool { return !b.fitsForm(f.Schema) })
	if form, all := object(inForm); len(inForm) > 0 && all == required {
		content["application/x-www-form-urlencoded"] = map[string]any{"schema": form}
		content["multipart/form-data"] = map[string]any{"schema": form}
	}
	return map[string]any{"required": required > 0, "content": content}
}

// object is the schema of fields, and how many of them are required.
func object(fields []Field) (s Schema, needed int) {
	properties, required := Schema{}, []any{}
	for _, f := range fields {
		described := maps.Clone(f.Schema)
		described["description"] = f.Text
		if properties[f.Name] = described; f.Required {
			required = append(required, f.Name)
		}
	}
	s = Schema{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s, len(required)
}

// fitsForm reports whether a form can hold a value: text, numbers, switches,
// and lists of them as fields that come again.
func (b *builder) fitsForm(s Schema) bool {
	if name, isRef := strings.CutPrefix(fmt.Sprint(s["$ref"]), refPrefix); isRef {
		named, _ := b.named[name].(Schema)
		return b.fitsForm(named)
	}
	if items, isList := s["items"].(Schema); isList {
		return b.fitsForm(items)
	}
	if either, ok := s["anyOf"].([]any); ok { // or null
		return slices.ContainsFunc(either, func(one any) bool { part, _ := one.(Schema); return b.fitsForm(part) })
	}
	return slices.ContainsFunc([]any{"string", "integer", "number", "boolean"}, func(kind any) bool {
		kinds, _ := s["type"].([]any)
		return s["type"] == kind || slices.Contains(kinds, kind)
	})
}

func withExample(op *Operation, s Schema) map[string]any {
	media := map[string]any{"schema": s}
	if op.Example != nil && op.Example.Body != nil {
		media["example"] = op.Example.Body
	}
	return media
}

// answers is by status; one that ends in several shapes is any of them.
func (b *builder) answers(op *Operation) map[string]any {
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
		if s, media := b.answer(a); s != nil {
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
	}
	return out
}

// answer is the schema of an answer, nil for one without a body, and its media type.
func (b *builder) answer(a Answer) (s Schema, media string) {
	switch {
	case a.Media != "":
		return Text, a.Media
	case a.Schema == nil && a.Error():
		return Ref(b.Error), "application/json"
	}
	return a.Schema, "application/json"
}

func answerExample(op *Operation, a Answer, kind string, s Schema) map[string]any {
	media := map[string]any{"schema": s}
	if e := op.Example; e != nil && e.Status == a.Status && e.Answer != nil && e.Media == kind {
		media["example"] = e.Answer
	}
	return media
}
