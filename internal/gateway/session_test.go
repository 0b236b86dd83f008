package gateway_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// signsIn is the upstream's answer to the sign-in form: a session of its own
// for whoever has the right password.
func signsIn(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/user/login/" || r.Method != http.MethodPost {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: "form"})
	http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "anonymous"})
	if r.FormValue("password") == "right" {
		name, _, _ := strings.Cut(r.FormValue("email"), "@")
		w.Header().Del("Set-Cookie")
		http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "up-" + name, Path: "/", HttpOnly: true})
		http.Redirect(w, r, "/", http.StatusFound)
	}
	return true
}

// signIn fills in the sign-in form and returns the cookie that came, if any.
func (w *world) signIn(email, password string, header ...string) (reply, string) {
	w.t.Helper()
	return w.signInAt("/user/login/", email, password, header...)
}

// signInAt is signIn at an address.
func (w *world) signInAt(target, email, password string, header ...string) (reply, string) {
	w.t.Helper()
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		r.Body = io.NopCloser(strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
		return signsIn(rw, r)
	})
	defer w.fake.answering(nil)
	form := url.Values{"email": {email}, "password": {password}, "csrfmiddlewaretoken": {"form"}}.Encode()
	got := w.send("", "POST", target, form,
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
	for _, line := range got.header["Set-Cookie"] {
		if value, ok := strings.CutPrefix(line, "sessionid="); ok {
			value, _, _ = strings.Cut(value, ";")
			return got, value
		}
	}
	return got, ""
}

// TestSignIn: the browser holds a session of Roster's, and the upstream's stays
// behind the gate.
func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		if got, session := w.signIn("ann@example.com", "wrong"); got.status != 200 || session != "" {
			t.Fatal("a wrong password:", got, session)
		}
		got, session := w.signIn("ann@example.com", "right")
		if got.status != 302 || len(session) != 40 {
			t.Fatal(got, session)
		}
		cookie := []string{"Cookie", "csrftoken=form; sessionid=" + session}
		w.fake.taken()
		if got := w.get("", "/api/tasks/11/", cookie...); got.status != 200 {
			t.Fatal(got)
		}
		if reached := w.fake.taken(); reached[0].user != people["ann"] ||
			strings.Contains(reached[0].header.Get("Cookie"), session) {
			t.Errorf("arrived as %+v", reached)
		}
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Referer", "https://evil.example/page"},
		} {
			if got := w.send("", "DELETE", "/api/annotations/101/", "", append(cookie, header...)...); got.status != 403 {
				t.Error("from another site:", header, got)
			}
		}
		if got := w.send("", "PATCH", "/api/annotations/101/", `{"result":[]}`,
			append(cookie, "Referer", w.srv.URL+"/projects/1/data")...); got.status != 200 {
			t.Error("from a page of ours:", got)
		}
		token, err := w.app.Token(w.as("ann"), people["ann"]) // one of Roster's own
		ok(t, err)
		w.fake.taken()
		if got := w.get("", "/api/tasks/11/", "Authorization", "Token "+token); got.status != 200 ||
			w.fake.taken()[0].user != people["ann"] {
			t.Error("with a token of Roster's:", got)
		}
		if got := w.get("", "/logout/", cookie...); got.status != 302 ||
			!strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
			t.Error(got)
		}
		if got := w.get("", "/api/tasks/11/", cookie...); got.status != 401 {
			t.Error("after signing out:", got)
		}
		page := w.get("", "/projects/1/data", append(cookie, "Accept", "text/html")...)
		if page.status != 302 || page.header.Get("Location") != "/user/login/?next=%2Fprojects%2F1%2Fdata" {
			t.Error(page)
		}
	})
}

