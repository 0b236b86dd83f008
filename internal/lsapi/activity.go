package lsapi

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
)

func activityRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/activity-logs", do: does((*call).listActivities),
			summary: "List what was asked of the API",
			text:    "For the Owner and Administrators; about a second late.",
			answer:  "One page, in a list of one.",
			others:  []answer{{status: 404, text: "The page is past the end."}},
		},
	}
}

// activityJSON is the wire's ActivityLog.
type activityJSON struct {
	ID             int64          `json:"id"`
	Datetime       stamp          `json:"datetime"`
	OrganizationID int64          `json:"organization_id"`
	UserID         int64          `json:"user_id"`
	Email          string         `json:"email"`
	UserSession    *string        `json:"user_session"`
	ProjectID      *int64         `json:"project_id"`
	WorkspaceOwner *int64         `json:"workspace_owner_id"`
	Method         string         `json:"request_method"`
	URL            string         `json:"request_url"`
	Status         string         `json:"response_code"`
	Duration       int64          `json:"duration"` // milliseconds
	Address        string         `json:"ip_address"`
	UserAgent      string         `json:"user_agent"`
	Referer        string         `json:"http_referer"`
	ExtraData      activityExtras `json:"extra_data"`
}

// activityExtras is what Roster adds.
type activityExtras struct {
	Request   string `json:"request"`
	Workspace *int64 `json:"workspace"`
}

func activityOf(a roster.Activity) activityJSON {
	return activityJSON{
		ID: a.ID, Datetime: stamp(a.At), OrganizationID: a.OrganizationID, UserID: a.UserID, Email: a.Email,
		UserSession: orNothing(a.Session),
		ProjectID:   nullable(a.ProjectID), WorkspaceOwner: nullable(a.WorkspaceOwner),
		Method: a.Method, URL: a.URL, Status: strconv.Itoa(a.Status), Duration: a.Duration.Milliseconds(),
		Address: a.Address, UserAgent: a.UserAgent, Referer: a.Referer,
		ExtraData: activityExtras{a.RequestID, nullable(a.WorkspaceID)},
	}
}

// activityPageJSON is the wire's ActivityLogResponse.
type activityPageJSON struct {
	Data            []activityJSON `json:"data"`
	RecordsTotal    int            `json:"recordsTotal"`
	RecordsFiltered int            `json:"recordsFiltered"`
}

const (
	defaultActivities = 30
	maxActivities     = 10_000
)

type listActivitiesRequest struct {
	From      time.Time   `query:"start_date" doc:"From this time on."`
	To        time.Time   `query:"end_date" day:"end" doc:"Up to this time; a date alone is all of that day, in UTC."`
	Method    askedMethod `query:"method" doc:"Only this method; all is all of them."`
	Project   int64       `query:"project" doc:"Only where the path names this project."`
	User      int64       `query:"user" doc:"Only by this person."`
	Workspace int64       `query:"workspace" doc:"Only where the path names this workspace."`
	Search    string      `query:"search" doc:"Terms in the URL, with AND or OR between them."`
	Rows      activityRows
}

// listActivities is GET /api/activity-logs/ (contract 3.15): one object in an
// array, which is how the wire has it.
func (c *call) listActivities(in listActivitiesRequest) ([]activityPageJSON, error) {
	f := roster.ActivityFilter{
		From: in.From, To: in.To, Method: string(in.Method), URL: urlTerms(in.Search),
		ProjectID: in.Project, UserID: in.User, WorkspaceID: in.Workspace,
	}
	window, err := c.app.Activities(c.r.Context(), f, in.Rows.page.Order, in.Rows.offset, in.Rows.page.Size)
	if err == nil && in.Rows.offset > 0 && in.Rows.offset >= window.Matched {
		err = invalidPage
	}
	return []activityPageJSON{{each(window.Activities, activityOf), window.Total, window.Matched}}, err
}

var invalidPage = roster.Errorf(roster.NotFound, "Invalid page.")

// activityRows is page and page_size, or start (rows to pass over) and length; a size of
// -1 is as much as there can be.
type activityRows struct {
	page   roster.Page
	offset int
}

func (a *activityRows) read(r *request, _ field) {
	p := r.query()
	a.page = r.page(defaultActivities, maxActivities)
	for _, name := range []string{"length", "page_size"} {
		n, err := strconv.Atoi(strings.TrimSpace(p.str(name)))
		switch {
		case err == nil && n > 0:
			a.page.Size = min(n, maxActivities)
		case err == nil && n == -1:
			a.page.Size = maxActivities
		}
	}
	if a.offset = a.page.Offset(); !p.given("start") || p.given("page") {
		return
	}
	offset, err := strconv.Atoi(strings.TrimSpace(p.str("start")))
	if err != nil || offset < 0 || offset > 1<<40 {
		r.fail(invalidPage)
	}
	a.offset = offset
}

func (a *activityRows) fields(field) []field {
	number := reflect.TypeFor[int]()
	return append([]field{
		{in: "query", name: "start", typ: number, text: "How many to pass over."},
		{in: "query", name: "length", typ: number, text: "How many to show; -1 is as many as there can be."},
	}, pageFields...)
}

// askedMethod is one of the wire's methods; "" for all of them.
type askedMethod string

func (m *askedMethod) read(r *request, f field) {
	*m = askedMethod(r.query().method(f.name))
}

// method is one of the wire's methods; "" for all of them.
func (p *params) method(name string) string {
	method := strings.ToUpper(strings.TrimSpace(p.str(name)))
	switch {
	case method == "" || method == "ALL":
		return ""
	case !slices.Contains([]string{"DELETE", "GET", "PATCH", "POST", "PUT"}, method):
		p.bad(name, "\""+p.str(name)+"\" is not a valid choice.")
	}
	return method
}

// urlTerms reads a search over URLs: terms with AND between them, which may be
// left out, or OR, which binds less.
func urlTerms(search string) [][]string {
	groups := [][]string{nil}
	for _, word := range strings.Fields(search) {
		switch last := len(groups) - 1; word {
		case "OR":
			groups = append(groups, nil)
		case "AND":
		default:
			groups[last] = append(groups[last], word)
		}
	}
	return slices.DeleteFunc(groups, func(terms []string) bool { return len(terms) == 0 })
}
