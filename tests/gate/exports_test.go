package gate

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// neighbor is an address near the upstream that people cannot reach, and how
// often it was asked.
func neighbor(t *testing.T) (at string, asked *atomic.Int64) {
	asked = &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, `[{"data":{"text":"inside"}}]`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

// pictures is a project of Mia's with a task that names an address, and a box
// drawn on it.
func (g *gate) pictures(t *testing.T, address string) *scene {
	t.Helper()
	s := &scene{t: t, g: g, made: map[string]int64{}}
	s.project = s.create("/api/projects/", map[string]any{"title": t.Name(), "label_config": boxes})
	s.join("mia")
	task := s.create("/api/tasks/", map[string]any{"project": s.project, "data": map[string]any{"image": address}})
	s.create(fmt.Sprintf("/api/tasks/%d/annotations/", task), box)
	return s
}

// exportAs asks for a format on every route to the upstream's converter, and
// returns what it was answered with on each.
func (s *scene) exportAs(p *person, format string) (status [3]int) {
	s.t.Helper()
	at := s.path("/api/projects/%d/exports/") + fmt.Sprint(s.id("export", nil))
	status[0] = p.status(s.t, "GET", s.path("/api/projects/%d/export?exportType=")+format, nil)
	status[1] = p.status(s.t, "GET", at+"/download?exportType="+format, nil)
	status[2] = p.status(s.t, "POST", at+"/convert", map[string]any{"export_type": format})
	return status
}

// formats is what the installed release says that it exports in.
func (s *scene) formats() (names []string) {
	s.t.Helper()
	var all []struct{ Name string }
	behind().must(s.t, "GET", s.path("/api/projects/%d/export/formats"), nil, &all)
	for _, f := range all {
		names = append(names, f.Name)
	}
	if len(names) < 15 {
		s.t.Fatalf("the upstream exports in %q", names)
	}
	return names
}

// TestExportsFetchNothing: in no format and on no route does a manager have the
// upstream fetch what a task names. The Owner has.
func TestExportsFetchNothing(t *testing.T) {
	g := need(t)
	at, asked := neighbor(t)
	s := g.pictures(t, at+"/bird.png")
	mia, refused := g.who(t, "mia"),
		strings.Fields("COCO_WITH_IMAGES YOLO_WITH_IMAGES YOLO_OBB_WITH_IMAGES ASR_MANIFEST DOCLANG")
	for _, format := range s.formats() {
		status := s.exportAs(mia, format)
		if n := asked.Swap(0); n > 0 {
			t.Errorf("%s: the upstream fetched %d times", format, n)
		}
		if got := slices.Contains(status[:], http.StatusForbidden); got != slices.Contains(refused, format) {
			t.Errorf("%s: %d", format, status)
		}
	}
	for _, format := range refused[:3] {
		if status := s.exportAs(g.who(t, "owner"), format); status != [3]int{200, 200, 200} || asked.Swap(0) < 3 {
			t.Errorf("the Owner's %s: %d", format, status)
		}
	}
}

// TestAdministratorIsNotTheOwner: by no export and no model does an Administrator
// get the owner's token, which an export past the gate brings along.
func TestAdministratorIsNotTheOwner(t *testing.T) {
	need(t)
	dir := t.TempDir()
	g := start(dir, "--data", filepath.Join(dir, "data"))
	defer g.stop()
	mia := g.who(t, "mia")
	g.who(t, "owner").must(t, "PATCH", "/api/organizations/1/memberships/",
		map[string]any{"user_id": mia.id, "role": "AD"}, nil)
	s := g.pictures(t, upstream.url+"/api/current-user/token")
	past, err := behind().ask("GET", s.path("/api/projects/%d/export?exportType=YOLO_WITH_IMAGES"), nil)
	if err != nil || !bytes.Contains(unzipped(t, past.body), []byte(upstream.token)) {
		t.Errorf("past the gate the token stays, too: is this test about anything any more? %v", err)
	}
	for _, format := range []string{"YOLO_WITH_IMAGES", "COCO_WITH_IMAGES", "YOLO_OBB_WITH_IMAGES"} {
		if status := s.exportAs(mia, format); status != [3]int{403, 403, 403} {
			t.Errorf("%s: %d", format, status)
		}
	}
	at, asked := neighbor(t)
	if status := mia.status(t, "POST", "/api/ml/", map[string]any{"project": s.project, "url": at,
		"title": "Model"}); status != 403 || asked.Load() > 0 {
		t.Errorf("a model: %d", status)
	}
}

// TestFormatsHaveLines: somebody has said about every format of the installed
// release who may have it.
func TestFormatsHaveLines(t *testing.T) {
	s := need(t).newScene(t)
	list, err := behind().ask("GET", s.path("/api/projects/%d/export/formats"), nil)
	if err != nil {
		t.Fatal(err)
	}
	check := exec.Command(os.Getenv("ROSTER_BIN"), "gate", "formats", "--check", "-")
	check.Stdin = bytes.NewReader(list.body)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestDraftsAreTheirAuthors: no export and no list of tasks holds a draft of
// somebody else's, whatever was asked for and whoever made the snapshot.
func TestDraftsAreTheirAuthors(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	const secret, own = "between the lines", "my own lines"
	for name, text := range map[string]string{"ann": secret, "mia": own} {
		result := []any{map[string]any{"from_name": "kind", "to_name": "text", "type": "choices",
			"value": map[string]any{"choices": []string{text}}}}
		s.past(g.who(t, name)).must(t, "POST", fmt.Sprintf("/api/tasks/%d/drafts", s.id("task", nil)),
			map[string]any{"result": result, "lead_time": 1}, nil)
	}
	whole := map[string]any{"serialization_options": map[string]any{"drafts": map[string]any{"only_id": false}}}
	snapshot := s.create(s.path("/api/projects/%d/exports/"), whole)
	for i, path := range []string{
		s.path("/api/projects/%d/export?download_all_tasks=true&export_type=JSON&download_resources=true"), // as the SDK asks
		s.path("/api/projects/%d/exports/") + fmt.Sprint(snapshot) + "/download",
		s.path("/api/projects/%d/exports/") + fmt.Sprint(snapshot) + "/download?exportType=JSON",
		s.path("/api/projects/%d/tasks/"), s.path("/api/tasks/?fields=all&project=%d"),
	} {
		past, err := behind().ask("GET", path, nil)
		if err != nil || i < 3 && !bytes.Contains(past.body, []byte(secret)) {
			t.Errorf("%s past the gate: %v %v", path, past, err)
		}
		for _, name := range []string{"mia", "owner"} {
			got, err := g.who(t, name).ask("GET", path, nil)
			if err != nil || got.status != 200 || bytes.Contains(got.body, []byte(secret)) {
				t.Errorf("%s as %s: %v %v", path, name, got, err)
			}
			if mine := bytes.Contains(got.body, []byte(own)); i < 3 && mine != (name == "mia") {
				t.Errorf("%s as %s: one's own is there: %v", path, name, mine)
			}
		}
	}
	if got, err := g.who(t, "mia").ask("POST", s.path("/api/projects/%d/exports/"), whole); err != nil ||
		got.status != 403 {
		t.Errorf("a snapshot with drafts: %v %v", got, err)
	}
}

// TestImportBringsItsTasks: a manager has the upstream fetch no address to import
// from, wherever in the Content-Type it would find that it is to.
func TestImportBringsItsTasks(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia")
	at, asked := neighbor(t)
	const form = "application/x-www-form-urlencoded"
	hidden := "--" + form + "\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\n" + at + "/x.json\r\n--" +
		form + "--\r\n"
	for header, body := range map[string]string{form: "url=" + at + "/x.json", `multipart/form-data; boundary="` +
		form + `"`: hidden} {
		for _, c := range []struct {
			p       *person
			fetches bool
		}{{behind(), true}, {g.who(t, "mia"), false}, {g.who(t, "owner"), true}} {
			r, err := http.NewRequest("POST", c.p.base+s.path("/api/projects/%d/import"), strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", header)
			got, err := c.p.send(r)
			if n := asked.Swap(0); err != nil || (n > 0) != c.fetches || (got.status == 201) != c.fetches {
				t.Errorf("%s as %s: fetched %d times, %v %v", header, c.p.name, n, got, err)
			}
		}
	}
}

// TestGateKeepsItsToken: nobody ends by way of the gate the token that it asks with.
func TestGateKeepsItsToken(t *testing.T) {
	g := need(t)
	owner := g.who(t, "owner")
	for path, body := range map[string]any{"/api/current-user/reset-token/": nil,
		"/api/jwt/settings": map[string]any{"legacy_api_tokens_enabled": false, "api_tokens_enabled": true}} {
		got, err := owner.ask("POST", path, body)
		if err != nil || got.status != 403 || !bytes.Contains(got.body, []byte("--upstream-token")) {
			t.Errorf("%s: %v %v", path, got, err)
		}
	}
	if status := behind().status(t, "GET", "/api/current-user/whoami", nil); status != 200 {
		t.Errorf("the gate's token: %d", status)
	}
}

// unzipped is everything in an archive, one file after the other.
func unzipped(t *testing.T, raw []byte) (all []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("%v: %.300s", err, raw)
	}
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, body...)
	}
	return all
}

