package roster_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// kept is a word of the glossary that is used for nothing else.
type kept struct {
	packages []string // where names may hold it
	types    []string // those that are called just so
}

// keptWords reads the second table of the glossary.
func keptWords(t *testing.T) map[string]kept {
	t.Helper()
	text, err := os.ReadFile("docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| word | packages | types |\n|---|---|---|\n")
	if !found {
		t.Fatal("the glossary has no table of words that are kept")
	}
	words := map[string]kept{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		words[cells[0]] = kept{strings.Split(cells[1], ", "), strings.Split(cells[2], ", ")}
	}
	return words
}

// TestWordsAreKept: a name that holds a word which the glossary keeps stands where that
// word means what the glossary says.
func TestWordsAreKept(t *testing.T) {
	words := keptWords(t)
	found := map[string]bool{}
	for file, f := range sources(t) {
		pkg := filepath.ToSlash(filepath.Dir(file))
		if pkg == "." {
			pkg = "roster"
		}
		for _, name := range declared(f) {
			for _, word := range wordsOf(name.Name) {
				k, is := words[strings.TrimSuffix(word, "s")]
				if !is {
					continue
				}
				found[word+" "+pkg] = true
				if !slices.Contains(k.packages, pkg) {
					t.Errorf("%s: %s: the glossary keeps %q for something else", file, name.Name, word)
				}
				full := filepath.Base(pkg) + "." + name.Name
				if isType(name) && strings.EqualFold(name.Name, word) && !slices.Contains(k.types, full) {
					t.Errorf("%s: the type %s beside %s", file, full, strings.Join(k.types, ", "))
				}
			}
		}
	}
	for word, k := range words {
		for _, pkg := range k.packages {
			if !found[word+" "+pkg] && !found[word+"s "+pkg] {
				t.Errorf("no name of %s holds %q: the glossary need not allow it", pkg, word)
			}
		}
	}
}

// TestAppendingSaysSo: what appends to a query is called so, and what is called so does.
func TestAppendingSaysSo(t *testing.T) {
	for file, f := range sources(t) {
		if filepath.ToSlash(filepath.Dir(file)) != "internal/store" {
			continue
		}
		for _, d := range f.Decls {
			fn, is := d.(*ast.FuncDecl)
			if !is || len(fn.Type.Params.List) == 0 {
				continue
			}
			pointer, is := fn.Type.Params.List[0].Type.(*ast.StarExpr)
			to, named := (*ast.Ident)(nil), false
			if is {
				to, named = pointer.X.(*ast.Ident)
			}
			appends := named && to.Name == "query"
			if appends != strings.HasPrefix(fn.Name.Name, "append") {
				t.Errorf("%s: %s: what appends to a query, and nothing else, is called append…", file, fn.Name.Name)
			}
		}
	}
}

// sources is Roster's own Go files by path, but for tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "data" ||
			entry.Name() == "tests"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// declared is every name that a file declares: of functions, types, fields, parameters,
// variables.
func declared(f *ast.File) (names []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Lhs...)...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Key, n.Value)...)
			}
		}
		return true
	})
	return names
}

func idents(list ...ast.Expr) (names []*ast.Ident) {
	for _, x := range list {
		if name, is := x.(*ast.Ident); is {
			names = append(names, name)
		}
	}
	return names
}

func isType(name *ast.Ident) bool {
	if name.Obj == nil {
		return false
	}
	_, is := name.Obj.Decl.(*ast.TypeSpec)
	return is
}

var word = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

// wordsOf is the words of a name, in small letters, each once.
func wordsOf(name string) []string {
	words := map[string]bool{}
	for _, w := range word.FindAllString(name, -1) {
		words[strings.ToLower(w)] = true
	}
	return slices.Sorted(maps.Keys(words))
}
