package gateway_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster"
)

// TestHostile: ann annotates in project 1 and mia manages it. Nothing that
// either writes, in whatever way, has the upstream do something in project 2,
// or in somebody else's name. Each must be refused before the upstream hears.
func TestHostile(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		who, method, target, body string
		header                    []string
		status                    int // 0: any refusal
	}{
		"another project":            {"ann", "GET", "/api/projects/2/", "", nil, 404},
		"another's task":             {"ann", "GET", "/api/tasks/21/", "", nil, 404},
		"#9796, read":                {"ann", "GET", "/api/annotations/201/", "", nil, 404},
		"#9796, change":              {"ann", "PATCH", "/api/annotations/201/", `{"result":[]}`, nil, 404},
		"#9796, delete":              {"ann", "DELETE", "/api/annotations/201/", "", nil, 404},
		"#9796, within the project":  {"ann", "GET", "/api/annotations/102/", "", nil, 404},
		"#9924, another task":        {"ann", "GET", "/tasks/21/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n", "", nil, 404},
		"#9924, another object":      {"ann", "GET", "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==", "", nil, 404},
		"#9924, part of an address":  {"ann", "GET", "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxw", "", nil, 404},
		"#9924, presign":             {"ann", "GET", "/tasks/11/presign/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==", "", nil, 404},
		"#9924, by project":          {"ann", "GET", "/projects/1/resolve/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==", "", nil, 403},
		"encoded slash":              {"ann", "GET", "/api/projects/1%2f..%2f2/", "", nil, 400},
		"encoded slash in a file":    {"ann", "GET", "/data/upload/1%2f..%2f2/a.png", "", nil, 400},
		"encoded backslash":          {"ann", "GET", "/data/upload/1/..%5c2/a.png", "", nil, 400},
		"dot segments":               {"ann", "GET", "/data/upload/1/../2/a.png", "", nil, 400},
		"encoded dot segments":       {"ann", "GET", "/data/upload/1/%2e%2e/2/a.png", "", nil, 400},
		"doubled slash":              {"ann", "GET", "/api//projects/2/", "", nil, 400},
		"doubled slash at the end":   {"ann", "GET", "/api/projects/1//", "", nil, 400},
		"control characters":         {"ann", "GET", "/api/projects/1%0a/", "", nil, 400},
		"a question mark in a path":  {"ann", "GET", "/api/projects/1%3fproject=2", "", nil, 400},
		"a fragment in a path":       {"ann", "GET", "/api/projects/1%23/", "", nil, 400},
		"path parameters":            {"ann", "GET", "/api/projects/1;2/", "", nil, 400},
		"encoded twice":              {"ann", "GET", "/api/projects/%2531/", "", nil, 404},
		"leading zero":               {"ann", "GET", "/api/projects/02/", "", nil, 404},
		"other digits":               {"ann", "GET", "/api/projects/%D9%A2/", "", nil, 404},
		"unanchored route":           {"owner", "GET", "/x/y/version/z", "", nil, 404},
		"one after a page":           {"out", "GET", "/user/account/x/data/local-files?d=p1/x", "", nil, 404},
		"one after settings":         {"mia", "GET", "/projects/1/settings/x/data/local-files/?d=p1/x", "", nil, 404},
		"one after a picture":        {"out", "GET", "/data/avatars/x/data/local-files/?d=p1/x", "", nil, 404},
		"settings dump":              {"owner", "GET", "/version/", "", nil, 404},
		"format twin":                {"owner", "GET", "/api/dm/views.json?project=1", "", nil, 404},
		"other case":                 {"owner", "GET", "/API/projects/1/", "", nil, 404},
		"two projects, first":        {"ann", "GET", "/api/tasks/?project=1&project=2", "", nil, 400},
		"two projects, last":         {"ann", "GET", "/api/tasks/?project=2&project=1", "", nil, 400},
		"two projects, encoded name": {"ann", "GET", "/api/tasks/?project=1&p%72oject=2", "", nil, 400},
		"a semicolon":                {"ann", "GET", "/api/tasks/?project=1;project=2", "", nil, 400},
		"a blank and a plus":         {"ann", "GET", "/api/tasks/?project=+2", "", nil, 400},
		"an underscore":              {"ann", "GET", "/api/tasks/?project=1_0", "", nil, 400},
		"no project":                 {"ann", "GET", "/api/dm/columns/", "", nil, 400},
		"project zero":               {"ann", "GET", "/api/dm/columns/?project=0", "", nil, 400},
		"view of another project":    {"ann", "GET", "/api/tasks/?view=402", "", nil, 404},
		"project against view":       {"ann", "GET", "/api/tasks/?project=1&view=402", "", nil, 404},
		"task against project":       {"ann", "GET", "/api/tasks/11/?project=2", "", nil, 404},
		"body on a GET":              {"ann", "GET", "/api/tasks/?project=1", `{"project":2}`, nil, 400},
		"body on a DELETE":           {"mia", "DELETE", "/api/tasks/11/", `{"project":2}`, nil, 400},
		"body against query":         {"mia", "POST", "/api/dm/views/order/?project=1", `{"project":2,"ids":[402]}`, nil, 404},
		"body against query, reset":  {"mia", "DELETE", "/api/dm/views/reset/?project=1", `{"project":2}`, nil, 404},
		"project twice in a body":    {"mia", "POST", "/api/tasks/", `{"project":1,"data":{},"project":2}`, nil, 400},
		"twice, deeper":              {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[{"a":1,"a":2}]}`, nil, 400},
		"project as text":            {"mia", "POST", "/api/tasks/", `{"project":"2","data":{}}`, nil, 404},
		"project as a fraction":      {"mia", "POST", "/api/tasks/", `{"project":2.0,"data":{}}`, nil, 400},
		"project as true":            {"mia", "POST", "/api/tasks/", `{"project":true,"data":{}}`, nil, 400},
		"form":                       {"mia", "POST", "/api/dm/views/?project=1", "project=2", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"other charset":              {"mia", "POST", "/api/dm/views/?project=1", `{"project":1}`, []string{"Content-Type", "application/json; charset=utf-16"}, 415},
		"no content type":            {"mia", "POST", "/api/dm/views/?project=1", `{"project":1}`, []string{"Content-Type", ""}, 415},
		"not JSON":                   {"mia", "POST", "/api/dm/views/?project=1", `{"project":1`, nil, 400},
		"JSON of nothing":            {"mia", "POST", "/api/dm/views/?project=1", `1`, nil, 400},
		"NaN":                        {"ann", "POST", "/api/tasks/11/annotations/", `{"lead_time":NaN}`, nil, 400},
		"list with another's":        {"ann", "POST", "/api/labels/", `[{"project":1},{"project":2}]`, nil, 404},
		"list with nobody's":         {"ann", "POST", "/api/labels/", `[{"project":1},{"value":"x"}]`, nil, 400},
		"rename everywhere":          {"mia", "POST", "/api/labels/bulk", `{"project":null,"old_label":"a","new_label":"b"}`, nil, 400},
		"hook of everything":         {"mia", "POST", "/api/webhooks/", `{"project":null,"url":"http://evil"}`, nil, 403},
		"hook of the organization":   {"mia", "PATCH", "/api/webhooks/903/", `{"project":1}`, nil, 403},
		"the gate's own hook":        {"owner", "GET", "/api/webhooks/904/", "", nil, 404},
		"turning the gate's hook":    {"owner", "PATCH", "/api/webhooks/904/", `{"url":"http://evil"}`, nil, 404},
		"replacing the gate's hook":  {"adm", "PUT", "/api/webhooks/904/", `{"url":"http://evil"}`, nil, 404},
		"deleting the gate's hook":   {"owner", "DELETE", "/api/webhooks/904/", "", nil, 404},
		"hooks of everything":        {"mia", "GET", "/api/webhooks/", "", nil, 403},
		"move a task":                {"mia", "PATCH", "/api/tasks/11/", `{"project":2}`, nil, 404},
		"move a view":                {"mia", "PATCH", "/api/dm/views/401/", `{"project":2}`, nil, 404},
		"move a storage":             {"mia", "PATCH", "/api/storages/s3/601", `{"project":2}`, nil, 404},
		"move a model":               {"mia", "PATCH", "/api/ml/701", `{"project":2}`, nil, 403},
		"move a link":                {"mia", "PATCH", "/api/label_links/1001/", `{"project":2}`, nil, 404},
		"move an annotation":         {"ann", "PATCH", "/api/annotations/101/", `{"task":21}`, nil, 404},
		"move it within the project": {"ann", "PATCH", "/api/annotations/101/", `{"task":12}`, nil, 404},
		"another storage's keys":     {"mia", "POST", "/api/storages/s3/validate", `{"project":1,"id":602}`, nil, 404},
		"a folder of the server's":   {"mia", "POST", "/api/storages/localfiles/", `{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, written to":       {"mia", "POST", "/api/storages/export/localfiles", `{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, looked into":      {"mia", "POST", "/api/storages/localfiles/files", `{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, tried":            {"mia", "POST", "/api/storages/localfiles/validate", `{"project":1,"path":"/data/beta"}`, nil, 403},
		"a format, twice":            {"mia", "GET", "/api/projects/1/export?exportType=JSON&exportType=COCO_WITH_IMAGES", "", nil, 400},
		"a conversion with files":    {"mia", "POST", "/api/projects/1/exports/1101/convert", `{"export_type":"YOLO\u005fWITH_IMAGES"}`, nil, 403},
		"a model that hears a token": {"mia", "POST", "/api/ml/", `{"project":1,"url":"http://evil"}`, nil, 403},
		"a model that hears it now":  {"mia", "PATCH", "/api/ml/701", `{"url":"http://evil"}`, nil, 403},
		"another project's export":   {"mia", "POST", "/api/projects/1/exports/1102/convert", `{}`, nil, 404},
		"another project's import":   {"mia", "GET", "/api/projects/1/imports/1202/", "", nil, 404},
		"another project's file":     {"mia", "DELETE", "/api/import/file-upload/802", "", nil, 404},
		"another project's files":    {"mia", "POST", "/api/projects/1/reimport", `{"file_upload_ids":[801,802]}`, nil, 404},
		"move a file":                {"mia", "PATCH", "/api/import/file-upload/801", `{"project":2}`, nil, 0},
		"annotation under a task":    {"ann", "POST", "/api/tasks/11/annotations/201/drafts", `{"result":[]}`, nil, 404},
		"annotation of another task": {"ann", "POST", "/api/tasks/12/annotations/101/drafts", `{"result":[]}`, nil, 404},
		"another's annotation":       {"ann", "POST", "/api/tasks/11/annotations/102/drafts", `{"result":[]}`, nil, 404},
		"another's draft":            {"ann", "DELETE", "/api/drafts/302/", "", nil, 404},
		"another's draft, reviewer":  {"rev", "PATCH", "/api/drafts/301/", `{"result":[]}`, nil, 404},
		"in another's name":          {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[],"completed_by":3}`, nil, 403},
		"in another's name, manager": {"mia", "PATCH", "/api/annotations/101/", `{"completed_by":3}`, nil, 403},
		"in an object's name":        {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[],"completed_by":{"id":3}}`, nil, 403},
		"the truth":                  {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[],"ground_truth":true}`, nil, 403},
		"copy of another's":          {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[],"parent_annotation":201}`, nil, 404},
		"search others' answers":     {"ann", "GET", "/api/tasks/?project=1&query=" + url.QueryEscape(`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:annotations\u005fresults","operator":"contains","type":"String","value":"cat"}]}}`), "", nil, 403},
		"search, escaped twice":      {"ann", "GET", "/api/tasks/?project=1&query=" + url.QueryEscape(`{"ordering":["tasks:annot%61tors"]}`), "", nil, 403},
		"search, escaped badly":      {"ann", "GET", "/api/tasks/?project=1&query=" + url.QueryEscape(`{"ordering":["tasks:annot%61tors","%zz"]}`), "", nil, 400},
		"search, twice":              {"ann", "GET", "/api/tasks/?project=1&query=" + url.QueryEscape(`{"ordering":[],"ordering":["tasks:annotators"]}`), "", nil, 400},
		"search by a tab":            {"ann", "PATCH", "/api/dm/views/401/", `{"data":{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:id","child_filter":{"filter":"filter:tasks:updated_by"}}]}}}`, nil, 403},
		"search by a new tab":        {"ann", "POST", "/api/dm/views/", `{"project":1,"filter_group":{"conjunction":"and","filters":[{"column":"filter:tasks:-annotators"}]}}`, nil, 403},
		"search by the next task":    {"ann", "POST", "/api/dm/actions/?id=next_task&project=1", `{"ordering":["-tasks:annotations_results"]}`, nil, 403},
		"search, looking on":         {"vic", "GET", "/api/tasks/?project=1&query=" + url.QueryEscape(`{"ordering":["-tasks:annotators"]}`), "", nil, 403},
		"delete all tasks":           {"ann", "POST", "/api/dm/actions/?id=delete_tasks&project=1", `{}`, nil, 403},
		"two actions":                {"ann", "POST", "/api/dm/actions/?id=next_task&id=delete_tasks&project=1", `{}`, nil, 400},
		"unknown action":             {"ann", "POST", "/api/dm/actions/?id=new_thing&project=1", `{}`, nil, 403},
		"file of another project":    {"ann", "GET", "/storage-data/uploaded/?filepath=upload/2/a.png", "", nil, 404},
		"file by dots":               {"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/../2/a.png", "", nil, 400},
		"file by encoded dots":       {"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/%2e%2e/2/a.png", "", nil, 400},
		"file twice":                 {"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/a.png&filepath=upload/2/a.png", "", nil, 400},
		"file of nobody":             {"ann", "GET", "/storage-data/uploaded/?filepath=export/x", "", nil, 404},
		"a page of everything":       {"mia", "GET", "/api/projects/1/tasks/?page_size=-1", "", nil, 400},
		"a page too large":           {"ann", "GET", "/api/tasks/?project=1&page_size=1001", "", nil, 400},
		"a page of none":             {"ann", "GET", "/api/tasks/?project=1&page_size=0", "", nil, 400},
		"a page of a wide number":    {"ann", "GET", "/api/tasks/?project=1&page_size=%D9%A2%D9%A2%D9%A2%D9%A2", "", nil, 400},
		"a page by its other name":   {"mia", "GET", "/api/projects/1/tasks/?length=100000", "", nil, 400},
		"two sizes of a page":        {"mia", "GET", "/api/projects/1/tasks/?length=10&length=100000", "", nil, 400},
		"another's tab":              {"rev", "PATCH", "/api/dm/views/401/", `{"data":{"title":"mine now"}}`, nil, 403},
		"another's tab, whole":       {"rev", "PUT", "/api/dm/views/401/", `{"data":{"title":"mine now"}}`, nil, 403},
		"sign-up":                    {"", "GET", "/user/signup/?token=x", "", nil, 404},
		"invitation for all":         {"owner", "GET", "/api/invite", "", nil, 404},
		"delete a person":            {"owner", "DELETE", "/api/users/2/", "", nil, 404},
		"another's account":          {"ann", "PATCH", "/api/users/3/", `{"first_name":"x"}`, nil, 404},
		"another organization":       {"owner", "GET", "/api/organizations/2", "", nil, 404},
		"django":                     {"owner", "GET", "/admin/users/user/", "", nil, 404},
		"second door":                {"", "POST", "/api-auth/login/", "", nil, 404},
		"header as a file check":     {"owner", "GET", "/api/auth/export/", "", []string{"X-Original-URI", "/export/1"}, 404},
		"paused":                     {"paul", "GET", "/api/tasks/11/", "", nil, 403},
		"not a member":               {"out", "GET", "/api/tasks/11/", "", nil, 404},
		"nobody":                     {"", "GET", "/api/tasks/11/", "", nil, 401},
		"unknown token":              {"nobody", "GET", "/api/tasks/11/", "", nil, 401},
		"protocol change":            {"ann", "GET", "/api/tasks/11/", "", []string{"Connection", "Upgrade", "Upgrade", "websocket"}, 400},
		"two credentials":            {"ann", "GET", "/api/tasks/11/", "", []string{"X-Api-Key", "tok-owner"}, 400},
		"token and cookie":           {"ann", "GET", "/api/tasks/11/", "", []string{"Cookie", "sessionid=up-owner"}, 400},
		"only the upstream's cookie": {"", "GET", "/api/tasks/11/", "", []string{"Cookie", "sessionid=up-owner"}, 401},
		"odd scheme":                 {"", "GET", "/api/tasks/11/", "", []string{"Authorization", "Basic b3duZXI6eA=="}, 401},
		"two words":                  {"", "GET", "/api/tasks/11/", "", []string{"Authorization", "Token tok-ann tok-owner"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, fake: w.fake, db: w.db, app: w.app, srv: w.srv}
			w.fake.taken()
			got := w.send(c.who, c.method, c.target, c.body, c.header...)
			if reached := w.fake.taken(); len(reached) > 0 {
				t.Errorf("the upstream did %+v", reached)
			}
			if got.status/100 != 4 || (c.status != 0 && got.status != c.status) {
				t.Errorf("answered %d %s, not %d", got.status, got.body, c.status)
			}
		})
	}
}

