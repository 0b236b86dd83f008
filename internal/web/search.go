package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

var searchRoutes = []route{
	{method: "GET", path: "/search", handle: (*visit).search},
}

// searchPage is what a search of everything finds: a page of its own, or the options of
// the palette that lies over every page.
type searchPage struct {
	Search  string
	Options bool // for the palette
	Groups  []foundGroup
}

// foundGroup is what was found of one kind.
type foundGroup struct {
	Title roster.Text
	Items []foundItem
}

// foundItem is something to go to.
type foundItem struct {
	Text, Note roster.Text
	URL        string
	Person     int64 // whose face stands beside it; 0: nobody's
}

// mostFound is how much of each kind a search names.
const mostFound = 6

func (v *visit) search() error {
	d := searchPage{Search: shortened(v.field("q"), maxSearch), Options: v.field("as") == "options"}
	found, err := v.app.Find(v.ctx(), d.Search, mostFound)
	if err != nil {
		return err
	}
	add := func(title roster.Text, items []foundItem) {
		if len(items) > 0 {
			d.Groups = append(d.Groups, foundGroup{title, items})
		}
	}
	if op := found.Operation; op != nil {
		add("Operation", []foundItem{
			{Text: operationText(*op), Note: sentence("Number {n}", "n", strconv.FormatInt(op.ID, 10)),
				URL: v.link("/history/%d", op.ID)}})
	}
	add("People", v.foundPeople(found.People))
	add("Projects", v.foundProjects(found.Projects))
	add("Workspaces", v.foundWorkspaces(found.Workspaces))
	views, err := v.foundViews(d.Search)
	if err != nil {
		return err
	}
	add("Saved views", views)
	add("Actions", v.commandsFor(d.Search, found.Projects))
	if len(d.Groups) > 0 && d.Search != "" && v.may(core.ListPeople) {
		add("More", []foundItem{{
			Text: sentence("Everybody with {search} in a name or an e-mail", "search", roster.Name{Text: d.Search}),
			URL:  v.link("/people?%s", url.Values{"q": {d.Search}}.Encode()),
		}})
	}
	return v.show(http.StatusOK, "search.html", page{Title: "Search", Data: d})
}

func (v *visit) foundPeople(people []roster.OrganizationMember) (items []foundItem) {
	for _, m := range people {
		item := foundItem{Text: roster.Verbatim(m.User.Name()), Note: roster.Verbatim(m.User.Email),
			URL: v.link("/people/%d", m.User.ID), Person: m.User.ID}
		if item.Note == item.Text {
			item.Note = roleName(m.Membership.Role)
		}
		items = append(items, item)
	}
	return items
}

func (v *visit) foundProjects(projects []membership.FoundProject) (items []foundItem) {
	for _, p := range projects {
		item := foundItem{Text: roster.Verbatim(p.Title), URL: v.link("/projects/%d/members", p.ID)}
		if !p.SeesMembers { // who may not see who is in it finds it in the list
			item.URL = v.link("/projects?%s", url.Values{"q": {p.Title}}.Encode())
		}
		if p.Archived {
			item.Note = "Archived"
		}
		items = append(items, item)
	}
	return items
}

func (v *visit) foundWorkspaces(spaces []roster.Workspace) (items []foundItem) {
	for _, w := range spaces {
		item := foundItem{Text: roster.Verbatim(w.Title), URL: v.link("/workspaces/%d/projects", w.ID)}
		if w.Archived {
			item.Note = "Archived"
		}
		items = append(items, item)
	}
	return items
}

// commands are what can be done or looked at from anywhere, for whom the policy lets take
// the action, and by which other words it is found.
var commands = []struct {
	title       roster.Text
	words, path string
	action      core.Action
}{
	{"Invite people", "add new e-mail", "/people/invite", core.Invite},
	{"Invitations that wait", "invited resend revoke", "/people/invitations", core.Invite},
	{"People who were inactive for 90 days", "dormant", "/people?active=90", core.ListPeople},
	{"People who were never active", "", "/people?active=never", core.ListPeople},
	{"Deactivated people", "disabled", "/people?state=deactivated", core.ListPeople},
	{"Deleted people", "removed", "/people?state=deleted", core.ManagePeople},
	{"New workspace", "create add", "/workspaces/new", core.CreateWorkspace},
	{"New tag", "create add label", "/tags/new", core.ManageTags},
	{"Import tags from a file", "csv", "/tags/import", core.ManageTags},
	{"What was taken off projects", "unassign removed history", "/history?kind=unassign", core.ViewOperations},
}

// commandsFor is the actions that hold every word of a search: first those in the project
// that the palette lies over, or in the one that was found.
func (v *visit) commandsFor(search string, found []membership.FoundProject) (items []foundItem) {
	offer := func(title roster.Text, words, path string) {
		if says(v.say(title)+" "+words, search) {
			items = append(items, foundItem{Text: title, URL: v.link("%s", path)})
		}
	}
	for _, c := range commands {
		if v.may(c.action) {
			offer(c.title, c.words, c.path)
		}
	}
	for _, p := range navigation {
		if v.may(p.action) {
			offer(sentence("Go to {place}", "place", p.title), "", p.path)
		}
	}
	for _, p := range settingTabs {
		if v.may(p.action) {
			offer(sentence("Settings: {place}", "place", p.title), "go", p.path)
		}
	}
	return append(v.projectCommands(search, found), items...)
}

// projectCommands is what can be done in a project that is looked at, or was found alone.
func (v *visit) projectCommands(search string, found []membership.FoundProject) (items []foundItem) {
	id, title := v.projectBehind(), roster.Text("this project")
	if len(found) == 1 {
		id, title, search = found[0].ID, nameText(found[0].Title), ""
	}
	if id == 0 {
		return nil
	}
	for _, c := range []struct {
		text roster.Text
		path string
		may  bool
	}{
		{"Add people to {project}", "members/add", v.mayIn(id, core.ManageMembers)},
		{"Add people to {project} by e-mail", "members/add/emails", v.mayIn(id, core.ManageMembers)},
		{"History of {project}", "history", v.mayIn(id, core.ViewMembers)},
		{"Who could see {project}", "history/access", v.app.MayAudit(v.ctx(), id) == nil},
	} {
		if text := sentence(c.text, "project", title); c.may && says(v.say(text), search) {
			items = append(items, foundItem{Text: text, URL: v.link("/projects/%d/%s", id, c.path)})
		}
	}
	return items
}

// projectBehind is the project of the page that the palette lies over; 0: it is of none.
func (v *visit) projectBehind() int64 {
	u, err := url.Parse(v.r.Header.Get("HX-Current-URL"))
	if err != nil {
		return 0
	}
	rest, of := strings.CutPrefix(u.Path, v.link("/projects/"))
	text, _, _ := strings.Cut(rest, "/")
	if !of || !isID(text) {
		return 0
	}
	id, _ := strconv.ParseInt(text, 10, 64)
	return id
}

// says reports whether a text holds every word of a search, in any case.
func says(text, search string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
