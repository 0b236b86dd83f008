package web_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestHomePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, me := enter(t, db, "AD")
		if to := b.must(303, "", "GET", "/", nil).Header().Get("Location"); to != "/home" {
			t.Errorf("the front page leads to %s", to)
		}
		page := b.page("To begin with", "/home")
		b.with(page, "Have a project")
		project := b.Project("<b>Signs</b>", 0)
		b.Project("Managed", 0)
		manager, person := b.Person("MA"), b.Person("AN")
		b.Person("NO")
		b.Assign(project, person)
		b.Assign(2, manager)
		done, err := b.App.UnassignMembers(b.As(me), project, roster.Selector{Included: []int64{person}}, "")
		if err != nil {
			t.Fatal(err)
		}
		page = b.page("What needs you", "/home")
		b.without(page, "To begin with")
		for _, want := range []string{
			"One person waits for a role", "were never active", "One project has no Manager", "&lt;b&gt;Signs&lt;/b&gt;",
			`href="/projects/1/members"`,
			"in the last seven days", "unassigned \u2068", `href="/history/3/undo"`,
		} {
			b.with(page, want)
		}
		b.without(page, `href="/projects/2/members"><bdi>`)
		b.Clock = b.Clock.Add(time.Hour)
		b.page("in the last seven days", "/home") // the same visit
		b.Clock = b.Clock.Add(23 * time.Hour)
		page = b.page("since you were here", "/home")
		b.without(page, "in the last seven days")
		b.Clock = b.Clock.Add(24 * time.Hour)
		b.page("<p class=\"soft\">Nothing.</p>", "/home")
		if _, err := b.App.Undo(b.As(me), done.Operation); err != nil {
			t.Fatal(err)
		}
		b.with(b.page("since you were here", "/home"), `href="/history/4"`)
		b.page("What things are", "/help")
	})
}

func TestHomeOfAManagerAndAnAnnotator(t *testing.T) {
	b, me := enter(t, storetest.SQLite(t), "MA")
	mine, other := b.Project("Signs", 0), b.Project("Elsewhere", 0)
	b.Assign(mine, me, b.Person("AN"))
	b.Assign(other, b.Person("AN"))
	page := b.page("Signs", "/home")
	b.without(page, "Elsewhere")
	b.without(page, "people were inactive for 90 days")
	b.without(page, "person was inactive for 90 days")
	b.without(page, "has no Manager")
	b.must(303, "", "POST", "/user/logout/", nil)
	_, email := b.account("AN")
	b.must(303, "", "POST", "/user/login/", credentials(email, password))
	if to := b.must(303, "", "GET", "/", nil).Header().Get("Location"); to != "/projects" {
		t.Errorf("the front page leads to %s", to)
	}
	b.must(403, "permission", "GET", "/home", nil)
	b.page("What things are", "/help")
}

func TestWithoutWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, me := enter(t, db, "AD")
		project := b.Project("Signs", 0)
		busy, idle := b.Person("AN"), b.PersonNamed(roster.NewUser{
			Email: "ida@example.com", FirstName: "<i>Ida</i>", Role: "AN"})
		b.Assign(project, busy, idle)
		page := b.page("What needs you", "/home")
		b.without(page, "no open task") // nobody was given any, so nothing is known
		b.page("Everybody has work", "/home/without-work")
		_, err := b.App.CreateTasks(b.As(me), project, []string{"{}"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = b.App.AssignTasks(b.As(me), project, roster.TaskSelector{All: true}, roster.Annotate,
			[]int64{busy}); err != nil {
			t.Fatal(err)
		}
		page = b.page("One person has no open task", "/home")
		b.with(page, "&lt;i&gt;Ida&lt;/i&gt;")
		page = b.page("ida@example.com", "/home/without-work")
		b.without(page, "Everybody has work")
		b.with(page, "<bdi>&lt;i&gt;Ida&lt;/i&gt;</bdi>")
	})
}

// TestEveryHelpIsThere: what an empty list leads to stands on the page of help.
func TestEveryHelpIsThere(t *testing.T) {
	b, _ := enter(t, storetest.SQLite(t), "AD")
	page := b.page("What things are", "/help")
	links := regexp.MustCompile(`"Help" "([a-z-]+)"`)
	for _, name := range templatesOf(t) {
		for _, link := range links.FindAllStringSubmatch(name, -1) {
			b.with(page, fmt.Sprintf("id=%q", link[1]))
		}
	}
}

// templatesOf is the texts of all templates.
func templatesOf(t *testing.T) (texts []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("templates"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join("templates", path))
		texts = append(texts, string(text))
		return err
	})
	if err != nil || len(texts) < 40 {
		t.Fatal(len(texts), err)
	}
	return texts
}
