package web_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestAssignFromTheOrganization(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		a, c, m := b.Person("AN"), b.Person("AN"), b.Person("MA")
		b.Person("DI")
		in := b.Person("AN")
		b.Assign(project, in)
		add := fmt.Sprintf("/projects/%d/members/add", project)
		b.must(200, "3 people without access", "GET", add, nil)
		b.must(200, "All 2 people who match are selected.", "GET", add+"?all=1&role=AN", nil)
		b.must(400, "Nobody is selected", "POST", add, url.Values{"key": {"K"}})
		b.must(303, "", "POST", add, url.Values{"key": {b.key(add)}, "all": {"1"}, "excluded": {fmt.Sprint(c)},
			"give": {"RE"}})
		b.must(200, "2 people were added to the project.", "GET", fmt.Sprintf("/projects/%d/members", project), nil)
		want := []int64{a, m, in}
		slices.Sort(want)
		if got := b.Explicit(project); !slices.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
		roles, err := b.App.ProjectRoles(b.As(b.Owner), project)
		if err != nil || len(roles) != 1 || roles[0].UserID != a || roles[0].Role != "RE" {
			t.Errorf("roles %v %v: only who was added, and may have one", roles, err)
		}
		b.must(400, "", "POST", add, url.Values{"key": {"L"}, "included": {fmt.Sprint(c)}, "give": {"OW"}})
	})
}

// A Manager who says "all" means all whom the list shows.
func TestAssignAllGoesAsFarAsTheList(t *testing.T) {
	b, manager := enter(t, storetest.SQLite(t), "MA")
	near, project := b.Project("Near", 0), b.Project("Street signs", 0)
	friend := b.Person("AN")
	b.Person("AN") // whom the manager shares nothing with
	b.Assign(near, manager, friend)
	b.Assign(project, manager)
	add := fmt.Sprintf("/projects/%d/members/add", project)
	b.must(200, "One person without access", "GET", add, nil)
	b.must(303, "", "POST", add, url.Values{"key": {b.key(add)}, "all": {"1"}})
	if got := b.Explicit(project); !slices.Equal(got, []int64{manager, friend}) {
		t.Errorf("members %v", got)
	}
}

func TestAddByEmail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Street signs", 0)
		person := func(email string, role roster.Role) int64 {
			return b.PersonNamed(roster.NewUser{Email: email, FirstName: "P", Role: role})
		}
		a, r, m := person("a@example.com", "AN"), person("r@example.com", "AN"), person("m@example.com", "MA")
		b.Assign(project, person("in@example.com", "AN"))
		person("off@example.com", "DI")
		emails := fmt.Sprintf("/projects/%d/members/add/emails", project)
		b.must(200, "E-mails", "GET", emails, nil)
		b.must(400, "Paste at least one e-mail", "POST", emails, url.Values{"emails": {" \n"}})
		text := "\ufeffName;E-Mail;Role\r\nA;A@Example.com;\r\n\"R; the " +
			"second\";r@example.com;reviewer\r\nM;m@example.com;RE\r\nIn;in@example.com;\r\nOff;off@example.com;\r\nNo;no@example.com;\r\nA;a@example.com;\r\nBad;<script>;\r\nBoss;a@example.com;Owner\r\n\"=cmd|' /C calc'!A0\r\n"
		page := b.must(200, "2 people will be added", "POST", emails, url.Values{"emails": {text}}).Body.String()
		for _, says := range []string{
			"A member already, as ", "This person is deactivated.",
			"Nobody in the organization has this e-mail. Invite them first.",
			"The same person as in line 2.", "This is not an e-mail address.", "The role must be one of: Annotator, Reviewer.",
			"Only Annotators and Reviewers can be given a role in a project.", "&lt;script&gt;",
		} {
			if !strings.Contains(page, says) {
				t.Errorf("does not say %q", says)
			}
		}
		_, form, _ := strings.Cut(page, `emails/apply">`)
		send := fields(`<form method="post" action="` + form[:strings.Index(form, "</form>")])
		b.must(303, "", "POST", emails+"/apply", send)
		got := b.Explicit(project)
		if !slices.Contains(got, a) || !slices.Contains(got, r) || slices.Contains(got, m) || len(got) != 3 {
			t.Errorf("members %v", got)
		}
		roles, _ := b.App.ProjectRoles(b.As(b.Owner), project)
		if len(roles) != 1 || roles[0].UserID != r || roles[0].Role != "RE" {
			t.Errorf("roles %v", roles)
		}
		b.must(200, "One person will be added", "POST", emails,
			url.Values{"emails": {"Moe <m@example.com>, nobody@example.com"}})
		b.must(400, "At most 10,000 people", "POST", emails,
			url.Values{"emails": {strings.Repeat("x@example.com\n", 10_001)}})
	})
}

