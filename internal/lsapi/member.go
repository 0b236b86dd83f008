package lsapi

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/provision"
)

var memberRoutes = []route{
	{"DELETE", "/api/projects/{id}/members/bulk", (*call).unassignMembers},
	{"POST", "/api/projects/{id}/members/bulk", (*call).assignMembers},
	{"GET", "/api/projects/{id}/members/paginated", (*call).listMembers},
	{"GET", "/api/projects/{id}/members/export", (*call).exportMembers},
	{"GET", "/api/projects/{id}/members", (*call).listMembersPlain},
	{"POST", "/api/projects/{id}/members", (*call).addMember},
	{"DELETE", "/api/projects/{id}/members", (*call).removeMember},
	{"POST", "/api/roster/projects/{id}/members/bulk/preview", (*call).previewUnassign},
	{"POST", "/api/roster/projects/{id}/members/bulk/assign/preview", (*call).previewAssign},
}

// unassignMembers is DELETE …/members/bulk/ (contract 3.1).
func (c *call) unassignMembers() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	sel, ignored, err := removal(c.params(), b, roster.ListRemoval)
	if err != nil {
		return err
	}
	plan, err := c.plan()
	if err != nil {
		return err
	}
	done, err := c.app.UnassignMembers(c.r.Context(), id, sel, plan)
	if err != nil && roster.KindOf(err) != roster.Unconfirmed {
		return err
	}
	c.operation(done.Operation)
	c.ignored(ignored)
	writeJSON(c.w, http.StatusOK, map[string]int{"unassignments": done.Count})
	return err // Unconfirmed: unlessRepeated keeps the answer, which is right if it happened
}

// plan reads If-Match: one strong entity tag, or "" when absent. One that is
// there and empty is a plan that got lost, not a wish to go without.
func (c *call) plan() (string, error) {
	headers := c.r.Header.Values("If-Match")
	if len(headers) == 0 {
		return "", nil
	}
	header := strings.TrimSpace(strings.Join(headers, ", "))
	plan := strings.Trim(header, `"`)
	if len(header) != len(plan)+2 || plan == "" || strings.ContainsAny(plan, `", `) {
		return "", roster.InvalidField("If-Match", "Must be one plan in double quotes, as the preview gave it. Nothing was changed.")
	}
	return plan, nil
}

// previewUnassign is Roster's own POST …/members/bulk/preview: what a DELETE
// with the same selector would do. Selectors and filters come in the query or
// in a JSON body with the same names.
func (c *call) previewUnassign() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	p := c.params()
	p.take(b, append(parameterNames(roster.ListRemoval), keepMade, "page", "page_size")...)
	page, err := p.page(defaultMembers, maxMembers)
	if err != nil {
		return err
	}
	sel, ignored, err := removal(p, b, roster.ListRemoval)
	if err != nil {
		return err
	}
	preview, err := c.app.PreviewUnassign(c.r.Context(), id, sel, page.Size)
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	c.ignored(ignored)
	c.w.Header().Set("ETag", `"`+preview.Plan+`"`)
	return c.json(http.StatusOK, previewOf(preview, org))
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
		Results: each(v.People, func(m roster.Member) memberJSON { return memberOf(m, org) }),
	}
}

// assignMembers is POST …/members/bulk/ (contract 3.2).
func (c *call) assignMembers() error { return c.assign(c.app.AssignMembers) }

// previewAssign is Roster's own POST …/members/bulk/assign/preview: what assignMembers
// with the same request would answer.
func (c *call) previewAssign() error { return c.assign(c.app.PreviewAssign) }

type assignment func(ctx context.Context, project int64, s roster.Selector, roles []roster.RoleAssignment) (roster.Assigned, error)

func (c *call) assign(do assignment) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	roles := b.roles("roles")
	sel, ignored, err := addition(c.params(), b, roster.ListAddition)
	if err != nil {
		return err
	}
	done, err := do(c.r.Context(), id, sel, roles)
	if err != nil {
		return err
	}
	if done.Operation != 0 { // a preview has none
		c.operation(done.Operation)
	}
	c.ignored(ignored)
	return c.json(http.StatusOK, map[string]any{"assignments": done.Count, "skipped_user_ids": orEmpty(done.Skipped)})
}

const (
	defaultMembers = 30
	maxMembers     = 1000
)

// listMembers is GET …/members/paginated/ (contract 3.4).
func (c *call) listMembers() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	f := p.listFilter(roster.ListProject)
	page, err := p.page(defaultMembers, maxMembers)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	members, total, err := c.app.Members(c.r.Context(), id, f, page)
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	return paged(c, page, total, each(members, func(m roster.Member) memberJSON { return memberOf(m, org) }))
}

// listMembersPlain is the deprecated GET …/members/: a bare list of users who
// are not annotators, and of the paused.
func (c *call) listMembersPlain() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	f := roster.MemberFilter{IDs: p.ids("user_ids"), NoAnnotators: true}
	if err := p.err(); err != nil {
		return err
	}
	members, err := c.app.MembersAndPaused(c.r.Context(), id, f)
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(members, func(m roster.Member) userJSON { return memberUserOf(m, org) }))
}

