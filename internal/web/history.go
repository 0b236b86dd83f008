package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var historyRoutes = []route{
	{method: "GET", path: "/history", handle: (*visit).history},
	{method: "GET", path: "/history/{id}", handle: (*visit).operation},
	{method: "GET", path: "/history/{id}/undo", handle: (*visit).askUndo, apart: true},
}

// historyPage is the record of operations.
type historyPage struct {
	List         list
	Filter       historyFilter
	Operations   []operationRow
	SeesProjects bool
}

// operationRow is an operation as a sentence.
type operationRow struct {
	membership.OperationRow
	Told roster.Text
}

func (v *visit) operationRow(op membership.OperationRow) operationRow {
	return operationRow{op, tellOperation(op, v.personal())}
}

// personal is where a person's page is, for those who may look at people.
func (v *visit) personal() func(id int64) string {
	return func(id int64) string { return v.link("/people/%d", id) }
}

// By is the credential it was done with, in words.
func (o operationRow) By() roster.Text { return credentials[o.Credential] }

// historyFilter is what narrows the record, as the operations take it, as an
// address says it, and as the page offers it.
type historyFilter struct {
	roster.OperationFilter
	query         url.Values
	Projects      projectChoice
	Kinds         []choice
	Actor, Person string // e-mails
	From, To      string // dates in the viewer's zone
	Chips         []chip
	Views         string // where views of the record are kept
}

func (f *historyFilter) set(name, value string, text roster.Text) {
	f.query.Add(name, value)
	f.Chips = append(f.Chips, chip{text, name, value})
}

// Count is how many values narrow the record.
func (f historyFilter) Count() int { return len(f.Chips) }

func (v *visit) history() error {
	f, err := v.historyFilter()
	if err != nil {
		return err
	}
	l := v.list(f.query, "-at")
	ops, total, err := v.app.OperationList(v.ctx(), f.OperationFilter, l.Page)
	if err != nil {
		return err
	}
	if l.Total = total; l.past() {
		return v.redirect(l.URL())
	}
	data := historyPage{List: l, Filter: *f}
	for _, op := range ops {
		data.Operations = append(data.Operations, v.operationRow(op))
	}
	v.pushURL(l.URL())
	return v.show(http.StatusOK, "history.html", page{Title: "History", Wide: true, Data: data})
}

// historyFilter reads the filters. A value that nobody could have chosen is an
// error that names it.
func (v *visit) historyFilter() (*historyFilter, error) {
	f := &historyFilter{query: url.Values{}, Views: v.link("/views")}
	if _, err := v.readSavedView(f.query); err != nil {
		return nil, err
	}
	for _, read := range []func(*historyFilter) error{v.readProject, v.readKind, v.readPeople, v.readDays} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// mostProjects is how many projects a choice offers; more can be looked for.
const mostProjects = 100

// projectChoice is the projects to choose from: the first that match what is looked for,
// behind the chosen one where it is not among them.
type projectChoice struct {
	Find     string
	Projects []choice
	Many     bool // there are more than are offered
}

func (v *visit) projectChoice(chosen int64) (c projectChoice, err error) {
	c.Find = shortened(v.field("projectfind"), maxSearch)
	found, err := v.app.ProjectsToChoose(v.ctx(), core.FindProject, roster.ProjectFilter{Search: c.Find}, mostProjects+1)
	if err != nil {
		return c, err
	}
	c.Many = c.Find != "" || len(found) > mostProjects
	found = found[:min(len(found), mostProjects)]
	if chosen > 0 && !slices.ContainsFunc(found, func(p roster.Project) bool { return p.ID == chosen }) {
		other, err := v.app.ProjectsToChoose(v.ctx(), core.FindProject, roster.ProjectFilter{IDs: []int64{chosen}}, 1)
		if err != nil {
			return c, err
		}
		found = append(other, found...)
	}
	for _, p := range found {
		c.Projects = append(c.Projects, choice{strconv.FormatInt(p.ID, 10), roster.Verbatim(p.Title), p.ID == chosen})
	}
	return c, nil
}

func (v *visit) readProject(f *historyFilter) (err error) {
	f.ProjectID = v.id64("project")
	if f.Projects, err = v.projectChoice(f.ProjectID); err != nil || f.ProjectID == 0 {
		return err
	}
	at := slices.IndexFunc(f.Projects.Projects, func(c choice) bool { return c.Chosen })
	if at < 0 {
		return noChoice("project", v.field("project"))
	}
	f.set("project", v.field("project"), f.Projects.Projects[at].Label)
	return nil
}

func (v *visit) readKind(f *historyFilter) error {
	text := v.field("kind")
	for _, k := range kindNames {
		f.Kinds = append(f.Kinds, choice{string(k.kind), k.name, string(k.kind) == text})
		if string(k.kind) == text {
			f.Kind = k.kind
			f.set("kind", text, k.name)
		}
	}
	if text != "" && f.Kind == "" {
		return noChoice("kind", text)
	}
	return nil
}

// nobody is an id that nobody has: an unknown e-mail matches no operation.
const nobody = -1

func (v *visit) readPeople(f *historyFilter) error {
	for _, p := range []struct {
		name  string
		text  roster.Text
		shown *string
		id    *int64
	}{
		{"actor", "By {email}", &f.Actor, &f.ActorID}, {"person", "About {email}", &f.Person, &f.PersonID},
	} {
		email := shortened(v.field(p.name), 254)
		if email == "" {
			continue
		}
		id, err := v.app.PersonByEmail(v.ctx(), email)
		if err != nil {
			return err
		}
		if *p.shown, *p.id = email, id; id == 0 {
			*p.id = nobody
		}
		f.set(p.name, email, sentence(p.text, "email", email))
	}
	return nil
}

func (v *visit) readDays(f *historyFilter) error {
	return v.readWindow(f.set,
		window{"from", "Since {day}", &f.From, func(at time.Time) { f.Since = at }, false},
		window{"to", "Until {day}", &f.To, func(at time.Time) { f.Until = at }, true})
}

// day is a date in the viewer's zone.
func (v *visit) day(name, text string) (roster.Day, error) {
	zone, err := v.ownZone(name)
	if err != nil {
		return roster.Day{}, err
	}
	day, err := roster.ParseDay(text, zone)
	if err != nil || day.Start.IsZero() { // the zero time would bound nothing
		return day, noChoice(name, text)
	}
	return day, nil
}
