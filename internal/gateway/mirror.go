package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

// Person is somebody as the upstream tells about them.
type Person struct {
	ID                 int64     `json:"id"`
	Email              string    `json:"email"`
	Username           string    `json:"username"`
	FirstName          string    `json:"first_name"`
	LastName           string    `json:"last_name"`
	Phone              string    `json:"phone"`
	DateJoined         time.Time `json:"date_joined"`
	ActiveOrganization int64     `json:"active_organization"`
}

func (p Person) user() roster.User {
	return roster.User{
		ID: p.ID, Email: p.Email, Username: p.Username, FirstName: p.FirstName, LastName: p.LastName, Phone: p.Phone,
		DateJoined: p.DateJoined,
	}
}

// Project is a project as the upstream tells about it.
type Project struct {
	ID          int64     `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Color       string    `json:"color"`
	CreatedBy   *Person   `json:"created_by"`
	CreatedAt   time.Time `json:"created_at"`
	Published   bool      `json:"is_published"`
	PinnedAt    time.Time `json:"pinned_at"`
}

func (p Project) project() roster.Project {
	out := roster.Project{
		ID: p.ID, Title: p.Title, Description: p.Description, Color: p.Color, CreatedAt: p.CreatedAt,
		Published: p.Published, PinnedAt: p.PinnedAt,
	}
	if p.CreatedBy != nil {
		out.CreatedBy.ID = p.CreatedBy.ID
	}
	return out
}

// Organization is what the upstream says about the organization and the person
// whose account the gate has.
func (u *Upstream) Organization(ctx context.Context) (o core.Upstream, err error) {
	var owner Person
	if err := u.Get(ctx, "/api/current-user/whoami", nil, &owner); err != nil {
		return o, err
	}
	var org struct {
		ID    int64  `json:"id"`
		Title string `json:"title"`
	}
	err = u.Get(ctx, "/api/organizations/"+formatID(owner.ActiveOrganization), nil, &org)
	return core.Upstream{OrganizationID: org.ID, Title: org.Title, Owner: owner.user()}, err
}

// People is everybody whom the upstream knows.
func (u *Upstream) People(ctx context.Context) ([]roster.User, error) {
	var people []Person
	err := u.Get(ctx, "/api/users/", nil, &people)
	out := make([]roster.User, len(people))
	for i, p := range people {
		out[i] = p.user()
	}
	return out, err
}

// projectFields is what the mirror wants to know of projects: the cheap fields.
const projectFields = "id,title,description,color,created_by,created_at,is_published,pinned_at"

// Projects is every project of the upstream, each once. One that is changed while
// the pages are read can move another from a page that is still to come to one
// that has been: so what is not here may be there.
func (u *Upstream) Projects(ctx context.Context) ([]roster.Project, error) {
	out, seen := []roster.Project{}, map[int64]bool{}
	for page := 1; ; page++ {
		var answer struct {
			Next    *string   `json:"next"`
			Results []Project `json:"results"`
		}
		q := url.Values{"page": {formatID(int64(page))}, "page_size": {"100"}, "include": {projectFields}}
		if err := u.Get(ctx, "/api/projects/", q, &answer); err != nil {
			return nil, err
		}
		for _, p := range answer.Results {
			if !seen[p.ID] {
				out = append(out, p.project())
			}
			seen[p.ID] = true
		}
		if answer.Next == nil {
			return out, nil
		}
	}
}

// Project is one of them; NotFound when the upstream has it no more.
func (u *Upstream) Project(ctx context.Context, id int64) (roster.Project, error) {
	var p Project
	err := u.Get(ctx, "/api/projects/"+formatID(id)+"/", url.Values{"include": {projectFields}}, &p)
	if err == nil && p.ID != id {
		err = &fault{http.StatusBadGateway, fmt.Errorf("asked about project %d, Label Studio told of %d", id, p.ID)}
	}
	return p.project(), err
}

// slipped is those of the known projects that are not listed and there all the
// same.
func (u *Upstream) slipped(ctx context.Context, known []int64,
	listed []roster.Project) (all []roster.Project, err error) {
	there := map[int64]bool{}
	for _, p := range listed {
		there[p.ID] = true
	}
	for _, id := range known {
		if there[id] {
			continue
		}
		if gone, err := u.lacksProject(ctx, id); err != nil {
			return nil, err
		} else if gone {
			continue
		}
		p, err := u.Project(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Reconcile makes Roster know every person and every project of the upstream,
// as they are there now, and follows those that it has no more.
func Reconcile(ctx context.Context, a *app.App, u *Upstream) error {
	was, err := a.Mirrored(ctx)
	if err != nil {
		return err
	}
	people, err := u.People(ctx)
	if err != nil {
		return err
	}
	projects, err := u.Projects(ctx)
	if err != nil {
		return err
	}
	slipped, err := u.slipped(ctx, was.Projects, projects)
	if err != nil {
		return err
	}
	projects = append(projects, slipped...)
	if err := a.MirrorPeople(ctx, people); err != nil {
		return err
	}
	if err := a.MirrorProjects(ctx, projects); err != nil {
		return err
	}
	return a.FollowGone(ctx, was, people, projects)
}
