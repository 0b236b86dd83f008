package lsapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roster"
)

// This file reads which tasks a bulk operation is about: as much of the Data Manager's
// grammar as concerns what Roster knows of tasks (contract 3.21). What is not understood
// is refused, with the condition named: passed over, it would turn some tasks into all.

// taskSelectorSent is selectedItems and filters.
type taskSelectorSent struct{ roster.TaskSelector }

func (s *taskSelectorSent) read(r *request, _ field) {
	s.TaskSelector = r.body().taskSelector()
}

func (s *taskSelectorSent) fields(field) []field {
	object := reflect.TypeFor[map[string]any]()
	return []field{
		{
			in: "body", name: "selectedItems", typ: object, required: true,
			text: "Which tasks: all with excluded, or included.",
		},
		{
			in: "body", name: "filters", typ: object, null: true,
			text: "conjunction and items, at most 100, by filter:tasks: with id, inner_id, data.…, " +
				"annotators (whom a task is given to) or completed_at (no task is). What is not understood " +
				"is refused, and names the condition. Of a project behind a gate, by id and annotators.",
		},
	}
}

// taskSelector reads selectedItems and filters.
func (b *body) taskSelector() roster.TaskSelector {
	var s roster.TaskSelector
	if b.require("selectedItems") {
		if items := b.object("selectedItems"); items != nil {
			items.require("all")
			s = roster.TaskSelector{All: items.flag("all"), Included: items.ids("included"), Excluded: items.ids("excluded")}
			items.nothingElse()
			b.adopt("selectedItems", items)
		}
	}
	if filters := b.object("filters"); filters != nil {
		s.Filter = filters.taskFilter()
		filters.nothingElse()
		b.adopt("filters", filters)
	}
	return s
}

func (b *body) taskFilter() roster.TaskFilter {
	conjunction := ""
	if b.require("conjunction") {
		conjunction = b.choice("conjunction", "and", "or")
	}
	b.require("items")
	f := roster.TaskFilter{Any: conjunction == "or"}
	for item := range b.objects("items") {
		n := len(f.Conditions)
		if n == roster.MostConditions {
			b.bad("items", fmt.Sprintf("A filter has at most %d conditions. Nothing was changed.", roster.MostConditions))
			break
		}
		f.Conditions = append(f.Conditions, item.taskCondition())
		item.nothingElse()
		b.adopt(strings.TrimSpace(fmt.Sprintf("items[%d] %s", n, item.string("filter", 1000))), item)
	}
	return f
}

// choice is a field that is one of these texts, as they are spelt.
func (b *body) choice(name string, texts ...string) string {
	text := b.string(name, 64)
	if !slices.Contains(texts, text) {
		b.bad(name, fmt.Sprintf("%q is not a valid choice. It is one of %s.", text, strings.Join(texts, ", ")))
	}
	return text
}

// taskCondition reads one condition. Where its column, its type or its operator is not
// known, nobody can tell whether its value is right.
func (b *body) taskCondition() (c roster.TaskCondition) {
	for _, name := range []string{"child_filter", "child_filters"} {
		if b.has(name) && !b.isShown(name, nil) {
			b.bad(name, "Roster has no nested filters.")
		}
	}
	b.has("operator")
	b.has("value")
	c.Column, c.Key = b.taskColumn()
	types := comparisons[c.Column]
	if !b.require("type") || types == nil {
		return c
	}
	kind := b.choice("type", slices.Sorted(maps.Keys(types))...)
	if types[kind] == nil || !b.require("operator") {
		return c
	}
	c.Numbers = kind == "Number" || kind == "List"
	if c.Is = b.comparison(types[kind]); c.Is == "" || slices.Contains(held, c.Is) || !b.require("value") {
		return c
	}
	value := valueTypes[kind]
	if kind == "Number" && c.Column != roster.TaskData {
		value = wholeNumber
	}
	c.Values = b.conditionValues(c.Is, value)
	return c
}

// taskColumn is what a condition looks at: one of the columns, or a field of the data.
func (b *body) taskColumn() (column roster.TaskColumn, key string) {
	name, ok := strings.CutPrefix(b.string("filter", 1000), "filter:tasks:")
	if field, inData := strings.CutPrefix(name, "data."); ok && inData && field != "" {
		return roster.TaskData, field
	}
	column = roster.TaskColumn(name)
	if !ok || comparisons[column] == nil || column == roster.TaskData {
		b.bad("filter", "Roster filters tasks by filter:tasks: with id, inner_id, data.…, annotators or completed_at.")
		return "", ""
	}
	return column, ""
}

var (
	equals  = []roster.Comparison{roster.Equal, roster.NotEqual}
	ordered = slices.Concat(equals, []roster.Comparison{
		roster.Greater, roster.GreaterOrEqual, roster.Less, roster.LessOrEqual, roster.InRange, roster.NotInRange,
	})
	listed    = []roster.Comparison{roster.InList, roster.NotInList}
	contained = []roster.Comparison{roster.Contains, roster.NotContains}
	ends      = []roster.Comparison{roster.StartsWith, roster.EndsWith}
	held      = []roster.Comparison{roster.Held, roster.NotHeld}
	texts     = slices.Concat(ordered, listed, contained, ends, held)
	// comparisons are what each column can be compared by, under each type that its
	// values can have.
	comparisons = map[roster.TaskColumn]map[string][]roster.Comparison{
		roster.TaskID:          {"Number": slices.Concat(ordered, listed)},
		roster.TaskNumber:      {"Number": slices.Concat(ordered, listed)},
		roster.TaskCompletedAt: {"Datetime": slices.Concat(ordered, held)},
		roster.TaskAnnotators:  {"List": slices.Concat(equals, listed, contained, held)},
		roster.TaskData: {
			"String": texts, "Unknown": texts, "Number": slices.Concat(ordered, listed, held),
			"Boolean": slices.Concat(equals, held),
		},
	}
)

