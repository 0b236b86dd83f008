package lsapi

import (
	"io"
	"net/http"
	"strings"

	"roster"
)

func tagImportRoutes() []route {
	return []route{
		{
			method: "POST", path: "/api/organizations/{id}/member-tags/imports", do: does((*call).importTags),
			summary: "Tag people by a CSV file",
			text:    "Refused as a whole with the bad lines named; else the rest happens afterwards, as a job.",
			status:  http.StatusCreated, answer: "The job.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/member-tags/imports/{import_pk}",
			do:      does((*call).getTagImport),
			summary: "Read an import",
			text: "When it is completed, the header Roster-Operation names the record of what it did, which can be " +
				"undone.",
			answer: "How far it is.",
		},
	}
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

type importTagsRequest struct {
	inOrganization
	File      upload `body:"file,required" doc:"The file, uploaded, or its text: a header email,tags and a line for each person."`
	Everybody string `body:"bulk_tags,null" doc:"Tags for everybody in the file, with commas between."`
}

type importIDJSON struct {
	Import int64 `json:"import"`
}

// importTags is POST …/imports (contract 3.10): the file is checked here, and
// put to work afterwards.
func (c *call) importTags(in importTagsRequest) (importIDJSON, error) {
	job, err := c.app.ImportTags(c.r.Context(), in.Organization, in.File, in.Everybody)
	return importIDJSON{job}, err
}

// upload is a file that was uploaded, or its text in a field of any form.
type upload struct{ io.Reader }

func (u *upload) read(r *request, f field) {
	b, name := r.body(), f.name
	if form := r.r.MultipartForm; form != nil && len(form.File[name]) > 0 {
		file, err := form.File[name][0].Open()
		r.fail(err)
		u.Reader = file
		return
	}
	b.require(name)
	u.Reader = strings.NewReader(b.string(name, maxBody))
}

type tagImportRequest struct {
	inOrganization
	Import int64 `path:"import_pk"`
}

func (c *call) getTagImport(in tagImportRequest) (tagImportJSON, error) {
	job, err := c.app.TagImport(c.r.Context(), in.Organization, in.Import)
	c.operation(job.Operation)
	return tagImportJSON{
		job.ID, job.Status, job.TagsCreated, job.Assigned, orEmpty(job.Skipped), stamp(job.CreatedAt), stamp(job.FinishedAt),
	}, err
}
