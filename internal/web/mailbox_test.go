package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		"Name <a@b.example>; c@d.example":                          "a@b.example c@d.example",
		"c@d.example, Name <a@b.example>":                          "c@d.example a@b.example",
		"Jane Doe; c@d.example":                                    "c@d.example / Jane Doe",
		"Jane Doe, c@d.example":                                    "c@d.example / Jane Doe",
		"Jane Doe; Noor <noor@example.com>":                        "noor@example.com / Jane Doe",
		"Jane Doe\nNoor <noor@example.com>":                        "noor@example.com / Jane Doe",
		"Jane Doe, Noor Ng <noor@example.com>":                     "noor@example.com / Jane Doe",
		"de la Cruz, Ana <ana@example.com>":                        "ana@example.com",
		`"de la Cruz, Ana María" <ana@example.com>`:                "ana@example.com",
		"Ann Avery ann@example.com; Bo bo@example.com":             "ann@example.com bo@example.com",
		"ann@example.com bo.example.com; Cy J.R. <cy@example.com>": "ann@example.com cy@example.com / bo.example.com",
		"[ann@example.com]":                                        "ann@example.com",
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
	if emails, _ := mailboxes(strings.Repeat("<a@b.example>", 1000)); len(emails) != 1000 ||
		!slices.Contains(emails, "a@b.example") {
		t.Errorf("of a thousand in one line %d are found", len(emails))
	}
}

// TestMixedPastes: whatever is between mailboxes of any form, all of them are found, in
// their order, and nothing else is said to be lost.
func TestMixedPastes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		forms := rapid.SampledFrom([]string{"%", "<%>", "Noor <%>", "Noor Ng <%>", `"Ng, Noor" <%>`, `"Noor" <%>`,
			"田中 花子 <%>", "mailto:%", "(%)", " %", "%\t"})
		marks := rapid.SampledFrom([]string{", ", ",", ";", "; ", "\n", "\t", "；", ",\n", ";;", " , "})
		text, want := "", []string{}
		for i := range rapid.IntRange(1, 8).Draw(r, "n") {
			email := fmt.Sprintf("p%d@example.com", i)
			want = append(want, email)
			if i > 0 {
				text += marks.Draw(r, "mark")
			}
			text += strings.Replace(forms.Draw(r, "form"), "%", email, 1)
		}
		emails, lost := mailboxes(text)
		if !slices.Equal(emails, want) || len(lost) > 0 {
			r.Fatalf("%q is %q without %q", text, emails, lost)
		}
	})
}

// TestNoAddressVanishes: of any text at all, every @ is in what was found or in what is
// said to be none.
func TestNoAddressVanishes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[ab@.<>,; "'()\n]{0,30}`).Draw(r, "text")
		emails, lost := mailboxes(text)
		if n := strings.Count(strings.Join(append(emails, lost...), " "), "@"); n != strings.Count(text, "@") {
			r.Fatalf("%q is %q without %q", text, emails, lost)
		}
	})
}
