package main

import (
	"strings"
	"testing"
)

// TestImportReports: what an import says, in words and as JSON, on success and
// with every bad line.
func TestImportReports(t *testing.T) {
	eachStore(t, func(t *testing.T, flags ...string) {
		e := environment{}
		e.serve(t, on(flags, "--migrate")...).stop()
		e.ok(t, on(flags, "project", "add", "Shops")...)
		const good = "email,tags,projects\na@example.com,x;y,Shops\nb@example.com,,Shops\n"
		const bad = "email,role,projects\nok@example.com,AN,\nnonsense,AN,\nc@example.com,XX,Nowhere\n"
		for _, step := range []struct {
			file, args string
			code       int
			out, err   string
		}{
			{good, "--dry-run", 0,
				"Would create 2 people, update 0 and make 2 memberships of projects, out of 2 lines.\nTags put on people who " +
					"did not have them: 2; new tags: 2.\nNothing was changed.", ""},
			{"sep=;\nId;E-Mail;Tags;Projects\n7;a@example.com;x, y;Shops\n", "--dry-run", 0,
				"Read as UTF-8, with a semicolon between cells.\nPassed over: the column Id.\nLine 3: email a@example.com, " +
					"tags x | y, projects Shops\nWould create", ""},
			{"email;tags\na@example.com;x\n", "--dry-run --json", 0, `"separator": "semicolon"`, ""},
			{good, "", 0, "Created 2 people, updated 0 and made 2 memberships of projects, out of 2 lines.\nTags put on " +
				"people who did not have them: 2; new tags: 2.", ""},
			{good, "--json", 0, `"created": 0`, ""},
			{bad, "", 1, "", "line 3: email: Enter a valid email address.\nline 4: role: \"XX\" is no role; the roles are " +
				"AD, MA, RE, AN, NO and DI.\nline 4: projects: There is no project \"Nowhere\"."},
			{bad, "--json", 1, `"line": 4`, "Nothing was imported."},
			{"email\n" + "twice@example.com\nTwice@example.com\n", "", 1, "",
				"line 3: email: twice@example.com is in line 2 already."},
		} {
			a := e.fed(t, step.file, on(flags, append([]string{"import", "-"}, strings.Fields(step.args)...)...)...)
			if a.code != step.code || !strings.Contains(a.out, step.out) || !strings.Contains(a.errors, step.err) ||
				(step.out == "") != (a.out == "") {
				t.Errorf("import %s of\n%s%+v", step.args, step.file, a)
			}
		}
		if list := e.ok(t, on(flags, "user", "list")...); strings.Contains(list, "ok@example.com") {
			t.Errorf("a bad file left somebody:\n%s", list)
		}
	})
}
