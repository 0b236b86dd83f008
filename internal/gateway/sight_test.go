package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestProjectsAreNarrowed: each sees their own, however they ask.
func TestProjectsAreNarrowed(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		who, target string
		want        []string
	}{
		{"ann", "/api/projects/", []string{"Alpha"}}, {"ann", "/api/projects?ids=1,2", []string{"Alpha"}},
		{"ann", "/api/projects/?ids=2", nil},
		{"ann", "/api/projects/counts/", []string{"Alpha"}}, {"out", "/api/projects/", nil},
		{"adm", "/api/projects/", []string{"Alpha", "Beta"}},
		{"adm", "/api/projects/?ids=2", []string{"Beta"}}, {"vic", "/api/projects/?ids=1", []string{"Alpha"}},
	} {
		got := w.get(c.who, c.target)
		titles := []string(nil)
		for _, p := range got.json(t).(map[string]any)["results"].([]any) {
			titles = append(titles, fmt.Sprint(p.(map[string]any)["title"]))
		}
		if !slices.Equal(titles, c.want) {
			t.Errorf("%s asks %s: %q", c.who, c.target, titles)
		}
	}
	if got := w.get("ann", "/api/projects/?ids=&include=title"); got.status != 200 ||
		!strings.Contains(got.body, `"count":1`) || w.lastQuery()["include"] != "title,id" {
		t.Error(got)
	}
	if got := w.get("ann", "/api/projects/?ids=1;2"); got.status != 400 {
		t.Error(got)
	}
	if next := w.get("ann",
		"/api/projects/?page_size=1&title=a").
		json(t).(map[string]any)["next"]; next != "/api/projects/?page_size=1&title=a&page=2" {
		t.Errorf("the link to the next page is %v", next)
	}
}

// TestOthersWorkIsHidden: who annotates sees their own work, who reviews sees
// everybody's, and a draft is its author's alone.
func TestOthersWorkIsHidden(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{
		"/api/tasks/11/", "/api/tasks/?project=1&fields=all", "/api/projects/1/next/", "/api/tasks/11/annotations/",
		"/api/tasks/11/drafts",
	} {
		own, all := w.get("ann", target).body, w.get("rev", target).body
		if strings.Contains(own, "of 3") || strings.Contains(own, `"id":102`) || strings.Contains(own, `"id":302`) {
			t.Errorf("ann sees in %s: %s", target, own)
		}
		if strings.Contains(all, `"id":301`) || (!strings.Contains(target, "drafts") && !strings.Contains(all, "of 2")) {
			t.Errorf("rev sees in %s: %s", target, all)
		}
	}
	for _, target := range []string{"/api/projects/", "/api/projects/1/", "/api/dm/project/?project=1"} {
		if got := w.get("ann", target); got.status != 200 || strings.Contains(got.body, "swordfish") {
			t.Errorf("the password of the project's data, in %s: %v", target, got)
		}
	}
	if got := w.get("owner", "/api/organizations/1"); got.status != 200 || strings.Contains(got.body, "secret") {
		t.Error(got)
	}
	if got := w.get("ann", "/api/users/"); strings.Count(got.body, `"date_joined"`) != 1 {
		t.Error(got)
	}
	who := w.get("ann", "/api/current-user/whoami").body
	if strings.Contains(who, "projects.delete") || !strings.Contains(who, "annotations.create") {
		t.Error(who)
	}
	if got := w.get("ann", "/api/dm/actions/?project=1").body; strings.Contains(got, "delete_tasks") {
		t.Error(got)
	}
}

