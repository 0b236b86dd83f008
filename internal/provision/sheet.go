package provision

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"roster"
)

// Reading is how a file was read, for whoever has to see that it was meant so.
type Reading struct {
	Encoding  string       `json:"encoding"`  // UTF-8 or UTF-16
	Separator string       `json:"separator"` // comma, semicolon or tab
	Columns   []ReadColumn `json:"columns"`
	Lines     []ReadLine   `json:"lines"` // the first three
}

// ReadColumn is a column of a file, by its heading, and what is read of it.
type ReadColumn struct {
	Heading string `json:"heading"`
	Column  string `json:"column,omitempty"` // "" where it is passed over
}

// ReadLine is a line of a file as it was read: columns with something in them.
type ReadLine struct {
	Line  int        `json:"line"`
	Cells []ReadCell `json:"cells"`
}

// ReadCell is what stands in a line: one text, or several of a list.
type ReadCell struct {
	Column string   `json:"column"`
	Values []string `json:"values"`
}

// shownRows is how many lines a Reading shows.
const shownRows = 3

// separators is what can stand between cells, and its name.
var separators = map[rune]string{',': "comma", ';': "semicolon", '\t': "tab"}

// sheet is the text of a file as spreadsheets write it.
type sheet struct {
	text      string
	encoding  string
	separator rune // 0: none is said
	above     int  // lines before the text
}

// sepLine is what spreadsheets write above everything to say what separates the cells.
var sepLine = regexp.MustCompile(`(?i)^"?sep=(.?)"?[,;\t]*\r?(\n|$)`)

// decoded reads a file's bytes: UTF-8 with a byte order mark or without, or UTF-16 with
// one.
func decoded(file io.Reader) (s sheet, complaint fault, err error) {
	raw, err := io.ReadAll(file)
	if err != nil {
		return s, fault{}, err
	}
	s.encoding = "UTF-8"
	switch {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return s, wrong("This is a workbook. Save the sheet as CSV and send that."), nil
	case bytes.HasPrefix(raw, []byte("\x1f\x8b")):
		return s, wrong("This file is compressed. Send it as it was before."), nil
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		s.text, s.encoding = fromUTF16(raw[2:], binary.LittleEndian), "UTF-16"
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		s.text, s.encoding = fromUTF16(raw[2:], binary.BigEndian), "UTF-16"
	default:
		s.text = strings.TrimPrefix(string(raw), "\ufeff")
	}
	if !strings.Contains(s.text, "\n") {
		s.text = strings.ReplaceAll(s.text, "\r", "\n") // as old Macs end lines
	}
	return s, fault{}, nil
}

// TextFile is what stands in a file, and how that was written.
type TextFile struct {
	Text     string
	Encoding string // UTF-8 or UTF-16
}

// FileText is the text of a file that somebody chose, as an import reads it; Invalid on
// the field file where it is none.
func FileText(file io.Reader) (TextFile, error) {
	s, complaint, err := decoded(file)
	if err == nil && complaint == (fault{}) && strings.ContainsRune(s.text, 0) {
		complaint = wrong("This is not a text file. Save the sheet as CSV in UTF-8.")
	}
	if err == nil && complaint != (fault{}) {
		err = complaint.refused("file")
	}
	return TextFile{s.text, s.encoding}, err
}

// Table is the lines of a text, the one of the headings first, separated as an import
// separates them.
func Table(text string, known func(heading string) bool) (iter.Seq[Record], error) {
	s, complaint := sheet{text: text}.said()
	if complaint != (fault{}) {
		return nil, complaint.refused("file")
	}
	s.separate(known)
	return s.records(), nil
}

// Heading is the column that people mean by a heading; "" where it is none of an import's.
func Heading(text string) string { return headings[squeezed(text)] }

// said takes the line off that says what separates the cells.
func (s sheet) said() (said sheet, complaint fault) {
	line := sepLine.FindStringSubmatch(s.text)
	if line == nil {
		return s, fault{}
	}
	s.separator, _ = utf8.DecodeRuneInString(line[1])
	if separators[s.separator] == "" {
		return s, wrong("The line says that %q separates the cells. Only a comma, a semicolon or a tab is read so.",
			line[1])
	}
	s.text, s.above = s.text[len(line[0]):], 1
	return s, fault{}
}

// fromUTF16 decodes; what is no character becomes one that is no UTF-8 either, so that
// its line is named.
func fromUTF16(raw []byte, order binary.ByteOrder) string {
	var out strings.Builder
	for ; len(raw) >= 2; raw = raw[2:] {
		r := rune(order.Uint16(raw))
		if utf16.IsSurrogate(r) && len(raw) >= 4 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(raw[2:]))); pair != unicode.ReplacementChar {
				r, raw = pair, raw[2:]
			}
		}
		if utf16.IsSurrogate(r) {
			out.WriteByte(0xff)
		} else {
			out.WriteRune(r)
		}
	}
	if len(raw) > 0 {
		out.WriteByte(0xff)
	}
	return out.String()
}

// guessedBy is how many bytes of the headings tell what separates them.
const guessedBy = 1 << 16

// separate finds what separates the cells: what the sheet says, or what makes columns of
// its headings that are known. Two readings of one heading line would both have to be
// known, and no name of a column holds a separator.
func (s *sheet) separate(known func(heading string) bool) {
	if s.separator != 0 {
		return
	}
	text, most := strings.TrimLeft(s.text, "\r\n"), -1
	for _, r := range []rune{',', ';', '\t'} {
		head, _ := beginning(text[:min(len(text), guessedBy)], r)
		cells, _ := separated(head, r).Read()
		n := len(slices.DeleteFunc(cells, func(cell string) bool { return !known(cell) }))
		if n > most {
			s.separator, most = r, n
		}
	}
}

