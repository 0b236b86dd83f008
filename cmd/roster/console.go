package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"roster"
	"roster/client"
	"roster/internal/provision"
	"roster/internal/tracing"
)

// console is what a command sees of the world.
type console struct {
	ctx            context.Context
	settings       *settings
	stdin          io.Reader
	stdout, stderr io.Writer
	shows          bool // somebody watches stderr: progress is shown
	asks           bool // and can answer at stdin: questions are asked
}

func newConsole(ctx context.Context, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) *console {
	c := &console{ctx: ctx, settings: &settings{env: env}, stdin: stdin, stdout: stdout, stderr: stderr,
		shows: isTerminal(stderr)}
	c.asks = c.shows && isTerminal(stdin)
	c.logTo(slog.LevelWarn)
	return c
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// logTo sends the log to stderr: text for people, JSON for machines.
func (c *console) logTo(level slog.Level) {
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewJSONHandler(c.stderr, options)
	if c.shows {
		handler = slog.NewTextHandler(c.stderr, options)
	}
	slog.SetDefault(slog.New(tracing.Logged(handler)))
}

// misused is an error of whoever wrote the command line.
type misused struct{ error }

func misuse(format string, args ...any) error { return misused{fmt.Errorf(format, args...)} }

// report says on stderr what went wrong and returns the exit code.
func (c *console) report(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(c.stderr, "roster: %s\n", sentence(err))
	if bad, ok := errors.AsType[provision.BadLines](err); ok && len(bad) > 1 {
		for _, line := range bad {
			fmt.Fprintln(c.stderr, line)
		}
	}
	return exitCode(err)
}

// exitCode is how a command ends that failed; the program's description says what
// the codes mean.
func exitCode(err error) int {
	refused, ok := errors.AsType[*client.Error](err)
	if roster.KindOf(err) == roster.Unconfirmed || ok && refused.Unconfirmed {
		return 3
	}
	if _, ok := errors.AsType[misused](err); ok {
		return 2
	}
	return 1
}

// orElse is err, or when that is nil the other.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// sentence is an error as people read it.
func sentence(err error) string {
	if refused, ok := errors.AsType[*client.Error](err); ok && refused.Unconfirmed {
		return refused.Detail
	}
	if errors.Is(err, context.Canceled) {
		return "Interrupted."
	}
	// its own text repeats the whole address, with what was searched for
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Sprintf("The server does not answer: %v", failed.Err)
	}
	return strings.Join(strings.Fields(err.Error()), " ") // drivers write several lines
}

// say prints a line on stdout.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.stdout, format+"\n", args...) }

// json prints v on stdout, for machines.
func (c *console) json(v any) error {
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// list prints a list as it arrives: as a JSON array, or as a table with a
// heading and a row per item.
func list[T any](c *console, asJSON bool, items iter.Seq2[T, error], heading string, row func(T) []any) error {
	if asJSON {
		return jsonList(c, items)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, heading)
	for item, err := range items {
		if err != nil {
			return errors.Join(err, table.Flush())
		}
		var cells []string
		for _, value := range row(item) {
			cells = append(cells, cell(fmt.Sprint(value)))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

func jsonList[T any](c *console, items iter.Seq2[T, error]) error {
	before := "[\n"
	for item, err := range items {
		if err != nil {
			return err
		}
		text, err := json.Marshal(item)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "%s%s", before, text)
		before = ",\n"
	}
	if before == "[\n" {
		_, err := fmt.Fprintln(c.stdout, "[]")
		return err
	}
	_, err := fmt.Fprintln(c.stdout, "\n]")
	return err
}

// cell keeps text that people wrote from moving a terminal's cursor, or the
// table's columns.
func cell(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
}

// count says how many there are of something: "1 person", "2,000 people".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped is a number with commas between the thousands.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
