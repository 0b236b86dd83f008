package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster"
)

// Member is a person in a project's member list.
type Member struct {
	User
	Membership        Membership         `json:"organization_membership"`
	Implicit          bool               `json:"implicit_member"` // only through the workspace or the organization role
	ProjectRole       *roster.Role       `json:"project_role"`    // nil: the organization's role counts
	ProjectRoleSource *roster.RoleSource `json:"project_role_source"`
	Tags              []Tag              `json:"tags"`
	Deleted           bool               `json:"deleted,omitempty"` // from the organization: this is what they had
}

// Effective is the role the person acts with in the project.
func (m Member) Effective() roster.Role {
	if m.ProjectRole == nil {
		return m.Membership.Role
	}
	return roster.Effective(m.Membership.Role, *m.ProjectRole)
}

// Preview is what an unassign with the same selector would do now.
type Preview struct {
	Plan      string    `json:"plan"` // names exactly this set, for UnassignMembers
	ExpiresAt time.Time `json:"plan_expires_at"`
	Count     int       `json:"count"`
	Dormant   int       `json:"dormant"` // memberships of deactivated people that would end besides
	Keep      struct {
		Count            int `json:"count"`
		Workspace        int `json:"workspace"`
		OrganizationRole int `json:"organization_role"`
	} `json:"keep_access"` // of them: who would still have access, and by what
	OpenAssignments int      `json:"open_assignments"` // task assignments that would be dropped
	Made            *MadeBy  `json:"made,omitempty"`   // what they made behind a gate, and would be disabled; nil: nothing
	People          []Member `json:"results"`          // the first, by id
}

// Unassigned is what an unassign did.
type Unassigned struct {
	Count     int   `json:"unassignments"`
	Operation int64 `json:"operation"` // its record, and what to undo
}

// Assigned is what an assign did.
type Assigned struct {
	Count     int     `json:"assignments"`
	Skipped   []int64 `json:"skipped_user_ids"` // matched, but may not be members
	Operation int64   `json:"operation"`
}

// Members lists the people with access to a project, by id.
func (c *Client) Members(ctx context.Context, project int64, f roster.MemberFilter,
	order string) iter.Seq2[Member, error] {
	return people[Member](ctx, c, at("/api/projects/%d/members/paginated/", project), f, roster.ListProject, order)
}

// CountMembers is how many people Members would list.
func (c *Client) CountMembers(ctx context.Context, project int64, f roster.MemberFilter) (int, error) {
	query, err := filters(f, roster.ListProject)
	if err != nil {
		return 0, err
	}
	return c.count(ctx, at("/api/projects/%d/members/paginated/", project), query)
}

// ExportMembers streams the people with access to a project as CSV. The caller
// closes the stream; one that breaks off ends with an error and not with EOF.
func (c *Client) ExportMembers(ctx context.Context, project int64, f roster.MemberFilter,
	order string) (io.ReadCloser, error) {
	query, err := filters(f, roster.ListProject)
	if err != nil {
		return nil, err
	}
	if order != "" {
		query.Set("ordering", order)
	}
	answer, err := c.send(ctx, request{method: http.MethodGet, path: at("/api/projects/%d/members/export/", project),
		query: query})
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// PreviewUnassign says what UnassignMembers would do, and changes nothing. At
// most people of those it would remove are among the answer.
func (c *Client) PreviewUnassign(ctx context.Context, project int64, s roster.Selector,
	people int) (p Preview, err error) {
	query, err := selector(s)
	if err != nil {
		return p, err
	}
	query.Set("page_size", strconv.Itoa(people))
	_, err = c.call(ctx, request{method: http.MethodPost, path: at("/api/roster/projects/%d/members/bulk/preview",
		project), query: query, once: true}, &p)
	return p, err
}

// UnassignMembers takes people off a project. With the plan of a preview it
// removes exactly the people previewed, or nobody: an *Error of status 412
// that says who changed.
func (c *Client) UnassignMembers(ctx context.Context, project int64, s roster.Selector,
	plan string) (done Unassigned, err error) {
	query, err := selector(s)
	if err != nil {
		return done, err
	}
	header, err := c.call(ctx, request{
		method: http.MethodDelete, path: at("/api/projects/%d/members/bulk/", project), query: query, plan: plan, once: true,
	}, &done)
	done.Operation = operation(header)
	return done, err
}

// AssignMembers makes people members of a project and gives the listed project
// roles in the same stroke.
func (c *Client) AssignMembers(ctx context.Context, project int64, s roster.Selector,
	roles ...roster.RoleAssignment) (done Assigned, err error) {
	r, err := assigning(s, roles)
	if err != nil {
		return done, err
	}
	r.path, r.once = at("/api/projects/%d/members/bulk/", project), true
	header, err := c.call(ctx, r, &done)
	done.Operation = operation(header)
	return done, err
}

// PreviewAssign says what AssignMembers would do, and changes nothing: it is done and
// taken back.
func (c *Client) PreviewAssign(ctx context.Context, project int64, s roster.Selector,
	roles ...roster.RoleAssignment) (done Assigned, err error) {
	r, err := assigning(s, roles)
	if err != nil {
		return done, err
	}
	r.path = at("/api/roster/projects/%d/members/bulk/assign/preview", project)
	_, err = c.call(ctx, r, &done)
	return done, err
}

// assigning is the request of an addition, but for its path.
func assigning(s roster.Selector, roles []roster.RoleAssignment) (r request, err error) {
	given := make([]map[string]any, len(roles))
	for i, r := range roles {
		given[i] = map[string]any{"user_id": r.UserID, "role": r.Role}
	}
	r = request{method: http.MethodPost, body: map[string]any{
		"all": s.All, "included": ids(s.Included), "excluded": ids(s.Excluded), "roles": given,
	}}
	if s.All {
		r.query, err = filters(s.Filter, roster.ListAddition)
	}
	return r, err
}

// ids makes a nil list [] on the wire.
func ids(list []int64) []int64 { return append([]int64{}, list...) }

// operation is the record an answer names; 0 when it names none.
func operation(header http.Header) int64 {
	id, _ := strconv.ParseInt(strings.TrimSpace(header.Get("Roster-Operation")), 10, 64)
	return id
}
