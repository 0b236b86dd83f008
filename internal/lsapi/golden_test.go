package lsapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roster"
)

var update = flag.Bool("update", false, "write what the server answers into the golden exchanges")

// TestGoldenExchanges replays testdata/exchanges: requests as clients really
// send them ("> METHOD path as USER", header lines, one line of body), and the
// answers ("< STATUS", Roster's headers, the body). Every file starts in the
// same small world, goldenWorld, and must read the same on both engines. Run
// with -update to write the answers; then read the difference.
func TestGoldenExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no exchanges", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			onWire(t, func(t *testing.T, w *wire) {
				goldenWorld(w)
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

// goldenWorld is owner 1; administrator 2, manager 3, reviewer 4, annotators
// 5 to 8, deactivated 9, not activated 10; workspace 1 with member 7; project
// 1 in it with members 3, 4, 5, 6, 7 and 9, project 2 in no workspace.
func goldenWorld(w *wire) {
	w.T.Helper()
	for i, role := range []roster.Role{"AD", "MA", "RE", "AN", "AN", "AN", "AN", "AN", "NO"} {
		names := [][2]string{{"Ada", "Admin"}, {"Max", "Manager"}, {"Rita", "Reviewer"}, {"Anna", "Ångström"}, {"Bo", "李"}, {"Chidi", "Okafor"}, {"Dana", "Doe"}, {"Egon", "Ex"}, {"Noor", "New"}}[i]
		w.PersonNamed(roster.NewUser{Email: strings.ToLower(names[0]) + "@example.com", FirstName: names[0], LastName: names[1], Role: role})
	}
	workspace := w.Workspace("Vision")
	w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", workspace), w.Owner, map[string]any{"user": 7})
	project := w.Project("Street signs", workspace)
	w.Project("Crosswalks", 0)
	w.Assign(project, 3, 4, 5, 6, 7, 9)
	w.must(http.StatusOK, "PATCH", fmt.Sprintf("/api/organizations/%d/memberships", w.Org), w.Owner, map[string]any{"user_id": 9, "role": "DI"})
}

// replayed runs the exchanges of a file and writes it again with the answers given.
func replayed(w *wire, file string) string {
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(file), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		request := keepRequest(&out, block)
		if request != nil {
			out.WriteString(answered(w, request))
		}
	}
	return out.String()
}

// keepRequest copies the comments and the request of a block, and returns the
// request's lines.
func keepRequest(out *strings.Builder, block string) (request []string) {
	for line := range strings.SplitSeq(block, "\n") {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ">") {
			out.WriteString(line + "\n")
		}
		if text, ok := strings.CutPrefix(line, "> "); ok {
			request = append(request, text)
		}
	}
	return request
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
	if body != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	r := httptest.NewRequest(m[1], m[2], strings.NewReader(body))
	r.Header = header
	if m[3] != "" {
		user, _ := strconv.ParseInt(m[3], 10, 64)
		token, err := w.App.Token(r.Context(), user)
		if err != nil {
			w.T.Fatal(err)
		}
		r.Header.Set("Authorization", "Token "+token)
	}
	if strings.HasPrefix(m[2], "/api/activity-logs") { // which is written every second otherwise
		if _, err := w.App.WriteActivities(r.Context()); err != nil {
			w.T.Fatal(err)
		}
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return written(answer)
}

var shownHeaders = []string{"Allow", "Content-Disposition", "ETag", "Idempotency-Replayed", "Roster-Ignored", "Roster-Operation", "WWW-Authenticate"}

// jwtShape is a JWT, with or without its signature.
var jwtShape = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?`)

var uuidShape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// tokenShape is an invite token: as random as an id.
var tokenShape = regexp.MustCompile(`\b[0-9a-f]{40}\b`)

// tookShape is how many seconds something took.
var tookShape = regexp.MustCompile(`"duration": [0-9.]*\.[0-9]+(e-[0-9]+)?`)

func written(answer *httptest.ResponseRecorder) string {
	var out strings.Builder
	fmt.Fprintf(&out, "< %d\n", answer.Code)
	for _, name := range shownHeaders {
		if v := answer.Header().Get(name); v != "" {
			fmt.Fprintf(&out, "< %s: %s\n", name, v)
		}
	}
	body := answer.Body.String()
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(body), "", " ") == nil {
		body = pretty.String()
	}
	body = jwtShape.ReplaceAllString(body, "JWT")
	body = uuidShape.ReplaceAllString(strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")), "UUID")
	body = tookShape.ReplaceAllString(body, `"duration": 0.001`)
	body = tokenShape.ReplaceAllString(body, "TOKEN")
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
