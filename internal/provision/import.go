package provision

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/mailbox"
	"roster/internal/membership"
	"roster/internal/store"
)

// ImportOptions says how an import is done.
type ImportOptions struct {
	DryRun   bool                  // find out everything, change nothing
	Progress func(done, total int) // called as the work goes on; may be nil
}

// Imported is what an import did, or with DryRun would do.
type Imported struct {
	Operation   int64 `json:"operation,omitempty"`
	Created     int   `json:"created"`      // people
	Updated     int   `json:"updated"`      // people whose name, role or seat changed
	Assigned    int   `json:"assigned"`     // memberships of projects that began
	TagsCreated int   `json:"tags_created"` // tags that did not exist
	Tagged      int   `json:"tagged"`       // tags that people did not have before
	People      int   `json:"people"`       // lines of the file
	Gone        int   `json:"gone"`         // lines besides, of exports, that say that somebody was deleted

	Reading *Reading `json:"read,omitempty"` // how the file was read; of a dry run only
}

// errDryRun takes back a transaction that did everything right.
var errDryRun = errors.New("dry run")

// Import creates or updates the people of a CSV file (see ImportColumns), and
// gives them tags and memberships of projects, which it never takes away. All
// of it happens or nothing: then the error is BadLines, with every mistake.
func (a *Provision) Import(ctx context.Context, file io.Reader, o ImportOptions) (done Imported, err error) {
	f, err := readImport(file)
	if err != nil {
		return done, err
	}
	misread := len(f.bad)
	err = a.Update(ctx, func(tx *Provision) error {
		f.bad = f.bad[:misread]
		who, err := tx.May(ctx, core.ManagePeople)
		if err != nil {
			return err
		}
		i := &importing{Provision: tx, ctx: ctx, who: who, file: f, progress: o.Progress}
		if err := i.run(); err != nil {
			return err
		}
		if done = i.done; o.DryRun {
			done.Operation, done.Reading = 0, &f.reading
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return done, nil
	}
	if err == nil && done.People >= largeImport {
		err = a.db.Analyze(ctx)
	}
	return done, err
}

// largeImport is how many lines change a store so much that its planner has to
// look at it again.
const largeImport = 1000

// importing is one import under way, inside its transaction.
type importing struct {
	*Provision
	ctx      context.Context
	who      roster.Actor
	file     *importFile
	progress func(done, total int)

	people   []roster.OrganizationMember     // as they are to be, by row
	state    []roster.Result                 // Created, Updated, or "" for no change, by row
	before   []roster.OrganizationMembership // by row
	called   map[string]int64                // whom a provider calls by an e-mail of the file
	tags     map[string][]int                // rows by label, in its first spelling
	projects map[int64][]int                 // rows by project
	done     Imported
	steps    int
}

func (i *importing) run() error {
	if err := i.plan(); err != nil {
		return err
	}
	if len(i.file.bad) > 0 {
		slices.SortStableFunc(i.file.bad, func(a, b BadLine) int { return a.Line - b.Line })
		return i.file.bad
	}
	op, err := i.Begin(i.ctx, roster.Operation{Kind: roster.OpImport})
	if err != nil {
		return err
	}
	i.done.Operation, i.done.People, i.done.Gone = op, len(i.people), i.file.gone
	for _, step := range []func() error{i.writePeople, i.writeTags, i.writeMemberships} {
		if err := step(); err != nil {
			return err
		}
	}
	return i.record()
}

// step tells how far the work is: a step each for planning and people, and one
// per tag and project.
func (i *importing) step() {
	if i.steps++; i.progress != nil {
		i.progress(i.steps, 2+len(i.tags)+len(i.projects))
	}
}

// plan works out what every row comes to and finds whatever stands against it.
func (i *importing) plan() error {
	emails := make([]string, len(i.file.rows))
	for n, r := range i.file.rows {
		emails[n] = r.written
	}
	if err := i.db.LockSCIM(i.ctx, i.who.OrganizationID); err != nil {
		return err
	}
	found, err := i.db.LockPeople(i.ctx, i.who.OrganizationID, emails)
	if err != nil {
		return err
	}
	if i.called, err = i.db.Called(i.ctx, i.who.OrganizationID, emails); err != nil {
		return err
	}
	org, err := i.db.Organization(i.ctx, i.who.OrganizationID)
	if err != nil {
		return err
	}
	lines := map[string]int{}
	for _, r := range i.file.rows {
		m, known := found[r.written]
		i.before = append(i.before, m.Membership)
		i.once(r, m.User.ID, lines)
		switch {
		case !known:
			i.create(r, org.DefaultRole)
		case m.Membership.ID == 0:
			i.file.complain(r.line, "email", "%s belongs to another organization.", r.email)
			i.keep(m, "")
		case !m.Membership.DeletedAt.IsZero():
			i.file.complain(r.line, "email",
				"%s was deleted from the organization, and a file does not bring people back.", r.email)
			i.keep(m, "")
		default:
			i.update(r, m)
		}
	}
	if err := i.planProjects(); err != nil {
		return err
	}
	return i.planTags()
}

const noService = "A file gives the seats standard, flex and viewonly."

// once sees to it that nobody is in two lines, in whichever spellings. Two people who
// have one mailbox from before are two.
func (i *importing) once(r importRow, person int64, lines map[string]int) {
	key := mailbox.Key(r.email)
	if person != 0 {
		key = strconv.FormatInt(person, 10)
	}
	if r.email == "" {
		return // there are complaints already
	}
	if lines[key] != 0 {
		i.file.complain(r.line, "email", "%s is in line %d already.", r.email, lines[key])
		return
	}
	lines[key] = r.line
}

// create plans a new person.
func (i *importing) create(r importRow, usual roster.Role) {
	if r.fault != "" {
		i.file.complain(r.line, "email", "There is no %s.%s", r.email, r.fault)
	}
	if i.called[r.written] != 0 {
		i.file.complain(r.line, "email", identity.Claimed, r.email)
	}
	now := i.Now()
	m := roster.OrganizationMember{
		User: roster.User{Email: r.email, Username: r.email, FirstName: r.first, LastName: r.last, DateJoined: now},
		Membership: roster.OrganizationMembership{Role: usual, RoleSource: i.who.Source(), UserType: roster.SeatStandard,
			CreatedAt: now},
	}
	if r.userType != "" {
		m.Membership.UserType = r.userType
	}
	switch {
	case r.userType == roster.SeatViewOnly:
		i.viewOnly(r, &m)
	case r.userType == roster.SeatService:
		i.file.complain(r.line, "user_type", "%s", noService)
	case r.role == roster.RoleViewOnly:
		i.file.complain(r.line, "role", "View Only is a seat: leave the role blank and give the user_type viewonly.")
	case r.role == roster.RoleOwner:
		i.file.complain(r.line, "role", "There is one Owner already.")
	case r.role != "":
		m.Membership.Role = r.role
	}
	i.allow(r, m.Membership.Role)
	i.keep(m, roster.Created)
}

// keep plans what becomes of the next row.
func (i *importing) keep(m roster.OrganizationMember, state roster.Result) {
	i.people, i.state = append(i.people, m), append(i.state, state)
}

// viewOnly gives a person the role that goes with a view-only seat.
func (i *importing) viewOnly(r importRow, m *roster.OrganizationMember) {
	if r.role != "" && r.role != roster.RoleViewOnly {
		i.file.complain(r.line, "role", "A view-only seat has no other role: leave it blank.")
	}
	m.Membership.Role = roster.RoleViewOnly
}

// allow asks whether the actor may give a role.
func (i *importing) allow(r importRow, role roster.Role) {
	if err := core.MayChange(i.who, role); err != nil {
		i.file.complain(r.line, "role", "You may not change people with the role %s.", string(role))
	}
}

// update plans the change of somebody who exists; blank cells change nothing.
func (i *importing) update(r importRow, m roster.OrganizationMember) {
	was, state := m, roster.Result("")
	m.User.FirstName, m.User.LastName = renamed(m.User.FirstName, r.first), renamed(m.User.LastName, r.last)
	m.Membership = i.reseat(r, m.Membership)
	if m.Membership.Role != was.Membership.Role || m.Membership.UserType != was.Membership.UserType {
		i.allow(r, was.Membership.Role)
		i.allow(r, m.Membership.Role)
		m.Membership.RoleSource = i.who.Source()
		state = roster.Updated
	}
	if m.User.FirstName != was.User.FirstName || m.User.LastName != was.User.LastName {
		state = roster.Updated
	}
	i.keep(m, state)
}

// renamed is a name as a cell has it, which knows of no blanks around; a blank cell
// leaves it as it is.
func renamed(name, cell string) string {
	if cell == "" || cell == strings.TrimSpace(name) {
		return name
	}
	return cell
}

// reseat changes role and seat as a row asks, by the rules of any such change.
func (i *importing) reseat(r importRow, m roster.OrganizationMembership) roster.OrganizationMembership {
	var change roster.MembershipChange
	if r.role != m.Role {
		change.Role = r.role
	}
	if r.userType != m.UserType {
		change.UserType = r.userType
	}
	if change.UserType == roster.SeatService {
		i.file.complain(r.line, "user_type", "%s", noService)
		return m
	}
	after, err := membership.Changed(m, change)
	if err == nil && r.userType != "" && after.UserType != r.userType {
		err = roster.InvalidField("user_type", "The role %s does not go with the seat %s.", r.role, r.userType)
	}
	if err != nil {
		i.complain(r, err)
	}
	return after
}

// complain adds what is wrong with the fields of a row.
func (i *importing) complain(r importRow, err error) {
	e, _ := errors.AsType[*roster.Error](err)
	for column, messages := range e.Fields {
		i.file.blame(r.line, column, fault{message: messages[0]})
	}
}

// planProjects finds the projects that rows name, by id or title, and makes
// sure that the actor and each person may.
func (i *importing) planProjects() error {
	i.projects = map[int64][]int{}
	titles, err := i.projectTitles()
	if err != nil {
		return err
	}
	for n, r := range i.file.rows {
		role := i.people[n].Membership.Role
		if len(r.projects) > 0 && !role.Works() {
			i.file.complain(r.line, "projects", "%s is %s and cannot be a member of a project.", r.email, role.Name())
			continue
		}
		for _, text := range r.projects {
			named := roster.ParseNaming(text, "title")
			id, err := named.Choose("project", titles.ids[named.ID], titles.named[named.Name])
			if err != nil {
				i.file.blame(r.line, "projects", wrongBy(err))
				continue
			}
			i.projects[id] = append(i.projects[id], n)
		}
	}
	return i.lockProjects()
}

// projectTitles is the projects the actor sees, by id and by title.
type projectTitles struct {
	ids   map[int64]bool
	named map[string][]int64
}

func (i *importing) projectTitles() (t projectTitles, err error) {
	projects, err := i.db.ProjectTitles(i.ctx, i.who)
	t = projectTitles{map[int64]bool{}, map[string][]int64{}}
	for _, p := range projects {
		t.ids[p.ID], t.named[p.Title] = true, append(t.named[p.Title], p.ID)
	}
	return t, err
}

// lockProjects authorizes and locks every project, in the one order that all
// imports take.
func (i *importing) lockProjects() error {
	for _, id := range slices.Sorted(maps.Keys(i.projects)) {
		_, err := i.membership.ManageMembers(i.ctx, id)
		if roster.KindOf(err) == roster.Forbidden {
			for _, n := range i.projects[id] {
				i.file.complain(i.file.rows[n].line, "projects", "You may not change the members of project %s.",
					strconv.FormatInt(id, 10))
			}
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (i *importing) planTags() error {
	i.tags = map[string][]int{}
	spelt := map[string]string{}
	for n, r := range i.file.rows {
		for _, label := range r.tags {
			key := store.Fold(label)
			if spelt[key] == "" {
				spelt[key] = label
			}
			i.tags[spelt[key]] = append(i.tags[spelt[key]], n)
		}
	}
	if len(i.tags) == 0 {
		return nil
	}
	_, err := i.May(i.ctx, core.ManageTags)
	return err
}