// Whoever may invite adds colleagues by their exact e-mail, and learns no more of those
// they may not list than whether they can be added.
func TestAddStrangersByEmail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, manager := enter(t, db, "MA")
		project := b.Project("Street signs", 0)
		b.Assign(project, manager)
		person := func(email string, role roster.Role) int64 {
			return b.PersonNamed(roster.NewUser{Email: email, FirstName: "Secret", LastName: "Name", Role: role})
		}
		far := person("far@example.com", "MA")
		person("off@example.com", "DI")
		person("idle@example.com", "NO")
		gone := person("gone@example.com", "AN")
		_, err := b.App.RemoveFromOrganization(b.As(b.Owner), b.Org, gone)
		if err != nil {
			t.Fatal(err)
		}
		emails := fmt.Sprintf("/projects/%d/members/add/emails", project)
		list := url.Values{"emails": {
			"email,role\nfar@example.com,Reviewer\noff@example.com\nidle@example.com\ngone@example.com\nno@example.com"},
			"give": {"AN"}}
		page := b.must(200, "One person will be added", "POST", emails, list).Body.String()
		for says, times := range map[string]int{
			"Will be added with their organization role": 1, "This person cannot be added to a project now.": 2,
			"Nobody in the organization has this e-mail.": 2, "Secret": 0, "deactivated": 0,
		} {
			if n := strings.Count(page, says); n != times {
				t.Errorf("says %q %d times, want %d", says, n, times)
			}
		}
		_, form, _ := strings.Cut(page, `emails/apply">`)
		send := fields(`<form method="post" action="` + form[:strings.Index(form, "</form>")])
		if send.Get("ready") != "far@example.com " || send.Get("as_AN")+send.Get("as_RE") != "" {
			t.Errorf("the form holds %v", send)
		}
		b.must(400, "cannot be added, or not in this way", "POST", emails+"/apply",
			url.Values{"key": {"K"}, "ready": {"far@example.com"}, "as_RE": {"far@example.com"}})
		b.must(400, "cannot be added, or not in this way", "POST", emails+"/apply",
			url.Values{"key": {"L"}, "ready": {"gone@example.com"}})
		b.must(303, "", "POST", emails+"/apply", send)
		if got := b.Explicit(project); !slices.Equal(got, []int64{manager, far}) {
			t.Errorf("members %v", got)
		}
		_, err = b.App.SetPermissionOverride(b.As(b.Owner), b.Org, "organizations.invite", []roster.Role{"AD"})
		if err != nil {
			t.Fatal(err)
		}
		page = b.must(200, "0 people will be added", "POST", emails,
			url.Values{"emails": {"off@example.com\nidle@example.com\nno@example.com"}}).Body.String()
		if n := strings.Count(page, "Nobody in the organization has this e-mail."); n != 3 {
			t.Errorf("who may not invite is told of %d strangers", 3-n)
		}
	})
}