// TestSearchesByFieldsOfTheStore: the upstream takes the fields behind its columns
// for columns, too, which tells more than any screen. What a column is compared
// with is no column.
func TestSearchesByFieldsOfTheStore(t *testing.T) {
	w := newWorld(t)
	for _, column := range []string{"updated_by_id", "annotations", "drafts", "comment_authors", "locks", "precomputed_agreement"} {
		for _, choice := range []string{
			`{"ordering":["` + column + `"]}`, `{"ordering":["-tasks:` + column + `"]}`,
			`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:` + column + `","operator":"equal","type":"Number","value":3}]}}`,
			`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:id","value":1,"child_filter":{"filter":"filter:tasks:` + column + `","value":3}}]}}`,
		} {
			for who, want := range map[string]int{"ann": 403, "rev": 400, "owner": 400} {
				got := w.get(who, "/api/tasks/?project=1&query="+url.QueryEscape(choice))
				if reached := w.fake.taken(); got.status != want || len(reached) > 0 {
					t.Errorf("%s by %s: %d %s", who, choice, got.status, got.body)
				}
			}
		}
		compared := `{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:data.text","operator":"equal","type":"String","value":"` + column + `"}]}}`
		got := w.get("ann", "/api/tasks/?project=1&query="+url.QueryEscape(compared))
		if reached := w.fake.taken(); got.status != 200 || len(reached) != 1 {
			t.Errorf("by %s: %d %s", compared, got.status, got.body)
		}
	}
}

