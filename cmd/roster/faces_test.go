package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/client"
	"roster/internal/app/apptest"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// soul is what the reference knows of a person.
type soul struct {
	id                          int64
	name                        string
	org, there                  roster.Role // in the organization, and in the project
	seat                        roster.UserType
	tags                        []int64
	active, joined              time.Time
	explicit, workspace, paused bool
}

// access reports whether the person can enter the project.
func (s soul) access() bool { return s.explicit || s.workspace || s.org.SeesEveryProject() }

// said is one filter, as the faces say it, and whom it keeps. A face that cannot say it is
// not asked; a value that is nasty is refused.
type said struct {
	name               string
	wire, cli, console string
	nasty, blank       bool
	set                func(f *roster.MemberFilter)
	keeps              func(s soul) bool
}

// wish is a selector: filters, and whom it spares.
type wish struct {
	filters []said
	spared  []int64
}

func (w wish) keeps(s soul) bool {
	return !slices.ContainsFunc(w.filters, func(f said) bool { return f.keeps == nil || !f.keeps(s) }) && !slices.Contains(w.spared, s.id)
}

func (w wish) nasty() bool {
	return slices.ContainsFunc(w.filters, func(f said) bool { return f.nasty })
}

// blank reports whether a filter is there and says nothing: no filter in a form and in a
// list of the wire, and refused where somebody is taken away.
func (w wish) blank() bool {
	return slices.ContainsFunc(w.filters, func(f said) bool { return f.blank })
}

// consoleNames is what the console calls the filters it can say as texts.
var consoleNames = map[string]string{
	"search": "q", "role": "role", "user_type": "seat", "tags": "tag", "tags_operator": "every", "last_activity__gte": "from", "last_activity__lte": "to",
	"joined_after": "joined_after", "joined_before": "joined_before", "never_active": "active",
}

// stage is a world with every face of it.
type stage struct {
	t         *testing.T
	w         *apptest.World
	souls     []soul
	project   int64
	space     int64
	handler   http.Handler
	token     string
	cookie    *http.Cookie
	api       *client.Client
	e         environment
	local     []string
	remote    []string
	evidences map[string]bool // the faces that were asked
}

// TestEveryFaceMeansTheSame: random selectors and nasty values through every face, against
// a reference; refusals are compared as well as people.
func TestEveryFaceMeansTheSame(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := setStage(t, engine)
			rnd := rand.New(rand.NewPCG(2026, 11))
			for i := range 20 {
				s.ask(s.draw(rnd), i)
			}
			for i, n := range s.nasties() {
				s.ask(wish{filters: []said{n}}, i)
			}
			s.everyFaceWasAsked()
		})
	}
}

