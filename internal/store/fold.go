package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes texts comparable without regard to case. The engines disagree on
// what lower-case is beyond ASCII, so it is decided here, when text is written
// and when it is searched for.
func Fold(s string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

// searchText is what a search looks at. The line breaks keep a term from
// matching across two fields: a term never holds one.
func searchText(fields ...string) string { return Fold(strings.Join(fields, "\n")) }

// Terms splits a search as Django REST does: at blanks and commas, with
// double quotes keeping a phrase together.
func Terms(search string) []string {
	var terms []string
	var term strings.Builder
	quoted := false
	flush := func() {
		if t := strings.TrimSpace(term.String()); t != "" {
			terms = append(terms, Fold(t))
		}
		term.Reset()
	}
	for _, r := range search {
		switch {
		case r == '"':
			flush()
			quoted = !quoted
		case !quoted && (r == ',' || unicode.IsSpace(r)):
			flush()
		default:
			term.WriteRune(r)
		}
	}
	flush()
	return terms
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// contains is a LIKE pattern for texts that hold term.
func contains(term string) string { return "%" + likeEscaper.Replace(term) + "%" }
