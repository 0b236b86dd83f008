package gateway

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/limit"
)

// search is how somebody chooses and orders tasks: in the address, in a body,
// or by a tab that is used.
type search struct {
	filters  []filter // those within others, too
	and      bool     // all of them must hold
	ordering []string
	selected int // tasks picked, or left out, one by one
	tab      bool
}

// filter is one condition on a column.
type filter struct {
	column, operator string
	value            any
}

// What a question may hold. The upstream answers each of these within a few
// seconds on a project of thousands of tasks; far beyond them it stands still.
const (
	maxSearch   = 1 << 20 // bytes of a body that holds one
	maxFilters  = 30      // and values of lists that are looked for one by one
	maxJoined   = 2
	maxOrdering = 10
	maxSelected = 20_000
	maxListed   = 10_000 // values of lists that are looked up
	maxText     = 4_000  // characters
	maxPattern  = 200
	maxPairs    = 2_000_000
)

// operators are those of the upstream's screens and of its SDK.
var operators = []string{
	"equal", "not_equal", "less", "greater", "less_or_equal", "greater_or_equal", "in", "not_in", "in_list", "not_in_list",
	"empty", "contains", "not_contains", "regex",
}

// linear are the patterns that are looked for in time that grows with the text
// alone: each character, escape or class stands for one character. Repetitions
// and groups are what makes Python try every way to split a text.
var linear = regexp.MustCompile(`^(?:[^\\()\[\]{}*+?]|` + escaped + `|` + class + `)*$`)

const (
	escaped = `\\[[:punct:]dDwWsS]`
	class   = `\[\^?(?:[^\\\[\]^]|` + escaped + `)(?:[^\\\[\]]|` + escaped + `)*\]`
)

// searches refuses to choose or order tasks by what others did, to people who do
// not review: which tasks come, and when, would tell it. And it refuses what
// would take the upstream so long that everybody waits.
func (f *flight) searches() error {
	if !f.rule.questions {
		return nil
	}
	asked, err := f.questions()
	if err != nil {
		return err
	}
	for _, q := range asked {
		if err := f.answerable(q); err != nil {
			return err
		}
	}
	return nil
}

// questions are all those that a request asks, whichever the upstream would hear.
func (f *flight) questions() (asked []search, err error) {
	if f.sought, err = f.inAddress(); err != nil {
		return nil, err
	}
	if f.body != nil && f.body.list {
		return nil, badJSON
	}
	documents := []map[string]any{f.sought}
	for _, o := range f.objects() {
		documents = append(documents, o.document())
	}
	for _, doc := range documents {
		q := search{}
		if err := q.read(doc); err != nil {
			return nil, err
		}
		asked = append(asked, q)
	}
	ids, err := f.tabs()
	for _, id := range ids {
		q := search{tab: true}
		if f.tab, err = f.tabOf(id); err == nil {
			err = q.read(f.tab)
		}
		if err != nil {
			return nil, err
		}
		asked = append(asked, q)
	}
	return asked, err
}

// inAddress is the question in the address; nil when there is none.
func (f *flight) inAddress() (map[string]any, error) {
	text := f.query.get("query")
	if text == "" {
		return nil, nil
	}
	unescaped, err := url.PathUnescape(text) // the upstream decodes it once more
	if err != nil {
		return nil, unreadable("query")
	}
	if len(unescaped) > maxSearch {
		return nil, roster.InvalidField("query", "Must be at most %d bytes. Nothing was done.", maxSearch)
	}
	if err := limit.Weigh(f.r, roster.Values(unescaped)); err != nil {
		return nil, err
	}
	c, err := parse([]byte(unescaped))
	if err != nil || c.list {
		return nil, roster.InvalidField("query", "Must be a JSON object. Nothing was done.")
	}
	return c.objects[0].document(), nil
}

