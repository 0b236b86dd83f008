package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

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
	projectTable
}

// projectTable is projects with what can be seen of them at a glance.
type projectTable struct {
	Projects []projectRow
	Months   []roster.Text // of the small charts; nil: there are none
}

// projectRow is one of them.
type projectRow struct {
	membership.GlancedProject
	Spark *spark // nil: nobody was a member, or who was is not counted here
	MyOwn bool   // the viewer acts in it as another role than in the organization
}

// Share is how much of a bar the inactive members fill, in hundredths.
func (p projectRow) Share() int { return share(p.Inactive, p.MembersCount) }

func share(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return part * 100 / whole
}

// Knows reports whether Roster knows what there is to do in the project.
func (p projectRow) Knows() bool { return p.Counted && p.TaskCount > 0 }

// openWork is how many assignments are open, as far as they were counted.
func openWork(n int) roster.Text {
	if n > roster.MostOpen {
		return sentence("more than {count}", "count", roster.MostOpen)
	}
	return sentence("{count}", "count", n)
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
	rows, total, err := v.app.ProjectsAtAGlance(v.ctx(), f, l.Page, v.inactiveSince())
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
	data := projectsPage{List: l, Search: f.Search, projectTable: v.projectTable(rows)}
	for _, w := range spaces {
		data.Workspaces = append(data.Workspaces, choice{strconv.FormatInt(w.ID, 10), roster.Verbatim(w.Title),
			slices.Contains(f.Workspaces, w.ID)})
	}
	v.pushURL(l.URL())
	return v.show(http.StatusOK, "projects.html", page{Title: "Projects", Wide: true, Data: data})
}

// projectTable is projects that were looked at, as they are shown.
func (v *visit) projectTable(rows []membership.GlancedProject) (t projectTable) {
	for _, row := range rows {
		r := projectRow{GlancedProject: row, MyOwn: row.MyRole != v.who.Role}
		if r.Spark = newSpark(row.Steps, v.app.Now(), v.zone()); r.Spark != nil {
			t.Months = lastMonths(v.app.Now(), v.zone())
		}
		t.Projects = append(t.Projects, r)
	}
	return t
}

// inactiveSince is since when somebody did nothing who is called inactive: the day from which
// the lists of people count it, too.
func (v *visit) inactiveSince() time.Time {
	return roster.DayOf(v.app.Now().In(v.zone())).Before(inactiveDays).Start
}

// inactiveDays is how long somebody does nothing who is called inactive.
const inactiveDays = 90

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
