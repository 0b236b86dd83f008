package gate

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// bucket is a storage that somebody runs at an address of theirs. It speaks as much
// S3 as it takes to serve whatever they like as whatever they like.
type bucket struct {
	*httptest.Server
	objects map[string][2]string // the type and the bytes, by name
	mu      sync.Mutex
	served  map[string]int // by the name of the object
}

// objects is what a hostile bucket holds.
var objects = map[string][2]string{
	"page.html": {"text/html", "<!doctype html><script>" + ran + "</script>"},
	"image.svg": {"image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>` + ran +
		`</script></svg>`},
	"tree.xml":  {"text/xml", `<x><s:script xmlns:s="http://www.w3.org/1999/xhtml">` + ran + `</s:script></x>`},
	"script.js": {"text/javascript", ran},
}

// elements is how a page has a browser open an object by itself.
var elements = map[string][]string{
	"page.html": {"iframe", "embed", "object"}, "image.svg": {"iframe", "embed", "object"}, "tree.xml": {"iframe"},
	"script.js": {"script"},
}

// ran is what a script of the attacker's leaves behind on the gate's origin, if it runs there.
const ran = `localStorage.setItem("ran", location.href)`

func newBucket(t *testing.T) *bucket {
	b := &bucket{objects: objects, served: map[string]int{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	object, there := b.objects[name]
	if !there {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, `<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>`)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", object[0])
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader([]byte(object[1])))
	b.mu.Lock()
	b.served[name]++
	b.mu.Unlock()
}

func (b *bucket) times(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.served[name]
}

// mount makes the bucket a storage of the scene's project, past the gate: who may do
// that is not what this is about.
func (s *scene) mount(b *bucket, name string, presign bool) {
	s.t.Helper()
	behind().must(s.t, "POST", "/api/storages/s3/", map[string]any{
		"project": s.project, "bucket": name, "s3_endpoint": b.URL, "aws_access_key_id": "key",
		"aws_secret_access_key": "secret",
		"region_name":           "eu-west-1", "presign": presign,
	}, nil)
}

// resolved is where an object of a bucket is asked for as a file of a task's.
func resolved(task int64, uri string) string {
	return fmt.Sprintf("/tasks/%d/resolve/?fileuri=%s", task,
		url.QueryEscape(base64.URLEncoding.EncodeToString([]byte(uri))))
}

// run has the page do something, and waits for what it promises.
func (b *tab) run(script string) {
	b.t.Helper()
	does := chromedp.Evaluate[bool]("(async () => { "+script+"; return true })()", chromedp.EvalAwaitPromise)
	if _, err := chromedp.Run(b.ctx, does); err != nil {
		b.fatal(err)
	}
}

// served waits until an object of a bucket was asked for so often, and for an
// answer of the gate's after that.
func (b *tab) served(from *bucket, name string, times int) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for tick := time.Tick(20 * time.Millisecond); from.times(name) < times; <-tick {
		if time.Now().After(deadline) {
			b.fatal(fmt.Errorf("%s was asked for %d times, and should be %d", name, from.times(name), times))
		}
	}
	b.run("await fetch('/api/version/')")
}

// innocent looks whether a script of somebody's has run on the gate's origin.
func (b *tab) innocent(how string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.g.url + "/favicon.ico"))
	where, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("localStorage.getItem('ran') || ''"))
	b.run("localStorage.removeItem('ran')")
	if err != nil {
		b.fatal(err)
	}
	if where != "" {
		b.t.Errorf("%s: a script ran at %s", how, where)
	}
}

