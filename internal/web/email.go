package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
	"roster/internal/provision"
)

// maxLines is the longest list of e-mails that is looked at, in lines.
const maxLines = 10_000

// emailsPage is a list of e-mails, and what became of each line.
type emailsPage struct {
	Project               membership.ProjectRow
	Text                  string // as it was pasted or uploaded
	Given                 []choice
	Lines                 []line   // nil: not looked at yet
	Ready                 []string // the e-mails of those who can be added
	Annotators, Reviewers []string // who of them is given which role
	Bad                   []line   // lines that nobody can be added by
	Fine                  []line   // and the others
	Invites               []string // the e-mails of nobody, whom the viewer may invite
	Remakes               []remake // members who have another role than the list says
}

// line is one line of the list.
type line struct {
	Number int
	Text   string
	Name   string
	Role   roster.Role // that the line names; "" for the one chosen for all
	Says   roster.Text // what becomes of it
	Adds   bool
	Bad    bool

	email   string
	unknown bool        // nobody in the organization has it
	remake  roster.Role // a member, who has another role
}

// remake is a role for people who are members already.
type remake struct {
	Role   roster.Role
	Emails []string
}

// Text is what its button says.
func (r remake) Text() roster.Text {
	return sentence(counted(len(r.Emails), "Make this one {role}", "Make these %s {role}"), "role", roleName(r.Role))
}

func (v *visit) showEmails() error { return v.withEmails(http.StatusOK, page{}, emailsPage{}) }

func (v *visit) withEmails(status int, p page, d emailsPage) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if _, err := v.app.MayInProject(v.ctx(), core.ManageMembers, id); err != nil {
		return err
	}
	if d.Project, err = v.app.ProjectRow(v.ctx(), id); err != nil {
		return err
	}
	d.Given = givenRoles(v.field("give"))
	p.Title, p.Data = sentence("Add people to {project}", "project", d.Project.Title), d
	return v.show(status, "emails.html", p)
}

// checkEmails says of each line what would become of it, and changes nothing.
func (v *visit) checkEmails() error {
	text, err := v.pasted()
	d := emailsPage{Text: text}
	if err == nil {
		d.Lines, err = readEmails(text, givenInProjects)
	}
	if err == nil {
		err = v.recognize(&d)
	}
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.withEmails(status, p, emailsPage{Text: text})
	}
	if err != nil {
		return err
	}
	return v.withEmails(http.StatusOK, page{}, d)
}

// pasted is the list: the file that was chosen, else the text of the form.
func (v *visit) pasted() (string, error) {
	file, _, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return clean(v.r.PostFormValue("emails")), nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	read, err := provision.FileText(file)
	if err != nil || read.Text != "" {
		return clean(read.Text), err
	}
	return clean(v.r.PostFormValue("emails")), nil
}

// readEmails reads one person a line, from CSV whose heading names the columns email and
// role, which is one of roles; or e-mails as people paste them.
func readEmails(text string, roles []roster.Role) (lines []line, err error) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	if strings.TrimSpace(text) == "" {
		return nil, roster.InvalidField("emails", "Paste at least one e-mail, or choose a file.")
	}
	rows, err := provision.Table(text, func(heading string) bool { return provision.Heading(heading) != "" })
	if err != nil {
		return nil, err
	}
	headed := false
	at := columns{roles: roles}
	for r := range rows {
		if !headed {
			if headed = at.heading(r.Cells); !headed {
				break
			}
			continue
		}
		if r.Fault == "" && strings.Join(r.Cells, "") == "" {
			continue
		}
		if lines = append(lines, at.line(r)); len(lines) > maxLines {
			break
		}
	}
	if !headed && tooManyItems(text) {
		return nil, roster.InvalidField("emails",
			"These are too many items to be read. At most %d people can be listed at once.", maxLines)
	}
	if !headed {
		lines = pastedText(text)
	}
	switch {
	case len(lines) > maxLines:
		return nil, roster.InvalidField("emails", "At most %d people can be listed at once.", maxLines)
	case len(lines) == 0:
		return nil, roster.InvalidField("emails", "There is a heading, and no line under it.")
	}
	return lines, nil
}

// tooManyItems reports whether a text without columns has more items than maxLines lines
// would, before anything is made of it: each takes many times its bytes, in one line too.
func tooManyItems(text string) bool {
	items := 0
	for _, r := range text {
		if strings.ContainsRune(between+"<", r) {
			items++
		}
	}
	return items > 10*maxLines || strings.Count(text, "@") > maxLines
}