// TestTwoOfOneHeader: two Authorization headers are two credentials.
func TestTwoOfOneHeader(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest("GET", w.srv.URL+"/api/tasks/11/", nil)
	ok(t, err)
	r.Header["Authorization"] = []string{"Token tok-ann", "Token tok-owner"}
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	answer.Body.Close()
	if reached := w.fake.taken(); answer.StatusCode != 400 || len(reached) > 0 {
		t.Error(answer.Status, reached)
	}
}

// TestMultipart: a form in parts is refused where a project could hide in it,
// and goes on as it came where the path says the project.
func TestMultipart(t *testing.T) {
	w := newWorld(t)
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	m.WriteField("project", "2")
	part, err := m.CreateFormFile("file", "a.json")
	ok(t, err)
	part.Write([]byte(`[{"text":"a"}]`))
	m.Close()
	for target, want := range map[string]int{"/api/dm/views/?project=1": 415, "/api/tasks/": 415, "/api/storages/s3/": 415, "/api/projects/1/import": 200, "/api/projects/2/import": 404} {
		got := w.send("mia", "POST", target, form.String(), "Content-Type", m.FormDataContentType())
		reached := w.fake.taken()
		if got.status != want || (want != 200 && len(reached) > 0) {
			t.Errorf("%s: %d, reached %d times", target, got.status, len(reached))
		}
		if want == 200 && (len(reached) != 1 || reached[0].body != form.String()) {
			t.Errorf("%s: the upload arrived as %+v", target, reached)
		}
	}
}

