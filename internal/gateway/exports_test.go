package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/internal/gateway"
)

// exportRoutes is every way to the upstream's converter: a format as each spells it.
var exportRoutes = []struct{ method, target, body string }{
	{"GET", "/api/projects/1/export?exportType=%s", ""},
	{"GET", "/api/projects/1/export?export_type=%s", ""},
	{"GET", "/api/projects/1/exports/1101/download?exportType=%s", ""},
	{"POST", "/api/projects/1/exports/1101/convert", `{"export_type":"%s"}`},
}

// TestExportFormats: on every route to the converter, a format that fetches is the
// Owner's, and one that is not in the table is nobody's.
func TestExportFormats(t *testing.T) {
	w := newWorld(t)
	owners := strings.Fields("COCO_WITH_IMAGES YOLO_WITH_IMAGES YOLO_OBB_WITH_IMAGES ASR_MANIFEST")
	nobodys := strings.Fields("DOCLANG BRAND_NEW json +JSON COCO_WITH_IMAGES%20 CSV_OLD")
	all := append(slices.Concat(owners, nobodys),
		strings.Fields("JSON JSON_MIN CSV TSV CONLL2003 COCO VOC YOLO YOLO_OBB BRUSH_TO_NUMPY BRUSH_TO_PNG BRUSH_TO_COCO")...)
	for _, route := range exportRoutes {
		for _, format := range all {
			for _, who := range []string{"owner", "adm", "mia"} {
				passes := !slices.Contains(nobodys, format) && (who == "owner" || !slices.Contains(owners, format))
				target, body := strings.Replace(route.target, "%s", format, 1), strings.Replace(route.body, "%s", format, 1)
				got := w.send(who, route.method, target, body)
				if reached := len(w.fake.taken()) > 0; reached != passes || passes == (got.status == http.StatusForbidden) {
					t.Errorf("%s as %s in %q: %d %s", target, who, format, got.status, got.body)
				}
				if !passes && !strings.Contains(got.body, "Nothing was exported.") {
					t.Errorf("%s in %s is refused with %s", target, format, got.body)
				}
			}
		}
	}
}

// TestExportHoldsNoFiles: whoever may not have the upstream fetch exports without
// files, and is told so where they asked for them in a format that would have them.
func TestExportHoldsNoFiles(t *testing.T) {
	w := newWorld(t)
	const convert = "/api/projects/1/exports/1101/convert"
	for _, yes := range []string{"true", "1", "on", "Yes", "%20t", "anything"} {
		for _, who := range []string{"adm", "mia"} {
			for _, target := range []string{"/api/projects/1/export?exportType=VOC&download_resources=",
				"/api/projects/1/exports/1101/download?exportType=VOC&download_resources="} {
				if got := w.get(who, target+yes); got.status != 403 || !strings.Contains(got.body, "Only the Owner") {
					t.Errorf("%s%s as %s: %d %s", target, yes, who, got.status, got.body)
				}
			}
			if got := w.send(who, "POST", convert, `{"export_type":"VOC","download_resources":"`+yes+`"}`); got.status != 403 {
				t.Errorf("convert with files, %q, as %s: %d %s", yes, who, got.status, got.body)
			}
			w.fake.taken()
			// as the SDK asks for everything
			if got := w.get(who, "/api/projects/1/export?exportType=CSV&download_resources="+yes); got.status != 200 ||
				w.lastQuery()["download_resources"] != "false" {
				t.Errorf("CSV with files, %q, as %s: %d %s", yes, who, got.status, got.body)
			}
		}
	}
	if w.get("mia", "/api/projects/1/export?exportType=VOC&download_resources=no"); w.lastQuery()["download_resources"] != "false" {
		t.Error("without files is not what arrived")
	}
}

// TestFormatsOffered: the upstream's screens do not offer what is refused.
func TestFormatsOffered(t *testing.T) {
	w := newWorld(t)
	for who, off := range map[string]int{"mia": 2, "adm": 2, "owner": 1} {
		if got := w.get(who, "/api/projects/1/export/formats"); strings.Count(got.body, `"disabled":true`) != off ||
			strings.Contains(got.body, `"disabled":true,"name":"JSON"`) {
			t.Errorf("%s is offered %s", who, got.body)
		}
	}
}

