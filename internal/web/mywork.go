package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

// myWorkPage is what somebody who works may open, and why.
type myWorkPage struct {
	personPage
	Search   string
	Open     int // tasks, in all projects
	Rows     []workRow
	Upstream bool // the projects have pages in Label Studio
	root     string
}

// workRow is one project.
type workRow struct {
	membership.ReachRow
	Role  roster.Role
	Asks  []roster.User // whom to ask
	Above bool          // those are the Owner or Administrators: nobody manages it
	Rest  int           // how many more there are
}

// mostAsks is how many people a row names.
const mostAsks = 2

// worksOnly reports whether the viewer sees the members of no project: their projects are
// where they work.
func (v *visit) worksOnly() bool { return !v.may(core.ViewMembers) }

// myWork shows the viewer's projects.
func (v *visit) myWork() (err error) {
	d := myWorkPage{Upstream: v.app.IsMirror(v.ctx()), root: v.site.root}
	f, query := v.projectFilter()
	if d.PersonView, err = v.app.PersonView(v.ctx(), v.who.UserID); err != nil {
		return err
	}
	d.Search, d.List = f.Search, v.list(query, "title")
	rows := slices.DeleteFunc(slices.Clone(d.Projects), func(r membership.ReachRow) bool {
		return !strings.Contains(strings.ToLower(r.Project.Title), strings.ToLower(f.Search)) ||
			len(f.Workspaces) > 0 && !slices.Contains(f.Workspaces, r.Project.WorkspaceID)
	})
	if d.List.Total = len(rows); d.List.past() {
		return v.redirect(d.List.URL())
	}
	for _, r := range d.Projects {
		d.Open += r.Open
	}
	from := d.List.Offset()
	if err := v.workRows(&d, rows[from:min(from+d.List.Size, len(rows))]); err != nil {
		return err
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "mywork.html", page{Title: "My access and my work", Wide: true, Data: d})
}

func (v *visit) workRows(d *myWorkPage, shown []membership.ReachRow) error {
	ids := make([]int64, len(shown))
	for i, r := range shown {
		ids[i] = r.Project.ID
	}
	ask, err := v.app.WhomToAsk(v.ctx(), ids)
	for _, r := range shown {
		row := workRow{ReachRow: r, Role: d.RoleIn(r.Reach), Asks: ask.Managers[r.Project.ID]}
		row.Asks = slices.DeleteFunc(row.Asks, func(u roster.User) bool { return u.ID == v.who.UserID })
		if len(row.Asks) == 0 {
			row.Asks, row.Above = ask.Everyone, true
		}
		row.Rest = max(0, len(row.Asks)-mostAsks)
		row.Asks = row.Asks[:len(row.Asks)-row.Rest]
		d.Rows = append(d.Rows, row)
	}
	return err
}

// Work is where the project's work is done; "" where Roster has no page for that.
func (d myWorkPage) Work(project int64) string {
	if !d.Upstream {
		return ""
	}
	return fmt.Sprintf("%s/projects/%d/data", d.root, project) // Label Studio's, whatever the console's pages begin with
}
