package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/mailbox"
	"roster/internal/store"
)

// shownLines is how many bad lines a refusal names.
const shownLines = 100

// ImportTags reads a file with the columns email and tags, and leaves it to
// the server to put those tags, and the ones for everybody, on the people. A
// file with a bad line is refused as a whole.
func (a *Provision) ImportTags(ctx context.Context, organization int64, file io.Reader,
	everybody string) (id int64, err error) {
	who, err := a.InOrganization(ctx, core.ManageTags, organization)
	if err != nil {
		return 0, err
	}
	text, complaint, err := decoded(file)
	if err == nil && complaint != (fault{}) {
		err = badFile(BadLines{{Line: 1, Message: complaint.message, said: complaint.said}})
	}
	if err != nil {
		return 0, err
	}
	read, release, err := a.readTagFile(ctx, text, everybody)
	if err != nil {
		return 0, err
	}
	defer release()
	err = a.Update(ctx, func(tx *Provision) error {
		if _, err := tx.InOrganization(ctx, core.ManageTags, organization); err != nil {
			return err
		}
		id, err = tx.db.CreateTagImport(ctx, roster.TagImport{
			OrganizationID: organization, CreatedBy: who.UserID, Credential: who.Credential, RequestID: who.RequestID,
			CreatedAt: tx.Now(), Everybody: read.everybody,
		}, read.rows)
		return err
	})
	if err == nil {
		a.jobs.wake()
	}
	return id, err
}

// TagFile is how a file of tags was read, and what it would do.
type TagFile struct {
	Reading
	People  int      // e-mails in it
	Unknown []string // of them, those that nobody in the organization has
	Tags    int      // different labels
}

// PreviewTagFile says how ImportTags would read a file, and changes nothing.
func (a *Provision) PreviewTagFile(ctx context.Context, organization int64, file TextFile,
	everybody string) (p TagFile, err error) {
	if _, err := a.InOrganization(ctx, core.ManageTags, organization); err != nil {
		return p, err
	}
	read, release, err := a.readTagFile(ctx, sheet{text: file.Text, encoding: file.Encoding}, everybody)
	if err != nil {
		return p, err
	}
	defer release()
	labels, emails, order := map[string]bool{}, map[string]bool{}, []string{}
	for _, row := range append(read.rows, roster.TagRow{Labels: read.everybody}) {
		for _, label := range row.Labels {
			labels[store.Fold(label)] = true
		}
	}
	for _, row := range read.rows {
		if key := mailbox.Key(row.Email); !emails[key] {
			emails[key], order = true, append(order, row.Email)
		}
	}
	p = TagFile{Reading: read.reading, People: len(order), Tags: len(labels)}
	p.Unknown, err = a.db.UnknownEmails(ctx, organization, order)
	return p, err
}

// TagImport reads how far an import has come.
func (a *Provision) TagImport(ctx context.Context, organization, id int64) (roster.TagImport, error) {
	if _, err := a.InOrganization(ctx, core.ManageTags, organization); err != nil {
		return roster.TagImport{}, err
	}
	return a.db.TagImport(ctx, organization, id)
}

// tagFile is what was read of a file of tags.
type tagFile struct {
	rows      []roster.TagRow
	everybody []string
	reading   Reading
}

// What is made of a file of tags takes so many bytes of memory while it is read and written
// down, besides twice its text: for each line, and for each thing in one.
const (
	lineWeight = 256
	itemWeight = 32
)

// weight is how many bytes will be made of a sheet.
func (s sheet) weight() (bytes int64) {
	bytes = int64(2*len(s.text) + lineWeight)
	for i := range len(s.text) {
		switch s.text[i] {
		case '\n':
			bytes += lineWeight
		case ',', ';', '\t':
			bytes += itemWeight
		}
	}
	return bytes
}

// readTagFile checks a file, as far as there is room for what is made of it; the caller
// releases that.
func (a *Provision) readTagFile(
	ctx context.Context, s sheet, everybody string,
) (read tagFile, release func(), err error) {
	held, err := a.HoldMade(ctx, s.weight())
	if err != nil {
		return read, nil, err
	}
	if read, err = readTagRows(s, everybody); err != nil {
		held.Release()
	}
	return read, held.Release, err
}

// readTagRows checks a file, and the tags for everybody in it.
func readTagRows(s sheet, everybody string) (read tagFile, err error) {
	var common importRow
	if bad := common.readTags(everybody); bad != (fault{}) {
		return read, bad.refused("bulk_tags")
	}
	pairs := 0
	f := &importFile{known: []string{"email", "tags"}}
	f.keep = func(r importRow) {
		pairs += len(r.tags) + len(common.tags)
		if pairs <= roster.MostPairs {
			read.rows = append(read.rows, roster.TagRow{Email: r.written, Labels: r.tags})
		}
	}
	f.readSheet(s)
	if len(f.bad) > 0 {
		return read, badFile(f.bad)
	}
	if pairs > roster.MostPairs { // many people and many tags for everybody are more than the file looks
		return read, roster.InvalidField("file", "These are %d tags for people, more than %d. Split the file.",
			pairs, roster.MostPairs)
	}
	if read.reading = f.reading; len(read.rows) > 0 { // else there is nobody for whom to make them
		read.everybody = common.tags
	}
	return read, nil
}

// badFile refuses a file with the lines named.
func badFile(bad BadLines) error {
	lines := make([]string, min(len(bad), shownLines))
	texts := make([]roster.Text, len(lines))
	for i := range lines {
		lines[i], texts[i] = bad[i].String(), bad[i].Text()
	}
	return &roster.Error{Kind: roster.Invalid, Message: "Validation error",
		Fields: map[string][]string{"file": lines}, Texts: map[string][]roster.Text{"file": texts}}
}

