package mailbox_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roster/internal/mailbox"
)

// TestOneMailbox: the spellings of one mailbox have one key.
func TestOneMailbox(t *testing.T) {
	for _, pair := range [][2]string{
		{"MÜLLER@example.com", "müller@example.com"},
		{" Ann@Example.COM ", "ann@example.com"},
		{"hans@müller.example", "hans@xn--mller-kva.example"},
		{"hans@MÜLLER.example", "hans@XN--MLLER-KVA.Example"},
		{"e\u0301va@example.com", "éva@example.com"},
		{"x@mu\u0308ller.example", "x@müller.example"},
		{"ΣΟΦΙΑ@example.com", "σοφια@example.com"},
		{"GROẞ@example.com", "groß@example.com"},
		{"ЖАННА@ПРИМЕР.рф", "жанна@пример.рф"},
		{"ann@straße.example", "ann@xn--strae-oqa.example"},
		{"a@foo_bar.example", "A@Foo_Bar.example"},
		{"a@r3--x.example", "A@R3--X.example"},
		{"Ꭰ@example.com", "ꭰ@example.com"},
		{"Ᏸ@example.com", "ᏸ@example.com"},
		{"a@ᎣᏏᏲ.example", "a@ꭳꮟᏺ.example"},
	} {
		a, err := mailbox.Parse(pair[0])
		b, other := mailbox.Parse(pair[1])
		if err != nil || other != nil || a.Key != b.Key {
			t.Errorf("%q is %q (%v), %q is %q (%v)", pair[0], a.Key, err, pair[1], b.Key, other)
		}
	}
}

// TestTwoMailboxes: what only resembles each other is two people.
func TestTwoMailboxes(t *testing.T) {
	for _, pair := range [][2]string{
		{"x@straße.example", "x@strasse.example"},
		{"\u212aevin@example.com", "kevin@example.com"},
		{"straße@example.com", "strasse@example.com"},
		{"ΟΔΟΣ@example.com", "οδος@example.com"}, // the one ends with σ, the other with ς
		{"İbrahim@example.com", "ibrahim@example.com"},
		{"ışıl@example.com", "isil@example.com"},
		{"muller@example.com", "müller@example.com"},
		{"ﬁn@example.com", "fin@example.com"},
		{"ſam@example.com", "sam@example.com"},
		{"аnn@example.com", "ann@example.com"}, // the first begins in Cyrillic
		{"a@faß.example", "a@fass.example"},
		{"a@βόλος.example", "a@βόλοσ.example"},
	} {
		if mailbox.Key(pair[0]) == mailbox.Key(pair[1]) {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], mailbox.Key(pair[0]))
		}
	}
}

// TestAddressesNobodyHas: with the reason.
func TestAddressesNobodyHas(t *testing.T) {
	for text, why := range map[string]string{
		// the Kelvin sign, whose small letter is a plain k
		"\u212aevin@example.com":                  "look like the usual ones",
		"\u212bke@example.com":                    "look like the usual ones",
		"\u2126mega@example.com":                  "look like the usual ones",
		"ａnn@example.com":                         "look like the usual ones",
		"ann＠example.com":                         "look like the usual ones",
		"ann@ｅxample.com":                         "look like the usual ones",
		"ann@example．com":                         "look like the usual ones",
		"oﬃce@example.com":                        "look like the usual ones",
		"ⅸ@example.com":                           "look like the usual ones",
		"x\u00b2@example.com":                     "look like the usual ones",
		"ann@example。com":                         "look like the usual ones",
		"ann@xn--mller-kv.example":                "domain of this one is none",
		"ann@xn--.example":                        "hyphen",
		"ann@xn--ann-.example":                    "hyphen",
		"a\u200bnn@example.com":                   "invisible",
		"a\u00adnn@example.com":                   "invisible",
		"a\ufe0fnn@example.com":                   "invisible",
		"a\u034fnn@example.com":                   "invisible",
		"a\u3164nn@example.com":                   "invisible",
		"a\u2800nn@example.com":                   "invisible",
		"a\u200dnn@example.com":                   "invisible",
		"ann@exa\u200cmple.com":                   "invisible",
		"a\u202enn@example.com":                   "direction of writing",
		"a\u2066nn@example.com":                   "direction of writing",
		"a\u061cnn@example.com":                   "direction of writing",
		"a@example..com":                          "nothing beside one of its dots",
		"a@.example.com":                          "nothing beside one of its dots",
		"a@example.com.":                          "nothing beside one of its dots",
		"a@-example.com":                          "begins or ends with a hyphen",
		"a@example-.com":                          "begins or ends with a hyphen",
		".ann@example.com":                        "begins with a dot or a hyphen",
		"-ann@example.com":                        "begins with a dot or a hyphen",
		"ann":                                     "",
		"ann@localhost":                           "",
		"ann@@example.com":                        "",
		"Ann <ann@example.com>":                   "",
		"ann@exa mple.com":                        "",
		"a\ufffd@example.com":                     "could not be read",
		"a\xff@example.com":                       "",
		strings.Repeat("a", 250) + "@example.com": "",
		strings.Repeat("Ⱥ", 100) + "@example.com": "", // whose small letter takes more bytes
		"a@" + strings.Repeat("b", 64) + ".com":   "domain of this one is none",
	} {
		_, err := mailbox.Parse(text)
		if err == nil || !strings.Contains(err.Error(), why) || (why == "") != (mailbox.Why(text) == "") {
			t.Errorf("%q: %v", text, err)
		}
		if clean := mailbox.Clean(text); !mailbox.Irregular(mailbox.Key(text)) || mailbox.Key(clean) != mailbox.Key(text) {
			t.Errorf("%q has the key %q, and %q has %q", text, mailbox.Key(text), clean, mailbox.Key(clean))
		}
	}
}

// FuzzKey: a key is one of its own, and a letter outside ASCII equals none inside.
func FuzzKey(f *testing.F) {
	for _, text := range []string{"ann@example.com", "Müller@MÜLLER.example", "\u212aim@example.com",
		"İ@xn--mller-kva.example", "e\u0301@a.b", "a@ς.gr"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := mailbox.Parse(text)
		if err != nil {
			if !mailbox.Irregular(mailbox.Key(text)) || !mailbox.Irregular(mailbox.Key(mailbox.Clean(text))) {
				t.Fatalf("%q was refused and has the key %q", text, mailbox.Key(mailbox.Clean(text)))
			}
			return
		}
		for _, again := range []string{a.Key, a.Text} {
			if b, err := mailbox.Parse(again); err != nil || b.Key != a.Key {
				t.Fatalf("%q is %q, which is %q (%v)", text, a.Key, b.Key, err)
			}
		}
		local, _, _ := strings.Cut(a.Key, "@")
		local = norm.NFD.String(local) // Y̊ is two characters, and its small letter one
		was, _, _ := strings.Cut(norm.NFD.String(strings.TrimSpace(text)), "@")
		if utf8.RuneCountInString(local) != utf8.RuneCountInString(was) || isASCII(local) != isASCII(was) {
			t.Fatalf("%q became %q", was, local)
		}
	})
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}
