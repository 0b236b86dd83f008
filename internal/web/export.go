package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"

	"roster"
	"roster/internal/provision"
)

// The columns of the exports. An import reads them as they are: the role is the one in
// the organization, and what it has no use for, it passes over.
var exportHeader = []string{"id", "email", "first_name", "last_name", "role", "project_role", "user_type",
	"tags", "last_activity", "access", "paused"}

// exportMembers answers with everybody whom the view's filters match, in its
// order, as CSV that is written as it is read.
func (v *visit) exportMembers() error {
	d, err := v.memberView()
	if err != nil {
		return err
	}
	return v.download(fmt.Sprintf("project-%d-members.csv", d.Project.ID), exportHeader,
		func(begin func(), write func([]string) error) error {
			return v.app.ExportAccess(v.ctx(), d.Project.ID, d.Filter.MemberFilter, d.List.Order,
				func(roster.Project) { begin() },
				func(m roster.Member) error {
					return write(exported(memberRow{Member: m}))
				})
		})
}

var peopleHeader = []string{"id", "email", "first_name", "last_name", "role", "user_type", "tags",
	"last_activity", "deleted"}

// exportPeople does the same with the organization's people.
func (v *visit) exportPeople() error {
	d, err := v.peopleView()
	if err != nil {
		return err
	}
	return v.download("people.csv", peopleHeader, func(begin func(), write func([]string) error) error {
		return v.app.ExportPeople(v.ctx(), v.who.OrganizationID, d.Filter.MemberFilter, d.List.Order, begin,
			func(m roster.OrganizationMember) error {
				return write(exportedPerson(rowOf(m)))
			})
	})
}

// download answers with a CSV file that is written as it is read: rows calls
// begin once nothing can be refused any more, and write for every row.
func (v *visit) download(name string, header []string,
	rows func(begin func(), write func([]string) error) error) error {
	mark, err := v.byteOrderMark()
	if err != nil {
		return err
	}
	out := csv.NewWriter(v.w)
	out.UseCRLF = true
	begun := false
	err = rows(func() {
		begun = true
		v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
		io.WriteString(v.w, mark)
		out.Write(header)
	}, func(row []string) error {
		for i, cell := range row {
			row[i] = provision.SafeCell(cell)
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

// byteOrderMark is what the file begins with: spreadsheets need it, and bom=0 leaves it
// out for programs that do not.
func (v *visit) byteOrderMark() (string, error) {
	switch v.field("bom") {
	case "", "1":
		return provision.ByteOrderMark, nil
	case "0":
		return "", nil
	}
	return "", roster.InvalidField("bom", "This is 1 or 0: with a byte order mark, or without.")
}

func exported(m memberRow) []string {
	given := ""
	if m.InProject() {
		given = m.Effective().Name()
	}
	who, rest := cellsOf(m)
	return append(append(append(who, given), rest...), strings.Join(m.paths(), "; "), provision.FlagCell(m.Pause != nil))
}

func exportedPerson(m memberRow) []string {
	who, rest := cellsOf(m)
	return append(append(who, rest...), provision.FlagCell(m.Membership.Deleted()))
}

// cellsOf is what every list of people says of somebody: to their role in the
// organization, and from their seat on.
func cellsOf(m memberRow) (who, rest []string) {
	seen := ""
	if !m.User.LastActivity.IsZero() {
		seen = m.User.LastActivity.UTC().Format("2006-01-02T15:04:05Z")
	}
	who = []string{fmt.Sprint(m.User.ID), m.User.Email, m.User.FirstName, m.User.LastName, m.Membership.Role.Name()}
	return who, []string{string(m.Membership.UserType), provision.TagsCell(m.Tags, "; "), seen}
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