// TestTokenWithoutSignIn: Roster's own token of somebody who never signed in
// works for Roster's API, and says what to do for the upstream's.
func TestTokenWithoutSignIn(t *testing.T) {
	w := newWorld(t)
	token, err := w.app.Token(w.as("mia"), people["mia"])
	ok(t, err)
	if got := w.get("", "/api/tasks/11/", "Authorization", "Token "+token); got.status != 403 ||
		!strings.Contains(got.body, "Sign in once") {
		t.Error(got)
	}
	if got := w.get("", "/api/projects/1/members/paginated/", "Authorization", "Token "+token); got.status != 200 {
		t.Error(got)
	}
}

// TestSignInIsRefused to people whom Roster has put out, however right the
// password, and from another site's page.
func TestSignInIsRefused(t *testing.T) {
	w := newWorld(t)
	if got, session := w.signIn("ann@example.com", "right", "Sec-Fetch-Site", "cross-site"); got.status != 403 ||
		session != "" {
		t.Error("from another site:", got)
	}
	w.setRole(people["ann"], roster.RoleDeactivated)
	if got, session := w.signIn("ann@example.com", "right"); got.status != 403 || session != "" {
		t.Error(got, session)
	}
	if got := w.get("ann", "/api/tasks/11/"); got.status != 401 {
		t.Error("with a token:", got)
	}
}

// TestEveryCredential: each kind that the upstream takes works unchanged, and
// goes on as one.
func TestEveryCredential(t *testing.T) {
	w := newWorld(t)
	access := w.access("one", "ann")
	w.fake.taken()
	for _, header := range [][]string{{"Authorization", "Token tok-ann"}, {"Authorization", "Bearer " + access},
		{"X-Api-Key", "tok-ann"}, {"Authorization", "token  tok-ann "}} {
		got := w.get("", "/api/tasks/11/", header...)
		if reached := w.fake.taken(); got.status != 200 || len(reached) != 1 || reached[0].user != people["ann"] {
			t.Errorf("%q: %d, reached %+v", header, got.status, reached)
		}
	}
}

// TestNoStaleAccess: what is allowed is read for every request.
func TestNoStaleAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		for range 3 {
			if got := w.get("ann", "/api/tasks/11/"); got.status != 200 {
				t.Fatal(got)
			}
			w.unassign(1, "ann")
			for _, target := range []string{"/api/tasks/11/", "/api/annotations/101/", "/api/tasks/?view=401",
				"/data/upload/1/a.png", "/projects/1/data"} {
				if got := w.get("ann", target); got.status != 404 {
					t.Errorf("%s after unassigning: %d", target, got.status)
				}
			}
			w.assign(1, "ann")
		}
	})
}

// TestMadeThroughTheGate: the maker of a project is a member of it before they
// are answered, and whoever takes them off it takes it from them.
func TestMadeThroughTheGate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		got := w.send("mia", "POST", "/api/projects/", `{"title":"Mine","created_by":{"id":2},"organization":7}`)
		if u := w.fake.taken(); got.status != 200 || len(u) != 1 || u[0].body != `{"title":"Mine"}` {
			t.Fatal(got, u)
		}
		const target = "/api/projects/104/members/paginated/"
		if got := w.get("mia", target); got.status != 200 || !strings.Contains(got.body, "mia@example.com") {
			t.Error(got)
		}
		w.send("mia", "PUT", "/api/projects/104/", `{"title":"Mine still","created_by":null,"organization":7}`)
		if u := w.fake.taken(); len(u) != 1 || u[0].method != "PATCH" || u[0].body != `{"title":"Mine still"}` {
			t.Error("a PUT, by which the upstream would forget the maker:", u)
		}
		w.unassign(104, "mia")
		for _, target := range []string{target, "/api/projects/104/", "/projects/104/data"} {
			if got := w.get("mia", target); got.status != 404 {
				t.Error("taken off their own project:", target, got)
			}
		}
	})
}

// TestStoreAway: without the store nothing passes.
func TestStoreAway(t *testing.T) {
	w := newWorld(t)
	if got := w.get("ann", "/api/tasks/11/"); got.status != 200 {
		t.Fatal(got)
	}
	w.fake.taken()
	ok(t, w.db.Close())
	got := w.get("ann", "/api/tasks/11/")
	if reached := w.fake.taken(); got.status != 503 || len(reached) > 0 {
		t.Error(got, reached)
	}
}