func setStage(t *testing.T, engine string) *stage {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	s := &stage{t: t, e: environment{}, evidences: map[string]bool{}}
	var db *store.DB
	var err error
	if engine == "sqlite" {
		dir := filepath.Join(t.TempDir(), "store")
		s.local = []string{"--data", dir}
		db, err = store.OpenDir(dir)
	} else {
		address := storetest.PostgresURL(t)
		s.local = []string{"--db", address}
		db, err = store.OpenURL(address)
	}
	s.must(err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Migrate(t.Context())
	s.must(err)
	s.w = apptest.New(t, db)
	s.people(rand.New(rand.NewPCG(7, 11)))
	s.handler = server.Handler(s.w.App, "test")
	web := httptest.NewServer(s.handler)
	t.Cleanup(web.Close)
	s.token, err = s.w.App.Token(t.Context(), s.w.Owner)
	s.must(err)
	s.api, err = client.New(web.URL, s.token)
	s.must(err)
	s.remote = []string{"--server", web.URL, "--token", s.token}
	s.signIn()
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) signIn() {
	password := "correct horse"
	m, err := s.w.App.UpdatePerson(s.w.As(s.w.Owner), s.w.Owner, roster.UserPatch{Password: &password})
	s.must(err)
	form := url.Values{"email": {m.User.Email}, "password": {password}}
	answer := s.send("POST", "/user/login/", form.Encode(), "application/x-www-form-urlencoded")
	for _, c := range answer.Result().Cookies() {
		if c.Name == "sessionid" {
			s.cookie = c
		}
	}
	if s.cookie == nil {
		s.t.Fatalf("nobody is signed in: %d %s", answer.Code, answer.Body)
	}
}

// people fills the organization, the project and its workspace.
func (s *stage) people(rnd *rand.Rand) {
	w := s.w
	ctx := w.As(w.Owner)
	s.space = w.Workspace("Team")
	s.project = w.Project("Street signs", s.space)
	night, day := w.Tag("night"), w.Tag("day")
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	rows := make([]roster.OrganizationMember, 40)
	for i := range rows {
		p := soul{
			name: pick("ann", "bo", "cyd") + pick(" ng", " okafor"), org: roster.Role(pick("AN", "AN", "RE", "MA", "AD", "NO", "VO")),
			seat: roster.UserType(pick("standard", "flex")), explicit: rnd.IntN(3) > 0, workspace: rnd.IntN(4) == 0, paused: rnd.IntN(4) == 0,
		}
		p.there = p.org
		if rnd.IntN(3) > 0 {
			p.active = time.Date(2026, 1, 1+rnd.IntN(20), rnd.IntN(24), 0, 0, 0, time.UTC)
		}
		for _, tag := range []int64{night, day} {
			if rnd.IntN(2) == 0 {
				p.tags = append(p.tags, tag)
			}
		}
		first, last, _ := strings.Cut(p.name, " ")
		email := fmt.Sprintf("p%d@example.com", i)
		rows[i].User = roster.User{Email: email, Username: email, FirstName: first, LastName: last, DateJoined: w.Clock, LastActivity: p.active}
		rows[i].Membership = roster.OrganizationMembership{Role: p.org, UserType: p.seat, CreatedAt: w.Clock}
		s.souls = append(s.souls, p)
	}
	ids, err := w.DB.LoadPeople(ctx, w.Org, rows)
	s.must(err)
	joinings := []time.Time{time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 2, 10, 23, 59, 59, 999_999_000, time.UTC), time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)}
	for i := range s.souls {
		p := &s.souls[i]
		p.id = ids[i]
		at := joinings[i%len(joinings)]
		if p.explicit {
			p.joined = at
		}
		s.enlist(*p, at)
	}
}

// enlist writes what one person is to the project.
func (s *stage) enlist(p soul, at time.Time) {
	ctx := s.w.As(s.w.Owner)
	record := roster.Operation{OrganizationID: s.w.Org, ProjectID: s.project, Kind: roster.OpAssign, ActorID: s.w.Owner, At: at}
	op, err := s.w.DB.BeginOperation(ctx, record)
	s.must(err)
	if p.explicit {
		s.must(s.w.DB.LoadProjectMembers(ctx, s.project, []int64{p.id}, true, "", roster.SourceAPI, op))
	}
	if p.workspace {
		s.must(s.w.DB.LoadWorkspaceMembers(ctx, s.space, []int64{p.id}, op))
	}
	if p.paused {
		_, err := s.w.DB.CreatePause(ctx, roster.Pause{ProjectID: s.project, UserID: p.id, Reason: roster.PauseManual, PausedBy: roster.User{ID: s.w.Owner}}, s.w.Clock)
		s.must(err)
	}
	for _, tag := range p.tags {
		s.must(s.w.DB.LoadMemberTags(ctx, tag, []int64{p.id}))
	}
}

