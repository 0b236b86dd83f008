package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestImportsReachNoFurther: the tasks of an import are read as they pass, and an
// import that names another project's file never arrives whole.
func TestImportsReachNoFurther(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat(`{"data":{"text":"a long \"text\" of a task", "file_upload_id": 802}},`, 3000)
	for _, target := range []string{"/api/projects/1/import", "/api/projects/1/tasks/bulk/"} {
		for body, status := range map[string]int{
			`[{"data":{},"file_upload_id":802}]`:                              400,
			`{"file_upload_id":"802","data":{}}`:                              400,
			`[` + long + `{"data":{}, "file\u005fupload_\u0069d" : 801} ]`:    400,
			`[{"file_upload_id":null,"file_upload_id":802}]`:                  400,
			`[` + long + `{"data":{},"file_upload":"a.csv"}]`:                 200,
			`[{"data":{"file_upload_id":802}}, {"file_upload_id" : null}]`:    200,
			`[{"data":{"text":"\\"},"annotations":[{"file_upload_id":802}]}]`: 200,
		} {
			w.fake.taken()
			got := w.send("mia", "POST", target, body)
			whole := false
			for _, u := range w.fake.taken() {
				whole = whole || json.Valid([]byte(u.body))
			}
			if got.status != status || whole != (status == 200) {
				t.Errorf("%s %.60s: %d %s; arrived whole: %v", target, body, got.status, got.body, whole)
			}
		}
	}
	for contentType, status := range map[string]int{
		"application/json; charset=utf-16": 415, "application/*": 415, "text/plain": 415, "": 415,
		"multipart/form-data; boundary=x": 200, "application/json;charset=UTF-8": 200,
	} {
		if got := w.send("mia", "POST", "/api/projects/1/import", `[{"data":{}}]`, "Content-Type",
			contentType); got.status != status {
			t.Errorf("%q: %d %s", contentType, got.status, got.body)
		}
	}
	r, err := http.NewRequest("POST", w.srv.URL+"/api/projects/1/import", strings.NewReader(`[{"data":{}}]`))
	ok(t, err)
	r.Header = http.Header{"Authorization": {"Token tok-mia"}, "Content-Type": {"multipart/form-data; boundary=x",
		"application/json"}}
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	if answer.Body.Close(); answer.StatusCode != 415 {
		t.Errorf("of two kinds at once: %d", answer.StatusCode)
	}
}
