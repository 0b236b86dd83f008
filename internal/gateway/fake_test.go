package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fake is a Label Studio as far as the gate is concerned: it reads requests as
// Django does, knows what belongs to which project, and lets everybody do
// everything. It remembers what it was asked, the way it understood it.
type fake struct {
	t    testing.TB
	srv  *httptest.Server
	mu   sync.Mutex
	seen []understood
	// hookSecret is what the gate's hook shows, number 904.
	hookSecret string
	// arriving is told about each request before its body is read, where it is set.
	arriving chan string
	// special answers instead where it is set and returns true.
	special func(w http.ResponseWriter, r *http.Request) bool
	// questioned does for the gate's own questions.
	questioned func(w http.ResponseWriter, r *http.Request) bool
	// first does so before the body is read, whoever asks.
	first func(w http.ResponseWriter, r *http.Request) bool
}

// understood is a request as Django reads it.
type understood struct {
	user     int64
	method   string
	path     string
	query    map[string]string // the last of each
	body     string
	fields   map[string]any // of the body, whatever its format; the last of each
	header   http.Header
	chunked  []string // how the body is transferred, when not whole
	projects []int64  // of everything it names
}

// The things of the fake. Project 1 is Alpha, project 2 is Beta.
var (
	projectOf = map[string]map[int64]int64{
		"projects": {1: 1, 2: 2}, "tasks": {11: 1, 12: 1, 13: 1, 21: 2}, "annotations": {101: 1, 102: 1, 201: 2}, "drafts": {301: 1, 302: 1, 321: 2},
		"views": {401: 1, 402: 2}, "predictions": {501: 1, 502: 2}, "storage": {601: 1, 602: 2}, "ml": {701: 1, 702: 2},
		"file-upload": {801: 1, 802: 2}, "webhooks": {901: 1, 902: 2, 903: 0, 904: 0}, "label_links": {1001: 1, 1002: 2}, "exports": {1101: 1, 1102: 2},
		"imports": {1201: 1, 1202: 2}, "reimports": {1301: 1, 1302: 2},
	}
	taskOf   = map[int64]int64{101: 11, 102: 11, 201: 21, 301: 11, 302: 11, 321: 21, 501: 11, 502: 21}
	authorOf = map[int64]int64{101: 2, 102: 3, 201: 1, 301: 2, 302: 3, 321: 1}
	people   = map[string]int64{"owner": 1, "ann": 2, "rev": 3, "mia": 4, "out": 5, "vic": 6, "adm": 7, "paul": 8}
)

// labels is the labels of the fake, and which projects have them.
var labels = []map[string]any{
	{"id": 1401, "title": "Own", "projects": []int64{1}}, {"id": 1402, "title": "Beta's", "projects": []int64{2}},
	{"id": 1403, "title": "Shared", "projects": []int64{2, 1}}, {"id": 1404, "title": "Nobody's", "projects": []int64{}},
}

// folders is the storages of projects on the disk of the fake, which serves /srv.
var folders = map[string][]map[string]any{
	"1": {{"project": 1, "path": "/srv/p1"}, {"project": 1, "path": "/srv/p1/deeper"}, {"project": 1, "path": "/srv/both"}, {"project": 1, "path": nil}},
	"2": {{"project": 2, "path": "/srv/p10"}, {"project": 2, "path": "/srv/both/of2"}},
}

// targets are the folders into which annotations are written, by project.
var targets = map[string][]map[string]any{
	"1": {{"project": 1, "path": "/srv/p1/same/"}},
	"2": {{"project": 2, "path": "/srv/p1/out"}},
}

const serviceToken = "service"

func newFake(t testing.TB) *fake {
	f := &fake{t: t}
	f.srv = httptest.NewServer(f)
	t.Cleanup(f.srv.Close)
	return f
}

