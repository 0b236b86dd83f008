package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

var inviteRoutes = []route{
	{method: "GET", path: "/people/invite", handle: (*visit).showInvite},
	{method: "POST", path: "/people/invite", handle: (*visit).invite},
	{method: "POST", path: "/people/invite/check", handle: (*visit).checkInvite},
	{method: "POST", path: "/people/invite/link", handle: (*visit).renewLink},
}

// invitePage asks whom to invite, and to what.
type invitePage struct {
	Emails, Link         string
	Roles                []choice // the last is the View only seat, which brings its own role
	Projects, Workspaces []choice // those whose members the viewer may change
	Reaches              bool     // mail goes out of this server
	Again                string   // where what is done about some lines comes back to
	Report               *inviteReport
}

// inviteReport is what becomes of each line of a list.
type inviteReport struct {
	Role                roster.Role // for lines that name none
	Bad, Belong, Invite []line
	Ready               string // the lines that are invited, to be sent again
	Left                string // and the others
	Offers              []roleOffer
	Places              []choice // the chosen projects, to which those who belong can be added
	Members             string   // the e-mails of those who belong
}

// roleOffer is a role for people who are in the organization already.
type roleOffer struct {
	Role roster.Role
	IDs  []int64
}

// Text is what the offer's button says.
func (o roleOffer) Text() roster.Text {
	return sentence(counted(len(o.IDs), "Make this one {role}…", "Make these %s {role}…"), "role", roleName(o.Role))
}

// Included is the people, as a form holds them.
func (o roleOffer) Included() string { return strings.Join(texts(o.IDs), ",") }

// mostPlaces is how many projects the page offers.
const mostPlaces = 100

// showInvite shows the form, filled in as the address says; with check, what becomes of it.
func (v *visit) showInvite() error {
	if v.field("check") == "" {
		return v.inviting(http.StatusOK, page{}, nil)
	}
	report, err := v.inviteReport()
	if err != nil {
		status, p := v.failed(page{}, err)
		return v.inviting(status, p, nil)
	}
	return v.inviting(http.StatusOK, page{}, report)
}

// checkInvite shows what would become of a list.
func (v *visit) checkInvite() error {
	report, err := v.inviteReport()
	return v.invitedOr(err, report, http.StatusOK)
}

// inviting answers with the form as it was sent, if it was.
func (v *visit) inviting(status int, p page, report *inviteReport) error {
	roles, err := v.app.RolesToInvite(v.ctx())
	if err != nil {
		return err
	}
	d := invitePage{Emails: v.pastedText(), Reaches: v.app.MailReaches(), Report: report, Again: v.link("/people")}
	if len(d.Emails) <= longestLeft {
		d.Again = v.checkAgain(d.Emails)
	}
	chosen := v.invitedAs()
	for _, r := range roles {
		d.Roles = append(d.Roles, roleChoice(r, string(chosen)))
	}
	d.Roles = append(d.Roles, choice{string(roster.RoleViewOnly), "View only seat", chosen == roster.RoleViewOnly})
	if d.Link, err = v.app.InviteLink(v.ctx()); err != nil {
		return err
	}
	if err := v.invitePlaces(&d); err != nil {
		return err
	}
	if report != nil {
		report.Places = slices.DeleteFunc(slices.Clone(d.Projects), func(c choice) bool { return !c.Chosen })
	}
	p.Title, p.Data = "Invite people", d
	return v.show(status, "invite.html", p)
}

// invitedAs is the role for lines that name none.
func (v *visit) invitedAs() roster.Role {
	if !v.r.Form.Has("role") {
		return roster.RoleAnnotator
	}
	return roster.Role(v.field("role"))
}

