package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"roster"
	"roster/internal/membership"
	"roster/internal/provision"
)

// auditPage is who could see a project on a day.
type auditPage struct {
	Project membership.ProjectRow
	List    list
	Day     string // as the field holds it; "" before one is chosen
	Search  string
	Asked   bool // there is an answer
	Sum     string
	People  []sighted
	span    roster.Span
}

// Today is the last day that can be asked about.
func (p page) Today() string { return p.now.In(p.zone).Format(time.DateOnly) }

// sighted is a person who could see it.
type sighted struct{ roster.PastAccess }

// Ways is the paths by which they could, in words.
func (s sighted) Ways() (ways []string) {
	for _, way := range []struct {
		open bool
		name string
	}{
		{s.Explicit, "Direct"}, {s.InWorkspace, "Workspace"}, {s.ByRole, "Organization role"}, {s.Creator, "Created the project, as a Manager"},
	} {
		if way.open {
			ways = append(ways, way.name)
		}
	}
	return ways
}

func (v *visit) audit() error {
	d, err := v.auditView()
	if err != nil {
		return err
	}
	p := page{Title: sentence("Who could see {project}", "project", d.Project.Title), Wide: true}
	status := http.StatusOK
	if d.Day != "" {
		if err = v.answerAudit(&d); err != nil {
			if roster.KindOf(err) != roster.Invalid {
				return err
			}
			status, p = v.failed(p, err)
		}
	}
	if d.List.past() {
		return v.redirect(d.List.URL())
	}
	v.pushURL(d.List.URL())
	p.Data = d
	return v.show(status, "audit.html", p)
}

// auditView reads what is asked.
func (v *visit) auditView() (d auditPage, err error) {
	id, err := v.id("id")
	if err != nil {
		return d, err
	}
	if err := v.app.MayAudit(v.ctx(), id); err != nil {
		return d, missing(err, noSuchProject)
	}
	if d.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return d, err
	}
	d.Day, d.Search = shortened(v.field("day"), 20), shortened(v.field("q"), maxSearch)
	query := url.Values{}
	if d.Day != "" {
		query.Set("day", d.Day)
	}
	if d.Search != "" {
		query.Set("q", d.Search)
	}
	d.List = v.list(query, "name")
	d.List.path = v.link("/projects/%d/history/access", id)
	return d, nil
}

// readSpan is the day of the view in the viewer's zone.
func (v *visit) readSpan(d *auditPage) error {
	day, err := v.day("day", d.Day)
	if _, unknown := v.ownZone("day"); unknown != nil {
		return unknown
	}
	if err != nil {
		return roster.InvalidField("day", "%q is no date. Write it as year, month and day, such as 2026-03-31.", d.Day)
	}
	d.span = roster.Span{Since: day.Start, Until: day.End.Add(time.Microsecond)}
	return nil
}

func (v *visit) answerAudit(d *auditPage) error {
	if err := v.readSpan(d); err != nil {
		return err
	}
	people, total, err := v.app.PastAccess(v.ctx(), d.Project.ID, d.span, d.Search, d.List.Page)
	if err != nil {
		return err
	}
	for _, p := range people {
		d.People = append(d.People, sighted{p})
	}
	d.Asked, d.List.Total = true, total
	texts := counts{"Nobody could see the project on {day}.", "One person could see the project on {day}.", "%s people could see the project on {day}."}
	if d.Search != "" {
		texts = counts{"Nobody who matches could see the project on {day}.", "One person who matches could see the project on {day}.", "%s people who match could see the project on {day}."}
	}
	d.Sum = sentence(texts.text(total), "day", d.span.Since.Format("2 January 2006"))
	return nil
}

// exportAudit answers with everybody of the view as CSV.
func (v *visit) exportAudit() error {
	d, err := v.auditView()
	if err != nil {
		return err
	}
	if err := v.readSpan(&d); err != nil {
		return err
	}
	return v.download(sentence("project-{id}-access-{day}.csv", "id", fmt.Sprint(d.Project.ID), "day", d.Day),
		[]string{"id", "email", "first_name", "last_name", "access", "day", "deleted"}, func(begin func(), write func([]string) error) error {
			return v.app.ExportPastAccess(v.ctx(), d.Project.ID, d.span, d.Search, begin, func(a roster.PastAccess) error {
				return write([]string{fmt.Sprint(a.User.ID), a.User.Email, a.User.FirstName, a.User.LastName, strings.Join(sighted{a}.Ways(), "; "), d.Day, provision.FlagCell(a.Deleted)})
			})
		})
}
