package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/client"
	"roster/internal/store/storetest"
)

// crew is a store with a project, forty annotators in it and a few people
// outside, and a server on it.
func crew(t *testing.T, store ...string) (e environment, s *serving) {
	t.Helper()
	e = environment{}
	s = e.serve(t, on(store, "--migrate")...)
	e.ok(t, on(store, "project", "add", "Shops")...)
	var file strings.Builder
	file.WriteString("email,first_name,last_name,role,tags,projects\n")
	for i := range 40 {
		fmt.Fprintf(&file, "p%02d@example.com,Pat,No%02d,AN,%s,Shops\n", i, i, []string{"night", "day"}[i%2])
	}
	file.WriteString("out@example.com,Out,Sider,RE,night,\nadmin@example.com,Ad,Min,AD,,Shops\nwait@example.com,,,NO,,\n")
	if a := e.fed(t, file.String(), on(store, "import", "-")...); a.code != 0 {
		t.Fatal(a.errors)
	}
	return e, s
}

// TestMemberOnStoreAndServer: one command says the same wherever it works.
func TestMemberOnStoreAndServer(t *testing.T) {
	storetest.Long(t)
	eachStore(t, func(t *testing.T, store ...string) {
		e, s := crew(t, store...)
		token := strings.TrimSpace(e.ok(t, on(store, "token", "create", "--user", "owner@example.com")...))
		server := []string{"--server", s.address, "--token", token}
		for _, command := range []string{
			"list --project Shops",
			"list --project 1 --role AN --tag night --ordering=-email",
			"list --project 1 --search no07 --json",
			"list --project 1 --implicit",
			"list --project 1 --no-implicit --include p01@example.com,admin@example.com",
			"list --project 1 --tag night,day --tags-operator and",
			"export --project 1 --no-annotators",
			"assign --project 1 --all --dry-run",
			"assign --project 1 --include out@example.com,p01@example.com,wait@example.com --dry-run",
			"unassign --project 1 --all --exclude p01@example.com --dry-run",
		} {
			args := append([]string{"member"}, strings.Fields(command)...)
			local, remote := e.ok(t, on(store, args...)...), e.ok(t, on(server, args...)...)
			if local != remote {
				t.Errorf("%s: the store says\n%sand the server\n%s", command, local, remote)
			}
			if len(local) < 10 {
				t.Errorf("%s says only %q", command, local)
			}
		}
	})
}

func TestMemberAssignAndUnassign(t *testing.T) {
	storetest.Long(t)
	eachStore(t, func(t *testing.T, store ...string) {
		e, _ := crew(t, store...)
		member := func(args ...string) string { return e.ok(t, on(store, append([]string{"member"}, args...)...)...) }
		for _, step := range []struct{ args, says string }{
			{"unassign --project 1 --all --role AN --tag night --dry-run",
				"Would remove 20 people from project 1 (Shops): Pat No00, Pat No02, Pat No04"},
			{"unassign --project 1 --all --role AN --tag night --dry-run", "and 10 more.\nNothing was changed."},
			{"unassign --project 1 --include admin@example.com --dry-run",
				"1 of them would keep access: 0 through the workspace, 1 by the organization role."},
			{"unassign --project 1 --all --role AN --tag night", "Removed 20 people from project 1 (Shops)."},
			{"unassign --project 1 --all --role AN --tag night", "Removed 0 people"},
			{"assign --project 1 --all --tag night --dry-run",
				"Would add 21 people to project 1 (Shops).\nNothing was changed."},
			{"assign --project 1 --all --tag night --exclude out@example.com --dry-run", "Would add 20 people"},
			{"assign --project 1 --include out@example.com,p01@example.com,wait@example.com --dry-run", "Would add 1 person"},
			{"assign --project 1 --include out@example.com,p01@example.com,wait@example.com",
				"Added 1 person to project 1 (Shops)."},
			{"assign --project 1 --include wait@example.com", "Skipped 1 person who cannot be members."},
			{"assign --project 1 --all --tag night", "Added 20 people"},
			{"unassign --project 1 --include p00@example.com,out@example.com --exclude out@example.com", "Removed 1 person"},
			{"unassign --project 1 --all --active-since 2020-01-01", "Removed 0 people"},
		} {
			if got := member(strings.Fields(step.args)...); !strings.Contains(got, step.says) {
				t.Errorf("member %s says\n%swant %q", step.args, got, step.says)
			}
		}
		var done client.Unassigned
		if err := json.Unmarshal([]byte(member("unassign", "--project", "1", "--all", "--json")), &done); err != nil ||
			done.Count != 41 || done.Operation == 0 {
			t.Errorf("%+v %v", done, err)
		}
	})
}

