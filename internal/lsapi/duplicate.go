package lsapi

import (
	"net/http"

	"roster"
)

var duplicateRoutes = []plainRoute{
	{"POST", "/api/projects/{id}/duplicate", (*call).duplicateProject},
}

// duplicateProject is POST …/duplicate/ (contract 3.17).
func (c *call) duplicateProject() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	like := b.projectCopy()
	if err := b.err(); err != nil {
		return err
	}
	made, op, err := c.app.DuplicateProject(c.r.Context(), id, like)
	if err != nil {
		return err
	}
	if op != 0 {
		c.operation(op)
	}
	return c.json(http.StatusCreated, map[string]int64{"id": made})
}

// projectCopy reads what a duplicate is to be; a workspace of null is none.
func (b *body) projectCopy() roster.ProjectCopy {
	like := roster.ProjectCopy{WorkspaceID: b.id("workspace"), Members: true}
	if !b.null("workspace") {
		b.require("workspace")
	}
	b.require("title")
	if title := b.text("title", maxBody); title != nil {
		like.Title = *title
	}
	if text := b.text("description", maxBody); text != nil {
		like.Description = *text
	}
	if members := b.boolean("include_members"); members != nil {
		like.Members = *members
	}
	mode := code(b, "mode", func(mode string) bool { return mode == "settings" || mode == "settings,data" })
	if b.require("mode") && mode == "" && b.errs["mode"] == nil {
		b.bad("mode", "\"\" is not a valid choice.")
	}
	like.Tasks = mode == "settings,data"
	return like
}
