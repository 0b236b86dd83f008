package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template/parse"
	"unicode"

	"roster/internal/locale"
)

// spoken are the packages that have texts which people read in their language. What the others
// say goes to programs, to the log and to the command line, in English.
var spoken = []string{"roster", "roster/internal/auth", "roster/internal/core", "roster/internal/identity",
	"roster/internal/limit", "roster/internal/locale", "roster/internal/mail", "roster/internal/mailbox",
	"roster/internal/membership", "roster/internal/mirror", "roster/internal/oidc", "roster/internal/provision",
	"roster/internal/store", "roster/internal/web"}

// elsewhere are the files of them whose errors answer programs and the command line alone, which
// speak English.
var elsewhere = []string{"naming.go", "task.go", "internal/auth/auth.go",
	"internal/identity/jwt.go", "internal/membership/task.go", "internal/membership/review.go",
	"internal/membership/scimsync.go", "internal/mirror/upstream.go", "internal/provision/import.go",
	"internal/provision/saml.go",
	"internal/provision/scim.go", "internal/provision/scimgroup.go", "internal/store/backup.go",
	"internal/store/checkpoint.go", "internal/store/claim.go", "internal/store/migrate.go", "internal/store/scim.go",
	"internal/store/scimfilter.go", "internal/store/task.go"}

// found is every message, by its key in a catalogue.
type found struct {
	where    map[string]string // where each stands first
	order    []string
	problems []string // texts that no catalogue can have
	root     string
}

func (f *found) add(where, one, message string) {
	key := message
	if one != "" {
		key = locale.CountedKey(one, message)
	}
	if locale.NamesOne(one, message) {
		f.add(where, "", one)
	}
	if f.where[key] != "" || !says(message) {
		return
	}
	f.where[key] = where
	f.order = append(f.order, key)
}

// says reports whether there is something to be translated: more than one gap alone.
func says(message string) bool {
	if message == "%s" || message == "" || message == "…" {
		return false
	}
	if strings.HasPrefix(message, "{") && strings.Index(message, "}") == len(message)-1 {
		return false
	}
	return strings.ContainsFunc(message, unicode.IsLetter)
}

// collect finds every message of the templates and of the packages, root being the module's.
func collect(root string) (*found, error) {
	f := &found{where: map[string]string{}, root: root}
	if err := f.templates(); err != nil {
		return nil, err
	}
	return f, f.packages()
}

func (f *found) templates() error {
	dir := filepath.Join(f.root, "internal/web/templates")
	pages, _ := filepath.Glob(dir + "/*.html")
	shared, _ := filepath.Glob(dir + "/shared/*.html")
	for _, name := range append(pages, shared...) {
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		where := strings.TrimPrefix(name, dir+"/")
		if err := f.template(where, string(source)); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

func (f *found) template(where, source string) error {
	_, err := locale.Translate(source, func(message string) string {
		f.add(where, "", message)
		if strings.ContainsAny(message[:1], ",.;:)") {
			f.problem(where, "%q goes on with a sentence: make each branch a whole one", message)
		}
		return message
	})
	if err != nil {
		return err
	}
	trees, err := locale.Trees(where, source)
	for _, name := range slices.Sorted(mapKeys(trees)) {
		locale.Constants(trees[name], func(one, message string) { f.add(where, one, message) },
			func(text string) { f.problem(where, "%q is handed on and is no message: write (text %q)", text, text) })
	}
	return err
}

func mapKeys(trees map[string]*parse.Tree) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range trees {
			if !yield(name) {
				return
			}
		}
	}
}

func (f *found) problem(where, format string, args ...any) {
	f.problems = append(f.problems, where+": "+fmt.Sprintf(format, args...))
}

// listed is a package as go list tells it.
type listed struct {
	ImportPath, Export, Dir string
	GoFiles                 []string
}

// packages reads the packages with their types: every constant of the type roster.Text is a
// message, and so is the format of every error.
func (f *found) packages() error {
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles"},
		spoken...)...)
	list.Dir, list.Stderr = f.root, os.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		all[p.ImportPath] = p
	}
	files := token.NewFileSet()
	exports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(all[path].Export)
	})
	for _, path := range spoken {
		if err := f.check(files, exports, all[path]); err != nil {
			return err
		}
	}
	return nil
}

func (f *found) check(files *token.FileSet, imports types.Importer, p listed) error {
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: imports}
	if _, err := config.Check(p.ImportPath, files, parsed, info); err != nil {
		return err
	}
	w := reader{found: f, files: files, info: info, path: p.ImportPath}
	for i, file := range parsed {
		if !slices.Contains(elsewhere, strings.TrimPrefix(p.ImportPath+"/"+p.GoFiles[i], "roster/")) {
			ast.Inspect(file, w.walk)
		}
	}
	return nil
}

// reader finds the messages of one package.
type reader struct {
	*found
	files *token.FileSet
	info  *types.Info
	path  string
}

