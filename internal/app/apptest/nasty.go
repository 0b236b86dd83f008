package apptest

import (
	"fmt"

	"roster"
)

// NastyPeople makes people whose names and tags hold whatever files are garbled by: one
// of every role and seat, one who was deleted, and members of p.
func (w *World) NastyPeople(p int64) {
	w.T.Helper()
	var tags []int64
	for _, label := range []string{"night; day", "a, b", `"quoted"`, `12" screen`, "=1+1", "x;=1", "'=1", "-",
		"two\nlines", "Ж"} {
		tags = append(tags, w.Tag(label))
	}
	for i, name := range []string{"=1+1", "'=1", "-x;=2", "Li, Bo", `Ann "A"`, " two  blanks ", "tab\there",
		"Zoë", "عمر", "", ";", "'"} {
		n := roster.NewUser{Email: fmt.Sprintf("nasty%d@example.com", i), FirstName: name, LastName: "x" + name,
			Role: roster.Roles[i%len(roster.Roles)]}
		if n.Role == roster.RoleOwner {
			n.Role = roster.RoleAnnotator
		}
		if n.Role == roster.RoleViewOnly {
			n.UserType = roster.SeatViewOnly
		}
		id := w.PersonNamed(n)
		_, err := w.App.AssignTags(w.As(w.Owner), w.Org,
			roster.TagAssignment{Selector: roster.Selector{Included: []int64{id}}, Tags: tags[:i%len(tags)+1]})
		w.ok(err)
		if n.Role.Works() && n.Role != roster.RoleViewOnly {
			w.Assign(p, id)
		}
	}
	gone := w.PersonNamed(roster.NewUser{Email: "gone@example.com", FirstName: "Gone", Role: roster.RoleAnnotator})
	w.Assign(p, gone)
	_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
	w.ok(err)
}

// Everybody is the organization's people and their tags, and the members of p, as text.
func (w *World) Everybody(p int64) string {
	w.T.Helper()
	people, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{WithInactive: true},
		roster.Page{Number: 1, Size: 10_000, Order: "id"})
	w.ok(err)
	text := ""
	for _, m := range people {
		text += fmt.Sprintf("%d %q %q %q %s %s", m.User.ID, m.User.Email, m.User.FirstName, m.User.LastName,
			m.Membership.Role, m.Membership.UserType)
		for _, tag := range m.Tags {
			text += fmt.Sprintf(" %q", tag.Label)
		}
		text += "\n"
	}
	return text + fmt.Sprint(w.Explicit(p))
}
