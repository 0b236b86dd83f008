package web_test

import (
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/locale"
	"roster/internal/store/storetest"
)

// columns are what a file calls its columns, and how it is written: the same in every language.
var columns = strings.NewReplacer("email", "", "tags", "", "UTF-8", "")

// TestRefusedLinesAreSaidInTheLanguage: what is wrong with the lines of a file, and with the
// tags for everybody, is in no other language than the page.
func TestRefusedLinesAreSaidInTheLanguage(t *testing.T) {
	locale.OfferPseudo()
	b := signedIn(t, storetest.SQLite(t), "OW")
	b.cookies["roster_language"] = "en-XA"
	key := "K"
	for _, file := range []string{
		"123\nx", "email,tags\n1,2\n", "email,tags\n1@example.com,2,3\n", "email,tags,\n1@example.com,2,3\n", "\x00\xff\xfe",
		"PK\x03\x04", "\x1f\x8b", "email,email\n1@example.com,2\n", "\n", "tags\n1\n", "sep=1\nemail\n",
		"email,tags\n1@example.com," + strings.Repeat("1;", 1001), "email,tags\n1@example.com,\"\"\"1\"",
		"email,tags\n1@example.com," + strings.Repeat("1", 300), "email,tags\n1,2\n3,4\n",
	} {
		for _, path := range []string{"/tags/import", "/tags/import/check"} {
			key += "k"
			page := b.sendFile(path, url.Values{"key": {key}}, file).Body.String()
			if !strings.Contains(page, `class="problem`) && !strings.Contains(page, "alert") {
				t.Errorf("%q is not refused", file)
			}
			for _, text := range spokenIn(t, page) {
				if english.MatchString(columns.Replace(text)) {
					t.Errorf("%s of %q: %q", path, file, text)
				}
			}
		}
	}
	page := b.sendFile("/tags/import/check", url.Values{"bulk_tags": {strings.Repeat("1", 300)}},
		"email\n1@example.com\n").Body.String()
	for _, text := range spokenIn(t, page) {
		t.Errorf("tags for everybody: %q", text)
	}
	b.cookies["roster_language"] = "de"
	b.with(b.sendFile("/tags/import/check", nil, "email,tags\nnobody,x\n").Body.String(), "Zeile 2: email: ")
}

// TestErrorsAreSaidInTheLanguage: what an error was made of is said along, each by its kind.
func TestErrorsAreSaidInTheLanguage(t *testing.T) {
	within := roster.InvalidField("email", "Enter a valid email address.")
	err := roster.Errorf(roster.Forbidden, "%s %d %s", roster.RoleManager, int64(1234), within).(*roster.Error)
	if said := locale.Find("de").Say(err.Said()); !strings.Contains(said, "1234") ||
		strings.Contains(said, "Enter") {
		t.Error(said)
	}
}
