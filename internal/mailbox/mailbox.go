// Package mailbox says which e-mail addresses are one mailbox, and which nobody
// can have; docs/adr has the reasons. Nothing here is made for searching.
package mailbox

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Address is an e-mail address as somebody has it.
type Address struct {
	Text string // as it was written, in small letters
	Key  string // the same for every spelling of one mailbox, and for no other
}

// Refusal is why an address is one that nobody can have: a sentence, or "" for what
// is no address at all.
type Refusal string

func (r Refusal) Error() string { return "Enter a valid email address." + r.Why() }

// Why is the reason as a second sentence, with a blank before it.
func (r Refusal) Why() string {
	if r == "" {
		return ""
	}
	return " " + string(r)
}

const (
	none      Refusal = ""
	lookalike Refusal = "This one has characters that only look like the usual ones, such as full-width letters."
	invisible Refusal = "This one has invisible characters."
	turning   Refusal = "This one has characters that turn the direction of writing."
	unread    Refusal = "This one has characters that could not be read on their way here."
	noLabel   Refusal = "The domain of this one has nothing beside one of its dots."
	hyphen    Refusal = "A part of the domain of this one begins or ends with a hyphen."
	leading   Refusal = "This one begins with a dot or a hyphen."
	long      Refusal = "This one is too long."
	noDomain  Refusal = "The domain of this one is none that there can be."
)

// mostBytes is how long an address can be that mail is sent to (RFC 5321).
const mostBytes = 254

var shape = regexp.MustCompile(`^[^\s\pC\pZ@<>(),;:"\[\]\\]+@[^\s\pC\pZ@<>(),;:"\[\]\\]+$`)

// Parse reads an address that somebody is to be known by. An error is a Refusal.
func Parse(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostBytes {
		return Address{}, none
	}
	if why := characters(text); why != none {
		return Address{}, why
	}
	local, domain, _ := strings.Cut(norm.NFC.String(text), "@")
	if !shape.MatchString(text) || !strings.Contains(domain, ".") {
		return Address{}, none
	}
	if strings.HasPrefix(local, ".") || strings.HasPrefix(local, "-") {
		return Address{}, leading
	}
	local, domain = norm.NFC.String(lower(local)), norm.NFC.String(lower(domain))
	ascii, why := hostname(domain)
	if why != none {
		return Address{}, why
	}
	a := Address{Text: local + "@" + domain, Key: local + "@" + ascii}
	if len(a.Text) > mostBytes || len(a.Key) > mostBytes { // small letters and A-labels can be longer
		return Address{}, none
	}
	return a, nil
}

// characters is what is wrong with the characters of an address or a name.
func characters(text string) Refusal {
	for _, r := range text {
		if why := refused(r); why != none {
			return why
		}
	}
	return none
}

// refused is what is wrong with one character of an address. It is asked of each as
// it came, before anything is normalised: the Kelvin sign would become a plain K.
func refused(r rune) Refusal {
	switch {
	case r == utf8.RuneError:
		return unread
	case unicode.Is(unicode.Bidi_Control, r):
		return turning
	case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector),
		r == blankBraille:
		return invisible
	case norm.NFKC.String(string(r)) != string(r), r == ideographicStop:
		return lookalike
	}
	return none
}

// blankBraille is a pattern without dots, which counts as a symbol and shows nothing;
// and ideographicStop what browsers take for a dot between labels.
const (
	blankBraille    = '\u2800'
	ideographicStop = '\u3002'
)

// lower is a text in small letters, one for one: ß stays ß. A letter outside ASCII
// stays what it is where its small letter is in ASCII (İ). Of Cherokee the large letters
// are the usual ones, and the only ones in a domain.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cherokee, r) {
			return unicode.ToUpper(r)
		}
		if small := unicode.ToLower(r); r < utf8.RuneSelf || small >= utf8.RuneSelf {
			return small
		}
		return r
	}, text)
}

// names checks labels as a registry does, which maps no character to another. It
// leaves hyphens to hostname: many domains have two where IDNA has its own.
var names = idna.New(idna.ValidateForRegistration(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostname is a domain in A-labels: müller.example is xn--mller-kva.example.
func hostname(domain string) (string, Refusal) {
	if strings.Contains("."+domain+".", "..") {
		return "", noLabel
	}
	spelt, err := names.ToUnicode(domain)
	if hyphened(domain) || hyphened(spelt) {
		return "", hyphen
	}
	written, alsoErr := names.ToASCII(domain)
	if err != nil || alsoErr != nil {
		return "", noDomain
	}
	if again, err := names.ToASCII(spelt); err != nil || again != written {
		return "", noDomain // an A-label that does not stand for what it says
	}
	return written, none
}

func hyphened(domain string) bool {
	edges := "." + domain + "."
	return strings.Contains(edges, ".-") || strings.Contains(edges, "-.")
}

// marked begins the keys that no mailbox has: no address holds a colon.
const marked = ":"

// Key is the key of an address that may be one nobody can have: then it is equal for
// that text alone.
func Key(text string) string {
	if a, err := Parse(text); err == nil {
		return a.Key
	}
	return Exact(text)
}

// Exact is the key of a text itself. People have it whose address from before nobody
// could have today, or is another person's mailbox in another spelling.
func Exact(text string) string { return marked + Clean(text) }

// Irregular reports whether a key is one that no mailbox has.
func Irregular(key string) bool { return strings.HasPrefix(key, marked) }

// Clean is an address in the spelling in which it is kept. One that nobody can have is
// not normalised: it would become another, which somebody can.
func Clean(text string) string {
	if a, err := Parse(text); err == nil {
		return a.Text
	}
	return smallASCII(strings.TrimSpace(text))
}

func smallASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// Why is what is wrong with an address, as a second sentence with a blank before it;
// "" where nothing is, and where it is no address at all.
func Why(text string) string { return why(Parse(text)) }

func why(_ any, err error) string {
	if refusal, ok := err.(Refusal); ok {
		return refusal.Why()
	}
	return ""
}

// Barred reports whether a text is an address, and one that nobody can have.
func Barred(text string) bool {
	_, err := Parse(text)
	return err != nil && err != none
}
