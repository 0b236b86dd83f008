package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// query is SQL text and its arguments, appended together so that they cannot
// drift apart. Every "?" in the text takes the next argument.
type query struct {
	dialect *dialect
	text    strings.Builder
	whole   string // the text instead, where it never varies
	args    []any
	kept    bool // compiled once
}

// idList is an argument that binds a whole list of ids as one parameter. In
// the text it is written "expr = ANY ?"; idTable makes a table of it.
type idList struct {
	ids []int64
}

func (d *dialect) query(text string, args ...any) *query {
	return (&query{dialect: d}).add(text, args...)
}

// fixed is a query whose text numbers its parameters itself and never varies. Nothing
// can be added to it.
func (d *dialect) fixed(text string, args ...any) *query {
	return &query{dialect: d, whole: text, args: args}
}

// keep has q compiled once and kept: for texts that never vary and are asked
// all the time. SQLite takes as long to compile a small query as to answer it.
func (q *query) keep() *query {
	q.kept = true
	return q
}

// add appends text, with what it names of access written out, and each "?" replaced by a
// numbered parameter.
func (q *query) add(text string, args ...any) *query {
	text = said(text)
	for _, arg := range args {
		before, after, ok := strings.Cut(text, "?")
		if !ok {
			panic("store: more arguments than marks in " + text)
		}
		q.text.WriteString(before)
		q.text.WriteString(q.bind(arg))
		text = after
	}
	if strings.Contains(text, "?") {
		panic("store: fewer arguments than marks in " + text)
	}
	q.text.WriteString(text)
	return q
}

// bind adds an argument and returns the parameter that stands for it.
func (q *query) bind(arg any) string {
	if list, ok := arg.(idList); ok {
		arg = q.dialect.idsArg(list.ids)
	}
	q.args = append(q.args, arg)
	return "$" + strconv.Itoa(len(q.args))
}

// anyOf appends a condition that expr is one of ids.
func (q *query) anyOf(expr string, ids []int64) *query {
	q.text.WriteString(q.dialect.anyOf(expr, q.bind(idList{ids})))
	return q
}

// idTable appends a table expression with one column, id.
func (q *query) idTable(ids []int64) *query {
	q.text.WriteString(q.dialect.ids(q.bind(idList{ids})))
	return q
}

// appendOneOf appends a condition that expr is one of a few values (codes, not ids), of none
// of which it is nothing.
func appendOneOf[T ~string](q *query, expr string, values []T) *query {
	if len(values) == 0 {
		return q.add("1 = 0")
	}
	q.add(expr + " IN (")
	for i, value := range values {
		if i > 0 {
			q.add(", ")
		}
		q.add("?", string(value))
	}
	return q.add(")")
}

// String is the text, for plans and errors.
func (q *query) String() string { return cmp.Or(q.whole, q.text.String()) }

func trimMinus(order string) string { return strings.TrimPrefix(order, "-") }

// descending is the direction an order asks for.
func descending(order string) string {
	if strings.HasPrefix(order, "-") {
		return " DESC"
	}
	return ""
}

// distinct is ids sorted, each once.
func distinct(ids []int64) []int64 {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}
