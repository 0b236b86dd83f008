package lsapi

import (
	"net/http"
	"net/url"
	"reflect"
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
	head  http.Header // of the answer, which a refusal does not have
}

// run answers, once per idempotency key where one may be given.
func (c *call) run() error {
	if err := limit.Weigh(c.r, roster.Values(c.r.URL.RawQuery)); err != nil {
		return err
	}
	keys := c.r.Header.Values("Idempotency-Key")
	switch {
	case len(keys) > 0 && c.route.once:
		return c.once(strings.Join(keys, "\n")) // several are no key
	case c.route.replayed:
		return c.unlessRepeated()
	}
	return c.answered()
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

// operation names the record of what was done, if there is one (Roster's addition).
func (c *call) operation(id int64) {
	if id != 0 {
		c.head.Set("Roster-Operation", strconv.FormatInt(id, 10))
	}
}

// pageJSON is the wire's paginated list.
type pageJSON[T any] struct {
	Count    int     `json:"count"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
	Results  []T     `json:"results"`
}

// pageOf is one page of a list, with links to its neighbours. A page
// past the end is empty, not an error (contract 1.6).
func pageOf[T any](c *call, page roster.Page, total int, results []T) pageJSON[T] {
	out := pageJSON[T]{Count: total, Results: orEmpty(results)}
	if page.Offset()+page.Size < total {
		out.Next = c.pageLink(page.Number + 1)
	}
	if page.Number > 1 && page.Offset()-page.Size < total {
		out.Previous = c.pageLink(page.Number - 1)
	}
	return out
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

// pagePart reads a page: sizes is the usual and the largest one.
func pagePart(sizes string) part {
	first, second, _ := strings.Cut(sizes, ",")
	usual, err := strconv.Atoi(first)
	most, wrong := strconv.Atoi(second)
	if err != nil || wrong != nil {
		panic("lsapi: no sizes of a page: " + sizes)
	}
	return part{fields: pageFields, read: func(r *request, to any) {
		*to.(*roster.Page) = r.page(usual, most)
	}}
}

var pageFields = []field{
	{
		in: "query", name: "ordering", typ: reflect.TypeFor[string](),
		text: "By which field; a minus before it turns the order round. An unknown one is ignored.",
	},
	{
		in: "query", name: "page", typ: reflect.TypeFor[int](),
		text: "Which page, from 1. One past the end is empty; what is no page is 404.",
	},
	{
		in: "query", name: "page_size", typ: reflect.TypeFor[int](),
		text: "How many on a page; more than the list allows is the most it allows.",
	},
}

// page is a page of the query.
func (r *request) page(usual, most int) roster.Page {
	page, err := r.query().page(usual, most)
	r.fail(err)
	return page
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