// TestOwnersEmail: who may not list people is told nobody's e-mail but their own,
// in the fields that stay; who may, is.
func TestOwnersEmail(t *testing.T) {
	w := newWorld(t)
	const secret = "owner@example.com"
	for _, at := range []struct{ method, target, body string }{
		{"GET", "/api/users/", ""}, {"GET", "/api/current-user/whoami", ""}, {"GET", "/api/users/%d/", ""},
		{"PATCH", "/api/users/%d/", `{"first_name":"x"}`},
		{"GET", "/api/projects/", ""}, {"GET", "/api/projects/?include=created_by", ""},
		{"GET", "/api/projects/counts/", ""}, {"GET", "/api/projects/1/", ""},
		{"GET", "/api/dm/project/?project=1", ""}, {"GET", "/api/organizations/1", ""},
		{"GET", "/user/account/", ""}, {"GET", "/user/account/x", ""},
		{"GET", "/api/workspaces/", ""}, {"GET", "/api/tasks/11/", ""}, {"GET", "/api/tasks/?project=1", ""},
	} {
		for _, who := range []string{"ann", "rev", "vic"} {
			target := strings.Replace(at.target, "%d", fmt.Sprint(people[who]), 1)
			if got := w.send(who, at.method, target, at.body); got.status != 200 || strings.Contains(got.body, secret) {
				t.Errorf("%s %s %s: %v", who, at.method, target, got)
			}
		}
	}
	for _, target := range []string{"/api/current-user/whoami", "/api/projects/1/", "/api/projects/", "/user/account/"} {
		if got := w.get("adm", target); !strings.Contains(got.body, secret) {
			t.Errorf("an administrator, of %s: %v", target, got)
		}
	}
	me := w.get("ann", "/api/users/").body
	for _, part := range []string{`"email":"ann@example.com"`,
		`"active_organization_meta":{"email":"","title":"Labels"}`} {
		if !strings.Contains(me, part) {
			t.Errorf("no %s in %s", part, me)
		}
	}
	if got := w.get("ann", "/api/projects/1/").body; !strings.Contains(got,
		`"created_by":{"avatar":null,"email":"","id":1}`) {
		t.Error(got)
	}
	if got := w.get("ann", "/user/account/").body; got != "<b>ann@example.com</b><td>Organization owner</td><td></td>" {
		t.Error(got)
	}
}

// TestWhatListsCarryHasBounds: hotkeys and pictures that every list with their
// person in would carry, JSON that nobody could read, and e-mails that look like
// others, go no further than the gate.
func TestWhatListsCarryHasBounds(t *testing.T) {
	w := newWorld(t)
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, at := range []struct{ who, method, target, body string }{
		{"ann", "PATCH", "/api/users/2/", `{"custom_hotkeys":` + deep(6) + `}`},
		{"ann", "PATCH", "/api/users/2/", `{"custom_hotkeys":{"a":"` + strings.Repeat("x", 64<<10) + `"}}`},
		{"mia", "PATCH", "/api/projects/1/", `{"control_weights":` + deep(100) + `}`},
		{"adm", "POST", "/api/users/", `{"email":"ａnn@example.com","username":"x"}`},
		{"adm", "POST", "/api/users/", `{"email":"own\u0435r@example.com","username":"x"}`}, // a Cyrillic е
		{"adm", "POST", "/api/users/", `[{"email":"x@example.com"},{"\u0065mail":"ow\u043der@example.com"}]`},
		{"adm", "PATCH", "/api/organizations/1", `{"contact_info":"ann＠example.com"}`},
		{"adm", "PATCH", "/api/organizations/1", `{"contact_info":"\u0430\u0435\u043e@example.com"}`},
	} {
		if got := w.send(at.who, at.method, at.target, at.body); got.status != 400 ||
			!strings.Contains(got.body, "Nothing was changed.") {
			t.Errorf("%s %s %.60s: %d %.200s", at.method, at.target, at.body, got.status, got.body)
		}
	}
	if got := w.send("ann", "POST", "/api/users/2/avatar/", strings.Repeat("x", 8<<20+1), "Content-Type",
		"image/png"); got.status != 413 {
		t.Error(got.status)
	}
	for _, u := range w.fake.taken() {
		if u.path != "/api/users/2/avatar/" { // which was cut
			t.Errorf("the upstream was asked %s %s", u.method, u.path)
		}
	}
	if got := w.send("ann", "PATCH", "/api/users/2/",
		`{"custom_hotkeys":{"annotation:submit":{"key":"ctrl+x","active":true}}}`); got.status != 200 {
		t.Error(got)
	}
}
