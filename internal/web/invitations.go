package web

import (
	"net/http"
	"net/url"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/identity"
)

var invitationRoutes = []route{
	{method: "GET", path: "/people/invitations", handle: (*visit).invitations},
	{method: "POST", path: "/people/invitations/{id}/resend", handle: (*visit).resend},
	{method: "POST", path: "/people/invitations/{id}/link", handle: (*visit).handOn},
	{method: "GET", path: "/people/invitations/{id}/revoke", handle: (*visit).askRevoke},
	{method: "POST", path: "/people/invitations/{id}/revoke", handle: (*visit).revoke},
}

// invitationsPage is who was invited.
type invitationsPage struct {
	List    list
	Tabs    peopleTabs
	States  []choice
	State   string
	Rows    []invitationRow
	Reaches bool // mail goes out of this server
}

// peopleTabs is the tabs of the people: who is here, and who was invited.
type peopleTabs struct {
	Current string // people or invited
	Invited int    // invitations that wait
	Lists   bool   // the viewer may see the list of people
	Invites bool
}

func (v *visit) peopleTabs(current string) (t peopleTabs, err error) {
	t = peopleTabs{Current: current, Lists: v.may(core.ListPeople), Invites: v.may(core.Invite)}
	if t.Invites {
		t.Invited, err = v.app.CountInvitations(v.ctx(), roster.InvitationFilter{State: roster.InvitationWaiting})
	}
	return t, err
}

// invitationRow is one invitation.
type invitationRow struct {
	identity.Waiting
	reaches bool
}

// Waits reports whether somebody still has to do something about it.
func (r invitationRow) Waits() bool {
	return r.State == roster.InvitationOpen || r.State == roster.InvitationExpired
}

// Open reports whether it can be accepted.
func (r invitationRow) Open() bool { return r.State == roster.InvitationOpen }

// Places is how many projects and workspaces it makes the person a member of, in words.
func (r invitationRow) Places() roster.Text {
	projects, spaces := len(r.Projects), len(r.Workspaces)
	switch {
	case projects > 0 && spaces > 0:
		return sentence("{projects}, {workspaces}", "projects", counted(projects, "1 project", "%s projects"),
			"workspaces", counted(spaces, "1 workspace", "%s workspaces"))
	case projects > 0:
		return counted(projects, "1 project", "%s projects")
	case spaces > 0:
		return counted(spaces, "1 workspace", "%s workspaces")
	}
	return ""
}

// Mailed is how its letter is doing.
func (r invitationRow) Mailed() letter { return letterState(r.Mail, r.reaches) }

// letter is how a letter is doing, in words.
type letter struct {
	Text  roster.Text
	Error string // what the mail server said; "" when nothing is wrong
	Warns bool   // it did not reach anybody
	Sent  bool   // it did, at the time that its state says
}

// letterState says how a letter is doing where mail reaches people, or does not.
func letterState(m roster.MailState, reaches bool) letter {
	switch {
	case m.Printed, m.SentAt.IsZero() && !m.NextAt.IsZero() && !reaches:
		return letter{Text: "Not mailed", Warns: true}
	case !m.SentAt.IsZero():
		return letter{Text: "Mailed", Sent: true}
	case m.NextAt.IsZero():
		return letter{Text: "Could not be mailed", Error: m.Error, Warns: true}
	case m.Error != "":
		return letter{Text: "Failed, and is tried again", Error: m.Error, Warns: true}
	}
	return letter{Text: "About to be mailed"}
}

// invitationStates are what became of invitations, as a filter.
var invitationStates = []choice{
	{Value: "", Label: "Waiting"}, {Value: string(roster.InvitationAccepted), Label: "Accepted"},
	{Value: string(roster.InvitationRevoked), Label: "Revoked"}, {Value: "all", Label: "All"},
}

// invitationFilter reads which invitations are looked at.
func (v *visit) invitationFilter() (f roster.InvitationFilter, query url.Values, states []choice) {
	query, chosen := url.Values{}, v.field("state")
	for _, s := range invitationStates {
		s.Chosen = s.Value == chosen
		states = append(states, s)
	}
	switch chosen {
	case "":
		f.State = roster.InvitationWaiting
	case "all":
	default:
		f.State = roster.InvitationState(chosen)
	}
	if chosen != "" {
		query.Set("state", chosen)
	}
	return f, query, states
}

