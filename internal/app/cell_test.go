package app_test

import (
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store/storetest"
)

// No cell begins like a formula, in the spreadsheet of any language, and reading
// an export gives back what was written.
func TestCellsAreNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Ann": "Ann", "ann@example.com": "ann@example.com", "Day; Night": "Day; Night",
		"O'Neill": "O'Neill", "-": "'-",
		"=1+1": "'=1+1", "+1": "'+1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "\nx": "'\nx", "Ж": "Ж",
		"2026-01-01": "2026-01-01",
		" =1":        "' =1", "\u00a0=1": "'\u00a0=1", "\u3000 @x": "'\u3000 @x", "\u200b=1": "'\u200b=1",
		"\ufeff-1": "'\ufeff-1", "\x0b=1": "'\x0b=1",
		"＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "﹦1": "'﹦1", " ＝1": "' ＝1",
		"x;=1": "x;'=1", "x; =1": "x;' =1", "a;＝1;-2": "a;'＝1;'-2", "x\t=1": "x\t'=1", "x\n+1": "x\n'+1",
		`x;"=1`: `x;'"=1`, "\t=1": "'\t'=1",
		"'=1": "''=1", "';=1": "';'=1", "'": "'", "x;'=1": "x;''=1", ";=": ";'=", "=;=": "'=;'=",
	} {
		got := provision.SafeCell(text)
		if got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
		if back := provision.CellText(got); back != text {
			t.Errorf("%q is read back as %q", text, back)
		}
	}
}

// A complaint quotes no more of a file than can be read.
func TestComplaintsAreShort(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	long := strings.Repeat("x", 1<<20)
	for _, file := range []string{"email,role\na@example.com," + long + "\n", "email," + long + "\n",
		"email,tags\na@example.com," + long + "\n",
		"email,projects\na@example.com,\"" + strings.Repeat("1,", 1<<19) + "\"\n"} {
		if _, err := w.App.Import(w.As(w.Owner), strings.NewReader(file), provision.ImportOptions{}); err == nil ||
			len(err.Error()) > 1000 {
			t.Errorf("%.200v", err)
		}
	}
}

// A file that was exported can be imported, and changes nobody's name.
func TestImportReadsGuardedCells(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	for i, name := range []string{"=1+1", "'=1", "-x;=2"} {
		email := fmt.Sprintf("ann%d@example.com", i)
		id := w.PersonNamed(roster.NewUser{Email: email, FirstName: name, Role: "AN"})
		file := "email,first_name,tags\n" + email + ",\"" + provision.SafeCell(name) + "\",\"" +
			provision.SafeCell("-late; =early") + "\"\n"
		if _, err := w.App.Import(w.As(w.Owner), strings.NewReader(file), provision.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		m, err := w.App.Person(w.As(w.Owner), id)
		if err != nil || m.User.FirstName != name {
			t.Errorf("%q became %q, %v", name, m.User.FirstName, err)
		}
		tags, _, err := w.App.Tags(w.As(w.Owner), w.Org, "", roster.Page{Number: 1, Size: 10})
		if err != nil || len(tags) != 2 || tags[0].Label+tags[1].Label != "-late=early" {
			t.Errorf("tags: %v, %v", tags, err)
		}
	}
}
