package lsapi

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/provision"
)

// bulkMemberRoutes are those about many members at once.
func bulkMemberRoutes() []route {
	return []route{
		{
			method: "DELETE", path: "/api/projects/{id}/members/bulk", once: true, replayed: true,
			do:      does((*call).unassignMembers),
			summary: "Remove many members",
			text: "Everybody, the named ones, or everybody who matches a filter, in one transaction. The " +
				"header Roster-Operation names the record, which can be undone. Selectors may come in the " +
				"body instead, as old clients send them; filters come in the query. An unknown parameter is " +
				"refused, and with all=true one without a value.",
			answer: "How many memberships ended.",
			others: []answer{{
				status: 412,
				text: "The selection has changed since the preview; changed says who came and who went. Nobody " +
					"was removed.",
			}},
		},
		{
			method: "POST", path: "/api/projects/{id}/members/bulk", once: true, do: does((*call).assignMembers),
			summary: "Assign many members",
			text: "With all, the candidates are the people who have no access yet, as the caller's list " +
				"shows them. Whom the caller may not list they cannot add: such a person is as unknown as an " +
				"id that nobody has.",
			answer: "How many became members, and who matched and may not be one.",
		},
		{
			method: "POST", path: "/api/roster/projects/{id}/members/bulk/assign/preview",
			do:      does((*call).previewAssign),
			summary: "Preview a bulk assignment",
			text: "What the assignment with the same selector and roles would answer now: it is made, and " +
				"taken back. Changes nothing.",
			answer: "How many would become members, and who matches and may not be one.",
		},
		{
			method: "POST", path: "/api/roster/projects/{id}/members/bulk/preview", do: does((*call).previewUnassign),
			summary: "Preview a bulk removal",
			text: "Who would be removed, how many dormant memberships of deactivated people would end " +
				"besides, who keeps access anyway, and how many open assignments would be dropped. Changes " +
				"nothing. The plan, sent as If-Match, binds the removal to exactly these people.",
			answer: "The first page of the people, and the plan.",
		},
	}
}

func memberRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/{id}/members/paginated", do: does((*call).listMembers),
			summary: "List members", answer: "A page of members.",
		},
		{
			method: "GET", path: "/api/projects/{id}/members/export", do: does((*call).exportMembers),
			summary: "Export members as CSV", media: "text/csv",
			answer: "A row for each member. Cells that a spreadsheet would run get an apostrophe.",
		},
		{
			method: "GET", path: "/api/projects/{id}/members", do: does((*call).listMembersPlain),
			summary: "List members, as older clients do",
			text:    "Deprecated: a bare list, without annotators who are not paused.", answer: "The members.",
		},
		{
			method: "POST", path: "/api/projects/{id}/members", once: true,
			do:      does((*call).addMember).telling(skipping),
			summary: "Add a member",
			text:    "Also 201 when they are one already.", status: http.StatusCreated, answer: "They are a member.",
			others: []answer{
				{status: 400, text: "The body is not understood, or there is no such person."},
				{status: 400, like: skippedJSON{}, text: "This person may not be a member."},
			},
		},
		{
			method: "DELETE", path: "/api/projects/{id}/members", once: true, do: does((*call).removeMember),
			summary: "Remove a member",
			text:    "Also 204 when they are none.", answer: "They have no membership of their own.",
		},
	}
}

type unassignMembersRequest struct {
	inProject
	Who  removal `list:"removal"`
	Plan plan
}

type unassignedJSON struct {
	Unassignments int `json:"unassignments"`
}

// unassignMembers is DELETE …/members/bulk/ (contract 3.1).
func (c *call) unassignMembers(in unassignMembersRequest) (unassignedJSON, error) {
	done, err := c.app.UnassignMembers(c.r.Context(), in.Project, in.Who.Selector, string(in.Plan))
	c.operation(done.Operation)
	return unassignedJSON{done.Count}, err
}

// plan is If-Match: one strong entity tag, or "" when absent. One that is there and empty
// is a plan that got lost, not a wish to go without. It is looked at where nothing else is
// wrong.
type plan string

