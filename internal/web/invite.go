package web

import (
	"net/http"
	"slices"
	"strconv"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var inviteRoutes = []route{
	{method: "GET", path: "/people/invite", handle: (*visit).showInvite},
	{method: "POST", path: "/people/invite", handle: (*visit).invite},
	{method: "POST", path: "/people/invite/link", handle: (*visit).renewLink},
	{method: "GET", path: "/people/invitations", handle: (*visit).invitations},
	{method: "POST", path: "/people/invitations/revoke", handle: (*visit).revokeInvitation},
}

// invitePage asks whom to invite, and to what.
type invitePage struct {
	Emails, Link         string
	Roles                []choice // the last is the View only seat, which brings its own role
	Projects, Workspaces []choice // those whose members the viewer may change
}

// mostPlaces is how many projects the page offers.
const mostPlaces = 100

func (v *visit) showInvite() error { return v.inviting(http.StatusOK, page{}) }

// inviting answers with the form as it was sent, if it was.
func (v *visit) inviting(status int, p page) error {
	roles, err := v.app.RolesToInvite(v.ctx())
	if err != nil {
		return err
	}
	d := invitePage{Emails: v.field("emails")}
	chosen := v.field("role")
	if chosen == "" {
		chosen = string(roster.RoleAnnotator)
	}
	for _, r := range roles {
		d.Roles = append(d.Roles, choice{string(r), r.Name(), string(r) == chosen})
	}
	d.Roles = append(d.Roles, choice{string(roster.RoleViewOnly), "View only seat", chosen == string(roster.RoleViewOnly)})
	if d.Link, err = v.app.InviteLink(v.ctx()); err != nil {
		return err
	}
	if err := v.invitePlaces(&d); err != nil {
		return err
	}
	p.Title, p.Data = "Invite people", d
	return v.show(status, "invite.html", p)
}

func (v *visit) invitePlaces(d *invitePage) error {
	projects, err := v.app.ProjectsToChoose(v.ctx(), core.ViewMembers, roster.ProjectFilter{}, mostPlaces)
	if err != nil {
		return err
	}
	for _, p := range projects {
		d.Projects = append(d.Projects, choice{strconv.FormatInt(p.ID, 10), p.Title, slices.Contains(v.ids("projects"), p.ID)})
	}
	spaces, err := v.app.WorkspaceList(v.ctx(), "", false, "title")
	for _, w := range spaces {
		if w.Manages && !w.Personal {
			d.Workspaces = append(d.Workspaces, choice{strconv.FormatInt(w.ID, 10), w.Title, slices.Contains(v.ids("workspaces"), w.ID)})
		}
	}
	return err
}

// invite sends the invitations: all of them, or none.
func (v *visit) invite() error {
	in := roster.Invite{Emails: addresses(v.field("emails")), Role: roster.Role(v.field("role")), Projects: v.ids("projects"), Workspaces: v.ids("workspaces")}
	if in.Role == roster.RoleViewOnly {
		in.Role, in.UserType = "", roster.SeatViewOnly
	}
	err := v.once(func(tx *app.App) (done, error) {
		if err := tx.InvitePeople(v.ctx(), in); err != nil {
			return done{}, err
		}
		text := counted(len(in.Emails), "One invitation is on its way. It can be accepted for seven days.", "%s invitations are on their way. They can be accepted for seven days.")
		return done{v.link("/people/invitations"), notice{Text: text}}, nil
	})
	if kind := roster.KindOf(err); kind != roster.Invalid && kind != roster.TooMany {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.inviting(status, p)
}

// addresses is the e-mails of a text, and what else stands there, each once.
func addresses(text string) (out []string) {
	emails, lost := mailboxes(text)
	for _, item := range append(emails, lost...) { // what is none is refused by name
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// renewLink gives the organization another link; the old one is dead.
func (v *visit) renewLink() error {
	return v.once(func(tx *app.App) (done, error) {
		_, err := tx.ResetInviteToken(v.ctx())
		return done{v.link("/people/invite"), notice{Text: "The organization has a new link. The old one leads nowhere any more."}}, err
	})
}

// invitationsPage is the invitations that were sent.
type invitationsPage struct {
	List list
	Rows []invitationRow
}

// invitationRow is one of them.
type invitationRow struct {
	roster.Invitation
	State roster.InvitationState
}

// Open reports whether it can still be accepted.
func (r invitationRow) Open() bool { return r.State == roster.InvitationOpen }

// Standing is what became of it, in a word.
func (r invitationRow) Standing() string {
	return map[roster.InvitationState]string{
		roster.InvitationOpen: "Open", roster.InvitationAccepted: "Accepted", roster.InvitationRevoked: "Taken back", roster.InvitationExpired: "Expired",
	}[r.State]
}

func (v *visit) invitations() error {
	d := invitationsPage{List: v.list(nil, "-created_at")}
	list, total, err := v.app.Invitations(v.ctx(), d.List.Page)
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	for _, i := range list {
		d.Rows = append(d.Rows, invitationRow{i, v.app.InvitationState(i)})
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "invitations.html", page{Title: "Invitations", Wide: true, Data: d})
}

func (v *visit) revokeInvitation() error {
	return v.once(func(tx *app.App) (done, error) {
		email := v.field("email")
		if err := tx.RevokeInvitation(v.ctx(), email); err != nil {
			return done{}, err
		}
		return done{v.back(), notice{Text: sentence("The invitation of {email} was taken back.", "email", email)}}, nil
	})
}
