package gateway_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"testing"

	"roster/internal/tracing"
	"roster/internal/tracing/tracingtest"
)

// TestTraceThroughTheGate: one trace goes through the server, the store and Label Studio,
// which is told it, and names nobody and no value. A stranger's own is not taken.
func TestTraceThroughTheGate(t *testing.T) {
	w := newWorld(t)
	c, at := tracingtest.HTTP(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", at)
	stop, err := tracing.Start(t.Context(), "test")
	ok(t, err)
	var told sync.Map
	w.fake.answering(func(_ http.ResponseWriter, r *http.Request) bool {
		told.Store(r.URL.Path, r.Header.Get("Traceparent"))
		return false
	})
	const made = "0af7651916cd43dd8448eb211c80319c"
	got := w.get("ann", "/api/projects/1/?include=secretquery", "Traceparent", "00-"+made+"-b7ad6b7169203331-01",
		"User-Agent", "secretagent", "X-Request-Id", "secret.id")
	stop()
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	spans, _ := c.Spans()
	var names []string
	trace := ""
	for _, s := range spans {
		if names = append(names, s.GetName()); strings.HasPrefix(s.GetName(), "GET ") {
			trace = hex.EncodeToString(s.GetTraceId())
		}
	}
	all := strings.Join(names, ", ")
	if trace == "" || trace == made || !strings.Contains(all, "Label Studio GET") || len(names) < 3 {
		t.Fatalf("trace %s of %s", trace, all)
	}
	if said, _ := told.Load("/api/projects/1/"); said == nil || !strings.Contains(said.(string), trace) {
		t.Errorf("Label Studio was told %v, not %s", said, trace)
	}
	for _, secret := range []string{"secret", "ann", "tok-", "example.com", "127.0.0.1:", "/projects/1"} {
		if text := c.Text(); strings.Contains(strings.ReplaceAll(text, "annot", ""), secret) {
			t.Errorf("it tells %q: %s", secret, text)
		}
	}
}