// Record is a line of cells, or why it is none.
type Record struct {
	Line   int
	Cells  []string // without the blanks around, as they were before SafeCell; nil where there is a fault
	Fault  string
	Why    roster.Text // the same, to be said in any language
	Quotes bool        // the fault is in its quotation marks, and what comes after may be part of it
}

// records reads the lines of a sheet whose separator is known. Of one with too many cells
// none is made.
func (s *sheet) records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for text, above := s.text, s.above; text != ""; above++ {
			wide := eachRecord(text, s.separator, above, yield)
			above += strings.Count(text[:wide], "\n")
			if wide == len(text) ||
				!yield(faulty(above+1, "These are more than %d columns.", maxColumns)) {
				return
			}
			_, text, _ = strings.Cut(text[wide:], "\n")
		}
	}
}

// eachRecord hands over the records before one with too many cells, and returns where that
// begins; the end of the text where there is none, or nobody wants more.
func eachRecord(text string, by rune, above int, yield func(Record) bool) (wide int) {
	lines := separated(text, by)
	for {
		rest := strings.TrimLeft(text[lines.InputOffset():], "\r\n")
		if _, wide := beginning(rest, by); wide {
			return len(text) - len(rest)
		}
		cells, err := lines.Read()
		if err == io.EOF || !yield(recordOf(lines, cells, err, above)) {
			return len(text)
		}
	}
}

// faulty is a line that is no record.
func faulty(line int, format roster.Text, args ...any) Record {
	what := wrong(format, args...)
	return Record{Line: line, Fault: what.message, Why: what.said}
}

func recordOf(lines *csv.Reader, cells []string, err error, above int) Record {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		r := faulty(above+bad.StartLine, "This is not CSV: %v.", bad.Err.Error())
		r.Quotes = true
		return r
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(CellText(strings.TrimSpace(cells[i])))
	}
	line, _ := lines.FieldPos(0)
	return Record{Line: above + line, Cells: cells}
}

// beginning is the first record of a text, as it is written, or the beginning of one that
// has too many cells. It makes nothing of the cells.
func beginning(text string, by rune) (head string, wide bool) {
	cells, quoted := 1, false
	for i, c := range []byte(text) {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return text[:i], false
		case rune(c) == by:
			if cells++; cells > maxColumns {
				return text[:i], true
			}
		}
	}
	return text, false
}

func separated(text string, by rune) *csv.Reader {
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = by, -1
	return lines
}

// headings is what people write above a column, with nothing but its letters and digits.
var headings = map[string]string{
	"email": "email", "mail": "email", "emailaddress": "email", "firstname": "first_name", "givenname": "first_name",
	"lastname": "last_name", "surname": "last_name", "familyname": "last_name", "role": "role",
	"usertype": "user_type", "seat": "user_type",
	"tags": "tags", "tag": "tags", "projects": "projects", "project": "projects", "deleted": "deleted",
}

// passedOver is what exports say of people and an import has no use for.
var passedOver = []string{"id", "username", "projectrole", "implicitmember", "lastactivity", "datejoined",
	"access", "paused", "day", "rolethen", "since"}

// squeezed is a heading with nothing but its letters and digits, in lower case.
func squeezed(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// listed splits a cell at semicolons and commas; blanks and repetitions go. An item that
// begins with a quotation mark ends with one, and may hold them all (see ListCell).
func listed(text string) (items []string, err error) {
	for text != "" {
		var item string
		if text = strings.TrimLeftFunc(text, unicode.IsSpace); strings.HasPrefix(text, `"`) {
			if item, text, err = quoted(text); err != nil {
				return nil, err
			}
		} else {
			end := strings.IndexAny(text, ";,")
			if end < 0 {
				end = len(text)
			}
			item, text = strings.TrimSpace(text[:end]), text[end:]
		}
		if text != "" {
			text = text[1:]
		}
		if item != "" && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items, nil
}

// quotedItem is an item in quotation marks, whose own are doubled, to its separator.
var quotedItem = regexp.MustCompile(`^"((?:[^"]|"")*)"\s*(?:$|[;,])`)

func quoted(text string) (item, rest string, err error) {
	found := quotedItem.FindStringSubmatch(text)
	if found == nil {
		return "", "", roster.Errorf(roster.Invalid,
			"An item that begins with a quotation mark must end with one, and double its own.")
	}
	end := len(found[0])
	if end < len(text) || strings.HasSuffix(found[0], ";") || strings.HasSuffix(found[0], ",") {
		end-- // the separator stays
	}
	return strings.TrimSpace(strings.ReplaceAll(found[1], `""`, `"`)), text[end:], nil
}

// ListCell writes several texts into one cell, so that listed reads the same.
func ListCell(items []string, between string) string {
	out := make([]string, len(items))
	for i, item := range items {
		if strings.ContainsAny(item, ";,") || strings.HasPrefix(item, `"`) || strings.TrimSpace(item) != item {
			item = `"` + strings.ReplaceAll(item, `"`, `""`) + `"`
		}
		out[i] = item
	}
	return strings.Join(out, between)
}

// TagsCell is the labels of tags in one cell.
func TagsCell(tags []roster.Tag, between string) string {
	labels := make([]string, len(tags))
	for i, t := range tags {
		labels[i] = t.Label
	}
	return ListCell(labels, between)
}