// A form that was carried out leads to the same place again, as long as whoever sent it
// may still do it; also where what it was about is gone by it.
func TestFormsAskAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, manager := enter(t, db, "MA")
		project := b.Project("Street signs", 0)
		b.Assign(project, manager)
		friend := b.PersonNamed(roster.NewUser{Email: "friend@example.com", Role: "AN"})
		apply := fmt.Sprintf("/projects/%d/members/add/emails/apply", project)
		form := url.Values{"key": {"K"}, "ready": {"friend@example.com"}}
		b.must(303, "", "POST", apply, form)
		b.must(303, "", "POST", apply, form)
		done, err := b.App.UnassignMembers(b.As(manager), project, roster.Selector{Included: []int64{friend}}, "")
		if err != nil {
			t.Fatal(err)
		}
		undo := fmt.Sprintf("/operations/%d/undo", done.Operation)
		b.must(303, "", "POST", undo, url.Values{"key": {"L"}})
		space, _, err := b.App.CreateWorkspace(b.As(manager), roster.WorkspacePatch{Title: &[]string{"Mine"}[0]})
		if err != nil {
			t.Fatal(err)
		}
		remove := fmt.Sprintf("/workspaces/%d/delete", space.ID)
		b.must(303, "", "POST", remove, url.Values{"key": {"M"}})
		b.must(303, "", "POST", remove, url.Values{"key": {"M"}})
		if _, err := b.App.UnassignMembers(b.As(b.Owner), project, roster.Selector{Included: []int64{manager}},
			""); err != nil {
			t.Fatal(err)
		}
		b.must(404, "", "POST", apply, form)
		b.must(404, "", "POST", undo, url.Values{"key": {"L"}})
	})
}

// upload sends a file as a browser does.
func (b *browser) upload(target, name, content string) string {
	b.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("emails", "")
	f, _ := w.CreateFormFile("file", name)
	f.Write([]byte(content))
	w.Close()
	return b.raw("POST", target, w.FormDataContentType(), body.String()).Body.String()
}

// utf16le is a text as spreadsheets save it as "Unicode".
func utf16le(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}

func TestHostileFiles(t *testing.T) {
	storetest.Long(t)
	b, _ := enter(t, storetest.SQLite(t), "AD")
	project := b.Project("Street signs", 0)
	b.PersonNamed(roster.NewUser{Email: "a@example.com", Role: "AN"})
	emails := fmt.Sprintf("/projects/%d/members/add/emails", project)
	for content, says := range map[string]string{
		"a@example.com\n":                       "One person will be added",
		"email,role\na@example.com,Annotator\n": "One person will be added",
		"":                                      "Paste at least one e-mail",
		"PK\x03\x04\x00\x00":                    "This is a workbook.",
		"a@\x00example.com":                     "This is not a text file.",
		"\xff\xfea\x00":                         "One line cannot be used",
		utf16le("Mail\tRole\r\na@example.com\tReviewer\r\n"):      "One person will be added",
		"sep=;\r\nE-mail;Role;;\r\na@example.com;AN;;\r\n;;;\r\n": "Every line can be used.",
		"sep=|\nemail|role\na@example.com|AN\n":                   "Only a comma, a semicolon or a tab",
		"email\na@example.com, b@example.com\n":                   "There is more on this line than there are columns.",
		"email,name\na@example.com,\"A\nb@example.com,B\n":        "From here on this cannot be read",
		"\xff\xff\xff":                                       "Paste at least one e-mail",
		"email\n":                                            "no line under it",
		"\"\"\"\n,,,,\na@example.com":                        "One person will be added",
		strings.Repeat("\"", 100_000):                        "One line cannot be used",
		strings.Repeat(",", 1_000_000) + "\n":                "At most 10,000 people",
		"email,email,role,role\n,,,\n":                       "no line under it",
		"email\na@example.com\n" + strings.Repeat(",", 1000): "These are more than 1,000 columns.",
		"a@example.com\r" + strings.Repeat("b", 500):         "One line cannot be used",
	} {
		if page := b.upload(emails, "x.csv", content); !strings.Contains(page, says) {
			t.Errorf("%.40q: not %q in %s", content, says, page)
		}
	}
	if page := b.upload(emails, "x.csv", strings.Repeat("a", 9<<20)); !strings.Contains(page, "too large") {
		t.Error("nine megabytes are read")
	}
}