// TestEveryFormatIsKnown compares the table with what the release says itself.
func TestEveryFormatIsKnown(t *testing.T) {
	list, err := os.Open("testdata/export_formats_1.23.2.json")
	ok(t, err)
	defer list.Close()
	unknown, err := gateway.UnknownFormats(list)
	ok(t, err)
	if len(unknown) > 0 {
		t.Errorf("nobody said who may export %s", strings.Join(unknown, ", "))
	}
	if unknown, err = gateway.UnknownFormats(strings.NewReader(`[{"name":"JSON"},{"name":"BRAND_NEW"}]`)); err != nil ||
		!slices.Equal(unknown, []string{"BRAND_NEW"}) {
		t.Errorf("a new format: %q %v", unknown, err)
	}
}

// TestDraftsStayOutOfExports: an export of the tasks as they are holds one's own
// drafts, whoever one is, and everything else of them.
func TestDraftsStayOutOfExports(t *testing.T) {
	w := newWorld(t)
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != "GET" || strings.Contains(r.URL.Path, "current-user") {
			return false
		}
		rw.Header().Set("Content-Type", "application/.json")
		fmt.Fprintf(rw, ` [ {"id":11,"n":1.50,"html":"<b>","drafts":[{"id":301,"created_username":"a@example.com, `+
			`2","result":"secret of 2"},{"id":302,"created_username":"m, 4","result":"of 4"}]},`+
			`{"id":12,"dr\u0061fts":[301,302]},{"id":13,"data":{"drafts":["data"]},"annotations":[{"drafts":1}]},{"id":14,"drafts":null}] `)
		return true
	})
	for who, want := range map[string]string{"mia": `[{"created_username":"m, 4","id":302,"result":"of 4"}]`,
		"adm": "[]", "owner": "[]"} {
		for _, target := range []string{"/api/projects/1/export?download_all_tasks=true",
			"/api/projects/1/export?exportType=JSON&export_type=JSON", "/api/projects/1/exports/1101/download",
			"/api/projects/1/exports/1101/download?exportType="} {
			got := w.get(who, target)
			expected := `[{"id":11,"n":1.50,"html":"<b>","drafts":` + want +
				`},{"id":12,"drafts":[]},{"id":13,"data":{"drafts":["data"]},"annotations":[{"drafts":1}]},{"id":14,"drafts":[]}]`
			if got.status != 200 || got.body != expected {
				t.Errorf("%s as %s: %d %s", target, who, got.status, got.body)
			}
		}
	}
}

// TestBrokenExportIsCut: what is no list of tasks to its end does not look like one.
func TestBrokenExportIsCut(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{`[{"id":1}`, `[{"id":1`, `[{"id":1,`, `[{"id"`, `[{`, `[`, `[{"id":1},`,
		`{"drafts":[1]}`, `[{"id":1}] [2]`, `[{"id":1},2]`, `[{"drafts":["x"]}]`, ``,
		`[{"id":1,"drafts":[],"drafts":[{"id":2}]}`} {
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "current-user") {
				return false
			}
			io.WriteString(rw, body)
			return true
		})
		r, err := http.NewRequest("GET", w.srv.URL+"/api/projects/1/export", nil)
		ok(t, err)
		r.Header.Set("Authorization", "Token tok-mia")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			continue // cut before it began
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil {
			t.Errorf("%s came out whole, as %s", body, got)
		}
	}
}

// TestSnapshotsHoldNoDrafts: nobody has one made with them.
func TestSnapshotsHoldNoDrafts(t *testing.T) {
	w := newWorld(t)
	for options, status := range map[string]int{
		`{}`: 200, `{"serialization_options":null}`: 200, `{"serialization_options":{"drafts":{"only_id":true}}}`: 200,
		`{"serialization_options":{"predictions":{}}}`:             200,
		`{"serialization_options":{"drafts":{}}}`:                  403,
		`{"serialization_options":{"drafts":{"only_id":"false"}}}`: 403,
		`{"serialization_options":{"drafts":{"only_id":null}}}`:    403,
		`{"serialization_options":{"drafts":[]}}`:                  400,
	} {
		if got := w.send("owner", "POST", "/api/projects/1/exports/", options); got.status != status {
			t.Errorf("%s: %d %s", options, got.status, got.body)
		}
	}
}

