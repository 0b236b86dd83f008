package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kong"

	"roster"
	"roster/client"
	"roster/internal/provision"
)

type memberCommands struct {
	List     memberList     `cmd:"" help:"List the people with access to a project."`
	Assign   memberAssign   `cmd:"" help:"Make people members of a project."`
	Unassign memberUnassign `cmd:"" help:"Take people off a project."`
	Export   memberExport   `cmd:"" help:"Write the people with access to a project as CSV."`
}

// projectFlags name the project, and where it is.
type projectFlags struct {
	remoteFlags
	Project string `required:"" placeholder:"ID|TITLE" help:"The project, by its exact title or id; id:1 or title:001 where both could be meant."`
}

// in runs fn in a session about the project.
func (f projectFlags) in(c *console, fn func(s *session, p client.Project) error) error {
	s, err := f.connect(c)
	return with(s, err, func(s *session) error {
		p, err := s.project(f.Project)
		if err != nil {
			return err
		}
		return fn(s, p)
	})
}

// listFlags narrow and order a project's member list.
type listFlags struct {
	projectFlags
	filterFlags
	Ordering string `placeholder:"COLUMN" help:"id, email, first_name, last_name, username, role, last_activity or date_joined. A - in front turns the order round, as in --ordering=-email."`
}

// Validate refuses filters without a value.
func (f listFlags) Validate(k *kong.Context) error { return f.valued(k) }

type memberList struct {
	listFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists members.
func (l *memberList) Run(c *console) error {
	return l.in(c, func(s *session, p client.Project) error {
		f, err := s.filter(l.filterFlags)
		if err != nil {
			return err
		}
		return list(c, l.JSON, s.Members(c.ctx, p.ID, f, l.Ordering),
			"ID\tEMAIL\tNAME\tROLE\tACCESS\tLAST ACTIVE\tTAGS", memberRow)
	})
}

func memberRow(m client.Member) []any {
	access := "member"
	if m.Implicit {
		access = "implicit"
	}
	return []any{m.ID, m.Email, m.Name(), m.Effective(), access, day(m.LastActivity), labels(m.Tags)}
}

func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

func labels(tags []client.Tag) string {
	text := ""
	for i, t := range tags {
		if i > 0 {
			text += ", "
		}
		text += t.Label
	}
	return text
}

type memberExport struct {
	listFlags
	BOM bool `name:"bom" help:"Begin with a byte order mark: spreadsheets garble names without one."`
}

// Run writes CSV as it arrives.
func (e *memberExport) Run(c *console) error {
	return e.in(c, func(s *session, p client.Project) error {
		f, err := s.filter(e.filterFlags)
		if err != nil {
			return err
		}
		file, err := s.ExportMembers(c.ctx, p.ID, f, e.Ordering)
		if err != nil {
			return err
		}
		defer file.Close()
		out := c.stdout
		if !isTerminal(out) {
			work := c.begin("Exporting")
			defer work.end()
			out = &lineCounter{Writer: out, work: work}
		}
		if e.BOM {
			if _, err := io.WriteString(out, provision.ByteOrderMark); err != nil {
				return err
			}
		}
		_, err = io.Copy(out, file)
		return err
	})
}

// lineCounter shows how many lines went through.
type lineCounter struct {
	io.Writer
	work  *progress
	lines int
}

func (l *lineCounter) Write(b []byte) (int, error) {
	l.lines += bytes.Count(b, []byte("\n"))
	l.work.set(l.lines, 0)
	return l.Writer.Write(b)
}

type memberAssign struct {
	projectFlags
	selectorFlags
	DryRun bool `help:"Say what it would do, and change nothing."`
	JSON   bool `name:"json" help:"Print JSON."`
}

// Run makes people members.
func (a *memberAssign) Run(c *console) error {
	return a.in(c, func(s *session, p client.Project) error {
		sel, err := s.selector(a.selectorFlags)
		if err != nil {
			return err
		}
		if a.DryRun {
			return a.count(s, p, sel)
		}
		work := c.begin("Assigning")
		done, err := s.AssignMembers(c.ctx, p.ID, sel)
		work.end()
		if err != nil {
			return err
		}
		if a.JSON {
			return c.json(done)
		}
		c.say("Added %s to %s.%s", count(done.Count, "person", "people"), called("project", p.ID, p.Title),
			undoHint(done.Operation))
		if len(done.Skipped) > 0 {
			c.say("Skipped %s who cannot be members.", count(len(done.Skipped), "person", "people"))
		}
		return nil
	})
}

// count says what an assign would do: the operation, taken back.
func (a *memberAssign) count(s *session, p client.Project, sel roster.Selector) error {
	would, err := s.PreviewAssign(s.ctx, p.ID, sel)
	if err != nil {
		return err
	}
	if a.JSON {
		return s.json(map[string]any{"assignments": would.Count, "skipped_user_ids": append([]int64{}, would.Skipped...)})
	}
	s.say("Would add %s to %s.", count(would.Count, "person", "people"), called("project", p.ID, p.Title))
	if len(would.Skipped) > 0 {
		s.say("Would skip %s who cannot be members.", count(len(would.Skipped), "person", "people"))
	}
	s.say("Nothing was changed.")
	return nil
}

// undoHint is how an operation is taken back.
func undoHint(operation int64) string {
	return fmt.Sprintf(" To undo: POST /api/roster/operations/%d/undo/", operation)
}
