package web

import (
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"roster/internal/core"
)

// page is what the layout and every page in it can show.
type page struct {
	Title   string
	Who     *person // who is signed in; nil: nobody
	Nav     []navItem
	Theme   string              // light or dark; "" follows the system
	Density string              // compact, or "" as is usual
	Here    string              // the address of this view, or of the one a form was sent from
	Asked   string              // the token of the question on the page; "": none
	Notice  *notice             // what was just done; nil: nothing
	Error   string              // what went wrong, in a sentence
	Fields  map[string][]string // what is wrong with which field
	Plain   string              // the address of an error's page without its filters; "" where there are none
	Less    string              // the same without the one filter that is wrong; "" where it is not one
	Retry   url.Values          // the form that was sent, to be sent again as it is; nil: none
	Wide    bool                // uses the whole width: tables
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
	ID                              int64
	Name, Email, Role, Organization string
}

// Wrong is the first complaint about a field; "" when it is right.
func (p page) Wrong(field string) string {
	if list := p.Fields[field]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// navItem is one page of the navigation.
type navItem struct {
	Title, Path string
	Current     bool
}

// navigation is what is shown to those whom the policy lets take the
// action, and where the page is there.
var navigation = []struct {
	title, path string
	action      core.Action
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

// templates is every page by the base of its links and its name, within the
// layout and the parts that they share.
var templates = sync.OnceValue(func() map[string]map[string]*template.Template {
	sets := map[string]map[string]*template.Template{}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err)
	}
	for _, base := range bases {
		shared := template.Must(template.New("").Funcs(functions(base)).ParseFS(files, "templates/shared/*.html"))
		sets[base] = map[string]*template.Template{}
		for _, name := range names {
			sets[base][path.Base(name)] = template.Must(template.Must(shared.Clone()).ParseFS(files, name))
		}
	}
	return sets
})
