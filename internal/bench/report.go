package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the tables of one engine.
type report struct {
	version string
	lines   []line
	sizes   []size
	growth  []grown
	gates   []gateReport
}

// line compares our time with a floor's. An aim of 0 is none: the line is
// there to be known.
type line struct {
	figure, floor string
	ours, bare    time.Duration
	aim           float64
}

func (l line) ratio() float64 { return float64(l.ours) / float64(l.bare) }

type size struct {
	what     string
	mb, most float64
}

type grown struct {
	people, matched int
	unassign, undo  time.Duration
}

func (r *report) add(figure, floor string, ours, bare sample, aim float64) {
	l := line{figure, floor, ours.median(), bare.median(), aim}
	r.lines = append(r.lines, l)
	progress("  %s: %s against %s of %s, %.2f", figure, short(l.ours), short(l.bare), floor, l.ratio())
}

func (r *report) memory(what string, mb, most float64) {
	r.sizes = append(r.sizes, size{what, mb, most})
	progress("  memory, %s: %.0f MB", what, mb)
}

func (r *report) grown(people, matched int, unassign, undo time.Duration) {
	r.growth = append(r.growth, grown{people, matched, unassign, undo})
	progress("  %d of %d: unassign %s, undo %s", matched, people, short(unassign), short(undo))
}

func (r *report) print(w io.Writer, e engine, c config) {
	fmt.Fprintf(w, "\n### %s\n\n%s; median of %d.\n", e.name(), r.version, c.reps)
	if len(r.lines) > 0 {
		fmt.Fprint(w, "\n| figure | floor | ours | floor | ratio | aim | met |\n|---|---|--:|--:|--:|--:|---|\n")
	}
	for _, l := range r.lines {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.2f | %s |\n", l.figure, l.floor, short(l.ours), short(l.bare),
			l.ratio(), verdict(l.ratio(), l.aim, "%.2f"))
	}
	for _, g := range r.gates {
		g.print(w)
	}
	if len(r.growth) > 0 {
		fmt.Fprint(w, "\n| matched | organization | unassign | undo |\n|--:|--:|--:|--:|\n")
	}
	for _, g := range r.growth {
		fmt.Fprintf(w, "| %d | %d | %s | %s |\n", g.matched, g.people, short(g.unassign), short(g.undo))
	}
	if len(r.sizes) > 0 {
		fmt.Fprint(w, "\n| resident memory, at its highest | MB | aim | met |\n|---|--:|--:|---|\n")
	}
	for _, s := range r.sizes {
		fmt.Fprintf(w, "| %s | %.0f | %s |\n", s.what, s.mb, verdict(s.mb, s.most, "%.0f"))
	}
}

// verdict is the cells for an aim and whether it is met.
func verdict(got, aim float64, format string) string {
	switch {
	case aim == 0:
		return "| "
	case got <= aim:
		return fmt.Sprintf("≤ "+format, aim) + " | yes"
	}
	return fmt.Sprintf("≤ "+format, aim) + " | **no**"
}

// atLeast is verdict where the aim is the least.
func atLeast(got, aim float64) string {
	switch {
	case aim == 0:
		return "| "
	case got >= aim:
		return fmt.Sprintf("≥ %.2f | yes", aim)
	}
	return fmt.Sprintf("≥ %.2f | **no**", aim)
}

// short writes a duration with three digits.
func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.1f µs", d.Seconds()*1e6)
}

func (s sample) median() time.Duration { return s.percentile(50) }

func (s sample) percentile(p int) time.Duration {
	check(len(s) > 0, "nothing was measured")
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)*p/100]
}

// describeMachine says what the times are worth, without naming the host.
func describeMachine(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s of memory, %s %s/%s\n", fromProc("/proc/cpuinfo", "model name"), runtime.NumCPU(),
		memory(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func memory() string {
	var kb int
	if _, err := fmt.Sscan(fromProc("/proc/meminfo", "MemTotal"), &kb); err != nil {
		return "unknown size"
	}
	return fmt.Sprintf("%.0f GB", float64(kb)/(1<<20))
}

// fromProc is the value of a field in one of the system's lists.
func fromProc(file, field string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for l := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(name) == field {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
