package lsapi

import (
	"net/http"
	"slices"

	"roster"
)

func duplicateRoutes() []route {
	return []route{
		{
			method: "POST", path: "/api/projects/{id}/duplicate", do: does((*call).duplicateProject),
			summary: "Duplicate a project",
			text:    "With its explicit members and project roles, as one operation; unpublished.",
			status:  http.StatusCreated, answer: "The copy.",
		},
	}
}

type duplicateProjectRequest struct {
	inProject
	Workspace   int64    `body:"workspace,required,null" doc:"Where the copy is to be; null is in none."`
	Title       string   `body:"title,required" doc:"The copy's title."`
	Mode        copyMode `body:"mode,required" doc:"Whether the tasks come too."`
	Description string   `body:"description,null" doc:"What the copy is about."`
	Members     bool     `body:"include_members" default:"true" doc:"Whether the members come too, which is usual."`
}

// copyMode is what is copied of a project.
type copyMode string

var copyModes = []copyMode{"settings", "settings,data"}

// Valid reports whether it can be asked for.
func (m copyMode) Valid() bool { return slices.Contains(copyModes, m) }

func (in *duplicateProjectRequest) complete(r *request) {
	if b := r.body(); in.Mode == "" && len(b.errs["mode"]) == 0 {
		b.bad("mode", "\"\" is not a valid choice.")
	}
}

type copiedJSON struct {
	ID int64 `json:"id"`
}

// duplicateProject is POST …/duplicate/ (contract 3.17).
func (c *call) duplicateProject(in duplicateProjectRequest) (copiedJSON, error) {
	made, op, err := c.app.DuplicateProject(c.r.Context(), in.Project, roster.ProjectCopy{
		WorkspaceID: in.Workspace, Title: in.Title, Description: in.Description, Members: in.Members,
		Tasks: in.Mode == "settings,data",
	})
	c.operation(op)
	return copiedJSON{made}, err
}