// TestUnassignAsks: on a terminal a large removal needs a yes, and what was
// shown is what is removed.
func TestUnassignAsks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	e, _ := crew(t, "--data", dir)
	for _, step := range []struct {
		args, types string
		code        int
		says        string
	}{
		{"--all --role AN", "", 1, "This removes 40 people from project 1 (Shops)"},
		{"--all --role AN", "no\n", 1, "Go ahead? [y/N]"},
		{"--all --role AN --tag day", "", 0, ""},
		{"--all --role AN --tag night --exclude p00@example.com", "", 0, ""},
		{"--all", "", 0, ""},
	} {
		var out, errors bytes.Buffer
		c := newConsole(t.Context(), func(name string) string { return e[name] }, strings.NewReader(step.types),
			&out, &errors)
		c.asks = true
		code := c.report(c.execute(append(strings.Fields("member unassign --project 1 --data "+dir),
			strings.Fields(step.args)...)))
		if code != step.code || !strings.Contains(errors.String(), step.says) ||
			(code == 0) != strings.Contains(out.String(), "Removed") {
			t.Errorf("%s, typing %q: exit code %d, %q, %q", step.args, step.types, code, out.String(), errors.String())
		}
	}
}

func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	e, _ := crew(t, "--data", dir)
	plain := e.ok(t, "member", "export", "--project", "Shops", "--no-implicit", "--data", dir)
	if marked := e.ok(t, "member", "export", "--project", "Shops", "--no-implicit", "--bom", "--data",
		dir); marked != "\ufeff"+plain {
		t.Errorf("with a byte order mark: %.100q", marked)
	}
	if a := e.fed(t, plain, "import", "-", "--data", dir); a.code != 0 ||
		!strings.Contains(a.out, "Created 0 people, updated 0 and made 0 memberships") {
		t.Errorf("the export, imported: %+v", a)
	}
	rows, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
	if err != nil || len(rows) != 42 || rows[0][0] != "id" || rows[1][1] != "p00@example.com" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestUsers(t *testing.T) {
	eachStore(t, func(t *testing.T, store ...string) {
		e, _ := crew(t, store...)
		a := e.fed(t, "correct horse battery\nrest\n", on(store, "user", "add", "new@example.com", "--first-name",
			"Ne", "--last-name", "Wo", "--role", "MA", "--password-stdin", "--json")...)
		var made client.User
		if err := json.Unmarshal([]byte(a.out), &made); err != nil || made.Name() != "Ne Wo" {
			t.Fatalf("%+v %v", a, err)
		}
		e.ok(t, on(store, "user", "deactivate", strconv.FormatInt(made.ID, 10), "p00@example.com")...)
		if got := strings.Join(column(e.ok(t, on(store, "user", "list", "--role", "DI")...), 1),
			" "); got != "new@example.com p00@example.com" && got != "p00@example.com new@example.com" {
			t.Errorf("deactivated: %s", got)
		}
		for _, c := range [][2]string{
			{"--dry-run", "Would remove 0 people from project 1 (Shops).\n1 dormant membership of somebody deactivated " +
				"would end besides."},
			{"--yes", "Removed 0 people from project 1 (Shops). 1 dormant membership of somebody deactivated ended besides."},
		} {
			asked := on(store, "member", "unassign", "--project", "Shops", "--all", "--search", "p00@", c[0])
			if got := e.ok(t, asked...); !strings.HasPrefix(got, c[1]) {
				t.Errorf("%s: %s", c[0], got)
			}
		}
		if got := e.ok(t, on(store, "user", "list", "--search", "nobody at all", "--json")...); got != "[]\n" {
			t.Errorf("an empty list is %q", got)
		}
	})
}

func TestProgressLine(t *testing.T) {
	p := (&console{stderr: &bytes.Buffer{}}).begin("Importing")
	defer p.end()
	lines := []string{p.line(1500 * time.Millisecond)}
	p.set(1234, 0)
	lines = append(lines, p.line(2*time.Second))
	p.set(5, 20)
	lines = append(lines, p.line(3*time.Second))
	if got, want := strings.Join(lines, "|"), "Importing: 1 s|Importing: 1,234, 2 s|Importing: 25 %, 3 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCell(t *testing.T) {
	if got := cell("a\tb\x1b[2Jc\u009b\x7fé"); got != "a b [2Jc  é" {
		t.Errorf("%q", got)
	}
}

