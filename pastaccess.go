package roster

import "time"

// Span is the time from Since until before Until: a day, as somebody's zone
// has it.
type Span struct{ Since, Until time.Time }

// PastAccess is a person who could see a project at some time of a span, with
// every path by which they could. At least one is true.
type PastAccess struct {
	User        User // id, e-mail and names, as they are now
	Explicit    bool // had a membership of their own
	InWorkspace bool // was in a workspace while the project was
	ByRole      bool // was Owner or Administrator
	Creator     bool // was a Manager, and made the project
	Deleted     bool // is no more in the organization
}