// TestHeadersThatLie: nothing that a client writes about itself goes on.
func TestHeadersThatLie(t *testing.T) {
	w := newWorld(t)
	got := w.get("ann", "/api/tasks/11/", "X_Roster_User", "1", "X-Roster-User", "1", "X_Api_Key", "tok-owner", "X_Forwarded_For", "9.9.9.9", "X-Forwarded-For", "9.9.9.9",
		"X-Forwarded-Host", "evil", "X-Forwarded-Proto", "https", "Forwarded", "for=9.9.9.9", "X-Original-Uri", "/export/2", "X-Real-Ip", "9.9.9.9", "Cookie", "other=1; csrftoken=abc")
	reached := w.fake.taken()
	if got.status != 200 || len(reached) != 1 {
		t.Fatal(got, reached)
	}
	h := reached[0].header
	for name := range h {
		if strings.Contains(name, "_") || strings.HasPrefix(name, "X-Roster") {
			t.Errorf("%s arrived", name)
		}
	}
	for name, want := range map[string]string{
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "Forwarded": "", "X-Original-Uri": "", "X-Real-Ip": "", "X-Api-Key": "", "Cookie": "csrftoken=abc", "Authorization": "Token tok-ann",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s arrived as %q", name, got)
		}
	}
	if host := h.Get("X-Forwarded-Host"); host == "evil" || host == "" {
		t.Errorf("X-Forwarded-Host arrived as %q", host)
	}
	if got.header.Get("Set-Cookie") != "" || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the upstream's session left: %v", got.header)
	}
}

