package mailbox_test

import (
	"strings"
	"testing"

	"roster/internal/mailbox"
)

// TestPosingAddresses: nobody is given an address that people would take for another one;
// who has it from before keeps it, and is found by it.
func TestPosingAddresses(t *testing.T) {
	for text, why := range map[string]string{
		"own\u0435r@example.com":                           "several alphabets", // a Cyrillic е
		"ethan.d\u0430rcy@example.com":                     "several alphabets",
		"\u0435than.darcy@example.com":                     "several alphabets",
		"ETH\u0410N.darcy@example.com":                     "several alphabets",
		"ethan.darcy@ex\u0430mple.com":                     "several alphabets",
		"ethan.darcy@xn--exmple-4nf.com":                   "several alphabets", // the same, as machines write it
		"ethan@\u0430\u0435.example.com":                   "only look like the usual ones",
		"\u03bfwner@example.com":                           "several alphabets", // a Greek ο
		"\u0581wner@example.com":                           "several alphabets", // an Armenian ց
		"ow\u0578er@example.com":                           "several alphabets",
		"own\u13acr@example.com":                           "several alphabets", // a Cherokee Ꭼ
		"\ua4d0nn@example.com":                             "several alphabets", // Lisu
		"ann.\u0441\u043e\u0440@example.com":               "several alphabets",
		"田\u0430@example.com":                              "several alphabets",
		"\u0430\u0435\u043e@example.com":                   "only look like the usual ones", // all of it Cyrillic
		"\u0440\u0430\u0443\u0440\u0430\u04cf@example.com": "only look like the usual ones",
		"\u0430\u0435.\u043e-1@\u0440\u0430.\u0441\u043e":  "only look like the usual ones",
		"\u03b1\u03bd\u03b1@example.com":                   "only look like the usual ones",
		"\u13aa\u13bb@example.com":                         "only look like the usual ones",
		"\u0251nn@example.com":                             "only look like the usual ones", // ɑ of phonetic writing
		"\u1d0fwner@example.com":                           "only look like the usual ones",
		"ann\u2013lee@example.com":                         "only look like the usual ones", // a dash
		"ann\u2010lee@example.com":                         "only look like the usual ones",
		"ann\u0661@example.com":                            "several alphabets", // a digit one
		"ａnn@example.com":                                  "look like the usual ones, such as full-width",
		"a\u200bnn@example.com":                            "invisible",
		"ann":                                              "",
	} {
		_, err := mailbox.Admit(text)
		if err == nil || !strings.Contains(err.Error(), why) ||
			(why == "") != (mailbox.WhyNot(text) == "") || (why == "") != mailbox.Admitted(text) {
			t.Errorf("%q: %v", text, err)
		}
		if named := mailbox.AdmitName(text); (named == nil) != (why == "") {
			t.Errorf("%q as a name: %v", text, named)
		}
	}
	for _, text := range []string{
		"ann@example.com", "MÜLLER@example.com", "hans@müller.example", "e\u0301va@example.com", "groß@example.com",
		"ışıl@example.com", "sıla@example.com", "İbrahim@example.com", "łukasz@example.com",
		"æsa@example.com", "o'neil+x_1@example.com",
		"жанна@пример.рф", "анна@example.com", "оса@оса.рф", "жанна@example.com",
		"νίκος@example.com", "ann@пример.рф",
		"田中@example.com", "たろうtaro@example.com", "タロー田中@例え.jp", "김ann@example.com",
		"ㄅ王a@example.com",
		"علي@example.com", "علي١@example.com", "राम@example.com", "สมชาย@example.com",
		"דוד@example.com", "Ꮳꮃꭹ@example.com", "აბა@example.com",
	} {
		if a, err := mailbox.Admit(text); err != nil || a.Key != mailbox.Key(text) || !mailbox.Admitted(text) ||
			mailbox.AdmitName(text) != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if a, err := mailbox.Parse("own\u0435r@example.com"); err != nil || mailbox.Irregular(a.Key) ||
		mailbox.Barred(a.Text) {
		t.Errorf("%+v, %v: what people have stays theirs", a, err)
	}
	for _, name := range []string{"\u0430nn", "ann", "CORP\\ann"} {
		if err := mailbox.AdmitName(name); err != nil {
			t.Errorf("%q, which is no address: %v", name, err)
		}
	}
}
