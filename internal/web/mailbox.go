package web

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mailboxes reads the e-mails of a text as people paste them: bare, or as "Noor Ng
// <noor@example.com>", with anything between them. lost is what stands there besides
// and is no name of anybody: it may have been meant for one.
func mailboxes(text string) (emails, lost []string) {
	for text != "" {
		words, rest := text, ""
		if open := strings.IndexByte(text, '<'); open >= 0 {
			words, rest = text[:open], text[open+1:]
		}
		inside, after, bracketed := strings.Cut(rest, ">")
		found, names := addressesIn(words)
		emails = append(emails, found...)
		if bracketed {
			names = names[:len(names)-naming(names)]
		}
		for _, name := range names {
			if name.text != "" {
				lost = append(lost, name.text)
			}
		}
		switch {
		case bracketed:
			emails = append(emails, strings.TrimSpace(inside))
		case rest != "":
			lost = append(lost, "<"+rest)
		}
		text = after
	}
	return emails, lost
}

// part is what stands between two separators and is no e-mail, and the one before it.
type part struct {
	text   string
	before rune
}

// naming is how many of the last parts are the name of who follows in brackets: one, or
// two of a name like "Ng, Noor". Two that could each be a person's whole name are not.
func naming(parts []part) int {
	n := len(parts)
	if n < 2 || parts[n-1].text == "" || !strings.ContainsRune(",，、", parts[n-1].before) {
		return min(n, 1)
	}
	family, given := parts[n-2].text, parts[n-1].text
	if several(family) && several(given) || isHost(family) {
		return 1
	}
	return 2
}

// isHost reports whether a word could be an e-mail that has lost its @.
func isHost(word string) bool {
	dot := strings.LastIndexByte(word, '.')
	return dot > 0 && len(word)-dot > 2 && !several(word)
}

// several reports whether a name is of several words.
func several(name string) bool { return strings.ContainsFunc(name, unicode.IsSpace) }

// quotedName is a name in quotation marks, in which nothing separates.
var quotedName = regexp.MustCompile(`"[^"@]*"`)

const between = ",;\t\n，；、"

// addressesIn takes the words that are e-mails out of a text, and returns what is left
// between separators. Words beside an e-mail are taken for the name of whose it is.
func addressesIn(text string) (emails []string, left []part) {
	text = quotedName.ReplaceAllStringFunc(text, func(name string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(between, r) {
				return ' '
			}
			return r
		}, name)
	})
	before := rune(',')
	for more := true; more; {
		words, rest, next := text, "", rune(0)
		at := strings.IndexAny(text, between)
		if more = at >= 0; more {
			var size int
			next, size = utf8.DecodeRuneInString(text[at:])
			words, rest = text[:at], text[at+size:]
		}
		found, name := namedIn(words)
		if emails = append(emails, found...); len(found) > 0 && !slices.ContainsFunc(strings.Fields(name), isHost) {
			name = ""
		}
		left = append(left, part{name, before})
		text, before = rest, next
	}
	return emails, left
}

// namedIn tells the words that are e-mails from the others.
func namedIn(words string) (emails []string, name string) {
	var others []string
	for word := range strings.FieldsSeq(words) {
		if word = strings.Trim(word, `"'()[]`); strings.Contains(word, "@") {
			emails = append(emails, strings.TrimPrefix(word, "mailto:"))
		} else if word != "" {
			others = append(others, word)
		}
	}
	return emails, strings.Join(others, " ")
}
