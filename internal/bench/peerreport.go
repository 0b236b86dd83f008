package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// peerReport is the tables of one engine.
type peerReport struct {
	version string
	lines   []peerLine
	stale   []staleness
}

// peerLine compares our time with a peer's. An aim of 0 is none.
type peerLine struct {
	figure, peer string
	ours, theirs time.Duration
	aim          float64 // how many times ours the peer's is to be at least
}

func (l peerLine) ratio() float64 { return float64(l.theirs) / float64(l.ours) }

// staleness is how long a peer let somebody in after their removal was answered.
type staleness struct {
	peer string
	took time.Duration
}

func (r *peerReport) add(figure, peer string, ours, theirs sample, aim float64) {
	l := peerLine{figure, peer, ours.median(), theirs.median(), aim}
	r.lines = append(r.lines, l)
	progress("  %s: %s, %s %s, %.2f times as long", figure, short(l.ours), peer, short(l.theirs), l.ratio())
}

// addIf adds a line where ours was measured in this run.
func (r *peerReport) addIf(ours sample, figure, peer string, theirs sample) {
	if len(ours) > 0 {
		r.add(figure, peer, ours, theirs, 0)
	}
}

func (r *peerReport) fresh(peer string, took time.Duration) {
	r.stale = append(r.stale, staleness{peer, took})
	progress("  %s lets somebody in for %s after their removal", peer, short(took))
}

func (r *peerReport) print(w io.Writer, e engine, c config) {
	fmt.Fprintf(w, "\n### Beside the peers, on %s\n\n%s; %d people, median of %d.\n", e.name(), r.version,
		c.people, c.reps)
	fmt.Fprint(w, "\n| figure | peer | Roster | peer | peer ÷ Roster | aim | met |\n|---|---|--:|--:|--:|--:|---|\n")
	for _, l := range r.lines {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.2f | %s |\n", l.figure, l.peer, short(l.ours), short(l.theirs),
			l.ratio(), atLeast(l.ratio(), l.aim))
	}
	if len(r.stale) > 0 {
		fmt.Fprint(w, "\n| a person who was taken off is still let in | for |\n|---|--:|\n")
	}
	for _, s := range r.stale {
		fmt.Fprintf(w, "| %s | %s |\n", s.peer, s.said())
	}
}

func (s staleness) said() string {
	if s.took == 0 {
		return "not once"
	}
	return short(s.took)
}

// describePeers says which versions are measured.
func describePeers(w io.Writer) {
	const versions = `import django, gunicorn, platform, rest_framework, sqlite3
print(f"Django {django.__version__}, Django REST framework {rest_framework.VERSION}, gunicorn {gunicorn.__version__}, "
      f"Python {platform.python_version()} with SQLite {sqlite3.sqlite_version}")`
	command := exec.Command(standInPython(), "-c", versions)
	command.Stderr = os.Stderr
	fmt.Fprintf(w, "%s; OpenFGA %s\n", strings.TrimSpace(string(get(command.Output()))),
		programVersion(openFGABinary, "github.com/openfga/openfga"))
}
