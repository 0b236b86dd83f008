package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
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
	spare     int64 // a tag that nobody has
	keys      int   // how many forms were sent
	now       map[int64]string
	evidences map[string]bool // the faces that were asked something they do not refuse
}

// TestEveryFaceMeansTheSame: random selectors, named people and nasty values through every
// face of every list of people, against a reference; refusals are compared as well as people.
// ROSTER_FACES is how many random selectors there are for each list.
func TestEveryFaceMeansTheSame(t *testing.T) {
	storetest.Long(t)
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("ROSTER_FACES"), "8"))
	if err != nil {
		t.Fatal("ROSTER_FACES is no number:", err)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // of many small requests, a sixth of the time
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := setStage(t, engine)
			for _, r := range s.realms() {
				rnd := rand.New(rand.NewPCG(2026, 11))
				var random []wish
				for range rounds {
					random = append(random, s.draw(rnd, r))
				}
				s.ask(r, random)
				s.ask(r, s.chosen(rnd))
				s.ask(r, s.nasties())
			}
			s.everyFieldWasSaid(rand.New(rand.NewPCG(2026, 11)))
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
	s.now = s.state()
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
	s.spare = w.Tag("spare")
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	rows := make([]roster.OrganizationMember, 40)
	for i := range rows {
		p := soul{
			name: pick("ann", "bo", "cyd") + pick(" ng", " okafor"),
			org:  roster.Role(pick("AN", "AN", "RE", "MA", "AD", "NO", "VO", "DI")),
			seat: roster.UserType(pick("standard", "flex")), explicit: rnd.IntN(3) > 0, workspace: rnd.IntN(4) == 0,
			paused: rnd.IntN(4) == 0,
		}
		p.there = p.org
		if p.org == "AN" && p.explicit && rnd.IntN(2) == 0 {
			p.there = "RE"
		}
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
	s.souls = append(s.souls, soul{
		id: w.Owner, name: "olga owner", org: "OW", there: "OW", seat: "standard",
		active: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), // with the first thing that is changed here
	})
}