// retried is what Django makes of a path without a slash at the end.
func retried(path string) string {
	if !strings.HasSuffix(path, "/") {
		return path + "/"
	}
	return path
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if arriving := f.arriving; arriving != nil {
		arriving <- r.URL.Path
	}
	f.mu.Lock()
	first := f.first
	f.mu.Unlock()
	if first != nil && first(w, r) {
		return
	}
	u := f.understand(r)
	if _, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); u.user == 0 && token == serviceToken {
		f.mu.Lock()
		questioned := f.questioned
		f.mu.Unlock()
		if questioned == nil || !questioned(w, r) {
			f.lookup(w, r)
		}
		return
	}
	f.mu.Lock()
	f.seen = append(f.seen, u)
	special := f.special
	f.mu.Unlock()
	if special != nil && special(w, r) {
		return
	}
	f.answer(w, r, u)
}

// understand reads a request with Django's eyes.
func (f *fake) understand(r *http.Request) understood {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	path, err := url.PathUnescape(raw) // once
	if err != nil {
		path = raw
	}
	u := understood{method: r.Method, path: retried(path), query: map[string]string{}, fields: map[string]any{}, header: r.Header.Clone(), chunked: r.TransferEncoding}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		u.query[name], _ = url.QueryUnescape(value)
	}
	body, _ := io.ReadAll(r.Body)
	u.body = string(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	u.fields = formFields(r.Header.Get("Content-Type"), body)
	u.user = people[f.credential(r)]
	u.projects = u.named()
	return u
}

// credential is whose name a request comes in.
func (f *fake) credential(r *http.Request) string {
	if key := r.Header.Get("X-Api-Key"); key != "" {
		return strings.TrimPrefix(key, "tok-")
	}
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); scheme != "" {
		return strings.TrimPrefix(token, "tok-")
	}
	if c, err := r.Cookie("sessionid"); err == nil {
		return strings.TrimPrefix(c.Value, "up-")
	}
	return ""
}

// formFields reads a body in every format that the upstream takes.
func formFields(contentType string, body []byte) map[string]any {
	fields := map[string]any{}
	kind, params, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body))
		for name, list := range values {
			fields[name] = list[len(list)-1]
		}
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(1 << 20)
		if err == nil {
			for name, list := range form.Value {
				fields[name] = list[len(list)-1]
			}
		}
	default:
		json.Unmarshal(body, &fields)
	}
	return fields
}

var thing = regexp.MustCompile(`/(projects|tasks|annotations|drafts|views|predictions|ml|file-upload|webhooks|label_links|exports|imports|reimports|s3)/([0-9]+)`)

// named is the projects of everything that a request names.
func (u understood) named() (all []int64) {
	add := func(kind string, text string) {
		id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return
		}
		if kind == "s3" {
			kind = "storage"
		}
		if p, known := projectOf[kind][id]; known {
			all = append(all, p)
		}
	}
	for _, m := range thing.FindAllStringSubmatch(u.path, -1) {
		add(m[1], m[2])
	}
	if rest, ok := strings.CutPrefix(u.path, "/data/upload/"); ok {
		add("projects", strings.SplitN(rest, "/", 2)[0])
	}
	if rest, ok := strings.CutPrefix(u.query["filepath"], "upload/"); ok {
		add("projects", strings.SplitN(rest, "/", 2)[0])
	}
	for name, kind := range map[string]string{"project": "projects", "view": "views", "task": "tasks", "annotation": "annotations"} {
		add(kind, u.query[name])
		if v, there := u.fields[name]; there {
			add(kind, fmt.Sprint(v))
		}
	}
	return all
}