// TestWhatGoesOn: what the upstream gets is what was checked, written anew.
func TestWhatGoesOn(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ who, method, target, body, path, query, goes string }{
		{"ann", "GET", "/api/projects/1", "", "/api/projects/1/", "", ""},
		{"mia", "GET", "/api/projects/1/export/?download_resources=0&exportType=VOC", "", "/api/projects/1/export", "exportType=VOC&download_resources=false", ""},
		{"adm", "GET", "/api/projects/1/export/?export_type=VOC", "", "/api/projects/1/export", "exportType=VOC&download_resources=false", ""},
		{"owner", "GET", "/api/projects/1/export/?exportType=COCO_WITH_IMAGES&download_resources=1", "", "/api/projects/1/export", "exportType=COCO_WITH_IMAGES&download_resources=1", ""},
		{"mia", "POST", "/api/projects/1/exports/1101/convert", `{"export_type":"VOC"}`, "/api/projects/1/exports/1101/convert", "", `{"export_type":"VOC","download_resources":false}`},
		{"ann", "GET", "/data/upload/1/caf%c3%a9%20%2525.png", "", "/data/upload/1/café %25.png", "", ""},
		{"ann", "POST", "/api/tasks/11/annotations?project=1", ` {"completed_by":2, "result" : [1.0, 12345678901234567890], "task": 11, "unknown":1, "draft_id":0 }`, "/api/tasks/11/annotations/", "project=1", `{"result":[1.0, 12345678901234567890],"draft_id":0}`},
		{"mia", "POST", "/api/webhooks/?project=1", `{"project":null,"url":"http://x"}`, "/api/webhooks/", "project=1", `{"project":1,"url":"http://x"}`},
		{"mia", "DELETE", "/api/dm/views/reset?project=1", "", "/api/dm/views/reset/", "project=1", `{"project":1}`},
		{"mia", "PATCH", "/api/storages/s3/601/", `{"title":"x"}`, "/api/storages/s3/601", "", `{"title":"x","project":1}`},
		{"ann", "POST", "/api/dm/views/", `{"project":1,"data":{"hiddenColumns":{"explore":["tasks:annotations_results"]},"ordering":["tasks:id"]}}`, "/api/dm/views/", "", `{"project":1,"data":{"hiddenColumns":{"explore":["tasks:annotations_results"]},"ordering":["tasks:id"]}}`},
		{"ann", "GET", "/api/tasks?a=1&project=1&a=2&b=%26", "", "/api/tasks/", "a=1&project=1&a=2&b=%26", ""},
	} {
		got := w.send(c.who, c.method, c.target, c.body)
		reached := w.fake.taken()
		if got.status != 200 || len(reached) != 1 {
			t.Errorf("%s: %d %s", c.target, got.status, got.body)
			continue
		}
		u := reached[0]
		if retried(c.path) != u.path || strings.TrimSpace(u.body) != c.goes {
			t.Errorf("%s arrived as %s with %s", c.target, u.path, u.body)
		}
		asked, err := url.ParseQuery(c.query)
		ok(t, err)
		for name, values := range asked {
			if u.query[name] != values[len(values)-1] {
				t.Errorf("%s arrived with %s=%q", c.target, name, u.query[name])
			}
		}
	}
}