// TestCutInFlight: an answer that is still arriving when somebody loses access
// ends within a second of that.
func TestCutInFlight(t *testing.T) {
	w := newWorld(t)
	begun, gone := w.fake.stalling()
	r, err := http.NewRequest("GET", w.srv.URL+"/data/upload/1/big.bin", nil)
	ok(t, err)
	r.Header.Set("Authorization", "Token tok-ann")
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	defer answer.Body.Close()
	<-begun
	at := time.Now()
	w.unassign(1, "ann")
	got, err := io.ReadAll(answer.Body)
	if err == nil || string(got) != "the beginning" {
		t.Errorf("read %q, and then %v", got, err)
	}
	<-gone
	t.Logf("cut after %s", time.Since(at))
}

// TestOverIsNotCut: a request that ends while it is asked about leaves its
// connection alone, which may carry somebody else's by then.
func TestOverIsNotCut(t *testing.T) {
	if gateway.CutsTheNext() {
		t.Error("the next request on its connection was cut")
	}
}

// TestCutUpload: likewise what is still being sent.
func TestCutUpload(t *testing.T) {
	w := newWorld(t)
	if got := w.get("mia", "/api/projects/1/"); got.status != 200 { // it is known whose the token is
		t.Fatal(got)
	}
	w.fake.arriving = make(chan string)
	body, writer := io.Pipe()
	r, err := http.NewRequest("POST", w.srv.URL+"/api/projects/1/import", body)
	ok(t, err)
	r.ContentLength = 1 << 20
	r.Header.Set("Authorization", "Token tok-mia")
	r.Header.Set("Content-Type", "application/json")
	go writer.Write([]byte(`[{"text":"`))
	done := make(chan error, 1)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode/100 == 2 {
				t.Error("the upload was taken:", answer.Status)
			}
		}
		done <- err
	}()
	for path := range w.fake.arriving {
		if strings.HasSuffix(path, "/import") { // before it comes what the gate asks itself
			break
		}
	}
	w.setRole(people["mia"], roster.RoleDeactivated)
	<-done
	writer.Close()
}

// TestMembersLink: those who may see a project's members find the way there.
func TestMembersLink(t *testing.T) {
	w := newWorld(t)
	w.get("mia", "/api/version/")
	w.get("ann", "/api/version/")
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(rw, "<html><body>Label Studio</body></html>")
		return true
	})
	for who, want := range map[string]bool{"mia": true, "ann": false} {
		got := w.get(who, "/projects/1/data/", "Accept", "text/html")
		if got.status != 200 || strings.Contains(got.body, `id="roster-members"`) != want ||
			!strings.HasSuffix(got.body, "</body></html>") {
			t.Errorf("%s: %+v", who, got)
		}
	}
}

// TestRefusalsAreCounted by rule, and told to administrators.
func TestRefusalsAreCounted(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"/api/tasks/21/", "/api/tasks/21/", "/api/brand-new/"} {
		w.get("ann", target)
	}
	got := w.get("owner", "/api/roster/gate/refusals")
	if !strings.Contains(got.body, `"GET /api/tasks/{task}/ 404":2`) || !strings.Contains(got.body, `"unrouted 404":1`) {
		t.Error(got)
	}
	if got := w.get("ann", "/api/roster/gate/refusals"); got.status != 403 {
		t.Error(got)
	}
	if got := w.get("", "/roster/user/login?next=/roster/projects"); got.header.Get(
		"Location") != "/user/login/?next=%2Froster%2Fprojects" {
		t.Error(got)
	}
}