// lookup answers the gate's own questions.
func (f *fake) lookup(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(r.URL.Path, "/")
	segments := strings.Split(path, "/")
	switch path {
	case "api/current-user/whoami":
		writeJSON(w, person(1))
		return
	case "api/organizations/1":
		writeJSON(w, map[string]any{"id": 1, "title": "Label Studio"})
		return
	case "api/users":
		writeJSON(w, everybody())
		return
	case "api/labels":
		f.labels(w, r)
		return
	case "api/webhooks":
		writeJSON(w, []any{})
		return
	case "api/storages/localfiles":
		writeJSON(w, folders[r.URL.Query().Get("project")])
		return
	case "api/storages/export/localfiles":
		writeJSON(w, targets[r.URL.Query().Get("project")])
		return
	case "api/projects":
		writeJSON(w, map[string]any{"next": nil, "results": []any{project(1), project(2)}})
		return
	case "api/tasks":
		writeJSON(w, map[string]any{"total": 3, "tasks": []any{map[string]any{"id": 11}, map[string]any{"id": 12}, map[string]any{"id": 13}}})
		return
	}
	id, _ := strconv.ParseInt(segments[len(segments)-1], 10, 64)
	kind := segments[len(segments)-2]
	if kind == "s3" || kind == "localfiles" {
		kind = "storage"
	}
	if i := slices.IndexFunc(labels, func(l map[string]any) bool { return int64(l["id"].(int)) == id }); kind == "labels" && i >= 0 {
		writeJSON(w, labels[i])
		return
	}
	p, known := projectOf[kind][id]
	if !known || (kind == "exports" && segments[2] != strconv.FormatInt(p, 10)) {
		hasNot(w)
		return
	}
	writeJSON(w, f.about(kind, id, p))
}

// labels is a page of the labels, two in each.
func (f *fake) labels(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	next := any(nil)
	if page*2 < len(labels) {
		next = "http://internal:8081/api/labels/?page=" + strconv.Itoa(page+1)
	}
	writeJSON(w, map[string]any{"next": next, "results": labels[page*2-2 : min(page*2, len(labels))]})
}

// about is what the upstream tells about a thing.
func (f *fake) about(kind string, id, p int64) map[string]any {
	o := map[string]any{"id": id, "project": p}
	switch kind {
	case "annotations":
		o["task"], o["completed_by"] = taskOf[id], authorOf[id]
	case "drafts":
		delete(o, "project")
		o["task"], o["user"], o["created_username"] = taskOf[id], "x@example.com", fmt.Sprintf("Some, One x@example.com, %d", authorOf[id])
	case "predictions":
		o["task"] = taskOf[id]
	case "file-upload":
		o = map[string]any{"id": id, "file": fmt.Sprintf("upload/%d/a.png", p)}
	case "tasks":
		o["data"] = map[string]any{"image": "s3://bucket/alpha.png", "html": "<img src='s3://bucket/in.png'>"}
	case "views":
		o["user"] = map[int64]int64{401: 2, 402: 1}[id]
		o["data"] = map[string]any{"filters": map[string]any{"conjunction": "and", "items": []any{}}, "ordering": []any{"tasks:id"}}
	case "projects":
		return project(id)
	case "webhooks":
		if p == 0 {
			o["project"] = nil
			o["headers"] = map[int64]any{904: map[string]any{"X-Roster-Secret": f.hookSecret}}[id]
		} else {
			o["headers"] = map[string]any{"X-Roster-Secret": "a manager's own"}
		}
	}
	return o
}

func person(id int64) map[string]any {
	for name, known := range people {
		if known == id {
			return map[string]any{"id": id, "active_organization_meta": map[string]any{"title": "Labels", "email": "owner@example.com"}, "email": name + "@example.com", "first_name": name, "active_organization": 1, "permissions": []any{"projects.delete"}, "date_joined": "2026-01-01T00:00:00Z"}
		}
	}
	return nil
}

func everybody() (all []any) {
	for id := int64(1); id <= int64(len(people)); id++ {
		all = append(all, person(id))
	}
	return all
}

func project(id int64) map[string]any {
	return map[string]any{"id": id, "title": map[int64]string{1: "Alpha", 2: "Beta"}[id], "created_by": map[string]any{"id": 1, "email": "owner@example.com", "avatar": nil}, "created_at": "2026-01-01T00:00:00Z", "pinned_at": nil, "task_data_password": "swordfish"}
}

