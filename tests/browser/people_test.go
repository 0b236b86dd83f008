package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"roster"
)

func TestPersonPage(t *testing.T) {
	s := open(t)
	space := s.Workspace("Computer vision")
	p := s.Project("Street signs", space)
	user := s.PersonNamed(roster.NewUser{Email: "jun@example.com", FirstName: "王", LastName: "俊", Role: "AN"})
	s.Assign(p, user)
	if _, err := s.App.AssignToWorkspace(s.As(s.Owner), space, roster.Selector{Included: []int64{user}}); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/people/%d", user)
	s.signIn(s.Owner, at)
	s.says("Member of the project")
	s.accessible("a person")
	s.menu("td.more-cell", "form button")
	s.says("Still has access to one project")
	s.until("document.querySelector('#dialog').open && document.activeElement.tagName === 'H1'")
	s.accessible("what a cut leaves")
	s.do(chromedp.KeyEvent("\u001b"))
	s.until("!document.querySelector('#dialog').open && document.title.startsWith('王 俊')")
	s.menu("td.more-cell", "form button")
	s.until("document.querySelector('#dialog').open")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("was taken off Street signs.")
	s.Assign(p, user)
	s.visit(at)
	s.menu("td.more-cell", "form button")
	s.until("document.querySelector('#dialog').open")
	gone, err := s.App.UnassignMembers(s.As(s.Owner), p, roster.Selector{Included: []int64{user}}, "") // by somebody else
	if err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("They are not a member of this project, or you may not take them off it.")
	s.until("!document.querySelector('#dialog').open")
	if _, err := s.App.Undo(s.As(s.Owner), gone.Operation); err != nil {
		t.Fatal(err)
	}
	s.visit(at)
	s.menu("td.more-cell", "form button")
	s.until("document.querySelector('#dialog').open")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("was taken off Street signs.")
	if got := s.Explicit(p); len(got) != 0 {
		t.Errorf("members: %v", got)
	}
	s.do(chromedp.Click("#notices form button"))
	s.says("as they were before")
	if got := s.Explicit(p); len(got) != 1 {
		t.Errorf("members after the undo: %v", got)
	}
	s.visit(at + "/history")
	s.says("Was put back in Street signs")
	s.accessible("a person's history")
	s.width(400)
	s.visit(at)
	s.until("document.documentElement.scrollWidth <= 400")
	s.until("[...document.querySelectorAll('.table-box')].every(e => e.scrollWidth <= e.clientWidth)")
	s.script(false)
	s.visit(at)
	s.menu("td.more-cell", "form button")
	s.says("Still has access to one project")
}

func TestWorkspaceAndTagPages(t *testing.T) {
	s := open(t)
	space := s.Workspace("Computer vision")
	s.Project("Street signs", space)
	s.Tag("Night shift")
	s.signIn(s.Owner, "/workspaces")
	s.says("Computer vision")
	s.accessible("workspaces")
	s.do(chromedp.Click(".page-head .btn-primary"))
	s.until("document.activeElement.id === 'title'")
	s.accessible("a new workspace")
	s.do(chromedp.SendKeys("#title", "Speech"), chromedp.Click("#dialog .btn-primary"))
	s.says("You are its first member.")
	s.visit(fmt.Sprintf("/workspaces/%d/projects", space))
	s.says("Street signs")
	s.accessible("a workspace")
	s.menu(".page-head", ".bad")
	s.says("It still holds a project.")
	s.visit("/tags")
	s.accessible("tags")
	s.menu("td.more-cell", ".menu-item")
	s.until("document.querySelector('#dialog #label')")
	eval[any](s, "document.querySelector('#label').value = ''")
	s.do(chromedp.SendKeys("#label", "Late shift"), chromedp.Click("#dialog .btn-primary"))
	s.says("is called Late shift now")
	s.visit("/tags/import")
	s.accessible("importing tags")
	s.do(chromedp.SendKeys("#text", "email,tags\nowner@example.com,new\nnobody@example.com,new"),
		chromedp.Click("main form .btn-primary"))
	s.says("This is how it was read")
	s.accessible("a file of tags that was read")
	s.do(chromedp.Click("main form .btn-primary"))
	s.says("Waiting to begin.")
	s.accessible("an import that waits")
	if err := s.App.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.says("Skipped") // by itself
	s.accessible("an import that is done")
	s.width(400)
	for _, path := range []string{"/tags", "/tags/import", "/workspaces", fmt.Sprintf("/workspaces/%d/projects", space)} {
		s.visit(path)
		s.until("document.documentElement.scrollWidth <= 400")
	}
}