// pastedText is the lines of a text without columns.
func pastedText(text string) (lines []line) {
	n := 0
	for row := range strings.SplitSeq(text, "\n") {
		if n++; strings.TrimSpace(row) != "" && len(lines) <= maxLines {
			lines = append(lines, pastedLines(n, row)...)
		}
	}
	return lines
}

// pastedLines is a line without columns, as one for each e-mail in it and for each
// thing that is none.
func pastedLines(n int, row string) (lines []line) {
	emails, lost := mailboxes(row)
	if len(emails) == 0 { // nothing of it can be used: it is told as it is written
		lost = []string{strings.TrimSpace(row)}
	}
	for _, email := range emails {
		text := email
		if len(emails) == 1 && len(lost) == 0 {
			text = row
		}
		lines = append(lines, line{Number: n, Text: shortened(text, 300), email: email})
	}
	for _, text := range lost {
		lines = append(lines, line{Number: n, Text: shortened(text, 300), Bad: true, Says: "This is not an e-mail address."})
	}
	return lines
}

// columns is where a line has what; -1: nowhere; and how many there are.
type columns struct {
	email, role, all int
	roles            []roster.Role // that a line may name
}

// heading reports whether the cells name columns, and remembers where they are.
func (c *columns) heading(cells []string) bool {
	at := func(column string) int {
		return slices.IndexFunc(cells, func(s string) bool { return provision.Heading(s) == column })
	}
	c.email, c.role, c.all = at("email"), at("role"), len(cells)
	return c.email >= 0
}

func (c columns) line(r provision.Record) line {
	cells := r.Cells
	l := line{Number: r.Line, Text: shortened(strings.Join(cells, ", "), 300)}
	switch {
	case r.Quotes:
		l.Bad, l.Says = true, "From here on this cannot be read: its quotation marks do not match."
		return l
	case r.Fault != "":
		l.Bad, l.Says = true, r.Why
		return l
	case len(cells) > c.all && strings.Join(cells[c.all:], "") != "":
		l.Bad, l.Says = true, "There is more on this line than there are columns."
		return l
	}
	if c.email < len(cells) {
		l.email = cells[c.email]
	}
	if emails, _ := mailboxes(l.email); len(emails) == 1 {
		l.email = emails[0]
	}
	if c.role >= 0 && c.role < len(cells) && cells[c.role] != "" {
		if l.Role = roleNamed(cells[c.role], c.roles); l.Role == "" {
			l.Bad, l.Says = true, sentence("The role must be one of: {roles}.", "roles", roleList(c.roles))
		}
	}
	return l
}

// givenInProjects is the roles that a project can give.
var givenInProjects = []roster.Role{roster.RoleAnnotator, roster.RoleReviewer}

// roleNamed is the one of roles with this name or code; "" for none.
func roleNamed(text string, roles []roster.Role) roster.Role {
	for _, r := range roles {
		if strings.EqualFold(text, string(r)) || strings.EqualFold(text, r.Name()) {
			return r
		}
	}
	return ""
}

// recognize finds out who the lines are about, and what becomes of each.
func (v *visit) recognize(d *emailsPage) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	emails := make([]string, 0, len(d.Lines))
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Bad {
			continue
		}
		if _, err = core.KnownEmail(l.email); err != nil {
			l.Bad, l.Says = true, "This is not an e-mail address."
			continue
		}
		emails = append(emails, l.email)
	}
	people, err := v.app.PeopleByEmail(v.ctx(), id, emails)
	if err != nil {
		return err
	}
	named := v.may(core.ManagePeople)
	first := map[int64]int{}
	for i := range d.Lines {
		l := &d.Lines[i]
		if m, ok := people[l.email]; !l.Bad {
			l.judge(m, ok, first)
			if named && ok {
				l.Name = m.User.Name()
			}
			given := roleNamed(v.field("give"), givenInProjects)
			if l.Adds && l.Role == "" && m.Membership.Role.Overridable() {
				l.Role = given
			}
			l.compare(m, given)
		}
		d.count(*l)
	}
	if !v.may(core.Invite) {
		d.Invites = nil
	}
	return nil
}

// compare finds a member who has another role than the line says, or the one for all lines.
func (l *line) compare(m membership.Addressee, given roster.Role) {
	if !m.Explicit || l.Adds || m.Stranger || l.Bad || !m.Membership.Role.Overridable() {
		return
	}
	want := cmp.Or(l.Role, given)
	l.Says = sentence("A member already, as {role}.", "role", roleName(m.Effective()))
	if want != "" && want != m.Effective() {
		l.remake = want
	}
}

