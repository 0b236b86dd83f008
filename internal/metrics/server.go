package metrics

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
)

var (
	build    = gauge("roster_build_info", "Which Roster this is; always 1.", "version", "goversion", "schema")
	open     = gauge("roster_http_requests_in_flight", "Requests that are being answered.")
	requests = seconds("roster_http_request_duration_seconds", "How long requests took, by the route's pattern.",
		"face", "route", "method", "code")
	refusals = counter("roster_http_refusals_total",
		"Requests that were refused or failed, by why: changed is a plan that no longer holds.", "face", "reason")
	decisions = counter("roster_gate_decisions_total",
		"What the gate decided about requests to Label Studio, by its rule: allowed, or why not.", "rule", "decision")
	upstream = seconds("roster_gate_upstream_duration_seconds",
		"How long Label Studio took to begin its answers: to people's requests, and to the gate's own questions.", "asked")
	severed = counter("roster_gate_severed_total",
		"Requests in flight that were ended because their person lost the right.")
	known = counter("roster_gate_identities_total",
		"Tokens of Label Studio's: whether the gate remembered whose they are (hit), or asked (miss).", "result")
	signIns = counter("roster_sign_ins_total", "Attempts to sign in.", "by", "outcome")
	limited = counter("roster_limited_total", "Requests that were told to come again because of a rate.", "limit")
	letters = counter("roster_mail_total", "Attempts to send a letter.", "outcome")
	losses  = counter("roster_activity_lost_total", "Requests that the activity log could not take, and lost.")
)

// Built says which Roster this is; schema is the newest one that it knows.
func Built(version string, schema int) {
	build.WithLabelValues(version, runtime.Version(), strconv.Itoa(schema)).Set(1)
}

// methods are those that have a name of their own; others are "other", because anybody
// may make one up.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Requested counts a request as being answered, until done is called.
func Requested() (done func(method string, facts roster.RequestFacts, took time.Duration)) {
	open.WithLabelValues().Inc()
	return func(method string, facts roster.RequestFacts, took time.Duration) {
		open.WithLabelValues().Dec()
		if !slices.Contains(methods, method) {
			method = "other"
		}
		face, route := facts.Face, facts.Route
		if face == "" {
			face, route = "none", "none"
		}
		if _, path, ok := strings.Cut(route, " "); ok {
			route = path // the pattern of a route begins with its method
		}
		requests.WithLabelValues(face, route, method, strconv.Itoa(facts.Status)).Observe(took.Seconds())
		if facts.Decision != "" {
			refusals.WithLabelValues(face, string(facts.Decision)).Inc()
		}
	}
}

// Decided counts a decision of the gate's, by its rule: err is why it refused, or nil.
func Decided(rule string, err error) {
	decision := "allowed"
	if err != nil {
		decision = string(roster.KindOf(err))
	}
	decisions.WithLabelValues(rule, decision).Inc()
}

// Asked measures how long Label Studio took to begin an answer: own says that the gate
// asked for itself.
func Asked(own bool, took time.Duration) {
	who := "by a person"
	if own {
		who = "by the gate"
	}
	upstream.WithLabelValues(who).Observe(took.Seconds())
}

// Severed counts a request in flight whose person lost the right.
func Severed() { severed.WithLabelValues().Inc() }

// Remembered counts a token whose person the gate knew, or had to ask for.
func Remembered(hit bool) {
	result := "miss"
	if hit {
		result = "hit"
	}
	known.WithLabelValues(result).Inc()
}

// SignedIn counts an attempt to sign in, by "password" or by "provider".
func SignedIn(by string, err error) {
	outcome := "signed in"
	if err != nil {
		outcome = string(roster.KindOf(err))
	}
	signIns.WithLabelValues(by, outcome).Inc()
}

// Limited counts a request beyond a rate.
func Limited(limit string) { limited.WithLabelValues(limit).Inc() }

// Mailed counts an attempt to send a letter.
func Mailed(err error) {
	outcome := "sent"
	if err != nil {
		outcome = "failed"
	}
	letters.WithLabelValues(outcome).Inc()
}

// ActivityLost counts a request that the activity log lost.
func ActivityLost() { losses.WithLabelValues().Inc() }
