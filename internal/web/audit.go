package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"roster"
	"roster/internal/locale"
	"roster/internal/membership"
	"roster/internal/provision"
)

// auditPage is who could see a project on a day.
type auditPage struct {
	Project membership.ProjectRow
	List    list
	Day     string // as the field holds it; "" before one is chosen
	Filter  roster.PastFilter
	Ways    []choice
	Beside  []choice // today, with how many there are of each; none unless it is compared
	Compare bool
	Asked   bool // there is an answer
	Sum     roster.Text
	People  []sighted
	span    roster.Span
}

// Today is the last day that can be asked about.
func (p page) Today() string { return p.now.In(p.zone).Format(time.DateOnly) }

// sighted is a person who could see it.
type sighted struct{ roster.PastAccess }

// pastWays is the ways to a project, in words.
var pastWays = []struct {
	way  roster.PastWay
	name roster.Text
	open func(s sighted) bool
}{
	{roster.PastDirect, "Direct", func(s sighted) bool { return s.Explicit }},
	{roster.PastWorkspace, "Workspace", func(s sighted) bool { return s.InWorkspace }},
	{roster.PastRole, "Organization role", func(s sighted) bool { return s.ByRole }},
	{roster.PastCreator, "Made the project, as a Manager", func(s sighted) bool { return s.Creator }},
}

// Ways is the paths by which they could, in words.
func (s sighted) Ways() (ways []roster.Text) {
	for _, way := range pastWays {
		if way.open(s) {
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
	d.Day = shortened(v.field("day"), 20)
	d.Filter = roster.PastFilter{Search: shortened(v.field("q"), maxSearch), Way: roster.PastWay(v.field("way")),
		Now: roster.BesideNow(v.field("today"))}
	for _, way := range pastWays {
		d.Ways = append(d.Ways, choice{string(way.way), way.name, way.way == d.Filter.Way})
	}
	d.Compare = d.Filter.Now != ""
	query := url.Values{}
	for name, value := range map[string]string{"day": d.Day, "q": d.Filter.Search, "way": string(d.Filter.Way),
		"today": string(d.Filter.Now)} {
		if value != "" {
			query.Set(name, value)
		}
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
	people, total, beside, err := v.app.PastAccessBesideNow(v.ctx(), d.Project.ID, d.span, d.Filter, d.List.Page)
	if err != nil {
		return err
	}
	for _, p := range people {
		d.People = append(d.People, sighted{p})
	}
	d.Asked, d.List.Total = true, total
	if d.Compare {
		d.Beside = besideToday(d.Filter.Now, beside)
	}
	d.Sum = sentence(auditSum(d.Filter).text(total), "day", locale.Day(d.span.Since))
	return nil
}

// besideToday is what can be asked about today, with how many people there are of each.
func besideToday(asked roster.BesideNow, n roster.PastCounts) []choice {
	return []choice{
		{string(roster.EverySeeing), sentence("Everybody of that day: {n}", "n", n.Still+n.Gone),
			asked == roster.EverySeeing},
		{string(roster.StillSees), sentence("Can still see it: {n}", "n", n.Still), asked == roster.StillSees},
		{string(roster.SeesNoMore), sentence("Can no longer: {n}", "n", n.Gone), asked == roster.SeesNoMore},
		{string(roster.SeesSince), sentence("Can today, and could not: {n}", "n", n.New), asked == roster.SeesSince},
	}
}

// auditSum is how many people a filter leaves, in sentences.
func auditSum(f roster.PastFilter) counts {
	narrowed := f.Search != "" || f.Way != ""
	switch {
	case f.Now == roster.StillSees:
		return counts{"Nobody who could see the project on {day} can still see it.",
			"One person who could see the project on {day} can still see it.",
			"%s people who could see the project on {day} can still see it."}
	case f.Now == roster.SeesNoMore:
		return counts{"Nobody who could see the project on {day} has lost it since.",
			"One person who could see the project on {day} can no longer.",
			"%s people who could see the project on {day} can no longer."}
	case f.Now == roster.SeesSince:
		return counts{"Nobody can see the project today who could not on {day}.",
			"One person can see the project today who could not on {day}.",
			"%s people can see the project today who could not on {day}."}
	case narrowed:
		return counts{"Nobody who matches could see the project on {day}.",
			"One person who matches could see the project on {day}.", "%s people who match could see the project on {day}."}
	}
	return counts{"Nobody could see the project on {day}.", "One person could see the project on {day}.",
		"%s people could see the project on {day}."}
}

// waysCell is the paths of a person in a file, which is the same in every language.
func waysCell(s sighted) string {
	var ways []string
	for _, way := range s.Ways() {
		ways = append(ways, string(way))
	}
	return strings.Join(ways, "; ")
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
	return v.download(fmt.Sprintf("project-%d-access-%s.csv", d.Project.ID, d.Day),
		[]string{"id", "email", "first_name", "last_name", "access", "day", "deleted", "role_then", "since"},
		func(begin func(), write func([]string) error) error {
			return v.app.ExportPastAccess(v.ctx(), d.Project.ID, d.span, d.Filter, begin, func(a roster.PastAccess) error {
				return write([]string{fmt.Sprint(a.User.ID), a.User.Email, a.User.FirstName, a.User.LastName,
					waysCell(sighted{a}), d.Day, provision.FlagCell(a.Deleted),
					a.Role.Name(), a.Since.UTC().Format(time.RFC3339)})
			})
		})
}
