package gateway

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/auth"
	"roster/internal/gateway/stage"
)

// What is known of a request on its way through the gate is known stage by stage, and what
// works at a stage gets no more than that. All of it lies in one flight, so that no stage
// has to make anything.

// parsed is a request as it was read: one address, and the rule that it falls under.
type parsed struct {
	stage.Request
	gate     *Gate
	r        *http.Request // a HEAD is a GET here: see asked
	method   string        // as it came
	request  string        // its id, for the log
	rule     *rule         // nil while it is refused, and counted, as unrouted
	address  address
	named    query    // what the placeholders of the path stand for
	segments []string // as they are forwarded
	query    query    // likewise
}

// identified is a request of which it is known who asks.
type identified struct {
	parsed
	caller caller
	began  time.Time // when it was asked who this is
}

// located is a request of which it is known what it is about. While that is found out,
// project and task are what has been named so far.
type located struct {
	identified
	refs    []reference
	project int64 // 0: about no project
	task    int64 // 0: about no task, or several
	whole   bool  // names something that is the whole organization's
	body    *content
	arrived bool    // the body was read, or there is none
	decided *ground // on what the policy was asked; nil: it was not

	admitted  bool         // the policy said that the person sees the project
	inquired  bool         // the gate asked the upstream something before it went on
	looked    int          // how often the upstream was asked about what the request names
	charged   int          // how many of those questions were counted and not given back
	resolved  []resolution // what the request names, in the order in which it was found
	owned     int          // how many of those are the person's: the first so many
	inquiries []reference  // about what the upstream was asked
}

// flight is a request that may go on, and what the person is held to. It ends with the
// upstream's answer.
type flight struct {
	located
	reviews  bool           // gets everybody's annotations, by a rule that tells them from one's own
	held     bool           // to the assigned tasks
	assigned []int64        // those
	sought   map[string]any // the question for tasks in the address
	tab      map[string]any // that of the tab that is used
	projects *projectPage
	// holdsTasks says that the answer is an export of the tasks as they are.
	holdsTasks bool
	described  func() // gives back the slot that the answer takes to make; nil: none

	login     string      // what the person is signed in to the upstream with
	given     string      // the newer one that the upstream answered with
	arrival   *arriving   // of a body that goes on as it comes
	answering atomic.Bool // the upstream's answer has begun
}

// Parse finds the one way to read a request, and the rule that it falls under.
func (f *parsed) Parse() (err error) {
	if f.address, err = read(f.r); err != nil {
		return err
	}
	f.segments, f.query = f.address.segments, f.address.query
	if f.r.Header.Get("Upgrade") != "" || f.r.Method == http.MethodConnect || f.r.Method == http.MethodTrace {
		return roster.Errorf(roster.Invalid, "This server does not change protocols.")
	}
	var methods []string
	f.rule, f.named, methods = f.gate.table.find(f.r.Method, f.address)
	switch {
	case f.rule == nil && len(methods) > 0 && f.r.Method == http.MethodOptions:
		f.rule = options(methods)
	case f.rule == nil && len(methods) > 0:
		return roster.Errorf(roster.NotAllowed, "Method \"%s\" not allowed.", f.method)
	case f.rule == nil, f.rule.door == shut:
		return notFound
	}
	roster.RequestIn(f.r.Context()).Note(func(facts *roster.RequestFacts) {
		facts.Face, facts.Route, facts.Rule = "gate", f.method+" "+f.rule.path, string(f.rule.action)
	})
	return nil
}

// options says which methods a path has rules for.
func options(methods []string) *rule {
	return self(http.MethodOptions, "", func(w http.ResponseWriter, _ *parsed) error {
		w.Header().Set("Allow", allow(methods))
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// Identify finds out who asks.
func (f *identified) Identify(w http.ResponseWriter) (err error) {
	f.began = time.Now()
	if f.caller, err = f.gate.people.caller(f.r, f.aheadOf()); err != nil {
		return err
	}
	if f.caller.who.Credential == roster.CredentialSession && f.ledHere() {
		return roster.Errorf(roster.Forbidden, "This was sent from another site's page. Nothing was done.")
	}
	if f.rule.door == own { // Roster admits them itself
		f.r = f.r.WithContext(roster.WithActor(f.r.Context(), f.caller.who))
		return nil
	}
	f.r, err = f.gate.config.Admit(f.r, f.caller.who)
	return err
}

// ledHere reports whether another site's page has a browser send this with the session that
// it holds: what changes something, and all of either API, where a GET of the upstream's makes
// an export, takes a task for its reader or has a model predict. Pages and files only show.
func (f *identified) ledHere() bool {
	if strings.HasPrefix(f.rule.path, "/api/") {
		return auth.LedFromElsewhere(f.r)
	}
	return auth.FromElsewhere(f.r)
}

// Locate finds out what a request is about. What is known without the body is decided
// before that is read. What Roster answers, it looks at itself.
func (f *located) Locate(w http.ResponseWriter) error {
	if f.rule.door == own {
		return f.prepare(w)
	}
	return inTurn(f.paging, f.locateAddress, f.authorize, func() error { return f.readBody(w) }, f.locateBody)
}

// prepare makes Roster know what it has to know before it answers.
func (f *located) prepare(w http.ResponseWriter) error {
	if f.rule.prepare == nil {
		return nil
	}
	return f.rule.prepare(w, f)
}

// Allow refuses what the person may not do, and holds them to what they may have of it.
func (f *flight) Allow() error {
	if f.rule.door != upstream {
		return notFound
	}
	return inTurn(f.authorize, f.restrict, f.refuseDisabled)
}

// Open lets through what holds nobody's data, whoever asks.
func (f *flight) Open(w http.ResponseWriter) error {
	if f.rule.door != anonymous {
		return notFound
	}
	return f.readBody(w)
}

// inTurn takes one step after the other, up to the first that has an error.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