// TestImportFromAnAddress: only the Owner has the upstream fetch one, wherever in
// the Content-Type the upstream would find that it is to.
func TestImportFromAnAddress(t *testing.T) {
	w := newWorld(t)
	const form = "application/x-www-form-urlencoded"
	for _, path := range []string{"/api/projects/1/import", "/api/projects/1/tasks/bulk/",
		"/api/projects/1/import/predictions"} {
		for _, header := range []string{form, "application/x-www-FORM-urlencoded; charset=utf-8",
			`multipart/form-data; boundary="` + form + `"`, `application/json; a="` + form + `"`} {
			for who, status := range map[string]int{"mia": 403, "adm": 403, "owner": 200} {
				if got := w.send(who, "POST", path, "url=http%3A%2F%2F127.0.0.1%2Fversion%2F", "Content-Type",
					header); got.status != status || status == 403 && !strings.Contains(got.body, "Only the Owner imports") {
					t.Errorf("%s as %s with %s: %d %s", path, who, header, got.status, got.body)
				}
			}
		}
		for _, header := range []string{"text/plain", "", "application/json,", "application/yaml"} {
			if got := w.send("mia", "POST", path, "[]", "Content-Type", header); got.status != 415 {
				t.Errorf("%s with %q: %d %s", path, header, got.status, got.body)
			}
		}
		for _, header := range []string{"application/json", "multipart/form-data; boundary=x"} {
			if got := w.send("mia", "POST", path, "[]", "Content-Type", header); got.status != 200 {
				t.Errorf("%s with %q: %d %s", path, header, got.status, got.body)
			}
		}
	}
}

// TestModelsAreTheOwners: who sets one up has the upstream tell it a token. That is
// refused in a sentence that says who may.
func TestModelsAreTheOwners(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ method, target, body string }{
		{"POST", "/api/ml/", `{"project":1,"url":"http://evil"}`}, {"PATCH", "/api/ml/701", `{"url":"http://evil"}`},
		{"PUT", "/api/ml/701", `{"url":"http://evil"}`},
	} {
		for who, status := range map[string]int{"mia": 403, "adm": 403, "owner": 200} {
			if got := w.send(who, c.method, c.target, c.body); got.status != status || status == 403 &&
				!strings.Contains(got.body, "Only the Owner sets up models") {
				t.Errorf("%s %s as %s: %d %s", c.method, c.target, who, got.status, got.body)
			}
		}
	}
}

// TestGateKeepsItsToken: nobody ends the token that the gate asks with, whichever
// kind it is; everybody ends theirs.
func TestGateKeepsItsToken(t *testing.T) {
	type request struct {
		who, path, body string
		status          int
	}
	const reset, kinds, end, rotate = "/api/current-user/reset-token/", "/api/jwt/settings", "/api/token/blacklist/",
		"/api/token/rotate/"
	ours := personal("ours", 0)
	for token, requests := range map[string][]request{
		serviceToken: {
			{"owner", reset, `{}`, 403}, {"adm", reset, `{}`, 200},
			{"owner", kinds, `{"legacy_api_tokens_enabled":false}`, 403},
			{"adm", kinds, `{"api_tokens_enabled":true,"legacy_api_tokens_enabled":0}`, 403},
			{"owner", kinds, `{"api_tokens_enabled":false}`, 200}, {"owner", kinds, `{"legacy_api_tokens_enabled":true}`, 200},
			{"", end, `{"refresh":"` + personal("mine", 0) + `"}`, 200},
			{"mia", rotate, `{"refresh":"` + personal("mine", people["mia"]) + `"}`, 200},
		},
		ours: {
			{"owner", reset, `{}`, 200},
			{"owner", kinds, `{"api_tokens_enabled":false}`, 403}, {"owner", kinds, `{"legacy_api_tokens_enabled":false}`, 200},
			{"", end, `{"refresh":"` + ours + `"}`, 403}, {"", end, `{"refresh":"` + strings.TrimSuffix(ours, ".c2ln") +
				`"}`, 403}, {"", end, `{"refresh":"x.` + strings.Split(ours, ".")[1] + `.y"}`, 403},
			{"", end, `{"refresh":"` + strings.Replace(ours, ".c2ln", "=.c2ln", 1) + `"}`, 400},
			{"", end, `{"refresh":"x"}`, 400},
			{"owner", rotate, `{"refresh":"` + ours + `"}`, 403},
			{"mia", rotate, `{"refresh":"` + personal("mine", people["mia"]) + `"}`, 200},
		},
	} {
		w := newWorld(t, func(c *gateway.Config) { c.Token = token })
		for _, r := range requests {
			got := w.send(r.who, "POST", r.path, r.body)
			if reached := len(w.fake.taken()) > 0; got.status != r.status || reached != (r.status == 200) ||
				r.status == 403 && !strings.Contains(got.body, "--upstream-token") {
				t.Errorf("%s with %s as %s: %d %s", r.path, r.body, r.who, got.status, got.body)
			}
		}
	}
}