// columns are some of those that the upstream's list of tasks has, and one that a
// newer release might bring.
func columns() (all []any) {
	for _, id := range []string{"id", "completed_at", "annotators", "annotations_results", "annotations_ids", "updated_by", "avg_lead_time", "draft_exists", "new_in_2027", "data"} {
		all = append(all, map[string]any{"id": id, "title": id, "target": "tasks", "visibility_defaults": map[string]any{"explore": true, "labeling": true}})
	}
	return append(all, map[string]any{"id": "annotations_ids", "parent": "data", "target": "tasks"}) // a field of what is labeled
}

func summary() map[string]any {
	return map[string]any{
		"all_data_columns": map[string]any{"text": 3}, "common_data_columns": []any{"text"}, "created_annotations": map[string]any{"kind|text|choices": 7},
		"created_labels": map[string]any{"kind": map[string]any{"Good": 7}}, "created_labels_drafts": map[string]any{"kind": map[string]any{"Bad": 1}},
	}
}

func annotation(id int64) map[string]any {
	return map[string]any{"id": id, "completed_by": authorOf[id], "task": taskOf[id], "project": 1, "result": fmt.Sprintf("of %d", authorOf[id])}
}

func draft(id int64) map[string]any {
	return map[string]any{"id": id, "user": "x@example.com", "created_username": fmt.Sprintf("x@example.com, %d", authorOf[id]), "task": taskOf[id]}
}

func task(id int64) map[string]any {
	return map[string]any{
		"id": id, "project": projectOf["tasks"][id], "data": map[string]any{}, "annotations": []any{annotation(101), annotation(102)}, "drafts": []any{draft(301), draft(302)},
		"predictions": []any{}, "annotators": []any{2, 3}, "annotations_results": "of 3", "annotations_ids": "101,102", "updated_by": []any{map[string]any{"user_id": 3}},
	}
}

