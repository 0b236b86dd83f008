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

	Role  Role      // in the organization at the end of the span, as far as they could see the project
	Since time.Time // when they first had a way and a role together that reach into the span
}

// PastFilter narrows who could see a project.
type PastFilter struct {
	Search string
	Way    PastWay   // by which they could; "" any
	Now    BesideNow // with who can see it today; "" none
	IDs    []int64   // only these; nil: everybody
}

// PastWay is one of the ways to a project, and BesideNow how it is held to today.
type (
	PastWay   string
	BesideNow string
)

// The ways, and what can be asked about today.
const (
	PastDirect    PastWay = "direct"
	PastWorkspace PastWay = "workspace"
	PastRole      PastWay = "role"
	PastCreator   PastWay = "creator"

	StillSees   BesideNow = "still" // could see it then, and can today
	SeesNoMore  BesideNow = "gone"  // could then, and cannot today
	SeesSince   BesideNow = "new"   // can today, and could not then
	EverySeeing BesideNow = "all"   // everybody of then, with how many there are of the others
)

// PastCounts is how many people there are of each of these.
type PastCounts struct{ Still, Gone, New int }
