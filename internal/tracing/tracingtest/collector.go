// Package tracingtest is a collector in this process, for tests of what it is told.
package tracingtest

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Collector takes spans by OTLP, and keeps them.
type Collector struct {
	collector.UnimplementedTraceServiceServer

	mu      sync.Mutex
	all     []*trace.ResourceSpans
	headers []http.Header
}

// HTTP is one that is told by http/protobuf, and its address.
func HTTP(t testing.TB) (c *Collector, address string) {
	c = &Collector{}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	return c, srv.URL
}

// GRPC is one that is told by gRPC, and its address.
func GRPC(t testing.TB) (c *Collector, address string) {
	c = &Collector{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	collector.RegisterTraceServiceServer(srv, c)
	go srv.Serve(l)
	t.Cleanup(srv.Stop)
	return c, "http://" + l.Addr().String()
}

// Export is the service's one method.
func (c *Collector) Export(_ context.Context, in *collector.ExportTraceServiceRequest) (
	*collector.ExportTraceServiceResponse, error,
) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, in.GetResourceSpans()...)
	return &collector.ExportTraceServiceResponse{}, nil
}

func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	raw, err := io.ReadAll(body)
	in := &collector.ExportTraceServiceRequest{}
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(raw, in) != nil {
		http.Error(w, "this is not a list of spans", http.StatusBadRequest)
		return
	}
	c.Export(r.Context(), in)
	c.mu.Lock()
	c.headers = append(c.headers, r.Header)
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// Spans are what it was told, and of whom each is said to be, by the name of the service.
func (c *Collector) Spans() (spans []*trace.Span, services []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range c.all {
		for _, a := range of.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				services = append(services, a.GetValue().GetStringValue())
			}
		}
		for _, scope := range of.GetScopeSpans() {
			spans = append(spans, scope.GetSpans()...)
		}
	}
	return spans, services
}

// Text is all that it was told, to look for what must not be in it.
func (c *Collector) Text() (text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range c.all {
		text += protojson.Format(of)
	}
	return text
}

// Headers are those that it was told with by HTTP.
func (c *Collector) Headers() []http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.headers
}
