package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/client"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(storetest.Main(m))
}

// world is a server with a project, and a client of it.
type world struct {
	*apptest.World
	*client.Client
	project int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := apptest.New(t, storetest.SQLite(t))
	s := httptest.NewServer(server.Handler(w.App, "test"))
	t.Cleanup(s.Close)
	token, err := w.App.Token(t.Context(), w.Owner)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(s.URL+"/", token)
	if err != nil {
		t.Fatal(err)
	}
	c.Hurry()
	return &world{w, c, w.Project("Street signs", 0)}
}

// through makes the client's requests go through fn.
func (w *world) through(fn func(r *http.Request) (*http.Response, error)) { w.Transport = trip(fn) }

type trip func(r *http.Request) (*http.Response, error)

func (fn trip) RoundTrip(r *http.Request) (*http.Response, error) { return fn(r) }

func emails[T any](t *testing.T, items func(func(T, error) bool), email func(T) string) []string {
	t.Helper()
	out := []string{}
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, email(item))
	}
	return out
}

func TestTheWholeWay(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	who, err := w.Whoami(ctx)
	if err != nil || who.Email != "owner@example.com" || who.Membership.Role != roster.RoleOwner ||
		len(who.Permissions) == 0 {
		t.Fatalf("%+v %v", who, err)
	}
	ana, err := w.CreateUser(ctx, client.NewUser{Email: "ana@example.com", FirstName: "Ana"})
	if err != nil || ana.Name() != "Ana" {
		t.Fatalf("%+v %v", ana, err)
	}
	if p, err := w.SetRole(ctx, who.Membership.OrganizationID, ana.ID, roster.RoleReviewer); err != nil ||
		p.Role != roster.RoleReviewer || p.User.ID != ana.ID {
		t.Fatalf("%+v %v", p, err)
	}
	bo := w.Person("AN")
	added, err := w.AssignMembers(ctx, w.project, roster.Selector{Included: []int64{ana.ID, bo, 999}},
		roster.RoleAssignment{UserID: ana.ID, Role: roster.RoleAnnotator})
	if err != nil || added.Count != 2 || !slices.Equal(added.Skipped, []int64{999}) || added.Operation == 0 {
		t.Fatalf("%+v %v", added, err)
	}
	annotators := roster.MemberFilter{Roles: []roster.Role{"AN"}, Access: roster.ExplicitAccess}
	if n, err := w.CountMembers(ctx, w.project, annotators); err != nil || n != 2 {
		t.Errorf("%d annotators, %v", n, err)
	}
	sel := roster.Selector{All: true, Excluded: []int64{bo}, Filter: roster.MemberFilter{
		Search: "ana", Roles: []roster.Role{"AN"}}}
	preview, err := w.PreviewUnassign(ctx, w.project, sel, 5)
	if err != nil || preview.Count != 1 || len(preview.People) != 1 ||
		preview.People[0].Effective() != roster.RoleAnnotator {
		t.Fatalf("%+v %v", preview, err)
	}
	done, err := w.UnassignMembers(ctx, w.project, sel, preview.Plan)
	if err != nil || done.Count != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	outcomes := emails(t, w.Outcomes(ctx, done.Operation), func(o client.Outcome) string {
		return fmt.Sprint(o.User, o.Result)
	})
	if want := []string{fmt.Sprint(ana.ID, "removed"), fmt.Sprint(bo, "excluded")}; !slices.Equal(outcomes, want) {
		t.Errorf("outcomes %v, want %v", outcomes, want)
	}
	undo, err := w.Undo(ctx, done.Operation)
	if err != nil || *undo.Undoes != done.Operation || undo.Counts[roster.Restored] != 1 {
		t.Errorf("%+v %v", undo, err)
	}
	kinds := emails(t, w.Operations(ctx, roster.OperationFilter{ProjectID: w.project, PersonID: ana.ID}),
		func(o client.Operation) string { return string(o.Kind) })
	if !slices.Equal(kinds, []string{"undo", "unassign", "assign"}) {
		t.Errorf("operations %v", kinds)
	}
	if op, err := w.Operation(ctx, done.Operation); err != nil || *op.UndoneBy != undo.ID ||
		op.Actor.Email != "owner@example.com" {
		t.Errorf("%+v %v", op, err)
	}
}

func TestProjects(t *testing.T) {
	w := newWorld(t)
	made, err := w.CreateProject(t.Context(), client.NewProject{Title: "Shops", Description: "All of them"})
	if err != nil || made.ID == 0 {
		t.Fatalf("%+v %v", made, err)
	}
	if p, err := w.Client.Project(t.Context(), made.ID); err != nil || p.Title != "Shops" ||
		p.Description != "All of them" {
		t.Errorf("%+v %v", p, err)
	}
	titles := emails(t, w.Projects(t.Context(), roster.ProjectFilter{Title: "shop"}),
		func(p client.Project) string { return p.Title })
	if !slices.Equal(titles, []string{"Shops"}) {
		t.Errorf("%v", titles)
	}
}

