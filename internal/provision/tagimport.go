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
func (a *Provision) ImportTags(ctx context.Context, organization int64, file io.Reader, everybody string) (id int64, err error) {
	who, err := a.InOrganization(ctx, core.ManageTags, organization)
	if err != nil {
		return 0, err
	}
	rows, _, err := readTagRows(everybody, func(f *importFile) error { return f.read(file) })
	if err != nil {
		return 0, err
	}
	err = a.Update(ctx, func(tx *Provision) error {
		if _, err := tx.InOrganization(ctx, core.ManageTags, organization); err != nil {
			return err
		}
		id, err = tx.db.CreateTagImport(ctx, roster.TagImport{
			OrganizationID: organization, CreatedBy: who.UserID, Credential: who.Credential, RequestID: who.RequestID, CreatedAt: tx.Now(),
		}, rows)
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
func (a *Provision) PreviewTagFile(ctx context.Context, organization int64, file TextFile, everybody string) (p TagFile, err error) {
	if _, err := a.InOrganization(ctx, core.ManageTags, organization); err != nil {
		return p, err
	}
	rows, reading, err := readTagRows(everybody, func(f *importFile) error {
		f.readSheet(sheet{text: file.Text, encoding: file.Encoding})
		return nil
	})
	if err != nil {
		return p, err
	}
	labels, emails, order := map[string]bool{}, map[string]bool{}, []string{}
	for _, row := range rows {
		if key := mailbox.Key(row.Email); !emails[key] {
			emails[key], order = true, append(order, row.Email)
		}
		for _, label := range row.Labels {
			labels[store.Fold(label)] = true
		}
	}
	p = TagFile{Reading: reading, People: len(order), Tags: len(labels)}
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

// readTagRows checks a file that read reads, and gives everybody in it the tags that are
// for everybody.
func readTagRows(everybody string, read func(f *importFile) error) ([]roster.TagRow, Reading, error) {
	var common importRow
	if bad := common.readTags(everybody); bad != "" {
		return nil, Reading{}, roster.InvalidField("bulk_tags", "%s", bad)
	}
	f := &importFile{known: []string{"email", "tags"}}
	if err := read(f); err != nil {
		return nil, Reading{}, err
	}
	if len(f.bad) > 0 {
		return nil, Reading{}, badFile(f.bad)
	}
	pairs := 0
	rows := make([]roster.TagRow, len(f.rows))
	for i, r := range f.rows {
		rows[i] = roster.TagRow{Email: r.written, Labels: append(r.tags, common.tags...)}
		pairs += len(rows[i].Labels)
	}
	if pairs > roster.MostPairs { // many people and many tags for everybody are more than the file looks
		return nil, Reading{}, roster.InvalidField("file", "These are %d tags for people, more than %d. Split the file.", pairs, roster.MostPairs)
	}
	return rows, f.reading, nil
}

// badFile refuses a file with the lines named.
func badFile(bad BadLines) error {
	lines := make([]string, min(len(bad), shownLines))
	for i := range lines {
		lines[i] = bad[i].String()
	}
	return &roster.Error{Kind: roster.Invalid, Message: "Validation error", Fields: map[string][]string{"file": lines}}
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
	labels, emails := map[string]bool{}, map[string]string{}
	var order []string
	for _, row := range rows {
		if key := mailbox.Key(row.Email); emails[key] == "" {
			emails[key] = row.Email
			order = append(order, row.Email)
		}
		for _, label := range row.Labels {
			labels[label] = true
		}
	}
	return a.Update(ctx, func(tx *Provision) (err error) {
		ids, made, err := tx.db.MakeTags(ctx, job.OrganizationID, job.CreatedBy, slices.Sorted(maps.Keys(labels)), tx.Now())
		if job.TagsCreated = made; err != nil {
			return err
		}
		var pairs [][]any
		for _, row := range rows {
			for _, label := range row.Labels {
				pairs = append(pairs, []any{row.Email, ids[store.Fold(label)]})
			}
		}
		if err := tx.recordTagImport(ctx, &job, pairs); err != nil {
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

// recordTagImport puts the tags of a job on people, as an operation of whoever left it
// to the server.
func (a *Provision) recordTagImport(ctx context.Context, job *roster.TagImport, pairs [][]any) (err error) {
	job.Operation, err = a.db.BeginOperation(ctx, roster.Operation{
		OrganizationID: job.OrganizationID, Kind: roster.OpTagImport, ActorID: job.CreatedBy, Credential: job.Credential, RequestID: job.RequestID, At: a.Now(),
	})
	if err != nil {
		return err
	}
	if err := a.db.RecordTagged(ctx, job.OrganizationID, job.Operation, pairs); err != nil {
		return err
	}
	changed, on, err := a.db.ApplyTags(ctx, job.Operation)
	if err != nil {
		return err
	}
	job.Assigned = on
	return a.membership.Finish(ctx, job.Operation, changed)
}
