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

// operationPage is one operation and what it did to whom.
type operationPage struct {
	membership.OperationView
	Told     roster.Text
	Selected []roster.Text // whom it was about, in sentences; none where nobody was selected
	List     list
	Search   string
	Results  []resultCount
	Rows     []outcomeRow
	Result   string // the one that is shown; "" shows all
}

// By is the credential it was done with, in words.
func (o operationPage) By() roster.Text { return credentials[o.Credential] }

// Detailed reports whether there is more to tell of anybody on the page.
func (o operationPage) Detailed() bool {
	return slices.ContainsFunc(o.Rows, func(r outcomeRow) bool { return r.Where != "" || r.Text != "" || r.Note != "" })
}

// Late reports whether it is too late to take the operation back.
func (o operationPage) Late(now time.Time) bool { return now.After(o.UndoUntil) }

// resultCount is how many people something happened to.
type resultCount struct {
	Value       string
	Name, About roster.Text
	Count       int
	Chosen      bool
}

// outcomeRow is what happened to one person.
type outcomeRow struct {
	roster.Outcome
	Name  roster.Text
	Note  roster.Text
	Known bool        // by name; else they are a number
	Text  roster.Text // a change of role, in words; "" without one
	Where string      // the project where, if the operation is about several; or the tag
}

func (v *visit) operation() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	f, query := v.outcomeFilter()
	l := v.list(query, "id")
	view, err := v.app.OperationView(v.ctx(), id, f, l.Page)
	if err != nil {
		return missing(err, "There is no such operation, or you may not see it.")
	}
	if l.Total = view.Matching; l.past() {
		return v.redirect(l.URL())
	}
	data := operationPage{
		OperationView: view, Told: tellOperation(view.OperationRow, v.personal()), Selected: v.selectorText(view.Selector),
		List: l, Search: f.Search, Result: query.Get("result"),
	}
	for _, n := range resultNames {
		if count := view.Counts[n.result]; count > 0 {
			data.Results = append(data.Results, resultCount{string(n.result), n.name, n.about, count,
				string(n.result) == data.Result})
		}
	}
	for _, o := range view.Outcomes {
		data.Rows = append(data.Rows, newOutcomeRow(o))
	}
	v.pushURL(l.URL())
	return v.show(http.StatusOK, "operation.html",
		page{Title: sentence("Operation {id}", "id", strconv.FormatInt(id, 10)), Wide: true, Data: data})
}

func (v *visit) outcomeFilter() (f roster.OutcomeFilter, query url.Values) {
	query = url.Values{}
	if f.Search = shortened(v.field("q"), maxSearch); f.Search != "" {
		query.Set("q", f.Search)
	}
	if result := v.field("result"); result != "" {
		f.Results = []roster.Result{roster.Result(result)}
		query.Set("result", shortened(result, 64))
	}
	return f, query
}

func newOutcomeRow(o roster.Outcome) outcomeRow {
	row := outcomeRow{Outcome: o, Name: roster.Verbatim(o.Name), Known: o.Name != "",
		Note: keptBy[o.KeepsBy], Where: o.Project}
	if o.TagID != 0 {
		row.Where = o.Tag
	}
	if !row.Known {
		row.Name = sentence("Number {id}", "id", strconv.FormatInt(o.UserID, 10))
	}
	switch {
	case o.NameAfter != "":
		row.Text = sentence("From {before} to {after}", "before", roster.Name{Text: o.NameBefore},
			"after", roster.Name{Text: o.NameAfter})
	case o.SeatOnly():
		row.Text = seatText(o)
	case o.RoleBefore != "" && o.RoleAfter != "":
		row.Text = sentence("From {before} to {after}", "before", roleName(o.RoleBefore), "after", roleName(o.RoleAfter))
	case o.RoleAfter != "":
		row.Text = sentence("To {after}", "after", roleName(o.RoleAfter))
	case o.RoleBefore != "":
		row.Text = sentence("From {before}", "before", roleName(o.RoleBefore))
	}
	return row
}

// What is what happened to the person.
func (o outcomeRow) What() roster.Text { return resultName(o.Result) }

func roleList(roles []roster.Role) roster.Text {
	names := make([]roster.Text, len(roles))
	for i, r := range roles {
		names[i] = roleName(r)
	}
	return enumerated(names)
}

func seatList(seats []roster.UserType) roster.Text {
	names := make([]roster.Text, len(seats))
	for i, s := range seats {
		names[i] = seatName(s)
	}
	return enumerated(names)
}

