package gateway_test

import (
	"slices"
	"strings"
	"testing"

	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// may says who may take an action in project 1, or in the organization: read
// from the policy's documentation and not from its table.
var may = map[core.Action]string{
	core.FindProject: "owner adm mia rev ann vic paul",
	core.ViewProject: "owner adm mia rev ann vic", core.ViewTasks: "owner adm mia rev ann vic",
	core.AnnotateTasks: "owner adm mia rev ann",
	core.ReviewTasks:   "owner adm mia rev", core.ManageTasks: "owner adm mia", core.DeleteTasks: "owner adm mia",
	core.EditProject:   "owner adm mia",
	core.DeleteProject: "owner adm mia", core.CreateProject: "owner adm mia",
	core.OwnAccount:   "owner adm mia rev ann vic paul out",
	core.CreateTokens: "owner adm mia rev ann vic paul out", core.ViewOrganization: "owner adm mia rev ann vic paul out",
	core.EditOrganization: "owner adm", core.ManagePeople: "owner adm", core.ManageTokens: "owner adm",
	core.ActAsUpstream: "owner",
}

// sample is something of project 1 for each placeholder; the annotation and
// the draft are ann's.
var sample = map[string]string{
	"project": "1", "task": "11", "annotation": "101", "draft": "301", "view": "401", "prediction": "501",
	"storage": "601", "target": "601", "ml": "701", "file": "801",
	"webhook": "901", "link": "1001", "export": "1101", "import": "1201", "reimport": "1301", "label": "5",
	"user": "2", "organization": "1", "type": "s3", "action": "delete_tasks",
	"rest": "a/b.png", "page": "hotkeys", "picture": "a.png",
}

// TestEveryRule: each line of the policy lets through the ones who may, and
// what reaches the upstream then is what was asked; the others are refused
// before it hears of them.
func TestEveryRule(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	for _, line := range gateway.Lines() {
		if !line.Upstream {
			continue
		}
		allowed := strings.Fields(may[line.Action])
		if len(allowed) == 0 {
			t.Errorf("%s: nobody said who may %s", line.Path, line.Action)
		}
		for _, method := range line.Methods {
			for who := range people {
				expect := slices.Contains(allowed, who)
				if strings.Contains(line.Path, "{draft}") {
					expect = who == "ann" // a draft is its author's alone
				}
				if strings.Contains(line.Path, "{view}") && slices.Contains(line.Methods, "PATCH") {
					expect = slices.Contains(strings.Fields("owner adm mia ann"), who) // the tab is ann's
				}
				if line.Narrow == "avatar" {
					expect = who == "ann" // one's own picture
				}
				if line.Narrow == "reset" {
					expect = who != "owner" && expect // whose token the gate asks with
				}
				if strings.HasPrefix(line.Path, "/api/users/{user}") && line.Narrow == "self" {
					expect = maySee(who, method)
				}
				w.cell(line, method, who, expect)
			}
			w.cell(line, method, "", false)
		}
	}
}

// maySee says who may ask about ann, and change her account.
func maySee(who, method string) bool {
	if method == "GET" {
		return slices.Contains(strings.Fields("owner adm mia ann"), who)
	}
	return slices.Contains(strings.Fields("owner adm ann"), who)
}

// cell asks for one thing as one person, and holds the gate to what is expected.
func (w *world) cell(line gateway.Line, method, who string, expect bool) {
	w.t.Helper()
	w.fake.taken()
	got := w.send(who, method, target(line), body(line))
	reached := w.fake.taken()
	if line.Narrow == "deletion" && expect { // a deleted project would be gone for the next
		w.revive()
	}
	name := method + " " + target(line) + " as " + who
	if line.Narrow == "projects" && who == "out" && len(reached) == 0 && strings.Contains(got.body, `"count":0`) {
		return // an empty page, without asking the upstream
	}
	if !expect {
		if got.status/100 != 4 || len(reached) > 0 {
			w.t.Errorf("%s: %d, and the upstream heard of it %d times", name, got.status, len(reached))
		}
		return
	}
	if got.status/100 == 4 || got.status/100 == 5 {
		w.t.Errorf("%s: %d %s", name, got.status, got.body)
	}
	if line.Narrow == "settings" {
		method = "PATCH" // for a PUT too, by which the upstream would forget the maker
	}
	for _, u := range reached {
		if u.user != people[who] || u.method != method {
			w.t.Errorf("%s: arrived as %s of user %d", name, u.method, u.user)
		}
		for _, p := range u.projects {
			if p != 1 {
				w.t.Errorf("%s: is about project %d", name, p)
			}
		}
	}
}

// target is a line of the policy as a request about project 1.
func target(line gateway.Line) string {
	path := line.Path
	for name, value := range sample {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	var q []string
	if line.When != "" {
		q = append(q, line.When)
	}
	if len(line.Needs) > 0 && !line.JSON {
		q = append(q, map[string]string{"filepath": "filepath=upload/1/a.png", "d": "d=p1/a.png",
			"project": "project=1", "task": "task=11", "view": "view=401"}[line.Needs[0]])
	}
	if strings.HasPrefix(path, "/api/dm/actions") && line.JSON {
		q = append(q, "project=1")
	}
	if line.Narrow == "uri" {
		q = append(q, "fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n") // s3://bucket/alpha.png
	}
	if len(q) > 0 {
		path += "?" + strings.Join(q, "&")
	}
	return path
}

func body(line gateway.Line) string {
	switch {
	case line.Narrow == "storage" && slices.Contains(line.Needs, "project"):
		return `{"project":1,"aws_access_key_id":"a","aws_secret_access_key":"b"}`
	case line.Narrow == "credentials":
		return `{"refresh":"` + personal("theirs", 0) + `"}`
	case line.JSON && strings.HasPrefix(line.Path, "/api/dm/actions"):
		return `{"project":1,"selectedItems":{"all":false,"included":[11]}}`
	case line.JSON && slices.Contains(line.Needs, "project"):
		return `{"project":1}`
	case line.JSON && slices.Contains(line.Needs, "task"):
		return `{"task":11}`
	case line.JSON:
		return `{}`
	case line.Stream:
		return `[{"data":{}}]`
	}
	return ""
}

// revive brings the deleted project back, as the next look at the upstream does.
func (w *world) revive() {
	w.t.Helper()
	u := gateway.NewUpstream(w.upstreamURL(), serviceToken, w.app.Now)
	ok(w.t, gateway.Reconcile(w.t.Context(), w.app, u))
}

// TestShutDoors: nobody passes, not even the owner, and the upstream is not
// asked.
func TestShutDoors(t *testing.T) {
	w := newWorld(t)
	for _, line := range gateway.Lines() {
		if !line.Shut {
			continue
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			got := w.send("owner", method, target(line), "")
			if reached := w.fake.taken(); len(reached) > 0 || (got.status != 404 && got.status != 405) {
				// another line may be about the same path and another method
				if len(reached) > 0 && line.Methods[0] != "*" && !slices.Contains(line.Methods, method) {
					continue
				}
				t.Errorf("%s %s: %d, reached %d", method, line.Path, got.status, len(reached))
			}
		}
	}
}
