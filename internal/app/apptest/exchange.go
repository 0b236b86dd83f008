package apptest

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
)

var update = flag.Bool("update", false, "write what the server answers into the golden exchanges")

// Updates reports whether what is recorded is to be written.
func Updates() bool { return *update }

// Face is what golden exchanges are replayed against.
type Face struct {
	// Send makes a request as user (0: nobody).
	Send func(method, path string, user int64, header http.Header, body string) *httptest.ResponseRecorder
	// Shown are the headers of an answer that are written down.
	Shown []string
	// Masked puts fixed words in the place of what is random in a body; nil
	// leaves it as it is.
	Masked func(body string) string
}

// Exchanges replays testdata/exchanges: requests as clients really send them
// ("> METHOD path as USER", header lines, one line of body), and the answers
// ("< STATUS", headers, the body). Start makes a face in a fresh world, once for
// each engine, and hands it to replay: every file must read the same on all of
// them. Run with -update to write the answers; then read the difference.
func Exchanges(t *testing.T, start func(t *testing.T, replay func(t *testing.T, f Face))) {
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no exchanges", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			start(t, func(t *testing.T, f Face) { f.compare(t, file) })
		})
	}
}

func (f Face) compare(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := f.replayed(t, string(want))
	switch {
	case got == string(want):
	case *update:
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the exchange went differently:\n%s", firstDifference(string(want), got))
	}
}

// replayed runs the exchanges of a file and writes it again with the answers given.
func (f Face) replayed(t *testing.T, file string) string {
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(file), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		if request := keepRequest(&out, block); request != nil {
			out.WriteString(f.answered(t, request))
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

func (f Face) answered(t *testing.T, lines []string) string {
	m := requestLine.FindStringSubmatch(lines[0])
	if m == nil {
		t.Fatalf("not a request line: %q", lines[0])
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
	return f.written(f.Send(m[1], m[2], user, header, body))
}

func (f Face) written(answer *httptest.ResponseRecorder) string {
	var out strings.Builder
	fmt.Fprintf(&out, "< %d\n", answer.Code)
	for _, name := range f.Shown {
		if v := answer.Header().Get(name); v != "" {
			fmt.Fprintf(&out, "< %s: %s\n", name, v)
		}
	}
	body := answer.Body.String()
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(body), "", " ") == nil {
		body = pretty.String()
	}
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	if f.Masked != nil {
		body = f.Masked(body)
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
