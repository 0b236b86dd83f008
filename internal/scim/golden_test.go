package scim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var update = flag.Bool("update", false, "write what the server answers into the golden exchanges")

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// wire is a world that is reached over HTTP, through the whole server: owner 1,
// administrator 2, annotator 3; workspace 1 "Vision" and project 1 in none.
type wire struct {
	*apptest.World
	server http.Handler
}

func onWire(t *testing.T, fn func(t *testing.T, w *wire)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		world := apptest.New(t, db)
		world.Person(roster.RoleAdministrator)
		world.Person(roster.RoleAnnotator)
		world.Workspace("Vision")
		world.Project("Street signs", 0)
		fn(t, &wire{world, server.Handler(world.App, "test")})
	})
}

// send makes a request with a legacy token of user (0: none) as Bearer.
func (w *wire) send(method, path string, user int64, header http.Header, body string) *httptest.ResponseRecorder {
	w.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header = header
	if body != "" && header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	if user != 0 {
		token, err := w.App.Token(context.Background(), user)
		if err != nil {
			w.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

// TestGoldenExchanges replays testdata/exchanges: requests as identity
// providers document that they send them ("> METHOD path as USER", header
// lines, one line of body), and the answers. Every file starts in the same
// world and must read the same on both engines. Run with -update to write the
// answers; then read the difference.
func TestGoldenExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no exchanges", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			onWire(t, func(t *testing.T, w *wire) {
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				got := replayed(w, string(want))
				if got == string(want) {
					return
				}
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				t.Errorf("the exchange went differently:\n%s", firstDifference(string(want), got))
			})
		})
	}
}

func replayed(w *wire, file string) string {
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(file), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		var request []string
		for line := range strings.SplitSeq(block, "\n") {
			if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ">") {
				out.WriteString(line + "\n")
			}
			if text, ok := strings.CutPrefix(line, "> "); ok {
				request = append(request, text)
			}
		}
		if request != nil {
			out.WriteString(answered(w, request))
		}
	}
	return out.String()
}

var requestLine = regexp.MustCompile(`^([A-Z]+) (\S+)(?: as (\d+))?$`)

func answered(w *wire, lines []string) string {
	m := requestLine.FindStringSubmatch(lines[0])
	if m == nil {
		w.T.Fatalf("not a request line: %q", lines[0])
	}
	header, body := http.Header{}, ""
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if ok && !strings.HasPrefix(line, "{") && !strings.HasPrefix(line, "[") {
			header.Set(name, value)
		} else {
			body = line
		}
	}
	user, _ := strconv.ParseInt(m[3], 10, 64)
	return written(w.send(m[1], m[2], user, header, body))
}

func written(answer *httptest.ResponseRecorder) string {
	var out strings.Builder
	fmt.Fprintf(&out, "< %d\n", answer.Code)
	for _, name := range []string{"Allow", "Content-Type", "ETag", "Location", "WWW-Authenticate"} {
		if v := answer.Header().Get(name); v != "" {
			fmt.Fprintf(&out, "< %s: %s\n", name, v)
		}
	}
	body := strings.TrimSpace(answer.Body.String())
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(body), "", " ") == nil {
		body = pretty.String()
	}
	if body != "" {
		out.WriteString("< " + strings.ReplaceAll(body, "\n", "\n< ") + "\n")
	}
	return out.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(w), len(g))
}
