package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"
)

// TestDirectAddress: the address past a pooler is that of the store that is meant, never
// what the environment says beside another.
func TestDirectAddress(t *testing.T) {
	defer slog.SetDefault(slog.New(slog.DiscardHandler))
	for _, the := range []struct {
		what        string
		env         environment
		flags, want string
		at          locationFlags
	}{
		{what: "none", at: locationFlags{DB: "postgres://pooler/a"}, want: "postgres://pooler/a"},
		{what: "a flag", at: locationFlags{DB: "postgres://pooler/a"}, flags: "postgres://past/a", want: "postgres://past/a"},
		{what: "the environment's, of its own store", env: environment{"ROSTER_DB": "postgres://pooler/a",
			"ROSTER_DB_DIRECT": "postgres://past/a"}, want: "postgres://past/a"},
		{what: "the environment's, of another store", env: environment{"ROSTER_DB_DIRECT": "postgres://past/a"},
			at: locationFlags{DB: "postgres://pooler/b"}, want: "postgres://pooler/b"},
		{what: "a directory", env: environment{"ROSTER_DB_DIRECT": "postgres://past/a"}, at: locationFlags{Data: "x"}},
	} {
		c := newConsole(t.Context(), func(name string) string { return the.env[name] }, strings.NewReader(""),
			io.Discard, io.Discard)
		p, err := the.at.location(c)
		if err == nil {
			p, err = directFlags{DBDirect: the.flags}.direct(c, the.at, p)
		}
		if err != nil || p.url != the.want {
			t.Errorf("%s: %q, %v", the.what, p.url, err)
		}
	}
}
