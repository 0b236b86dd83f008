package web

import (
	"net/http"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var projectHistoryRoutes = []route{
	{method: "GET", path: "/projects/{id}/history", handle: (*visit).projectHistory},
	{method: "GET", path: "/projects/{id}/history/access", handle: (*visit).audit},
	{method: "GET", path: "/projects/{id}/history/access.csv", handle: (*visit).exportAudit, apart: true, file: true},
}

// projectHistoryPage is how the members of a project came about.
type projectHistoryPage struct {
	Project           membership.ProjectRow
	Members, Removals []chart // the same for wide and for narrow windows
	Months            []month // the newest first
	Latest            []operationRow
	More              bool // than the latest
	SeesOperations    bool
	Audits            bool // may ask who could see the project
}

const noSuchProject roster.Text = "There is no such project, or you may not see it."

// chartSizes is what charts are drawn in: their text must not shrink with the
// window.
var chartSizes = []struct {
	class string
	width int
}{{"chart-wide", wideChart}, {"chart-narrow", narrowChart}}

const (
	wideChart, narrowChart = 1080, 368 // pixels
	latestOperations       = 5
)

func (v *visit) projectHistory() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	data := projectHistoryPage{SeesOperations: v.may(core.ViewOperations), Audits: v.app.MayAudit(v.ctx(), id) == nil}
	if data.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return missing(err, noSuchProject)
	}
	steps, err := v.app.ChartSteps(v.ctx(), id)
	if err != nil {
		return missing(err, noSuchProject)
	}
	if months, before := byMonth(steps, v.app.Now(), v.zone()); len(months) > 0 {
		for _, size := range chartSizes {
			data.Members = append(data.Members, membersChart(size.class, size.width, steps, months, before, v.app.Now()))
			data.Removals = append(data.Removals, removalsChart(size.class, size.width, months))
		}
		slices.Reverse(months)
		data.Months = months
	}
	if data.SeesOperations {
		ops, total, err := v.app.OperationList(v.ctx(), roster.OperationFilter{ProjectID: id},
			roster.Page{Number: 1, Size: latestOperations})
		if err != nil {
			return err
		}
		data.More = total > len(ops)
		for _, op := range ops {
			data.Latest = append(data.Latest, v.operationRow(op))
		}
	}
	return v.show(http.StatusOK, "projecthistory.html",
		page{Title: sentence("History of {project}", "project", data.Project.Title), Wide: true, Data: data})
}
