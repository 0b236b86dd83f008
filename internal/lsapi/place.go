package lsapi

import (
	"roster/internal/core"
	"roster/internal/limit"
)

// Where a request is: the things its path names, the outermost first. Whoever sends a
// large body into a project or a workspace is asked first whether they see it.

type inProject struct {
	Project int64 `path:"id"`
}

func (inProject) rule(c *call) error {
	return c.seesBeforeReading(func(project int64) error {
		_, err := c.app.MayInProject(c.r.Context(), core.ViewProject, project)
		return err
	})
}

type inMember struct {
	inProject
	Member int64 `path:"user_pk"`
}

type inWorkspace struct {
	Workspace int64 `path:"id"`
}

func (inWorkspace) rule(c *call) error {
	return c.seesBeforeReading(func(workspace int64) error {
		_, _, err := c.app.MayInWorkspace(c.r.Context(), core.ViewWorkspace, workspace)
		return err
	})
}

// seesBeforeReading asks where the body is large. For a small one it is soon enough when
// the work is done.
func (c *call) seesBeforeReading(sees func(id int64) error) error {
	id, notFound := c.id("id")
	if n := c.r.ContentLength; n >= 0 && n <= limit.Free || notFound != nil {
		return nil
	}
	return sees(id)
}

type inOrganization struct {
	Organization int64 `path:"id"`
}

// pathWords is what the document says of the parts of a path, by what stands before them.
var pathWords = map[string]string{
	"imports/{import_pk}":          "The import.",
	"made/{made_pk}":               "The thing, by Roster's id.",
	"member-tags/{tag_pk}":         "The tag.",
	"members/{user_pk}":            "The member, by user id.",
	"memberships/{user_pk}":        "The person, by user id.",
	"operations/{id}":              "The operation.",
	"organizations/{id}":           "The organization.",
	"pauses/{pause_pk}":            "The pause.",
	"permissions/{permission_key}": "The permission, such as projects.members.",
	"projects/{id}":                "The project.",
	"roles/{id}":                   "The project role.",
	"tasks/{id}":                   "The task.",
	"tasks/{task}":                 "The task.",
	"users/{id}":                   "The person.",
	"workspaces/{id}":              "The workspace.",
}