// TestListsWalkThroughPages: every row once, and no page is asked for that
// nobody wants.
func TestListsWalkThroughPages(t *testing.T) {
	w := newWorld(t)
	var file strings.Builder
	file.WriteString("email,projects\n")
	for i := range 2100 {
		fmt.Fprintf(&file, "p%04d@example.com,Street signs\n", i)
	}
	if _, err := w.App.Import(w.As(w.Owner), strings.NewReader(file.String()), provision.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	requests := 0
	w.through(func(r *http.Request) (*http.Response, error) {
		requests++
		return http.DefaultTransport.RoundTrip(r)
	})
	people := emails(t, w.Members(t.Context(), w.project, roster.MemberFilter{Access: roster.ExplicitAccess}, "-email"),
		func(m client.Member) string { return m.Email })
	if len(people) != 2100 || requests != 3 || people[0] != "p2099@example.com" ||
		!slices.IsSortedFunc(people, func(a, b string) int {
			return strings.Compare(b, a)
		}) {
		t.Errorf("%d people in %d requests", len(people), requests)
	}
	requests = 0
	for range w.People(t.Context(), w.Org, roster.MemberFilter{}) {
		break
	}
	if requests != 1 {
		t.Errorf("%d requests for the first of the people", requests)
	}
}

// TestLostAnswer: the server has done it, the answer never came, and what is
// sent again is not done again.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t)
	a, b := w.Person("AN"), w.Person("AN")
	w.Assign(w.project, a, b)
	sent := 0
	w.through(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if sent++; sent < 3 && err == nil {
			answer.Body.Close()
			return nil, errors.New("the answer was lost")
		}
		return answer, err
	})
	done, err := w.UnassignMembers(t.Context(), w.project, roster.Selector{All: true}, "")
	if err != nil || done.Count != 2 || sent != 3 {
		t.Fatalf("%+v %v after %d requests", done, err, sent)
	}
	ops := emails(t, w.Operations(t.Context(), roster.OperationFilter{Kind: roster.OpUnassign}),
		func(o client.Operation) string { return fmt.Sprint(o.ID) })
	if !slices.Equal(ops, []string{fmt.Sprint(done.Operation)}) {
		t.Errorf("operations %v, and the answer names %d", ops, done.Operation)
	}
}