// isText reports whether a type is one whose constants are messages.
func isText(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "roster.Text", "roster/internal/mailbox.Refusal":
		return true
	}
	return false
}

func (r reader) where(n ast.Node) string {
	name := r.files.Position(n.Pos()).Filename
	return strings.TrimPrefix(strings.TrimPrefix(name, r.root), "/")
}

func (r reader) constant(e ast.Expr) (string, bool) {
	v := r.info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

func (r reader) walk(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		return r.calling(n)
	case *ast.CompositeLit:
		return r.composite(n)
	case *ast.BinaryExpr:
		if _, is := r.constant(n); !is && n.Op == token.ADD && isText(r.info.TypeOf(n)) && r.path != "roster" {
			r.problem(r.at(n), "a text is put together from pieces")
		}
	}
	if e, ok := n.(ast.Expr); ok && isText(r.info.TypeOf(e)) {
		if text, is := r.constant(e); is {
			r.add(r.where(n), "", text)
			return false
		}
	}
	return true
}

func (r reader) at(n ast.Node) string { return r.files.Position(n.Pos()).String() }

// call is a call whose arguments are messages: two forms that count, or an error's format.
func (r reader) calling(c *ast.CallExpr) bool {
	if r.info.Types[c.Fun].IsType() {
		r.conversion(c)
		return true
	}
	signature, ok := r.info.TypeOf(c.Fun).(*types.Signature)
	if !ok {
		return true
	}
	skip := map[int]bool{}
	for i := range min(signature.Params().Len(), len(c.Args)) {
		p := signature.Params().At(i)
		switch {
		case p.Name() == "one" && i+1 < len(c.Args) && isText(p.Type()):
			if r.plural(c.Args[i], c.Args[i+1]) {
				skip[i], skip[i+1] = true, true
			}
		case p.Name() == "format" && r.says(c.Fun):
			r.format(c.Args[i])
		}
	}
	if len(skip) == 0 {
		return true
	}
	for i, a := range c.Args {
		if !skip[i] {
			ast.Inspect(a, r.walk)
		}
	}
	return false
}

// says reports whether a function makes an error that people read.
func (r reader) says(fun ast.Expr) bool {
	var name *ast.Ident
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return false
	}
	o := r.info.Uses[name]
	return o != nil && o.Pkg() != nil && o.Pkg().Path() == "roster" &&
		slices.Contains([]string{"Errorf", "InvalidField", "Says"}, o.Name())
}

func (r reader) format(e ast.Expr) {
	text, is := r.constant(e)
	if is {
		r.add(r.where(e), "", text)
		return
	}
	if r.path != "roster" {
		r.problem(r.at(e), "the format of an error is not constant")
	}
}

// conversion is a conversion to a text of what is not constant.
func (r reader) conversion(c *ast.CallExpr) {
	own := r.path == "roster" || r.path == "roster/internal/locale"
	if _, is := r.constant(c); is || !isText(r.info.TypeOf(c)) || own {
		return
	}
	if isText(r.info.TypeOf(c.Args[0])) || slices.Contains(converted, filepath.Base(r.where(c))) {
		return
	}
	r.problem(r.at(c), "what is not constant is made a text: no catalogue has it. roster.Verbatim is for names")
}

// converted are files that make texts of what is constant elsewhere: the keys of errors, and the
// reasons why an address is refused.
var converted = []string{"fail.go", "email.go"}

func (r reader) plural(one, many ast.Expr) bool {
	first, ok := r.constant(one)
	second, also := r.constant(many)
	if ok && also && second != "" {
		r.add(r.where(one), first, second)
	}
	return ok && also
}

// composite is a struct with two forms that count, or an error that is written out.
func (r reader) composite(c *ast.CompositeLit) bool {
	t, ok := r.info.TypeOf(c).Underlying().(*types.Struct)
	if !ok {
		return true
	}
	fields := map[string]ast.Expr{}
	for i, e := range c.Elts {
		if kv, keyed := e.(*ast.KeyValueExpr); keyed {
			fields[strings.ToLower(kv.Key.(*ast.Ident).Name)] = kv.Value
		} else if i < t.NumFields() {
			fields[strings.ToLower(t.Field(i).Name())] = e
		}
	}
	if m := fields["message"]; m != nil && strings.HasSuffix(r.info.TypeOf(c).String(), "roster.Error") {
		if text, is := r.constant(m); is {
			r.add(r.where(c), "", text)
		}
	}
	one, many := fields["one"], fields["many"]
	if one == nil || many == nil || !isText(r.info.TypeOf(one)) || !r.plural(one, many) {
		return true
	}
	for _, e := range c.Elts {
		value := e
		if kv, keyed := e.(*ast.KeyValueExpr); keyed {
			value = kv.Value
		}
		if value != one && value != many {
			ast.Inspect(value, r.walk)
		}
	}
	return false
}