// undoPage is the question before an operation is taken back.
type undoPage struct {
	membership.OperationView
	Text roster.Text
	Back roster.Text   // what will be as before, in a sentence
	Left []resultCount // who will be left alone, by reason
	Some []outcomeRow  // the first of them
	Rest int           // how many more there are
	All  browsed       // everybody whom it is about, to be looked through
	Many int           // how many they are
}

// askUndo shows what taking an operation back would do now.
func (v *visit) askUndo() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	view, err := v.app.OperationView(v.ctx(), id, roster.OutcomeFilter{}, roster.Page{Number: 1, Size: 1})
	if err != nil {
		return missing(err, "There is no such operation, or you may not see it.")
	}
	look, err := v.looking()
	if err != nil {
		return err
	}
	look.Order = "" // by id, as the page of an operation
	p, err := v.app.PreviewUndo(v.ctx(), id, firstPeople, look)
	if err != nil {
		return err
	}
	data := undoPage{OperationView: view, Text: operationText(view.OperationRow), Rest: -len(p.Left),
		All: v.browsedOutcomes(look, p)}
	data.Back = undoText(view.Kind).text(p.Changed)
	if n := p.Counts[roster.RestoredDormant]; n > 0 {
		data.Back = both(data.Back, counted(n, "One dormant membership comes back, too.",
			"%s dormant memberships come back, too."))
	}
	for _, n := range resultNames {
		count := p.Counts[n.result]
		if data.Many += count; count > 0 && isException(n.result) {
			data.Left, data.Rest = append(data.Left, resultCount{string(n.result), n.name, n.about, count, false}),
				data.Rest+count
		}
	}
	for _, o := range p.Left {
		data.Some = append(data.Some, newOutcomeRow(o))
	}
	return v.show(http.StatusOK, "undo.html", page{Title: "Undo this operation", Data: data})
}

// browsedOutcomes is the page of what an undo would do to whom.
func (v *visit) browsedOutcomes(look roster.Look, p membership.UndoPreview) browsed {
	b := v.browsed(look, p.Matching)
	for _, o := range p.Outcomes {
		b.Outcomes = append(b.Outcomes, newOutcomeRow(o))
	}
	return b
}

func isException(r roster.Result) bool {
	return slices.Contains(roster.UndoExceptions, r)
}

// undoText says what taking back an operation of a kind brings.
func undoText(kind roster.OperationKind) counts {
	switch kind {
	case roster.OpAssign:
		return counts{"Nobody is taken off again.", "One person is taken off the project again.",
			"%s people are taken off the project again."}
	case roster.OpProjectRole:
		return counts{"Nobody's role changes back.", "One person gets their earlier role in the project back.",
			"%s people get their earlier role in the project back."}
	case roster.OpWorkspaceAssign:
		return counts{"Nobody is taken out again.", "One person is taken out of the workspace again.",
			"%s people are taken out of the workspace again."}
	case roster.OpImport:
		return counts{"Nobody is as before the import.",
			"One person is taken off the projects the import named, and has their earlier role, seat and tags again. " +
				"Changed names and new people stay.",
			"%s people are taken off the projects the import named, and have their earlier roles, seats and tags again. " +
				"Changed names and new people stay."}
	case roster.OpRename:
		return counts{"Nobody's name changes back.", "One person has their earlier name again.",
			"%s people have their earlier names again."}
	case roster.OpTag, roster.OpTagImport:
		return counts{"Nobody's tags change back.", "One person has their earlier tags again.",
			"%s people have their earlier tags again."}
	case roster.OpTagDelete:
		return counts{"The tags are there again; nobody gets one back.", "The tags are there again, on one person.",
			"The tags are there again, on %s people."}
	case roster.OpAdopt:
		return counts{"Nobody is taken off again.", "One person is taken off the projects again.",
			"%s people are taken off the projects again."}
	case roster.OpOrganizationRole:
		return counts{"Nobody's role changes back.",
			"One person gets their earlier role and seat in the organization back.",
			"%s people get their earlier role and seat in the organization back."}
	case roster.OpOrganizationLeave:
		return counts{"Nobody comes back.",
			"One person is in the organization again, with their role, memberships, open tasks, password and tokens.",
			"%s people are in the organization again, with their roles, memberships, open tasks, passwords and tokens."}
	case roster.OpWorkspaceUnassign:
		return counts{"Nobody comes back.", "One person is a member of the workspace again.",
			"%s people are members of the workspace again."}
	}
	return counts{"Nobody comes back.",
		"One person is a member of the project again, with the role and the open tasks from before.",
		"%s people are members of the project again, with the role and the open tasks from before."}
}
