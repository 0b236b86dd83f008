package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"roster"
)

// Made is something that somebody made in the Label Studio behind a gate.
type Made struct {
	ID         int64           `json:"id"`
	Project    int64           `json:"project"`
	Kind       roster.MadeKind `json:"kind"`
	Type       string          `json:"type"` // of a storage
	UpstreamID int64           `json:"upstream_id"`
	Title      string          `json:"title"`
	Location   string          `json:"place"` // where it sends to or reads from
	Maker      *Actor          `json:"maker"` // nil: nobody knows
	MadeAt     time.Time       `json:"made_at"`
	Disabled   bool            `json:"disabled"`
	DisabledBy *int64          `json:"disabled_by"` // the operation
	Told       *Told           `json:"told"`        // what Label Studio was told last; nil: nothing
}

// Told is what Label Studio is told about a thing, until it confirms.
type Told struct {
	Action   roster.MadeAction  `json:"action"`
	State    roster.IntentState `json:"state"`
	Attempts int                `json:"attempts"`
	Error    string             `json:"error"`
}

// MadeBy is what people made who lose the right to.
type MadeBy struct {
	Pending int    `json:"pending"` // what Label Studio has not confirmed yet
	Tabs    int    `json:"tabs"`    // saved tabs, which stay
	Things  []Made `json:"results"`
}

// MadeIn lists what was made in a project.
func (c *Client) MadeIn(ctx context.Context, project int64) iter.Seq2[Made, error] {
	return pages[Made](ctx, c, at("/api/roster/projects/%d/made/", project), url.Values{})
}

// EnableMade has a thing work again; whoever does answers for it.
func (c *Client) EnableMade(ctx context.Context, project, id int64) (m Made, err error) {
	return c.switchMade(ctx, "/api/roster/projects/%d/made/%d/enable", project, id)
}

// DisableMade has a thing stop.
func (c *Client) DisableMade(ctx context.Context, project, id int64) (m Made, err error) {
	return c.switchMade(ctx, "/api/roster/projects/%d/made/%d/disable", project, id)
}

func (c *Client) switchMade(ctx context.Context, path string, project, id int64) (m Made, err error) {
	_, err = c.call(ctx, request{method: http.MethodPost, path: at(path, project, id), once: true}, &m)
	return m, err
}