// sayings makes a filter for each name that a selector can be narrowed by.
func (s *stage) sayings(rnd *rand.Rand) map[string]said {
	text := []string{"ann", "NG bo", "okafor", "zz", `"cyd ng"`}[rnd.IntN(5)]
	role, seat := roster.Roles[rnd.IntN(len(roster.Roles))], []roster.UserType{"standard", "flex"}[rnd.IntN(2)]
	tags, every := [][]int64{{1}, {2}, {1, 2}}[rnd.IntN(3)], rnd.IntN(2) == 0
	day := time.Date(2026, 1, 1+rnd.IntN(20), 0, 0, 0, 0, time.UTC)
	joined := time.Date(2026, 2, []int{1, 2, 10, 11, 20}[rnd.IntN(5)], 0, 0, 0, 0, time.UTC)
	end := func(t time.Time) time.Time { return t.AddDate(0, 0, 1).Add(-time.Microsecond) }
	date, moment := func(t time.Time) string { return t.Format(time.DateOnly) }, func(t time.Time) string { return t.Format(time.RFC3339Nano) }
	other := s.souls[rnd.IntN(len(s.souls))]
	project, space, person := fmt.Sprint(s.project), fmt.Sprint(s.space), fmt.Sprint(other.id)
	all := func(want []int64, has func(int64) bool) bool {
		return !slices.ContainsFunc(want, func(id int64) bool { return !has(id) })
	}
	list := []said{
		{name: "search", wire: text, set: func(f *roster.MemberFilter) { f.Search = text }, keeps: func(p soul) bool {
			for _, word := range strings.Fields(strings.ToLower(text)) {
				if strings.Contains(text, `"`) {
					return strings.Contains(p.name, "cyd ng")
				}
				if !strings.Contains(p.name, word) {
					return false
				}
			}
			return true
		}},
		{name: "role", wire: string(role), set: func(f *roster.MemberFilter) { f.Roles = []roster.Role{role} }, keeps: func(p soul) bool { return p.there == role }},
		{name: "user_type", wire: string(seat), set: func(f *roster.MemberFilter) { f.UserTypes = []roster.UserType{seat} }, keeps: func(p soul) bool { return p.seat == seat }},
		{name: "tags", wire: "0" + texts(tags), cli: texts(tags), set: func(f *roster.MemberFilter) { f.Tags = tags },
			keeps: func(p soul) bool {
				return slices.ContainsFunc(tags, func(id int64) bool { return slices.Contains(p.tags, id) })
			}},
		{name: "last_activity__gte", wire: date(day), set: func(f *roster.MemberFilter) { f.ActiveFrom = &day }, keeps: func(p soul) bool { return !p.active.Before(day) && !p.active.IsZero() }},
		{name: "last_activity__lte", wire: moment(end(day)), console: date(day), set: func(f *roster.MemberFilter) { f.ActiveTo = new(end(day)) },
			keeps: func(p soul) bool { return !p.active.After(day.AddDate(0, 0, 1)) && !p.active.IsZero() }},
		{name: "joined_after", wire: date(joined), set: func(f *roster.MemberFilter) { f.JoinedAfter = &joined }, keeps: func(p soul) bool { return p.explicit && !p.joined.Before(joined) }},
		{name: "joined_before", wire: date(joined), set: func(f *roster.MemberFilter) { f.JoinedBefore = new(end(joined)) }, keeps: func(p soul) bool { return p.explicit && p.joined.Before(joined.AddDate(0, 0, 1)) }},
		{name: "never_active", wire: "true", console: "never", set: func(f *roster.MemberFilter) { f.NeverActive = true }, keeps: func(p soul) bool { return p.active.IsZero() }},
		{name: "ability", wire: "waiting", console: "-", set: func(f *roster.MemberFilter) { f.Ability = roster.Waiting }, keeps: func(p soul) bool { return p.org == "NO" }},
		{name: "in_workspace", wire: space, console: "-", set: func(f *roster.MemberFilter) { f.InWorkspace = s.space }, keeps: func(p soul) bool { return p.workspace }},
		{name: "paused_in", wire: project, console: "-", set: func(f *roster.MemberFilter) { f.PausedIn = s.project }, keeps: func(p soul) bool { return p.paused }},
		{name: "by_organization_role", wire: "true", console: "-", set: func(f *roster.MemberFilter) { f.ByRole = true }, keeps: func(p soul) bool { return p.org.SeesEveryProject() }},
		{name: "shared_with", wire: person, console: "-", set: func(f *roster.MemberFilter) { f.SharedWith = &roster.Actor{UserID: other.id} }, keeps: func(p soul) bool { return s.share(other, p) }},
	}
	if every {
		list = append(list, said{name: "tags_operator", wire: "and", console: "1", set: func(f *roster.MemberFilter) { f.EveryTag = true }, keeps: func(p soul) bool {
			return all(tags, func(id int64) bool { return slices.Contains(p.tags, id) })
		}})
	}
	out := map[string]said{}
	for _, f := range list {
		out[f.name] = f.everywhere()
	}
	return out
}

