package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"roster"
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
	out := csv.NewWriter(v.w)
	out.UseCRLF = true
	begun := false
	err = v.app.ExportAccess(v.ctx(), id, d.Filter.MemberFilter, d.List.Order, func(p roster.Project) {
		begun = true
		v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="project-%d-members.csv"`, p.ID))
		out.Write(exportHeader)
	}, func(m roster.Member) error { return out.Write(exported(memberRow{Member: m})) })
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
	from, seen, paused := "organization", "", ""
	if m.InProject() {
		from = "project"
	}
	if !m.User.LastActivity.IsZero() {
		seen = m.User.LastActivity.UTC().Format("2006-01-02T15:04:05Z")
	}
	if m.Pause != nil {
		paused = "yes"
	}
	labels := make([]string, len(m.Tags))
	for i, t := range m.Tags {
		labels[i] = t.Label
	}
	row := []string{fmt.Sprint(m.User.ID), m.User.Email, m.User.Name(), m.Effective().Name(), from, m.Seat(), strings.Join(labels, "; "), seen, strings.Join(m.paths(), "; "), paused}
	for i, cell := range row {
		row[i] = harmless(cell)
	}
	return row
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

// harmless keeps a cell from being a formula where a spreadsheet opens it.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
