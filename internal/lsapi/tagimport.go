package lsapi

import (
	"io"
	"net/http"
	"strings"

	"roster"
)

var tagImportRoutes = []plainRoute{
	{"POST", "/api/organizations/{id}/member-tags/imports", (*call).importTags},
	{"GET", "/api/organizations/{id}/member-tags/imports/{import_pk}", (*call).getTagImport},
}

// tagImportJSON is the wire's OrganizationMemberTagImportStatus.
type tagImportJSON struct {
	ID          int64            `json:"id"`
	Status      roster.JobStatus `json:"status"`
	TagsCreated int              `json:"tags_created"`
	Assigned    int              `json:"assignments_created"`
	Skipped     []string         `json:"users_skipped"`
	CreatedAt   stamp            `json:"created_at"`
	FinishedAt  stamp            `json:"finished_at"`
}

// importTags is POST …/imports (contract 3.10): the file is checked here, and
// put to work afterwards.
func (c *call) importTags() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	file, err := c.file(b, "file")
	if err != nil {
		return err
	}
	everybody := b.clearable("bulk_tags")
	if err := b.err(); err != nil {
		return err
	}
	if everybody == nil {
		everybody = new(string)
	}
	job, err := c.app.ImportTags(c.r.Context(), id, file, *everybody)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]int64{"import": job})
}

// file is a file that was uploaded, or its text in a field of any form.
func (c *call) file(b *body, name string) (io.Reader, error) {
	if form := c.r.MultipartForm; form != nil && len(form.File[name]) > 0 {
		return form.File[name][0].Open()
	}
	text := b.text(name, maxBody)
	b.require(name)
	if text == nil {
		text = new(string)
	}
	return strings.NewReader(*text), nil
}

func (c *call) getTagImport() error {
	organization, err := c.id("id")
	if err != nil {
		return err
	}
	id, err := c.id("import_pk")
	if err != nil {
		return err
	}
	job, err := c.app.TagImport(c.r.Context(), organization, id)
	if err != nil {
		return err
	}
	if job.Operation != 0 {
		c.operation(job.Operation)
	}
	return c.json(http.StatusOK, tagImportJSON{
		job.ID, job.Status, job.TagsCreated, job.Assigned, orEmpty(job.Skipped), stamp(job.CreatedAt), stamp(job.FinishedAt),
	})
}