func (v *visit) invitePlaces(d *invitePage) error {
	projects, err := v.app.ProjectsToChoose(v.ctx(), core.ViewMembers, roster.ProjectFilter{}, mostPlaces)
	if err != nil {
		return err
	}
	for _, p := range projects {
		d.Projects = append(d.Projects, choice{strconv.FormatInt(p.ID, 10), roster.Verbatim(p.Title),
			slices.Contains(v.ids("projects"), p.ID)})
	}
	spaces, err := v.app.WorkspaceList(v.ctx(), "", false, "title")
	for _, w := range spaces {
		if w.Manages && !w.Personal {
			d.Workspaces = append(d.Workspaces, choice{strconv.FormatInt(w.ID, 10), roster.Verbatim(w.Title),
				slices.Contains(v.ids("workspaces"), w.ID)})
		}
	}
	return err
}

// pastedText is the list of a file or of the form, as far as it can be read.
func (v *visit) pastedText() string {
	text, err := v.pasted()
	if err != nil || text == "" {
		return v.field("emails")
	}
	return text
}

// invite sends the invitations where every line can be used; else it says which cannot, and
// sends none.
func (v *visit) invite() error {
	report, err := v.inviteReport()
	if err == nil && report.complete() {
		err = v.sendInvitations(report)
		if err == nil {
			return nil
		}
		report = nil
	}
	return v.invitedOr(err, report, http.StatusConflict)
}

// invitedOr shows the form again, with what is wrong with it or what becomes of its lines.
func (v *visit) invitedOr(err error, report *inviteReport, status int) error {
	p := page{}
	if kind := roster.KindOf(err); err != nil {
		if kind != roster.Invalid && kind != roster.TooMany {
			return err
		}
		status, p = v.failed(p, err)
	}
	return v.inviting(status, p, report)
}

// complete reports whether every line is invited.
func (r *inviteReport) complete() bool { return len(r.Bad)+len(r.Belong) == 0 }

func (v *visit) sendInvitations(report *inviteReport) error {
	return v.once(func(tx *app.App) (done, error) {
		emails, byRole := []string{}, map[roster.Role][]string{}
		for _, l := range report.Invite {
			emails, byRole[l.Role] = append(emails, l.email), append(byRole[l.Role], l.email)
		}
		for _, role := range slices.Sorted(maps.Keys(byRole)) {
			for some := range slices.Chunk(byRole[role], invitedAtOnce) {
				if err := tx.InvitePeople(v.ctx(), v.invitation(some, role)); err != nil {
					return done{}, err
				}
			}
		}
		return done{v.afterInvite(), v.invited(tx, emails)}, nil
	})
}

// invitedAtOnce is how many people one call invites.
const invitedAtOnce = 100

// invitation is what people are invited to. A View only seat brings its own role.
func (v *visit) invitation(emails []string, role roster.Role) roster.Invite {
	in := roster.Invite{Emails: emails, Role: role, Projects: v.ids("projects"), Workspaces: v.ids("workspaces")}
	if role == roster.RoleViewOnly {
		in.Role, in.UserType = "", roster.SeatViewOnly
	}
	return in
}

// longestLeft is how much of a list an address carries, in bytes.
const longestLeft = 4000

// afterInvite is where an invitation leads: to what is left of the list, else to those who
// are invited.
func (v *visit) afterInvite() string {
	left := v.field("left")
	if left == "" || len(left) > longestLeft {
		return v.link("/people/invitations")
	}
	return v.checkAgain(left)
}

// checkAgain is the address of what becomes of a list, with what else the form says.
func (v *visit) checkAgain(list string) string {
	query := url.Values{"emails": {list}, "check": {"1"}, "role": {v.field("role")}}
	query["projects"], query["workspaces"] = texts(v.ids("projects")), texts(v.ids("workspaces"))
	return v.link("/people/invite?%s", query.Encode())
}