// count adds up what becomes of a line.
func (d *emailsPage) count(l line) {
	switch {
	case l.Bad:
		d.Bad = append(d.Bad, l)
		if l.unknown && !slices.Contains(d.Invites, l.email) {
			d.Invites = append(d.Invites, l.email)
		}
		return
	case l.remake != "":
		d.remake(l)
	case l.Adds:
		d.Ready = append(d.Ready, l.email)
		switch l.Role {
		case roster.RoleAnnotator:
			d.Annotators = append(d.Annotators, l.email)
		case roster.RoleReviewer:
			d.Reviewers = append(d.Reviewers, l.email)
		}
	}
	d.Fine = append(d.Fine, l)
}

// remake notes a member who has another role.
func (d *emailsPage) remake(l line) {
	at := slices.IndexFunc(d.Remakes, func(r remake) bool { return r.Role == l.remake })
	if at < 0 {
		at, d.Remakes = len(d.Remakes), append(d.Remakes, remake{Role: l.remake})
	}
	d.Remakes[at].Emails = append(d.Remakes[at].Emails, l.email)
}

// judge says what becomes of a line about one person, found or not.
func (l *line) judge(m membership.Addressee, found bool, first map[int64]int) {
	switch {
	case found && first[m.User.ID] != 0:
		l.Says = sentence("The same person as in line {n}.", "n", first[m.User.ID])
	case !found && core.RefusedEmail(l.email):
		l.Bad, l.Says = true, both("This is not an e-mail address that anybody can have.", core.EmailText(l.email))
	case !found:
		l.Bad, l.unknown, l.Says = true, true, "Nobody in the organization has this e-mail. Invite them first."
	case m.Stranger && !m.Joins():
		l.Bad, l.Says = true, "This person cannot be added to a project now. Ask an Administrator."
	case m.Stranger:
		l.Adds, l.Role, l.Says = true, "", "Will be added with their organization role, which you will see then."
	case !m.Membership.DeletedAt.IsZero():
		l.Bad, l.Says = true, "This person was deleted from the organization. Invite them again first."
	case m.Membership.Role == roster.RoleDeactivated:
		l.Bad, l.Says = true, "This person is deactivated."
	case m.Membership.Role == roster.RoleNotActivated:
		l.Bad, l.Says = true, "This person waits for a role in the organization."
	case m.Explicit:
		l.Says = "A member already."
	case l.Role != "" && !m.Membership.Role.Overridable():
		l.Bad, l.Says = true, "Only Annotators and Reviewers can be given a role in a project."
	default:
		l.Adds, l.Says = true, "Will be added."
	}
	if found && first[m.User.ID] == 0 {
		first[m.User.ID] = l.Number
	}
}

// assignEmails adds the people whom the report said would be.
func (v *visit) assignEmails() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	emails, roles, err := v.reported()
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		out, err := tx.AssignMembersByEmail(v.ctx(), id, emails, roles)
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Count, out.Operation)
		return done{v.link("/projects/%d/members", id), assigned(out, only)}, err
	})
}

// reported is the people of a report, by e-mail and in its order, and the roles that
// its lines or the form give them.
func (v *visit) reported() (emails []string, roles map[string]roster.Role, err error) {
	emails = strings.Fields(v.field("ready"))
	if len(emails) == 0 || len(emails) > maxLines {
		return nil, nil, roster.Errorf(roster.Invalid, "There is nobody to add. Nothing was changed.")
	}
	roles = map[string]roster.Role{}
	for _, r := range []roster.Role{roster.RoleAnnotator, roster.RoleReviewer} {
		for _, email := range strings.Fields(v.field("as_" + string(r))) {
			roles[email] = r
		}
	}
	return emails, roles, nil
}

// remakeEmails gives members the role that the list says.
func (v *visit) remakeEmails() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	emails, role := strings.Fields(v.field("ready")), roleNamed(v.field("give"), givenInProjects)
	if len(emails) == 0 || len(emails) > maxLines || role == "" {
		return roster.Errorf(roster.Invalid, "There is nobody to change. Nothing was changed.")
	}
	return v.once(func(tx *app.App) (done, error) {
		op, err := tx.SetRolesByEmail(v.ctx(), id, emails, role)
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, len(emails), op)
		text := sentence(counted(len(emails), "{person} is {role} in this project now.",
			"%s people are {role} in this project now."), "role", roleName(role), "person", only)
		return done{v.link("/projects/%d/members", id), notice{Text: text, Operation: op}}, err
	})
}
