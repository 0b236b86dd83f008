package tracing_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster"
	"roster/internal/tracing"
	"roster/internal/tracing/tracingtest"
)

// logTo has the log written to a text, until the test ends.
func logTo(t *testing.T) *bytes.Buffer {
	t.Helper()
	before, text := slog.Default(), &bytes.Buffer{}
	slog.SetDefault(slog.New(tracing.Logged(slog.NewTextHandler(text, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	return text
}

// begin starts to trace by variables.
func begin(t *testing.T, variables ...string) (stop func(), err error) {
	t.Helper()
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	for i := 0; i+1 < len(variables); i += 2 {
		t.Setenv(variables[i], variables[i+1])
	}
	return tracing.Start(t.Context(), "test")
}

// serve is one request, as the server tells of it.
func serve(header ...string) context.Context {
	r := httptest.NewRequest("GET", "/people/7?q=ann@example.com", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	ctx, end := tracing.Served(r)
	tracing.Stated(ctx, "sqlite", time.Now(), func() string { return "PersonView" })
	end(roster.RequestFacts{Face: "console", Route: "GET /people/{id}", Status: 200})
	return ctx
}

// TestCollectorIsTold: by either protocol, what the variables say.
func TestCollectorIsTold(t *testing.T) {
	for protocol, collect := range map[string]func(testing.TB) (*tracingtest.Collector, string){
		"": tracingtest.HTTP, "http/protobuf": tracingtest.HTTP, "grpc": tracingtest.GRPC,
	} {
		t.Run(protocol, func(t *testing.T) {
			c, at := collect(t)
			stop, err := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", at, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
				"OTEL_SERVICE_NAME", "roster-blue", "OTEL_EXPORTER_OTLP_HEADERS", "x-key=sesame")
			if err != nil {
				t.Fatal(err)
			}
			serve()
			stop()
			spans, services := c.Spans()
			if len(spans) != 2 || spans[0].GetName() != "PersonView" || spans[1].GetName() != "GET /people/{id}" ||
				!bytes.Equal(spans[0].GetParentSpanId(), spans[1].GetSpanId()) || !slices.Contains(services, "roster-blue") {
				t.Errorf("%v of %v", spans, services)
			}
			for _, h := range c.Headers() {
				if h.Get("X-Key") != "sesame" {
					t.Errorf("told with %v", h)
				}
			}
			if text := c.Text(); strings.Contains(text, "ann") || strings.Contains(text, "/people/7") {
				t.Errorf("it tells of somebody: %s", text)
			}
		})
	}
}

// TestNothingIsTold unless the variables say so.
func TestNothingIsTold(t *testing.T) {
	c, at := tracingtest.HTTP(t)
	for _, variables := range [][]string{
		{},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", at, "OTEL_SDK_DISABLED", "true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", at, "OTEL_TRACES_EXPORTER", "none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", at, "OTEL_TRACES_SAMPLER", "always_off"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", at, "OTEL_TRACES_SAMPLER", "parentbased_traceidratio",
			"OTEL_TRACES_SAMPLER_ARG", "0"},
	} {
		t.Run(strings.Join(variables, " "), func(t *testing.T) {
			stop, err := begin(t, variables...)
			if err != nil {
				t.Fatal(err)
			}
			serve()
			stop()
			if spans, _ := c.Spans(); len(spans) != 0 {
				t.Errorf("%v", spans)
			}
		})
	}
}

// TestVariablesThatAreWrong are refused by their names, and not read as something else.
func TestVariablesThatAreWrong(t *testing.T) {
	for _, v := range [][]string{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector"},
		{"OTEL_TRACES_EXPORTER", "jaeger"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
		{"OTEL_TRACES_SAMPLER", "sometimes"},
	} {
		t.Run(v[0]+"="+v[1], func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
			if stop, err := begin(t, v...); err == nil || !strings.Contains(err.Error(), v[0]) {
				t.Errorf("%v", err)
				if stop != nil {
					stop()
				}
			}
		})
	}
}

// TestTraceOfAnother: a request goes on in the trace that its header names, and each line of
// the log says in which, also where nobody collects.
func TestTraceOfAnother(t *testing.T) {
	const id = "0af7651916cd43dd8448eb211c80319c"
	text := logTo(t)
	slog.InfoContext(serve("Traceparent", "00-"+id+"-b7ad6b7169203331-01"), "a line")
	slog.InfoContext(serve("Traceparent", "no trace"), "another")
	if got := strings.Count(text.String(), "trace="); got != 1 ||
		!strings.Contains(text.String(), `msg="a line" trace=`+id) {
		t.Errorf("%s", text)
	}
	c, at := tracingtest.HTTP(t)
	stop, err := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", at)
	if err != nil {
		t.Fatal(err)
	}
	slog.InfoContext(serve("Traceparent", "00-"+id+"-b7ad6b7169203331-01"), "third")
	slog.InfoContext(serve("Traceparent", "00-"+id+"-b7ad6b7169203331-00"), "not kept by whoever began it")
	stop()
	if spans, _ := c.Spans(); len(spans) != 2 || !strings.Contains(text.String(), "msg=third trace="+id) ||
		!strings.Contains(text.String(), `began it" trace=`+id) {
		t.Errorf("%v %s", spans, text)
	}
}

// TestCollectorAway: a collector that is away, or hangs, holds up no request, and is said
// once, and once that it is back.
func TestCollectorAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &tracingtest.Collector{}
	var away atomic.Bool
	away.Store(true)
	tried := make(chan struct{}, 100)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "no", http.StatusBadRequest)
		} else {
			c.ServeHTTP(w, r)
		}
		tried <- struct{}{}
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	text := logTo(t)
	stop, err := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		serve()
		<-tried
	}
	away.Store(false)
	serve()
	<-tried
	stop()
	said := text.String()
	if strings.Count(said, "takes no traces") != 1 || strings.Count(said, "takes traces again") != 1 {
		t.Errorf("%s", said)
	}
	if spans, _ := c.Spans(); len(spans) != 2 {
		t.Errorf("when it was back it got %v", spans)
	}
}

// TestNobodyWaitsForACollector that takes a connection and says nothing: more requests than
// are kept for it come through, and the end of the process does not wait for long.
func TestNobodyWaitsForACollector(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	logTo(t)
	stop, err := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+l.Addr().String(), "OTEL_BSP_MAX_QUEUE_SIZE", "8",
		"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4", "OTEL_EXPORTER_OTLP_TIMEOUT", "200")
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		serve()
	}
	stop()
}