// hostile is a project whose manager means harm, and a task of it.
func (s *scene) hostile(b *bucket) (task int64) {
	s.t.Helper()
	mia := s.g.who(s.t, "mia")
	s.mount(b, "proxied", false)
	s.mount(b, "signed", true)
	mia.must(s.t, "PATCH", s.path("/api/projects/%d/"), map[string]any{
		"label_config": `<View><HyperText name="text" value="$text" inline="true"/>
<Choices name="kind" toName="text"><Choice value="Good"/></Choices></View>`,
	}, nil)
	frame := `<iframe src="https://www.youtube.com/" srcdoc="<script>` + html.EscapeString(ran) + `</script>"></iframe>`
	data := map[string]any{"text": `<p>A bird</p>` + frame}
	for name := range elements {
		data[strings.ReplaceAll(name, ".", "")] = []string{"s3://proxied/" + name, "s3://signed/" + name}
	}
	var made struct{ ID int64 }
	mia.must(s.t, "POST", "/api/tasks/", map[string]any{"project": s.project, "data": data}, &made)
	return made.ID
}

// TestForeignContent: nothing runs on the gate's origin for the Owner who looks at what
// somebody's storage says is a page or a picture, or at what a manager writes into
// their project.
func TestForeignContent(t *testing.T) {
	g := need(t)
	s, bucket := g.newScene(t, "mia"), newBucket(t)
	task := s.hostile(bucket)
	s.id("storage localfiles", nil)
	owner := g.look(t)
	owner.signIn("owner")
	labeling := g.url + s.path("/projects/%d/data") + fmt.Sprintf("?task=%d", task)
	t.Run("opened and framed", func(t *testing.T) {
		owner.t = t
		for name, tags := range elements {
			at := resolved(task, "s3://proxied/"+name)
			chromedp.Do(owner.ctx, chromedp.Navigate(g.url+at)) // a download is no navigation
			owner.innocent("opened: " + name)
			before := bucket.times(name)
			for _, tag := range tags {
				owner.run(fmt.Sprintf(`const e = document.createElement(%s); e[e.tagName === "OBJECT" ? "data" : "src"] = %s;
document.body.append(e)`, quoted(tag), quoted(at)))
			}
			owner.served(bucket, name, before+len(tags))
			owner.innocent("framed: " + name)
		}
		chromedp.Do(owner.ctx, chromedp.Navigate(g.url+s.keep(fmt.Sprint(s.project), "page.html", objects["page.html"][1])))
		owner.innocent("a file of the server's disk")
	})
	t.Run("in the labeling page", func(t *testing.T) {
		owner.t = t
		owner.do(chromedp.Navigate(labeling))
		owner.says("A bird")
		owner.until("document.querySelector('iframe[srcdoc]')")
		owner.run("await fetch('/api/version/')")
		owner.innocent("a frame in the text of a task")
		owner.do(chromedp.Navigate(labeling))
		owner.says("A bird")
		before := bucket.times("page.html")
		owner.run(`const a = document.createElement("a"); a.href = ` + quoted(resolved(task, "s3://proxied/page.html")) + `;
document.body.append(a); a.click()`)
		owner.served(bucket, "page.html", before+1)
		owner.innocent("a link to a file")
		owner.do(chromedp.Navigate(labeling))
		owner.says("A bird")
		owner.run(`const form = document.createElement("form"); form.method = "post"; form.action = "/roster/people"; document.body.append(form)
const refused = new Promise(done => document.addEventListener("securitypolicyviolation", e => {
	if (e.effectiveDirective === "form-action" && e.disposition === "enforce") done() }))
form.submit(); await refused`)
	})
	t.Run("by the service worker", func(t *testing.T) {
		owner.t = t
		owner.do(chromedp.Navigate(g.url + "/projects/"))
		owner.until("navigator.serviceWorker.ready")
		owner.run("await navigator.serviceWorker.ready")
		owner.do(chromedp.Navigate(g.url + "/projects/"))
		at, before := quoted(resolved(task, "s3://signed/page.html")), bucket.times("page.html")
		owner.run("await fetch(" + at + ")")
		owner.served(bucket, "page.html", before+1)
		owner.run(`const a = document.createElement("a"); a.href = ` + at +
			`; a.dataset.external = ""; document.body.append(a); a.click()`)
		owner.until("document.readyState === 'complete' && !location.pathname.startsWith('/projects/')")
		owner.innocent("a redirect to a storage")
	})
}
