package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"roster"
)

// Operation is the record of one change of membership.
type Operation struct {
	ID           int64                 `json:"id"`
	Kind         roster.OperationKind  `json:"kind"`
	Organization int64                 `json:"organization"`
	Project      *int64                `json:"project"`
	Workspace    *int64                `json:"workspace"`
	Actor        Actor                 `json:"actor"`
	Credential   roster.CredentialKind `json:"credential"`
	Request      string                `json:"request"`
	At           time.Time             `json:"at"`
	Selector     json.RawMessage       `json:"selector"`
	Changed      int                   `json:"changed"` // people whose membership changed
	// memberships of deactivated people that it ended, or brought back, besides
	Dormant  int                   `json:"dormant"`
	Unnamed  int                   `json:"unnamed"` // ids that name nobody, and are counted only
	Undoes   *int64                `json:"undoes"`
	UndoneBy *int64                `json:"undone_by"`
	Counts   map[roster.Result]int `json:"counts,omitempty"` // people by result; not in lists
	// what the people had made behind a gate; nil: nothing. Operation alone tells
	Made *MadeBy `json:"made,omitempty"`
}

// Actor is who did something.
type Actor struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

// Outcome is what an operation did to one person.
type Outcome struct {
	User    int64         `json:"user"`
	Email   string        `json:"email"`
	Name    string        `json:"name"`
	Project *int64        `json:"project,omitempty"` // where, when the operation is about several
	Tag     *Tag          `json:"tag,omitempty"`     // which, where it was put on or taken off
	Result  roster.Result `json:"result"`
	KeepsBy *roster.Path  `json:"keeps_access_by"` // how a removed person still has access
}

// Operations lists the record, newest first.
func (c *Client) Operations(ctx context.Context, f roster.OperationFilter) iter.Seq2[Operation, error] {
	v := url.Values{}
	number := func(name string, id int64) {
		if id != 0 {
			v.Set(name, strconv.FormatInt(id, 10))
		}
	}
	number("project", f.ProjectID)
	number("workspace", f.WorkspaceID)
	number("actor", f.ActorID)
	number("person", f.PersonID)
	if f.Kind != "" {
		v.Set("kind", string(f.Kind))
	}
	moment := func(name string, t time.Time) {
		if !t.IsZero() {
			v.Set(name, t.Format(time.RFC3339Nano))
		}
	}
	moment("since", f.Since)
	moment("until", f.Until)
	return pages[Operation](ctx, c, "/api/roster/operations/", v)
}

// Operation reads one record, with how many people each result came to.
func (c *Client) Operation(ctx context.Context, id int64) (op Operation, err error) {
	_, err = c.call(ctx, request{method: http.MethodGet, path: at("/api/roster/operations/%d/", id)}, &op)
	return op, err
}

// Outcomes lists what an operation did to whom, by person.
func (c *Client) Outcomes(ctx context.Context, id int64) iter.Seq2[Outcome, error] {
	return walk(url.Values{}, func(query url.Values) (page[Outcome], error) {
		var answer struct {
			Outcomes page[Outcome] `json:"outcomes"`
		}
		_, err := c.call(ctx, request{method: http.MethodGet, path: at("/api/roster/operations/%d/", id),
			query: query}, &answer)
		return answer.Outcomes, err
	})
}

// Undo takes an operation back: memberships, project roles and the assignments
// that are still free are as before it. Whoever is gone or was changed since
// is left alone; Counts of the answer tell.
func (c *Client) Undo(ctx context.Context, id int64) (undo Operation, err error) {
	_, err = c.call(ctx, request{method: http.MethodPost, path: at("/api/roster/operations/%d/undo/", id)}, &undo)
	return undo, err
}
