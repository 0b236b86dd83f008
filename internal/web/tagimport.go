package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/provision"
)

var tagImportRoutes = []route{
	{method: "GET", path: "/tags/import", handle: (*visit).askTagFile},
	{method: "POST", path: "/tags/import", handle: (*visit).importTags},
	{method: "POST", path: "/tags/import/check", handle: (*visit).checkTagFile},
	{method: "GET", path: "/imports/{id}", handle: (*visit).tagImport},
}

// tagFilePage asks for a file, says what is wrong with one, and how it was read.
type tagFilePage struct {
	Text, Everybody string             // as they were sent
	Lines           []roster.Text      // what is wrong with which line
	Read            *provision.TagFile // nil: not looked at yet
}

// Reading says how the file was read.
func (d tagFilePage) Reading() roster.Text {
	text := roster.Text("The file was read as {encoding}, with a comma between cells.")
	switch d.Read.Separator {
	case "semicolon":
		text = "The file was read as {encoding}, with a semicolon between cells."
	case "tab":
		text = "The file was read as {encoding}, with a tab between cells."
	}
	return sentence(text, "encoding", d.Read.Encoding)
}

func (v *visit) askTagFile() error {
	if _, err := v.app.May(v.ctx(), core.ManageTags); err != nil {
		return err
	}
	return v.show(http.StatusOK, "tagimport.html", page{Title: "Import tags", Data: tagFilePage{}})
}

// importTags leaves a file to the server, and leads to how far it has come.
func (v *visit) importTags() error {
	d := tagFilePage{Text: clean(v.r.PostFormValue("text")), Everybody: v.field("bulk_tags")}
	err := v.once(func(tx *app.App) (done, error) {
		file, err := v.upload("file", d.Text)
		if err != nil {
			return done{}, err
		}
		id, err := tx.ImportTags(v.ctx(), v.who.OrganizationID, file, d.Everybody)
		return done{To: v.link("/imports/%d", id)}, err
	})
	if err == nil {
		v.app.WakeJobs() // what was left is there only now
	}
	return v.showTagFile(d, err)
}

// checkTagFile shows how a file is read, and changes nothing.
func (v *visit) checkTagFile() error {
	d := tagFilePage{Text: clean(v.r.PostFormValue("text")), Everybody: v.field("bulk_tags")}
	var text provision.TextFile
	file, err := v.upload("file", d.Text)
	if err == nil {
		text, err = provision.FileText(file)
		d.Text = text.Text
	}
	if err != nil {
		return v.showTagFile(d, err)
	}
	read, err := v.app.PreviewTagFile(v.ctx(), v.who.OrganizationID, text, d.Everybody)
	if err != nil {
		return v.showTagFile(d, err)
	}
	d.Read = &read
	return v.show(http.StatusOK, "tagimport.html", page{Title: "Import tags", Data: d})
}

// showTagFile says what is wrong with a file, if anything.
func (v *visit) showTagFile(d tagFilePage, err error) error {
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{Title: "Import tags"}, err)
	if d.Lines = p.Fields["file"]; len(d.Lines) > 0 {
		p.Error = "Nothing was imported. Correct these lines and send the file again."
	}
	p.Data = d
	return v.show(status, "tagimport.html", p)
}

// upload is the file that was chosen, else the text that was pasted.
func (v *visit) upload(name, text string) (io.Reader, error) {
	file, head, err := v.r.FormFile(name)
	switch {
	case err == nil && head.Size > 0:
		return file, nil
	case err == nil, errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		if strings.TrimSpace(text) == "" {
			return nil, roster.InvalidField(name, "Choose a file, or paste its lines.")
		}
		return strings.NewReader(text), nil
	}
	return nil, err
}

// tagImportPage is how far an import has come.
type tagImportPage struct {
	roster.TagImport
	Shown []string // the first of the e-mails that nobody has
}

// Waits and the others are the states.
func (p tagImportPage) Waits() bool { return p.Status == roster.JobCreated }

// Runs reports whether the import is under way.
func (p tagImportPage) Runs() bool { return p.Status == roster.JobInProgress }

// Failed reports whether it ended without having changed anything.
func (p tagImportPage) Failed() bool { return p.Status == roster.JobFailed }

// mostLines is how many lines of a report are shown.
const mostLines = 1000

func (v *visit) tagImport() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	job, err := v.app.TagImport(v.ctx(), v.who.OrganizationID, id)
	if err != nil {
		return missing(err, "There is no such import.")
	}
	d := tagImportPage{TagImport: job, Shown: job.Skipped[:min(len(job.Skipped), mostLines)]}
	return v.show(http.StatusOK, "tagimported.html", page{Title: "Import of tags", Data: d})
}