func (p *plan) read(r *request, _ field) {
	headers := r.r.Header.Values("If-Match")
	if len(headers) == 0 || r.complaints() != nil {
		return
	}
	header := strings.TrimSpace(strings.Join(headers, ", "))
	*p = plan(strings.Trim(header, `"`))
	if len(header) != len(*p)+2 || *p == "" || strings.ContainsAny(string(*p), `", `) {
		r.fail(roster.InvalidField("If-Match",
			"Must be one plan in double quotes, as the preview gave it. Nothing was changed."))
	}
}

func (p *plan) fields(field) []field {
	return []field{{
		in: "header", name: "If-Match", typ: reflect.TypeFor[string](),
		text: "A plan, in quotes, as the preview answers it: removes exactly the people it showed.",
	}}
}

type previewUnassignRequest struct {
	inProject
	Shown previewed `list:"removal"`
}

// previewed is the removal that a preview is of and how many of the people it shows. All of
// it may come in the query or in a JSON body with the same names.
type previewed struct {
	removal
	Page roster.Page
}

func (s *previewed) read(r *request, f field) {
	b, p := r.body(), r.query()
	p.take(b, append(parameterNames(f.list), keepMade, "page", "page_size")...)
	s.Page = r.page(defaultMembers, maxMembers)
	s.removal.read(r, f)
}

func (s *previewed) fields(f field) []field {
	out := append(s.removal.fields(f), pageFields...)
	for _, too := range slices.Concat(filterFields(f.list), pageFields[1:], []field{keepMadeField}) {
		if too.in = "body"; too.typ.Kind() == reflect.Slice {
			too.typ = reflect.TypeFor[any]() // one, or a list of them
		}
		out = append(out, too)
	}
	return out
}

// previewUnassign is Roster's own POST …/members/bulk/preview: what a DELETE with the same
// selector would do.
func (c *call) previewUnassign(in previewUnassignRequest) (out previewJSON, err error) {
	preview, err := c.app.PreviewUnassign(c.r.Context(), in.Project, in.Shown.Selector, in.Shown.Page.Size)
	if err != nil {
		return out, err
	}
	org, err := c.organization()
	c.head.Set("ETag", `"`+preview.Plan+`"`)
	return previewOf(preview, org), err
}

type previewJSON struct {
	Plan      string       `json:"plan"`
	ExpiresAt stamp        `json:"plan_expires_at"`
	Count     int          `json:"count"`
	Dormant   int          `json:"dormant"`
	Keep      keepsJSON    `json:"keep_access"`
	Dropped   int          `json:"open_assignments"`
	Made      *madeByJSON  `json:"made,omitempty"`
	Results   []memberJSON `json:"results"`
}

type keepsJSON struct {
	Count            int `json:"count"`
	Workspace        int `json:"workspace"`
	OrganizationRole int `json:"organization_role"`
}

func previewOf(v roster.Preview, org roster.Organization) previewJSON {
	return previewJSON{
		Plan: v.Plan, ExpiresAt: stamp(v.ExpiresAt), Count: v.Count, Dormant: v.Dormant, Dropped: v.OpenAssignments,
		Made:    madeByOf(v.Made),
		Keep:    keepsJSON{v.KeepByWorkspace + v.KeepByOrganizationRole, v.KeepByWorkspace, v.KeepByOrganizationRole},
		Results: each(v.People, memberIn(org)),
	}
}

type assignMembersRequest struct {
	inProject
	Roles givenRoles
	Who   addition `list:"addition"`
}

type assignedJSON struct {
	Assignments int     `json:"assignments"`
	Skipped     []int64 `json:"skipped_user_ids"`
}

// assignMembers is POST …/members/bulk/ (contract 3.2).
func (c *call) assignMembers(in assignMembersRequest) (assignedJSON, error) {
	done, err := c.app.AssignMembers(c.r.Context(), in.Project, in.Who.Selector, in.Roles)
	c.operation(done.Operation)
	return assignedJSON{done.Count, orEmpty(done.Skipped)}, err
}

// previewAssign is Roster's own POST …/members/bulk/assign/preview: what assignMembers
// with the same request would answer.
func (c *call) previewAssign(in assignMembersRequest) (assignedJSON, error) {
	done, err := c.app.PreviewAssign(c.r.Context(), in.Project, in.Who.Selector, in.Roles)
	return assignedJSON{done.Count, orEmpty(done.Skipped)}, err
}

