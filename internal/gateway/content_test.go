package gateway_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/gateway"
	"roster/internal/store/storetest"
)

// upstreams is where the upstream's own pages and programs are. Whatever else it
// answers with is somebody's.
var upstreams = []string{
	"/", "/projects/", "/organization/", "/people/", "/models/", "/user/login/", "/user/account/", "/docs/",
	"/swagger", "/static/",
	"/react-app/", "/label-studio-frontend/", "/dm/", "/sw-fallback.js", "/favicon.ico",
}

// isUpstreams reports whether a line of the policy is about one of these.
func isUpstreams(path string) bool {
	if strings.HasSuffix(path, "/resolve/") || strings.HasSuffix(path, "/presign/") {
		return false
	}
	return slices.ContainsFunc(upstreams, func(own string) bool {
		return path == own || own != "/" && strings.HasPrefix(path, own)
	})
}

// hostile is what a server says that wants a browser to run something.
var hostile = map[string]string{
	"Content-Type": "text/html; charset=utf-8", "Content-Disposition": "inline",
	"Content-Security-Policy": "script-src * 'unsafe-inline'",
	"X-Content-Type-Options":  "sniff", "Refresh": "0;url=javascript:x()", "Link": "</x.js>; rel=preload; as=script",
	"Service-Worker-Allowed": "/",
	"Sourcemap":              "/x.map", "Clear-Site-Data": `"*"`, "Access-Control-Allow-Origin": "*", "Nel": "{}",
}

// says has the upstream answer everybody with these headers; the service's own questions
// are answered as ever.
func (f *fake) says(status int, header map[string]string, body string) {
	f.answering(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/current-user/whoami" {
			return false
		}
		for name, value := range header {
			w.Header()[name] = strings.Split(value, "|") // one value, or several headers
			if value == "" {
				delete(w.Header(), name)
			}
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	})
}

// inactive complains about an answer from which something could run.
func inactive(t *testing.T, what string, got reply) {
	t.Helper()
	policy, kind := got.header.Values("Content-Security-Policy"), got.header.Values("Content-Type")
	sniff := got.header.Values("X-Content-Type-Options")
	if len(policy) != 1 || !strings.Contains(policy[0], "default-src 'none'") ||
		strings.Contains(policy[0], "script-src *") {
		t.Errorf("%s: the policy is %q", what, policy)
	}
	if len(sniff) != 1 || sniff[0] != "nosniff" {
		t.Errorf("%s: X-Content-Type-Options is %q", what, sniff)
	}
	if len(kind) > 1 || len(kind) == 1 && regexp.MustCompile("html|script|xml").MatchString(kind[0]) {
		t.Errorf("%s: the type is %q", what, kind)
	}
	for name := range hostile {
		if value := got.header.Get(name); value == hostile[name] {
			t.Errorf("%s: %s is %q", what, name, value)
		}
	}
}

// TestNothingOfSomebodysRuns: of everything that the upstream answers to any line of the
// policy, only its own pages and programs are a page or a program here; whatever
// else it says is HTML is not, be it a file, an answer of its API, or an error.
func TestNothingOfSomebodysRuns(t *testing.T) {
	storetest.Long(t)
	w := newWorld(t)
	for _, status := range []int{200, 206, 404, 500} {
		w.fake.says(status, hostile, "<script>evil()</script>")
		for _, line := range gateway.Lines() {
			if !line.Upstream && !line.Anonymous || isUpstreams(line.Path) || line.Narrow == "refusals" ||
				line.Narrow == "deletion" {
				continue // Roster answers, or the project would be gone for the next
			}
			for _, method := range line.Methods {
				got, err := w.attempt("owner", method, target(line), body(line))
				if got.status == 0 && err != nil {
					continue // it was cut before it began
				}
				inactive(t, fmt.Sprintf("%s %s, %d", method, target(line), status), got)
				if got.status == 200 && line.Narrow != "whoami" && !strings.HasPrefix(got.header.Get("Content-Disposition"),
					"attachment") {
					t.Errorf("%s %s opens", method, target(line))
				}
			}
		}
	}
	if got := w.get("", "/samples/paragraphs.json"); got.status != 500 {
		t.Errorf("what anybody may ask for: %d", got.status)
	}
}

const resolve = "/tasks/11/resolve/?fileuri=czM6Ly9idWNrZXQvYWxwaGEucG5n" // s3://bucket/alpha.png