func TestPeoplePage(t *testing.T) {
	s := open(t)
	for range 30 {
		s.Person("AN")
	}
	re := s.Person("RE")
	s.Tag("Night shift")
	s.signIn(s.Owner, "/people")
	s.says("32 people")
	s.accessible("people")
	s.do(chromedp.SendKeys("#q", "first3"))
	s.says("3 people")
	s.until("location.search === '?q=first3'")
	s.do(chromedp.Click("[data-pick]"))
	s.says("One person is selected.")
	s.do(chromedp.Click("[data-select-all]"))
	s.says("All 3 people who match are selected.")
	s.do(chromedp.Click("[data-pick]"))
	s.says("All 3 people who match are selected, except 1.")
	s.accessible("people, some of them selected")
	s.do(chromedp.Click(".bar .joined button"))
	s.says("Make one person Annotator") // the other is one already
	s.accessible("what becomes of them")
	s.do(chromedp.Click("#dialog .btn-primary"))
	s.says("is Annotator now. One person stays unchanged.")
	m, err := s.DB.Membership(t.Context(), s.Org, re)
	if err != nil || m.Role != "AN" {
		t.Errorf("is %s: %v", m.Role, err)
	}
	s.do(chromedp.Click("[data-pick]"), chromedp.Click("[formaction='/people/tags']"))
	s.says("Tags of one person")
	s.accessible("tags of the selected")
	s.do(chromedp.Click("#dialog [name=add]"), chromedp.Click("#dialog .btn-primary"))
	s.says(" got the tag.")
	s.do(chromedp.Click("[data-pick]"), chromedp.Click(".bar .btn-bad"))
	s.says("What is kept")
	s.accessible("deleting")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says(" was deleted from the organization.")
	s.width(400)
	s.visit("/people?all=1")
	s.until("document.documentElement.scrollWidth <= 400")
}

// The wrong people were deactivated, and deleted; undo brings them back.
func TestUndoPeople(t *testing.T) {
	s := open(t)
	var one int64
	for range 30 {
		one = s.Person("AN")
	}
	s.signIn(s.Owner, "/people?all=1&role=AN")
	s.do(chromedp.Click("[name=deactivate]"))
	s.says("until somebody undoes this or gives them a role again")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("30 people are deactivated.")
	s.do(chromedp.Click("#notices form button"))
	s.says("Undone: 30 people are as they were before.")
	s.until("document.querySelector('.list-count').innerText === '30 people'") // by the filter on their role
	s.visit("/people?all=1&role=AN")
	s.do(chromedp.Click(".bar .btn-bad"))
	s.says("undoing it brings them back as they were")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("30 people were deleted from the organization.")
	s.visit(fmt.Sprintf("/people/%d", one))
	s.says("The deletion of these 30 people can be undone until")
	s.accessible("a deleted person")
	s.do(chromedp.Click("main [role=note] a"))
	s.says("deleted 30 people from the organization.")
	s.accessible("a deletion")
	s.do(chromedp.Click(".page-head .btn-primary"))
	s.says("30 people are in the organization again")
	s.accessible("the undo of a deletion")
	s.do(chromedp.Click("#dialog .btn-primary"))
	s.says("Undone: 30 people are as they were before.")
	s.visit(fmt.Sprintf("/people/%d/history", one))
	s.says("Was brought back to the organization as before, by an undo.")
	s.width(400)
	s.until("document.documentElement.scrollWidth <= 400")
}

