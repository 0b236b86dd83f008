package web_test

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// TestNothingIsMadeOfTooManyPasted: a million things in one line are refused before each
// becomes a line of its own.
func TestNothingIsMadeOfTooManyPasted(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "AD")
	at := fmt.Sprintf("/projects/%d/members/add/emails", b.Project("Signs", 0))
	for what, text := range map[string]string{
		"e-mails": strings.Repeat("a@b.cc ", 300_000), "blanks": strings.Repeat("x ;", 700_000),
		"lines": strings.Repeat("x\n", 700_000), "names": strings.Repeat("x<a>", 300_000),
	} {
		form := url.Values{"emails": {text}}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		answer := b.send("POST", at, form)
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; answer.Code != 400 ||
			!strings.Contains(answer.Body.String(), "At most 10,000 people") || made > 100*uint64(len(text)) {
			t.Errorf("%s: %d, %d bytes were made of %d", what, answer.Code, made, len(text))
		}
	}
}