func (v *visit) invitations() (err error) {
	f, query, states := v.invitationFilter()
	d := invitationsPage{List: v.list(query, "-created_at"), States: states, State: query.Get("state"),
		Reaches: v.app.MailReaches()}
	list, total, err := v.app.InvitationList(v.ctx(), f, d.List.Page)
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	if d.Tabs, err = v.peopleTabs("invited"); err != nil {
		return err
	}
	for _, w := range list {
		d.Rows = append(d.Rows, invitationRow{w, d.Reaches})
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "invitations.html", page{Title: "Invited people", Wide: true, Data: d})
}

const noSuchInvitation roster.Text = "There is no such invitation. Nothing was changed."

// resend invites somebody again to the same, with a new link.
func (v *visit) resend() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		i, err := tx.Resend(v.ctx(), id)
		if err != nil {
			return done{}, missing(err, noSuchInvitation)
		}
		n := v.invited(tx, []string{i.Email})
		if tx.MailReaches() {
			n.Text = sentence("The invitation of {email} is sent again. The earlier link does not work any more.",
				"email", i.Email)
		}
		return done{v.back(), n}, nil
	})
}

// handOn shows the link of an invitation, for whoever can bring it to its person.
func (v *visit) handOn() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		i, link, err := tx.InvitationLink(v.ctx(), id)
		if err != nil {
			return done{}, missing(err, noSuchInvitation)
		}
		return done{v.back(), notice{Text: linkOf(i.Email), Sealed: tx.Seal(link)}}, nil
	})
}

// linkOf says whose link it is that stands beside it, and what it is worth.
func linkOf(email string) roster.Text {
	return sentence("The link for {email}. Whoever opens it chooses the password, so give it to nobody else.",
		"email", email)
}

// invited says that people were invited, and whether a letter reaches them.
func (v *visit) invited(tx *app.App, emails []string) notice {
	if tx.MailReaches() {
		return notice{Text: counted(len(emails), "One invitation is on its way. It can be accepted for seven days.",
			"%s invitations are on their way. They can be accepted for seven days.")}
	}
	n := notice{Warns: true,
		Text: counted(len(emails), "One person is invited, and was not mailed: this server sends no mail.",
			"%s people are invited, and were not mailed: this server sends no mail. Copy the link of each under “Invited”.")}
	if len(emails) == 1 {
		n.addLink(v, tx)
	}
	return n
}

// addLink shows the link of the invitation that was just made.
func (n *notice) addLink(v *visit, tx *app.App) {
	newest := roster.Page{Number: 1, Size: 1}
	list, _, err := tx.Invitations(v.ctx(), roster.InvitationFilter{State: roster.InvitationWaiting,
		InvitedBy: v.who.UserID}, newest)
	if err != nil || len(list) == 0 {
		return
	}
	i, link, err := tx.InvitationLink(v.ctx(), list[0].ID)
	if err == nil {
		n.Text, n.Sealed = both(n.Text, linkOf(i.Email)), tx.Seal(link)
	}
}

// revokePage is the question before an invitation is revoked.
type revokePage struct {
	roster.Invitation
	Next string
}

func (v *visit) askRevoke() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	i, err := v.app.Invitation(v.ctx(), id)
	if err != nil {
		return missing(err, noSuchInvitation)
	}
	d := revokePage{i, v.link("/people/invitations")}
	if v.field("next") != "" {
		d.Next = v.back()
	}
	return v.show(http.StatusOK, "invitationrevoke.html",
		page{Title: sentence("Revoke the invitation of {email}?", "email", i.Email), Data: d})
}

func (v *visit) revoke() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		i, err := tx.Invitation(v.ctx(), id)
		if err != nil {
			return done{}, missing(err, noSuchInvitation)
		}
		if err := tx.RevokeInvitation(v.ctx(), i.Email); err != nil {
			return done{}, err
		}
		return done{v.back(),
			notice{Text: sentence("The invitation of {email} is revoked. Its link does not work any more.", "email",
				i.Email)}}, nil
	})
}