// TestProjectsAreNarrowed: each sees their own, however they ask.
func TestProjectsAreNarrowed(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		who, target string
		want        []string
	}{
		{"ann", "/api/projects/", []string{"Alpha"}}, {"ann", "/api/projects?ids=1,2", []string{"Alpha"}}, {"ann", "/api/projects/?ids=2", nil},
		{"ann", "/api/projects/counts/", []string{"Alpha"}}, {"out", "/api/projects/", nil}, {"adm", "/api/projects/", []string{"Alpha", "Beta"}},
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
	if got := w.get("ann", "/api/projects/?ids=&include=title"); got.status != 200 || !strings.Contains(got.body, `"count":1`) || w.lastQuery()["include"] != "title,id" {
		t.Error(got)
	}
	if got := w.get("ann", "/api/projects/?ids=1;2"); got.status != 400 {
		t.Error(got)
	}
	if next := w.get("ann", "/api/projects/?page_size=1&title=a").json(t).(map[string]any)["next"]; next != "/api/projects/?page_size=1&title=a&page=2" {
		t.Errorf("the link to the next page is %v", next)
	}
}

// TestOthersWorkIsHidden: who annotates sees their own work, who reviews sees
// everybody's, and a draft is its author's alone.
func TestOthersWorkIsHidden(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"/api/tasks/11/", "/api/tasks/?project=1&fields=all", "/api/projects/1/next/", "/api/tasks/11/annotations/", "/api/tasks/11/drafts"} {
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
		{"GET", "/api/users/", ""}, {"GET", "/api/current-user/whoami", ""}, {"GET", "/api/users/%d/", ""}, {"PATCH", "/api/users/%d/", `{"first_name":"x"}`},
		{"GET", "/api/projects/", ""}, {"GET", "/api/projects/?include=created_by", ""}, {"GET", "/api/projects/counts/", ""}, {"GET", "/api/projects/1/", ""},
		{"GET", "/api/dm/project/?project=1", ""}, {"GET", "/api/organizations/1", ""}, {"GET", "/user/account/", ""}, {"GET", "/user/account/x", ""},
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
	for _, part := range []string{`"email":"ann@example.com"`, `"active_organization_meta":{"email":"","title":"Labels"}`} {
		if !strings.Contains(me, part) {
			t.Errorf("no %s in %s", part, me)
		}
	}
	if got := w.get("ann", "/api/projects/1/").body; !strings.Contains(got, `"created_by":{"avatar":null,"email":"","id":1}`) {
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
		{"adm", "PATCH", "/api/organizations/1", `{"contact_info":"ann＠example.com"}`},
	} {
		if got := w.send(at.who, at.method, at.target, at.body); got.status != 400 || !strings.Contains(got.body, "Nothing was changed.") {
			t.Errorf("%s %s %.60s: %d %.200s", at.method, at.target, at.body, got.status, got.body)
		}
	}
	if got := w.send("ann", "POST", "/api/users/2/avatar/", strings.Repeat("x", 8<<20+1), "Content-Type", "image/png"); got.status != 413 {
		t.Error(got.status)
	}
	for _, u := range w.fake.taken() {
		if u.path != "/api/users/2/avatar/" { // which was cut
			t.Errorf("the upstream was asked %s %s", u.method, u.path)
		}
	}
	if got := w.send("ann", "PATCH", "/api/users/2/", `{"custom_hotkeys":{"annotation:submit":{"key":"ctrl+x","active":true}}}`); got.status != 200 {
		t.Error(got)
	}
}

