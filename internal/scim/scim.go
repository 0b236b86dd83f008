// Package scim speaks SCIM 2.0 (RFC 7643, RFC 7644) to identity providers, over
// the operations of package app. README.md is its protocol page. Only this
// package knows the protocol's spellings.
package scim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/provision"
)

// API serves the protocol. Requests reach it with a canonical path (no trailing
// slash) and an actor in their context.
type API struct {
	app *app.App
	mux *http.ServeMux
}

type handler func(c *call) error

// Base is the path under which all of it is, and Short another spelling of it,
// which the vendor's guide takes as well.
const (
	Base  = "/scim/v2"
	Short = "/scim"
)

// New makes the API.
func New(a *app.App) *API {
	api := &API{app: a, mux: http.NewServeMux()}
	for path, methods := range map[string]map[string]handler{
		"/ServiceProviderConfig": {"GET": (*call).providerConfig},
		"/ResourceTypes":         {"GET": (*call).listResourceTypes},
		"/ResourceTypes/{id}":    {"GET": (*call).getResourceType},
		"/Schemas":               {"GET": (*call).listSchemas},
		"/Schemas/{id}":          {"GET": (*call).getSchema},
		"/Users":                 {"GET": (*call).listUsers, "POST": (*call).createUser},
		"/Users/{id}": {"GET": (*call).getUser, "PUT": (*call).putUser, "PATCH": (*call).patchUser,
			"DELETE": (*call).deleteUser},
		"/Users/.search":  {"POST": searching((*call).listUsers)},
		"/Groups/.search": {"POST": searching((*call).listGroups)},
		"/Groups":         {"GET": (*call).listGroups, "POST": (*call).createGroup},
		"/Groups/{id}": {"GET": (*call).getGroup, "PUT": (*call).putGroup, "PATCH": (*call).patchGroup,
			"DELETE": (*call).deleteGroup},
	} {
		api.mux.HandleFunc(Base+path, func(w http.ResponseWriter, r *http.Request) {
			roster.RequestIn(r.Context()).By("scim", r.Pattern)
			api.dispatch(w, r, methods)
		})
	}
	api.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		api.Fail(w, r, roster.Errorf(roster.NotFound, "There is no such endpoint."))
	})
	return api
}

func (api *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, Short); ok && rest != "/v2" && !strings.HasPrefix(rest, "/v2/") {
		clone := *r
		clone.URL = &url.URL{Path: Base + rest, RawQuery: r.URL.RawQuery}
		r = &clone
	}
	api.mux.ServeHTTP(w, r)
}

func (api *API) dispatch(w http.ResponseWriter, r *http.Request, methods map[string]handler) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // and the server leaves the body out
	}
	handle, ok := methods[method]
	if !ok {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
		api.Fail(w, r, &refusal{http.StatusMethodNotAllowed, "", "The method " + strconv.Quote(r.Method) +
			" is not allowed here."})
		return
	}
	if err := handle(&call{app: api.app, w: w, r: r}); err != nil {
		api.Fail(w, r, err)
	}
}

// call is one request being answered.
type call struct {
	app *app.App
	w   http.ResponseWriter
	r   *http.Request
}

// id is the id in the path; anything that is none of ours names nothing.
func (c *call) id() (int64, error) {
	text := c.r.PathValue("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, roster.Errorf(roster.NotFound, "Resource %q not found.", text)
	}
	return id, nil
}

func (c *call) json(status int, body any) error {
	writeJSON(c.w, status, body)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(body)
}

// location is the address of a resource.
func (c *call) location(kind, id string) string { return c.app.Link(Base + "/" + kind + "/" + id) }

func etag(version string) string { return `W/"` + version + `"` }

// ifMatch is the condition that If-Match makes of a change.
func (c *call) ifMatch() provision.Condition {
	header := c.r.Header.Get("If-Match")
	if header == "" {
		return nil
	}
	return func(version string) error {
		if named(header, version) {
			return nil
		}
		return roster.Errorf(roster.Changed, "The resource is not in the version that If-Match names. Nothing was changed.")
	}
}

// named reports whether a list of entity tags names a version.
func named(header, version string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == strconv.Quote(version) {
			return true
		}
	}
	return false
}

// one answers with a resource, or that the asker has it in this version.
func (c *call) one(status int, resource map[string]any, version string) error {
	p, err := c.projection()
	if err != nil {
		return err
	}
	c.w.Header().Set("ETag", etag(version))
	if header := c.r.Header.Get("If-None-Match"); c.r.Method == http.MethodGet && header != "" && named(header, version) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if status == http.StatusCreated {
		c.w.Header().Set("Location", resource["meta"].(map[string]any)["location"].(string))
	}
	return c.json(status, p.of(resource))
}

// searching is a list whose question comes in the body (RFC 7644 §3.4.3).
func searching(list handler) handler {
	return func(c *call) error {
		b, err := c.body()
		if err != nil {
			return err
		}
		values := url.Values{}
		for _, name := range []string{"filter", "startIndex", "count", "attributes", "excludedAttributes"} {
			switch value := b[strings.ToLower(name)].(type) {
			case nil:
			case string:
				values.Set(name, value)
			case float64:
				values.Set(name, strconv.FormatFloat(value, 'f', -1, 64))
			case []any:
				for _, item := range value {
					values.Set(name, values.Get(name)+","+fmt.Sprint(item))
				}
			default:
				return invalid("invalidValue", name+" is of the wrong type.")
			}
		}
		asked := c.r.Clone(c.r.Context())
		asked.URL.RawQuery = values.Encode()
		return list(&call{app: c.app, w: c.w, r: asked})
	}
}

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

func (c *call) list(total, start int, resources []map[string]any) error {
	p, err := c.projection()
	if err != nil {
		return err
	}
	out := make([]map[string]any, len(resources))
	for i, resource := range resources {
		out[i] = p.of(resource)
	}
	return c.json(http.StatusOK, map[string]any{
		"schemas": []string{listSchema}, "totalResults": total, "startIndex": start, "itemsPerPage": len(out),
		"Resources": out,
	})
}

// usualCount and mostCount are how many resources a page has.
const (
	usualCount = 100
	mostCount  = 1000
)

// query reads what both lists are asked with.
func (c *call) query(schema string) (f *roster.SCIMFilter, page roster.SCIMPage, err error) {
	values := c.r.URL.Query()
	page = roster.SCIMPage{Start: 1, Count: usualCount}
	for name, into := range map[string]*int{"startIndex": &page.Start, "count": &page.Count} {
		if text := values.Get(name); text != "" {
			if *into, err = strconv.Atoi(text); err != nil {
				return nil, page, invalid("invalidValue", name+" must be an integer.")
			}
		}
	}
	page.Start, page.Count = max(page.Start, 1), min(max(page.Count, 0), mostCount)
	if text := values.Get("filter"); text != "" {
		f, err = parseFilter(schema, text)
	}
	return f, page, err
}
