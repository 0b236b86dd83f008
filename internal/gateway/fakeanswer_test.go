package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

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
		f.tasks(w, r)
		return
	}
	if strings.HasSuffix(path, "/model-versions") {
		writeJSON(w, map[string]any{"static": []any{}, "live": f.modelsOf(segments[2])})
		return
	}
	if strings.HasSuffix(path, "/summary") {
		writeJSON(w, summary())
		return
	}
	id, _ := strconv.ParseInt(segments[len(segments)-1], 10, 64)
	kind := segments[len(segments)-2]
	if kind == "s3" || kind == "localfiles" {
		kind = "storage"
	}
	if i := slices.IndexFunc(labels, func(l map[string]any) bool {
		return int64(l["id"].(int)) == id
	}); kind == "labels" && i >= 0 {
		writeJSON(w, labels[i])
		return
	}
	p, known := projectOf[kind][id]
	if !known || (kind == "exports" && segments[2] != strconv.FormatInt(p, 10)) {
		hasNot(w)
		return
	}
	if r.Method == "GET" && (kind == "tasks" || kind == "ml") {
		f.modelRuns.Add(1)
	}
	if r.Method == "OPTIONS" && !f.among(w, r, p) {
		return
	}
	writeJSON(w, f.about(kind, id, p))
}

// among reports whether a project is one of those that a question is narrowed to, and answers
// where it is not: for a list of one, and where there is no first, with a fault.
func (f *fake) among(w http.ResponseWriter, r *http.Request, project int64) bool {
	var narrowed struct{ Project []int64 }
	json.NewDecoder(r.Body).Decode(&narrowed)
	switch {
	case len(narrowed.Project) == 0 || len(narrowed.Project) > 1 && slices.Contains(narrowed.Project, project):
		return true
	case projectOf["projects"][narrowed.Project[0]] == 0 || len(narrowed.Project) == 1:
		http.Error(w, "Project matching query does not exist.", http.StatusInternalServerError)
	default:
		hasNot(w)
	}
	return false
}

// tasks is the tasks of a project, or those of them that are picked.
func (f *fake) tasks(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("review") != "true" {
		f.modelRuns.Add(1)
	}
	var asked struct {
		SelectedItems *struct{ Included []int64 }
	}
	json.Unmarshal([]byte(q.Get("query")), &asked)
	found := []any{}
	for _, id := range slices.Sorted(maps.Keys(projectOf["tasks"])) {
		p := projectOf["tasks"][id]
		if strconv.FormatInt(p, 10) == q.Get("project") &&
			(asked.SelectedItems == nil || slices.Contains(asked.SelectedItems.Included, id)) {
			found = append(found, f.about("tasks", id, p))
		}
	}
	writeJSON(w, map[string]any{"total": len(found), "tasks": found})
}

// modelsOf is the models of a project, as they are listed without being asked.
func (f *fake) modelsOf(project string) []any {
	found := []any{}
	for id, p := range projectOf["ml"] {
		if strconv.FormatInt(p, 10) == project {
			found = append(found, map[string]any{"id": id, "project": p})
		}
	}
	return found
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
		o["task"], o["user"], o["created_username"] = taskOf[id], "x@example.com",
			fmt.Sprintf("Some, One x@example.com, %d", authorOf[id])
	case "predictions":
		o["task"] = taskOf[id]
	case "file-upload":
		o = map[string]any{"id": id, "file": fmt.Sprintf("upload/%d/a.png", p)}
	case "tasks":
		o["data"] = map[string]any{"image": "s3://bucket/alpha.png", "html": "<img src='s3://bucket/in.png'>"}
	case "views":
		o["user"] = map[int64]int64{401: 2, 402: 1}[id]
		o["data"] = map[string]any{"filters": map[string]any{"conjunction": "and", "items": []any{}},
			"ordering": []any{"tasks:id"}}
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
		token, _ := u.fields["refresh"].(string)
		access := exchanged(token)
		if access == "" {
			w.WriteHeader(http.StatusUnauthorized)
			writeJSON(w, map[string]any{"detail": "Token is invalid"})
			return
		}
		writeJSON(w, map[string]any{"access": access})
	case strings.HasSuffix(path, "/export/formats"):
		writeJSON(w, []any{map[string]any{"name": "JSON"}, map[string]any{"name": "YOLO_WITH_IMAGES"},
			map[string]any{"name": "BRAND_NEW"}})
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
