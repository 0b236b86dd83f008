package client

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Error is a refusal by the server, or of what was not sent to it because it could not be
// said. Nothing was changed, unless it is Unconfirmed.
type Error struct {
	Status      int                 // the HTTP status; 0 where there was no answer
	Detail      string              // what happened, and what to do
	Fields      map[string][]string // what is wrong, by parameter; nil unless Status is 400
	Change      *PlanChange         // how the people differ from the plan; nil unless Status is 412
	Unconfirmed bool                // a write may have happened, or did: look before it is sent again
	RequestID   string              // names the request in the server's log
	Err         error               // why there was no answer; nil where there was one
}

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

// PlanChange says how the people a plan was made for differ from those the
// selector matches now. The lists hold the first hundred each.
type PlanChange struct {
	Known      bool    `json:"plan_known"` // false: no such plan, or it expired
	AddedCount int     `json:"added_count"`
	GoneCount  int     `json:"gone_count"`
	Added      []int64 `json:"added"`
	Gone       []int64 `json:"gone"`
}

// Error is the detail, or everything that is wrong, field by field.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Detail
	}
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, field+": "+strings.Join(e.Fields[field], " "))
	}
	return strings.Join(parts, "; ")
}

// unsaid is a refusal of what was not sent.
func unsaid(field, message string) error {
	return &Error{Status: http.StatusBadRequest, Detail: message, Fields: map[string][]string{field: {message}}}
}

// maxRefusal is how much of a refusal is read, in bytes.
const maxRefusal = 1 << 20

// refusal reads an answer that is none of success.
func refusal(answer *http.Response) error {
	defer answer.Body.Close()
	e := &Error{Status: answer.StatusCode, RequestID: answer.Header.Get("X-Request-ID")}
	var body struct {
		Detail           string              `json:"detail"`
		ValidationErrors map[string][]string `json:"validation_errors"`
		Changed          *PlanChange         `json:"changed"`
		Unconfirmed      bool                `json:"unconfirmed"`
	}
	if json.NewDecoder(io.LimitReader(answer.Body, maxRefusal)).Decode(&body) == nil {
		e.Detail, e.Fields, e.Change, e.Unconfirmed = body.Detail, body.ValidationErrors, body.Changed, body.Unconfirmed
	}
	if e.Detail == "" {
		e.Detail = fmt.Sprintf("The server answered %d %s.", e.Status, http.StatusText(e.Status))
	}
	return e
}

// unanswered is what is said of a write that was sent and not answered.
func unanswered(err error) error {
	return &Error{Unconfirmed: true, Err: err,
		Detail: "This may have happened: the server did not answer. Look in the history whether it did before you try again."}
}