// jobs tells the server that a job waits.
type jobs chan struct{}

func (j jobs) wake() {
	select {
	case j <- struct{}{}:
	default: // somebody said so already
	}
}

// WakeJobs tells the server that jobs wait. ImportTags does; whoever calls that
// within a transaction of their own, does it again when that is done.
func (a *Provision) WakeJobs() { a.jobs.wake() }

// JobsWait delivers when jobs were left for RunJobs.
func (a *Provision) JobsWait() <-chan struct{} { return a.jobs }

// FailInterrupted marks the jobs as failed that a server which is gone left
// half-way. What they had done went with their transaction.
func (a *Provision) FailInterrupted(ctx context.Context) error {
	_, err := a.db.FailTagImport(ctx, 0, a.Now())
	return err
}

// RunJobs does the jobs that wait, one after the other, until none does. One that fails
// keeps no other from being done. The error says of each whether it changed anything.
func (a *Provision) RunJobs(ctx context.Context) error {
	var failed error
	for ctx.Err() == nil {
		job, rows, err := a.db.TakeTagImport(ctx)
		switch {
		case roster.KindOf(err) == roster.NotFound:
			return failed
		case err != nil && job.ID == 0:
			return errors.Join(failed, fmt.Errorf("whether a job waits: %w", err))
		case err == nil:
			err = a.runTagImport(ctx, job, rows)
		}
		if err == nil {
			continue
		}
		ended, err := a.endJob(ctx, job, err)
		if failed = errors.Join(failed, err); !ended {
			return failed
		}
	}
	return failed
}

// endJob marks a job as failed that did not end well, unless it is done all the same, and
// says which; not ended is one of which the store does not tell. One that was not even taken
// waits on, and nothing is to be said.
func (a *Provision) endJob(ctx context.Context, job roster.TagImport, why error) (ended bool, err error) {
	what := "failed and changed nothing"
	ctx = context.WithoutCancel(ctx) // also when the server is being stopped, which may be why it failed
	n, err := a.db.FailTagImport(ctx, job.ID, a.Now())
	if err == nil && n == 0 && roster.KindOf(why) == roster.Unconfirmed {
		job, err = a.db.TagImport(ctx, job.OrganizationID, job.ID)
	}
	switch {
	case err != nil && roster.KindOf(why) == roster.Unconfirmed:
		what = "may have been done"
	case job.Status == roster.JobCreated:
		return true, nil
	case job.Status == roster.JobCompleted:
		what = "was done, though the store did not confirm it"
	}
	return err == nil, fmt.Errorf("import %d %s: %w", job.ID, what, errors.Join(why, err))
}

// runTagImport does one job, all of it or nothing.
func (a *Provision) runTagImport(ctx context.Context, job roster.TagImport, rows []roster.TagRow) error {
	labels, emails := map[string]bool{}, map[string]bool{}
	var order []string
	for _, row := range append(rows, roster.TagRow{Labels: job.Everybody}) {
		for _, label := range row.Labels {
			labels[label] = true
		}
	}
	for _, row := range rows {
		if key := mailbox.Key(row.Email); !emails[key] {
			emails[key], order = true, append(order, row.Email)
		}
	}
	return a.Update(ctx, func(tx *Provision) (err error) {
		ids, made, err := tx.db.MakeTags(ctx, job.OrganizationID, job.CreatedBy, slices.Sorted(maps.Keys(labels)), tx.Now())
		if job.TagsCreated = made; err != nil {
			return err
		}
		if err := tx.recordTagImport(ctx, &job, tagsByEmail(job, rows, ids)); err != nil {
			return err
		}
		if job.Skipped, err = tx.db.UnknownEmails(ctx, job.OrganizationID, order); err != nil {
			return err
		}
		still, err := tx.db.CompleteTagImport(ctx, job, tx.Now())
		if err == nil && !still {
			err = errors.New("somebody else ended it")
		}
		return err
	})
}

// tagsByEmail is which tags each e-mail of a job gets, by the ids of their labels.
func tagsByEmail(job roster.TagImport, rows []roster.TagRow, ids map[string]int64) map[string][]int64 {
	id := func(label string) int64 { return ids[store.Fold(label)] }
	common, tags := make([]int64, len(job.Everybody)), map[string][]int64{}
	for i, label := range job.Everybody {
		common[i] = id(label)
	}
	for _, row := range rows {
		own, ok := tags[row.Email]
		if !ok {
			own = slices.Clip(common)
		}
		for _, label := range row.Labels {
			own = append(own, id(label))
		}
		tags[row.Email] = own
	}
	return tags
}

// recordTagImport puts the tags of a job on people, as an operation of whoever left it
// to the server.
func (a *Provision) recordTagImport(ctx context.Context, job *roster.TagImport, tags map[string][]int64) (err error) {
	job.Operation, err = a.db.BeginOperation(ctx, roster.Operation{
		OrganizationID: job.OrganizationID, Kind: roster.OpTagImport, ActorID: job.CreatedBy, Credential: job.Credential,
		RequestID: job.RequestID, At: a.Now(),
	})
	if err != nil {
		return err
	}
	if err := a.db.RecordTagged(ctx, job.OrganizationID, job.Operation, tags); err != nil {
		return err
	}
	changed, on, err := a.db.ApplyTags(ctx, job.Operation)
	if err != nil {
		return err
	}
	job.Assigned = on
	return a.membership.Finish(ctx, job.Operation, changed)
}
