package main

import (
	"fmt"
	"io"
	"time"
)

// gateReport is what requests took by every way to an upstream.
type gateReport struct {
	upstream
	direct, proxy, gate *way
	nginx               *way // nil: it was not there
}

func (r gateReport) ways() []*way {
	ways := []*way{r.direct, r.proxy, r.gate}
	if r.nginx != nil {
		ways = append(ways, r.nginx)
	}
	return ways
}

func (w *way) perSecond() float64 { return float64(time.Second) / float64(w.many.median()) }

func (r gateReport) print(out io.Writer) {
	fmt.Fprintf(out, "\n| a request to %s | median | p99 | a second, %d at once |\n|---|--:|--:|--:|\n", r.name, gateClients)
	for _, w := range r.ways() {
		fmt.Fprintf(out, "| %s | %s | %s | %.0f |\n", w.name, short(w.one.median()), short(w.one.percentile(99)), w.perSecond())
	}
	added := (r.gate.one.median() - r.proxy.one.median()).Seconds() * 1e3
	lost := 100 * (1 - r.gate.perSecond()/r.proxy.perSecond())
	fmt.Fprint(out, "\n| the gate, beside the bare proxy | is | aim | met |\n|---|--:|--:|---|\n")
	fmt.Fprintf(out, "| added at the median, ms | %.2f | %s |\n", added, verdict(added, r.added, "%.2f"))
	fmt.Fprintf(out, "| lost of its throughput, %% | %.0f | %s |\n", lost, verdict(lost, r.lost, "%.0f"))
}
