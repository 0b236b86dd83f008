// Package schema makes one OpenAPI 3.1 document of operations that are described in Go, with
// their examples. It knows no operation and no route.
package schema

import (
	"net/http"
	"slices"
	"strings"
)

// Family is operations that belong together.
type Family struct {
	Title      string
	Text       string
	Operations []*Operation
}

// Operation is one method of one path.
type Operation struct {
	Method, Path         string
	Summary, Description string
	Parameters           []Field // of the path, the query and the headers
	Body                 []Field // its fields, or one without a name: all of it
	Answers              []Answer
	Open                 bool     // needs no credential
	Example              *Example // a real exchange
}

// Field is a parameter, or a field of a body.
type Field struct {
	In       string // path, query, header, body
	Name     string
	Schema   Schema
	Text     string
	Required bool
}

// Answer is one way an operation ends.
type Answer struct {
	Status int
	Media  string // "" is JSON
	Schema Schema // nil is no body, or the usual error
	Text   string
}

// Error reports whether the answer is a refusal.
func (a Answer) Error() bool { return a.Status >= 400 }

// Example is a request as it was sent and the answer it got, of lists the first item.
type Example struct {
	Request string `json:"request"` // the path and query
	Body    any    `json:"body,omitempty"`
	Status  int    `json:"status"`
	Media   string `json:"media,omitempty"` // of the answer; "" when it has no body
	Answer  any    `json:"answer,omitempty"`
}

// Key is how operations are told apart.
func (op *Operation) Key() string { return op.Method + " " + op.Path }

// ID names the operation in one word, for anchors and generated code.
func (op *Operation) ID() string {
	words := strings.FieldsFunc(strings.TrimPrefix(op.Path, "/api/"), func(r rune) bool {
		return strings.ContainsRune("/{}-", r)
	})
	return strings.ToLower(op.Method) + "_" + strings.Join(words, "_")
}

// Add puts a field where it belongs.
func (op *Operation) Add(f Field) {
	if f.In == "body" {
		op.Body = append(op.Body, f)
	} else {
		op.Parameters = append(op.Parameters, f)
	}
}

// usualErrors adds the errors that follow from how an operation is asked, to
// those it names itself.
func (op *Operation) usualErrors(texts map[int]string) {
	usual := []int{http.StatusServiceUnavailable}
	if !op.Open {
		usual = append(usual, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if op.has("path") || op.takes("page") {
		usual = append(usual, http.StatusNotFound)
	}
	if op.has("query") || op.has("header") || len(op.Body) > 0 {
		usual = append(usual, http.StatusBadRequest)
	}
	if len(op.Body) > 0 {
		usual = append(usual, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range usual {
		if !slices.ContainsFunc(op.Answers, func(a Answer) bool { return a.Status == status }) {
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
	return slices.ContainsFunc(op.Parameters, func(f Field) bool { return f.In == in })
}

// takes reports whether there is such a parameter in the query.
func (op *Operation) takes(name string) bool {
	return slices.ContainsFunc(op.Parameters, func(f Field) bool { return f.In == "query" && f.Name == name })
}
