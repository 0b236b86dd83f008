// Package web is Roster's face for browsers: pages that the server renders,
// that work without script, and that nobody else's page can use or be put
// around. README.md says how a page is made.
package web

import (
	"net/http"
	"net/url"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/auth"
)

// Site serves the pages. Requests reach it with a canonical path (no trailing
// slash, and below the path of the address) and the client's own address. Pages see
// the whole path, as the browser has it.
type Site struct {
	app   *app.App
	root  string          // what the path of everything begins with: "" or, as "/labels", that of the address
	paths map[string]bool // the patterns of the pages there are
	next  http.Handler
	pages http.Handler // the same, without asking where a request was sent from
}

// Prefix is where the pages are found too, whoever owns "/".
const Prefix = "/roster"

// route is one page, or one form of it.
type route struct {
	method string
	path   string // without a trailing slash; {name} is one segment
	handle func(v *visit) error
	open   bool // for those who have not signed in, too
	// apart is a GET that changes something, or hands on what it reads as it comes: it does
	// not take what it shows from one unchanging state, as the others do.
	apart bool
	// asks is a POST whose answer is a question: that is kept, and a GET of the same path
	// with its token shows it again.
	asks bool
	// file is a GET that is answered with a file, which is no page that others link to.
	file bool
	// secret is a POST of a password, which is kept nowhere.
	secret bool
}

// routes is all of them, a family per file.
func routes() []route {
	families := [][]route{
		accountRoutes, signOnRoutes, projectRoutes, memberRoutes, assignRoutes, operationRoutes, personRoutes,
		peopleRoutes, peopleChangeRoutes, peopleTagRoutes, inviteRoutes, invitationRoutes, personNameRoutes,
		personProjectRoutes, workspaceRoutes, workspaceMemberRoutes, tagRoutes, tagImportRoutes,
		historyRoutes, projectHistoryRoutes, madeRoutes, tokenRoutes, settingRoutes, scimRoutes, outboxRoutes,
		activityRoutes, keptRoutes, exceptRoutes, memberDeedRoutes,
		searchRoutes, savedViewRoutes, displayRoutes, homeRoutes, againRoutes,
	}
	var all []route
	for _, family := range families {
		all = append(all, family...)
	}
	return all
}

// New makes the site.
func New(a *app.App) *Site {
	s := &Site{app: a, root: a.Root(), paths: map[string]bool{}}
	mux := http.NewServeMux()
	for _, base := range []string{s.root, s.root + Prefix} {
		for _, rt := range routes() {
			s.paths[rt.path] = true
			mux.Handle(rt.method+" "+base+rt.path, s.serving(base, rt))
			if rt.asks {
				mux.Handle("GET "+base+rt.path, s.serving(base, askedAgain(rt)))
			}
		}
	}
	mux.Handle("GET "+s.root+"/{$}", s.serving(s.root, home))
	mux.Handle("GET "+s.root+Prefix, s.serving(s.root+Prefix, home))
	mux.Handle("/", s.serving(s.root, nowhere))
	mux.Handle(s.root+Prefix+"/", s.serving(s.root+Prefix, nowhere))
	mux.Handle(s.root+"/saml/", s.serving(s.root, noSAML))
	s.next, s.pages = s.fromOurPages(mux), mux
	return s
}

// fromOurPages refuses what another site has a browser send. To /saml/ providers would post;
// nothing is done there.
func (s *Site) fromOurPages(next http.Handler) http.Handler {
	elsewhere := s.serving(s.root, route{open: true, handle: func(*visit) error {
		return roster.Errorf(roster.Forbidden, "This was sent from another site. Nothing was changed.")
	}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if auth.FromElsewhere(r) && !strings.HasPrefix(r.URL.Path, s.root+"/saml/") {
			elsewhere(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var noSuchPage = roster.Errorf(roster.NotFound, "There is no such page.")

var nowhere = route{open: true, handle: func(*visit) error { return noSuchPage }}

// policy lets a page load the site's own style, script and pictures, send
// forms to the site, and nothing else at all. The data: pictures are the ticks
// and arrows that the style sheet draws.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " +
	"'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxAddress is how long the query of an address may be, in bytes. A page repeats its
// address some twenty times; this one names ten thousand people.
const maxAddress = 128 << 10

// The largest forms that are read, in bytes: of strangers, and of those who
// signed in, who send files and long selections.
const (
	maxOpenForm = 64 << 10
	maxForm     = 8 << 20
)

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // an address can hold an invitation
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	s.next.ServeHTTP(w, s.whole(r))
}

// whole is a request with the path that the browser asked for.
func (s *Site) whole(r *http.Request) *http.Request {
	if s.root == "" {
		return r
	}
	clone := *r
	clone.URL = &url.URL{Path: s.root + r.URL.Path, RawQuery: r.URL.RawQuery}
	return &clone
}

// has reports whether a path of a browser's is of this server, and not of another one
// beside it.
func (s *Site) has(path string) bool { return path == s.root || strings.HasPrefix(path, s.root+"/") }

// serving answers through rt; links begin with base.
func (s *Site) serving(base string, rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		roster.RequestIn(r.Context()).By("console", strings.Replace(r.Pattern, s.root+"/", "/", 1))
		v := &visit{site: s, app: s.app, w: w, r: r, base: base}
		v.speak()
		if err := v.run(rt); err != nil {
			v.fail(err)
		}
	}
}
