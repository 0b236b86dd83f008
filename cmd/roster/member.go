package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"roster"
	"roster/client"
	"roster/internal/app"
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
	Include      []string `placeholder:"ID|EMAIL" help:"Only these people."`
	Implicit     *bool    `negatable:"" help:"Only who has access through the workspace or the organization role alone; --no-implicit: only who is a member."`
	WithDeleted  bool     `help:"Deactivated and deleted people too."`
	NoAnnotators bool     `help:"Leave out who is an annotator there."`
	Ordering     string   `placeholder:"COLUMN" help:"id, email, first_name, last_name, username, role, last_activity or date_joined; from the end with - in front, as in --ordering=-email."`
}

// filter works out what the flags mean.
func (f listFlags) filter(s *session) (out roster.MemberFilter, err error) {
	if out, err = s.filter(f.filterFlags); err != nil {
		return out, err
	}
	out.WithInactive, out.NoAnnotators = f.WithDeleted, f.NoAnnotators
	if f.Implicit != nil {
		out.Access = roster.ExplicitAccess
		if *f.Implicit {
			out.Access = roster.ImplicitAccess
		}
	}
	out.IDs, err = s.ids(f.Include, s.person)
	return out, err
}

type memberList struct {
	listFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists members.
func (l *memberList) Run(c *console) error {
	return l.in(c, func(s *session, p client.Project) error {
		f, err := l.filter(s)
		if err != nil {
			return err
		}
		return list(c, l.JSON, s.Members(c.ctx, p.ID, f, l.Ordering), "ID\tEMAIL\tNAME\tROLE\tACCESS\tLAST ACTIVE\tTAGS", memberRow)
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
		f, err := e.filter(s)
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
			if _, err := io.WriteString(out, app.ByteOrderMark); err != nil {
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
		c.say("Added %s to %s.%s", count(done.Count, "person", "people"), called("project", p.ID, p.Title), undoHint(done.Operation))
		if len(done.Skipped) > 0 {
			c.say("Skipped %s who cannot be members.", count(len(done.Skipped), "person", "people"))
		}
		return nil
	})
}

// count says how many people an assign would add, by listing those it could.
func (a *memberAssign) count(s *session, p client.Project, sel roster.Selector) error {
	var n int
	var err error
	if sel.All {
		n, err = s.countCandidates(p, sel)
	} else {
		n, err = s.countNewcomers(p, sel)
	}
	if err != nil {
		return err
	}
	if a.JSON {
		return s.json(map[string]int{"assignments": n})
	}
	s.say("Would add %s to %s.\nNothing was changed.", count(n, "person", "people"), called("project", p.ID, p.Title))
	return nil
}

// countCandidates counts the people who match and have no access yet.
func (s *session) countCandidates(p client.Project, sel roster.Selector) (n int, err error) {
	f := sel.Filter
	f.ExcludeProject = p.ID
	excluded := map[int64]bool{}
	for _, id := range sel.Excluded {
		excluded[id] = true
	}
	for person, err := range s.People(s.ctx, s.organization, f) {
		if err != nil {
			return 0, err
		}
		if person.Role.Works() && !excluded[person.User.ID] {
			n++
		}
	}
	return n, nil
}

// countNewcomers counts the named people who may be members and are not.
func (s *session) countNewcomers(p client.Project, sel roster.Selector) (int, error) {
	wanted := map[int64]bool{}
	for _, id := range sel.Chosen() {
		wanted[id] = true
	}
	may := 0
	for person, err := range s.People(s.ctx, s.organization, roster.MemberFilter{}) {
		if err != nil {
			return 0, err
		}
		if wanted[person.User.ID] && person.Role.Works() {
			may++
		}
	}
	members, err := s.CountMembers(s.ctx, p.ID, roster.MemberFilter{IDs: sel.Chosen(), Access: roster.ExplicitAccess})
	return may - members, err
}

// undoHint is how an operation is taken back.
func undoHint(operation int64) string {
	return fmt.Sprintf(" To undo: POST /api/roster/operations/%d/undo/", operation)
}
