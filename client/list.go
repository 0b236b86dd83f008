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

// filters writes a filter as the wire does. Everything that is set is sent,
// so that a server refuses what it cannot do instead of passing it over.
func filters(f roster.MemberFilter, activity string) url.Values {
	v := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			v.Set(name, value)
		}
	}
	set("ids", joinIDs(f.IDs), len(f.IDs) > 0)
	set("search", f.Search, f.Search != "")
	set("role", join(f.Roles), len(f.Roles) > 0)
	set("tags", joinIDs(f.Tags), len(f.Tags) > 0)
	set("tags_operator", "and", f.EveryTag && len(f.Tags) > 0)
	set("user_type", join(f.UserTypes), len(f.UserTypes) > 0)
	set(activity+"__gte", f.ActiveFrom.Format(time.RFC3339Nano), !f.ActiveFrom.IsZero())
	set(activity+"__lte", f.ActiveTo.Format(time.RFC3339Nano), !f.ActiveTo.IsZero())
	set("implicit", strconv.FormatBool(f.Access == roster.ImplicitAccess), f.Access != roster.AnyAccess)
	set("no_annotators", "true", f.NoAnnotators)
	set("no_view_only", "true", f.NoViewOnly)
	set("with_deleted", "true", f.WithInactive)
	set("is_deleted", "true", f.OnlyDeleted)
	set("exclude_project_id", strconv.FormatInt(f.ExcludeProject, 10), f.ExcludeProject != 0)
	set("exclude_workspace_id", strconv.FormatInt(f.ExcludeWorkspace, 10), f.ExcludeWorkspace != 0)
	return v
}

// selector writes whom a bulk removal is about.
func selector(s roster.Selector) url.Values {
	v := url.Values{}
	if s.All {
		v = filters(s.Filter, "last_activity")
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
	return v
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
