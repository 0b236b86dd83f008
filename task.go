package roster

import "time"

// Task is a piece of work in a project, as much of it as assignment needs.
type Task struct {
	ID        int64
	ProjectID int64
	Number    int64  // in its project: one more than the largest there; 0 in a mirror
	Data      string // JSON object
	CreatedAt time.Time
	UpdatedAt time.Time
	Given     *TaskGiven // nil where nobody asked
}

// TaskGiven is whom a task is given to now, each list in the order it came to them.
type TaskGiven struct {
	Annotators, Reviewers []int64
}

// AssignmentType says what a person is to do with a task.
type AssignmentType string

// The two types of assignment.
const (
	Annotate AssignmentType = "AN"
	Review   AssignmentType = "RE"
)

// Valid reports whether t is one of the two.
func (t AssignmentType) Valid() bool { return t == Annotate || t == Review }

// Assignment gives a task to a member. It is open while the stay on the
// project during which it was made lasts.
type Assignment struct {
	ID        int64
	TaskID    int64
	UserID    int64
	Type      AssignmentType
	CreatedAt time.Time
}

// TaskSelector picks tasks of a project: the listed ones, or all but some, and
// of these only the ones the filter matches.
type TaskSelector struct {
	All      bool
	Included []int64
	Excluded []int64
	Filter   TaskFilter
}

// Validate refuses a selector that contradicts itself: everything, and a list.
func (s TaskSelector) Validate() error {
	if s.All && len(s.Included) > 0 {
		return InvalidField("selectedItems", "included cannot be combined with all=true. Nothing was changed.")
	}
	return nil
}

// TasksAssigned is what a bulk assignment of tasks did.
type TasksAssigned struct {
	Count   int     // assignments that did not exist before
	TaskIDs []int64 // the tasks it was about, ascending
}