// TestEmptyChunks: an empty body in chunks goes on as no body.
func TestEmptyChunks(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest("GET", w.srv.URL+"/api/tasks/11/", struct{ *strings.Reader }{strings.NewReader("")})
	ok(t, err)
	r.ContentLength = -1
	r.TransferEncoding = []string{"chunked"}
	r.Header.Set("Authorization", "Token tok-ann")
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	answer.Body.Close()
	reached := w.fake.taken()
	if answer.StatusCode != 200 || len(reached) != 1 || reached[0].header.Get("Transfer-Encoding") != "" || len(reached[0].chunked) > 0 {
		t.Error(answer.Status, reached)
	}
}

// TestTasksOfAnUpstreamAreGivenOutByWhatIsKnown: their numbers and what is in them is the
// upstream's alone, and a filter by it would match none, or with a "not" all of them.
func TestTasksOfAnUpstreamAreGivenOutByWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	ok(t, w.app.MirrorTasks(w.as("owner"), 1, []int64{11, 12}))
	give := func(c roster.TaskCondition) ([]int64, error) {
		s := roster.TaskSelector{All: true, Filter: roster.TaskFilter{Conditions: []roster.TaskCondition{c}}}
		done, err := w.app.AssignTasks(w.as("owner"), 1, s, roster.Annotate, []int64{people["ann"]})
		return done.TaskIDs, err
	}
	for _, column := range []roster.TaskColumn{roster.TaskNumber, roster.TaskData, roster.TaskCompletedAt} {
		if _, err := give(roster.TaskCondition{Column: column, Key: "text", Is: roster.NotEqual, Values: []string{"1"}}); roster.KindOf(err) != roster.Invalid {
			t.Errorf("%s: %v", column, err)
		}
	}
	if ids, err := give(roster.TaskCondition{Column: roster.TaskID, Is: roster.Greater, Numbers: true, Values: []string{"11"}}); err != nil || len(ids) != 1 || ids[0] != 12 {
		t.Error(ids, err)
	}
}

