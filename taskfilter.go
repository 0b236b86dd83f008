package roster

import "slices"

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
