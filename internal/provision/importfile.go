package provision

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/core"
	"roster/internal/membership"
)

// ImportColumns are the columns an import file can have, in any order. Only
// the first must be there. A blank cell leaves what there is.
var ImportColumns = []string{"email", "first_name", "last_name", "role", "user_type", "tags", "projects"}

// BadLine says what is wrong with one line of an import file.
type BadLine struct {
	Line    int    `json:"line"`
	Column  string `json:"column,omitempty"` // "" when it is the line as such
	Message string `json:"message"`

	said roster.Text // the message, to be said in any language
}

const (
	wrongLine   roster.Text = "line {line}: {message}"
	wrongColumn roster.Text = "line {line}: {column}: {message}"
)

// Text is the line and what is wrong with it, to be said in any language.
func (b BadLine) Text() roster.Text {
	line := strconv.Itoa(b.Line)
	if b.Column == "" {
		return wrongLine.With("line", line, "message", b.said)
	}
	return wrongColumn.With("line", line, "column", b.Column, "message", b.said)
}

// fault is what is wrong with something: in English, and to be said in any language. The zero
// value is nothing.
type fault struct {
	message string
	said    roster.Text
}

func wrong(format roster.Text, args ...any) fault {
	return fault{fmt.Sprintf(string(format), args...), roster.Formatted(format, args...)}
}

// wrongBy is the first message of an error as a fault.
func wrongBy(err error) fault {
	if e, ok := errors.AsType[*roster.Error](err); ok {
		return fault{core.FirstMessage(err), e.Said()}
	}
	return fault{}
}

// refused is the error of a field that has a fault.
func (f fault) refused(field string) error {
	return &roster.Error{Kind: roster.Invalid, Message: "Validation error",
		Fields: map[string][]string{field: {f.message}}, Texts: map[string][]roster.Text{field: {f.said}}}
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
	written        string // the e-mail, letter by letter: two people may differ by that
	fault          string // what keeps somebody new from having that e-mail
	first, last    string
	role           roster.Role
	userType       roster.UserType
	tags, projects []string
	deleted        bool // from the organization, as an export says
}

const (
	maxComplaint = 500  // characters: it quotes what it complains of
	maxBadLines  = 1000 // after so many, a file is no better for being read on
	maxRowItems  = 1000 // tags, or projects, of one person
	maxColumns   = 1000
)

// importFile reads an import file and keeps every complaint.
type importFile struct {
	known   []string          // the columns it can have
	exports bool              // whether it can have those of exports besides, which are passed over
	keep    func(r importRow) // what becomes of a person; nil: they stay in rows
	reading Reading
	columns []string // what is read of each; "" is passed over
	rows    []importRow
	people  int // so far
	gone    int // lines that say that their person was deleted
	bad     BadLines
}

func (f *importFile) complain(line int, column string, format roster.Text, args ...any) {
	f.blame(line, column, wrong(format, args...))
}

// blame keeps a complaint. One that quotes more than it says is cut, in English.
func (f *importFile) blame(line int, column string, what fault) {
	message := core.Shortened(what.message, maxComplaint)
	if message != what.message {
		what.said = roster.Verbatim(message)
	}
	f.bad = append(f.bad, BadLine{line, column, message, what.said})
}

// readImport reads a file of people.
func readImport(file io.Reader) (*importFile, error) {
	f := &importFile{known: ImportColumns, exports: true}
	return f, f.read(file)
}

// read reads all of a file. The error is of reading as such.
func (f *importFile) read(file io.Reader) error {
	s, complaint, err := decoded(file)
	if err != nil {
		return err
	}
	if complaint != (fault{}) {
		f.blame(1, "", complaint)
		return nil
	}
	f.readSheet(s)
	return nil
}

// readSheet reads to the end even when lines are bad.
func (f *importFile) readSheet(s sheet) {
	s, complaint := s.said()
	if complaint != (fault{}) {
		f.blame(1, "", complaint)
		return
	}
	s.separate(func(heading string) bool { return f.column(heading) != "" || f.passes(heading) })
	f.reading.Encoding, f.reading.Separator = s.encoding, separators[s.separator]
	for r := range s.records() {
		f.record(r)
		if f.columns == nil || len(f.bad) >= maxBadLines {
			return // without a header no line means anything
		}
	}
	if f.columns == nil {
		f.complain(1, "", "The file is empty.")
	}
}

// record reads the header, or one person.
func (f *importFile) record(r Record) {
	switch {
	case r.Fault != "":
		f.blame(r.Line, "", fault{r.Fault, r.Why})
	case f.columns == nil:
		f.header(r.Line, r.Cells)
	default:
		f.row(r.Line, r.Cells)
	}
}

// column is the column that a heading names; "" when it is none of this file's.
func (f *importFile) column(heading string) string {
	column := headings[squeezed(heading)]
	if slices.Contains(f.known, column) || column == "deleted" && f.exports {
		return column
	}
	return ""
}

// passes reports whether a heading names a column of exports that is passed over.
func (f *importFile) passes(heading string) bool {
	return f.exports && slices.Contains(passedOver, squeezed(heading))
}

