package gateway_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"testing"
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
		"another project":           {"ann", "GET", "/api/projects/2/", "", nil, 404},
		"another's task":            {"ann", "GET", "/api/tasks/21/", "", nil, 404},
		"#9796, read":               {"ann", "GET", "/api/annotations/201/", "", nil, 404},
		"#9796, change":             {"ann", "PATCH", "/api/annotations/201/", `{"result":[]}`, nil, 404},
		"#9796, delete":             {"ann", "DELETE", "/api/annotations/201/", "", nil, 404},
		"#9796, within the project": {"ann", "GET", "/api/annotations/102/", "", nil, 404},
		"#9924, another task":       {"ann", "GET", "/tasks/21/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n", "", nil, 404},
		"#9924, another object": {"ann", "GET", "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==",
			"", nil, 404},
		"#9924, part of an address": {"ann", "GET", "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxw", "", nil, 404},
		"#9924, presign": {"ann", "GET", "/tasks/11/presign/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==",
			"", nil, 404},
		"#9924, by project": {"ann", "GET", "/projects/1/resolve/?fileuri=czM6Ly9idWNrZXQvc2VjcmV0LnBuZw==",
			"", nil, 403},
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
		"body against query": {"mia", "POST", "/api/dm/views/order/?project=1",
			`{"project":2,"ids":[402]}`, nil, 404},
		"body against query, reset": {"mia", "DELETE", "/api/dm/views/reset/?project=1", `{"project":2}`, nil, 404},
		"project twice in a body":   {"mia", "POST", "/api/tasks/", `{"project":1,"data":{},"project":2}`, nil, 400},
		"twice, deeper":             {"ann", "POST", "/api/tasks/11/annotations/", `{"result":[{"a":1,"a":2}]}`, nil, 400},
		"project as text":           {"mia", "POST", "/api/tasks/", `{"project":"2","data":{}}`, nil, 404},
		"project as a fraction":     {"mia", "POST", "/api/tasks/", `{"project":2.0,"data":{}}`, nil, 400},
		"project as true":           {"mia", "POST", "/api/tasks/", `{"project":true,"data":{}}`, nil, 400},
		"form": {"mia", "POST", "/api/dm/views/?project=1", "project=2",
			[]string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"other charset": {"mia", "POST", "/api/dm/views/?project=1", `{"project":1}`,
			[]string{"Content-Type", "application/json; charset=utf-16"}, 415},
		"no content type": {"mia", "POST", "/api/dm/views/?project=1", `{"project":1}`,
			[]string{"Content-Type", ""}, 415},
		"not JSON":            {"mia", "POST", "/api/dm/views/?project=1", `{"project":1`, nil, 400},
		"JSON of nothing":     {"mia", "POST", "/api/dm/views/?project=1", `1`, nil, 400},
		"NaN":                 {"ann", "POST", "/api/tasks/11/annotations/", `{"lead_time":NaN}`, nil, 400},
		"list with another's": {"ann", "POST", "/api/labels/", `[{"project":1},{"project":2}]`, nil, 404},
		"list with nobody's":  {"ann", "POST", "/api/labels/", `[{"project":1},{"value":"x"}]`, nil, 400},
		"rename everywhere": {"mia", "POST", "/api/labels/bulk",
			`{"project":null,"old_label":"a","new_label":"b"}`, nil, 400},
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
		"a folder of the server's": {"mia", "POST", "/api/storages/localfiles/",
			`{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, written to": {"mia", "POST", "/api/storages/export/localfiles",
			`{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, looked into": {"mia", "POST", "/api/storages/localfiles/files",
			`{"project":1,"path":"/data/beta"}`, nil, 403},
		"a folder, tried": {"mia", "POST", "/api/storages/localfiles/validate",
			`{"project":1,"path":"/data/beta"}`, nil, 403},
		"a format, twice": {"mia", "GET", "/api/projects/1/export?exportType=JSON&exportType=COCO_WITH_IMAGES",
			"", nil, 400},
		"a conversion with files": {"mia", "POST", "/api/projects/1/exports/1101/convert",
			`{"export_type":"YOLO\u005fWITH_IMAGES"}`, nil, 403},
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
		"in another's name": {"ann", "POST", "/api/tasks/11/annotations/",
			`{"result":[],"completed_by":3}`, nil, 403},
		"in another's name, manager": {"mia", "PATCH", "/api/annotations/101/", `{"completed_by":3}`, nil, 403},
		"in an object's name": {"ann", "POST", "/api/tasks/11/annotations/",
			`{"result":[],"completed_by":{"id":3}}`, nil, 403},
		"the truth": {"ann", "POST", "/api/tasks/11/annotations/",
			`{"result":[],"ground_truth":true}`, nil, 403},
		"copy of another's": {"ann", "POST", "/api/tasks/11/annotations/",
			`{"result":[],"parent_annotation":201}`, nil, 404},
		"search others' answers": {"ann", "GET", "/api/tasks/?project=1&query=" +
			url.QueryEscape(`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:annotations\u005fresults","operator":"contains","type":"String","value":"cat"}]}}`), "", nil, 403},
		"search, escaped twice": {"ann", "GET", "/api/tasks/?project=1&query=" +
			url.QueryEscape(`{"ordering":["tasks:annot%61tors"]}`), "", nil, 403},
		"search, escaped badly": {"ann", "GET", "/api/tasks/?project=1&query=" +
			url.QueryEscape(`{"ordering":["tasks:annot%61tors","%zz"]}`), "", nil, 400},
		"search, twice": {"ann", "GET", "/api/tasks/?project=1&query=" +
			url.QueryEscape(`{"ordering":[],"ordering":["tasks:annotators"]}`), "", nil, 400},
		"search by a tab": {"ann", "PATCH", "/api/dm/views/401/",
			`{"data":{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:id","child_filter":{"filter":"filter:tasks:updated_by"}}]}}}`, nil, 403},
		"search by a new tab": {"ann", "POST", "/api/dm/views/",
			`{"project":1,"filter_group":{"conjunction":"and","filters":[{"column":"filter:tasks:-annotators"}]}}`, nil, 403},
		"search by the next task": {"ann", "POST", "/api/dm/actions/?id=next_task&project=1",
			`{"ordering":["-tasks:annotations_results"]}`, nil, 403},
		"search, looking on": {"vic", "GET", "/api/tasks/?project=1&query=" +
			url.QueryEscape(`{"ordering":["-tasks:annotators"]}`), "", nil, 403},
		"delete all tasks": {"ann", "POST", "/api/dm/actions/?id=delete_tasks&project=1", `{}`, nil, 403},
		"two actions": {"ann", "POST", "/api/dm/actions/?id=next_task&id=delete_tasks&project=1",
			`{}`, nil, 400},
		"unknown action":          {"ann", "POST", "/api/dm/actions/?id=new_thing&project=1", `{}`, nil, 403},
		"file of another project": {"ann", "GET", "/storage-data/uploaded/?filepath=upload/2/a.png", "", nil, 404},
		"file by dots":            {"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/../2/a.png", "", nil, 400},
		"file by encoded dots": {"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/%2e%2e/2/a.png",
			"", nil, 400},
		"file twice": {
			"ann", "GET", "/storage-data/uploaded/?filepath=upload/1/a.png&filepath=upload/2/a.png", "", nil, 400},
		"file of nobody":       {"ann", "GET", "/storage-data/uploaded/?filepath=export/x", "", nil, 404},
		"a page of everything": {"mia", "GET", "/api/projects/1/tasks/?page_size=-1", "", nil, 400},
		"a page too large":     {"ann", "GET", "/api/tasks/?project=1&page_size=1001", "", nil, 400},
		"a page of none":       {"ann", "GET", "/api/tasks/?project=1&page_size=0", "", nil, 400},
		"a page of a wide number": {"ann", "GET", "/api/tasks/?project=1&page_size=%D9%A2%D9%A2%D9%A2%D9%A2",
			"", nil, 400},
		"a page by its other name": {"mia", "GET", "/api/projects/1/tasks/?length=100000", "", nil, 400},
		"two sizes of a page":      {"mia", "GET", "/api/projects/1/tasks/?length=10&length=100000", "", nil, 400},
		"another's tab":            {"rev", "PATCH", "/api/dm/views/401/", `{"data":{"title":"mine now"}}`, nil, 403},
		"another's tab, whole":     {"rev", "PUT", "/api/dm/views/401/", `{"data":{"title":"mine now"}}`, nil, 403},
		"sign-up":                  {"", "GET", "/user/signup/?token=x", "", nil, 404},
		"invitation for all":       {"owner", "GET", "/api/invite", "", nil, 404},
		"delete a person":          {"owner", "DELETE", "/api/users/2/", "", nil, 404},
		"another's account":        {"ann", "PATCH", "/api/users/3/", `{"first_name":"x"}`, nil, 404},
		"another organization":     {"owner", "GET", "/api/organizations/2", "", nil, 404},
		"django":                   {"owner", "GET", "/admin/users/user/", "", nil, 404},
		"second door":              {"", "POST", "/api-auth/login/", "", nil, 404},
		"header as a file check":   {"owner", "GET", "/api/auth/export/", "", []string{"X-Original-URI", "/export/1"}, 404},
		"paused":                   {"paul", "GET", "/api/tasks/11/", "", nil, 403},
		"not a member":             {"out", "GET", "/api/tasks/11/", "", nil, 404},
		"nobody":                   {"", "GET", "/api/tasks/11/", "", nil, 401},
		"unknown token":            {"nobody", "GET", "/api/tasks/11/", "", nil, 401},
		"protocol change": {"ann", "GET", "/api/tasks/11/", "",
			[]string{"Connection", "Upgrade", "Upgrade", "websocket"}, 400},
		"two credentials":            {"ann", "GET", "/api/tasks/11/", "", []string{"X-Api-Key", "tok-owner"}, 400},
		"token and cookie":           {"ann", "GET", "/api/tasks/11/", "", []string{"Cookie", "sessionid=up-owner"}, 400},
		"only the upstream's cookie": {"", "GET", "/api/tasks/11/", "", []string{"Cookie", "sessionid=up-owner"}, 401},
		"odd scheme":                 {"", "GET", "/api/tasks/11/", "", []string{"Authorization", "Basic b3duZXI6eA=="}, 401},
		"two words": {"", "GET", "/api/tasks/11/", "",
			[]string{"Authorization", "Token tok-ann tok-owner"}, 401},
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
	for _, column := range []string{"updated_by_id", "annotations", "drafts", "comment_authors", "locks",
		"precomputed_agreement"} {
		for _, choice := range []string{
			`{"ordering":["` + column + `"]}`, `{"ordering":["-tasks:` + column + `"]}`,
			`{"filters":{"conjunction":"and","items":[{"filter":"filter:tasks:` + column +
				`","operator":"equal","type":"Number","value":3}]}}`,
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
	for target, want := range map[string]int{"/api/dm/views/?project=1": 415, "/api/tasks/": 415,
		"/api/storages/s3/": 415, "/api/projects/1/import": 200, "/api/projects/2/import": 404} {
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
