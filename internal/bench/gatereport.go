package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// gateReport is what requests took by every way to an upstream.
type gateReport struct {
	upstream
	direct, proxy, gate *way
	beside              []*way // those of the programs that are here
}

func (r gateReport) ways() []*way { return append([]*way{r.direct, r.proxy, r.gate}, r.beside...) }

func (w *way) called() string { return strings.TrimSpace(w.name + " " + w.release) }

func (w *way) perSecond() float64 { return float64(time.Second) / float64(w.many.median()) }

func (r gateReport) print(out io.Writer) {
	fmt.Fprintf(out, "\n| a request to %s | median | p99 | a second, %d at once |\n|---|--:|--:|--:|\n",
		r.name, gateClients)
	for _, w := range r.ways() {
		fmt.Fprintf(out, "| %s | %s | %s | %.0f |\n", w.name, short(w.one.median()), short(w.one.percentile(99)),
			w.perSecond())
	}
	added := (r.gate.one.median() - r.proxy.one.median()).Seconds() * 1e3
	fmt.Fprint(out, "\n| the gate | is | aim | met |\n|---|--:|--:|---|\n")
	fmt.Fprintf(out, "| added to the bare proxy's at the median, ms | %.2f | %s |\n", added,
		verdict(added, r.added, "%.2f"))
	r.printBeside(out, r.proxy, r.kept)
	for _, w := range r.beside {
		r.printBeside(out, w, r.level[w.name])
	}
}

// printBeside compares how many requests a second go through the gate and by another way.
func (r gateReport) printBeside(out io.Writer, w *way, aim float64) {
	ratio := r.gate.perSecond() / w.perSecond()
	fmt.Fprintf(out, "| throughput, gate ÷ %s | %.2f | %s |\n", w.called(), ratio, atLeast(ratio, aim))
}
