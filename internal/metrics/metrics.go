// Package metrics counts and measures what a Roster does, for Prometheus. Every metric is
// declared here, once; whoever does the work reports it. No label names a person, a
// project or anything else of which there may be many.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metric is how a metric is described.
type Metric struct {
	Name   string
	Kind   string // counter, gauge or histogram
	Labels []string
	Help   string
}

var (
	registry = prometheus.NewRegistry()
	declared []Metric
)

// All are Roster's own metrics, in the order of their declarations; Go's and the
// process's come on top.
func All() []Metric { return declared }

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	declared = append(declared, Metric{name, "counter", labels, help})
	made := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	registry.MustRegister(made)
	if len(labels) == 0 {
		made.WithLabelValues() // 0 is something else than nothing
	}
	return made
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	declared = append(declared, Metric{name, "gauge", labels, help})
	made := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	registry.MustRegister(made)
	return made
}

// seconds is a histogram of durations, with native buckets, and classic ones for a
// Prometheus that takes none of those.
func seconds(name, help string, labels ...string) *prometheus.HistogramVec {
	declared = append(declared, Metric{name, "histogram", labels, help})
	made := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: []float64{.001, .005, .025, .1, .25, 1, 5, 30},
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
	registry.MustRegister(made)
	return made
}

func init() {
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Handler answers a scrape. probe, unless it is nil, is asked first for what is not
// counted as it happens; what it cannot find out is left out.
func Handler(probe func(r *http.Request)) http.Handler {
	scrape := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if probe != nil {
			probe(r)
		}
		scrape.ServeHTTP(w, r)
	})
}
