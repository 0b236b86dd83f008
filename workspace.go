package roster

import "time"

// Workspace groups projects; its members reach every project in it.
type Workspace struct {
	ID             int64
	OrganizationID int64
	Title          string
	Description    string
	Color          string
	Personal       bool // somebody's sandbox: closed to everybody else
	Archived       bool
	CreatedBy      int64
	MakerUntil     time.Time // as a Project's
	Creator        User      // CreatedBy as a person; filled when read
	CreatedAt      time.Time
	ProjectsCount  int
	Member         bool // whether the asking actor is a member
}

// WorkspacePatch changes a workspace; nil leaves a field as it is.
type WorkspacePatch struct {
	Title, Description, Color *string
	Personal, Archived        *bool
}

// WorkspacePreview is what taking people out of a workspace would do now.
type WorkspacePreview struct {
	Plan     string        // names exactly this set
	Count    int           // people who would be taken out
	Dormant  int           // memberships of deactivated people that would end besides
	People   []Member      // the page of those who would be taken out that is looked at
	Matching int           // how many of them the search matches
	Projects []ProjectLoss // every project of the workspace
}

// ProjectLoss is what taking people out of a workspace does in one project.
type ProjectLoss struct {
	Project ProjectRef
	Lost    int // of them: lose access
	Direct  int // of them: stay, as members of the project itself
	ByRole  int // of the others: stay, as Owner or Administrator
	Open    int // open assignments of those who lose access
}

// WorkspaceFilter narrows a list of workspaces.
type WorkspaceFilter struct {
	Personal, Archived *bool
	// Sandboxes adds other people's personal workspaces, for those who see
	// every project: they may know of them, but not look inside.
	Sandboxes bool
}