// share reports whether somebody is in a project or a workspace that another sees: here
// there are one project and its workspace.
func (s *stage) share(viewer, p soul) bool {
	sees := viewer.org.SeesEveryProject() || (viewer.org.Works() && (viewer.explicit || viewer.workspace) && !viewer.paused)
	space := viewer.org.SeesEveryProject() || (viewer.org.Works() && viewer.workspace)
	return p.id == viewer.id || sees && p.access() || space && p.workspace
}

// everywhere has what is said the same on every face.
func (f said) everywhere() said {
	if f.cli == "" {
		f.cli = f.wire
	}
	if f.console == "" {
		f.console = f.wire
	}
	return f
}

// draw makes a selector of up to three filters.
func (s *stage) draw(rnd *rand.Rand) (w wish) {
	known := s.sayings(rnd)
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range known {
			if !yield(name) {
				return
			}
		}
	})
	for range rnd.IntN(4) {
		f := known[names[rnd.IntN(len(names))]]
		taken := func(x said) bool {
			return x.name == f.name || (x.name+f.name == "never_activelast_activity__gte" || strings.Contains(x.name+f.name, "never_active") && strings.Contains(x.name+f.name, "last_activity"))
		}
		if slices.ContainsFunc(w.filters, taken) {
			continue
		}
		w.filters = append(w.filters, f)
		if f.name == "tags_operator" && !slices.ContainsFunc(w.filters, func(x said) bool { return x.name == "tags" }) {
			w.filters = append(w.filters, known["tags"])
		}
	}
	for range rnd.IntN(3) {
		w.spared = append(w.spared, s.souls[rnd.IntN(len(s.souls))].id)
	}
	return w
}

// nasties are values that nobody could mean, for every filter.
func (s *stage) nasties() (out []said) {
	by := map[string][]string{
		"search": {",", `""`, "a\xff", strings.Repeat("a", 1001)}, "role": {"\xff", "XX", "an"}, "user_type": {"gold"}, "tags": {"x", "-1", "1;2", "0"},
		"tags_operator": {"xor"}, "last_activity__gte": {"0001-01-01", "26-01-01", "x", "2026-02-30"}, "last_activity__lte": {"0001-01-01", "x"},
		"joined_after": {"0001-01-01", "x"}, "joined_before": {"0001-01-01", "10000-01-01"}, "never_active": {"perhaps"}, "ability": {"fine"},
		"in_workspace": {"x", "99"}, "paused_in": {"99", "-1"}, "by_organization_role": {"perhaps"}, "shared_with": {"999999"}, "rolle": {"AN"},
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range by {
			if !yield(name) {
				return
			}
		}
	}) {
		for _, value := range by[name] {
			f := said{name: name, wire: value, nasty: true}
			if name == "tags_operator" || name == "never_active" {
				f.console = "true"
			}
			out = append(out, f.everywhere())
		}
		out = append(out, said{name: name, nasty: true, blank: true})
	}
	return out
}

// face is one way to ask; ids is nil where it says only how many.
type face struct {
	name    string
	changes bool // it is done, and taken back
	ask     func(w wish) (ids []int64, count int, refused bool)
}

// ask puts a selector to every face and compares.
func (s *stage) ask(w wish, round int) {
	var members, candidates []int64
	for _, p := range s.souls {
		if w.keeps(p) && p.explicit {
			members = append(members, p.id)
		}
		if w.keeps(p) && !p.access() && p.org.Works() {
			candidates = append(candidates, p.id)
		}
	}
	for kind, faces := range map[string][]face{"list": s.lists(), "preview": s.previews(), "removal": s.removals(), "addition": s.additions()} {
		want := members
		if kind == "addition" {
			want = candidates
		}
		for i, f := range faces {
			other := map[bool]string{true: ", server", false: ", local"}[round%2 == 0]
			if strings.HasSuffix(f.name, other) || f.changes && round%len(faces) != i && !w.nasty() { // each in its turn
				continue
			}
			s.compare(kind, f, w, want)
		}
	}
}

