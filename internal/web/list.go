package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
)

// list is one page of a list and the addresses of its neighbours: everything
// about a view is in its address, so that it can be shared and reloaded.
type list struct {
	path  string     // of the view
	query url.Values // what the view shows, but for page
	sorts []string   // the columns that sort
	usual roster.Page
	roster.Page
	Total int

	pageField string // what the number of the page is called; "": page
}

// pageSizes is how many rows a page can have.
var pageSizes = []int{25, 50, 100, 250, 500}

// list reads which page of a list is asked for. What nobody could have chosen
// on the page falls back to what is usual: orders are the columns that sort,
// the first of them by itself; "-" in front of it is descending.
func (v *visit) list(query url.Values, orders ...string) list {
	l := list{path: v.r.URL.Path, query: maps.Clone(query), sorts: orders,
		usual: roster.Page{Number: 1, Size: 50, Order: orders[0]}}
	l.Page = l.usual
	if n, err := strconv.Atoi(v.field("page")); err == nil && n > 0 && n < 1<<31 {
		l.Number = n
	}
	if n, err := strconv.Atoi(v.field("size")); err == nil && n > 0 {
		l.Size = min(max(n, pageSizes[0]), pageSizes[len(pageSizes)-1])
	}
	order := v.field("order")
	if slices.ContainsFunc(orders, func(o string) bool {
		return strings.TrimPrefix(o, "-") == strings.TrimPrefix(order, "-")
	}) {
		l.Order = order
	}
	return l
}

// past reports whether the page lies behind the last one, and goes to that.
func (l *list) past() bool {
	if l.Offset() < l.Total || l.Number == 1 {
		return false
	}
	l.Number = max(1, l.pages())
	return true
}

func (l list) pages() int { return (l.Total + l.Size - 1) / l.Size }

// Path is the address of the list, whatever it shows.
func (l list) Path() string { return l.path }

// URL is the address of this view.
func (l list) URL() string { return l.at(l.Page) }

// Export is the address of the view as a CSV file. It is made whole here: a
// template would take a query that it is handed for one value, and escape it.
func (l list) Export() string {
	_, query, _ := strings.Cut(l.URL(), "?")
	return strings.TrimSuffix(l.path+".csv?"+query, "?")
}

// Display is the address that asks for the columns of a list of people; "" where none can
// be chosen. f is the filter of the list.
func (l list) Display(f any) string {
	people, ok := f.(*memberFilter)
	if !ok || people.Views == "" {
		return ""
	}
	return strings.TrimSuffix(people.Views, "/views") + "/display?" + url.Values{"next": {l.URL()}}.Encode()
}

// With is the address of the view with another value of one field.
func (l list) With(name, value string) string {
	l.query = maps.Clone(l.query)
	l.query.Set(name, value)
	return l.at(roster.Page{Number: 1, Size: l.Size, Order: l.Order})
}

// Saved is which saved view this is; "" for none.
func (l list) Saved() string { return l.query.Get("view") }

// Viewed is the address of the page at path that keeps this view under a name.
func (l list) Viewed(path string) string {
	return path + "?" + url.Values{"address": {l.at(roster.Page{Number: 1, Size: l.usual.Size, Order: l.Order})}}.Encode()
}

func (l list) at(p roster.Page) string {
	query := maps.Clone(l.query)
	if query == nil {
		query = url.Values{}
	}
	set := func(name, value, usual string) {
		query.Del(name)
		if value != usual {
			query.Set(name, value)
		}
	}
	set("order", p.Order, l.usual.Order)
	set("size", strconv.Itoa(p.Size), strconv.Itoa(l.usual.Size))
	set(cmp.Or(l.pageField, "page"), strconv.Itoa(p.Number), "1")
	if text := query.Encode(); text != "" {
		return l.path + "?" + text
	}
	return l.path
}

// Drop is the address of the view without one value of a filter.
func (l list) Drop(c chip) string {
	filters := l.filters()
	filters[c.name] = slices.DeleteFunc(slices.Clone(filters[c.name]), func(v string) bool { return v == c.value })
	return l.narrowed(filters)
}

// Bare is the address of the view without any filter.
func (l list) Bare() string { return l.narrowed(url.Values{}) }

// filters is what narrows the view.
func (l list) filters() url.Values {
	out := url.Values{}
	for name, values := range l.query {
		if !slices.Contains(selectionFields, name) {
			out[name] = values
		}
	}
	return out
}

// narrowed is the address of a view with other filters. Who is selected stays so: everybody
// who matched is said of the filters of then.
func (l list) narrowed(filters url.Values) string {
	query := maps.Clone(filters)
	for _, name := range selectionFields {
		if l.query.Has(name) {
			query[name] = l.query[name]
		}
	}
	if l.query.Get("all") != "" && !l.query.Has("under") {
		query.Set("under", l.filters().Encode())
	}
	if query.Has("under") && query.Get("under") == filters.Encode() {
		query.Del("under")
	}
	l.query = query
	return l.at(roster.Page{Number: 1, Size: l.Size, Order: l.Order})
}

// Sort is the address of the view sorted by a column; the other way round when
// it is already.
func (l list) Sort(key string) string {
	order := key
	if l.Order == key {
		order = "-" + key
	}
	return l.at(roster.Page{Number: 1, Size: l.Size, Order: order})
}

// Sorts reports whether a column sorts.
func (l list) Sorts(key string) bool { return slices.Contains(l.sorts, key) }

// SortedBy is ascending or descending for the column that the list is sorted
// by, and "" for the others.
func (l list) SortedBy(key string) string {
	switch l.Order {
	case key:
		return "ascending"
	case "-" + key:
		return "descending"
	}
	return ""
}

// Range says which rows of how many the page shows.
func (l list) Range() roster.Text {
	if l.Total == 0 {
		return "None"
	}
	last := min(l.Offset()+l.Size, l.Total)
	return sentence(counted(l.Total, "1 in all", "{first}–{last} of %s"), "first", l.Offset()+1, "last", last)
}

// Where says which page it is.
func (l list) Where() roster.Text {
	return sentence("Page {n} of {all}", "n", l.Number, "all", l.pages())
}

// Several reports whether there is more than one page.
func (l list) Several() bool { return l.pages() > 1 }

// Previous and Next are the addresses of the neighbours; "" where there is none.
func (l list) Previous() string { return l.neighbour(-1) }

// Next is the page after this one.
func (l list) Next() string { return l.neighbour(1) }

func (l list) neighbour(step int) string {
	if n := l.Number + step; n >= 1 && n <= l.pages() {
		return l.at(roster.Page{Number: n, Size: l.Size, Order: l.Order})
	}
	return ""
}

// pageSize is one choice of how many rows a page has.
type pageSize struct {
	Number  int
	URL     string
	Current bool
}

// Sizes is the choices; none where every row fits the smallest page.
func (l list) Sizes() []pageSize {
	if l.Total <= pageSizes[0] || l.pageField != "" { // a list in a question has one size
		return nil
	}
	var sizes []pageSize
	for _, n := range pageSizes {
		sizes = append(sizes, pageSize{n, l.at(roster.Page{Number: 1, Size: n, Order: l.Order}), n == l.Size})
	}
	return sizes
}

// tidies reports whether a browser without script sent the boxes of a view as
// a query: the view's own address says the same, and can be shared. It does not
// say which tag is looked for.
func (v *visit) tidies() bool {
	return !v.inPage() && v.r.URL.Query().Has("shown") && v.field("tagfind") == ""
}
