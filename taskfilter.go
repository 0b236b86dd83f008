package roster

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// TaskFilter narrows tasks by conditions, all of which must hold, or one when Any.
// Without conditions it matches every task.
type TaskFilter struct {
	Any        bool
	Conditions []TaskCondition
}

// TaskColumn is what a condition looks at.
type TaskColumn string

// The columns. Nobody completes a task in Roster, which keeps no annotations; a task's
// annotators are the people it is given to.
const (
	TaskID          TaskColumn = "id"
	TaskNumber      TaskColumn = "inner_id"
	TaskCompletedAt TaskColumn = "completed_at"
	TaskAnnotators  TaskColumn = "annotators"
	TaskData        TaskColumn = "data"
)

// TaskCondition compares a column with values: one, two for a range, any number for a
// list, none for Held and NotHeld.
type TaskCondition struct {
	Column  TaskColumn
	Key     string // which field of the data
	Is      Comparison
	Numbers bool // the values are numbers, and compared as such
	Values  []string
}

// Comparison is a way to compare what a column holds with the values of a condition.
type Comparison string

// The comparisons.
const (
	Equal          Comparison = "equal"
	NotEqual       Comparison = "not_equal"
	Greater        Comparison = "greater"
	GreaterOrEqual Comparison = "greater_or_equal"
	Less           Comparison = "less"
	LessOrEqual    Comparison = "less_or_equal"
	InList         Comparison = "in_list"
	NotInList      Comparison = "not_in_list"
	InRange        Comparison = "in"
	NotInRange     Comparison = "not_in"
	Contains       Comparison = "contains"
	NotContains    Comparison = "not_contains"
	StartsWith     Comparison = "starts_with"
	EndsWith       Comparison = "ends_with"
	Held           Comparison = "exists"
	NotHeld        Comparison = "not_exists"
)

// Uses reports whether a condition looks at one of the columns.
func (f TaskFilter) Uses(columns ...TaskColumn) bool {
	return slices.ContainsFunc(f.Conditions, func(c TaskCondition) bool { return slices.Contains(columns, c.Column) })
}

// Number is a number as it is compared: exactly where it is whole and not too large.
type Number struct {
	whole  int64
	exact  bool
	approx float64
}

// ParseNumber reads a decimal number, with or without an exponent. What only some
// programs read as one is none: nan, infinity, another base, a number out of range.
func ParseNumber(text string) (n Number, ok bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return n, false
	}
	whole, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return Number{whole, true, float64(whole)}, true
	}
	if n.approx, err = strconv.ParseFloat(text, 64); err != nil {
		return n, false
	}
	if n.exact = n.approx == math.Trunc(n.approx) && math.Abs(n.approx) < 1<<63; n.exact {
		n.whole = int64(n.approx)
	}
	return n, true
}

// Compare is less than, equal to or larger than 0, as n is to o. It orders all numbers:
// one that is not exact lies between two whole ones that float64 has, or beyond all.
func (n Number) Compare(o Number) int {
	if n.exact && o.exact {
		return cmp.Compare(n.whole, o.whole)
	}
	return cmp.Compare(n.approx, o.approx)
}