func (s *stage) compare(kind string, f face, w wish, want []int64) {
	s.t.Helper()
	console := strings.HasPrefix(f.name, "console")
	onList := kind == "list"
	switch {
	case console && slices.ContainsFunc(w.filters, func(x said) bool { return x.console == "-" || x.blank }):
		return // it cannot say it, or a form's blank field is no filter
	case onList && len(w.spared) > 0:
		w.spared = nil // a list spares nobody
		want = nil
		for _, p := range s.souls {
			if w.keeps(p) && p.explicit {
				want = append(want, p.id)
			}
		}
	case onList && w.blank() && strings.HasPrefix(f.name, "GET"):
		return // a list of the wire takes it for none, as the original does
	case kind == "addition" && slices.ContainsFunc(w.filters, func(x said) bool { return strings.HasPrefix(x.name, "joined") }):
		w.filters = append(slices.Clone(w.filters), said{nasty: true}) // who is in nothing joined nothing: refused by name
	case strings.HasPrefix(f.name, "GET") && len(w.filters) == 1 && w.filters[0].name == "rolle":
		return // a list passes over what is no filter at all, as the original does
	}
	s.evidences[f.name] = true
	before := s.w.Explicit(s.project)
	ids, count, refused := f.ask(w)
	if f.changes {
		ids = s.takeBack(before, kind)
		count = len(ids)
	}
	slices.Sort(ids)
	switch {
	case refused != w.nasty():
		s.t.Errorf("%s %s: refused is %v for %s", kind, f.name, refused, w.text())
	case refused && f.changes && count > 0:
		s.t.Errorf("%s %s: refused, and yet %v for %s", kind, f.name, ids, w.text())
	case !refused && (count != len(want) || ids != nil && !slices.Equal(ids, want)):
		s.t.Errorf("%s %s: %d %v, want %d %v, for %s", kind, f.name, count, ids, len(want), want, w.text())
	}
}

