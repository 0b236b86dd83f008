// Command bench measures Roster beside bare SQL: the same work, on the same
// engine, in the same run, as a ratio. Ratios survive a busy or a slow machine;
// times alone do not. docs/performance.md says what each line means and keeps
// one run.
//
//	make bench
//	make bench BENCH_FLAGS='-scale 20'
//
// It is no program for users, so it is not under cmd, where an installation would look.
//
// With -peers it measures Roster beside other servers in the same way.
//
//	make bench-peers
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"time"
)

// config is what a run was asked for.
type config struct {
	engines []string
	people  int // in the organization; the larger one has ten times as many
	reps    int
	only    *regexp.Regexp
	peers   bool
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == serveFlag {
		exit(attempt(func() { serve(os.Args[2], os.Args[3:]) }))
		return
	}
	c, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	work := run
	if c.peers {
		work = runPeers
	}
	exit(attempt(func() { work(ctx, c) }))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (c config, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	engines := flags.String("engines", "sqlite,postgres", "engines to measure, separated by commas")
	scale := flags.Int("scale", 1, "divide the size of the workload by this")
	only := flags.String("only", "", "measure only the figures whose name matches this regular expression")
	flags.IntVar(&c.people, "people", 100_000, "people in the organization")
	flags.BoolVar(&c.peers, "peers", false, "measure Roster beside its peers, and not beside bare SQL")
	flags.IntVar(&c.reps, "reps", 5, "times each figure is measured; the median counts")
	if err = flags.Parse(args); err != nil {
		return c, err
	}
	c.engines = strings.Split(*engines, ",")
	c.people = max(c.people / *scale / 1000, 1) * 1000 // the workload divides by a thousand
	if c.only, err = regexp.Compile(*only); err != nil {
		fmt.Fprintln(flags.Output(), "bench: -only:", err)
	}
	return c, err
}

// figure is a group of lines of the table that are measured together.
type figure struct {
	name    string
	measure func(*bench)
}

var (
	// figures are measured in the organization of -people.
	figures = []figure{
		{"unassign", measureUnassign},
		{"filtered", measureFiltered},
		{"list", measureList},
		{"pages", measurePages},
		{"projects", measureProjects},
		{"preview", measurePreview},
		{"standing", measureStanding},
		{"stuck", measureStuck},
		{"console", measureConsole},
		{"console pages", measureConsolePages},
		{"growth", measureGrowth},
	}
	// largeFigures are measured in an organization ten times as large.
	largeFigures = []figure{
		{"list", measureList},
		{"pages", measurePages},
		{"projects", measureProjects},
		{"console", measureConsole},
		{"growth", measureGrowth},
		{"export", measureExport},
	}
)

func run(ctx context.Context, c config) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	describeMachine(os.Stdout)
	for _, name := range c.engines {
		began := time.Now()
		e := newEngine(name)
		func() {
			defer e.close()
			out := &report{}
			measureIn(ctx, c, e, out, c.people, figures)
			measureIn(ctx, c, e, out, 10*c.people, largeFigures)
			if c.only.MatchString("gate") {
				measureGate(c, e, out)
				progress("%s: gate", e.name())
			}
			out.print(os.Stdout, e, c)
			progress("%s took %s", e.name(), time.Since(began).Round(time.Second))
		}()
	}
}

// measureIn builds an organization of the given size and takes the figures
// that were asked for in it.
func measureIn(ctx context.Context, c config, e engine, out *report, people int, figures []figure) {
	var asked []figure
	for _, f := range figures {
		if c.only.MatchString(f.name) {
			asked = append(asked, f)
		}
	}
	if len(asked) == 0 {
		return
	}
	b := newBench(ctx, c, e, out, people)
	defer b.close()
	for _, f := range asked {
		began := time.Now()
		f.measure(b)
		progress("%s: %s (%s)", e.name(), f.name, time.Since(began).Round(time.Second))
	}
	b.memory()
}

// progress goes to standard error, so that the table can be kept alone.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// failed carries an error up to attempt. A measurement that fails has nothing
// to go on with, so the code between says what is measured and nothing else.
type failed struct{ error }

func attempt(fn func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case failed:
			err = p.error
		default:
			panic(p)
		}
	}()
	fn()
	return nil
}

func must(err error) {
	if err != nil {
		panic(failed{err})
	}
}

func get[T any](v T, err error) T {
	must(err)
	return v
}

func check(ok bool, format string, args ...any) {
	if !ok {
		must(fmt.Errorf(format, args...))
	}
}
