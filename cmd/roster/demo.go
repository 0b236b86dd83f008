package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/demo"
	"roster/internal/store"
)

type demoFlags struct {
	People   int    `default:"2000" placeholder:"N" help:"How many people (default: ${default})."`
	Projects int    `default:"12" placeholder:"N" help:"How many projects (default: ${default})."`
	Members  int    `placeholder:"N" help:"How many members the largest project has (default: a share of the people)."`
	Seed     uint64 `placeholder:"N" help:"The number that chance begins with: the same number makes the same organization (default: 0)."`
}

type demoCommand struct {
	storeFlags
	demoFlags
	Migrate bool `help:"Bring PostgreSQL's schema up to date first. SQLite's always is."`
}

// Run fills an empty store.
func (d *demoCommand) Run(c *console) error {
	a, db, err := d.openApp(c, core.DefaultConfig(), opening{create: true, migrate: d.Migrate})
	if err != nil {
		return err
	}
	defer db.Close()
	t, err := c.demo(a, db, d.demoFlags)
	if err != nil {
		return err
	}
	c.say("The demo has %s and %s; its owner is %s.", count(t.People, "person", "people"),
		count(t.Projects, "project", "projects"), t.Owner)
	c.say(`
Serve it with "roster serve" and the same --data or --db, and sign in:

  Page     http://127.0.0.1:8080/user/login
  E-mail   %s
  Password %s
`, t.Owner, t.Password)
	return nil
}

// demoSetting is where a store says that it holds the demo, and what to show.
const demoSetting = "demo"

// tour is what there is to see in the demo.
type tour struct {
	Owner    string `json:"owner"`
	Password string `json:"password"` // the owner's, made with the demo
	Project  int64  `json:"project"`
	Title    string `json:"title"`
	People   int    `json:"people"`
	Projects int    `json:"projects"`
}

// demo fills an empty store with the demo; in a store that holds it already it
// changes nothing. A store with anything else in it is refused, because serve
// shows the token of the demo's owner.
func (c *console) demo(a *app.App, db *store.DB, f demoFlags) (t tour, err error) {
	text, err := db.Setting(c.ctx, demoSetting)
	if err == nil {
		return t, json.Unmarshal(text, &t)
	}
	if roster.KindOf(err) != roster.NotFound {
		return t, err
	}
	work := c.begin("Filling the demo")
	made, err := demo.Fill(c.ctx, a, db, demo.Options{People: f.People, Projects: f.Projects, Members: f.Members,
		Seed: f.Seed, Progress: work.set})
	work.end()
	if err != nil {
		return t, err
	}
	t = tour{Owner: made.OwnerEmail, Password: rand.Text()[:12], Project: made.ProjectID, Title: made.ProjectTitle,
		People: made.People, Projects: made.Projects}
	if err := c.letIn(a, t); err != nil {
		return t, err
	}
	if text, err = json.Marshal(t); err != nil {
		return t, err
	}
	_, err = db.SetSettingOnce(c.ctx, demoSetting, text)
	return t, err
}

// letIn gives the demo's owner the password that the tour tells.
func (c *console) letIn(a *app.App, t tour) error {
	who, err := a.ActAs(c.ctx, t.Owner)
	if err != nil {
		return err
	}
	_, err = a.UpdatePerson(roster.WithActor(c.ctx, who), who.UserID, roster.UserPatch{Password: &t.Password})
	return err
}

// idle is how long the people of the shown example have done nothing.
const idle = 180 * 24 * time.Hour

// show says on one screen how to try the demo.
func (t tour) show(c *console, address, owner, token string) {
	query := "all=true&role=AN&last_activity__lte=" + time.Now().Add(-idle).UTC().Format(time.DateOnly)
	call := func(method, path string) string {
		return fmt.Sprintf("curl -X %s \"%s%s\" -H \"Authorization: Token %s\"", method, address, path, token)
	}
	c.say("Roster %s is ready on %s", version, address)
	c.say(`
  Demo     %s, %s
  Owner    %s
  Password %s
  Token    %s

Sign in at %s/user/login to try the console, or use the API:

Which annotators of %s did nothing for half a year?
This only asks, and shows the first three of them:

  %s

This takes them off the project in one stroke; the header Roster-Operation of the
answer names the record of it:

  %s -i

And this puts them back, N being that number:

  %s
`,
		count(t.People, "person", "people"), count(t.Projects, "project", "projects"), owner, t.Password, token,
		address, called("project", t.Project, t.Title),
		call("POST", fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview?%s&page_size=3", t.Project, query)),
		call("DELETE", fmt.Sprintf("/api/projects/%d/members/bulk/?%s", t.Project, query)),
		call("POST", "/api/roster/operations/N/undo/"))
}
