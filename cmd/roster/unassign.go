package main

import (
	"bufio"
	"fmt"
	"strings"

	"roster"
	"roster/client"
)

type memberUnassign struct {
	projectFlags
	selectorFlags
	DryRun   bool `help:"Say what it would do, and change nothing."`
	KeepMade bool `help:"Leave running what they made in the Label Studio behind a gate: webhooks, storages. It is disabled otherwise."`
	Yes      bool `help:"Do not ask, whoever is removed. In a pipe nothing is ever asked."`
	JSON     bool `name:"json" help:"Print JSON."`
}

// asksFrom is how many people are removed without a question.
const asksFrom = 20

// named is how many people a preview names.
const named = 10

// Run takes people off a project. On a terminal a large removal is shown
// first, and what was shown is what is removed.
func (u *memberUnassign) Run(c *console) error {
	return u.in(c, func(s *session, p client.Project) error {
		sel, err := s.selector(u.selectorFlags)
		if err != nil {
			return err
		}
		sel.KeepMade = u.KeepMade
		plan := ""
		if u.DryRun || (c.asks && !u.Yes) {
			preview, err := s.preview(p, sel)
			if err != nil || u.DryRun {
				return u.show(c, p, preview, err)
			}
			if preview.Count+preview.Dormant > asksFrom && !c.agrees(describe(p, preview, "This removes")) {
				return roster.Errorf(roster.Invalid, "Nothing was changed.")
			}
			plan = preview.Plan
		}
		return u.remove(s, p, sel, plan)
	})
}

func (u *memberUnassign) remove(s *session, p client.Project, sel roster.Selector, plan string) error {
	work := s.begin("Unassigning")
	done, err := s.UnassignMembers(s.ctx, p.ID, sel, plan)
	work.end()
	if err != nil {
		return err
	}
	if u.JSON {
		return s.json(done)
	}
	besides, err := s.besides(sel, done.Operation)
	s.say("Removed %s from %s.%s%s", count(done.Count, "person", "people"), called("project", p.ID, p.Title),
		besides, undoHint(done.Operation))
	return err
}

// besides says how many dormant memberships a removal of everybody ended, which its answer
// does not count.
func (s *session) besides(sel roster.Selector, operation int64) (string, error) {
	if !sel.All {
		return "", nil
	}
	op, err := s.Operation(s.ctx, operation)
	if err != nil || op.Dormant == 0 {
		return "", err
	}
	return " " + count(op.Dormant, dormantOne, dormantMany) + " ended besides.", nil
}

const dormantOne, dormantMany = "dormant membership of somebody deactivated",
	"dormant memberships of deactivated people"

func (s *session) preview(p client.Project, sel roster.Selector) (client.Preview, error) {
	work := s.begin("Previewing")
	defer work.end()
	return s.PreviewUnassign(s.ctx, p.ID, sel, named)
}

// show prints a preview.
func (u *memberUnassign) show(c *console, p client.Project, preview client.Preview, err error) error {
	if err != nil {
		return err
	}
	if u.JSON {
		return c.json(preview)
	}
	c.say("%s\nNothing was changed.", describe(p, preview, "Would remove"))
	return nil
}

// describe is a preview in words.
func describe(p client.Project, v client.Preview, verb string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s from %s", verb, count(v.Count, "person", "people"), called("project", p.ID, p.Title))
	if len(v.People) > 0 {
		text.WriteString(": " + names(v))
	}
	text.WriteString(".")
	if v.Dormant > 0 {
		fmt.Fprintf(&text, "\n%s would end besides.", count(v.Dormant, dormantOne, dormantMany))
	}
	if k := v.Keep; k.Count > 0 {
		fmt.Fprintf(&text, "\n%s of them would keep access: %s through the workspace, %s by the organization role.",
			grouped(k.Count), grouped(k.Workspace), grouped(k.OrganizationRole))
	}
	text.WriteString(made(v.Made))
	if v.OpenAssignments > 0 {
		fmt.Fprintf(&text, "\n%s would be dropped.", count(v.OpenAssignments, "open task assignment",
			"open task assignments"))
	}
	return text.String()
}

// made is what the people made who would go, in words.
func made(by *client.MadeBy) string {
	if by == nil {
		return ""
	}
	var text strings.Builder
	if len(by.Things) > 0 {
		fmt.Fprintf(&text, "\n%s they made would be disabled, unless --keep-made is given:",
			count(len(by.Things), "thing that", "things that"))
	}
	for _, m := range by.Things {
		fmt.Fprintf(&text, "\n  %s %d %s", strings.ReplaceAll(string(m.Kind), "_", " "), m.UpstreamID, cell(m.Location))
	}
	if by.Tabs > 0 {
		fmt.Fprintf(&text, "\n%s stay.", count(by.Tabs, "saved tab of theirs would", "saved tabs of theirs would"))
	}
	return text.String()
}

// names is the people of a preview, as far as it lists them.
func names(v client.Preview) string {
	var list []string
	for _, m := range v.People {
		list = append(list, cell(m.Name()))
	}
	if more := v.Count - len(list); more > 0 {
		list = append(list, "and "+grouped(more)+" more")
	}
	return strings.Join(list, ", ")
}

// agrees shows what is about to happen and asks whether it should.
func (c *console) agrees(what string) bool {
	fmt.Fprintf(c.stderr, "%s\nGo ahead? [y/N] ", what)
	answer, _ := bufio.NewReader(c.stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
