package web

import (
	"maps"
	"net/url"
	"slices"

	"roster"
)

// bar says who is selected. Its sentences are whole, so that script can
// choose among them while boxes are ticked.
type bar struct {
	Count, Matching   int         // selected; and who could be, with the filters that the selection is of
	Offered           int         // who could be with those of the view
	Direct            bool        // it is the direct members who can be selected, not everybody listed
	One, Many         roster.Text // {n} is how many are selected
	All, AllBut       roster.Text // {x} is how many are excepted
	Elsewhere         roster.Text // "" unless some of them are on other pages
	SelectAll, Nobody string      // addresses of the view
	Chips             []chip      // the filters that the selection is of
	Show              string      // the address of the view of these; "": it is this one
	Others            bool        // some on the page are not among those
	Except            string      // where the form asks whom to except; "": it does not
	Dropped           *dropped
}

// dropped is a selection that something else took the place of.
type dropped struct {
	Text    roster.Text
	Restore string // the address of the view with it
}

// counter counts whom each of some selectors comes to in a list.
type counter func(s ...roster.Selector) ([]int, error)

// oneByOne is a counter that asks for each selector.
func oneByOne(count func(roster.Selector) (int, error)) counter {
	return func(selectors ...roster.Selector) (found []int, err error) {
		for _, s := range selectors {
			n, err := count(s)
			if err != nil {
				return nil, err
			}
			found = append(found, n)
		}
		return found, nil
	}
}

// fill completes the bar of a list, of which Offered is known.
func (v *visit) fill(b *bar, l list, s selection, f *memberFilter, at where, rows []memberRow,
	count counter) (err error) {
	if err := b.count(s, count); err != nil {
		return err
	}
	b.words(s, ticked(rows))
	if s.All {
		b.Chips = s.filter.Chips
	}
	if s.away {
		b.Show = l.selecting(s.filter, s)
		b.Others = slices.ContainsFunc(rows, func(r memberRow) bool { return r.Other })
	}
	b.SelectAll, b.Nobody = l.instead(f, s, "all"), l.instead(f, s, "nobody")
	b.Dropped, err = v.dropped(s.Was, l, f, at)
	return err
}

// count fills in how many are selected, and could be.
func (b *bar) count(s selection, count counter) error {
	b.Matching = b.Offered
	var asked []roster.Selector
	var into []*int
	if s.away {
		all := s
		all.Excluded = nil
		asked, into = append(asked, all.selector()), append(into, &b.Matching)
	}
	if !s.All && len(s.Included) > 0 || len(s.Excluded) > 0 {
		asked, into = append(asked, s.selector()), append(into, &b.Count)
	}
	if len(asked) > 0 {
		found, err := count(asked...)
		if err != nil {
			return err
		}
		for i, n := range found {
			*into[i] = n
		}
	}
	if s.All && len(s.Excluded) == 0 {
		b.Count = b.Matching
	}
	return nil
}

var someSelected = plural{"One person is selected.", "%s people are selected."}

// words are the sentences. Here is how many of the selected are on the page.
func (b *bar) words(s selection, here int) {
	b.One, b.Many = someSelected.one, someSelected.many
	if s.All {
		b.All, b.AllBut = b.everybody()
		return
	}
	if away := b.Count - here; away > 0 {
		b.Elsewhere = counted(away, "One is not on this page.", "%s are not on this page.")
	}
}

// everybody is the sentences about all who match, and all but some.
func (b *bar) everybody() (all, but roster.Text) {
	if b.Direct {
		return counted(b.Matching, "The one direct member who matches is selected.",
				"All %s direct members who match are selected."),
			counted(b.Matching, "Nobody is selected.", "All %s direct members who match are selected, except {x}.")
	}
	return counted(b.Matching, "The one person who matches is selected.", "All %s people who match are selected."),
		counted(b.Matching, "Nobody is selected.", "All %s people who match are selected, except {x}.")
}

// Offer is what selecting everybody in the view is called; "" where nothing more would be.
func (b bar) Offer() roster.Text {
	if b.Offered < 2 && b.Show == "" || b.All != "" && b.Show == "" {
		return ""
	}
	switch {
	case b.Direct && b.Show == "":
		return counted(b.Offered, "Select the direct member who matches", "Select all %s direct members who match")
	case b.Direct:
		return counted(b.Offered, "Select the direct member who matches here instead",
			"Select all %s direct members who match here instead")
	case b.Show == "":
		return counted(b.Offered, "Select the one who matches", "Select all %s who match")
	}
	return counted(b.Offered, "Select the one who matches here instead", "Select all %s who match here instead")
}

