package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/mailbox"
)

// ImportColumns are the columns an import file can have, in any order. Only
// the first must be there. A blank cell leaves what there is.
var ImportColumns = []string{"email", "first_name", "last_name", "role", "user_type", "tags", "projects"}

// BadLine says what is wrong with one line of an import file.
type BadLine struct {
	Line    int    `json:"line"`
	Column  string `json:"column,omitempty"` // "" when it is the line as such
	Message string `json:"message"`
}

func (b BadLine) String() string {
	if b.Column == "" {
		return fmt.Sprintf("line %d: %s", b.Line, b.Message)
	}
	return fmt.Sprintf("line %d: %s: %s", b.Line, b.Column, b.Message)
}

// BadLines is everything that is wrong with an import file, by line.
type BadLines []BadLine

func (b BadLines) Error() string {
	if len(b) == 1 {
		return "Nothing was imported: " + b[0].String()
	}
	return fmt.Sprintf("Nothing was imported: the file has %d mistakes, the first in %s", len(b), b[0])
}

// importRow is one person of an import file.
type importRow struct {
	line           int
	email          string
	fault          string // what keeps somebody new from having that e-mail
	first, last    string
	role           roster.Role
	userType       roster.UserType
	tags, projects []string
}

const (
	maxComplaint = 500  // characters: it quotes what it complains of
	maxBadLines  = 1000 // after so many, a file is no better for being read on
	maxRowItems  = 1000 // tags, or projects, of one person
)

// importFile reads an import file and keeps every complaint.
type importFile struct {
	known   []string // the columns it can have
	repeats bool     // whether a person may be in it more than once
	columns []string
	rows    []importRow
	seen    map[string]int // lines by mailbox
	bad     BadLines
}

func (f *importFile) complain(line int, column, format string, args ...any) {
	f.bad = append(f.bad, BadLine{line, column, cut(fmt.Sprintf(format, args...), maxComplaint)})
}

// readImport reads a file of people.
func readImport(file io.Reader) (*importFile, error) {
	f := &importFile{known: ImportColumns}
	return f, f.read(file)
}

// read reads all of a file, to its end even when lines are bad. The error is
// of reading as such.
func (f *importFile) read(file io.Reader) error {
	f.seen = map[string]int{}
	text := bufio.NewReader(file)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		text.Discard(3) // spreadsheets begin UTF-8 with a byte order mark
	}
	lines := csv.NewReader(text)
	lines.FieldsPerRecord = -1
	for {
		cells, err := lines.Read()
		var bad *csv.ParseError
		switch {
		case err == io.EOF:
			if f.columns == nil && len(f.bad) == 0 {
				f.complain(1, "", "The file is empty.")
			}
			return nil
		case errors.As(err, &bad):
			f.complain(bad.StartLine, "", "This is not CSV: %v.", bad.Err)
		case err != nil:
			return err
		case f.columns == nil:
			f.header(cells)
		default:
			line, _ := lines.FieldPos(0)
			f.row(line, cells)
		}
		if f.columns == nil || len(f.bad) >= maxBadLines {
			return nil // without a header no line means anything
		}
	}
}

// header reads the first line, which names the columns.
func (f *importFile) header(cells []string) {
	var columns []string
	for _, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		switch {
		case !slices.Contains(f.known, name):
			f.complain(1, "", "There is no column %q; the columns are %s.", cell, strings.Join(f.known, ", "))
		case slices.Contains(columns, name):
			f.complain(1, name, "The column is there twice.")
		}
		columns = append(columns, name)
	}
	if !slices.Contains(columns, "email") {
		f.complain(1, "email", "The column is missing.")
	}
	if len(f.bad) == 0 {
		f.columns = columns
	}
}

// row reads one person, from cells as exports write them or as people do.
func (f *importFile) row(line int, cells []string) {
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return
	}
	if len(cells) != len(f.columns) {
		f.complain(line, "", "There are %d cells, and %d columns.", len(cells), len(f.columns))
		return
	}
	r := importRow{line: line}
	for i, column := range f.columns {
		if err := f.cell(&r, column, strings.TrimSpace(CellText(strings.TrimSpace(cells[i])))); err != "" {
			f.complain(line, column, "%s", err)
		}
	}
	if key := mailbox.Key(r.email); r.email != "" && f.seen[key] != 0 && !f.repeats {
		f.complain(line, "email", "%s is in line %d already.", r.email, f.seen[key])
	} else {
		f.seen[key] = line
	}
	f.rows = append(f.rows, r)
}

// cell reads one cell into r and returns what is wrong with it.
func (f *importFile) cell(r *importRow, column, text string) string {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "This is not valid UTF-8."
	}
	var err error
	switch column {
	case "email":
		r.fault = EmailFault(text)
		r.email, err = KnownEmail(text)
	case "first_name":
		r.first, err = text, validText(column, text, 256)
	case "last_name":
		r.last, err = text, validText(column, text, 256)
	case "role":
		return r.readRole(text)
	case "user_type":
		r.userType = roster.UserType(strings.ToLower(text))
		if text != "" && (!r.userType.Valid() || r.userType == roster.SeatService) {
			return fmt.Sprintf("%q is not standard, flex or viewonly.", text)
		}
	case "tags":
		return r.readTags(text)
	case "projects":
		if tooMany(text) {
			return fmt.Sprintf("These are more than %d projects.", maxRowItems)
		}
		r.projects = listed(text)
	}
	return firstMessage(err)
}

// readRole reads a role by its code or by its name.
func (r *importRow) readRole(text string) string {
	if text == "" {
		return ""
	}
	for _, role := range roster.Roles {
		if strings.EqualFold(text, string(role)) || strings.EqualFold(text, role.Name()) {
			r.role = role
		}
	}
	if r.role == "" {
		return fmt.Sprintf("%q is no role; the roles are AD, MA, RE, AN, NO and DI.", text)
	}
	return ""
}

func (r *importRow) readTags(text string) string {
	if tooMany(text) {
		return fmt.Sprintf("These are more than %d tags.", maxRowItems)
	}
	r.tags = listed(text)
	for _, label := range r.tags {
		if _, err := validLabel("tags", label, maxTagLabel); err != nil {
			return fmt.Sprintf("%q: %s", label, firstMessage(err))
		}
	}
	return ""
}

func tooMany(text string) bool {
	return strings.Count(text, ",")+strings.Count(text, ";") >= maxRowItems
}

// listed splits a cell at semicolons and commas; blanks and repetitions go.
func listed(text string) []string {
	var out []string
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' }) {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// firstMessage is what a complaint about one field says.
func firstMessage(err error) string {
	if e, ok := errors.AsType[*roster.Error](err); ok {
		for _, messages := range e.Fields {
			return messages[0]
		}
		return e.Message
	}
	return ""
}