// TestRepetition: what is sent again, how often, and what is not.
func TestRepetition(t *testing.T) {
	w := newWorld(t)
	lost := errors.New("lost")
	for name, test := range map[string]struct {
		status int // 0: the answer is lost
		call   func() error
		want   int
	}{
		"a read, lost":        {0, func() error { _, err := w.Whoami(t.Context()); return err }, 3},
		"a read, unavailable": {503, func() error { _, err := w.Whoami(t.Context()); return err }, 3},
		"a read, refused":     {403, func() error { _, err := w.Whoami(t.Context()); return err }, 1},
		"a read, failed":      {500, func() error { _, err := w.Whoami(t.Context()); return err }, 1},
		"a write with a key": {0, func() error {
			_, err := w.AssignMembers(t.Context(), 1, roster.Selector{})
			return err
		}, 3},
		"a write without": {0, func() error { _, err := w.Undo(t.Context(), 1); return err }, 1},
	} {
		sent, keys := 0, map[string]bool{}
		w.through(func(r *http.Request) (*http.Response, error) {
			sent++
			keys[r.Header.Get("Idempotency-Key")] = true
			if test.status == 0 {
				return nil, lost
			}
			return &http.Response{StatusCode: test.status, Header: http.Header{"Retry-After": {"0"}},
				Body: io.NopCloser(strings.NewReader("<html>")), Request: r}, nil
		})
		err := test.call()
		refused, isRefusal := errors.AsType[*client.Error](err)
		if sent != test.want || len(keys) != 1 || (test.status == 0) != errors.Is(err, lost) ||
			(isRefusal && refused.Status != test.status) {
			t.Errorf("%s: %d requests with %d keys, %v", name, sent, len(keys), err)
		}
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	w.through(func(r *http.Request) (*http.Response, error) {
		sent++
		cancel()
		return nil, r.Context().Err()
	})
	if _, err := w.Whoami(ctx); !errors.Is(err, context.Canceled) || sent != 1 {
		t.Errorf("%v after %d requests", err, sent)
	}
}

func TestErrors(t *testing.T) {
	w := newWorld(t)
	a, b := w.Person("AN"), w.Person("AN")
	w.Assign(w.project, a)
	preview, err := w.PreviewUnassign(t.Context(), w.project, roster.Selector{All: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	w.Assign(w.project, b)
	refused := func(err error) *client.Error {
		t.Helper()
		e, ok := errors.AsType[*client.Error](err)
		if !ok {
			t.Fatalf("%v is no refusal", err)
		}
		return e
	}
	_, err = w.UnassignMembers(t.Context(), w.project, roster.Selector{All: true}, preview.Plan)
	if e := refused(err); e.Status != http.StatusPreconditionFailed || e.Change == nil ||
		!slices.Equal(e.Change.Added, []int64{b}) || e.RequestID == "" {
		t.Errorf("%+v", e)
	}
	_, err = w.UnassignMembers(t.Context(), w.project, roster.Selector{All: true, Included: []int64{a}}, "")
	if e := refused(err); e.Status != http.StatusBadRequest || len(e.Fields["included"]) != 1 ||
		!strings.HasPrefix(e.Error(), "included: ") {
		t.Errorf("%+v", e)
	}
	// a filter that a bulk operation does not know must not widen it
	_, err = w.UnassignMembers(t.Context(), w.project,
		roster.Selector{All: true, Filter: roster.MemberFilter{NoAnnotators: true}}, "")
	if e := refused(err); e.Status != http.StatusBadRequest || len(e.Fields["no_annotators"]) != 1 {
		t.Errorf("%+v", e)
	}
	_, err = w.Client.Project(t.Context(), 999)
	if e := refused(err); e.Status != http.StatusNotFound || e.Error() != "Not found." {
		t.Errorf("%+v", e)
	}
	if got := w.Explicit(w.project); !slices.Equal(got, []int64{a, b}) {
		t.Errorf("members %v", got)
	}
	for _, address := range []string{"", "roster.example.com", "ftp://x", "http://", "http://[::1"} {
		if _, err := client.New(address, ""); err == nil {
			t.Errorf("%q is taken for the address of a server", address)
		}
	}
}

func TestFiltersReachTheServer(t *testing.T) {
	w := newWorld(t)
	var query string
	w.through(func(r *http.Request) (*http.Response, error) {
		query = r.URL.RawQuery
		return nil, context.Canceled
	})
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.FixedZone("", 3600))
	for range w.Members(t.Context(), 1, roster.MemberFilter{
		IDs: []int64{1, 2}, Search: "a b", Roles: []roster.Role{"AN", "RE"}, Tags: []int64{3}, EveryTag: true,
		UserTypes:  []roster.UserType{"flex"},
		ActiveFrom: &at, ActiveTo: &at, Access: roster.ImplicitAccess, NoAnnotators: true, WithInactive: true,
	}, "-email") {
	}
	const when = "2026-01-02T03%3A04%3A05.000006%2B01%3A00"
	if want := "ids=1%2C2&implicit=true&last_activity__gte=" + when + "&last_activity__lte=" + when +
		"&no_annotators=true&ordering=-email&page=1&page_size=1000&role=AN%2CRE&search=a+b&tags=3&tags_operator=and&user_type=flex&with_deleted=true"; query != want {
		t.Errorf("query\n%s, want\n%s", query, want)
	}
	for range w.People(t.Context(), 1, roster.MemberFilter{OnlyDeleted: true, ExcludeProject: 4, ExcludeWorkspace: 5,
		ActiveFrom: &at}) {
	}
	if want := "exclude_project_id=4&exclude_workspace_id=5&is_deleted=true&page=1&page_size=1000&user__last_activity__gte=" + when; query != want {
		t.Errorf("query\n%s, want\n%s", query, want)
	}
}

func TestExportStreams(t *testing.T) {
	w := newWorld(t)
	w.Assign(w.project, w.Person("AN"))
	file, err := w.ExportMembers(t.Context(), w.project, roster.MemberFilter{Access: roster.ExplicitAccess}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if text, err := io.ReadAll(file); err != nil || strings.Count(string(text), "\r\n") != 2 {
		t.Errorf("%q %v", text, err)
	}
	if _, err := w.ExportMembers(t.Context(), 999, roster.MemberFilter{}, ""); err == nil {
		t.Error("an export of nothing is no error")
	}
}

// TestTagsAreOperations: putting tags on, taking them off and deleting them names the
// record of it, whose outcomes tell the tag, and which can be undone.
func TestTagsAreOperations(t *testing.T) {
	w := newWorld(t)
	a, b := w.Person("AN"), w.Person("AN")
	night := w.Tag("night")
	one, err := w.AssignTags(t.Context(), w.Org,
		roster.TagAssignment{Selector: roster.Selector{Included: []int64{a}}, Tags: []int64{night}})
	if err != nil || one.Count != 1 || one.Operation == 0 {
		t.Fatalf("%+v %v", one, err)
	}
	all := roster.Selector{All: true, Filter: roster.MemberFilter{Roles: []roster.Role{"AN"}}}
	done, err := w.AssignTags(t.Context(), w.Org, roster.TagAssignment{Selector: all, Tags: []int64{night}})
	if err != nil || done.Count != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	got := []string{}
	for o, err := range w.Outcomes(t.Context(), done.Operation) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(o.User == b, o.Result, o.Tag.Label))
	}
	if want := []string{"falsealready_taggednight", "truetaggednight"}; !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	off, err := w.AssignTags(t.Context(), w.Org, roster.TagAssignment{Selector: all, Off: []int64{night}})
	if err != nil {
		t.Fatal(err)
	}
	if undo, err := w.Undo(t.Context(), off.Operation); err != nil || undo.Changed != 2 {
		t.Errorf("%+v %v", undo, err)
	}
	deleted, err := w.DeleteTag(t.Context(), w.Org, night)
	if err != nil {
		t.Fatal(err)
	}
	if undo, err := w.Undo(t.Context(), deleted); err != nil || undo.Changed != 2 {
		t.Errorf("%+v %v", undo, err)
	}
}