// tabs are the tabs by which a request has tasks chosen.
func (f *flight) tabs() (ids []int64, err error) {
	if id, ok := parseID(f.query.get("view")); ok {
		ids = append(ids, id)
	}
	for _, o := range f.objects() {
		options, _ := o.within("task_filter_options") // of an export; what is no object has no tab
		for _, from := range []object{o, options} {
			raw, _ := from.get("view")
			id, err := number(raw)
			if err != nil {
				return nil, roster.InvalidField("view", "Must be an id. Nothing was done.")
			}
			if id != 0 {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// objects are those of the body.
func (f *flight) objects() []object {
	if f.body == nil {
		return nil
	}
	return f.body.objects
}

// tabOf reads a tab of the request's project as it is now.
func (f *flight) tabOf(id int64) (map[string]any, error) {
	what, err := f.resolve(reference{kind: "view", id: id})
	if err == nil && what.project != f.project {
		err = notFound
	}
	if err != nil {
		return nil, err
	}
	f.refund()
	var tab struct {
		Data json.RawMessage `json:"data"`
	}
	if err := f.ask("/api/dm/views/"+formatID(id)+"/", nil, &tab); err != nil {
		return nil, err
	}
	doc, _ := decoded(tab.Data).(map[string]any)
	return doc, nil
}

// asked is the question that the upstream would hear of a request without a body.
func (f *flight) asked() map[string]any {
	if f.tab != nil {
		return f.tab
	}
	return f.sought
}

// document is the object as values of Go.
func (o object) document() map[string]any {
	doc := map[string]any{}
	for _, m := range o {
		doc[m.name] = decoded(m.value)
	}
	return doc
}

// decoded reads JSON that was found valid, its numbers as they are written.
func decoded(raw json.RawMessage) (v any) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// read takes a question out of a document: its own fields, and those of its data
// where it is a tab.
func (q *search) read(doc map[string]any) error {
	data, isObject := doc["data"].(map[string]any)
	good := isObject || doc["data"] == nil
	for _, part := range []map[string]any{doc, data} {
		good = good && q.readFilters(part["filters"]) && q.readFilters(part["filter_group"]) &&
			q.readOrdering(part["ordering"]) && q.readSelection(part["selectedItems"]) && q.readSelection(part["selected_items"])
	}
	if !good {
		return q.refused(roster.Invalid, "This is no question for tasks that Label Studio's screens ask. "+
			"Send filters with conjunction and items, each with filter, operator, type and value, and at most one "+
			"child_filter; ordering as a list of columns; "+
			"and selectedItems with all, included and excluded.")
	}
	return nil
}

// empty reports whether a field holds nothing: the upstream has {} for no list.
func empty(v any) bool {
	o, ok := asObject(v)
	return v == nil || ok && len(o) == 0
}

// only reports whether an object has no other fields than these.
func only(o map[string]any, names ...string) bool {
	for name := range o {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func (q *search) readFilters(v any) bool {
	group, ok := asObject(v)
	if empty(v) {
		return true
	}
	if !ok || !only(group, "conjunction", "items", "filters") ||
		!slices.Contains([]any{nil, "and", "or"}, group["conjunction"]) {
		return false
	}
	q.and = q.and || group["conjunction"] != "or"
	for _, name := range []string{"items", "filters"} {
		list, ok := group[name].([]any)
		if !ok && group[name] != nil || slices.ContainsFunc(list, func(item any) bool { return !q.readFilter(item, true) }) {
			return false
		}
	}
	return true
}

// readFilter reads a filter, and the one within it where it may have one.
func (q *search) readFilter(v any, parent bool) bool {
	o, ok := asObject(v)
	if !ok || !only(o, "filter", "column", "operator", "type", "value", "child_filter", "index") {
		return false
	}
	column, stated := o["filter"].(string)
	if !stated { // as tabs are stored
		column, _ = o["column"].(string)
	}
	if stated && o["column"] != nil {
		return false
	}
	operator, _ := o["operator"].(string)
	q.filters = append(q.filters, filter{strings.TrimPrefix(column, "filter:tasks:"), operator, o["value"]})
	child := o["child_filter"]
	return strings.HasPrefix(column, "filter:tasks:") && (child == nil || parent && q.readFilter(child, false))
}

func (q *search) readOrdering(v any) bool {
	list, ok := v.([]any)
	for _, item := range list {
		text, isText := item.(string)
		text, down := strings.CutPrefix(text, "-")
		text = strings.TrimPrefix(text, "tasks:")
		if !down {
			text = strings.TrimPrefix(text, "-")
		}
		q.ordering = append(q.ordering, text)
		ok = ok && isText
	}
	return ok || empty(v)
}

// readSelection reads which tasks were picked; the upstream takes it as text, too.
func (q *search) readSelection(v any) bool {
	if text, ok := v.(string); ok {
		c, err := parse([]byte(text))
		return err == nil && !c.list && q.readSelection(c.objects[0].document())
	}
	o, ok := asObject(v)
	for _, name := range []string{"included", "excluded"} {
		list, isList := o[name].([]any)
		q.selected += len(list)
		ok = ok && (isList || o[name] == nil)
	}
	return ok || v == nil
}

// refused is an error about a question, which says so where a tab asks it.
func (q *search) refused(kind roster.Kind, format string, args ...any) error {
	if q.tab {
		format += " It is this tab that asks so: open another one, or change it."
	}
	return roster.Errorf(kind, format+" Nothing was done.", args...)
}

// answerable refuses a question that the person may not ask, or that would take
// the upstream too long.
func (f *flight) answerable(q search) error {
	for _, by := range q.filters {
		if !f.chooses(by) {
			return f.unseen(q, by.column)
		}
	}
	for _, column := range q.ordering {
		if !f.orders(column) {
			return f.unseen(q, column)
		}
	}
	for _, by := range q.filters {
		if err := q.quick(by); err != nil {
			return err
		}
	}
	if err := q.bounded(); err != nil {
		return err
	}
	return f.comparable(q)
}

// unseen refuses a column.
func (f *flight) unseen(q search, column string) error {
	if f.reviews || strings.HasPrefix(column, "data.") { // to reviewers likewise
		return q.refused(roster.Invalid, "Tasks are not chosen or ordered by %.100q. "+
			"Use a column that the list of tasks shows, such as tasks:id or tasks:data.text.", column)
	}
	return q.refused(roster.Forbidden, "Only reviewers choose or order tasks by %.100q, which may tell what others did. "+
		"Use another column of the list; of the annotators you can look for yourself alone.", column)
}

// quick refuses a filter that the upstream has no quick answer to.
func (q *search) quick(by filter) error {
	pattern, isText := by.value.(string)
	switch {
	case !slices.Contains(operators, by.operator):
		return q.refused(roster.Invalid, "Label Studio has no operator %.50q. It has %s.", by.operator,
			strings.Join(operators, ", "))
	case !plainValue(by.value):
		return q.refused(roster.Invalid, "A filter's value is a text of up to %d characters, a number, true or false, "+
			"a list of such, or min and max.", maxText)
	case by.operator == "regex" && (!isText || utf8.RuneCountInString(pattern) > maxPattern ||
		!linear.MatchString(pattern)):
		return q.refused(roster.Invalid,
			"A regex can hold up Label Studio for everybody, so it may repeat and group nothing: up to %d characters, "+
				"escapes, [classes], ^, $, . and | pass; * + ? { } ( ) do not. Use contains, or several filters.", maxPattern)
	}
	return nil
}

// plainValue reports whether a value is of the kinds that the screens send.
func plainValue(v any) bool {
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !single(item) })
	case map[string]any:
		return only(v, "min", "max") && single(v["min"]) && single(v["max"])
	}
	return single(v)
}

func single(v any) bool {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v) <= maxText
	case []any, map[string]any:
		return false
	}
	return true
}

// multiplying are the columns for which the upstream joins another table each time
// that all of several filters must hold: the rows multiply.
var multiplying = []string{annotatorsColumn, "annotations_ids", "annotations_results", "predictions_results",
	"predictions_model_versions"}

// bounded refuses a question that is too large.
func (q *search) bounded() error {
	filters, joins, listed := 0, 0, 0
	for _, by := range q.filters {
		list, _ := by.value.([]any)
		filters++
		if strings.HasSuffix(by.operator, "in_list") {
			listed += len(list)
		} else {
			filters += len(list) // one by one
		}
		if slices.Contains(multiplying, by.column) && !strings.HasPrefix(by.operator, "not_") {
			joins++
		}
	}
	for _, bound := range []struct {
		n, most int
		what    string
	}{
		{filters, maxFilters, "filters and values that are looked for one by one"},
		{listed, maxListed, "values in lists"},
		{len(q.ordering), maxOrdering, "columns to order by"},
		{q.selected, maxSelected, "tasks picked one by one"},
	} {
		if bound.n > bound.most {
			return q.refused(roster.Invalid,
				"A question for tasks holds up to %d %s, and this one %d. Ask in parts, or by a filter.",
				bound.most, bound.what, bound.n)
		}
	}
	if q.and && joins > maxJoined {
		return q.refused(roster.Invalid,
			"Up to %d filters on %s can all have to hold. Let one of them be enough (or), or ask in parts.",
			maxJoined, strings.Join(multiplying, ", "))
	}
	return nil
}

// comparable refuses to look through the answers of a large project by contains:
// the upstream may compare every task with every annotation of the project.
func (f *flight) comparable(q search) error {
	if !slices.ContainsFunc(q.filters, func(by filter) bool {
		return by.column == "annotations_results" && strings.HasSuffix(by.operator, "contains")
	}) {
		return nil
	}
	var project struct {
		Tasks       int64 `json:"task_number"`
		Annotations int64 `json:"total_annotations_number"`
	}
	err := f.ask("/api/projects/"+formatID(f.project)+"/",
		url.Values{"include": {"id,task_number,total_annotations_number"}}, &project)
	if err == nil && project.Tasks*project.Annotations > maxPairs {
		err = q.refused(roster.Invalid,
			"Among %d tasks and %d annotations, contains on annotations_results can hold up Label Studio "+
				"for everybody. Use regex with the same text, which looks at each annotation once.", project.Tasks,
			project.Annotations)
	}
	return err
}
