package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"roster"
)

// Fold makes labels comparable without regard to case. The engines disagree on
// what lower-case is beyond ASCII, so it is decided here, when text is written.
func Fold(s string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

// Searchable is a text as searches compare it: without case, accents, apostrophes
// and what cannot be seen, and with the plain letter for one that has another form.
// It is for finding: who somebody is, is decided by package mailbox.
func Searchable(s string) string {
	if s = strings.Map(withoutApostrophe, s); isASCII(s) {
		return strings.ToLower(s)
	}
	bare, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.Predicate(unheard))), s)
	if err != nil {
		panic("store: a text without marks: " + err.Error()) // none of the parts fails
	}
	return norm.NFKC.String(plainLetters.Replace(cases.Fold().String(bare)))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// unheard reports whether a search passes over a character: what cannot be seen, and
// the marks on letters of scripts whose readers leave them out. Those of others are
// vowels, or make another letter: ガ is not カ.
func unheard(r rune) bool {
	if r == voiced || r == semivoiced {
		return false
	}
	return withoutApostrophe(r) < 0 || unicode.Is(unicode.Cf, r) ||
		(unicode.Is(unicode.Mn, r) && unicode.In(r, markedScripts...))
}

// The marks of Japanese syllables.
const voiced, semivoiced = '\u3099', '\u309a'

var markedScripts = []*unicode.RangeTable{unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic,
	unicode.Arabic, unicode.Hebrew, unicode.Syriac}

// apostrophes are passed over: O’Brien is found as obrien, and as o'brien.
const apostrophes = "'`’‘‛′´ʹʻʼʽʾʿ"

func withoutApostrophe(r rune) rune {
	if strings.ContainsRune(apostrophes, r) {
		return -1
	}
	return r
}

// plainLetters are those, small, that Unicode does not take apart.
var plainLetters = strings.NewReplacer("ł", "l", "đ", "d", "ð", "d", "ø", "o", "ı", "i", "ħ", "h", "ŧ",
	"t", "þ", "th", "æ", "ae", "œ", "oe", "ŋ", "n", "ĸ", "k", "ـ", "", "ى", "ي")

// personText is what a search for people looks at. The line breaks keep a term from
// matching across two fields: a term never holds one. The names end with an empty line.
func personText(u roster.User) string {
	fields := []string{u.FirstName, u.LastName}
	if familyFirst(u.FirstName) && familyFirst(u.LastName) {
		fields = append(fields, u.LastName+u.FirstName)
	}
	fields = append(fields, "", u.Email)
	if u.Username != u.Email {
		fields = append(fields, u.Username)
	}
	return Searchable(strings.Join(append(fields, mailboxSpelling(u.Email)), "\n"))
}

// familyFirst reports whether a name is of a script in which the family's comes first
// and nothing is between them: 胡志强.
func familyFirst(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	})
}

// Terms splits a search as Django REST does, into what is looked for.
func Terms(search string) []string {
	terms := words(search)
	for i, term := range terms {
		terms[i] = searched(term)
	}
	return terms
}

// searched is a term as texts are compared with it. One of nothing but what searches
// pass over is in no text, and finds nobody: as nothing it would be in every one.
func searched(term string) string {
	if text := strings.TrimSpace(Searchable(term)); text != "" {
		return text
	}
	return term
}

// words splits at blanks and commas, with double quotes keeping a phrase together.
func words(search string) []string {
	var terms []string
	var term strings.Builder
	quoted := false
	flush := func() {
		if t := strings.TrimSpace(term.String()); t != "" {
			terms = append(terms, t)
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