// addMember is POST …/members/ (contract 3.3).
func (c *call) addMember() error {
	project, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return skipping(err)
	}
	b.require("user")
	user := b.id("user")
	if err := b.err(); err != nil {
		return skipping(err)
	}
	done, err := c.app.AddMember(c.r.Context(), project, user)
	if err != nil {
		return skipping(err, user)
	}
	if len(done.Skipped) > 0 { // the one 400 without the envelope
		return c.json(http.StatusBadRequest, map[string][]int64{"skipped_user_ids": done.Skipped})
	}
	c.operation(done.Operation)
	return c.json(http.StatusCreated, map[string]int64{"user": user})
}

// skippedPeople are whom a refusal passed over.
type skippedPeople []int64

// skipping says whom a refusal of a malformed call passed over, as the wire has it of
// this one operation.
func skipping(err error, users ...int64) error {
	if e, ok := errors.AsType[*roster.Error](err); ok && e.Kind == roster.Invalid {
		refused := *e
		refused.Detail = skippedPeople(orEmpty(users))
		return &refused
	}
	return err
}

// removeMember is DELETE …/members/ (contract 3.3), the single unassign.
func (c *call) removeMember() error {
	project, err := c.id("id")
	if err != nil {
		return err
	}
	user, err := c.userToRemove("user")
	if err != nil {
		return err
	}
	p := c.params()
	one := roster.Selector{Included: []int64{user}, KeepMade: p.flag(keepMade)}
	if err := p.err(); err != nil {
		return err
	}
	done, err := c.app.UnassignMembers(c.r.Context(), project, one, "")
	if err != nil {
		return err
	}
	c.operation(done.Operation)
	return c.empty(http.StatusNoContent)
}

// userToRemove is the person a single removal names, in the query or in the
// legacy body, under one of names. Of several none is picked.
func (c *call) userToRemove(names ...string) (int64, error) {
	p := c.params()
	b, err := c.body()
	if err != nil {
		return 0, err
	}
	var people []int64
	for _, name := range names {
		if p.given(name) {
			people = append(people, p.id(name))
		}
		if b.has(name) && b.require(name) {
			people = append(people, b.id(name))
		}
	}
	p.refuseDisagreeing()
	b.refuseDisagreeing()
	maps.Copy(p.errs, b.errs)
	switch people = slices.Compact(people); {
	case len(p.errs) > 0:
		return 0, p.err()
	case len(people) == 0:
		return 0, roster.InvalidField(names[0], "This field is required.")
	case len(people) > 1:
		return 0, roster.InvalidField(names[0], "Names more than one person. Nothing was changed.")
	}
	return people[0], nil
}

var exportHeader = []string{"id", "email", "first_name", "last_name", "username", "role", "project_role", "user_type", "tags", "implicit_member", "last_activity", "date_joined"}

// exportMembers is GET …/members/export/ (contract 3.5): CSV, written as it is
// read.
func (c *call) exportMembers() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	f, order, mark := p.listFilter(roster.ListProject), p.str("ordering"), p.flag("bom")
	if err := p.err(); err != nil {
		return err
	}
	out := csv.NewWriter(c.w)
	out.UseCRLF = true
	begun := false
	err = c.app.ExportMembers(c.r.Context(), id, f, order, func(project roster.Project) {
		begun = true
		c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		c.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="project-%d-members.csv"`, project.ID))
		if mark {
			io.WriteString(c.w, provision.ByteOrderMark)
		}
		out.Write(exportColumns(exportHeader, f, "deleted"))
	}, func(m roster.Member) error {
		return out.Write(exportColumns(exportRow(m), f, provision.FlagCell(m.Membership.Deleted())))
	})
	if err != nil && begun {
		// The status is sent already; only a broken connection tells the
		// client that the file is not whole.
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		return err
	}
	out.Flush()
	return nil
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
		strconv.FormatInt(m.User.ID, 10), provision.SafeCell(m.User.Email), provision.SafeCell(m.User.FirstName), provision.SafeCell(m.User.LastName), provision.SafeCell(m.User.Username),
		string(m.Membership.Role), string(m.ProjectRole), string(m.Membership.UserType), provision.SafeCell(provision.TagsCell(m.Tags, ", ")),
		strconv.FormatBool(!m.Explicit), activity, formatTime(m.User.DateJoined),
	}
}

// roles reads the role assignments of a bulk assign.
func (b *body) roles(name string) []roster.RoleAssignment {
	out := []roster.RoleAssignment{}
	for item := range b.objects(name) {
		item.require("user_id")
		item.require("role")
		out = append(out, roster.RoleAssignment{UserID: item.id("user_id"), Role: code(item, "role", roster.Role.Valid)})
		for field, messages := range item.errs {
			b.bad(name, field+": "+messages[0])
		}
	}
	return out
}

// organization is the one the actor acts in.
func (c *call) organization() (roster.Organization, error) {
	return c.app.MyOrganization(c.r.Context())
}