// takeBack is who came or went, who are as before afterwards.
func (s *stage) takeBack(before []int64, kind string) (ids []int64) {
	after := s.w.Explicit(s.project)
	longer, shorter := before, after
	if kind == "addition" {
		longer, shorter = after, before
	}
	for _, id := range longer {
		if !slices.Contains(shorter, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ops, _, err := s.w.App.OperationList(s.w.As(s.w.Owner), roster.OperationFilter{ProjectID: s.project}, roster.Page{Number: 1, Size: 1, Order: "-at"})
	s.must(err)
	_, err = s.w.App.Undo(s.w.As(s.w.Owner), ops[0].ID)
	s.must(err)
	if again := s.w.Explicit(s.project); !slices.Equal(again, before) {
		s.t.Fatalf("undone: %v, want %v", again, before)
	}
	return ids
}

func (w wish) text() string {
	var parts []string
	for _, f := range w.filters {
		parts = append(parts, fmt.Sprintf("%s=%q", f.name, f.wire))
	}
	return strings.Join(parts, "&") + fmt.Sprint(" without ", w.spared)
}

// wire is the selector as the wire has it in a query.
func (w wish) wire() url.Values {
	v := url.Values{}
	for _, f := range w.filters {
		v.Set(f.name, f.wire)
	}
	return v
}

func (w wish) filter() (f roster.MemberFilter) {
	for _, x := range w.filters {
		x.set(&f)
	}
	return f
}

// flags is the selector on the command line.
func (w wish) flags() (out []string) {
	for _, x := range w.filters {
		name := x.name
		for _, d := range roster.MemberFilterFields {
			if d.Name == x.name {
				name = d.FlagName()
			}
		}
		if flag := "--" + strings.ReplaceAll(name, "_", "-"); x.wire == "true" {
			out = append(out, flag)
		} else {
			out = append(out, flag+"="+x.cli)
		}
	}
	return out
}

// console is the selector in an address of the console.
func (w wish) console() url.Values {
	v := url.Values{}
	for _, x := range w.filters {
		name, known := consoleNames[x.name]
		if !known {
			name = x.name // which is none there
		}
		values := []string{x.console}
		if name == "tag" {
			values = strings.Split(x.console, ",")
		}
		v[name] = values
	}
	return v
}

func (w wish) selector() roster.Selector {
	return roster.Selector{All: true, Excluded: w.spared, Filter: w.filter()}
}

func (s *stage) send(method, path, body, kind string) *httptest.ResponseRecorder {
	s.w.Clock = time.Now().UTC()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Token "+s.token)
	} else if s.cookie != nil {
		r.AddCookie(s.cookie)
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	return answer
}

// wire asks the API.
func (s *stage) wire(method, path string, query url.Values, body string) (answer map[string]any, refused bool) {
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	a := s.send(method, path+"?"+query.Encode(), body, kind)
	if a.Code != http.StatusOK && a.Code != http.StatusBadRequest {
		s.t.Fatalf("%s %s?%s: %d %s", method, path, query.Encode(), a.Code, a.Body)
	}
	s.must(json.Unmarshal(a.Body.Bytes(), &answer))
	return answer, a.Code == http.StatusBadRequest
}

func idsOf(rows any) (ids []int64) {
	list, _ := rows.([]any)
	ids = []int64{}
	for _, row := range list {
		ids = append(ids, int64(row.(map[string]any)["id"].(float64)))
	}
	return ids
}

// rowsOf is the ids of a CSV file.
func rowsOf(file io.Reader) (ids []int64) {
	ids = []int64{}
	lines, _ := csv.NewReader(file).ReadAll()
	for _, line := range lines[min(1, len(lines)):] {
		id, _ := strconv.ParseInt(line[0], 10, 64)
		ids = append(ids, id)
	}
	return ids
}

func (s *stage) lists() []face {
	explicit := func(w wish) url.Values {
		v := w.wire()
		v.Set("implicit", "false")
		v.Set("page_size", "1000")
		return v
	}
	members := fmt.Sprintf("/api/projects/%d/members/", s.project)
	cli := func(place []string, how string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			args := append([]string{"member", how, "--project", fmt.Sprint(s.project), "--no-implicit"}, w.flags()...)
			if how == "list" {
				args = append(args, "--json")
			}
			a := s.e.roster(s.t, append(args, place...)...)
			if how == "export" {
				ids := rowsOf(strings.NewReader(a.out))
				return ids, len(ids), a.code != 0
			}
			var rows any
			json.Unmarshal([]byte(a.out), &rows)
			return idsOf(rows), len(idsOf(rows)), a.code != 0
		}
	}
	return []face{
		{name: "GET members/paginated", ask: func(w wish) ([]int64, int, bool) {
			answer, refused := s.wire("GET", members+"paginated/", explicit(w), "")
			count, _ := answer["count"].(float64)
			return idsOf(answer["results"]), int(count), refused
		}},
		{name: "GET members/export", ask: func(w wish) ([]int64, int, bool) {
			a := s.send("GET", members+"export/?"+explicit(w).Encode(), "", "")
			ids := rowsOf(a.Body)
			return ids, len(ids), a.Code != http.StatusOK
		}},
		{name: "client Members", ask: func(w wish) (ids []int64, n int, refused bool) {
			if w.nasty() {
				return nil, 0, true // it takes values, and no texts
			}
			f := w.filter()
			f.Access = roster.ExplicitAccess
			ids = []int64{}
			for m, err := range s.api.Members(s.t.Context(), s.project, f, "") {
				s.must(err)
				ids = append(ids, m.ID)
			}
			n, err := s.api.CountMembers(s.t.Context(), s.project, f)
			s.must(err)
			return ids, n, false
		}},
		{name: "cli member list, local", ask: cli(s.local, "list")},
		{name: "cli member list, server", ask: cli(s.remote, "list")},
		{name: "cli member export, local", ask: cli(s.local, "export")},
		{name: "cli member export, server", ask: cli(s.remote, "export")},
		{name: "console /projects/{id}/members", ask: func(w wish) ([]int64, int, bool) {
			v := w.console()
			v.Set("size", "500")
			v.Set("access", "direct")
			a := s.send("GET", fmt.Sprintf("/projects/%d/members?%s", s.project, v.Encode()), "", "")
			ids := []int64{}
			for _, m := range regexp.MustCompile(`name="pick" value="(\d+)"`).FindAllStringSubmatch(a.Body.String(), -1) {
				id, _ := strconv.ParseInt(m[1], 10, 64)
				ids = append(ids, id)
			}
			return ids, len(ids), a.Code != http.StatusOK
		}},
		{name: "console /projects/{id}/members.csv", ask: func(w wish) ([]int64, int, bool) {
			v := w.console()
			v.Set("bom", "0")
			v.Set("access", "direct")
			a := s.send("GET", fmt.Sprintf("/projects/%d/members.csv?%s", s.project, v.Encode()), "", "")
			ids := rowsOf(a.Body)
			return ids, len(ids), a.Code != http.StatusOK
		}},
	}
}

// removing is the selector of a removal on the wire.
func (w wish) removing() url.Values {
	v := w.wire()
	v.Set("all", "true")
	if len(w.spared) > 0 {
		v.Set("excluded", texts(w.spared))
	}
	return v
}

func texts(ids []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}

func (s *stage) command(place []string, what string, w wish, more ...string) answer {
	args := append([]string{"member", what, "--project", fmt.Sprint(s.project), "--all", "--json"}, w.flags()...)
	if len(w.spared) > 0 {
		args = append(args, "--exclude", texts(w.spared))
	}
	return s.e.roster(s.t, append(append(args, more...), place...)...)
}

func number(text, name string) int {
	var v map[string]any
	json.Unmarshal([]byte(text), &v)
	n, _ := v[name].(float64)
	return int(n)
}

func (s *stage) previews() []face {
	path := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview", s.project)
	shown := func(answer map[string]any, refused bool) ([]int64, int, bool) {
		count, _ := answer["count"].(float64)
		return idsOf(answer["results"]), int(count), refused
	}
	cli := func(place []string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "unassign", w, "--dry-run")
			return nil, number(a.out, "count"), a.code != 0
		}
	}
	return []face{
		{name: "POST bulk/preview, query", ask: func(w wish) ([]int64, int, bool) {
			v := w.removing()
			v.Set("page_size", "1000")
			return shown(s.wire("POST", path, v, ""))
		}},
		{name: "POST bulk/preview, body", ask: func(w wish) ([]int64, int, bool) {
			body := map[string]any{"all": true, "page_size": 1000, "excluded": append([]int64{}, w.spared...)}
			for _, f := range w.filters {
				body[f.name] = f.wire
				if strings.Contains(f.wire, "\xff") {
					return nil, 0, true // is no JSON
				}
			}
			text, err := json.Marshal(body)
			s.must(err)
			return shown(s.wire("POST", path, nil, string(text)))
		}},
		{name: "client PreviewUnassign", ask: func(w wish) ([]int64, int, bool) {
			if w.nasty() {
				return nil, 0, true
			}
			p, err := s.api.PreviewUnassign(s.t.Context(), s.project, w.selector(), 1000)
			s.must(err)
			ids := []int64{}
			for _, m := range p.People {
				ids = append(ids, m.ID)
			}
			return ids, p.Count, false
		}},
		{name: "cli member unassign --dry-run, local", ask: cli(s.local)},
		{name: "cli member unassign --dry-run, server", ask: cli(s.remote)},
		{name: "console /projects/{id}/members/unassign", ask: func(w wish) ([]int64, int, bool) {
			_, count, refused := s.dialog(w)
			return nil, count, refused
		}},
	}
}

