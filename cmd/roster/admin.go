package main

import (
	"runtime"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/store"
)

type tokenCommands struct {
	Create tokenCreate `cmd:"" help:"Print a person's API token, making one when there is none."`
}

type tokenCreate struct {
	storeFlags
	User     string `required:"" placeholder:"EMAIL" help:"Whose token."`
	Personal bool   `help:"A personal access token instead of the legacy one. It is shown this once, and a person has one at a time."`
	Reset    bool   `help:"Make a new one; the old one stops working."`
}

// Run prints the token and nothing else, for scripts.
func (t *tokenCreate) Run(c *console) error {
	a, db, err := t.openApp(c, core.DefaultConfig(), opening{})
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := actorFlags{As: t.User}.actor(c, a)
	if err != nil {
		return err
	}
	token, err := t.token(c, a, who.UserID)
	if err != nil {
		return err
	}
	c.say("%s", token)
	return nil
}

func (t *tokenCreate) token(c *console, a *app.App, user int64) (string, error) {
	if !t.Personal {
		get := a.Token
		if t.Reset {
			get = a.ResetToken
		}
		return get(c.ctx, user)
	}
	create := a.CreatePersonalToken
	if t.Reset {
		create = a.ResetPersonalToken
	}
	token, err := create(c.ctx, user)
	if roster.KindOf(err) == roster.Exists {
		err = roster.Errorf(roster.Exists,
			"%s has a personal access token already, which cannot be shown again; --reset ends it and makes another.", t.User)
	}
	return token.Text, err
}

type migrateCommand struct {
	locationFlags
	directFlags
	Contract bool `help:"Take away what only older Rosters need. None of them may serve the store any more."`
}

// Run brings the schema up to date, or takes away what older Rosters need.
func (m *migrateCommand) Run(c *console) error {
	p, err := m.location(c)
	if err == nil {
		p, err = m.direct(c, m.locationFlags, p)
	}
	if err != nil {
		return err
	}
	db, err := p.open(true)
	if err != nil {
		return err
	}
	defer db.Close()
	change := db.Migrate
	if m.Contract {
		change = db.Contract
	}
	work := c.begin("Migrating")
	steps, err := change(store.WithProgress(c.ctx, work.set))
	work.end()
	if err != nil {
		return err
	}
	at, err := db.SchemaVersion(c.ctx)
	if err != nil {
		return err
	}
	if m.Contract {
		c.say("The schema of %s is at version %d, without what older Rosters need (%s).", p, at, count(steps, "step", "steps"))
		return nil
	}
	c.say("The schema of %s is at version %d (%s).", p, at, count(steps, "step", "steps"))
	return nil
}

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run says which Roster this is.
func (v *versionCommand) Run(c *console) error {
	if v.JSON {
		return c.json(map[string]any{"version": version, "schema": store.Version(), "go": runtime.Version(),
			"platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	c.say("roster %s (schema %d, %s, %s/%s)", version, store.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