// TestTypesOfFiles: a file has a type only where that is inert, and opens only
// where a browser has nothing to run in it.
func TestTypesOfFiles(t *testing.T) {
	const kept, untyped = "attachment", "application/octet-stream"
	w := newWorld(t)
	for said, want := range map[string][2]string{ // to the type, and how it opens
		"text/html": {untyped, kept}, "TEXT/HTML": {untyped, kept}, "text/html; charset": {untyped, kept},
		"text/html;charset=utf-7": {untyped, kept},
		"application/xhtml+xml":   {untyped, kept}, "text/xml": {untyped, kept}, "application/xml": {untyped, kept},
		"image/x+xml":     {untyped, kept},
		"text/javascript": {untyped, kept}, "application/javascript; charset=utf-8": {untyped, kept},
		"text/css":                              {untyped, kept},
		"multipart/x-mixed-replace; boundary=x": {untyped, kept}, "message/rfc822": {untyped, kept},
		"text/cache-manifest":  {untyped, kept},
		"image/png, text/html": {untyped, kept}, "image/png|text/html": {untyped, kept}, "": {untyped, kept},
		"*/*":           {untyped, kept},
		"image/svg+xml": {"image/svg+xml", kept}, "application/zip": {"application/zip", kept},
		"image/png": {"image/png", "inline"}, "Image/PNG": {"image/png", "inline"},
		"application/json":          {"application/json", "inline"},
		"text/plain; charset=utf-8": {"text/plain; charset=utf-8", "inline"}, "text/csv": {"text/csv", "inline"},
		"application/pdf": {"application/pdf", "played"}, "audio/mpeg": {"audio/mpeg", "played"},
		"video/mp4": {"video/mp4", "played"},
	} {
		w.fake.says(200, map[string]string{"Content-Type": said}, "<script>evil()</script>")
		got := w.get("ann", resolve)
		opens, policy := strings.Replace(want[1], "played", "inline", 1), got.header.Get("Content-Security-Policy")
		if h := got.header; h.Get("Content-Type") != want[0] || h.Get("Content-Disposition") != opens+"; filename=alpha.png" {
			t.Errorf("%q: %v", said, h)
		}
		if !strings.Contains(policy, "script-src 'none'") || strings.HasPrefix(policy, "sandbox;") == (want[1] == "played") {
			t.Errorf("%q: the policy is %q", said, policy)
		}
		if got.body != "<script>evil()</script>" {
			t.Errorf("%q: %q", said, got.body)
		}
	}
	const name = `attachment; filename="tasks.json"`
	w.fake.says(200, map[string]string{"Content-Type": "application/json", "Content-Disposition": name,
		"Filename": "tasks.json"}, "[]")
	got := w.get("mia", "/api/projects/1/export?exportType=JSON")
	if got.header.Get("Content-Disposition") != name || got.header.Get("Filename") != "tasks.json" {
		t.Errorf("an export: %v", got.header)
	}
}

// TestPartsOfFiles: a part of a file and a file that did not change are guarded as the
// whole is, and a browser keeps what it was told about the one that it has.
func TestPartsOfFiles(t *testing.T) {
	w := newWorld(t)
	w.fake.says(206, map[string]string{"Content-Type": "video/mp4", "Content-Range": "bytes 1-4/9",
		"Accept-Ranges": "bytes"}, "part")
	got := w.get("ann", resolve, "Range", "bytes=1-4")
	if got.status != 206 || got.header.Get("Content-Range") != "bytes 1-4/9" ||
		got.header.Get("Accept-Ranges") != "bytes" || got.body != "part" {
		t.Error(got)
	}
	w.fake.says(304, map[string]string{"Etag": `"1"`, "Content-Type": "text/html", "Content-Disposition": "inline"}, "")
	got = w.get("ann", resolve, "If-None-Match", `"1"`)
	policy := got.header.Get("Content-Security-Policy")
	told := got.header.Get("Content-Type") + got.header.Get("Content-Disposition")
	if got.status != 304 || told != "" || !strings.Contains(policy, "script-src 'none'") {
		t.Error(got)
	}
	w.fake.says(200, map[string]string{"Content-Type": "text/html", "Etag": `"1"`}, "")
	inactive(t, "HEAD", w.send("ann", "HEAD", resolve, ""))
}

// TestStoragesLeadElsewhere: a storage may send people to another server, where its
// file is a page of that one, and not back here, or to what is no server.
func TestStoragesLeadElsewhere(t *testing.T) {
	w := newWorld(t)
	here, upstream := strings.TrimPrefix(w.srv.URL, "http://"), w.upstreamURL().Host
	for to, good := range map[string]bool{
		"https://bucket.example.com/a.png?X-Amz-Signature=1": true, "http://10.0.0.9:9000/b/a.png": true, "": true,
		"javascript:evil()": false, "data:text/html,<script>evil()</script>": false, "/api/current-user/token": false,
		"//" + here + "/x":            false,
		"http://" + here + "/logout/": false, "HTTPS://" + strings.ToUpper(here) + "/x": false,
		"http://" + upstream + "/x":  false,
		"blob:http://" + here + "/x": false, "http:/x": false, "http://ann:secret@/x": false,
		"file:///etc/passwd": false, "http://%zz/": false,
		"https://other.example/|https://more.example/": false,
	} {
		w.fake.says(303, map[string]string{"Location": to}, "")
		got := w.get("ann", resolve)
		led, told := got.status == 303 && got.header.Get("Location") == to, got.status == 403 &&
			strings.Contains(got.body, "address of its own")
		if led != good || told == good {
			t.Errorf("%q: %d %q %s", to, got.status, got.header.Get("Location"), got.body)
		}
	}
}

