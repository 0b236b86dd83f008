package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roster"
)

// selection is whom a bulk operation will be about: everybody who matches but
// the excluded, or the included. It is the wire's selector, carried from view
// to view in the address and the form, never as the ids of all who match.
// Everybody is said of filters of its own: the view may be narrowed by others.
type selection struct {
	All                bool
	Included, Excluded []int64
	Shown              []int64 // the rows that the form had boxes for
	Under              string  // the filters that All is said of, as an address says them
	Was                string  // the selection that this one took the place of, as a whole; "": none

	filter *memberFilter  // the same, as it is read
	away   bool           // the view is narrowed by other filters
	among  map[int64]bool // then: who on the page match those of the selection
}

// selection reads what was selected before, and the boxes of the rows that the
// form showed: those ticked, and those no longer.
func (v *visit) selection(f *memberFilter, at where) (s selection, err error) {
	if s, err = v.selected(f, at); err != nil {
		return s, err
	}
	switch instead := v.field("instead"); {
	case v.r.Method != http.MethodGet: // what takes the place of a selection is a view's
	case instead == "all":
		return everybody(f, s.whole()), nil
	case instead == "nobody":
		return selection{Was: s.whole()}, nil
	}
	s.Was = v.field("was")
	return s, nil
}

// selected reads the selection that the fields say, of a view with these filters.
func (v *visit) selected(f *memberFilter, at where) (s selection, err error) {
	s = v.ticked()
	s.filter, s.Under = f, f.query.Encode()
	if !s.All || !v.r.Form.Has("under") || v.field("under") == s.Under {
		return s, nil
	}
	if s.filter, err = v.under(v.field("under"), at); err != nil {
		return s, err
	}
	own := s.filter.query.Encode()
	s.away, s.Under = own != s.Under, own
	return s, nil
}

// everybody is the selection of all whom a view shows, in the place of another.
func everybody(f *memberFilter, was string) selection {
	return selection{All: true, Under: f.query.Encode(), Was: was, filter: f}
}

// ticked is what the fields of a form say of who is selected.
func (v *visit) ticked() (s selection) {
	s.All, s.Included, s.Excluded = v.field("all") == "1", v.ids("included"), v.ids("excluded")
	ticked, blank := parted(v.ids("shown"), v.ids("pick"))
	if s.All {
		s.Included, s.Excluded = nil, changed(s.Excluded, blank, ticked)
	} else {
		s.Included, s.Excluded = changed(s.Included, ticked, blank), nil
	}
	return s
}

// under reads the filters of a selection as those of a view are read.
func (v *visit) under(text string, at where) (*memberFilter, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, roster.InvalidField("under",
			"The address does not say whom the selection is of. Select again in the list. Nothing was changed.")
	}
	within := v.reading(values)
	if err := within.reads(filterFields.and(v.fieldsOf(at))); err != nil {
		return nil, err
	}
	return within.memberFilter(at)
}

// reading is the visit with other fields.
func (v *visit) reading(fields url.Values) *visit {
	within := *v
	within.r = v.r.WithContext(v.ctx())
	within.r.Form = fields
	return &within
}

// spread finds out who of those on a page match the filters of the selection, where the
// view has others: of(f) is who of them match f.
func (s *selection) spread(ids []int64, of func(f roster.MemberFilter) ([]int64, error)) error {
	if !s.away {
		return nil
	}
	s.among = map[int64]bool{}
	if len(ids) == 0 {
		return nil
	}
	f := s.filter.MemberFilter
	f.IDs = ids
	found, err := of(f)
	for _, id := range found {
		s.among[id] = true
	}
	return err
}

// Other reports whether a person is not among those whom the selection is of, so that they
// can be neither in it nor excepted.
func (s selection) Other(id int64) bool { return s.away && !s.among[id] }

// backSelected is the view that a form was sent from, with the boxes that are
// ticked in it now.
func (v *visit) backSelected() string {
	back := v.back()
	u, err := url.Parse(back)
	if err != nil || !v.r.Form.Has("shown") {
		return back
	}
	query := u.Query()
	for _, name := range slices.Concat(selectionFields, []string{"was", "instead"}) {
		query.Del(name)
	}
	s := v.ticked()
	filters := url.Values{}
	for name, values := range query {
		if _, paging := placeFields[name]; !paging {
			filters[name] = values
		}
	}
	s.Under = filters.Encode()
	if v.r.Form.Has("under") {
		s.Under = v.field("under")
	}
	s.add(query, filters.Encode())
	u.RawQuery = query.Encode()
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

// Has reports whether a person is selected, who can be.
func (s selection) Has(id int64) bool {
	if s.All {
		_, out := slices.BinarySearch(s.Excluded, id)
		return !out && !s.Other(id)
	}
	_, in := slices.BinarySearch(s.Included, id)
	return in
}

// selector is the selection as the operations take it.
func (s selection) selector() roster.Selector {
	if s.All {
		return roster.Selector{All: true, Excluded: s.Excluded, Filter: s.filter.MemberFilter}
	}
	if s.filter != nil && s.filter.OnlyDeleted && len(s.Included) > 0 { // who is named is not deleted
		return roster.Selector{All: true, Filter: roster.MemberFilter{IDs: s.Included, OnlyDeleted: true}}
	}
	return roster.Selector{Included: s.Included}
}

// Empty reports whether nobody can be selected.
func (s selection) Empty() bool { return !s.All && len(s.Included) == 0 }

// selectionFields are what an address says about a selection.
var selectionFields = []string{"all", "included", "excluded", "under"}

// with adds the selection to the address of a view, of which query has the filters.
func (s selection) with(query url.Values) url.Values {
	out := maps.Clone(query)
	s.add(out, query.Encode())
	return out
}

// add adds the selection to an address whose filters are these.
func (s selection) add(query url.Values, filters string) {
	if s.All {
		query.Set("all", "1")
		if s.Under != filters {
			query.Set("under", s.Under)
		}
	}
	if text := joined(s.Included); text != "" {
		query.Set("included", text)
	}
	if text := joined(s.Excluded); text != "" {
		query.Set("excluded", text)
	}
}

// whole is the selection as one text, whatever view it is shown in; "" for nobody.
func (s selection) whole() string {
	if s.Empty() {
		return ""
	}
	out := url.Values{}
	s.add(out, "\x00")
	return out.Encode()
}

// IncludedText and the others are the lists as a form holds them.
func (s selection) IncludedText() string { return joined(s.Included) }

// ExcludedText is who was taken out.
func (s selection) ExcludedText() string { return joined(s.Excluded) }

// ShownText is the rows with a box.
func (s selection) ShownText() string { return joined(s.Shown) }

func joined(ids []int64) string { return strings.Join(texts(ids), ",") }
