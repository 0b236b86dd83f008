package web

import (
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/locale"
)

// page is what the layout and every page in it can show.
type page struct {
	Title   roster.Text
	Who     *person // who is signed in; nil: nobody
	Nav     []navItem
	Lang    *locale.Language
	Theme   string                   // light or dark; "" follows the system
	Density string                   // compact, or "" as is usual
	Here    string                   // the address of this view, or of the one a form was sent from
	Asked   string                   // the token of the question on the page; "": none
	Notice  *notice                  // what was just done; nil: nothing
	Error   roster.Text              // what went wrong, in a sentence
	Fields  map[string][]roster.Text // what is wrong with which field
	Plain   string                   // the address of an error's page without its filters; "" where there are none
	Less    string                   // the same without the one filter that is wrong; "" where it is not one
	Wide    bool                     // uses the whole width: tables
	Retry   url.Values               // the form that was sent, to be sent again as it is; nil: none
	Data    any

	now   time.Time
	zone  *time.Location // the viewer's
	paths map[string]bool
}

// Moment is t as the page shows it.
func (p page) Moment(t time.Time) moment { return moment{t, p.now, p.zone} }

// Now is when the page is made.
func (p page) Now() time.Time { return p.now }

// Has reports whether there is a page under a path.
func (p page) Has(path string) bool { return p.paths[path] }

// person is who is signed in.
type person struct {
	ID                        int64
	Name, Email, Organization string
	Role                      roster.Text
}

// Wrong is the first complaint about a field; "" when it is right.
func (p page) Wrong(field string) roster.Text {
	if list := p.Fields[field]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// navItem is one page of the navigation.
type navItem struct {
	Title   roster.Text
	Path    string
	Current bool
}

// navigation is what is shown to those whom the policy lets take the
// action, and where the page is there.
var navigation = []struct {
	title  roster.Text
	path   string
	action core.Action
}{
	{"Projects", "/projects", core.ViewProject},
	{"People", "/people", core.ListPeople},
	{"Workspaces", "/workspaces", core.ViewWorkspace},
	{"Tags", "/tags", core.ViewTags},
	{"History", "/history", core.ViewOperations},
	{"Settings", "/settings", core.OwnAccount},
}

// nav is the pages that whoever signed in may go to.
func (v *visit) nav() []navItem {
	var items []navItem
	for _, p := range navigation {
		if v.site.paths[p.path] && v.may(p.action) {
			path := v.link("%s", p.path)
			current := v.r.URL.Path == path || strings.HasPrefix(v.r.URL.Path, path+"/")
			if p.action == core.ViewProject && v.worksOnly() {
				p.title = "My work"
			}
			items = append(items, navItem{p.title, path, current})
		}
	}
	return items
}

// templateSet is every page by its name, within the layout and the parts that they share, for
// one base of links and one language. It is made when it is first needed.
type templateSet struct {
	root string
	base string
	lang *locale.Language
}

var templateSets sync.Map // by templateSet, a func() map[string]*template.Template

func templates(root, base string, lang *locale.Language) map[string]*template.Template {
	set := templateSet{root, base, lang}
	made, found := templateSets.Load(set)
	if !found {
		made, _ = templateSets.LoadOrStore(set, sync.OnceValue(set.pages))
	}
	return made.(func() map[string]*template.Template)()
}

func (s templateSet) pages() map[string]*template.Template {
	shared := s.parse(template.New("").Funcs(functions(s.root, s.base, s.lang)), "templates/shared/*.html")
	pages := map[string]*template.Template{}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		pages[path.Base(name)] = s.parse(template.Must(shared.Clone()), name)
	}
	return pages
}

// parse adds files to a set in the language.
func (s templateSet) parse(set *template.Template, pattern string) *template.Template {
	names, err := fs.Glob(files, pattern)
	for _, name := range names {
		var source []byte
		if source, err = files.ReadFile(name); err == nil {
			err = s.lang.Parse(set, path.Base(name), string(source))
		}
		if err != nil {
			break
		}
	}
	return template.Must(set, err)
}
