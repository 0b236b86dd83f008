package web

import (
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/app"
)

var displayRoutes = []route{
	{method: "GET", path: "/display", handle: (*visit).display},
	{method: "POST", path: "/display", handle: (*visit).setDisplay},
}

// listColumn is one of a list of people, besides their name.
type listColumn struct {
	Key   string
	Text  roster.Text
	Class string // from which width on it is shown
	Sorts bool
	usual bool                // shown to who chose nothing
	there func(at where) bool // the lists that have it; nil: all
}

// listColumns is all of them, in the usual order.
var listColumns = []listColumn{
	{Key: "role", Text: "Role", Class: "wide-only", Sorts: true, usual: true},
	{Key: "seat", Text: "Seat", Class: "widest-only", usual: true},
	{Key: "tags", Text: "Tags", Class: "wide-only", usual: true},
	{Key: "last_activity", Text: "Last activity", Class: "wide-only", Sorts: true, usual: true},
	{Key: "access", Text: "Access", Class: "wide-only", usual: true,
		there: func(at where) bool { return at.project != 0 }},
	{Key: "email", Text: "E-mail", Class: "wide-only", Sorts: true, there: func(at where) bool { return !at.names }},
	{Key: "since", Text: "In the organization since", Class: "wide-only", there: func(at where) bool { return !at.names }},
}

// The names of what people choose, as it is kept.
const (
	columnsChosen = "columns" // the keys of those shown, in order, with commas between; or none
	densityChosen = "density" // compact
	noColumns     = "none"
)

// preferred is a choice of the viewer's; "" is the usual.
func (v *visit) preferred(name string) string {
	if v.who == nil {
		return ""
	}
	return v.who.Preferences[name]
}

// shownColumns are the columns of a list that the viewer chose, in their order.
func (v *visit) shownColumns(at where) (shown []listColumn) {
	chosen := v.preferred(columnsChosen)
	for _, c := range orderedColumns(strings.Split(chosen, ",")) {
		on := chosen == "" && c.usual || slices.Contains(strings.Split(chosen, ","), c.Key)
		if on && (c.there == nil || c.there(at)) {
			if chosen != "" {
				c.Class = "wide-only"
			}
			shown = append(shown, c)
		}
	}
	return shown
}

// orderedColumns is every column, those with the given keys first and in their order.
func orderedColumns(keys []string) (all []listColumn) {
	add := func(c listColumn) {
		if !slices.ContainsFunc(all, func(other listColumn) bool { return other.Key == c.Key }) {
			all = append(all, c)
		}
	}
	for _, key := range keys {
		if i := slices.IndexFunc(listColumns, func(c listColumn) bool { return c.Key == key }); i >= 0 {
			add(listColumns[i])
		}
	}
	for _, c := range listColumns {
		add(c)
	}
	return all
}

// displayPage asks how lists look.
type displayPage struct {
	Columns []choice // in their order
	Compact bool
	Next    string
}

// display shows the form: as it was sent, with one column moved, or as it is kept.
func (v *visit) display() error {
	d := displayPage{Next: v.back()}
	keys, shown := v.r.Form["column"], v.r.Form["show"]
	density := v.field("density")
	if len(keys) == 0 {
		chosen := v.preferred(columnsChosen)
		density = v.preferred(densityChosen)
		keys = strings.Split(chosen, ",")
		if shown = keys; chosen == "" {
			shown = usualColumns()
		}
	}
	for _, c := range moved(orderedColumns(keys), v.field("up"), v.field("down")) {
		d.Columns = append(d.Columns, choice{c.Key, c.Text, slices.Contains(shown, c.Key)})
	}
	d.Compact = density == "compact"
	return v.show(http.StatusOK, "display.html", page{Title: "Columns and density", Data: d})
}

func usualColumns() (keys []string) {
	for _, c := range listColumns {
		if c.usual {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// moved is the columns with one of them a place further up or down.
func moved(all []listColumn, up, down string) []listColumn {
	for i := 1; i < len(all); i++ {
		if all[i].Key == up || all[i-1].Key == down {
			all[i-1], all[i] = all[i], all[i-1]
			break
		}
	}
	return all
}

func (v *visit) setDisplay() error {
	var shown []string
	for _, c := range orderedColumns(v.r.Form["column"]) {
		if slices.Contains(v.r.Form["show"], c.Key) {
			shown = append(shown, c.Key)
		}
	}
	chosen := strings.Join(shown, ",")
	switch {
	case len(shown) == 0:
		chosen = noColumns
	case slices.Equal(shown, usualColumns()):
		chosen = ""
	}
	return v.once(func(tx *app.App) (done, error) {
		if err := tx.Prefer(v.ctx(), columnsChosen, chosen); err != nil {
			return done{}, err
		}
		return done{To: v.back()}, tx.Prefer(v.ctx(), densityChosen, v.field("density"))
	})
}