const (
	defaultMembers = 30
	maxMembers     = 1000
)

type listMembersRequest struct {
	inProject
	Filter roster.MemberFilter `list:"project"`
	Page   roster.Page         `page:"30,1000"`
}

// listMembers is GET …/members/paginated/ (contract 3.4).
func (c *call) listMembers(in listMembersRequest) (out pageJSON[memberJSON], err error) {
	members, total, err := c.app.Members(c.r.Context(), in.Project, in.Filter, in.Page)
	if err != nil {
		return out, err
	}
	org, err := c.organization()
	return pageOf(c, in.Page, total, each(members, memberIn(org))), err
}

type listMembersPlainRequest struct {
	inProject
	IDs []int64 `query:"user_ids" doc:"Only these people."`
}

// listMembersPlain is the deprecated GET …/members/: a bare list of users who
// are not annotators, and of the paused.
func (c *call) listMembersPlain(in listMembersPlainRequest) ([]userJSON, error) {
	f := roster.MemberFilter{IDs: in.IDs, NoAnnotators: true}
	members, err := c.app.MembersAndPaused(c.r.Context(), in.Project, f)
	if err != nil {
		return nil, err
	}
	org, err := c.organization()
	return each(members, func(m roster.Member) userJSON { return memberUserOf(m, org) }), err
}

type addMemberRequest struct {
	inProject
	User int64 `body:"user,required" doc:"Who, by user id."`
}

type userIDJSON struct {
	User int64 `json:"user"`
}

type skippedJSON struct {
	Skipped []int64 `json:"skipped_user_ids"`
}

// addMember is POST …/members/ (contract 3.3).
func (c *call) addMember(in addMemberRequest) (out userIDJSON, err error) {
	done, err := c.app.AddMember(c.r.Context(), in.Project, in.User)
	if err != nil {
		return out, skippingUsers(err, in.User)
	}
	if len(done.Skipped) > 0 {
		return out, bareRefusal{http.StatusBadRequest, skippedJSON{done.Skipped}}
	}
	c.operation(done.Operation)
	return userIDJSON{in.User}, nil
}

// skippedPeople are whom a refusal passed over.
type skippedPeople []int64

// skipping says that a refusal of a malformed call passed over nobody that it names, as
// the wire has it of this one operation.
func skipping(err error) error {
	if e, ok := errors.AsType[*roster.Error](err); ok && e.Detail != nil {
		return err
	}
	return skippingUsers(err)
}

// skippingUsers says whom a refusal of a malformed call passed over.
func skippingUsers(err error, users ...int64) error {
	if e, ok := errors.AsType[*roster.Error](err); ok && e.Kind == roster.Invalid {
		refused := *e
		refused.Detail = skippedPeople(orEmpty(users))
		return &refused
	}
	return err
}

type removeMemberRequest struct {
	inProject
	Who      named `names:"user" doc:"Who, by user id."`
	KeepMade bool  `query:"keep_made" doc:"Leaves at work what they made in the Label Studio behind a gate."`
}

// removeMember is DELETE …/members/ (contract 3.3), the single unassign.
func (c *call) removeMember(in removeMemberRequest) (out nothing, err error) {
	one := roster.Selector{Included: []int64{int64(in.Who)}, KeepMade: in.KeepMade}
	done, err := c.app.UnassignMembers(c.r.Context(), in.Project, one, "")
	c.operation(done.Operation)
	return out, err
}

// named is the one thing that a single removal names, in the query or in the legacy body,
// under one of some names. Of several none is picked.
type named int64

func (n *named) read(r *request, f field) {
	b, p := r.body(), r.query()
	var ids []int64
	for _, name := range f.names {
		if p.given(name) {
			ids = append(ids, p.id(name))
		}
		if b.has(name) && b.require(name) {
			ids = append(ids, b.id(name))
		}
	}
	p.refuseDisagreeing()
	b.refuseDisagreeing()
	maps.DeleteFunc(p.errs, func(name string, _ []string) bool { return b.errs[name] != nil }) // it is said once
	switch ids = slices.Compact(ids); {
	case r.complaints() != nil:
		r.fail(r.complaints())
	case len(ids) == 0:
		r.fail(roster.InvalidField(f.names[0], "This field is required."))
	case len(ids) > 1:
		r.fail(roster.InvalidField(f.names[0], "Names more than one person. Nothing was changed."))
	default:
		*n = named(ids[0])
	}
}

