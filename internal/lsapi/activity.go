package lsapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster"
)

var activityRoutes = []plainRoute{
	{"GET", "/api/activity-logs", (*call).listActivities},
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
		ID: a.ID, Datetime: stamp(a.At), OrganizationID: a.OrganizationID, UserID: a.UserID, Email: a.Email, UserSession: orNothing(a.Session),
		ProjectID: nullable(a.ProjectID), WorkspaceOwner: nullable(a.WorkspaceOwner),
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

// listActivities is GET /api/activity-logs/ (contract 3.15): one object in an
// array, which is how the wire has it.
func (c *call) listActivities() error {
	p := c.params()
	f := roster.ActivityFilter{
		From: p.moment("start_date"), To: p.until("end_date"), Method: p.method("method"),
		ProjectID: p.id("project"), UserID: p.id("user"), WorkspaceID: p.id("workspace"), URL: urlTerms(p.search("search")),
	}
	page, offset, err := p.activityPage()
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	window, err := c.app.Activities(c.r.Context(), f, page.Order, offset, page.Size)
	if err != nil {
		return err
	}
	if offset > 0 && offset >= window.Matched {
		return invalidPage
	}
	return c.json(http.StatusOK, []activityPageJSON{{each(window.Activities, activityOf), window.Total, window.Matched}})
}

var invalidPage = roster.Errorf(roster.NotFound, "Invalid page.")

// activityPage reads page and page_size, or start (rows to pass over) and
// length; a size of -1 is as much as there can be.
func (p *params) activityPage() (page roster.Page, offset int, err error) {
	if page, err = p.page(defaultActivities, maxActivities); err != nil {
		return page, 0, err
	}
	for _, name := range []string{"length", "page_size"} {
		n, err := strconv.Atoi(strings.TrimSpace(p.str(name)))
		switch {
		case err == nil && n > 0:
			page.Size = min(n, maxActivities)
		case err == nil && n == -1:
			page.Size = maxActivities
		}
	}
	if !p.given("start") || p.given("page") {
		return page, page.Offset(), nil
	}
	offset, err = strconv.Atoi(strings.TrimSpace(p.str("start")))
	if err != nil || offset < 0 || offset > 1<<40 {
		return page, 0, invalidPage
	}
	return page, offset, nil
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