// enlist writes what one person is to the project.
func (s *stage) enlist(p soul, at time.Time) {
	ctx := s.w.As(s.w.Owner)
	record := roster.Operation{OrganizationID: s.w.Org, ProjectID: s.project, Kind: roster.OpAssign,
		ActorID: s.w.Owner, At: at}
	op, err := s.w.DB.BeginOperation(ctx, record)
	s.must(err)
	if p.explicit {
		s.must(s.w.DB.LoadProjectMembers(ctx, s.project, []int64{p.id}, true, p.override(), roster.SourceAPI, op))
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

// subject is whom a kind of face is about.
type subject struct {
	name  string
	list  roster.Lists
	has   func(p soul) bool // who can be meant
	named func(p soul) bool // who can be when they are named; nil: the same
	hides bool              // the deactivated are not listed, unless they are asked for
	ends  bool              // they end besides when everybody goes
	faces []face
}

// realm is the subjects that one wish is put to.
type realm struct {
	name     string
	lists    roster.Lists
	subjects []subject
}

// selects reports whether it is no list, which shows and can neither name nor spare.
func (sub subject) selects() bool { return !strings.HasSuffix(sub.name, "list") }

// wanted is the people whom a wish means, and the dormant besides.
func (s *stage) wanted(sub subject, w wish) (want, besides []int64) {
	for _, p := range s.souls {
		switch {
		case w.named != nil:
			has := sub.has
			if sub.named != nil {
				has = sub.named
			}
			if has(p) && slices.Contains(w.named, p.id) && !slices.Contains(w.spared, p.id) {
				want = append(want, p.id)
			}
		case !sub.has(p) || !w.keeps(sub, p):
		case sub.hides && p.org == "DI" && !w.asks("role", "ability", "with_deleted"):
			besides = append(besides, p.id)
		default:
			want = append(want, p.id)
		}
	}
	if !sub.ends {
		besides = nil
	}
	return want, besides
}

// ask puts selectors to every face of a realm and compares.
func (s *stage) ask(r realm, wishes []wish) {
	for round, w := range wishes {
		for _, sub := range r.subjects {
			for i, f := range sub.faces {
				if inTurn(f, i, len(sub.faces), round, w.nasty()) {
					s.compare(sub, f, w)
				}
			}
		}
	}
	if now := s.state(); !maps.Equal(now, s.now) {
		s.t.Fatalf("%s: changed by what was refused: %v", r.name, differing(s.now, now))
	}
}

// inTurn reports whether a face is asked in a round: in the first, all are. Then what
// changes something takes turns, but for what nobody may do. So do commands, which are made
// of the same flags, and a command that opens a store with the same one on a server.
func inTurn(f face, at, of, round int, nasty bool) bool {
	onStore, command := round%3 == 0, strings.HasPrefix(f.name, "cli member")
	switch {
	case round == 0:
		return true
	case strings.HasSuffix(f.name, ", local") && !onStore, strings.HasSuffix(f.name, ", server") && onStore:
		return false
	case nasty:
		return !command || (round+at)/2%2 == 0
	}
	return !f.changes || round%of == at
}

// expressed is the wish as a face can say it; false where it cannot.
func (s *stage) expressed(sub subject, f face, w wish) (wish, bool) {
	console, query := strings.HasPrefix(f.name, "console"), strings.HasPrefix(f.name, "GET")
	wire := query || strings.HasPrefix(f.name, "POST memberships/search")
	foreign := func(x said) bool { return x.foreign(sub.list) }
	if console {
		foreign = func(x said) bool {
			return x.console != "-" && strings.HasPrefix(x.name, "joined") && x.foreign(sub.list)
		}
	}
	switch {
	case !sub.selects() && (w.named != nil || w.chooses()):
		return w, false // a list names nobody
	case console && slices.ContainsFunc(w.filters, func(x said) bool { return x.console == "-" || x.blank }):
		return w, false // it cannot say it, or a form's blank field is no filter
	case console && w.named != nil && len(w.spared) > 0:
		w.filters = []said{{nasty: true}} // a form says the one or the other
	case !sub.selects() && (wire && w.blank() || query && w.asks("rolle")):
		return w, false // a list passes over what says nothing and what is no filter at all, as the original does
	case slices.ContainsFunc(w.filters, foreign):
		w.filters = append(slices.Clone(w.filters), said{nasty: true}) // refused by name
	}
	if !sub.selects() {
		w.spared = nil
	}
	return w, true
}

func (s *stage) compare(sub subject, f face, w wish) {
	s.t.Helper()
	w, says := s.expressed(sub, f, w)
	if !says {
		return
	}
	want, besides := s.wanted(sub, w)
	s.evidences[f.name] = s.evidences[f.name] || !w.nasty()
	ids, count, refused := f.ask(w)
	if f.changes && !refused {
		ids = s.takeBack()
		count, want = len(ids), append(want, besides...)
	}
	slices.Sort(ids)
	slices.Sort(want)
	switch {
	case refused != w.nasty():
		s.t.Errorf("%s, %s: refused is %v for %s", sub.name, f.name, refused, w.text())
	case !refused && (count != len(want) || ids != nil && !slices.Equal(ids, want)):
		s.t.Errorf("%s, %s: %d %v, want %d %v, for %s", sub.name, f.name, count, ids, len(want), want, w.text())
	}
}

// state is what everybody is and has, by person.
func (s *stage) state() map[int64]string {
	ctx, out := s.w.As(s.w.Owner), map[int64]string{}
	people, _, err := s.w.App.OrganizationMembers(ctx, s.w.Org, roster.MemberFilter{},
		roster.Page{Number: 1, Size: 1000, Order: "id"})
	s.must(err)
	for _, p := range people {
		out[p.User.ID] = fmt.Sprint(p.Membership.Role, p.Membership.UserType)
		for _, tag := range p.Tags {
			out[p.User.ID] += " " + tag.Label
		}
	}
	explicit := roster.MemberFilter{Access: roster.ExplicitAccess, WithInactive: true}
	members, _, err := s.w.App.Members(ctx, s.project, explicit, roster.Everything)
	s.must(err)
	for _, m := range members {
		if !m.Membership.Deleted() {
			out[m.User.ID] += " in the project " + string(m.ProjectRole)
		}
	}
	members, _, err = s.w.App.WorkspaceMembers(ctx, s.space, roster.MemberFilter{WithInactive: true}, roster.Everything)
	s.must(err)
	for _, m := range members {
		out[m.User.ID] += " in the workspace"
	}
	return out
}

// differing is the people who are not as they were.
func differing(before, after map[int64]string) (ids []int64) {
	for id := range before {
		if before[id] != after[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// takeBack is whom the last operation changed, who are as before afterwards.
func (s *stage) takeBack() []int64 {
	ids := differing(s.now, s.state())
	if len(ids) == 0 {
		return nil
	}
	ops, _, err := s.w.App.OperationList(s.w.As(s.w.Owner), roster.OperationFilter{},
		roster.Page{Number: 1, Size: 1, Order: "-at"})
	s.must(err)
	_, err = s.w.App.Undo(s.w.As(s.w.Owner), ops[0].ID)
	s.must(err)
	if again := s.state(); !maps.Equal(again, s.now) {
		s.t.Fatalf("undone, and other than before: %v", differing(s.now, again))
	}
	return ids
}
