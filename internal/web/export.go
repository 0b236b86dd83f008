package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"roster"
	"roster/internal/app"
)

var exportHeader = []string{"id", "email", "name", "role", "role_from", "seat", "tags", "last_activity", "access", "paused"}

// exportMembers answers with everybody whom the view's filters match, in its
// order, as CSV that is written as it is read.
func (v *visit) exportMembers() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := v.memberView(id)
	if err != nil {
		return err
	}
	return v.download(fmt.Sprintf("project-%d-members.csv", id), exportHeader, func(begin func(), write func([]string) error) error {
		return v.app.ExportAccess(v.ctx(), id, d.Filter.MemberFilter, d.List.Order, func(roster.Project) { begin() }, func(m roster.Member) error {
			return write(exported(memberRow{Member: m}))
		})
	})
}

var peopleHeader = []string{"id", "email", "name", "role", "seat", "tags", "last_activity"}

// exportPeople does the same with the organization's people.
func (v *visit) exportPeople() error {
	d, err := v.peopleView()
	if err != nil {
		return err
	}
	return v.download("people.csv", peopleHeader, func(begin func(), write func([]string) error) error {
		return v.app.ExportPeople(v.ctx(), v.who.OrganizationID, d.Filter.MemberFilter, d.List.Order, begin, func(m roster.OrganizationMember) error {
			c := cellsOf(rowOf(m))
			return write([]string{c.id, c.email, c.name, c.role, c.seat, c.tags, c.seen})
		})
	})
}

// download answers with a CSV file that is written as it is read: rows calls
// begin once nothing can be refused any more, and write for every row.
func (v *visit) download(name string, header []string, rows func(begin func(), write func([]string) error) error) error {
	out := csv.NewWriter(v.w)
	out.UseCRLF = true
	begun := false
	err := rows(func() {
		begun = true
		v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
		out.Write(header)
	}, func(row []string) error {
		for i, cell := range row {
			row[i] = app.SafeCell(cell)
		}
		return out.Write(row)
	})
	if !begun {
		return err
	}
	if out.Flush(); err == nil {
		err = out.Error()
	}
	if err != nil {
		panic(http.ErrAbortHandler) // half a list must not pass for the whole
	}
	return nil
}

func exported(m memberRow) []string {
	from, paused := "organization", ""
	if m.InProject() {
		from = "project"
	}
	if m.Pause != nil {
		paused = "yes"
	}
	c := cellsOf(m)
	return []string{c.id, c.email, c.name, c.role, from, c.seat, c.tags, c.seen, strings.Join(m.paths(), "; "), paused}
}

// cells is what every list of people says of somebody.
type cells struct{ id, email, name, role, seat, tags, seen string }

func cellsOf(m memberRow) cells {
	labels := make([]string, len(m.Tags))
	for i, t := range m.Tags {
		labels[i] = t.Label
	}
	c := cells{id: fmt.Sprint(m.User.ID), email: m.User.Email, name: m.User.Name(), role: m.Effective().Name(), seat: m.Seat(), tags: strings.Join(labels, "; ")}
	if !m.User.LastActivity.IsZero() {
		c.seen = m.User.LastActivity.UTC().Format("2006-01-02T15:04:05Z")
	}
	return c
}

// paths is every way the person has access.
func (m memberRow) paths() []string {
	var out []string
	if m.Explicit {
		out = append(out, "direct")
	}
	if m.InWorkspace {
		out = append(out, "workspace")
	}
	if m.ByRole() {
		out = append(out, "organization role")
	}
	return out
}
