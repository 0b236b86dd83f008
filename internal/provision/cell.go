package provision

import (
	"regexp"
	"strings"
)

// A cell of a CSV file that begins like a formula is one where a spreadsheet opens
// it (OWASP, CSV injection). Blanks before do not help, nor do the wide signs of
// East Asian keyboards; and where the spreadsheet's language separates cells by
// semicolons or tabs, what comes after one begins a cell too.
const (
	cellBegins = `(^|[;\t\r\n])`
	formula    = `(['"\p{Z}\p{Cf}\x00-\x08\x0b\x0c\x0e-\x1f\x{85}]*[=+\-@＝＋－＠﹦﹢﹣﹫])`
)

var (
	begins      = regexp.MustCompile(cellBegins + formula)
	guarded     = regexp.MustCompile(cellBegins + "'" + formula)
	opens       = regexp.MustCompile(`^'*[\t\r\n]`)
	opensBehind = regexp.MustCompile(`^'+[\t\r\n]`)
)

// SafeCell keeps a cell from being a formula: an apostrophe in front makes it text.
// Every export writes its cells by it, and CellText reads them back exactly.
func SafeCell(text string) string {
	if isPlain(text) {
		return text
	}
	text = begins.ReplaceAllString(text, "$1'$2")
	if opens.MatchString(text) {
		return "'" + text
	}
	return text
}

// isPlain tells most cells from those that are worth a closer look.
func isPlain(text string) bool {
	if text == "" {
		return true
	}
	c := text[0] | 0x20 // a letter in lower case, a digit as it is
	return (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') && !strings.ContainsAny(text, ";\t\r\n")
}

// CellText is what a cell was before SafeCell.
func CellText(cell string) string {
	if opensBehind.MatchString(cell) {
		cell = cell[1:]
	}
	return guarded.ReplaceAllString(cell, "$1$2")
}

// FlagCell writes what is so, or nothing.
func FlagCell(so bool) string {
	if so {
		return "true"
	}
	return ""
}

// ByteOrderMark stands at the beginning of a CSV file for spreadsheets, which read names
// by their country's old letters without one.
const ByteOrderMark = "\ufeff"
