package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"roster"
)

// User is a person as the API shows them.
type User struct {
	ID           int64      `json:"id"`
	Email        string     `json:"email"`
	Username     string     `json:"username"`
	FirstName    string     `json:"first_name"`
	LastName     string     `json:"last_name"`
	LastActivity *time.Time `json:"last_activity"` // nil: never
	DateJoined   time.Time  `json:"date_joined"`
}

// Name is how the person is called: their name, else their e-mail.
func (u User) Name() string {
	return roster.User{Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}.Name()
}

// Membership is a person's standing in the organization.
type Membership struct {
	OrganizationID int64           `json:"organization_id"`
	Role           roster.Role     `json:"role"`
	Active         bool            `json:"active"`
	UserType       roster.UserType `json:"user_type"`
}

// Tag is a label on a person.
type Tag struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
}

// Person is a row of the organization's list of people.
type Person struct {
	ID           int64             `json:"id"` // of the membership; the person's is User.ID
	Organization int64             `json:"organization"`
	Role         roster.Role       `json:"role"`
	RoleSource   roster.RoleSource `json:"role_source"`
	UserType     roster.UserType   `json:"user_type"`
	Tags         []Tag             `json:"tags"`
	User         User              `json:"user"`
}

// Identity is who a client's requests come from.
type Identity struct {
	User
	Membership  Membership `json:"organization_membership"`
	Permissions []string   `json:"permissions"`
}

// Whoami says who the client's requests come from, and what they may do.
func (c *Client) Whoami(ctx context.Context) (id Identity, err error) {
	_, err = c.call(ctx, request{method: http.MethodGet, path: "/api/current-user/whoami"}, &id)
	return id, err
}

// People lists an organization's people, by name.
func (c *Client) People(ctx context.Context, organization int64, f roster.MemberFilter) iter.Seq2[Person, error] {
	return people[Person](ctx, c, at("/api/organizations/%d/memberships", organization), f, roster.ListPeople, "")
}

// Tags lists the tags of an organization whose label contains search.
func (c *Client) Tags(ctx context.Context, organization int64, search string) iter.Seq2[Tag, error] {
	query := url.Values{}
	if search != "" {
		query.Set("search", search)
	}
	return pages[Tag](ctx, c, at("/api/organizations/%d/member-tags", organization), query)
}

// NewUser is what it takes to make a person. Without a password nobody can
// sign in with one.
type NewUser struct {
	Email     string `json:"email"`
	Username  string `json:"username"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Password  string `json:"password,omitempty"`
}

// CreateUser makes a person in the client's organization, with its default
// role. The username is the e-mail unless given.
func (c *Client) CreateUser(ctx context.Context, n NewUser) (u User, err error) {
	if n.Username == "" {
		n.Username = n.Email
	}
	_, err = c.call(ctx, request{method: http.MethodPost, path: "/api/users/", body: n}, &u)
	return u, err
}

// SetRole gives a person a role in an organization. RoleDeactivated takes all
// access away and keeps everything, until another role is given.
func (c *Client) SetRole(ctx context.Context, organization, user int64, role roster.Role) (p Person, err error) {
	body := map[string]any{"user_id": user, "role": role}
	_, err = c.call(ctx, request{method: http.MethodPatch, path: at("/api/organizations/%d/memberships", organization),
		body: body, once: true}, &p)
	return p, err
}

// Tagging is what a change of tags did.
type Tagging struct {
	Count     int   `json:"assigned"`  // people it was about; how many it changed is in the record
	Operation int64 `json:"operation"` // its record, and what to undo; 0 when there was nobody
}

// AssignTags puts tags on the people that s selects, and takes others off them.
func (c *Client) AssignTags(ctx context.Context, organization int64,
	as roster.TagAssignment) (done Tagging, err error) {
	body := map[string]any{
		"all": as.Selector.All, "included": ids(as.Selector.Included), "excluded": ids(as.Selector.Excluded),
		"tags": ids(as.Tags), "remove_tags": ids(as.Off), "overwrite": as.Overwrite,
	}
	r := request{method: http.MethodPost, path: at("/api/organizations/%d/member-tags/assignments",
		organization), body: body}
	if as.Selector.All {
		if r.query, err = filters(as.Selector.Filter, roster.ListPeople); err != nil {
			return done, err
		}
	}
	header, err := c.call(ctx, r, &done)
	done.Operation = operation(header)
	return done, err
}

// DeleteTag takes a tag from the organization and from everybody who has it, and
// returns the operation.
func (c *Client) DeleteTag(ctx context.Context, organization, tag int64) (int64, error) {
	header, err := c.call(ctx,
		request{method: http.MethodDelete, path: at("/api/organizations/%d/member-tags/%d", organization, tag)}, nil)
	return operation(header), err
}
