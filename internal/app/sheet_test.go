package app_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store/storetest"
)

func utf16Of(order binary.ByteOrder, text string) string {
	units := utf16.Encode([]rune("\ufeff" + text))
	raw := make([]byte, 2*len(units))
	for i, u := range units {
		order.PutUint16(raw[2*i:], u)
	}
	return string(raw)
}

// TestImportReadsSpreadsheets: one small table, as spreadsheets of any language write it
// and as people head it, comes to the same two people.
func TestImportReadsSpreadsheets(t *testing.T) {
	const commas = "email,first_name,tags\nzoë@example.com,Zoë,\"night; fast\"\nbo@example.com,\"Li, Bo\",\n"
	const semicolons = "E-mail;First Name;Tags\nzoë@example.com;Zoë;night,fast\nbo@example.com;Li, Bo;\n"
	tabs := strings.ReplaceAll(semicolons, ";", "\t")
	for name, file := range map[string]string{
		"commas":               commas,
		"semicolons":           semicolons,
		"tabs":                 tabs,
		"CRLF":                 strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"CR":                   strings.ReplaceAll(semicolons, "\n", "\r"),
		"byte order mark":      "\ufeff" + commas,
		"UTF-16 little":        utf16Of(binary.LittleEndian, tabs),
		"UTF-16 big, CRLF":     utf16Of(binary.BigEndian, strings.ReplaceAll(tabs, "\n", "\r\n")),
		"sep=;":                "sep=;\r\n" + semicolons,
		"sep=, with a mark":    "\ufeffsep=,\n" + commas,
		"\"sep=\t\"":           "\"sep=\t\"\n" + tabs,
		"headings in capitals": strings.Replace(commas, "email,first_name,tags", " EMAIL , FIRST NAME ,TAGS", 1),
		"headings as in forms": strings.Replace(commas, "email,first_name,tags", "E-Mail Address,Given name,Tag", 1),
		"empty columns": "email;first_name;tags;;\nzoë@example.com;Zoë;night,fast;;\nbo@example.com;Li, " +
			"Bo;;;\n;;;;\n",
		"an empty one between":  "email;;first_name;tags\nzoë@example.com;;Zoë;night,fast\nbo@example.com;;Li, Bo;\n",
		"shorter lines":         "email;first_name;tags\nzoë@example.com;Zoë;night,fast\nbo@example.com;Li, Bo\n",
		"longer by empty cells": "email;first_name;tags\nzoë@example.com;Zoë;night,fast;;;\nbo@example.com;Li, Bo;;\n",
		"other columns":         "tags;e mail;first name\nnight,fast;zoë@example.com;Zoë\n;bo@example.com;Li, Bo\n",
		"blank lines above":     "\n\r\n" + semicolons,
		"no end of the line":    strings.TrimSuffix(commas, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := apptest.New(t, storetest.SQLite(t))
			done, err := importFile(w, file, provision.ImportOptions{})
			if err != nil || done.Created != 2 || done.Tagged != 2 {
				t.Fatalf("%+v %v", done, err)
			}
			if got, want := people(w), []string{
				"bo@example.com AN standard Li, Bo ", "owner@example.com OW standard Olga Owner",
				"zoë@example.com AN standard Zoë  #fast #night",
			}; !slices.Equal(got, want) {
				t.Errorf("people %q, want %q", got, want)
			}
		})
	}
}