// TestNextTaskIsAnAssignedOne: where a project gives out assigned tasks only,
// no other way to choose reaches the upstream, which would prefer a view and a
// query in the address; and a task that it chose all the same does not pass.
func TestNextTaskIsAnAssignedOne(t *testing.T) {
	w := newWorld(t)
	only := roster.AssignedOnly
	_, _, err := w.app.UpdateProject(w.as("owner"), 1, roster.ProjectPatch{TaskDistribution: &only}, 0)
	ok(t, err)
	ok(t, w.app.MirrorTasks(w.as("owner"), 1, []int64{11, 12, 13}))
	_, err = w.app.AssignTasks(w.as("owner"), 1, roster.TaskSelector{Included: []int64{12}}, roster.Annotate, []int64{people["ann"]})
	ok(t, err)
	for _, c := range []struct{ method, target, body string }{
		{"POST", "/api/dm/actions/?id=next_task&project=1", `{"view":401}`},
		{"POST", "/api/dm/actions/?id=next_task&project=1&view=401", `{}`},
		{"POST", "/api/dm/actions/?id=next_task&project=1&query=%7B%7D", `{"selectedItems":{"all":true}}`},
		{"GET", "/api/projects/1/next/?view=401", ""},
		{"GET", "/api/projects/1/next/?query=%7B%7D&view=401", ""},
	} {
		got := w.send("ann", c.method, c.target, c.body)
		reached := w.fake.taken()
		if len(reached) != 1 {
			t.Fatalf("%s %s: %d, reached %d times", c.method, c.target, got.status, len(reached))
		}
		u, chosen := reached[0], "\"included\":[12]"
		_, inQuery := u.query["query"]
		if u.query["view"] != "" || u.fields["view"] != nil || inQuery == (c.method == "POST") || !strings.Contains(u.query["query"]+u.body, chosen) {
			t.Errorf("%s %s arrived as %v %s", c.method, c.target, u.query, u.body)
		}
		if got.status != 502 || strings.Contains(got.body, "annotations") { // the fake gives out task 11 whatever it is asked
			t.Errorf("%s %s: %d %s", c.method, c.target, got.status, got.body)
		}
	}
}
