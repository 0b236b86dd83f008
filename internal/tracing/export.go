package tracing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// flushFor is how long the end of a process waits for the last spans to go out.
const flushFor = 3 * time.Second

// Start begins to tell a collector, where the variables OTEL_… name one. stop sends what is
// left. An error is a variable that cannot be understood. Requests never wait for a collector:
// what it does not take in time is lost, and the log says so once.
func Start(ctx context.Context, version string) (stop func(), err error) {
	wanted, err := isWanted()
	if err != nil || !wanted {
		return func() {}, err
	}
	to, err := exporter(ctx)
	if err != nil {
		return nil, err
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", scope),
		attribute.String("service.version", version)), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		slog.Warn("something about traces is not as it should be", "error", err)
	}))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(&telling{SpanExporter: to}), sdk.WithResource(about))
	t := provider.Tracer(scope)
	tracer.Store(&t)
	return func() {
		tracer.Store(nil)
		ctx, done := context.WithTimeout(context.WithoutCancel(ctx), flushFor)
		defer done()
		if err := provider.Shutdown(ctx); err != nil {
			slog.Warn("the last traces could not be sent", "error", err)
		}
	}, nil
}

// isWanted reports whether the variables ask for traces; they do where they name a collector,
// or say how traces are exported.
func isWanted() (bool, error) {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	switch by := os.Getenv("OTEL_TRACES_EXPORTER"); by {
	case "none":
		return false, nil
	case "otlp":
		return true, wellFormed()
	case "":
		return setting("ENDPOINT") != "", wellFormed()
	default:
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER: %q is neither otlp nor none", by)
	}
}

// setting is a variable of the exporter: the one for traces before the one for all.
func setting(name string) string {
	return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
}

// wellFormed refuses what the libraries would take for another address, or sampler, without a
// word.
func wellFormed() error {
	if at := setting("ENDPOINT"); at != "" {
		if u, err := url.Parse(at); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: this is not an address such as http://collector.internal:4318")
		}
	}
	switch by := os.Getenv("OTEL_TRACES_SAMPLER"); by {
	case "", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
		"parentbased_traceidratio":
		return nil
	default:
		return fmt.Errorf("OTEL_TRACES_SAMPLER: %q is none that there is, such as parentbased_traceidratio", by)
	}
}

// exporter is the way to the collector. The libraries read the variables for themselves.
func exporter(ctx context.Context) (sdk.SpanExporter, error) {
	switch by := setting("PROTOCOL"); by {
	case "grpc":
		return otlptracegrpc.New(ctx)
	case "", "http/protobuf":
		return otlptracehttp.New(ctx)
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %q is neither http/protobuf nor grpc", by)
	}
}

// telling says once that the collector takes nothing, and once that it does again.
type telling struct {
	sdk.SpanExporter
	away atomic.Bool
}

func (e *telling) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && e.away.CompareAndSwap(false, true):
		slog.WarnContext(ctx, "the collector takes no traces; they are lost until it does, and requests go on", "error", err)
	case err == nil && e.away.CompareAndSwap(true, false):
		slog.InfoContext(ctx, "the collector takes traces again")
	}
	return nil // it is said
}