// header reads the line that names the columns. A blank heading is of an empty column.
func (f *importFile) header(line int, cells []string) {
	var columns []string
	for _, cell := range cells {
		name := f.column(cell)
		switch {
		case name != "" && slices.Contains(columns, name):
			f.complain(line, name, "The column is there twice.")
		case !utf8.ValidString(cell) || strings.ContainsRune(cell, 0):
			f.complain(line, "", "This is not valid %s. Save the sheet as CSV in UTF-8.", f.reading.Encoding)
		case name == "" && !f.passes(cell) && cell != "":
			f.complain(line, "", "There is no column %q; the columns are %s.", cell, strings.Join(f.known, ", "))
		}
		columns = append(columns, name)
		f.reading.Columns = append(f.reading.Columns, ReadColumn{cell, name})
	}
	if !slices.Contains(columns, "email") {
		f.complain(line, "email", "The column is missing.")
	}
	if len(f.bad) == 0 {
		f.columns = columns
	}
}

// row reads one person, from cells as exports write them or as people do. A line may be
// shorter than the header, and longer by empty cells.
func (f *importFile) row(line int, cells []string) {
	if strings.Join(cells, "") == "" {
		return
	}
	if n := len(f.columns); len(cells) > n && strings.Join(cells[n:], "") != "" {
		f.complain(line, "", "There are %d cells, and %d columns.", len(cells), n)
		return
	}
	r, was := importRow{line: line}, len(f.bad)
	for i, text := range cells[:min(len(cells), len(f.columns))] {
		column := f.columns[i]
		if text != "" && column == "" && f.reading.Columns[i].Heading == "" {
			f.complain(line, "", "Column %d has no heading, and %q stands in it.", i+1, text)
		}
		if what := f.cell(&r, column, text); what != (fault{}) {
			f.blame(line, column, what)
		}
	}
	if r.email == "" && len(f.bad) == was {
		f.complain(line, "email", "Enter a valid email address.")
	}
	if r.deleted {
		f.gone++
		return
	}
	f.add(r)
}

// add keeps a person.
func (f *importFile) add(r importRow) {
	if f.people < shownRows {
		f.reading.Lines = append(f.reading.Lines, r.shown())
	}
	if f.people++; f.keep != nil {
		f.keep(r)
		return
	}
	f.rows = append(f.rows, r)
}

// shown is the row as it was read.
func (r importRow) shown() ReadLine {
	out := ReadLine{Line: r.line}
	add := func(column string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			out.Cells = append(out.Cells, ReadCell{column, values})
		}
	}
	add("email", r.email)
	add("first_name", r.first)
	add("last_name", r.last)
	add("role", r.role.Name())
	add("user_type", string(r.userType))
	add("tags", r.tags...)
	add("projects", r.projects...)
	return out
}

// cell reads one cell into r and returns what is wrong with it.
func (f *importFile) cell(r *importRow, column, text string) fault {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return wrong("This is not valid %s.", f.reading.Encoding)
	}
	var err error
	switch column {
	case "email":
		r.fault = core.EmailReason(text)
		r.written = text
		r.email, err = core.KnownEmail(text)
	case "first_name":
		r.first, err = text, core.ValidText(column, text, 256)
	case "last_name":
		r.last, err = text, core.ValidText(column, text, 256)
	case "role":
		return r.readRole(text)
	case "user_type":
		r.userType = roster.UserType(strings.ToLower(text))
		if text != "" && !r.userType.Valid() {
			return wrong("%q is not standard, flex or viewonly.", text)
		}
	case "tags":
		return r.readTags(text)
	case "projects":
		if tooMany(text) {
			return wrong("These are more than %d projects.", maxRowItems)
		}
		r.projects, err = listed(text)
	case "deleted":
		return r.readDeleted(text)
	}
	return wrongBy(err)
}

// readRole reads a role by its code or by its name.
func (r *importRow) readRole(text string) fault {
	if text == "" {
		return fault{}
	}
	for _, role := range roster.Roles {
		if strings.EqualFold(text, string(role)) || strings.EqualFold(text, role.Name()) {
			r.role = role
		}
	}
	if r.role == "" {
		return wrong("%q is no role; the roles are AD, MA, RE, AN, NO and DI.", text)
	}
	return fault{}
}

// readDeleted reads whether an export says that somebody was deleted: their line asks
// for nothing.
func (r *importRow) readDeleted(text string) fault {
	switch strings.ToLower(text) {
	case "true", "yes":
		r.deleted = true
	case "", "false", "no":
	default:
		return wrong("%q is neither true nor false.", text)
	}
	return fault{}
}

func (r *importRow) readTags(text string) fault {
	if tooMany(text) {
		return wrong("These are more than %d tags.", maxRowItems)
	}
	var err error
	if r.tags, err = listed(text); err != nil {
		return wrongBy(err)
	}
	for _, label := range r.tags {
		if _, err := core.ValidLabel("tags", label, membership.MaxTagLabel); err != nil {
			what := wrongBy(err)
			return fault{fmt.Sprintf("%q: %s", label, what.message), roster.Formatted("%q: %s", label, what.said)}
		}
	}
	return fault{}
}

func tooMany(text string) bool {
	return strings.Count(text, ",")+strings.Count(text, ";") >= maxRowItems
}
