package roster

import "time"

// Activity is one request that somebody made of the API, or by which they sent
// something in the console.
type Activity struct {
	ID             int64
	At             time.Time
	OrganizationID int64
	UserID         int64
	Email          string // read only
	ProjectID      int64  // the one the path names; 0 when it names none
	WorkspaceID    int64
	WorkspaceOwner int64 // read only: who made the workspace
	Method         string
	URL            string // path and query without secrets, ASCII
	Status         int
	Duration       time.Duration
	Address        string // the client's, without a port
	UserAgent      string
	Referer        string
	RequestID      string
	Session        string // a name of at most 8 characters; "" without a session
}

// ActivityFilter narrows the activity log; zero fields do not. The bounds are
// inclusive.
type ActivityFilter struct {
	From, To    time.Time
	Method      string
	ProjectID   int64
	UserID      int64
	WorkspaceID int64
	URL         [][]string // all terms of any group occur in the URL, in any case
}
