package web

import "testing"

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ada Lovelace":    "AL",
		"ada@example.com": "A",
		"محمد علي":        "م",
		"":                "?",
		"👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈": "?", // a variation selector is a mark, and shows nothing
		"❤\ufe0fAnna Blum":               "AB",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q has %q, want %q", name, got, want)
		}
	}
}
