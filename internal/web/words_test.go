package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// oddWords are phrases that people had to read twice.
var oddWords = []string{
	"by means of", "what it came to", "not yours", "yours to ", "passed over", "take 0 ", "(any more)",
	"whatever happened", "besides.", "is shut to",
	"whom it was about", "as asked already", "leads nowhere", "nobody who is known", "carries it", "taken by hand",
	"for you to see", "theirs dies",
	"what came of", "taken back", "somebody was faster", "to look at", "invitation dies",
}

// TestPlainWords keeps them out of every page and every text of the console.
func TestPlainWords(t *testing.T) {
	odd := func(where, text string) {
		for _, words := range oddWords {
			if strings.Contains(strings.ToLower(text), words) {
				t.Errorf("%s: %q says %q", where, text, words)
			}
		}
	}
	for _, pattern := range []string{"templates/*.html", "templates/shared/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal("no templates", err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for n, line := range strings.Split(string(text), "\n") {
				if !strings.HasPrefix(line, "{{/*") && !strings.HasPrefix(line, "     ") { // comments
					odd(name+":"+strconv.Itoa(n+1), readAloud(line))
				}
			}
		}
	}
	literals(t, odd)
}

// readAloud is a line of a template without tags and actions, but with the texts in them.
func readAloud(line string) string {
	var out strings.Builder
	for line != "" {
		before, rest, found := strings.Cut(line, "{{")
		out.WriteString(before)
		if !found {
			break
		}
		action, after, _ := strings.Cut(rest, "}}")
		if strings.Contains(action, `" "`) || strings.Contains(action, "count ") {
			out.WriteString(" " + action + " ")
		}
		line = after
	}
	return out.String()
}

// literals reads every text in the package's own files.
func literals(t *testing.T, odd func(where, text string)) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && strings.Contains(l.Value, " ") {
				odd(files.Position(l.Pos()).String(), l.Value)
			}
			return true
		})
	}
}
