package gateway

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/gateway/stage"
	"roster/internal/store/storetest"
)

// TestMustNotCompile: what the files of testdata/mustnotcompile do does not compile as a
// part of this package, with the error that stands beside each line; and what has none
// beside it does. So nothing is forwarded that did not pass every stage.
func TestMustNotCompile(t *testing.T) {
	storetest.Long(t)
	fset := token.NewFileSet()
	own, imports := ownFiles(t, fset), compiled(t, fset)
	programs, err := filepath.Glob("testdata/mustnotcompile/*.go")
	if err != nil || len(programs) == 0 {
		t.Fatal("there are no programs:", err)
	}
	for _, program := range programs {
		t.Run(filepath.Base(program), func(t *testing.T) {
			file, err := parser.ParseFile(fset, program, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			want := wantedErrors(fset, file)
			config := types.Config{Importer: imports, Error: func(err error) {
				said := err.(types.Error)
				at := fset.Position(said.Pos)
				text := want[at.Line]
				if at.Filename != program || text == "" || !strings.Contains(said.Msg, text) {
					t.Errorf("%s: %s", at, said.Msg)
				}
				delete(want, at.Line)
			}}
			config.Check("roster/internal/gateway", fset, append(slices.Clone(own), file), nil) // what it says, it told already
			for line, text := range want {
				t.Errorf("%s:%d compiles, and should not: %s", program, line, text)
			}
		})
	}
}

// ownFiles is the package as it is built.
func ownFiles(t *testing.T, fset *token.FileSet) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// compiled is what the packages export that this one imports, as the compiler wrote it down.
func compiled(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		at[path] = file
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(at[path]) })
}

// wantedErrors is the errors that a program says it has, by line: what comes after ERROR.
func wantedErrors(fset *token.FileSet, file *ast.File) map[int]string {
	want := map[int]string{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if text, is := strings.CutPrefix(comment.Text, "// ERROR "); is {
				want[fset.Position(comment.Pos()).Line] = text
			}
		}
	}
	return want
}

// TestNothingGoesOnUnallowed: what passed no stage is not forwarded, nor by the proxy itself.
func TestNothingGoesOnUnallowed(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{config: Config{Upstream: at}}
	g.proxy = g.newProxy()
	if err := g.forward(httptest.NewRecorder(), stage.Allowed[*flight]{}); err == nil {
		t.Error("forwarded")
	}
	if err := g.send(httptest.NewRecorder(), stage.Allowed[*flight]{}); err == nil {
		t.Error("sent")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the proxy carries it")
			}
		}()
		g.proxy.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/api/projects/", nil))
	}()
	if reached {
		t.Error("the upstream was reached")
	}
}