// comparison reads the operator, and the value of one that asks whether there is
// anything: empty, as the Data Manager itself asks, has one.
func (b *body) comparison(possible []roster.Comparison) roster.Comparison {
	operators := each(possible, func(c roster.Comparison) string { return string(c) })
	if slices.Contains(possible, roster.Held) {
		operators = append(operators, "empty")
	}
	is := roster.Comparison(b.choice("operator", operators...))
	switch {
	case !slices.Contains(operators, string(is)):
		return ""
	case is == "empty" && (!b.require("value") || b.flag("value")):
		return roster.NotHeld
	case is == "empty":
		return roster.Held
	case slices.Contains(held, is) && !slices.Contains([]string{"", "null", `""`, "true"}, string(b.fields["value"])):
		b.bad("value", "This operator takes no value. Leave it out.")
	}
	return is
}

// valueType is what the values of a type are.
type valueType struct {
	free    bool                        // any text: blanks and commas are its own
	is      func(text string) bool      // whether a text is such a value
	problem string                      // what is said of others
	compare func(one, other string) int // which of two comes first
}

var (
	freeText = valueType{true, isSomething, "This may not be empty. To ask for that, use the operator empty.",
		strings.Compare}
	wholeNumber = valueType{false, isWhole, "A valid integer is required.", compareNumbers}
	// valueTypes are those of the columns; a number in the data need not be whole.
	valueTypes = map[string]valueType{
		"String":  freeText,
		"Unknown": freeText,
		"Number":  {false, isNumber, "A valid number is required.", compareNumbers},
		"List":    wholeNumber,
		"Datetime": {false, isMoment, "Datetime has wrong format. Use ISO 8601, such as 2026-01-31T12:00:00Z.",
			compareMoments},
		"Boolean": {false, isTruth, "Must be true or false.", strings.Compare},
	}
)

func isSomething(text string) bool { return strings.TrimSpace(text) != "" }

func isTruth(text string) bool { return text == "true" || text == "false" }

func isNumber(text string) bool { _, ok := roster.ParseNumber(text); return ok }

func isWhole(text string) bool { _, err := strconv.ParseInt(text, 10, 64); return err == nil }

func isMoment(text string) bool { _, err := roster.ParseMoment(text); return err == nil }

func compareNumbers(one, other string) int {
	a, _ := roster.ParseNumber(one)
	b, _ := roster.ParseNumber(other)
	return a.Compare(b)
}

func compareMoments(one, other string) int {
	a, _ := roster.ParseMoment(one)
	b, _ := roster.ParseMoment(other)
	return a.Compare(b)
}

// conditionValues reads the values of a condition: both ends of a range, a list, or one.
func (b *body) conditionValues(is roster.Comparison, v valueType) (out []string) {
	switch is {
	case roster.InRange, roster.NotInRange:
		return b.bounds(v)
	case roster.InList, roster.NotInList:
		out = b.listed(v)
	default:
		out = []string{b.scalar("value", b.fields["value"], v)}
	}
	return out
}

// scalar is the text of one value.
func (b *body) scalar(name string, raw json.RawMessage, v valueType) string {
	text, ok := scalarText(raw)
	if !v.free {
		text = strings.TrimSpace(text)
	}
	switch {
	case !ok:
		b.bad(name, "Takes one value: a text, a number, true or false.")
	case !v.is(text):
		b.bad(name, v.problem)
	}
	return text
}

// scalarText is the text of a JSON value that is neither null nor made of others.
func scalarText(raw json.RawMessage) (text string, ok bool) {
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '[' || raw[0] == '{' || raw[0] == 'n':
		return "", false
	case raw[0] == '"':
		return text, json.Unmarshal(raw, &text) == nil
	}
	return string(raw), true
}

// listed is the values of a list, at least one; those of numbers may be a text with
// commas between.
func (b *body) listed(v valueType) (out []string) {
	var items []json.RawMessage
	if text, ok := scalarText(b.fields["value"]); ok && !v.free {
		for part := range strings.SplitSeq(text, ",") {
			quoted, _ := json.Marshal(part)
			items = append(items, quoted)
		}
	} else if ok || json.Unmarshal(b.fields["value"], &items) != nil || len(items) == 0 {
		b.bad("value", "Takes a list with at least one value.")
	}
	if len(items) > roster.MostIDs {
		b.bad("value", roster.TooManyIDs)
		return nil
	}
	for _, item := range items {
		out = append(out, b.scalar("value", item, v))
	}
	return out
}

// bounds is both ends of a range.
func (b *body) bounds(v valueType) []string {
	ends := b.object("value")
	if ends == nil {
		return nil
	}
	var low, high string
	if ends.require("min") && ends.require("max") {
		low, high = ends.scalar("min", ends.fields["min"], v), ends.scalar("max", ends.fields["max"], v)
	}
	ends.nothingElse()
	if len(ends.errs) == 0 && v.compare(low, high) > 0 {
		ends.bad("max", "Must not be less than min.")
	}
	b.adopt("value", ends)
	return []string{low, high}
}
