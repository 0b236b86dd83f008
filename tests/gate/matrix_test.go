package gate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// route is a line of the policy, as `roster gate routes --json` prints it.
type route struct {
	Methods                      []string
	Path, When, Who, Where, Body string
	Needs                        []string
}

// policy reads the table from the binary.
func policy(t *testing.T) (all []route) {
	t.Helper()
	out, err := exec.Command(os.Getenv("ROSTER_BIN"), "gate", "routes", "--json").Output()
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil || len(all) < 100 {
		t.Fatalf("%d lines of policy: %v", len(all), err)
	}
	return all
}

// shipped is the file in which the installed release lists its routes.
func shipped(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.Getenv("LABEL_STUDIO_VENV"),
		"lib/python*/site-packages/label_studio/core/all_urls.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the list of routes in %s: %v %v", os.Getenv("LABEL_STUDIO_VENV"), found, err)
	}
	return found[0]
}

// TestRoutesHaveLines: the policy is about every route of the installed release.
func TestRoutesHaveLines(t *testing.T) {
	need(t)
	out, err := exec.Command(os.Getenv("ROSTER_BIN"), "gate", "routes", "--check", shipped(t)).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// everywhere and inside say who may take an action: in any project, and in
// projects that they are on. It repeats the policy from the other side.
var everywhere, inside = map[string]string{
	"find a project by its name": "owner", "view a project": "owner", "view a project's tasks": "owner",
	"annotate a project's tasks": "owner", "see and change everybody's annotations": "owner",
	"manage a project's tasks": "owner", "edit a project": "owner", "delete a project's tasks": "owner",
	"delete a project":      "owner",
	"use one's own account": "owner mia rea ann bob", "make API tokens of one's own": "owner mia rea ann bob",
	"view the organization": "owner mia rea ann bob",
	"create a project":      "owner mia", "edit the organization": "owner",
	"manage the organization's people": "owner", "decide which tokens the organization takes": "owner",
	"have the upstream fetch an address, or act with its owner's token": "owner",
}, map[string]string{
	"find a project by its name": "mia rea ann bob", "view a project": "mia rea ann bob",
	"view a project's tasks": "mia rea ann bob", "annotate a project's tasks": "mia rea ann bob",
	"see and change everybody's annotations": "mia rea",
	"manage a project's tasks":               "mia", "edit a project": "mia", "delete a project's tasks": "mia",
	"delete a project": "mia",
}

// may is what the policy says about somebody, in a project that they are on or not.
func may(who, action string, on bool) bool {
	return slices.Contains(strings.Fields(everywhere[action]), who) ||
		(on && slices.Contains(strings.Fields(inside[action]), who))
}

// cell is one request of the matrix, and whether it has to pass.
type cell struct {
	who          string
	on           bool
	method, path string
	body         any
	passes       bool
	sent         string // its id, once it was
}

func (c cell) String() string { return fmt.Sprintf("%s %s %v", c.method, c.path, c.body) }

// matrix asks everything of the upstream's as everybody, and keeps what the
// policy says about each.
type matrix struct {
	t     *testing.T
	g     *gate
	table []route
	own   *scene // of Mia, Rea and Ann; of Bob nothing
	other *scene // of nobody
	// The same once more, with storages in clouds that are not there: the upstream
	// fails at what it is to put into them, so nobody works here.
	ownCloud, otherCloud *scene
	cells                []cell
}

// TestMatrix: for every route of the list that the release ships, every method,
// everybody, in their own and in another's project, passes what the policy's table
// says, and nothing else.
//
// Everything that a path can name there is for the matrix. What the upstream does
// when the gate lets somebody through is not all of it a success: without a cloud
// it fails at what has to reach one, which is
//
//   - sync, PATCH, PUT, validate and files of gcs, azure and redis storages;
//   - export/{type}/{id}/sync of them.
//
// Whether the gate lets through is told from its log, and not from the answer.
func TestMatrix(t *testing.T) {
	m := &matrix{t: t, g: need(t), table: policy(t)}
	m.own, m.other = m.g.newScene(t, "mia", "rea", "ann"), m.g.newScene(t)
	m.ownCloud, m.otherCloud = m.g.newScene(t, "mia", "rea", "ann"), m.g.newScene(t)
	m.own.furnish()
	m.other.furnish()
	raw, err := os.ReadFile(shipped(t))
	var urls []struct{ URL string }
	if err == nil {
		err = json.Unmarshal(raw, &urls)
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, u := range urls {
		if strings.Contains(u.URL, "format") || seen[u.URL] {
			continue
		}
		seen[u.URL] = true
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			m.route(method, strings.ReplaceAll(u.URL, `\.`, "."))
		}
	}
	m.send()
	m.judge()
}

// send sends everybody's requests in order, beside those of others.
func (m *matrix) send() {
	var all sync.WaitGroup
	for name, p := range m.g.people {
		all.Go(func() {
			for i := range m.cells {
				c := &m.cells[i]
				if c.who != name {
					continue
				}
				a, err := p.ask(c.method, c.path, c.body)
				if c.sent = a.request; err != nil || c.sent == "" {
					m.t.Errorf("%s: %v: %v %v", name, *c, a, err)
				}
			}
		})
	}
	all.Wait()
}

// judge compares what passed with what had to.
func (m *matrix) judge() {
	refused := m.g.refused(m.t)
	passed := 0
	for _, c := range m.cells {
		r, was := refused[c.sent]
		if c.passes == was {
			m.t.Errorf("%s, on the project: %v: %s: passes %v, and the policy says %v (%d %s)", c.who, c.on, c, !was,
				c.passes, r.Status, r.Error)
		}
		if !was {
			passed++
		}
	}
	m.t.Logf("%d requests, %d passed", len(m.cells), passed)
	if passed < 300 || len(m.cells)-passed < 1000 {
		m.t.Errorf("%d requests of which %d passed are too few to tell", len(m.cells), passed)
	}
}

// lines is the lines of the policy about a route and a method.
func (m *matrix) lines(method, shippedURL string) (found []route) {
	for _, r := range m.table {
		if !slices.Contains(r.Methods, method) && r.Methods[0] != "*" || !same(r.Path, shippedURL) {
			continue
		}
		kind, typed := strings.CutPrefix(r.When, "type=")
		if typed && !slices.Contains(strings.Split(shippedURL, "/"), kind) {
			continue
		}
		if slices.ContainsFunc(found, func(f route) bool {
			return f.Path == r.Path && (f.When == "" || strings.HasPrefix(f.When, "type="))
		}) {
			continue // an earlier line answers
		}
		found = append(found, r)
	}
	return found
}

// same reports whether a path of the policy is about a route as the upstream
// spells it.
func same(path, shippedURL string) bool {
	ours, theirs := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(strings.Trim(shippedURL, "/"), "/")
	for i, part := range theirs {
		switch {
		case i >= len(ours):
			return false
		case ours[i] == "{rest}" && len(ours) == i+1, strings.HasPrefix(part, "<path") && i == len(theirs)-1:
			return true
		case ours[i] == "{type}" && slices.Contains([]string{"s3", "gcs", "azure", "redis", "localfiles"}, part):
		case strings.HasPrefix(part, "<str:") || strings.HasPrefix(part, "<") && ours[i][0] == '{':
		case part != ours[i]:
			return false
		}
	}
	return len(ours) == len(theirs)
}

// skipped is what other tests are about, or what would take from the tests what
// they work with: their tokens.
func skipped(r route, method string) bool {
	switch r.Path {
	case "/api/current-user/reset-token/", "/api/jwt/settings", "/logout/", "/user/login/":
		return true
	}
	return r.Who == "Roster answers" || r.Who == "the gate answers"
}

func (m *matrix) route(method, shippedURL string) {
	lines := m.lines(method, shippedURL)
	if len(lines) == 0 { // no line: no way
		path := shippedURL
		for strings.Contains(path, "<") {
			from, to := strings.IndexByte(path, '<'), strings.IndexByte(path, '>')
			path = path[:from] + fmt.Sprint(m.own.project) + path[to+1:]
		}
		m.ask("owner", true, method, path, nil, false)
		return
	}
	for _, r := range lines {
		if skipped(r, method) {
			continue
		}
		for _, who := range []string{"owner", "mia", "rea", "ann", "bob"} {
			m.line(r, method, shippedURL, who, who != "bob")
			if r.Where == "project" && who != "owner" && who != "bob" {
				m.line(r, method, shippedURL, who, false)
			}
		}
	}
}

// line asks for a route in a project that somebody is on, or not.
func (m *matrix) line(r route, method, shippedURL, who string, on bool) {
	s, other := m.own, m.other
	named := strings.Contains(r.Path, "{storage}") || strings.Contains(r.Path, "{target}")
	// or others' requests change the folder
	if named && slices.ContainsFunc(strings.Split(shippedURL, "/"), isCloud) || slices.Contains(r.Needs, "d") {
		s, other = m.ownCloud, m.otherCloud
	}
	if !on && who != "bob" {
		s = other
	}
	// which asks whether there is any project to do it in
	passes := r.Who == "anybody" || may(who, r.Who, on || r.Where == "organization")
	if passes && consumes(r, method) {
		s = m.g.newScene(m.t, "mia", "rea", "ann")
	}
	path, query, all := s.request(r, shippedURL, m.g.who(m.t, who))
	body, more := s.body(r, method, query)
	if !all {
		m.t.Errorf("%s %s: there is no such thing here to ask for", method, path)
	}
	m.ask(who, on, method, path+more, body, passes)
}

func isCloud(kind string) bool { return clouds[kind].table != "" }

// consumes reports whether a request takes away what others of the matrix ask
// for. PUT of a project leaves it without a maker, and then the upstream fails.
func consumes(r route, method string) bool {
	emptied := method == "PUT" && r.Path == "/api/projects/{project}/"
	theirs := r.Where == "project" || strings.Contains(r.Path, "{label}")
	return emptied || theirs && (method == "DELETE" || strings.HasSuffix(r.Path, "/convert-to-draft"))
}

// request fills in a path: with things of the scene, and somebody's own work. It
// reports whether there is everything that the path names.
func (s *scene) request(r route, shippedURL string, whose *person) (path string, q url.Values, all bool) {
	s.t.Helper()
	q, all = url.Values{}, true
	theirs := strings.Split(shippedURL, "/")
	parts := strings.Split(r.Path, "/")
	kind := ""
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		switch name := strings.Trim(part, "{}"); name {
		case "type":
			kind = theirs[i]
			parts[i] = kind
		case "rest", "page", "picture":
			parts[i] = "x.txt"
		case "action":
			parts[i] = "delete_tasks"
		case "organization":
			parts[i] = "1"
		case "user":
			parts[i] = fmt.Sprint(whose.id)
		default:
			if name == "storage" || name == "target" {
				name += " " + kind
			}
			id := s.id(name, whose)
			if id == 0 {
				id, all = 987654321, false
			}
			parts[i] = fmt.Sprint(id)
		}
	}
	if name, value, ok := strings.Cut(r.When, "="); ok && name != "type" {
		q.Set(name, value)
	}
	return strings.Join(parts, "/"), q, all
}

