package gateway

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"roster"
)

// Files that are sent in a form are weighed as they come: rows, tables, and the form itself.

// rowScale weighs a file of rows: text, or a table, of which each row has as many cells as
// the first one has names.
type rowScale struct {
	weight *int64
	last   [2]byte
	first  []*firstRow  // by what may stand between cells; none: of text
	likely *predictions // that rows may be made into; nil: that is not asked
}

func (s *rowScale) next(c byte) error {
	*s.weight += weightOfByte
	if s.endsRow(c) {
		*s.weight += weightOfRow + weightOfCell*s.columns()
		if err := s.likely.makes(s.weight); err != nil {
			return err
		}
	}
	for _, n := range s.first {
		n.next(c)
	}
	s.last = [2]byte{s.last[1], c}
	if *s.weight > maxWeight {
		return tooHeavy
	}
	return nil
}

// columns is how many cells a row has, at most.
func (s *rowScale) columns() (most int64) {
	for _, n := range s.first {
		most = max(most, n.columns)
	}
	return most
}

// endsRow reports whether a byte ends a row for the upstream: it splits text by every kind
// of line that Unicode knows.
func (s *rowScale) endsRow(c byte) bool {
	switch {
	case c == '\n' || c == '\r' || c == '\v' || c == '\f' || c >= 0x1c && c <= 0x1e:
		return true
	case c == 0x85:
		return s.last[1] == 0xc2
	}
	return (c == 0xa8 || c == 0xa9) && s.last == [2]byte{0xe2, 0x80}
}

// firstRow is the first row of a table, as the upstream reads it: it ends with the line, but
// for a name in quotes. What is not quoted by the rules leaves open where it ends, and it
// is taken for the whole table.
type firstRow struct {
	between byte // cells
	columns int64
	ended   bool
	unruly  bool
	within  bool // a name, or blanks before it
	quoted  bool
	closed  bool // its quotes
}

func (n *firstRow) next(c byte) {
	switch {
	case n.ended:
	case c == '"' && n.quoted:
		n.quoted, n.closed = false, true
	case c == '"' && (n.closed || !n.within): // again: one that is meant
		n.quoted, n.closed, n.within = true, false, true
	case n.quoted:
		n.unnamed(c)
	case c == n.between:
		n.columns, n.within, n.closed = n.columns+1, false, false
	case c == '\n' || c == '\r':
		n.ended = (n.within || n.columns > 0) && !n.unruly
	default:
		n.unruly = n.unruly || n.closed || c == '"'
		n.within = true
	}
}

// unnamed counts what would be a cell if it were not in quotes.
func (n *firstRow) unnamed(c byte) {
	if n.unruly && c == n.between {
		n.columns++
	}
}

func firstRows() (all []*firstRow) {
	for _, between := range []byte(",;\t") {
		all = append(all, &firstRow{between: between})
	}
	return all
}

// formScale weighs the files of a form, each by what the upstream makes of it. It splits
// the form where the upstream does: wherever the boundary stands.
type formScale struct {
	weight   int64
	boundary []byte // with what stands before it
	fallback []int  // how much of the boundary still matches where a byte does not
	matched  int
	header   []byte // of the part that begins; nil: within one
	inside   []scale
	likely   *predictions // nil: that is not asked
}

// longestHeader is how long the header of a part of a form may be, in bytes, to say which
// file it is of.
const longestHeader = 4096

func newFormScale(boundary string) *formScale {
	s := &formScale{boundary: []byte("--" + boundary)}
	s.fallback = make([]int, len(s.boundary)+1)
	s.fallback[0] = -1
	for i, m := 0, -1; i < len(s.boundary); {
		for m >= 0 && s.boundary[i] != s.boundary[m] {
			m = s.fallback[m]
		}
		i, m = i+1, m+1
		s.fallback[i] = m
	}
	return s
}

func (s *formScale) next(c byte) error {
	if s.begins(c) {
		s.header, s.inside = []byte{}, nil
		return nil
	}
	if s.header != nil {
		s.header = append(s.header, c)
		if bytes.HasSuffix(s.header, []byte("\r\n\r\n")) || len(s.header) > longestHeader {
			return s.opens()
		}
		return nil
	}
	for _, scale := range s.inside {
		if err := scale.next(c); err != nil {
			return err
		}
	}
	return nil
}

// opens is the end of a part's header.
func (s *formScale) opens() error {
	header := strings.ToLower(string(s.header))
	s.inside, s.header = s.scales(header), nil
	// which the upstream undoes
	if strings.Contains(header, "content-transfer-encoding") && strings.Contains(header, "base64") {
		return roster.Errorf(roster.Unsupported, "Send files as they are, not in base64. Nothing was imported.")
	}
	return nil
}

// begins reports whether a byte is the last of a boundary.
func (s *formScale) begins(c byte) bool {
	for s.matched >= 0 && s.boundary[s.matched] != c {
		s.matched = s.fallback[s.matched]
	}
	if s.matched++; s.matched < len(s.boundary) {
		return false
	}
	s.matched = 0
	return true
}

// nameOfFile is a file's name that every program reads alike.
var nameOfFile = regexp.MustCompile(`filename="([^"\\&%\r\n]*\.([a-z0-9]{1,8}))"`)

// scales is what weighs the part of a form that has a header, in small letters: what is not
// surely of one kind weighs as all.
func (s *formScale) scales(header string) []scale {
	text := &rowScale{weight: &s.weight, likely: s.likely}
	values := &jsonScale{weight: &s.weight, likely: s.likely.anew()}
	table := &rowScale{weight: &s.weight, first: firstRows(), likely: s.likely}
	name := nameOfFile.FindStringSubmatch(header)
	if name == nil || strings.Count(header, "filename") != 1 {
		return []scale{table, values}
	}
	switch kind := path.Ext(name[1]); {
	case kind == ".json":
		return []scale{values}
	case kind == ".csv" || kind == ".tsv":
		return []scale{table}
	case slices.Contains([]string{".txt", ".html", ".htm", ".xml"}, kind):
		return []scale{text}
	}
	return nil // kept as a file, and not looked into
}
