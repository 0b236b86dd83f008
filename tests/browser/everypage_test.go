package browser

import (
	"fmt"
	"testing"

	"roster"
	"roster/internal/store/storetest"
)

// TestEveryPageIsAccessible: in light, dark and with forced colours, in a language from left to
// right and in one from right to left. Besides the lists it opens each question as a page.
func TestEveryPageIsAccessible(t *testing.T) {
	for _, code := range []string{"de", "ar"} {
		for part := range 3 { // each within the time of one tab
			t.Run(fmt.Sprintf("%s, %d", code, part+1), func(t *testing.T) {
				s := openOn(t, storetest.SQLite(t))
				paths := s.everyPage()
				s.signIn(s.Owner, "/help")
				s.language(code)
				for i, path := range paths {
					if i%3 != part {
						continue
					}
					s.visit(path)
					if status := eval[int](s, "performance.getEntriesByType('navigation')[0].responseStatus"); status != 200 {
						t.Errorf("%s is answered %d", path, status)
					}
					s.until(fmt.Sprintf("document.documentElement.lang === %q", code))
					s.accessible(path + " in " + code)
				}
			})
		}
	}
}

// everyPage is each page of the console, of an organization with a bit of everything.
func (s *site) everyPage() []string {
	s.T.Helper()
	project, people := s.crew(6)
	space, tag := s.Workspace("Computer vision"), s.Tag("night shift")
	as := s.As(s.Owner)
	must := func(err error) {
		s.T.Helper()
		if err != nil {
			s.T.Fatal(err)
		}
	}
	taken, err := s.App.UnassignMembers(as, project, roster.Selector{Included: people[:2]}, "")
	must(err)
	_, err = s.App.AddToWorkspace(as, space, people[3])
	must(err)
	view, err := s.App.SaveView(as, roster.SavedView{Name: "Annotators", List: roster.ViewedPeople, Query: "role=AN"})
	must(err)
	must(s.App.InvitePeople(as, roster.Invite{Emails: []string{"new@example.com"}, Role: roster.RoleAnnotator}))
	paths := s.pages(project, people[3])
	for _, p := range []struct {
		format string
		id     int64
	}{
		{"/workspaces/%d/members", space}, {"/workspaces/%d/members/add", space}, {"/workspaces/%d/projects", space},
		{"/workspaces/%d/edit", space}, {"/workspaces/%d/delete", space}, {"/tags/%d/edit", tag}, {"/tags/%d/delete", tag},
		{"/views/%d/edit", view}, {"/views/%d/delete", view}, {"/views/%d/joined", view},
		{"/history/%d/undo", taken.Operation},
		{"/people/%d/name", people[3]}, {"/people/%d/projects", people[3]}, {"/people/%d/change?role=RE", people[3]},
		{fmt.Sprintf("/projects/%d/members/%%d/pause", project), people[3]}, {"/people/invitations/%d/revoke", 1},
	} {
		paths = append(paths, fmt.Sprintf(p.format, p.id))
	}
	return append(paths, "/workspaces/new", "/tags/new", "/home/without-work", "/settings/addresses")
}