// TestResetEndsBothTokens: whoever makes their token anew has no older one left that works
// here, Label Studio's or Roster's.
func TestResetEndsBothTokens(t *testing.T) {
	w := newWorld(t)
	token := func() string {
		t.Helper()
		text, err := w.app.Token(t.Context(), people["ann"])
		ok(t, err)
		return text
	}
	old := token()
	with := func(token string) int {
		return w.send("", "GET", "/api/tasks/11/", "", "Authorization", "Token "+token).status
	}
	if got := with(old); got == 401 {
		t.Fatalf("before: %d", got)
	}
	if got := w.send("ann", "POST", "/api/current-user/reset-token/", "{}"); got.status != 200 {
		t.Fatal(got)
	}
	if got := with(old); got != 401 {
		t.Errorf("after: %d", got)
	}
	if got := with(token()); got == 401 {
		t.Errorf("the new one: %d", got)
	}
}

// TestStoragesReachWhatTheirKeysOpen: only the Owner has the upstream ask another
// address than the provider's, or with the server's own keys.
func TestStoragesReachWhatTheirKeysOpen(t *testing.T) {
	w := newWorld(t)
	key := func(more string) string {
		return strconv.Quote(`{"type":"service_account","token_uri":"https://oauth2.googleapis.com/token"` + more + `}`)
	}
	const s3, azure, gcs = `"aws_access_key_id":"a","aws_secret_access_key":"b"`,
		`"account_name":"acme1","account_key":"aGk+/w=="`, `"google_application_credentials":`
	for path, bodies := range map[string]map[string]bool{
		"/api/storages/s3/": {
			s3: true, `"aws_access_key_id":"a"`: false, s3 + `,"s3_endpoint":null`: true, s3 + `,"s3_endpoint":""`: true,
			s3 + `,"s3_endpoint":"http://169.254.169.254"`: false,
			`"id":601`: true, `"id":601,"aws_secret_access_key":""`: false,
			`"aws_access_key_id":" ","aws_secret_access_key":"b"`: false, `"id":0`: false,
			`"aws_access_key_id":"\u001c","aws_secret_access_key":"\u001f"`:   false,
			`"aws_access_key_id":"a","aws_secret_access_key":"\u001d \u001e"`: false,
		},
		"/api/storages/azure/": {
			azure: true, `"account_name":"acme1"`: false, `"account_name":"localhost/","account_key":"aGk="`: false,
			`"account_name":"2130706433/x","account_key":"aGk="`: false, `"account_name":"a+b","account_key":"aGk="`: false,
			`"account_name":"a=b","account_key":"aGk="`:                                 false,
			`"account_name":"acme1;BlobEndpoint=http://127.0.0.1","account_key":"aGk="`: false,
			`"account_name":"acme1","account_key":"aGk=;BlobEndpoint=http://127.0.0.1"`: false,
		},
		"/api/storages/gcs/": {
			`"title":"x"`: false, gcs + key(""): true, gcs + key(`,"universe_domain":"googleapis.com"`): true,
			gcs + key(`,"universe_domain":"127.0.0.1"`):   false,
			gcs + key(`,"token_uri":"http://127.0.0.1/"`): false, gcs + `"{\"token_uri\":\"http://127.0.0.1/\"}"`: false,
			gcs + `"{\"token_uri\":\"https://oauth2.googleapis.com:1@evil/\"}"`: false, gcs + `"[]"`: false,
		},
		"/api/storages/redis/": {`"path":"x"`: false}, "/api/storages/redis/?type=localfiles": {`"path":"x"`: false},
		"/api/storages/s3/?type=localfiles": {`"path":"x"`: false},
	} {
		for fields, passes := range bodies {
			for _, on := range []string{path, strings.Replace(path, "/?", "/validate?", 1)} {
				for _, who := range []string{"owner", "adm", "mia"} {
					got := w.send(who, "POST", on, `{"project":1,`+fields+`}`)
					if expect := passes || who == "owner"; expect == (got.status == 403) || len(w.fake.taken()) > 0 != expect {
						t.Errorf("%s as %s with %s: %d %s", on, who, fields, got.status, got.body)
					}
				}
			}
		}
	}
	for fields, passes := range map[string]bool{`{"title":"x"}`: true, `{"aws_access_key_id":null}`: false,
		`{"s3_endpoint":"http://127.0.0.1"}`: false} {
		for path, who := range map[string]string{"/api/storages/s3/601": "mia", "/api/storages/export/s3/601": "adm"} {
			if got := w.send(who, "PATCH", path, fields); passes == (got.status == 403) {
				t.Errorf("%s with %s: %d %s", path, fields, got.status, got.body)
			}
		}
	}
}