// answer is what an ordinary request gets, in the shapes that the gate reads.
func (f *fake) answer(w http.ResponseWriter, r *http.Request, u understood) {
	http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "up-" + f.credential(r)}) // with nearly every answer
	w.Header().Set("Access-Control-Allow-Origin", "*")
	path := strings.Trim(u.path, "/")
	one := regexp.MustCompile(`^api/tasks/([0-9]+)$`).FindStringSubmatch(path)
	switch {
	case path == "api/current-user/whoami":
		if u.user == 0 {
			http.Error(w, `{"detail":"no"}`, http.StatusUnauthorized)
			return
		}
		who := person(u.user)
		writeJSON(w, who)
	case strings.HasPrefix(path, "user/account"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<b>%s</b><td>Organization owner</td><td>owner@example.com</td>", person(u.user)["email"])
	case strings.HasPrefix(path, "api/users/"):
		id, _ := strconv.ParseInt(strings.TrimPrefix(path, "api/users/"), 10, 64)
		writeJSON(w, person(id))
	case path == "api/users" && u.method == "POST":
		writeJSON(w, person(5))
	case path == "api/users":
		writeJSON(w, everybody())
	case path == "api/organizations/1":
		writeJSON(w, map[string]any{"id": 1, "token": "secret", "title": "Label Studio"})
	case (path == "api/projects" || path == "api/projects/counts") && u.method == "GET":
		f.projects(w, u)
	case path == "api/webhooks" && u.method == "GET":
		writeJSON(w, []any{f.about("webhooks", 901, 1), f.about("webhooks", 904, 0)})
	case path == "api/labels" && u.method == "POST":
		writeJSON(w, []any{labels[2]})
	case path == "api/projects":
		made := project(100 + u.user)
		made["created_by"] = person(u.user)
		writeJSON(w, made)
	case strings.HasPrefix(path, "api/projects/") && strings.Count(path, "/") == 2:
		writeJSON(w, project(1))
	case path == "api/tasks" && u.method == "GET":
		writeJSON(w, map[string]any{"tasks": []any{task(11)}, "total": 1, "total_annotations": 2, "total_predictions": 0})
	case one != nil && u.method == "GET":
		id, _ := strconv.ParseInt(one[1], 10, 64)
		writeJSON(w, task(id))
	case strings.HasSuffix(path, "/next") || u.query["id"] == "next_task":
		writeJSON(w, task(11))
	case strings.HasSuffix(path, "/annotations") && u.method == "GET":
		writeJSON(w, []any{annotation(101), annotation(102)})
	case strings.HasSuffix(path, "/drafts") && u.method == "GET":
		writeJSON(w, []any{draft(301), draft(302)})
	case path == "api/token/refresh":
		writeJSON(w, map[string]any{"access": serviceToken})
	case strings.HasSuffix(path, "/export/formats"):
		writeJSON(w, []any{map[string]any{"name": "JSON"}, map[string]any{"name": "YOLO_WITH_IMAGES"}, map[string]any{"name": "BRAND_NEW"}})
	case strings.HasSuffix(path, "/export") || strings.HasSuffix(path, "/download"):
		writeJSON(w, []any{task(11), map[string]any{"id": 12, "drafts": []any{301, 302}}})
	case strings.HasSuffix(path, "/annotators"):
		writeJSON(w, []any{person(2)})
	case path == "api/dm/project":
		writeJSON(w, project(1))
	case path == "api/dm/columns":
		writeJSON(w, map[string]any{"columns": columns()})
	case strings.HasSuffix(path, "/summary"):
		writeJSON(w, summary())
	case path == "api/dm/actions" && u.method == "GET":
		writeJSON(w, []any{map[string]any{"id": "next_task"}, map[string]any{"id": "delete_tasks"}})
	case path == "api/predictions" && u.method == "GET":
		writeJSON(w, []any{map[string]any{"id": 501, "project": 1}})
	case u.method == "POST":
		writeJSON(w, map[string]any{"ok": true, "id": 9001})
	default:
		writeJSON(w, map[string]any{"ok": true})
	}
}

// projects lists those asked for; without ids, all of them.
func (f *fake) projects(w http.ResponseWriter, u understood) {
	all := []any{}
	for _, id := range []int64{1, 2} {
		if ids := u.query["ids"]; ids == "" || strings.Contains(","+ids+",", fmt.Sprintf(",%d,", id)) {
			all = append(all, project(id))
		}
	}
	next := any(nil)
	if u.query["page_size"] == "1" {
		next = "http://internal:8081/api/projects/?ids=" + u.query["ids"] + "&page=2&page_size=1"
	}
	writeJSON(w, map[string]any{"count": len(all), "next": next, "previous": nil, "results": all})
}

// hasNot is how the upstream says that it has no such thing.
func hasNot(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	io.WriteString(w, `{"id":"5a3f7d7e","status_code":404,"version":"1.23.2","detail":"Not found.","exc_info":null}`)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// taken returns what it was asked since the last time, in people's names.
func (f *fake) taken() []understood {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen
	f.seen = nil
	out := seen[:0:0]
	for _, u := range seen {
		if strings.Trim(u.path, "/") != "api/current-user/whoami" {
			out = append(out, u)
		}
	}
	return out
}

// questioning answers the gate's own questions until the test ends.
func (f *fake) questioning(questioned func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.questioned = questioned
}

func (f *fake) answering(special func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.special = special
}

// stalling begins to answer downloads, and no more: begun once it has, gone
// when whoever asked has hung up.
func (f *fake) stalling() (begun, gone <-chan struct{}) {
	started, left := make(chan struct{}), make(chan struct{})
	f.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/data/") {
			return false
		}
		io.WriteString(rw, "the beginning")
		rw.(http.Flusher).Flush()
		close(started)
		<-r.Context().Done()
		close(left)
		return true
	})
	return started, left
}

func (f *fake) beforeAll(first func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first = first
}
