package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
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
			seat: roster.UserType(pick("standard", "flex")), explicit: rnd.IntN(3) > 0, workspace: rnd.IntN(4) == 0,
			paused: rnd.IntN(4) == 0,
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
		rows[i].User = roster.User{
			Email: email, Username: email, FirstName: first, LastName: last, DateJoined: w.Clock,
			LastActivity: p.active,
		}
		rows[i].Membership = roster.OrganizationMembership{Role: p.org, UserType: p.seat, CreatedAt: w.Clock}
		s.souls = append(s.souls, p)
	}
	ids, err := w.DB.LoadPeople(ctx, w.Org, rows)
	s.must(err)
	joinings := []time.Time{
		time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 2, 10, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC),
	}
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
		_, err := s.w.DB.CreatePause(ctx, roster.Pause{
			ProjectID: s.project, UserID: p.id, Reason: roster.PauseManual, PausedBy: roster.User{ID: s.w.Owner},
		}, s.w.Clock)
		s.must(err)
	}
	for _, tag := range p.tags {
		s.must(s.w.DB.LoadMemberTags(ctx, tag, []int64{p.id}))
	}
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
	for kind, faces := range map[string][]face{
		"list": s.lists(), "preview": s.previews(), "removal": s.removals(), "addition": s.additions(),
	} {
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
	ops, _, err := s.w.App.OperationList(s.w.As(s.w.Owner), roster.OperationFilter{ProjectID: s.project},
		roster.Page{Number: 1, Size: 1, Order: "-at"})
	s.must(err)
	_, err = s.w.App.Undo(s.w.As(s.w.Owner), ops[0].ID)
	s.must(err)
	if again := s.w.Explicit(s.project); !slices.Equal(again, before) {
		s.t.Fatalf("undone: %v, want %v", again, before)
	}
	return ids
}