// TestTargetStorages: the upstream writes into them who labeled, with e-mail, and
// an import or a source storage can name anybody. So only who sees everybody says
// where that goes.
func TestTargetStorages(t *testing.T) {
	const fields = `{"project":1,"bucket":"pictures","aws_access_key_id":"a","aws_secret_access_key":"b"}`
	w := newWorld(t)
	for _, c := range []struct{ method, path string }{
		{"POST", "/api/storages/export/s3"}, {"POST", "/api/storages/export/s3/validate"},
		{"PATCH", "/api/storages/export/s3/601"}, {"PUT", "/api/storages/export/s3/601"},
	} {
		if got := w.send("mia", c.method, c.path, fields); got.status != 403 ||
			!strings.Contains(got.body, "Only Owners and Administrators set up target storages") || len(w.fake.taken()) > 0 {
			t.Errorf("%s %s by a manager: %d %s", c.method, c.path, got.status, got.body)
		}
		if got := w.send("adm", c.method, c.path, fields); got.status != 200 {
			t.Errorf("%s %s by an Administrator: %d %s", c.method, c.path, got.status, got.body)
		}
		w.fake.taken()
	}
	for _, c := range []struct{ method, path string }{{"GET", "/api/storages/export?project=1"},
		{"POST", "/api/storages/export/s3/601/sync"}, {"DELETE", "/api/storages/export/s3/601"}} {
		if got := w.send("mia", c.method, c.path, `{}`); got.status == 403 {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
	}
}

// TestUpstreamsOwnAddress: the gate sees where an upstream believes to be, which is
// where it would send its owner's token.
func TestUpstreamsOwnAddress(t *testing.T) {
	w := newWorld(t)
	u := gateway.NewUpstream(w.upstreamURL(), serviceToken, w.app.Now)
	for page, want := range map[string]string{
		`<link href="/static/css/main.9be7.css" rel="stylesheet"/><a href="https://labelstud.io/">`: "",
		`<link href="http://label.example.com/static/css/main.9be7.css" rel="stylesheet"/>`:         "http://label.example.com",
	} {
		w.fake.answering(func(rw http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(rw, page); return true })
		if got, err := u.OwnAddress(t.Context()); err != nil || got != want {
			t.Errorf("%s: %q %v", page, got, err)
		}
	}
}
