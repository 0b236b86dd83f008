package lsapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"roster/internal/lsapi/schema"
)

// reference is the page that shows the document to people. It needs nothing
// from elsewhere, and no script: that only saves a press of Enter.
//
//go:embed reference
var reference embed.FS

// referencePolicy lets the page use its own two files and nothing else.
const referencePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action " +
	"'self'; base-uri 'none'; frame-ancestors 'none'"

// Reference serves GET /docs/api and its files, to everybody.
func (api *API) Reference() http.Handler {
	files, err := fs.Sub(reference, "reference")
	if err != nil {
		panic(err) // the files are in the binary
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /docs/api", api.referencePage)
	for _, name := range []string{"reference.css", "reference.js"} {
		mux.HandleFunc("GET /docs/api/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, files, name)
		})
	}
	mux.HandleFunc("/", api.NotFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", referencePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

var referenceTemplate = sync.OnceValue(func() *template.Template {
	functions := template.FuncMap{
		"pretty": pretty, "kind": kindOf, "in": fieldsIn, "slug": slug, "words": operationText, "lower": strings.ToLower,
		"special": specialAnswers, "usual": usualAnswers,
	}
	return template.Must(template.New("page.html").Funcs(functions).ParseFS(reference, "reference/page.html"))
})

// shape is a named type of the document as the page shows it.
type shape struct {
	Name   string
	Fields []shapeField
	Type   template.HTML // when it has no fields
}

type shapeField struct {
	Name     string
	Type     template.HTML
	Optional bool
}

func (api *API) referencePage(w http.ResponseWriter, r *http.Request) {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	families, found, all := searched(document().Families, query)
	var page bytes.Buffer
	err := referenceTemplate().Execute(&page, map[string]any{
		"Title": "API reference", "Root": api.app.Root(), "Query": query, "Families": families, "Found": found, "All": all,
		"Meanings": meanings, "Shapes": shapesOf(document().OpenAPI), "About": at(document().OpenAPI, "info", "description"),
	})
	if err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page.Bytes()) // a reader who left cannot be told about it
}

// searched keeps the operations that have every word of a query, and counts.
func searched(families []*schema.Family, query string) (out []*schema.Family, found, all int) {
	words := strings.Fields(strings.ToLower(query))
	for _, f := range families {
		kept := &schema.Family{Title: f.Title, Text: f.Text}
		for _, op := range f.Operations {
			text := operationText(op)
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
				kept.Operations = append(kept.Operations, op)
			}
		}
		all += len(f.Operations)
		if found += len(kept.Operations); len(kept.Operations) > 0 {
			out = append(out, kept)
		}
	}
	return out, found, all
}

// operationText is what an operation is found by.
func operationText(op *schema.Operation) string {
	text := []string{op.Key(), op.Summary, op.Description}
	for _, f := range slices.Concat(op.Parameters, op.Body) {
		text = append(text, f.Name)
	}
	return strings.ToLower(strings.Join(text, " "))
}

func fieldsIn(op *schema.Operation, where string) (out []schema.Field) {
	for _, f := range slices.Concat(op.Parameters, op.Body) {
		if f.In == where {
			out = append(out, f)
		}
	}
	return out
}

// specialAnswers is what only this operation answers, by status.
func specialAnswers(op *schema.Operation) []schema.Answer {
	return slices.DeleteFunc(byStatus(op), isUsual)
}

// usualAnswers is the refusals that mean here what they mean everywhere.
func usualAnswers(op *schema.Operation) []schema.Answer {
	return slices.DeleteFunc(byStatus(op), func(a schema.Answer) bool { return !isUsual(a) })
}

func isUsual(a schema.Answer) bool {
	return a.Schema == nil && a.Media == "" && a.Text == meanings[a.Status]
}

func byStatus(op *schema.Operation) []schema.Answer {
	return slices.SortedStableFunc(slices.Values(op.Answers), func(a, b schema.Answer) int { return a.Status - b.Status })
}

