// Package lsapi speaks the Label Studio wire: its routes, parameters, shapes
// and errors, over the operations of package app. README.md is its protocol
// page. Only this package knows the wire's spellings.
package lsapi

import (
	"net/http"
	"sort"
	"strings"

	"github.com/go-chi/chi/v5"

	"roster"
	"roster/internal/app"
)

// API serves the wire. Requests reach it with a canonical path (no trailing
// slash) and, unless the route is open, an actor in their context.
type API struct {
	app     *app.App
	version string
	mux     *chi.Mux
}

// route is one operation of the wire.
type route struct {
	method string
	path   string // without a trailing slash; {name} is one segment
	handle func(c *call) error
}

// New makes the API; version is what error envelopes and /api/version say.
func New(a *app.App, version string) *API {
	api := &API{app: a, version: version, mux: chi.NewRouter()}
	byPath := map[string]map[string]route{}
	for _, rt := range routes() {
		if byPath[rt.path] == nil {
			byPath[rt.path] = map[string]route{}
		}
		byPath[rt.path][rt.method] = rt
	}
	api.mux.NotFound(api.NotFound)
	for path, methods := range byPath {
		api.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			roster.RequestIn(r.Context()).By(r.Pattern)
			api.dispatch(w, r, methods)
		})
	}
	return api
}

// routes is the whole surface, a family per file.
func routes() []route {
	families := [][]route{memberRoutes, pauseRoutes, historyRoutes, roleRoutes, operationRoutes, madeRoutes, accountRoutes, organizationRoutes, peopleSearchRoutes, seatRoutes, billingRoutes, tagRoutes, tagImportRoutes, userRoutes, hotkeyRoutes, workspaceRoutes, projectRoutes, projectCountRoutes, duplicateRoutes, reviewRoutes, taskRoutes, projectTaskRoutes, assignmentRoutes, tokenRoutes, permissionRoutes, activityRoutes, sessionRoutes, scimRoutes, samlRoutes, invitationRoutes, schemaRoutes}
	var all []route
	for _, family := range families {
		all = append(all, family...)
	}
	return all
}

// open is the paths of the routes that anybody may take.
var open = map[string]bool{"/api/version": true, "/api/token/refresh": true, "/api/schema": true}

// Open reports whether a request may come without credentials.
func (api *API) Open(r *http.Request) bool { return open[r.URL.Path] }

// NotFound answers where there is nothing.
func (api *API) NotFound(w http.ResponseWriter, r *http.Request) {
	api.fail(w, r, roster.Errorf(roster.NotFound, "Not found."))
}

func (api *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { api.mux.ServeHTTP(w, r) }

func (api *API) dispatch(w http.ResponseWriter, r *http.Request, methods map[string]route) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	rt, ok := methods[method]
	if !ok {
		api.methodNotAllowed(w, r, methods)
		return
	}
	c := &call{api: api, app: api.app, w: w, r: r, route: rt}
	if err := c.run(rt); err != nil {
		api.fail(w, r, err)
	}
}

func (api *API) methodNotAllowed(w http.ResponseWriter, r *http.Request, methods map[string]route) {
	allow := []string{"OPTIONS"}
	for m := range methods {
		allow = append(allow, m)
	}
	sort.Strings(allow)
	w.Header().Set("Allow", strings.Join(allow, ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	api.envelope(w, http.StatusMethodNotAllowed, envelope{Detail: "Method \"" + r.Method + "\" not allowed."})
}
