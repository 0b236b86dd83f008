package mailbox

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MostName is how many characters a name may have.
const MostName = 256

// ParseName reads a name that a provider calls somebody by, e-mail address or not, and
// returns what it is compared by. One that is an address has the key of the mailbox. An
// error is a Refusal: the name has characters that no address may have, or it is an
// address that nobody can have, or too long.
func ParseName(text string) (key string, err error) {
	text = strings.TrimSpace(text)
	if !utf8.ValidString(text) {
		return "", unread
	}
	if utf8.RuneCountInString(text) > MostName {
		return "", long
	}
	if why := characters(text); why != none {
		return "", why
	}
	address, err := Parse(text)
	switch {
	case err == nil:
		return address.Key, nil
	case err != none && strings.Contains(text, "@"):
		return "", err
	}
	return small(text), nil
}

func small(text string) string { return norm.NFC.String(lower(norm.NFC.String(text))) }

// CleanName is a name, or a part of one, in small letters, to look for parts in. One that
// nobody can be given is not normalised, as Clean.
func CleanName(text string) string {
	if characters(text) == none {
		return small(text)
	}
	return smallASCII(text)
}

// NameKey is the key of a name that may be one nobody can be given: then it is equal for
// that text alone.
func NameKey(text string) string {
	if key, err := ParseName(text); err == nil {
		return key
	}
	return Exact(text)
}

// WhyName is why AdmitName refuses a name, as Why.
func WhyName(text string) string { return why(nil, AdmitName(text)) }