// TestImportRefusesWhatIsAmbiguous, with the line, and guesses nothing.
func TestImportRefusesWhatIsAmbiguous(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	before := people(w)
	for file, want := range map[string]string{
		"email,tags;projects\na@example.com,x;y\n": `line 1: There is no column "tags;projects"`,
		"email,first_name\na@example.com;Ada\n":    "line 2: email: Enter a valid email address.",
		"email;first_name\na@example.com,Ada\n":    "line 2: email: Enter a valid email address.",
		"email\na@example.com;Ada\n":               "line 2: email: Enter a valid email address.",
		"email;tags\na@example.com;night;fast\n":   "line 2: There are 3 cells, and 2 columns.",
		"email,,tags\na@example.com,what,night\n": `line 2: Column 2 has no heading, and ` +
			`"what" stands in it.`,
		"E-mail,Mail\na@example.com,b@example.com\n": "line 1: email: The column is there twice.",
		"email,Name\na@example.com,Ada\n":            `line 1: There is no column "Name"`,
		"sep=|\nemail|tags\na@example.com|x\n": "line 1: The line says that \"|\" " +
			"separates the cells.",
		"sep=;\nemail,tags\na@example.com,x\n":   `line 2: There is no column "email,tags"`,
		"sep=;\nemail;tags\na@example.com;x;y\n": "line 3: There are 3 cells, and 2 columns.",
		"email,tags\na@example.com,\"\"\"night\"\n": "line 2: tags: An item that begins with " +
			"a quotation mark must end with one",
		"first_name,email\nAda\n": "line 2: email: Enter a valid email address.",
		"email,deleted\na@example.com,perhaps\n": `line 2: deleted: "perhaps" is neither ` +
			`true nor false.`,
		utf16Of(binary.LittleEndian, "email\na@example.com\n") + "x": "line 3: email: This is not valid UTF-16.",
		"\xff\xfee\x00m\x00a\x00i\x00l\x00\n\x00\x00\xd8a\x00\n\x00": "line 2: email: This is not valid UTF-16.",
		utf16Of(binary.LittleEndian,
			"email\na@example.com\n")[2:]: "line 1: This is not valid UTF-8. Save the sheet as CSV in UTF-8.",
		"email\nz\xeb@example.com\n": "line 2: email: This is not valid UTF-8.",
		"PK\x03\x04\x14\x00":         "line 1: This is a workbook. Save the sheet as CSV and send that.",
		"\x1f\x8b\x08\x00":           "line 1: This file is compressed.",
		"\ufeff":                     "line 1: The file is empty.",
		"sep=;\n":                    "line 1: The file is empty.",
		"email" + strings.Repeat(",", 1000) + "\na@example.com\n":        "line 1: These are more than 1000 columns.",
		"email;tags" + strings.Repeat(";", 5000) + "\na@example.com;x\n": "line 1: These are more than 1000 columns.",
		"\"\n\"" + strings.Repeat(",", 5000) + "email\na@example.com\n":  "line 1: These are more than 1000 columns.",
		"email,user_type\na@example.com,service\nowner@example.com,service\n": "the file has 2 mistakes, the first in " +
			"line 2: user_type: A file gives the seats standard, flex and viewonly.",
	} {
		_, err := importFile(w, file, provision.ImportOptions{})
		if _, ok := errors.AsType[provision.BadLines](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100q: %v, want %q", file, err, want)
		}
	}
	if after := people(w); !slices.Equal(after, before) {
		t.Errorf("people %q, want %q", after, before)
	}
}

// TestDryRunShowsHowTheFileWasRead: the first three lines, by the columns that are read.
func TestDryRunShowsHowTheFileWasRead(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	w.Project("Shops, north", 0)
	file := "Id;E-mail;First Name;Role;Tags;Projects\n9;ADA@example.com;;Reviewer;night,fast;\"\"\"Shops, " +
		"north\"\"\"\n;a@example.com\n\n;b@example.com\n;c@example.com\n"
	done, err := importFile(w, file, provision.ImportOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(done.Reading)
	const want = `{"encoding":"UTF-8","separator":"semicolon","columns":[{"heading":"Id"},{"heading":"E-mail","column":"email"},{"heading":"First Name","column":"first_name"},` +
		`{"heading":"Role","column":"role"},{"heading":"Tags","column":"tags"},{"heading":"Projects","column":"projects"}],` +
		`"lines":[{"line":2,"cells":[{"column":"email","values":["ada@example.com"]},{"column":"role","values":["Reviewer"]},` +
		`{"column":"tags","values":["night","fast"]},{"column":"projects","values":["Shops, north"]}]},` +
		`{"line":3,"cells":[{"column":"email","values":["a@example.com"]}]},{"line":5,"cells":[{"column":"email","values":["b@example.com"]}]}]}`
	if string(got) != want {
		t.Errorf("read as\n%s, want\n%s", got, want)
	}
}

// TestListsInCellsAreReadBack: whatever labels are called.
func TestListsInCellsAreReadBack(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		label := rapid.StringMatching(`[a-c=;,"' +-]{0,6}[x-z;,"]`)
		labels := rapid.SliceOfNDistinct(rapid.Map(label, strings.TrimSpace), 1, 4, strings.ToLower).Draw(r, "labels")
		between := rapid.SampledFrom([]string{"; ", ", "}).Draw(r, "between")
		n++
		cell := strings.ReplaceAll(provision.SafeCell(provision.ListCell(labels, between)), `"`, `""`)
		email := fmt.Sprintf("p%d@example.com", n)
		if _, err := importFile(w, "email,tags\n"+email+",\""+cell+"\"\n", provision.ImportOptions{}); err != nil {
			r.Fatalf("%q: %v", cell, err)
		}
		people, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{Search: email},
			roster.Page{Number: 1, Size: 1})
		if err != nil || len(people) != 1 {
			r.Fatal(err)
		}
		got := []string{}
		for _, tag := range people[0].Tags {
			got = append(got, strings.ToLower(tag.Label))
		}
		want := []string{}
		for _, label := range labels {
			want = append(want, strings.ToLower(label))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			r.Fatalf("%q in %q was read as %q", want, cell, got)
		}
	})
}

