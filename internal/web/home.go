package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var homeRoutes = []route{
	{method: "GET", path: "/home", handle: (*visit).overview, apart: true},
	{method: "GET", path: "/home/without-work", handle: (*visit).withoutWork},
	{method: "GET", path: "/help", handle: (*visit).help},
}

// home leads those who manage to what needs them, and everybody else to their projects.
var home = route{handle: func(v *visit) error {
	if v.may(core.ViewOperations) {
		return v.redirect(v.link("/home"))
	}
	return v.redirect(v.link("/projects"))
}}

// homePage is what needs somebody who manages, and what changed since they were here.
type homePage struct {
	membership.Overview
	Needs    []need
	Changed  []operationRow
	Undoable []operationRow
	Since    time.Time   // when they were here before; zero: never
	More     int         // changes that are not named
	Steps    []firstStep // what to begin with; none where it is done
	Table    homeProjects
}

// homeProjects is the newest projects.
type homeProjects struct {
	List list // nothing is sorted by
	projectTable
}

// OtherProjects is how many projects home does not show.
func (d homePage) OtherProjects() int { return d.Projects - len(d.Table.Projects) }

// need is something that somebody should look at.
type need struct {
	Text roster.Text
	URL  string
}

// firstStep is one of what to begin with.
type firstStep struct {
	Done    bool
	Text    roster.Text
	URL     string
	Button  roster.Text
	Command string
}

// seenAt is when somebody looked at this page before and last, as it is kept: a visit is as
// long as they come back within it.
const (
	seenAt  = "home"
	aVisit  = 8 * time.Hour
	newSpan = 7 * 24 * time.Hour // what is new to who was never here
)

func (v *visit) overview() error {
	d, err := v.readOverview()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "home.html", page{Title: "Home", Wide: true, Data: d})
}

func (v *visit) readOverview() (d homePage, err error) {
	now := v.app.Now()
	since, err := v.sinceLast(now)
	if err != nil {
		return d, err
	}
	d.Since = since
	if since.IsZero() {
		since = now.Add(-newSpan)
	}
	if d.Overview, err = v.app.Overview(v.ctx(), since, v.inactiveSince()); err != nil {
		return d, err
	}
	for _, op := range d.Overview.Changes {
		d.Changed = append(d.Changed, operationRow{op, tellOperation(op, nil)})
	}
	for _, op := range d.Undo {
		d.Undoable = append(d.Undoable, operationRow{op, tellOperation(op, nil)})
	}
	d.More = d.Overview.Changed - len(d.Changed)
	v.fillNeeds(&d)
	v.fillSteps(&d)
	d.Table.projectTable = v.projectTable(d.Newest)
	return d, nil
}

// sinceLast is when the visit before this one was, and writes down that this one is.
func (v *visit) sinceLast(now time.Time) (since time.Time, err error) {
	before, last, _ := strings.Cut(v.preferred(seenAt), "|")
	times := [2]time.Time{readMicros(before), readMicros(last)}
	if now.Sub(times[1]) < aVisit {
		return times[0], nil
	}
	value := strconv.FormatInt(max(0, times[1].UnixMicro()), 10) + "|" + strconv.FormatInt(now.UnixMicro(), 10)
	return times[1], v.app.Prefer(v.ctx(), seenAt, value)
}

func readMicros(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

func (v *visit) fillNeeds(d *homePage) {
	for _, n := range []struct {
		count     int
		one, many roster.Text
		path      string
	}{
		{d.Waits.Waiting, "One person waits for a role", "%s people wait for a role", "/people?state=waiting"},
		{d.Waits.Invited, "One invitation waits to be accepted", "%s invitations wait to be accepted", "/people/invitations"},
		{d.Waits.Inactive, "One person was inactive for 90 days", "%s people were inactive for 90 days",
			"/people?state=active&active=90"},
		{d.Waits.Never, "One person was never active", "%s people were never active", "/people?state=active&active=never"},
	} {
		if n.count > 0 {
			d.Needs = append(d.Needs, need{counted(n.count, n.one, n.many), v.link("%s", n.path)})
		}
	}
}

// fillSteps says what to begin with, until people work in a project.
func (v *visit) fillSteps(d *homePage) {
	assigned := d.Overview.Changed > 0 || len(d.Undo) > 0
	if !d.Everyone || d.Projects > 0 && d.Waits.People > 1 && assigned {
		return
	}
	d.Steps = []firstStep{
		{Done: d.Projects > 0, Text: "Have a project: stand in front of a Label Studio, or make one through the API",
			Command: "roster serve --upstream URL"},
		{Done: d.Waits.People > 1 || d.Waits.Invited > 0, Text: "Invite people, or import a list of them",
			URL: v.link("/people/invite"), Button: "Invite people", Command: "roster import people.csv"},
		{Done: assigned, Text: "Add people to a project", URL: v.link("/projects"), Button: "Projects"},
		{Text: "Look at what a removal would do: open a project, select people, and choose Unassign. It asks first, " +
			"and can be undone", URL: v.link("/projects"), Button: "Projects"},
	}
	if d.Projects == 0 && d.Waits.People <= 1 {
		d.Steps = append(d.Steps, firstStep{Text: "Or look around in sample data first, in a store of its own",
			Command: "roster serve --demo --data sample"})
	}
}

// withoutWorkPage is the people without work.
type withoutWorkPage struct {
	List   list
	People []roster.User
}

// withoutWork lists the people who have no open task where tasks are handed out.
func (v *visit) withoutWork() error {
	d := withoutWorkPage{List: v.list(nil, "name")}
	people, total, err := v.app.WithoutWork(v.ctx(), d.List.Page)
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	d.People = people
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "withoutwork.html", page{Title: "People without work", Data: d})
}

// help is the keys and the concepts, on one page.
func (v *visit) help() error {
	return v.show(http.StatusOK, "help.html", page{Title: "Help"})
}
