package roster

import "time"

// Task is a piece of work in a project, as much of it as assignment needs.
type Task struct {
	ID        int64
	ProjectID int64
	Data      string // JSON object
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AssignmentType says what a person is to do with a task.
type AssignmentType string

// The two types of assignment.
const (
	Annotate AssignmentType = "AN"
	Review   AssignmentType = "RE"
)

// Assignment gives a task to a member. It is open while the stay on the
// project during which it was made lasts.
type Assignment struct {
	ID        int64
	TaskID    int64
	UserID    int64
	Type      AssignmentType
	CreatedAt time.Time
}

// TaskSelector picks tasks of a project: the listed ones, or all but some.
type TaskSelector struct {
	All      bool
	Included []int64
	Excluded []int64
}