// TestPagesRunTheirOwn: on a page of the upstream's runs what the upstream wrote into it,
// the gate's own link too, and nothing that is put there later; no form of it is sent
// but the one to sign in, and it is framed by no other site.
func TestPagesRunTheirOwn(t *testing.T) {
	const inline, handler = "\nvar settings = {\"a\": 1};\n", "smart_submit(&quot;x&quot;)"
	page := `<html><head><script src="/react-app/main.js?v=1"></script><SCRIPT nonce="x">` + inline + `</SCRIPT>` +
		`<script src="https://cdn.example.com/redoc.js?x=1"></script></head><body><button onClick="` + handler +
		`">Save</button></body></html>`
	w := newWorld(t)
	for who, path := range map[string]string{"mia": "/projects/1/data", "ann": "/user/account/hotkeys",
		"": "/user/login"} {
		w.fake.says(200, map[string]string{"Content-Type": "text/html", "Content-Security-Policy": "img-src 'self'"}, page)
		got := w.get(who, path)
		policies := got.header.Values("Content-Security-Policy")
		if len(policies) != 2 || policies[0] != "img-src 'self'" {
			t.Fatalf("%s: %q", path, policies)
		}
		forms := map[bool]string{true: "form-action 'self'", false: "form-action 'none'"}[who == ""] // only to sign in
		for _, want := range []string{
			"frame-ancestors 'self'", "base-uri 'self'", forms, "script-src 'self'", hash(inline), hash(`smart_submit("x")`),
			"https://cdn.example.com/redoc.js",
		} {
			if !strings.Contains(policies[1], want) {
				t.Errorf("%s: %q lacks %s", path, policies[1], want)
			}
		}
		_, scripts, _ := strings.Cut(policies[1], "script-src")
		if regexp.MustCompile("'unsafe-inline'|blob:|data:").MatchString(scripts) {
			t.Errorf("%s: %q", path, policies[1])
		}
		if link := "setInterval(function(){var a=document.getElementById"; strings.Contains(got.body, link) {
			_, script, _ := strings.Cut(got.body[strings.LastIndex(got.body, "<script"):], ">")
			script, _, _ = strings.Cut(script, "</script")
			if !strings.Contains(policies[1], hash(script)) {
				t.Errorf("%s: the link to the members does not run", path)
			}
		}
	}
	w.fake.says(200, map[string]string{"Content-Type": "text/javascript"}, "main()")
	program := w.get("", "/react-app/main.js")
	policy := program.header.Get("Content-Security-Policy")
	if program.header.Get("Content-Type") != "text/javascript" || policy != "frame-ancestors 'self'" ||
		program.body != "main()" {
		t.Errorf("a program: %v", program)
	}
	w.fake.says(200, map[string]string{"Content-Type": "text/xml"}, "<svg/>")
	inactive(t, "a page that is none", w.get("mia", "/projects/1/data/import"))
}

func hash(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// TestServiceWorkerAnswersForNobody: the upstream's worker would answer with what a
// storage's server says, in the gate's name.
func TestServiceWorkerAnswersForNobody(t *testing.T) {
	w := newWorld(t)
	w.fake.says(200, map[string]string{"Content-Type": "text/javascript"}, `addEventListener("fetch", steal)`)
	got := w.get("", "/sw.js")
	kind := got.header.Get("Content-Type")
	if got.status != 200 || !strings.HasPrefix(kind, "text/javascript") || strings.Contains(got.body, "fetch") ||
		!strings.Contains(got.body, "skipWaiting") {
		t.Error(got)
	}
	if reached := w.fake.taken(); len(reached) > 0 {
		t.Errorf("the upstream was asked: %v", reached)
	}
}

// TestPicturesSignNobodyOut: what a page shows in passing ends no session.
func TestPicturesSignNobodyOut(t *testing.T) {
	w := newWorld(t)
	for dest, status := range map[string]int{"image": 403, "iframe": 403, "video": 403, "script": 403,
		"document": 302, "empty": 302} {
		if got := w.get("", "/logout/", "Sec-Fetch-Dest", dest); got.status != status || status == 403 &&
			got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", dest, got.status, got.body)
		}
	}
}
