package web

import (
	"slices"
	"strings"
	"testing"
)

// TestNobodyIsLostInAPaste: every e-mail of a pasted line is found, and what is none
// is told.
func TestNobodyIsLostInAPaste(t *testing.T) {
	for text, want := range map[string]string{
		"ann@example.com":                                          "ann@example.com",
		"Ann <ann@example.com>; bo@example.com":                    "ann@example.com bo@example.com",
		"<ann@example.com><bo@example.com>":                        "ann@example.com bo@example.com",
		"<ann@example.com> <bo@example.com>,<cy@example.com>":      "ann@example.com bo@example.com cy@example.com",
		"Ann <ann@example.com>, Bo <bo@example.com>":               "ann@example.com bo@example.com",
		`"Avery, Ann" <ann@example.com>; Lee, Bo <bo@example.com>`: "ann@example.com bo@example.com",
		"ann@example.com bo@example.com\tcy@example.com":           "ann@example.com bo@example.com cy@example.com",
		"ann@example.com Bo Lee <bo@example.com>":                  "ann@example.com bo@example.com",
		"mailto:ann@example.com":                                   "ann@example.com",
		"(ann@example.com)":                                        "ann@example.com",
		"田中 花子 <hanako@example.jp>；":                               "hanako@example.jp",
		"Ann Avery":                                                "/ Ann Avery",
		"ann@example.com, bo.example.com":                          "ann@example.com / bo.example.com",
		"bo.example.com, Ann <ann@example.com>":                    "ann@example.com / bo.example.com",
		"ann@example.com,AN":                                       "ann@example.com / AN",
		"Ann <ann@example.com":                                     "/ Ann <ann@example.com",
		"Ann <>; bo@example.com":                                   " bo@example.com",
		"":                                                         "",
	} {
		emails, lost := mailboxes(text)
		wanted, missing, _ := strings.Cut(want, "/ ")
		if got := strings.Join(emails, " "); got != strings.TrimSuffix(wanted, " ") || strings.Join(lost, " ") != missing {
			t.Errorf("%q is %q without %q, want %q", text, emails, lost, want)
		}
		if n := strings.Count(text, "@"); n > len(emails)+strings.Count(strings.Join(lost, " "), "@") {
			t.Errorf("%q holds %d e-mails: %q and %q", text, n, emails, lost)
		}
	}
	if emails, _ := mailboxes(strings.Repeat("<a@b.example>", 1000)); len(emails) != 1000 || !slices.Contains(emails, "a@b.example") {
		t.Errorf("of a thousand in one line %d are found", len(emails))
	}
}