func (n *named) fields(f field) (out []field) {
	for _, in := range []string{"query", "body"} {
		for _, name := range f.names {
			text := f.text
			if len(out) > 0 {
				text = "The same, when it does not come otherwise."
			}
			out = append(out, field{in: in, name: name, typ: reflect.TypeFor[int64](), text: text})
		}
	}
	return out
}

var exportHeader = []string{"id", "email", "first_name", "last_name", "username", "role", "project_role",
	"user_type", "tags", "implicit_member", "last_activity", "date_joined"}

type exportMembersRequest struct {
	inProject
	Filter roster.MemberFilter `list:"project"`
	Order  ordering
	Mark   bool `query:"bom" doc:"Begin with a byte order mark, for spreadsheets; an addition of Roster."`
}

// exportMembers is GET …/members/export/ (contract 3.5): CSV, written as it is
// read.
func (c *call) exportMembers(in exportMembersRequest) (done streamed[string], err error) {
	out := csv.NewWriter(c.w)
	out.UseCRLF = true
	begun := false
	err = c.app.ExportMembers(c.r.Context(), in.Project, in.Filter, string(in.Order), func(project roster.Project) {
		begun = true
		c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		c.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="project-%d-members.csv"`, project.ID))
		if in.Mark {
			io.WriteString(c.w, provision.ByteOrderMark)
		}
		out.Write(exportColumns(exportHeader, in.Filter, "deleted"))
	}, func(m roster.Member) error {
		return out.Write(exportColumns(exportRow(m), in.Filter, provision.FlagCell(m.Membership.Deleted())))
	})
	if err != nil && begun {
		// The status is sent already; only a broken connection tells the
		// client that the file is not whole.
		panic(http.ErrAbortHandler)
	}
	if err == nil {
		out.Flush()
	}
	return done, err
}

// exportColumns adds who was deleted where such people were asked for: an import passes
// over their lines.
func exportColumns(row []string, f roster.MemberFilter, deleted string) []string {
	if f.WithInactive {
		row = append(slices.Clip(row), deleted)
	}
	return row
}

func exportRow(m roster.Member) []string {
	activity := ""
	if !m.User.LastActivity.IsZero() {
		activity = formatTime(m.User.LastActivity)
	}
	return []string{
		strconv.FormatInt(m.User.ID, 10), provision.SafeCell(m.User.Email), provision.SafeCell(m.User.FirstName),
		provision.SafeCell(m.User.LastName), provision.SafeCell(m.User.Username),
		string(m.Membership.Role), string(m.ProjectRole), string(m.Membership.UserType),
		provision.SafeCell(provision.TagsCell(m.Tags, ", ")),
		strconv.FormatBool(!m.Explicit), activity, formatTime(m.User.DateJoined),
	}
}

// givenRoles are the role assignments of a bulk assign.
type givenRoles []roster.RoleAssignment

type roleGivenJSON struct {
	UserID int64           `json:"user_id"`
	Role   projectRoleCode `json:"role"`
}

// projectRoleCode is a role that a project gives; others are refused when it is given.
type projectRoleCode string

// Valid reports whether it is a role at all.
func (c projectRoleCode) Valid() bool { return roster.Role(c).Valid() }

func (g *givenRoles) read(r *request, _ field) {
	b := r.body()
	*g = givenRoles{}
	for item := range b.objects("roles") {
		item.require("user_id")
		item.require("role")
		*g = append(*g, roster.RoleAssignment{UserID: item.id("user_id"), Role: code(item, "role", roster.Role.Valid)})
		for _, field := range slices.Sorted(maps.Keys(item.errs)) {
			b.bad("roles", field+": "+item.errs[field][0])
		}
	}
}

func (g *givenRoles) fields(field) []field {
	return []field{{
		in: "body", name: "roles", typ: reflect.TypeFor[[]roleGivenJSON](), null: true,
		text: "Project roles to give in the same stroke.",
	}}
}

// organization is the one the actor acts in.
func (c *call) organization() (roster.Organization, error) {
	return c.app.MyOrganization(c.r.Context())
}
