package lsapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/limit"
)

// call is one request being answered.
type call struct {
	api *API
	app *app.App // the App, or its transaction when the request has an idempotency key
	w   http.ResponseWriter
	r   *http.Request
	raw []byte // the body, once read

	route route
}

// run answers through rt, once per idempotency key where one may be given.
func (c *call) run(rt route) error {
	if err := limit.Weigh(c.r, roster.Values(c.r.URL.RawQuery)); err != nil {
		return err
	}
	keys := c.r.Header.Values("Idempotency-Key")
	switch {
	case len(keys) > 0 && rt.keyed():
		return c.once(strings.Join(keys, "\n"), rt) // several are no key
	case rt.isBulkRemoval():
		return c.unlessRepeated(rt)
	}
	return rt.handle(c)
}

// isBulkRemoval reports whether a route takes many people off a project, which a client
// that repeats its requests must not do twice.
func (rt route) isBulkRemoval() bool {
	return rt.method == http.MethodDelete && rt.path == "/api/projects/{id}/members/bulk"
}

// keyed reports whether a route takes an idempotency key: a write under /members, or an
// undo. What only reads is read anew, so that nobody is shown what was theirs to see once.
func (rt route) keyed() bool {
	reads := rt.method == http.MethodGet || strings.HasSuffix(rt.path, "/search") || strings.HasSuffix(rt.path, "/preview")
	return !reads && (strings.Contains(rt.path, "/members") || strings.HasSuffix(rt.path, "/undo"))
}

// id is an integer of the path; anything else there is no such resource.
func (c *call) id(name string) (int64, error) {
	text := c.r.PathValue(name)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text { // one thing has one address
		return 0, roster.Errorf(roster.NotFound, "Not found.")
	}
	return id, nil
}

func (c *call) json(status int, body any) error {
	writeJSON(c.w, status, body)
	return nil
}

func (c *call) empty(status int) error {
	c.w.WriteHeader(status)
	return nil
}

// operation names the record of what was done (Roster's addition).
func (c *call) operation(id int64) {
	c.w.Header().Set("Roster-Operation", strconv.FormatInt(id, 10))
}

// pageJSON is the wire's paginated list.
type pageJSON[T any] struct {
	Count    int     `json:"count"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
	Results  []T     `json:"results"`
}

// paged answers with one page of a list, with links to its neighbours. A page
// past the end is empty, not an error (contract 1.6).
func paged[T any](c *call, page roster.Page, total int, results []T) error {
	out := pageJSON[T]{Count: total, Results: orEmpty(results)}
	if page.Offset()+page.Size < total {
		out.Next = c.pageLink(page.Number + 1)
	}
	if page.Number > 1 && page.Offset()-page.Size < total {
		out.Previous = c.pageLink(page.Number - 1)
	}
	return c.json(http.StatusOK, out)
}

func (c *call) pageLink(number int) *string {
	query, _ := url.ParseQuery(c.r.URL.RawQuery)
	query.Set("page", strconv.Itoa(number))
	if number == 1 {
		query.Del("page")
	}
	// one slash in front: with two, what follows would be a host
	u := url.URL{Path: "/" + strings.TrimLeft(requestPath(c.r), "/"), RawQuery: query.Encode()}
	link := c.app.Link(u.String())
	return &link
}

// requestPath is the path as the client wrote it, trailing slash and all.
func requestPath(r *http.Request) string {
	if path, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(path, "/") {
		if p, err := url.PathUnescape(path); err == nil {
			return p
		}
	}
	return r.URL.Path
}

// page reads page and page_size: oversize is clamped, a size that is not a
// positive integer falls back to usual, a page that is none is 404.
func (p *params) page(usual, most int) (roster.Page, error) {
	page := roster.Page{Number: 1, Size: usual, Order: p.str("ordering")}
	if p.given("page") {
		n, err := strconv.Atoi(strings.TrimSpace(p.str("page")))
		if err != nil || n < 1 || n > 1<<31 {
			return page, roster.Errorf(roster.NotFound, "Invalid page.")
		}
		page.Number = n
	}
	if n, err := strconv.Atoi(strings.TrimSpace(p.str("page_size"))); err == nil && n > 0 {
		page.Size = min(n, most)
	}
	return page, nil
}
