package roster

import "time"

// SavedView is a view of a list of the console that somebody gave a name. It is an address:
// whoever opens it is shown what they may see.
type SavedView struct {
	ID             int64
	OrganizationID int64
	Maker          User // by id and name, whether they are still there or not
	Name           string
	List           ViewedList
	PlaceID        int64  // the project or the workspace; 0: the list is of none
	Query          string // of the list's address: filters, exceptions, order
	Shared         bool   // with everybody who may open the list
	SavedAt        time.Time
}

// ViewedList is a list that views are kept of.
type ViewedList string

// The lists.
const (
	ViewedPeople    ViewedList = "people"
	ViewedMembers   ViewedList = "members"   // of a project
	ViewedWorkspace ViewedList = "workspace" // the people of one
	ViewedHistory   ViewedList = "history"
)
