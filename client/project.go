package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"roster"
)

// Project is a project as the API shows it.
type Project struct {
	ID             int64     `json:"id"`
	Title          string    `json:"title"`
	Description    string    `json:"description"`
	Workspace      *int64    `json:"workspace"`
	WorkspaceTitle string    `json:"workspace_title"`
	CreatedAt      time.Time `json:"created_at"`
	TaskNumber     int       `json:"task_number"`
	MembersCount   int       `json:"members_count"` // people with a membership of their own
	Archived       bool      `json:"is_archived"`
}

// NewProject is what it takes to make a project. A zero Workspace is none.
type NewProject struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Workspace   int64  `json:"workspace,omitempty"`
}

// Projects lists the projects the client's person can see.
func (c *Client) Projects(ctx context.Context, f roster.ProjectFilter) iter.Seq2[Project, error] {
	v := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			v.Set(name, value)
		}
	}
	set("ids", joinIDs(f.IDs), len(f.IDs) > 0)
	set("search", f.Search, f.Search != "")
	set("title", f.Title, f.Title != "")
	set("workspaces", joinIDs(f.Workspaces), len(f.Workspaces) > 0)
	if f.Archived != nil {
		set("archived", strconv.FormatBool(*f.Archived), true)
	}
	return pages[Project](ctx, c, "/api/projects/", v)
}

// Project reads one project.
func (c *Client) Project(ctx context.Context, id int64) (p Project, err error) {
	_, err = c.call(ctx, request{method: http.MethodGet, path: at("/api/projects/%d/", id)}, &p)
	return p, err
}

// CreateProject makes a project without members.
func (c *Client) CreateProject(ctx context.Context, n NewProject) (p Project, err error) {
	_, err = c.call(ctx, request{method: http.MethodPost, path: "/api/projects/", body: n}, &p)
	return p, err
}