// TestStoragesAskTheirProvider: a manager has the upstream ask no address that
// they name, in the name of a storage. Past the gate it does.
func TestStoragesAskTheirProvider(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia")
	at, asked := neighbor(t)
	for _, path := range []string{"/api/storages/s3/validate", "/api/storages/s3/files", "/api/storages/s3/",
		"/api/storages/export/s3"} {
		body := map[string]any{"project": s.project, "bucket": "pictures", "s3_endpoint": at, "aws_access_key_id": "key",
			"aws_secret_access_key": "secret"}
		if got := g.who(t, "mia").status(t, "POST", path, body); got != 403 || asked.Swap(0) > 0 {
			t.Errorf("%s: %d", path, got)
		}
		if got := behind().status(t, "POST", path, body); asked.Swap(0) == 0 {
			t.Errorf("%s past the gate asks nobody, too: is this test about anything any more? %d", path, got)
		}
	}
}

// TestTargetStoragesAreTold: into a target storage the upstream writes the e-mail
// of whoever an import names. So a manager says of none where that goes.
func TestTargetStoragesAreTold(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia")
	owner, mia, stranger := g.who(t, "owner"), g.who(t, "mia"), g.who(t, "bob")
	told := newReceiver(t, func(r *http.Request, body []byte) bool {
		return bytes.Contains(body, []byte(stranger.name+"@"))
	})
	about := map[string]any{"project": s.project, "bucket": "pictures", "s3_endpoint": told.URL,
		"region_name": "eu-west-1", "aws_access_key_id": "key", "aws_secret_access_key": "secret"}
	work := []any{map[string]any{"data": map[string]any{"text": "A bird"},
		"annotations": []any{map[string]any{"completed_by": stranger.id, "result": []any{}}}}}
	mia.must(t, "POST", s.path("/api/projects/%d/import"), work, nil)
	var target struct{ ID int64 }
	owner.must(t, "POST", "/api/storages/export/s3", about, &target)
	hers := fmt.Sprintf("/api/storages/export/s3/%d", target.ID)
	for method, path := range map[string]string{"POST": "/api/storages/export/s3", "PATCH": hers, "PUT": hers} {
		if got := mia.status(t, method, path, map[string]any{"project": s.project, "bucket": "hers",
			"aws_access_key_id": "hers", "aws_secret_access_key": "hers"}); got != 403 {
			t.Errorf("%s %s: %d", method, path, got)
		}
	}
	mia.must(t, "POST", hers+"/sync", map[string]any{}, nil)
	if told.got.Load() == 0 {
		t.Error("the upstream writes no e-mail any more: is this test about anything?")
	}
}
