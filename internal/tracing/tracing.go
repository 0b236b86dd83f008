// Package tracing tells an OpenTelemetry collector how requests went, through the server,
// the store and the Label Studio behind the gate, as the variables OTEL_… say. Without
// them it does nothing. No span names a person, holds a value that somebody sent, or says
// more of an address than its route.
package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"roster"
)

// scope is by what the spans are made.
const scope = "roster"

// tracer makes the spans; nil: there is none.
var tracer atomic.Pointer[trace.Tracer]

// through writes and reads the header traceparent (W3C Trace Context).
var through propagation.TraceContext

// Served begins the span of a request, within the trace that the header traceparent names,
// and returns the context it goes on with. Whoever lets the header through says that its
// sender is believed: it decides what is kept. end is told the record of the request.
func Served(r *http.Request) (ctx context.Context, end func(facts roster.RequestFacts)) {
	ctx = r.Context()
	if r.Header.Get("Traceparent") != "" {
		ctx = through.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	t := tracer.Load()
	if t == nil {
		return ctx, func(roster.RequestFacts) {}
	}
	ctx, span := (*t).Start(ctx, known(r.Method), trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(facts roster.RequestFacts) {
		if span.IsRecording() {
			tell(span, r.Method, facts)
		}
		span.End()
	}
}

// tell says of a request what its record does, but for who it was.
func tell(span trace.Span, method string, facts roster.RequestFacts) {
	_, route, found := strings.Cut(facts.Route, " ")
	if !found {
		route = facts.Route
	}
	span.SetName(strings.TrimSpace(known(method) + " " + route))
	span.SetAttributes(attribute.String("http.request.method", known(method)), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", facts.Status), attribute.String("roster.face", facts.Face),
		attribute.Int("roster.statements", facts.Statements))
	if facts.Rule != "" {
		span.SetAttributes(attribute.String("roster.rule", facts.Rule))
	}
	if facts.Decision != "" {
		span.SetAttributes(attribute.String("roster.refused", string(facts.Decision)))
	}
	if facts.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// known is a method, or _OTHER where somebody made one up.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return method
	}
	return "_OTHER"
}

// Stated notes what the store did since a time, within a span that there is: sweeps and the
// like have none. what is asked for the name only then.
func Stated(ctx context.Context, engine string, began time.Time, what func() string) {
	within := trace.SpanFromContext(ctx)
	if !within.IsRecording() {
		return
	}
	_, span := within.TracerProvider().Tracer(scope).Start(ctx, what(), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(began),
		trace.WithAttributes(attribute.String("db.system.name", engine)))
	span.End()
}

// Asking is a transport that notes each request to the Label Studio behind the gate until
// its answer begins, and tells it the trace.
type Asking struct{ http.RoundTripper }

// RoundTrip is http.RoundTripper's.
func (t Asking) RoundTrip(r *http.Request) (*http.Response, error) {
	within := trace.SpanFromContext(r.Context())
	if !within.IsRecording() {
		return t.RoundTripper.RoundTrip(r)
	}
	ctx, span := within.TracerProvider().Tracer(scope).Start(r.Context(), "Label Studio "+known(r.Method),
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("http.request.method", known(r.Method)),
			attribute.String("server.address", r.URL.Hostname())))
	defer span.End()
	r = r.Clone(ctx)
	through.Inject(ctx, propagation.HeaderCarrier(r.Header))
	answer, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		span.SetStatus(codes.Error, "no answer")
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", answer.StatusCode))
	return answer, nil
}

// Logged is a handler that says with each line of a request which trace it is of.
func Logged(h slog.Handler) slog.Handler { return logged{h} }

type logged struct{ slog.Handler }

func (l logged) Handle(ctx context.Context, record slog.Record) error {
	if at := trace.SpanContextFromContext(ctx); at.HasTraceID() {
		record.AddAttrs(slog.String("trace", at.TraceID().String()))
	}
	return l.Handler.Handle(ctx, record)
}

func (l logged) WithAttrs(attrs []slog.Attr) slog.Handler { return logged{l.Handler.WithAttrs(attrs)} }

func (l logged) WithGroup(name string) slog.Handler { return logged{l.Handler.WithGroup(name)} }