// TestWideLines: a line with too many cells is named, wherever it is and whatever else is
// wrong, and the lines around it are read as they would be without it.
func TestWideLines(t *testing.T) {
	wide := "x" + strings.Repeat(",", 1000) + "\n"
	for file, want := range map[string][]string{
		"email,tags\r\n" + wide + "nobody,x\n": {
			"line 2: These are more than 1000 columns.", "line 3: email: Enter a valid email address.",
		},
		"email,tags\n\r\n\n" + wide + wide + "\nnobody\n": {
			"line 4: These are more than 1000 columns.", "line 5: These are more than 1000 columns.",
			"line 7: email: Enter a valid email address.",
		},
		"sep=,\nemail,tags\na@example.com,\"\n\n\"\n" + wide: {
			"line 6: These are more than 1000 columns.",
		},
		"email,tags\nx\"y,z\n" + wide: {
			"line 2: This is not CSV: bare \" in non-quoted-field.", "line 3: These are more than 1000 columns.",
		},
		"email,tags\na@example.com" + strings.Repeat(",", 999) + "\n": nil,
		"email,tags\na@example.com,\"" + strings.Repeat(",\n", 500) + "\"\n" + strings.TrimSuffix(wide, "\n"): {
			"line 503: These are more than 1000 columns.",
		},
	} {
		w := apptest.New(t, storetest.SQLite(t))
		_, err := importFile(w, file, provision.ImportOptions{DryRun: true})
		bad, _ := errors.AsType[provision.BadLines](err)
		got := []string{}
		for _, b := range bad {
			got = append(got, b.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.40q: %q %v, want %q", file, got, err, want)
		}
	}
}

// TestAWideHeadingTakesNoMemory: a heading of ten million columns is refused for less than
// a byte of each.
func TestAWideHeadingTakesNoMemory(t *testing.T) {
	const columns = 10_000_000
	text := "email" + strings.Repeat(",", columns)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows, err := provision.Table(text, func(string) bool { return false })
	must(t, err)
	for r := range rows {
		if r.Cells != nil || r.Fault == "" {
			t.Errorf("read as %d cells", len(r.Cells))
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > columns/10 {
		t.Errorf("%d bytes were allocated", took)
	}
}

// TestTheEncodingOfATagFile is that of the file, and not of what the page made of it.
func TestTheEncodingOfATagFile(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	for file, want := range map[string]string{
		"email,tags\na@example.com,x\n": "UTF-8", utf16Of(binary.LittleEndian, "email\ttags\na@example.com\tx\n"): "UTF-16",
	} {
		text, err := provision.FileText(strings.NewReader(file))
		must(t, err)
		read, err := w.App.PreviewTagFile(w.As(w.Owner), w.Org, text, "")
		if err != nil || read.Encoding != want || read.People != 1 {
			t.Errorf("%q was read as %+v: %v", file, read, err)
		}
	}
	text, err := provision.FileText(strings.NewReader(utf16Of(binary.LittleEndian, "email\n") + "x"))
	must(t, err)
	_, err = w.App.PreviewTagFile(w.As(w.Owner), w.Org, text, "")
	if e, ok := errors.AsType[*roster.Error](err); !ok ||
		!slices.Contains(e.Fields["file"], "line 2: email: This is not valid UTF-16.") {
		t.Error("half a character:", err)
	}
}
