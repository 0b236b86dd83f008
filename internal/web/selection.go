package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"roster"
)

// selection is whom a bulk operation will be about: everybody who matches but
// the excluded, or the included. It is the wire's selector, carried from view
// to view in the address and the form, never as the ids of all who match.
type selection struct {
	All                bool
	Included, Excluded []int64
	Shown              []int64 // the rows that the form had boxes for
	Under              string  // the filters that All was chosen under
}

// selection reads what was selected before, and the boxes of the rows that the
// form showed: those ticked, and those no longer. Everybody who matches is
// said of the filters of then; under others the selection begins anew.
func (v *visit) selection(query url.Values) selection {
	s := selection{All: v.field("all") == "1", Included: v.ids("included"), Excluded: v.ids("excluded"), Under: query.Encode()}
	if v.r.Form.Has("under") && v.field("under") != s.Under && s.All {
		return selection{Under: s.Under}
	}
	shown := v.ids("shown")
	ticked, blank := parted(shown, v.ids("pick"))
	if s.All {
		s.Included, s.Excluded = nil, changed(s.Excluded, blank, ticked)
	} else {
		s.Included, s.Excluded = changed(s.Included, ticked, blank), nil
	}
	return s
}

// backSelected is the view that a form was sent from, with the boxes that are
// ticked in it now.
func (v *visit) backSelected() string {
	back := v.back()
	u, err := url.Parse(back)
	under, err2 := url.ParseQuery(v.field("under"))
	if err != nil || err2 != nil || !v.r.Form.Has("shown") {
		return back
	}
	query := u.Query()
	for _, name := range selectionFields {
		query.Del(name)
	}
	u.RawQuery = v.selection(under).with(query).Encode()
	return u.RequestURI()
}

// parted is which of ids are in an ascending list, and which are not.
func parted(ids, list []int64) (in, out []int64) {
	for _, id := range ids {
		if _, found := slices.BinarySearch(list, id); found {
			in = append(in, id)
		} else {
			out = append(out, id)
		}
	}
	return in, out
}

// changed is an ascending list with some ids more and some, ascending too, less:
// in one go, because a form can hold as many as the list.
func changed(ids, more, less []int64) []int64 {
	all := slices.Concat(ids, more)
	slices.Sort(all)
	_, left := parted(slices.Compact(all), less)
	return left
}

// Has reports whether a person is selected, who matches.
func (s selection) Has(id int64) bool {
	if s.All {
		_, out := slices.BinarySearch(s.Excluded, id)
		return !out
	}
	_, in := slices.BinarySearch(s.Included, id)
	return in
}

// selector is the selection as the operations take it.
func (s selection) selector(f roster.MemberFilter) roster.Selector {
	if s.All {
		return roster.Selector{All: true, Excluded: s.Excluded, Filter: f}
	}
	return roster.Selector{Included: s.Included}
}

// Empty reports whether nobody can be selected.
func (s selection) Empty() bool { return !s.All && len(s.Included) == 0 }

// count is how many people are selected, of so many who match; ask is asked
// only where that does not say it.
func (s selection) count(matching int, ask func() (int, error)) (int, error) {
	switch {
	case s.Empty():
		return 0, nil
	case s.All && len(s.Excluded) == 0:
		return matching, nil
	}
	return ask()
}

// selectionFields are what an address says about a selection.
var selectionFields = []string{"all", "included", "excluded"}

// with adds the selection to the address of a view.
func (s selection) with(query url.Values) url.Values {
	query = maps.Clone(query)
	if s.All {
		query.Set("all", "1")
	}
	if text := joined(s.Included); text != "" {
		query.Set("included", text)
	}
	if text := joined(s.Excluded); text != "" {
		query.Set("excluded", text)
	}
	return query
}

// IncludedText and the others are the lists as a form holds them.
func (s selection) IncludedText() string { return joined(s.Included) }

// ExcludedText is who was taken out.
func (s selection) ExcludedText() string { return joined(s.Excluded) }

// ShownText is the rows with a box.
func (s selection) ShownText() string { return joined(s.Shown) }

func joined(ids []int64) string { return strings.Join(texts(ids), ",") }
