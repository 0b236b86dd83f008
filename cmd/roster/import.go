package main

import (
	"errors"
	"io"
	"os"

	"roster"
	"roster/internal/app"
)

type importCommand struct {
	actorFlags
	File   string `arg:"" help:"CSV file with a header: email, and any of first_name, last_name, role, user_type, tags, projects. - is stdin."`
	DryRun bool   `help:"Say what it would do, and change nothing."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run imports a file.
func (i *importCommand) Run(c *console) error {
	file, err := c.input(i.File)
	if err != nil {
		return err
	}
	defer file.Close()
	a, db, err := i.openApp(c, app.DefaultConfig(), opening{})
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := i.actor(c, a)
	if err != nil {
		return err
	}
	work := c.begin("Importing")
	done, err := a.Import(roster.WithActor(c.ctx, who), file, app.ImportOptions{DryRun: i.DryRun, Progress: work.set})
	work.end()
	if bad, ok := errors.AsType[app.BadLines](err); ok && i.JSON {
		return errors.Join(c.json(map[string]any{"errors": bad}), roster.Errorf(roster.Invalid, "Nothing was imported."))
	}
	if err != nil {
		return err
	}
	return i.tell(c, done)
}

// tell says what was done.
func (i *importCommand) tell(c *console, done app.Imported) error {
	if i.JSON {
		return c.json(done)
	}
	created, updated, assigned := "Created", "updated", "made"
	if i.DryRun {
		created, updated, assigned = "Would create", "update", "make"
	}
	c.say("%s %s, %s %s and %s %s of projects, out of %s.", created, count(done.Created, "person", "people"), updated, grouped(done.Updated),
		assigned, count(done.Assigned, "membership", "memberships"), count(done.People, "line", "lines"))
	if done.Tagged > 0 {
		c.say("Tags put on people who did not have them: %s; new tags: %s.", grouped(done.Tagged), grouped(done.TagsCreated))
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