var (
	planField = regexp.MustCompile(`name="plan" value="([^"]+)"`)
	keyField  = regexp.MustCompile(`name="key" value="([A-Z0-9]+)"`)
	howMany   = regexp.MustCompile(`Take (one person|([\d,]+) people) off`)
)

// form is the selection as the console's forms send it.
func (w wish) form() url.Values {
	v := w.console()
	v.Set("all", "1")
	if len(w.spared) > 0 {
		v.Set("excluded", texts(w.spared))
	}
	return v
}

// dialog is the question before a removal, with the fields to answer it.
func (s *stage) dialog(w wish) (fields url.Values, count int, refused bool) {
	fields = w.form()
	fields.Set("key", strings.Repeat("A", 26))
	a := s.send("POST", fmt.Sprintf("/projects/%d/members/unassign", s.project), fields.Encode(), "application/x-www-form-urlencoded")
	if a.Code != http.StatusOK {
		return nil, 0, true
	}
	m := howMany.FindStringSubmatch(a.Body.String())
	if m == nil {
		s.t.Fatalf("no question in\n%s", a.Body)
	}
	count = 1
	if m[2] != "" {
		count, _ = strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	}
	fields.Set("plan", planField.FindStringSubmatch(a.Body.String())[1])
	fields.Set("key", keyField.FindStringSubmatch(a.Body.String())[1])
	fields.Set("typed", "Street signs")
	return fields, count, false
}

