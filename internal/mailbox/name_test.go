package mailbox_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"roster/internal/mailbox"
)

// TestOneName: names are compared without case, and as mailboxes where they are some.
func TestOneName(t *testing.T) {
	for _, pair := range [][2]string{
		{"Noor.Ng", " noor.NG "}, {"ACME\\kim", "acme\\Kim"}, {"GROẞ", "groß"}, {"e\u0301va", "Éva"},
		{"Noor Ng", "noor ng"}, {"-kim", "-KIM"},
		{"Hans@MÜLLER.example", "hans@xn--mller-kva.example"}, {"kim@localhost", "KIM@localhost"},
		{strings.Repeat("X", 256), strings.Repeat("x", 256)},
	} {
		a, err := mailbox.ParseName(pair[0])
		if b, other := mailbox.ParseName(pair[1]); err != nil || other != nil || a != b {
			t.Errorf("%q is %q (%v), %q is %q (%v)", pair[0], a, err, pair[1], b, other)
		}
	}
}

// TestNamesNobodyGets: with the reason, however long the name is.
func TestNamesNobodyGets(t *testing.T) {
	for text, why := range map[string]string{
		"\u212aevin":                            "look like the usual ones",
		"\u212aevin" + strings.Repeat("x", 250): "look like the usual ones", "ｊdoe": "look like the usual ones",
		strings.Repeat("x", 255) + "\u200b": "invisible", "kim\u200b": "invisible",
		"kim\u202e": "direction of writing", "kim\ufffd": "could not be read", "kim\xff": "could not be read",
		"kim@example..com": "nothing beside one of its dots", ".kim@example.com": "begins with a dot",
		strings.Repeat("x", 257): "too long",
	} {
		if _, err := mailbox.ParseName(text); err == nil || !strings.Contains(mailbox.WhyName(text), why) {
			t.Errorf("%q: %v", text, err)
		}
		for _, plain := range []string{"kevin", "jdoe", "kim"} {
			if mailbox.NameKey(text) == mailbox.NameKey(plain) {
				t.Errorf("%q is %q", text, plain)
			}
		}
	}
}

// TestNamesAreNoOtherMailbox: no name has the key of a mailbox that it does not spell.
func TestNamesAreNoOtherMailbox(t *testing.T) {
	for _, name := range []string{":hans@müller.example", "x@straße.example", "İbrahim@example.com"} {
		for _, address := range []string{"hans@müller.example", "x@strasse.example", "ibrahim@example.com"} {
			if key := mailbox.NameKey(name); key == mailbox.Key(address) {
				t.Errorf("%q is %q", name, address)
			}
		}
	}
}

// FuzzName: a key is one of its own.
func FuzzName(f *testing.F) {
	for _, text := range []string{"kim", "Kim@MÜLLER.example", "\u212aim", "İ@x", "e\u0301", "Ⴀ",
		"ACME\\kim", ":kim"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := mailbox.ParseName(text)
		if err != nil {
			return
		}
		if again, err := mailbox.ParseName(key); utf8.RuneCountInString(key) <= mailbox.MostName &&
			(err != nil || again != key) {
			t.Fatalf("%q is %q, which is %q (%v)", text, key, again, err)
		}
		if a, err := mailbox.Parse(text); err == nil && a.Key != key {
			t.Fatalf("%q is %q as a name, and %q as an address", text, key, a.Key)
		}
	})
}