// body is what a request says besides its path, as little as there can be.
func (s *scene) body(r route, method string, q url.Values) (body any, query string) {
	s.t.Helper()
	if r.Path == "/api/dm/actions/" && method == "POST" && r.When == "" {
		q.Set("id", "retrieve_tasks_predictions")
	}
	if strings.HasSuffix(r.Path, "/resolve/") || strings.HasSuffix(r.Path, "/presign/") {
		q.Set("fileuri", base64.URLEncoding.EncodeToString([]byte(image)))
	}
	if slices.Contains(r.Needs, "filepath") {
		q.Set("filepath", s.path("upload/%d/x.txt"))
	}
	if slices.Contains(r.Needs, "d") {
		s.id("storage localfiles", nil) // whose folder it lies in
		q.Set("d", s.path("%d/x.txt"))
	}
	fields := map[string]any{}
	switch {
	case slices.Contains(r.Needs, "project") && r.Body == "json":
		fields["project"] = s.project
	case slices.Contains(r.Needs, "project"):
		q.Set("project", fmt.Sprint(s.project))
	case slices.Contains(r.Needs, "task"):
		fields["task"] = s.id("task", nil)
	}
	if r.Path == "/api/dm/actions/" {
		q.Set("project", fmt.Sprint(s.project))
		fields["selectedItems"] = map[string]any{"all": false, "included": []int64{987654321}} // or it is about all tasks
	}
	// or only the owner passes; no key is one, so nothing is asked in its name
	if strings.Contains(r.Path, "{type}") && method == "POST" {
		fields["aws_access_key_id"], fields["aws_secret_access_key"] = "key", "secret"
		fields["account_name"], fields["account_key"] = "acme", "a"
		fields["google_application_credentials"] = `{"token_uri":"https://oauth2.googleapis.com/token"}`
	}
	if r.Path == "/api/token/blacklist/" || r.Path == "/api/token/rotate/" { // what is readable, and nobody's
		fields["refresh"] = "e30." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"token_type":"refresh","jti":"nobody's","exp":4102444800}`)) + ".x"
	}
	if r.Body != "" {
		body = fields
	}
	if len(q) > 0 {
		query = "?" + q.Encode()
	}
	return body, query
}

func (m *matrix) ask(who string, on bool, method, path string, body any, passes bool) {
	m.cells = append(m.cells, cell{who: who, on: on, method: method, path: path, body: body, passes: passes})
}