func (s *stage) removals() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	cli := func(place []string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) { return nil, 0, s.command(place, "unassign", w).code != 0 }
	}
	return []face{
		{name: "DELETE members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("DELETE", bulk, w.removing(), "")
			return nil, 0, refused
		}},
		{name: "client UnassignMembers", changes: true, ask: func(w wish) ([]int64, int, bool) {
			if w.nasty() {
				return nil, 0, true
			}
			s.w.Clock = time.Now().UTC()
			_, err := s.api.UnassignMembers(s.t.Context(), s.project, w.selector(), "")
			s.must(err)
			return nil, 0, false
		}},
		{name: "cli member unassign, local", changes: true, ask: cli(s.local)},
		{name: "cli member unassign, server", changes: true, ask: cli(s.remote)},
		{name: "console /projects/{id}/members/unassign/apply", changes: true, ask: func(w wish) ([]int64, int, bool) {
			fields, _, refused := s.dialog(w)
			if refused {
				fields = w.form()
				fields.Set("plan", "x")
				fields.Set("key", strings.Repeat("B", 26))
			}
			a := s.send("POST", fmt.Sprintf("/projects/%d/members/unassign/apply", s.project), fields.Encode(), "application/x-www-form-urlencoded")
			return nil, 0, a.Code != http.StatusSeeOther
		}},
	}
}

func (s *stage) additions() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/assign/preview", s.project)
	body := func(w wish) string {
		text, _ := json.Marshal(map[string]any{"all": true, "excluded": append([]int64{}, w.spared...)})
		return string(text)
	}
	cli := func(place []string, more ...string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "assign", w, more...)
			return nil, number(a.out, "assignments"), a.code != 0
		}
	}
	return []face{
		{name: "POST bulk/assign/preview", ask: func(w wish) ([]int64, int, bool) {
			answer, refused := s.wire("POST", preview, w.wire(), body(w))
			n, _ := answer["assignments"].(float64)
			return nil, int(n), refused
		}},
		{name: "client PreviewAssign", ask: func(w wish) ([]int64, int, bool) {
			if slices.ContainsFunc(w.filters, func(x said) bool { return x.set == nil }) {
				return nil, 0, true
			}
			done, err := s.api.PreviewAssign(s.t.Context(), s.project, w.selector())
			return nil, done.Count, err != nil
		}},
		{name: "cli member assign --dry-run, local", ask: cli(s.local, "--dry-run")},
		{name: "cli member assign --dry-run, server", ask: cli(s.remote, "--dry-run")},
		{name: "POST members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("POST", bulk, w.wire(), body(w))
			return nil, 0, refused
		}},
		{name: "client AssignMembers", changes: true, ask: func(w wish) ([]int64, int, bool) {
			if slices.ContainsFunc(w.filters, func(x said) bool { return x.set == nil }) {
				return nil, 0, true
			}
			s.w.Clock = time.Now().UTC()
			_, err := s.api.AssignMembers(s.t.Context(), s.project, w.selector())
			return nil, 0, err != nil
		}},
		{name: "cli member assign, local", changes: true, ask: cli(s.local)},
		{name: "cli member assign, server", changes: true, ask: cli(s.remote)},
		{name: "console /projects/{id}/members/add", changes: true, ask: func(w wish) ([]int64, int, bool) {
			v := w.form()
			v.Set("key", keyField.FindStringSubmatch(s.send("GET", fmt.Sprintf("/projects/%d/members/add", s.project), "", "").Body.String())[1])
			a := s.send("POST", fmt.Sprintf("/projects/%d/members/add", s.project), v.Encode(), "application/x-www-form-urlencoded")
			return nil, 0, a.Code != http.StatusSeeOther
		}},
	}
}
