package client

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"roster"
)

// page is the wire's paginated list.
type page[T any] struct {
	Count   int     `json:"count"`
	Next    *string `json:"next"`
	Results []T     `json:"results"`
}

// pageSize is how many rows a list fetches at a time; where the server's limit
// is lower, it answers with fewer.
const pageSize = 1000

// pages walks through a paginated list. An error ends it.
func pages[T any](ctx context.Context, c *Client, path string, query url.Values) iter.Seq2[T, error] {
	return walk(query, func(query url.Values) (p page[T], err error) {
		_, err = c.call(ctx, request{method: http.MethodGet, path: path, query: query}, &p)
		return p, err
	})
}

// walk fetches page after page until there is none.
func walk[T any](query url.Values, fetch func(url.Values) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := maps.Clone(query)
		query.Set("page_size", strconv.Itoa(pageSize))
		for number := 1; ; number++ {
			query.Set("page", strconv.Itoa(number))
			p, err := fetch(query)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range p.Results {
				if !yield(item, nil) {
					return
				}
			}
			if p.Next == nil || len(p.Results) == 0 {
				return
			}
		}
	}
}

// count is how many rows a paginated list has in all.
func (c *Client) count(ctx context.Context, path string, query url.Values) (int, error) {
	query.Set("page_size", "1")
	var p page[struct{}]
	_, err := c.call(ctx, request{method: http.MethodGet, path: path, query: query}, &p)
	return p.Count, err
}

// people walks through a paginated list of people that f narrows.
func people[T any](ctx context.Context, c *Client, path string, f roster.MemberFilter, list roster.Lists,
	order string) iter.Seq2[T, error] {
	query, err := filters(f, list)
	if err != nil {
		return func(yield func(T, error) bool) {
			var none T
			yield(none, err)
		}
	}
	if order != "" {
		query.Set("ordering", order)
	}
	return pages[T](ctx, c, path, query)
}

// filters writes a filter as the wire says it in a list. Everything that is given is
// sent. What the list is not narrowed by is an error, and so is what is given and says
// nothing: passed over, either would mean everybody.
func filters(f roster.MemberFilter, list roster.Lists) (url.Values, error) {
	v := url.Values{}
	for _, d := range f.Given() {
		text := written(d, d.Value(f))
		switch {
		case !d.Read(list):
			return nil, unsaid(d.Parameter(list), "This list of people has no such filter. Nothing was sent.")
		case text == "":
			return nil, unsaid(d.Parameter(list), "Given without a value: leave it out to mean everybody. Nothing was sent.")
		}
		v.Set(d.Parameter(list), text)
	}
	return v, nil
}

// written is a value as the wire has it.
func written(d roster.FilterField, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []roster.Role:
		return join(v)
	case []roster.UserType:
		return join(v)
	case []int64:
		return joinIDs(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case *time.Time:
		return v.Format(time.RFC3339Nano)
	case bool:
		return append(d.Codes, "false", "true")[1]
	case roster.Ability:
		return string(v)
	case roster.Access:
		return strconv.FormatBool(v == roster.ImplicitAccess)
	case *roster.Actor:
		return strconv.FormatInt(v.UserID, 10)
	}
	panic(fmt.Sprintf("client: no filter is a %T", value))
}

// selector writes whom a bulk removal is about.
func selector(s roster.Selector) (v url.Values, err error) {
	v = url.Values{}
	if s.All {
		if v, err = filters(s.Filter, roster.ListRemoval); err != nil {
			return nil, err
		}
	}
	v.Set("all", strconv.FormatBool(s.All))
	if len(s.Included) > 0 {
		v.Set("included", joinIDs(s.Included))
	}
	if len(s.Excluded) > 0 {
		v.Set("excluded", joinIDs(s.Excluded))
	}
	if s.KeepMade {
		v.Set("keep_made", "true")
	}
	return v, nil
}

func join[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ",")
}

func joinIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// at is a path with ids in it.
func at(format string, ids ...any) string { return fmt.Sprintf(format, ids...) }
