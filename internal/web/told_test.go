package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var tagsOfHTML = regexp.MustCompile(`<[^>]*>`)

// told is what the operations of a page say, the newest first, as plain text.
func told(page string) (texts []string) {
	for _, cell := range regexp.MustCompile(`(?s)<td class="sentence-cell">(.*?)</td>`).FindAllStringSubmatch(page, -1) {
		texts = append(texts, strings.TrimSpace(tagsOfHTML.ReplaceAllString(cell[1], "")))
	}
	return texts
}

// TestTheHistoryNames says who was changed, and from what to what, where they are one or
// two, on the history of the organization, of a project and of a person.
func TestTheHistoryNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		as := b.As(b.Owner)
		named := func(first, email string) int64 {
			return b.PersonNamed(roster.NewUser{Email: email, FirstName: first, LastName: "Ng", Role: "AN"})
		}
		noor, uma, wim := named("نور", "noor@example.com"), named("Uma", "uma@example.com"),
			named("Wim", "wim@example.com")
		p, space, night, day := b.Project("Signs", 0), b.Workspace("Vision"), b.Tag("Night"), b.Tag("Day")
		pick := func(ids ...int64) roster.Selector { return roster.Selector{Included: ids} }
		role := func(s roster.Selector, r roster.Role) {
			if _, err := b.App.ChangePeople(as, s, roster.MembershipChange{Role: r}, ""); err != nil {
				t.Fatal(err)
			}
		}
		tag := func(add, off []int64, ids ...int64) {
			if _, err := b.App.AssignTags(as, b.Org, roster.TagAssignment{Selector: pick(ids...), Tags: add,
				Off: off}); err != nil {
				t.Fatal(err)
			}
		}
		b.Assign(p, noor, uma)
		if _, err := b.App.UnassignMembers(as, p, roster.Selector{All: true}, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := b.App.AssignToWorkspace(as, space, pick(wim)); err != nil {
			t.Fatal(err)
		}
		role(pick(noor, uma), "RE")
		role(pick(noor), "DI")
		role(pick(noor), "RE")
		role(pick(wim), "MA")
		role(pick(wim, uma), "AN")
		tag([]int64{night}, nil, noor, uma)
		tag([]int64{day}, []int64{night}, noor)
		b.Assign(p, noor, uma, wim)
		if _, _, err := b.App.SetProjectRole(as, p, uma, "RE"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.App.Rename(as, uma, "Uma", "Okafor"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.App.RemovePeople(as, pick(wim), ""); err != nil {
			t.Fatal(err)
		}
		got := told(b.page("History", "/history"))
		want := []string{
			"Olga Owner deleted Wim Ng from the organization.",
			"Olga Owner changed the name of Uma Okafor from Uma Ng to Uma Okafor.",
			"Olga Owner made Uma Okafor Reviewer in Signs.",
			"Olga Owner assigned 3 people to Signs.",
			"Olga Owner changed the tags of نور Ng: Day put on, Night taken off.",
			"Olga Owner put the tag Night on نور Ng and Uma Okafor.",
			"Olga Owner changed roles: Uma Okafor from Reviewer to Annotator, Wim Ng from Manager to Annotator.",
			"Olga Owner changed the role of Wim Ng from Annotator to Manager.",
			"Olga Owner reactivated نور Ng as Reviewer.",
			"Olga Owner deactivated نور Ng.",
			"Olga Owner changed the role of نور Ng and Uma Okafor from Annotator to Reviewer.",
			"Olga Owner added Wim Ng to the workspace Vision.",
			"Olga Owner unassigned نور Ng and Uma Okafor from Signs.",
			"Olga Owner assigned نور Ng and Uma Okafor to Signs.",
		}
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Errorf("%d: %q, want %q", i, got[i:min(i+1, len(got))], want[i])
			}
		}
		link := fmt.Sprintf(`<a href="/people/%d"><bdi>Wim Ng</bdi></a>`, wim)
		b.page(link, "/history")
		b.page(fmt.Sprintf(`made <a href="/people/%d"><bdi>Uma Okafor</bdi></a> Reviewer in <bdi>Signs</bdi>.`, uma),
			fmt.Sprintf("/projects/%d/history", p))
		own := b.page("Name changed from \u2068Uma Ng\u2069 to \u2068Uma Okafor\u2069.",
			fmt.Sprintf("/people/%d/history", uma))
		if !strings.Contains(own, fmt.Sprintf(`<a href="/people/%d"><bdi>Olga Owner</bdi></a>`, b.Owner)) {
			t.Error("does not say by whom")
		}
	})
}

// What a Manager reads leads to nobody whose page is not for them.
func TestNamesLeadToWhomOneMaySee(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	p := b.Project("Signs", 0)
	user := b.Person("AN")
	b.Assign(p, user)
	manager := b.signIn("MA")
	b.Assign(p, manager)
	if _, err := b.App.UnassignMembers(b.As(b.Owner), p, roster.Selector{Included: []int64{user}}, ""); err != nil {
		t.Fatal(err)
	}
	page := b.page("unassigned <bdi>First1 Last1</bdi> from", "/history")
	b.without(page, fmt.Sprintf(`href="/people/%d"`, user))
	b.must(404, "no such person", "GET", fmt.Sprintf("/people/%d", user), nil)
}