// Text is the sentence that is true now.
func (b bar) Text() roster.Text {
	switch {
	case b.All != "" && b.Count == b.Matching:
		return b.All
	case b.All != "":
		return b.AllBut.With("x", b.Matching-b.Count)
	}
	return counted(b.Count, b.One, b.Many)
}

// selecting is the address of the view with other filters and another selection.
func (l list) selecting(f *memberFilter, s selection) string {
	l.query = s.with(f.query)
	return l.URL()
}

// instead is the address of the view that selects all or nobody in the place of a
// selection: which is said there, with the boxes of the form, and so can be had back.
func (l list) instead(f *memberFilter, was selection, whom string) string {
	l.query = was.with(f.query)
	l.query.Set("instead", whom)
	return l.URL()
}

// dropped reads the selection that another took the place of; nil where none did.
func (v *visit) dropped(was string, l list, f *memberFilter, at where) (*dropped, error) {
	if was == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(was)
	if err != nil {
		return nil, noChoice("was", was)
	}
	within := v.reading(values)
	if err := within.reads(shapes{"all": flag, "included": idList, "excluded": idList, "under": single}); err != nil {
		return nil, err
	}
	s, err := within.selected(f, at)
	if err != nil {
		return nil, err
	}
	return &dropped{Text: s.sentence(), Restore: l.selecting(s.filter, s)}, nil
}

// pushView is pushURL of a view with a selection.
func (v *visit) pushView(l list, s selection) {
	if s.Was != "" {
		l.query = maps.Clone(l.query)
		l.query.Set("was", s.Was)
	}
	v.pushURL(l.URL())
}

// sentence says whom a selection was of.
func (s selection) sentence() roster.Text {
	if !s.All {
		return counted(len(s.Included), "Your selection of one person was dropped.",
			"Your selection of %s people was dropped.")
	}
	text := roster.Text("Your selection of everybody was dropped.")
	if names := s.filter.names(); names != "" {
		text = sentence("Your selection of everybody who matches {filters} was dropped.", "filters", names)
	}
	return text
}

// names is the filters in a row; "" without any.
func (f *memberFilter) names() (names roster.Text) {
	for i, c := range f.Chips {
		if i == 0 {
			names = c.Text
			continue
		}
		names = sentence("{list} · {item}", "list", names, "item", c.Text)
	}
	return names
}

// deal is something in the menu of a bar.
type deal struct {
	Path        string
	Label       roster.Text
	Give        string // the role that it gives
	Gives, File bool   // it gives one; it answers with a file
	Leads       bool   // it leads to a page that is no question
	Line        bool   // a line is above it
}

// Deeds is what can be done with many members, besides taking them off.
func (d membersPage) Deeds() []deal {
	deals := []deal{
		{Path: "roles", Label: "Make Annotators in this project…", Give: string(roster.RoleAnnotator), Gives: true},
		{Path: "roles", Label: "Make Reviewers in this project…", Give: string(roster.RoleReviewer), Gives: true},
		{Path: "roles", Label: "Back to the organization roles…", Gives: true},
		{Path: "pause", Label: "Pause…", Line: true},
		{Path: "resume", Label: "Let work again…"},
		{Path: "add-to", Label: "Add to another project…", Line: true},
	}
	if d.Tags {
		deals = append(deals, deal{Path: "tags", Label: "Tags…"})
	}
	return append(deals, deal{Path: "emails", Label: "Copy e-mails…", Line: true},
		deal{Path: "selected.csv", Label: "Export the selected as CSV", File: true})
}

// Deeds is what else can be done with many people.
func (d peoplePage) Deeds() []deal {
	first := deal{Path: "add-to", Label: "Add to projects and workspaces…"}
	if d.Filter.OnlyDeleted {
		first = deal{Path: "invite-again", Label: "Invite again…", Leads: true}
	}
	return []deal{
		first, {Path: "emails", Label: "Copy e-mails…", Line: true},
		{Path: "selected.csv", Label: "Export the selected as CSV", File: true},
	}
}
