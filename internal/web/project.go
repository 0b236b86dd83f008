package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"roster"
	"roster/internal/membership"
)

var projectRoutes = []route{
	{method: "GET", path: "/projects", handle: (*visit).projects},
}

// projectsPage is the list of projects.
type projectsPage struct {
	List       list
	Search     string
	Workspaces []choice
	Projects   []membership.ProjectRow
	Managed    map[int64]bool // those whose members the viewer may see
}

// choice is one value of a filter.
type choice struct {
	Value  string
	Label  roster.Text
	Chosen bool
}

func (v *visit) projects() error {
	if v.worksOnly() {
		return v.myWork()
	}
	f, query := v.projectFilter()
	l := v.list(query, "-created_at", "title")
	rows, total, err := v.app.ProjectList(v.ctx(), f, l.Page)
	if err != nil {
		return err
	}
	if l.Total = total; l.past() {
		return v.redirect(l.URL())
	}
	spaces, err := v.app.Workspaces(v.ctx(), roster.WorkspaceFilter{}, "title")
	if err != nil {
		return err
	}
	data := projectsPage{List: l, Search: f.Search, Projects: rows}
	for _, w := range spaces {
		data.Workspaces = append(data.Workspaces, choice{strconv.FormatInt(w.ID, 10), roster.Verbatim(w.Title),
			slices.Contains(f.Workspaces, w.ID)})
	}
	v.pushURL(l.URL())
	return v.show(http.StatusOK, "projects.html", page{Title: "Projects", Wide: true, Data: data})
}

// projectFilter reads what narrows the list, and says it again as an address
// does.
func (v *visit) projectFilter() (f roster.ProjectFilter, query url.Values) {
	query = url.Values{}
	if f.Search = shortened(v.field("q"), maxSearch); f.Search != "" {
		query.Set("q", f.Search)
	}
	if f.Workspaces = v.ids("workspace"); len(f.Workspaces) > 0 {
		query["workspace"] = texts(f.Workspaces)
	}
	return f, query
}
