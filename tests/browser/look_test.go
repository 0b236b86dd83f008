package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"roster"
)

// Columns are where they were, whatever the filters leave in them.
func TestColumnsStay(t *testing.T) {
	s := open(t)
	project, _ := s.crew(6)
	s.Assign(project, s.PersonNamed(roster.NewUser{
		Email: strings.Repeat("x", 60) + "@example.com", FirstName: strings.Repeat("Wilhelmina", 8), Role: "RE",
	}))
	s.signIn(s.Owner, s.members(project, ""))
	const heads = "[...document.querySelectorAll('thead th')].map(h => h.getBoundingClientRect().x).join()"
	for _, width := range []int64{1440, 1024, 400} {
		s.width(width)
		s.visit(s.members(project, "role=AN"))
		before := eval[string](s, heads)
		s.visit(s.members(project, "role=RE"))
		s.says("One person")
		if after := eval[string](s, heads); after != before {
			t.Errorf("%d: columns at %s, and with others at %s", width, before, after)
		}
	}
}

// Names of any length and script fit on a phone, whether there is one row, none or many.
func TestNamesOnAPhone(t *testing.T) {
	s := open(t)
	long := strings.Repeat("Wolfeschlegelstein", 5)[:80]
	names := []string{long, "جمعية تصنيف الصور والأصوات باللغة العربية الفصحى", "欧州の街路標識と道路標示の画像分類プロジェクト第二期拡張版",
		strings.Repeat("ラベル付け", 16)}
	spaces := map[int64]string{}
	projects := make([]int64, len(names))
	for i, name := range names {
		space := s.Workspace(name)
		spaces[space], projects[i] = name, s.Project(name, space)
		s.Tag(name)
	}
	people := make([]int64, len(names))
	for i, name := range names {
		people[i] = s.PersonNamed(roster.NewUser{
			Email: fmt.Sprintf("%s%d@example.com", strings.Repeat("e", 50), i), FirstName: name, LastName: name, Role: "AN"})
	}
	s.Assign(projects[1], people[0]) // exactly one
	s.Assign(projects[2], people...)
	for range 60 { // very many
		s.Assign(projects[3], s.Person("AN"))
	}
	s.signIn(s.Owner, "/home")
	s.width(400)
	paths := []string{"/home", "/projects", "/workspaces", "/people", "/tags", "/projects?q=nothing",
		"/workspaces?q=nothing"}
	for _, p := range projects {
		paths = append(paths, s.members(p, ""), s.members(p, "all=1"), fmt.Sprintf("/projects/%d/history", p))
	}
	for space := range spaces {
		paths = append(paths, fmt.Sprintf("/workspaces/%d/members", space), fmt.Sprintf("/workspaces/%d/projects", space))
	}
	for _, user := range people {
		paths = append(paths, fmt.Sprintf("/people/%d", user), fmt.Sprintf("/people/%d/history", user))
	}
	for _, path := range paths {
		s.visit(path)
		s.until("document.readyState === 'complete'")
		if over := eval[int](s, "document.documentElement.scrollWidth"); over > 400 {
			t.Errorf("%s is %d pixels wide", path, over)
		}
		if eval[bool](s, "[...document.querySelectorAll('.steady')].some(e => e.scrollWidth > e.parentElement.clientWidth)") {
			t.Errorf("%s has a list that is cut off", path)
		}
	}
	s.visit("/projects")
	s.accessible("projects with long names")
	s.shot("projects-400")
	s.visit("/workspaces")
	s.accessible("workspaces with long names")
	s.visit(s.members(projects[2], "all=1"))
	s.accessible("members with long names")
	s.shot("members-400")
	s.width(1440)
	s.visit("/projects")
	s.click(".numbers > summary")
	s.accessible("the charts of projects, as a table")
	s.visit("/home/without-work")
	s.says("Everybody has work")
	s.accessible("nobody without work")
}

// What a question is about is read in it, by search and page, and asked on from there.
func TestReadingAQuestion(t *testing.T) {
	s := open(t)
	s.crew(60)
	s.signIn(s.Owner, "/people?all=1&role=AN")
	s.do(chromedp.Click("[name=deactivate]"))
	s.says("Deactivate 60 people")
	s.until("document.querySelectorAll('#going tbody tr').length === 25")
	s.accessible("people whom a question is about")
	s.shot("deed")
	s.click("#going [rel=next]")
	s.until("document.querySelector('#going tbody').innerText.includes('Ann025')")
	s.do(chromedp.SendKeys("#find", "ann059"))
	s.until("document.querySelectorAll('#going tbody tr').length === 1 && document.activeElement.id === 'find'")
	s.do(chromedp.Click("#dialog .btn-danger"))
	s.says("60 people are deactivated.")
	s.visit("/people?all=1&role=DI")
	s.width(400)
	s.visit("/people?all=1")
	s.click(".bar-menu summary")
	s.click("[formaction='/people/add-to']")
	s.click("#dialog .numbers summary")
	s.until("document.querySelectorAll('#going tbody tr').length === 25")
	s.until("document.querySelector('#dialog').scrollWidth <= 400")
	s.accessible("who is added elsewhere")
	s.shot("deed-400")
}
