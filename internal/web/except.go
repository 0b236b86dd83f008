package web

import (
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

var exceptRoutes = slices.Concat(
	exceptions("/projects/{id}/members/except", (*visit).memberPicks),
	exceptions("/workspaces/{id}/members/except", (*visit).workspacePicks),
	exceptions("/people/except", (*visit).peoplePicks),
)

func exceptions(path string, read func(v *visit) (picks, error)) []route {
	return []route{
		{method: "POST", path: path, handle: picking(read, (*visit).excepting), asks: true},
		{method: "POST", path: path + "/apply", handle: picking(read, (*visit).except)},
	}
}

// picks is a list with a selection, of which some are to be excepted.
type picks struct {
	list   list
	filter *memberFilter
	sel    selection
	each   func(f roster.MemberFilter, fn func(u roster.User)) error // everybody in the list whom f matches
}

func (v *visit) memberPicks() (p picks, err error) {
	d, _, err := v.toUnassign()
	return picks{d.List, d.Filter, d.Select, func(f roster.MemberFilter, fn func(u roster.User)) error {
		return v.app.ExportMembers(v.ctx(), d.Project.ID, f, "name", func(roster.Project) {}, func(m roster.Member) error {
			fn(m.User)
			return nil
		})
	}}, err
}

func (v *visit) peoplePicks() (p picks, err error) {
	d, _, err := v.toChangePeople()
	return picks{d.List, d.Filter, d.Select, func(f roster.MemberFilter, fn func(u roster.User)) error {
		return v.app.ExportPeople(v.ctx(), v.who.OrganizationID, f, "name", func() {},
			func(m roster.OrganizationMember) error {
				fn(m.User)
				return nil
			})
	}}, err
}

func (v *visit) workspacePicks() (p picks, err error) {
	d, err := v.workspaceView(true)
	return picks{d.List, d.Filter, d.Select, func(f roster.MemberFilter, fn func(u roster.User)) error {
		members, _, err := v.app.WorkspaceMembers(v.ctx(), d.ID, f, roster.Everything)
		for _, m := range members {
			fn(m.User)
		}
		return err
	}}, err
}

// exceptPage asks whom to take out of a selection, by name or e-mail.
type exceptPage struct {
	Path  string // where the question is
	Next  string // the view to come back to
	Text  string
	Lines []exceptLine  // those that name nobody, or several people; nil: not looked at yet
	Ready []roster.User // who is named without a doubt

	isReady map[int64]bool
}

// exceptLine is a line that somebody has to look at again.
type exceptLine struct {
	Number int
	Text   string
	Says   roster.Text
	Among  []candidate // who may be meant
	More   bool        // and there are more
}

type candidate struct {
	roster.User
	Chosen bool
}

// ReadyText names the first of those who are ready.
func (e exceptPage) ReadyText() roster.Text { return namesOf(e.Ready) }

// namesOf is the first few of some people by name.
func namesOf(users []roster.User) roster.Text {
	var names []string
	for _, u := range users[:min(len(users), firstPeople)] {
		names = append(names, u.Name())
	}
	return namesIn(names, len(users)-len(names))
}

// picking is a handler of what is picked in a list, which is somebody.
func picking(read func(v *visit) (picks, error), handle func(v *visit, p picks) error) func(v *visit) error {
	return func(v *visit) error {
		p, err := read(v)
		if err == nil && p.sel.Empty() {
			err = errNobody
		}
		if err != nil {
			return err
		}
		return handle(v, p)
	}
}

// excepting asks whom to except.
func (v *visit) excepting(p picks) error { return v.askExcept(http.StatusOK, page{}, p, exceptPage{}) }

func (v *visit) askExcept(status int, pg page, p picks, e exceptPage) error {
	if err := v.keepQuestion(); err != nil {
		return err
	}
	e.Path, e.Next = v.link("%s", v.place()), p.list.selecting(p.filter, p.sel)
	pg.Title, pg.Data = "Except people from the selection", e
	return v.show(status, "except.html", pg)
}

// except takes those out of the selection who are named. Where a line needs a look, it asks
// about that first; what was ready stays so.
func (v *visit) except(p picks) error {
	e := exceptPage{Text: v.field("names")}
	err := v.recognizeNames(p, &e)
	if roster.KindOf(err) == roster.Invalid {
		status, pg := v.failed(page{}, err)
		return v.askExcept(status, pg, p, e)
	}
	if err != nil {
		return err
	}
	if len(e.Lines) > 0 && v.field("sure") != "1" || len(e.Ready) == 0 {
		return v.askExcept(http.StatusOK, page{}, p, e)
	}
	to := p.list.selecting(p.filter, p.sel.without(e.Ready))
	if len(to) > maxAddress {
		status, pg := v.failed(page{}, roster.InvalidField("names", "So many people cannot be excepted one by one. "+
			"Narrow the selection by filters instead. What you wrote is still here."))
		return v.askExcept(status, pg, p, e)
	}
	v.leave(notice{Text: sentence("Excepted from the selection: {names}. Nothing else was changed yet.", "names",
		namesOf(e.Ready))})
	return v.redirect(to)
}

// without is the selection without some people.
func (s selection) without(users []roster.User) selection {
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	slices.Sort(ids)
	if s.All {
		s.Excluded = changed(s.Excluded, ids, nil)
	} else {
		s.Included = changed(s.Included, nil, ids)
	}
	return s
}

// recognizeNames finds out whom the lines name, of those who are selected.
func (v *visit) recognizeNames(p picks, e *exceptPage) error {
	lines := namedLines(e.Text)
	switch {
	case len(lines) == 0:
		return roster.InvalidField("names", "Write at least one name or e-mail.")
	case len(lines) > maxLines:
		return roster.InvalidField("names",
			"At most %d names or e-mails can be looked for at once. What you wrote is still here.", maxLines)
	}
	book, err := v.bookOf(p)
	if err != nil {
		return err
	}
	chosen, parts := v.ids("chosen"), mostParts
	for _, l := range lines {
		switch found := l.find(book); {
		case len(found) == 1:
			e.ready(found[0])
		case len(e.Lines) >= mostLooks: // the page shows no more of them
			e.Lines = append(e.Lines, exceptLine{Number: l.number})
		case len(found) == 0 && parts == 0:
			e.Lines = append(e.Lines, l.of(nil, chosen))
		default:
			if len(found) == 0 {
				parts--
				found = book.ByPart(l.text, mostCandidates)
			}
			for _, u := range found {
				if _, is := slices.BinarySearch(chosen, u.ID); is {
					e.ready(u)
				}
			}
			e.Lines = append(e.Lines, l.of(found, chosen))
		}
	}
	return nil
}

// How many lines that name nobody are looked at for whom they may mean, and how many people
// are offered for one.
const (
	mostParts      = 100
	mostLooks      = 200 // lines on the page
	mostCandidates = 20
)

func (e *exceptPage) ready(u roster.User) {
	if e.isReady == nil {
		e.isReady = map[int64]bool{}
	}
	if !e.isReady[u.ID] {
		e.isReady[u.ID] = true
		e.Ready = append(e.Ready, u)
	}
}

// bookOf is everybody who is selected, those too who are excepted already.
func (v *visit) bookOf(p picks) (*core.Book, error) {
	f := roster.MemberFilter{IDs: p.sel.Included}
	if p.sel.All {
		f = p.sel.filter.MemberFilter
	}
	book := core.NewBook()
	return book, p.each(f, book.Add)
}

// namedLine is one name or e-mail of a text.
type namedLine struct {
	number int
	text   string
	email  bool
}

// namedLines reads names and e-mails as people paste them: a name a line, e-mails with
// anything between them.
func namedLines(text string) (lines []namedLine) {
	n := 0
	for row := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		n++
		if row = strings.TrimSpace(row); row == "" {
			continue
		}
		if len(lines) > maxLines {
			break
		}
		if !strings.Contains(row, "@") {
			lines = append(lines, namedLine{n, row, false})
			continue
		}
		emails, names := mailboxes(row)
		for _, email := range emails {
			lines = append(lines, namedLine{n, email, true})
		}
		for _, name := range names {
			lines = append(lines, namedLine{n, name, false})
		}
	}
	return lines
}

func (l namedLine) find(b *core.Book) []roster.User {
	if l.email {
		return b.ByEmail(l.text)
	}
	return b.ByName(l.text, mostCandidates+1) // one more tells that there are more
}

// of is the line with whom it may mean.
func (l namedLine) of(found []roster.User, chosen []int64) exceptLine {
	out := exceptLine{Number: l.number, Text: shortened(l.text, 300), Says: "Nobody among the selected is called so."}
	for _, u := range found[:min(len(found), mostCandidates)] {
		_, is := slices.BinarySearch(chosen, u.ID)
		out.Among = append(out.Among, candidate{u, is})
	}
	if out.More = len(found) > len(out.Among); len(found) > 0 {
		out.Says = "Whom do you mean?"
	}
	return out
}