// TestFactsAreForgotten: what a request may have changed is asked anew.
func TestFactsAreForgotten(t *testing.T) {
	w := newWorld(t)
	if got := w.get("ann", "/api/annotations/101/"); got.status != 200 {
		t.Fatal(got)
	}
	was := authorOf[101]
	defer func() { authorOf[101] = was }()
	authorOf[101] = people["rev"]
	if got := w.send("mia", "PATCH", "/api/annotations/101/", `{"result":[]}`); got.status != 200 {
		t.Fatal(got)
	}
	if got := w.get("ann", "/api/annotations/101/"); got.status != 404 {
		t.Error(got)
	}
}

// TestSignInIsHeldToOneRate: an e-mail counts as one however it is written, and
// a form that names two is refused: the upstream would take the other.
func TestSignInIsHeldToOneRate(t *testing.T) {
	w := newWorld(t)
	form := func(body string) reply {
		return w.send("", "POST", "/user/login/", body, "Content-Type", "application/x-www-form-urlencoded")
	}
	for _, body := range []string{"email=a@example.com&email=ann@example.com", "email=ann@example.com%1c",
		"email=ann@example.com;x", "email=%"} {
		if got := form(body); got.status != 400 || len(w.fake.taken()) > 0 {
			t.Errorf("%s: %d", body, got.status)
		}
	}
	for n := range core.DefaultConfig().SignInRate.N {
		if got := form("email=" + strings.Repeat("+", n) + "ann@example.com" + strings.Repeat("%20", n)); got.status != 200 {
			t.Fatal(n, got)
		}
	}
	if got := form("email=++Ann@example.com%C2%A0"); got.status != 429 {
		t.Error("one more:", got)
	}
}

// TestNobodysRequestsAreSmall: who has not signed in has no more read of them
// than a token is long, and makes the gate forget nothing.
func TestNobodysRequestsAreSmall(t *testing.T) {
	w := newWorld(t)
	if got := w.send("", "POST", "/api/token/refresh/", `{"refresh":"`+strings.Repeat("x", 1<<20)+
		`"}`); got.status != 413 || len(w.fake.taken()) > 0 {
		t.Error(got)
	}
	asked := 0
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/whoami") {
			asked++
		}
		if strings.Contains(r.URL.Path, "blacklist") {
			rw.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	})
	for range 2 {
		w.get("ann", "/api/tasks/11/")
		w.send("", "POST", "/api/token/blacklist/", `{"refresh":"`+personal("x", people["mia"])+`"}`)
	}
	if asked != 1 {
		t.Errorf("the upstream was asked %d times whose one token is", asked)
	}
}

// TestRostersClockEnds: sessions and tokens end by Roster's clock, whatever the
// upstream thinks the time is.
func TestRostersClockEnds(t *testing.T) {
	w := newWorld(t)
	w.fake.beforeAll(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Date", "Mon, 01 Jan 1990 00:00:00 GMT")
		rw.Header().Set("Expires", "Mon, 01 Jan 1990 00:00:00 GMT")
		if r.Method == http.MethodPost { // the sign-in
			http.SetCookie(rw, &http.Cookie{Name: "sessionid", Value: "up-ann",
				Expires: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)})
			http.Redirect(rw, r, "/", http.StatusFound)
			return true
		}
		return false
	})
	got, session := w.signIn("ann@example.com", "right")
	if len(session) != 40 {
		t.Fatal(got)
	}
	personal, err := w.app.CreatePersonalToken(w.as("ann"), people["ann"])
	ok(t, err)
	access, err := w.app.AccessToken(t.Context(), personal.Text, "192.0.2.1")
	ok(t, err)
	with := map[string][]string{"the session": {"Cookie", "sessionid=" + session},
		"the access token": {"Authorization", "Bearer " + access}}
	for name, header := range with {
		if got := w.get("", "/api/tasks/11/", header...); got.status != 200 {
			t.Error(name, got)
		}
	}
	w.late.Store(int64(400 * 24 * time.Hour))
	for name, header := range with {
		if got := w.get("", "/api/tasks/11/", header...); got.status != 401 {
			t.Error(name, "a year later:", got)
		}
	}
}