// Any of many tags is found in the filter, and what was ticked stays ticked.
func TestTagsAreFound(t *testing.T) {
	s := open(t)
	labels := make([]string, 600)
	for i := range labels {
		labels[i] = fmt.Sprintf("shift %03d", i)
	}
	if _, err := s.App.CreateTags(s.As(s.Owner), s.Org, labels); err != nil {
		t.Fatal(err)
	}
	zebra, user := s.Tag("zebra"), s.Person("AN")
	if _, err := s.App.AssignTags(s.As(s.Owner), s.Org,
		roster.TagAssignment{Selector: roster.Selector{Included: []int64{user}}, Tags: []int64{zebra}}); err != nil {
		t.Fatal(err)
	}
	s.signIn(s.Owner, "/people")
	s.click(".pick:has(#tag-options) summary")
	s.do(chromedp.SendKeys("#tagfind", "zeb"))
	s.until("document.querySelectorAll('#tag-options input').length === 1")
	s.accessible("a tag that is looked for")
	s.click("#tag-options input")
	s.until(fmt.Sprintf(
		"location.search === '?tag=%d' && document.querySelector('.list-count').innerText === 'One person'", zebra))
	s.click("#tagfind")
	eval[any](s, "document.querySelector('#tagfind').select()")
	s.do(chromedp.KeyEvent("599"))
	s.until("[...document.querySelectorAll('#tag-options label')].map(e => e.innerText.trim()).join() === " +
		"'zebra,shift 599'")
	s.until("document.querySelector('#tag-options input').checked")
	s.width(400)
	s.until("document.documentElement.scrollWidth <= 400")
	s.script(false)
	s.visit("/people")
	s.click(".pick:has(#tag-options) summary")
	s.do(chromedp.SendKeys("#tagfind", "zebra"), chromedp.KeyEvent("\r"))
	s.until("document.querySelectorAll('#tag-options input').length === 1")
}

func TestWorkspaceMembersPage(t *testing.T) {
	s := open(t)
	space := s.Workspace("Computer vision")
	s.Project("Street signs", space)
	for range 3 {
		s.Person("AN")
	}
	at := fmt.Sprintf("/workspaces/%d/members", space)
	s.signIn(s.Owner, at+"/add?all=1")
	s.says("All 4 people who match are selected.")
	s.accessible("adding to a workspace")
	s.do(chromedp.Click(".bar .btn-primary"))
	s.says("4 people were added to the workspace")
	s.accessible("members of a workspace")
	s.do(chromedp.Click("[data-pick-page]"), chromedp.Click("[data-pick]"))
	s.says("3 people are selected.")
	s.do(chromedp.Click(".bar .btn-danger"))
	s.says("Take 3 people out of the workspace")
	s.accessible("taking people out of a workspace")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("3 people were taken out of the workspace.")
	s.do(chromedp.Click("#notices form button"))
	s.says("3 people are as they were before.")
	s.width(400)
	s.visit(at + "?all=1")
	s.until("document.documentElement.scrollWidth <= 400")
}

// Without script people are ticked, asked about and changed on plain pages.
func TestPeopleWithoutScript(t *testing.T) {
	s := open(t)
	one, two := s.Person("AN"), s.Person("AN")
	s.signIn(s.Owner, "/people")
	s.script(false)
	s.visit("/people?q=person")
	s.do(chromedp.Click(fmt.Sprintf("[data-pick][value='%d']", one)),
		chromedp.Click(fmt.Sprintf("[data-pick][value='%d']", two)))
	s.do(chromedp.Click("[name=deactivate]"))
	s.says("Deactivate 2 people")
	s.do(chromedp.Click(".btn-danger"))
	s.says("2 people are deactivated.")
	s.visit(fmt.Sprintf("/people/%d", one))
	s.do(chromedp.Click("#role"), chromedp.Click(".role-pick a[href$='role=RE']"))
	s.says("Reactivate First1 Last1 as Reviewer")
	s.do(chromedp.Click(".btn-primary"))
	s.says("First1 Last1 is Reviewer now.")
	for id, want := range map[int64]roster.Role{one: "RE", two: "DI"} {
		m, err := s.DB.Membership(t.Context(), s.Org, id)
		if err != nil || m.Role != want {
			t.Errorf("%d is %s, want %s: %v", id, m.Role, want, err)
		}
	}
}