// TestANameIsANameOnTheCommandLine: digits are taken for an id only where nothing is
// called so, and titles as they are written.
func TestANameIsANameOnTheCommandLine(t *testing.T) {
	storetest.Long(t)
	store := []string{"--data", filepath.Join(t.TempDir(), "store")}
	e, _ := crew(t, store...)
	for _, title := range []string{"001", "Twice", "Twice"} { // 2 to 4; Shops is 1
		e.ok(t, on(store, "project", "add", title)...)
	}
	if a := e.fed(t, "email,tags,projects\np00@example.com,1,001\n", on(store, "import", "-")...); a.code != 0 {
		t.Fatal(a.errors)
	}
	for args, want := range map[string]string{
		"list --project 001 --no-implicit":                 "p00@example.com",
		"list --project title:001 --no-implicit":           "p00@example.com",
		"list --project Shops --tag label:1 --no-implicit": "p00@example.com",
		"list --project id:1 --include p00@example.com":    "p00@example.com",
		"unassign --project Twice --all --dry-run": `"Twice" could be 2 projects. Say which: id:3, id:4. ` +
			`Nothing was changed.`,
		"unassign --project shops --all --dry-run": `There is no project "shops", but there is "Shops". ` +
			`Nothing was changed.`,
		"unassign --project id:1 --all --tag 1 --dry-run": `"1" could be 2 tags. Say which: id:1, label:1. ` +
			`Nothing was changed.`,
		"unassign --project id:1 --include 01 --dry-run":       `nobody with the e-mail 01. Nothing was changed.`,
		"unassign --project id:1 --all --exclude 01 --dry-run": `nobody with the e-mail 01. Nothing was changed.`,
		"unassign --project 01 --all --dry-run":                `There is no project "01". Nothing was changed.`,
		"unassign --project id:001 --include 2 --dry-run":      `There is no project "id:001". Nothing was changed.`,
		"unassign --project Shops --all --tag 7 --dry-run":     `There is no tag "7". Nothing was changed.`,
		"unassign --project title:1 --all --dry-run":           `There is no project "title:1". Nothing was changed.`,
		"unassign --project Shops --all --tag id:1 --dry-run":  "Would remove 20 people",
		"unassign --project Shops --all --tag night --dry-run": "Would remove 20 people",
	} {
		a := e.roster(t, append([]string{"member"}, on(store, strings.Fields(args)...)...)...)
		if !strings.Contains(a.out+a.errors, want) {
			t.Errorf("roster member %s: %+v, want %q", args, a, want)
		}
	}
}

// TestAMailboxIsAPersonOnTheCommandLine: whoever is named by an e-mail is who has that
// mailbox, in every spelling of it, and nobody whose address resembles it.
func TestAMailboxIsAPersonOnTheCommandLine(t *testing.T) {
	storetest.Long(t)
	store := []string{"--data", filepath.Join(t.TempDir(), "store")}
	e, _ := crew(t, store...)
	file := "email,projects\nkevin@example.com,Shops\nhans@müller.example,Shops\nx@straße.example,Shops\nx@strasse.example,\no'brien@example.com,Shops\n"
	if a := e.fed(t, file, on(store, "import", "-")...); a.code != 0 {
		t.Fatal(a.errors)
	}
	for email, want := range map[string]string{
		"KEVIN@example.com":          "Would remove 1 person from project 1 (Shops): kevin@example.com",
		"\u212aevin@example.com":     "There is nobody with the e-mail",
		"Hans@xn--mller-kva.example": "hans@müller.example",
		"x@straße.example":           "Would remove 1 person from project 1 (Shops): x@straße.example",
		"x@strasse.example":          "Would remove 0 people",
		"o'brien@example.com":        "o'brien@example.com",
		"obrien@example.com":         "There is nobody with the e-mail",
	} {
		a := e.roster(t, on(store, "member", "unassign", "--project", "Shops", "--dry-run", "--include", email)...)
		if !strings.Contains(a.out+a.errors, want) {
			t.Errorf("--include %s: %+v, want %q", email, a, want)
		}
	}
	for as, want := range map[string]int{"Owner@EXAMPLE.com": 0, "\u212aevin@example.com": 1} {
		if a := e.roster(t, on(store, "member", "list", "--project", "1", "--as", as)...); a.code != want {
			t.Errorf("--as %s: %+v", as, a)
		}
	}
}

// TestAReviewerWhoManagesMembersAssigns: by the command line, too, and whom they may know of.
func TestAReviewerWhoManagesMembersAssigns(t *testing.T) {
	storetest.Long(t)
	s := setStage(t, "sqlite")
	_, err := s.w.App.SetPermissionOverride(s.w.As(s.w.Owner), s.w.Org, "projects.members",
		[]roster.Role{roster.RoleReviewer})
	s.must(err)
	reviewer := s.w.PersonNamed(roster.NewUser{Email: "rea@example.com", Role: roster.RoleReviewer})
	near, far := s.w.Person("AN"), s.w.Person("AN")
	s.w.Assign(s.project, reviewer)
	s.w.Assign(s.w.Project("Shared", 0), reviewer, near)
	token, err := s.w.App.Token(t.Context(), reviewer)
	s.must(err)
	s.now = s.state()
	for _, place := range [][]string{append(s.local, "--as", "rea@example.com"),
		{s.remote[0], s.remote[1], "--token", token}} {
		assign := on(place, "member", "assign", "--project", fmt.Sprint(s.project), "--include",
			fmt.Sprint(near, ",", far), "--json")
		if a := s.e.roster(t, assign...); a.code != 0 || number(a.out, "assignments") != 1 {
			t.Errorf("%v: %+v", place, a)
		}
		if got := s.takeBack(); !slices.Equal(got, []int64{near}) {
			t.Errorf("%v: %v", place, got)
		}
	}
}
