// Package lsapi speaks the Label Studio wire: its routes, parameters, shapes
// and errors, over the operations of package app. README.md is its protocol
// page. Only this package knows the wire's spellings.
package lsapi

import (
	"net/http"
	"slices"
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
	open    map[string]bool // the paths of the routes that anybody may take
	// replayed is the method and path of those that are answered as the first time when repeated.
	replayed map[string]bool
}

// New makes the API; version is what error envelopes and /api/version say.
func New(a *app.App, version string) *API {
	api := &API{app: a, version: version, mux: chi.NewRouter(), open: map[string]bool{}, replayed: map[string]bool{}}
	byPath := map[string]map[string]route{}
	for _, rt := range routes() {
		if byPath[rt.path] == nil {
			byPath[rt.path] = map[string]route{}
		}
		byPath[rt.path][rt.method] = rt
		api.open[rt.path] = api.open[rt.path] || rt.open
		api.replayed[rt.method+" "+rt.path] = rt.replayed
	}
	api.mux.NotFound(api.NotFound)
	for path, methods := range byPath {
		api.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			roster.RequestIn(r.Context()).By("api", r.Method+" "+path)
			api.dispatch(w, r, methods)
		})
	}
	return api
}

// families is the whole surface, in the order in which the reference has it.
func families() []family {
	return []family{
		{title: "My account", text: "The person who asks.", routes: slices.Concat(accountRoutes(), hotkeyRoutes())},
		{title: "Activity log", routes: activityRoutes()},
		{
			title: "History", text: "Who was a member when, and by what, derived from the record of operations.",
			routes: historyRoutes(),
		},
		{title: "Invitations", routes: invitationRoutes()},
		{
			title: "Things made",
			text: "What people made in the Label Studio behind a gate and what works without them: webhooks, storages, " +
				"models, saved tabs. Their maker is whoever said last where they go. An addition of Roster.",
			routes: madeRoutes(),
		},
		{
			title: "Project members",
			text: "Who works on a project. An explicit member has a row of their own; others are members through the " +
				"workspace or their role in the organization.",
			routes: slices.Concat(memberRoutes(), pauseRoutes()),
		},
		{
			title: "Operations", text: "The record of every change of membership, and the way back. An addition of Roster.",
			routes: operationRoutes(),
		},
		{
			title: "Organizations",
			routes: slices.Concat(organizationRoutes(), peopleSearchRoutes(), seatRoutes(), permissionRoutes(),
				billingRoutes()),
		},
		{title: "Projects", routes: slices.Concat(projectRoutes(), projectCountRoutes(), duplicateRoutes(), reviewRoutes())},
		{
			title: "Project roles", text: "A role that holds in one project in place of the role in the organization.",
			routes: roleRoutes(),
		},
		{
			title: "SAML settings",
			text: "What an organization says of its SAML provider: kept and checked. Nobody signs in by SAML here; " +
				"single sign-on is OpenID Connect. Owner and Administrators.",
			routes: samlRoutes(),
		},
		{title: "This document", routes: schemaRoutes()},
		{
			title: "Identity provider groups", text: "What the groups of an identity provider mean here.",
			routes: scimRoutes(),
		},
		{title: "Session policy", text: "How long people stay signed in to the pages.", routes: sessionRoutes()},
		{title: "Member tags", routes: slices.Concat(tagRoutes(), tagImportRoutes())},
		{
			title: "Tasks and assignments", text: "What there is to work on, and by whom.",
			routes: slices.Concat(taskRoutes(), projectTaskRoutes(), assignmentRoutes()),
		},
		{
			title: "Tokens", text: "Personal access tokens that expire, and which kinds of token the organization takes.",
			routes: tokenRoutes(),
		},
		{title: "Users", routes: userRoutes()},
		{
			title: "Workspaces", text: "Projects that are kept together, and the people who reach all of them.",
			routes: workspaceRoutes(),
		},
	}
}

// routes is every route, without its family.
func routes() (all []route) {
	for _, f := range families() {
		all = append(all, f.routes...)
	}
	return all
}

// Open reports whether a request may come without credentials.
func (api *API) Open(r *http.Request) bool { return api.open[r.URL.Path] }

// Repeats reports whether a request may be one that a client repeats by itself, and that is
// then answered as the first time: what any other request ends, it does not.
func (api *API) Repeats(r *http.Request) bool {
	at := chi.NewRouteContext()
	return r.Header.Get("Idempotency-Key") == "" &&
		api.mux.Match(at, r.Method, r.URL.Path) && api.replayed[r.Method+" "+at.RoutePattern()]
}

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
	c := &call{api: api, app: api.app, w: w, r: r, route: rt, head: http.Header{}}
	if err := c.run(); err != nil {
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
