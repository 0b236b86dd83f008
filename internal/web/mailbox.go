package web

import (
	"strings"
	"unicode"
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
		for i, name := range names {
			last := i == len(names)-1
			if !bracketed && name != "" || !last && strings.Contains(name, ".") && !strings.ContainsFunc(name, unicode.IsSpace) {
				lost = append(lost, name)
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

// addressesIn takes the words that are e-mails out of a text, and returns what is
// left, cut where something separates it: the last part may be the name of who
// follows in brackets.
func addressesIn(text string) (emails, left []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;\t\n，；、", r) }) {
		var name []string
		for word := range strings.FieldsSeq(part) {
			if word = strings.Trim(word, `"'()`); strings.Contains(word, "@") {
				emails = append(emails, strings.TrimPrefix(word, "mailto:"))
			} else if word != "" {
				name = append(name, word)
			}
		}
		left = append(left, strings.Join(name, " "))
	}
	return emails, left
}