// inviteReport reads the list, and what would become of each line.
func (v *visit) inviteReport() (*inviteReport, error) {
	text, err := v.pasted()
	if err != nil {
		return nil, err
	}
	if text == "" {
		text = v.field("emails")
	}
	roles, err := v.app.RolesToInvite(v.ctx())
	if err != nil {
		return nil, err
	}
	lines, err := readEmails(text, append(roles, roster.RoleViewOnly))
	if err != nil {
		return nil, err
	}
	found, err := v.app.Invitees(v.ctx(), usable(lines))
	if err != nil {
		return nil, err
	}
	r := &inviteReport{Role: v.invitedAs()}
	first, offers := map[string]int{}, map[roster.Role][]int64{}
	for _, l := range lines {
		r.weigh(l, found, first, offers)
	}
	r.offer(offers)
	return r, nil
}

// usable marks the lines that are no e-mail, and returns the e-mails of the others.
func usable(lines []line) (emails []string) {
	for i := range lines {
		l := &lines[i]
		if l.Bad {
			continue
		}
		if email, err := core.CleanEmail(l.email); err != nil {
			l.Bad, l.Says = true, both("This is not an e-mail address.", core.EmailText(l.email))
		} else {
			l.email = email
			emails = append(emails, email)
		}
	}
	return emails
}

// weigh says what becomes of one line, first being where each e-mail stands first.
func (r *inviteReport) weigh(l line, found map[string]membership.Invitee, first map[string]int,
	offers map[roster.Role][]int64) {
	if l.Role == "" {
		l.Role = r.Role
	}
	key, i := core.EmailKey(l.email), found[l.email]
	switch {
	case l.Bad:
	case first[key] != 0:
		return // the same e-mail again is one invitation
	case i.Claimed:
		l.Bad, l.Says = true, "The identity provider calls somebody else so. Change the name there first."
	case i.Belongs:
		l.belongs(i, offers)
	default:
		l.Adds, l.Says = true, "Will be invited."
	}
	switch first[key] = l.Number; {
	case l.Bad:
		r.Bad = append(r.Bad, l)
	case l.Adds:
		r.Invite = append(r.Invite, l)
	default:
		r.Belong = append(r.Belong, l)
	}
}

// belongs is what is said of a line about somebody who is in the organization already.
func (l *line) belongs(i membership.Invitee, offers map[roster.Role][]int64) {
	l.Says = "In the organization already."
	if i.Person.User.ID == 0 {
		return
	}
	l.Name = i.Person.User.Name()
	l.Says = sentence("In the organization already, as {role}.", "role", roleName(i.Person.Membership.Role))
	if slices.Contains(i.Gives, l.Role) {
		offers[l.Role] = append(offers[l.Role], i.Person.User.ID)
	}
}

// offer fills in what can be done with the lines, and the lists to be sent again.
func (r *inviteReport) offer(offers map[roster.Role][]int64) {
	for _, role := range roster.Roles {
		if ids := offers[role]; len(ids) > 0 {
			r.Offers = append(r.Offers, roleOffer{role, ids})
		}
	}
	r.Ready = r.list(r.Invite)
	r.Left = r.list(append(slices.Clone(r.Bad), r.Belong...))
	for _, l := range r.Belong {
		r.Members += l.email + "\n"
	}
}

// list is lines as they can be pasted again; as columns where one names a role of its own.
func (r *inviteReport) list(lines []line) string {
	var plain, table strings.Builder
	own := false
	for _, l := range lines {
		text := l.email
		if text == "" || l.Bad {
			text = l.Text
		}
		own = own || (l.email != "" && l.Role != r.Role)
		plain.WriteString(text + "\n")
		table.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `",` + string(l.Role) + "\n")
	}
	if own {
		return "email,role\n" + table.String()
	}
	return plain.String()
}

// renewLink gives the organization another link; the old one is dead.
func (v *visit) renewLink() error {
	return v.once(func(tx *app.App) (done, error) {
		_, err := tx.ResetInviteToken(v.ctx())
		return done{v.link("/people/invite"),
			notice{Text: "The organization has a new link. The old one does not work any more."}}, err
	})
}
