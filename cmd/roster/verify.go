package main

import (
	"roster"
	"roster/internal/store"
)

type verifyCommand struct {
	locationFlags
	JSON bool `name:"json" help:"Print every rule as JSON: how often it is broken, and where."`
}

// Run reads the whole store and says what must not be in it. It migrates nothing.
func (v *verifyCommand) Run(c *console) error {
	p, err := v.location(c)
	if err != nil {
		return err
	}
	db, err := p.open(false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(c.ctx); err != nil {
		return db.Damaged(err)
	}
	work := c.begin("Verifying")
	var all []store.Broken
	broken, err := db.Verify(c.ctx, func(b store.Broken) { all = append(all, b) })
	work.end()
	if err != nil {
		return db.Damaged(err)
	}
	if err := v.tell(c, all); err != nil {
		return err
	}
	if broken > 0 {
		return roster.Errorf(roster.Invalid,
			"%s of %d do not hold in %s. Nothing was changed. Restore a backup, or report this with what stands above.",
			count(broken, "rule", "rules"), len(all), p)
	}
	if !v.JSON {
		c.say("All %d rules hold in %s.", len(all), p)
	}
	return nil
}

func (v *verifyCommand) tell(c *console, all []store.Broken) error {
	if v.JSON {
		return c.json(all)
	}
	for _, b := range all {
		c.sayRule(b)
	}
	return nil
}

func (c *console) sayRule(b store.Broken) {
	if b.Count == 0 {
		c.say("ok      %s", b.Rule)
		return
	}
	c.say("BROKEN  %s: %s", b.Rule, count(b.Count, "time", "times"))
	for _, where := range b.Where {
		c.say("          %s", cell(where))
	}
}
