package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster/internal/store/storetest"
)

// answer is what a command said and how it ended.
type answer struct {
	code        int
	out, errors string
}

// environment is what the commands of a test see.
type environment map[string]string

// roster runs a command to its end, as a script would.
func (e environment) roster(t *testing.T, args ...string) answer {
	t.Helper()
	return e.fed(t, "", args...)
}

// fed is roster with something on stdin.
func (e environment) fed(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var out, errors bytes.Buffer
	code := run(t.Context(), args, func(name string) string { return e[name] }, strings.NewReader(stdin), &out, &errors)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // errors is the test's own again
	return answer{code, out.String(), errors.String()}
}

// ok is roster where only success will do; it returns what was printed.
func (e environment) ok(t *testing.T, args ...string) string {
	t.Helper()
	a := e.roster(t, args...)
	if a.code != 0 || a.errors != "" {
		t.Fatalf("roster %s: exit code %d: %s", strings.Join(args, " "), a.code, a.errors)
	}
	return a.out
}

// serving is a server that a test started.
type serving struct {
	address string
	said    string // its first screen
	stop    func() (code int)
}

// serve starts a server on a free port and waits until it is ready.
func (e environment) serve(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	logs, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { logs.Close() })
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...),
			func(name string) string { return e[name] }, strings.NewReader(""), stdout, logs)
		stdout.Close()
		ended <- code
	}()
	s := &serving{stop: sync.OnceValue(func() int { cancel(); return <-ended })}
	t.Cleanup(func() { s.stop() })
	lines := bufio.NewScanner(out)
	for s.address == "" && lines.Scan() {
		s.said += lines.Text() + "\n"
		s.address = regexp.MustCompile(`https?://127\.0\.0\.1:\d+(/labels)?`).FindString(lines.Text())
	}
	if s.address == "" {
		log, _ := os.ReadFile(logs.Name())
		t.Fatalf("the server did not start: %s%s", s.said, log)
	}
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(out)
		rest <- string(text)
	}()
	if strings.HasPrefix(s.address, "http:") {
		health(t, s.address) // answered only after the whole screen is printed
	}
	stop := s.stop
	s.stop = sync.OnceValue(func() int {
		code := stop()
		s.said += <-rest
		return code
	})
	return s
}

func health(t *testing.T, address string) {
	t.Helper()
	if status, body := call(t, "GET", address+"/health", ""); status != http.StatusOK {
		t.Fatalf("health: %d %s", status, body)
	}
}

// call is curl: one request with a token ("" is none).
func call(t *testing.T, method, address, token string) (status int, body map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Token "+token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if err := json.NewDecoder(a.Body).Decode(&body); err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	if id := a.Header.Get("Roster-Operation"); id != "" {
		body["operation"] = id
	}
	return a.StatusCode, body
}

// eachStore runs a test with the flags of an empty store on every engine.
func eachStore(t *testing.T, fn func(t *testing.T, store ...string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, "--data", filepath.Join(t.TempDir(), "store")) })
	t.Run("postgres", func(t *testing.T) { fn(t, "--db", storetest.PostgresURL(t)) })
}

// on appends the store's flags to a command.
func on(store []string, args ...string) []string { return append(args, store...) }

// column is one column of a table, without its heading.
func column(table string, n int) []string {
	var out []string
	for line := range strings.Lines(table) {
		out = append(out, strings.Fields(line)[n])
	}
	return out[1:]
}
