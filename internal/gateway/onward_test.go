package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

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

// TestHeadersThatLie: nothing that a client writes about itself goes on.
func TestHeadersThatLie(t *testing.T) {
	w := newWorld(t)
	got := w.get("ann", "/api/tasks/11/", "X_Roster_User", "1", "X-Roster-User", "1", "X_Api_Key", "tok-owner",
		"X_Forwarded_For", "9.9.9.9", "X-Forwarded-For", "9.9.9.9", "X-Forwarded-Host", "evil",
		"X-Forwarded-Proto", "https", "Forwarded", "for=9.9.9.9", "X-Original-Uri", "/export/2",
		"X-Real-Ip", "9.9.9.9", "Cookie", "other=1; csrftoken=abc")
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
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "Forwarded": "", "X-Original-Uri": "",
		"X-Real-Ip": "", "X-Api-Key": "", "Cookie": "csrftoken=abc", "Authorization": "Token tok-ann",
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
		{
			"mia", "GET", "/api/projects/1/export/?download_resources=0&exportType=VOC", "",
			"/api/projects/1/export", "exportType=VOC&download_resources=false", "",
		},
		{
			"adm", "GET", "/api/projects/1/export/?export_type=VOC", "", "/api/projects/1/export",
			"exportType=VOC&download_resources=false", "",
		},
		{
			"owner", "GET", "/api/projects/1/export/?exportType=COCO_WITH_IMAGES&download_resources=1", "",
			"/api/projects/1/export", "exportType=COCO_WITH_IMAGES&download_resources=1", "",
		},
		{
			"mia", "POST", "/api/projects/1/exports/1101/convert", `{"export_type":"VOC"}`,
			"/api/projects/1/exports/1101/convert", "", `{"export_type":"VOC","download_resources":false}`,
		},
		{"ann", "GET", "/data/upload/1/caf%c3%a9%20%2525.png", "", "/data/upload/1/café %25.png", "", ""},
		{
			"ann", "POST", "/api/tasks/11/annotations?project=1",
			` {"completed_by":2, "result" : [1.0, 12345678901234567890], "task": 11, "unknown":1, "draft_id":0 }`,
			"/api/tasks/11/annotations/", "project=1", `{"result":[1.0, 12345678901234567890],"draft_id":0}`,
		},
		{
			"mia", "POST", "/api/webhooks/?project=1", `{"project":null,"url":"http://x"}`, "/api/webhooks/",
			"project=1", `{"project":1,"url":"http://x"}`,
		},
		{"mia", "DELETE", "/api/dm/views/reset?project=1", "", "/api/dm/views/reset/", "project=1", `{"project":1}`},
		{"mia", "PATCH", "/api/storages/s3/601/", `{"title":"x"}`, "/api/storages/s3/601", "", `{"title":"x","project":1}`},
		{
			"ann", "POST", "/api/dm/views/",
			`{"project":1,"data":{"hiddenColumns":{"explore":["tasks:annotations_results"]},"ordering":["tasks:id"]}}`,
			"/api/dm/views/", "",
			`{"project":1,"data":{"hiddenColumns":{"explore":["tasks:annotations_results"]},"ordering":["tasks:id"]}}`,
		},
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
	if answer.StatusCode != 200 || len(reached) != 1 || reached[0].header.Get("Transfer-Encoding") != "" ||
		len(reached[0].chunked) > 0 {
		t.Error(answer.Status, reached)
	}
}