func slug(title string) string {
	return strings.ReplaceAll(strings.ToLower(title), " ", "-")
}

func pretty(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	raw, _ := json.MarshalIndent(v, "", "  ") // it was decoded from JSON
	return string(raw)
}

// kindOf is what kind of value a field or an answer is.
func kindOf(described any) template.HTML {
	switch v := described.(type) {
	case schema.Field:
		return kindLinks(schemaText(v.Schema))
	case schema.Answer:
		if v.Media != "" {
			return kindLinks(v.Media)
		}
		if v.Schema != nil {
			return kindLinks(schemaText(v.Schema))
		}
	}
	return ""
}

// kindLinks is a kind in words, with links to the shapes it names.
func kindLinks(kind string) template.HTML {
	var out strings.Builder
	for word := range wordsAndGaps(kind) {
		if at(document().OpenAPI, "components", "schemas", word) != nil {
			fmt.Fprintf(&out, `<a href="#shape-%s">%s</a>`, word, word)
		} else {
			template.HTMLEscape(&out, []byte(word))
		}
	}
	return template.HTML(out.String())
}

// wordsAndGaps splits a text where letters begin and end.
func wordsAndGaps(text string) func(yield func(string) bool) {
	letter := func(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' }
	return func(yield func(string) bool) {
		for begin := 0; begin < len(text); {
			end := begin + 1
			for end < len(text) && letter(text[end]) == letter(text[begin]) {
				end++
			}
			if !yield(text[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// shapesOf is the named types of the document, by name.
func shapesOf(openAPI map[string]any) (out []shape) {
	all, _ := at(openAPI, "components", "schemas").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		one := all[name].(map[string]any)
		properties, _ := one["properties"].(map[string]any)
		required, _ := one["required"].([]any)
		s := shape{Name: name}
		for _, field := range slices.Sorted(maps.Keys(properties)) {
			s.Fields = append(s.Fields, shapeField{field, kindLinks(schemaText(properties[field])),
				!slices.Contains(required, any(field))})
		}
		if len(s.Fields) == 0 {
			s.Type = kindLinks(schemaText(one))
		}
		out = append(out, s)
	}
	return out
}

// schemaText is a schema in words.
func schemaText(v any) string {
	s, _ := v.(map[string]any)
	switch kind := s["type"].(type) {
	case []any:
		inner := maps.Clone(s)
		inner["type"] = kind[0]
		return schemaText(inner) + " or null"
	case string:
		return plainSchema(kind, s)
	}
	if ref, ok := s["$ref"].(string); ok {
		return ref[strings.LastIndex(ref, "/")+1:]
	}
	if choices, ok := s["anyOf"].([]any); ok {
		var texts []string
		for _, choice := range choices {
			texts = append(texts, schemaText(choice))
		}
		return strings.Join(texts, " or ")
	}
	return "any"
}

func plainSchema(kind string, s map[string]any) string {
	switch values, _ := s["enum"].([]any); {
	case values != nil:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(values), " ", " | "), "[]")
	case kind == "array":
		return "[" + schemaText(s["items"]) + "]"
	case s["format"] == "date-time":
		return "time"
	case s["minimum"] != nil && s["maximum"] == nil:
		return "id"
	case at(s, "properties", "results") != nil && at(s, "properties", "count") != nil:
		return "page(" + schemaText(at(s, "properties", "results", "items")) + ")"
	case s["properties"] != nil:
		return objectText(s)
	}
	return kind
}

// objectText is an object without a name, by its fields.
func objectText(s map[string]any) string {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		optional := ""
		if !slices.Contains(required, any(name)) {
			optional = "?"
		}
		texts = append(texts, name+optional+" "+schemaText(properties[name]))
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

// at walks into decoded JSON by keys; nil when there is nothing.
func at(v any, keys ...string) any {
	for _, key := range keys {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	return v
}
