package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/provision"
)

type importCommand struct {
	actorFlags
	File   string `arg:"" help:"CSV file with a header: email, and any of first_name, last_name, role, user_type, tags, projects; separated by commas, semicolons or tabs. Exports can be imported as they are. - is stdin."`
	DryRun bool   `help:"Say how the file is read and what it would do, and change nothing."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run imports a file.
func (i *importCommand) Run(c *console) error {
	file, err := c.input(i.File)
	if err != nil {
		return err
	}
	defer file.Close()
	a, db, err := i.openApp(c, core.DefaultConfig(), opening{})
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := i.actor(c, a)
	if err != nil {
		return err
	}
	work := c.begin("Importing")
	done, err := a.Import(roster.WithActor(c.ctx, who), file, provision.ImportOptions{
		DryRun: i.DryRun, Progress: work.set})
	work.end()
	if bad, ok := errors.AsType[provision.BadLines](err); ok && i.JSON {
		return errors.Join(c.json(map[string]any{"errors": bad}), roster.Errorf(roster.Invalid, "Nothing was imported."))
	}
	if err != nil {
		return err
	}
	return i.tell(c, done)
}

// tell says what was done.
func (i *importCommand) tell(c *console, done provision.Imported) error {
	if i.JSON {
		return c.json(done)
	}
	if done.Reading != nil {
		c.tellReading(*done.Reading)
	}
	created, updated, assigned := "Created", "updated", "made"
	if i.DryRun {
		created, updated, assigned = "Would create", "update", "make"
	}
	c.say("%s %s, %s %s and %s %s of projects, out of %s.", created, count(done.Created, "person", "people"),
		updated, grouped(done.Updated),
		assigned, count(done.Assigned, "membership", "memberships"), count(done.People, "line", "lines"))
	if done.Tagged > 0 {
		c.say("Tags put on people who did not have them: %s; new tags: %s.", grouped(done.Tagged), grouped(done.TagsCreated))
	}
	if done.Gone > 0 {
		c.say("Passed over: %s about people who were deleted, as the file says.", count(done.Gone, "line", "lines"))
	}
	if i.DryRun {
		c.say("Nothing was changed.")
	} else {
		c.say("This is operation %d in the record.", done.Operation)
	}
	return nil
}

// input is the file of a name, or stdin for "-".
func (c *console) input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c.stdin), nil
	}
	return os.Open(name)
}

// tellReading shows how the first lines of a file were read.
func (c *console) tellReading(r provision.Reading) {
	c.say("Read as %s, with a %s between cells.", r.Encoding, r.Separator)
	for _, column := range r.Columns {
		if column.Column == "" && column.Heading != "" {
			c.say("Passed over: the column %s.", cell(column.Heading))
		}
	}
	for _, line := range r.Lines {
		parts := make([]string, len(line.Cells))
		for i, read := range line.Cells {
			parts[i] = read.Column + " " + cell(strings.Join(read.Values, " | "))
		}
		c.say("Line %d: %s", line.Line, strings.Join(parts, ", "))
	}
}
