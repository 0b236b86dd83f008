package roster

import "time"

// ProjectRef names a project in a list of something else.
type ProjectRef struct {
	ID    int64
	Title string
}

// Project is what people are members of.
type Project struct {
	ID             int64
	OrganizationID int64
	WorkspaceID    int64 // 0: in no workspace
	WorkspaceTitle string
	// SandboxOf is whose personal workspace the project lies in; 0: nobody's.
	SandboxOf   int64
	Title       string
	Description string
	Color       string
	CreatedBy   User
	// Mirrored says that it is an upstream's. There people are members, the
	// maker like anybody else, and nobody has access for having made it.
	Mirrored         bool
	MakerUntil       time.Time // from when it gave whoever made it no access any more; zero: it may
	CreatedAt        time.Time
	Published        bool
	Draft            bool
	Archived         bool
	PinnedAt         time.Time // zero: not pinned
	TaskDistribution TaskDistribution
	// Settings are the fields of the wire's project object that Roster keeps
	// but gives no meaning to, as a JSON object; "" when there are none.
	Settings string
	// The counts are filled for those who look at a project, and not on the
	// way to its members.
	TaskCount    int
	MembersCount int // explicit rows of people who are not deactivated or deleted
	Inherited    int // people with access who have no such row; counted for the console alone
}

// AdmitsMaker reports whether somebody made the project and may have access by that.
func (p Project) AdmitsMaker(user int64) bool {
	return p.CreatedBy.ID == user && !p.Mirrored && p.MakerUntil.IsZero()
}

// PausedHere is what stands in the place of a project's description for somebody
// who is paused in it.
const PausedHere = "You are paused in this project."

// Named is the project as somebody sees it who is paused in it: that it is
// there, since when, and what it is called.
func (p Project) Named() Project {
	return Project{ID: p.ID, OrganizationID: p.OrganizationID, Title: p.Title, Mirrored: p.Mirrored,
		CreatedAt:   p.CreatedAt,
		Description: PausedHere, TaskDistribution: AutoDistribution}
}

// TaskDistribution says who gets which task of a project.
type TaskDistribution string

// The two ways tasks are distributed.
const (
	AutoDistribution TaskDistribution = "auto_distribution"
	AssignedOnly     TaskDistribution = "assigned_only"
)

// ProjectPatch changes a project; nil leaves a field as it is.
type ProjectPatch struct {
	Title, Description, Color *string
	WorkspaceID               *int64
	Published, Draft          *bool
	Archived                  *bool
	PinnedAt                  *time.Time // zero: not any more
	TaskDistribution          *TaskDistribution
	// Settings replaces the members it has, as JSON; null takes one away.
	Settings map[string]any
}

// ProjectCopy says what a project like another one is called, where it goes,
// and what it takes along besides the settings.
type ProjectCopy struct {
	Title, Description string
	WorkspaceID        int64 // 0: none
	Tasks              bool
	Members            bool
}

// ProjectFilter narrows a list of projects.
type ProjectFilter struct {
	IDs        []int64
	Search     string
	Title      string
	Workspaces []int64
	Archived   *bool
	Pinned     *bool
}

// Standing is everything that decides what one person may do in one project.
// It is read from the store by one statement on every request.
type Standing struct {
	ProjectID      int64
	OrganizationID int64
	WorkspaceID    int64
	UserID         int64
	Role           Role // in the organization; "" when not a member of it
	Override       Role // in the project; "" when none
	Explicit       bool // has a membership row of their own
	InWorkspace    bool // is a member of the project's workspace
	Creator        bool // made the project, where that gives access (Project.AdmitsMaker)
	Sandbox        bool // the project lies in somebody else's personal workspace
	Paused         bool // a pause stands: a member, to whom the project is shut
}

// Member reports whether the person has access to the project, by any path.
func (s Standing) Member() bool {
	if !s.Role.Valid() || !s.Role.Works() {
		return false
	}
	return s.Explicit || s.InWorkspace || (s.Role.SeesEveryProject() && !s.Sandbox)
}

// MayWork reports whether the person may do anything in the project now: a
// member who is not paused.
func (s Standing) MayWork() bool { return s.Member() && !s.Paused }

// Effective is the role the person acts with in the project.
func (s Standing) Effective() Role { return Effective(s.Role, s.Override) }
