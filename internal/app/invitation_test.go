package app_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

var linkShape = regexp.MustCompile(`/user/signup/\?token=([0-9a-f]{40})\n`)

// invited invites somebody and returns the token that their mail brings.
func invited(w *apptest.World, by int64, invite roster.Invite) string {
	w.T.Helper()
	must(w.T, w.App.InvitePeople(w.As(by), invite))
	token := ""
	_, err := w.App.DeliverMail(context.Background(), func(_ context.Context, m roster.Mail) error {
		token = linkShape.FindStringSubmatch(m.Text)[1]
		return nil
	})
	must(w.T, err)
	return token
}

func join(w *apptest.World, token string) (roster.Session, error) {
	return w.App.Join(context.Background(), token, roster.Joining{FirstName: "Uma", LastName: "Ng", Password: password},
		"192.0.2.1:1")
}

// standing is a person's membership by e-mail; zero when there is nobody.
func standing(w *apptest.World, email string) (u roster.User, m roster.OrganizationMembership) {
	w.T.Helper()
	u, err := w.DB.UserByEmail(context.Background(), email)
	if roster.KindOf(err) == roster.NotFound {
		return u, m
	}
	must(w.T, err)
	m, err = w.DB.Membership(context.Background(), w.Org, u.ID)
	must(w.T, err)
	return u, m
}

func TestJoinByMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager := w.Person("MA")
		space := w.Workspace("Vision")
		inside, mine, lost := w.Project("Inside", space), w.Project("Mine", 0), w.Project("Lost", 0)
		_, err := w.App.AddToWorkspace(w.As(w.Owner), space, manager)
		must(t, err)
		w.Assign(mine, manager)
		w.Assign(lost, manager)
		token := invited(w, manager, roster.Invite{Emails: []string{"Uma@Example.com"}, Role: "AN", UserType: "flex",
			Projects: []int64{lost, mine}, Workspaces: []int64{space}})
		_, err = w.App.UnassignMembers(w.As(w.Owner), lost, roster.Selector{Included: []int64{manager}}, "")
		must(t, err)

		welcome, err := w.App.Invited(context.Background(), token)
		if err != nil || welcome.Email != "uma@example.com" || welcome.Role != "AN" || welcome.Organization != "Acme" ||
			welcome.By != "First1 Last1" {
			t.Fatalf("the page is for %+v %v", welcome, err)
		}
		w.Clock = w.Clock.Add(time.Hour)
		s, err := join(w, token)
		must(t, err)
		u, m := standing(w, "uma@example.com")
		who, err := w.App.AuthenticateSession(context.Background(), s.Token)
		if err != nil || who.UserID != u.ID || u.FirstName != "Uma" || m.Role != "AN" || m.UserType != "flex" ||
			m.RoleSource != roster.SourceManual {
			t.Errorf("joined as %+v %+v, session %+v %v", u, m, who, err)
		}
		for project, want := range map[int64]bool{inside: true, mine: true, lost: false} {
			if s, err := db.Standing(context.Background(), project, u.ID); err != nil || s.Member() != want {
				t.Errorf("member of project %d: %v, want %v", project, s.Member(), want)
			}
		}
		ops, _, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{PersonID: u.ID}, roster.Everything)
		must(t, err)
		kinds := map[roster.OperationKind]int{}
		for _, op := range ops {
			kinds[op.Kind]++
			if op.ActorID != manager || op.Credential != roster.CredentialInvitation || op.Changed != 1 {
				t.Errorf("recorded as %+v, not in the name of who invited", op)
			}
		}
		if kinds[roster.OpJoin] != 1 || kinds[roster.OpAssign] != 1 || kinds[roster.OpWorkspaceAssign] != 1 || len(ops) != 3 {
			t.Errorf("records: %v", kinds)
		}
		seen, err := w.App.Person(w.As(w.Owner), u.ID)
		must(t, err)
		if i := seen.Membership.Invitation; i == nil || i.InvitedBy != manager || !i.AcceptedAt.Equal(w.Clock) ||
			!i.CreatedAt.Equal(w.Clock.Add(-time.Hour)) {
			t.Errorf("the list says of the invitation %+v", i)
		}
		if _, err := join(w, token); kindOf(err) != roster.Forbidden || !strings.Contains(err.Error(), "accepted already") {
			t.Errorf("a second time: %v", err)
		}
		if signIn(w, "uma@example.com").Token == "" {
			t.Error("no session by the chosen password")
		}
	})
}

// A token that leads nowhere says why, and leaves nobody behind.
func TestDeadInvitations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		one := roster.Invite{Emails: []string{"uma@example.com"}, Role: "AN"}
		admin := w.Person("AD")
		dead := func(why, token string) {
			t.Helper()
			if _, err := join(w, token); kindOf(err) != roster.Forbidden || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v", why, err)
			}
			if u, _ := standing(w, "uma@example.com"); u.ID != 0 {
				t.Fatalf("%s, and there is %+v", why, u)
			}
		}
		first := invited(w, w.Owner, one)
		second := invited(w, w.Owner, one)
		dead("newer one", first)
		must(t, w.App.RevokeInvitation(w.As(admin), "UMA@example.com"))
		dead("taken back", second)
		expired := invited(w, w.Owner, one)
		w.Clock = w.Clock.Add(7 * 24 * time.Hour)
		dead("expired", expired)
		dead("not known", "guess")
		dead("not known", "")
		refused := invited(w, admin, one)
		_, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, admin, roster.MembershipChange{Role: "AN"})
		must(t, err)
		dead("may not do so any more", refused)
		if _, err := w.App.Join(context.Background(), invited(w, w.Owner, one), roster.Joining{Password: "short"},
			"192.0.2.1:1"); kindOf(err) != roster.Invalid {
			t.Errorf("a short password: %v", err)
		}
		last := invited(w, w.Owner, one)
		for _, name := range []string{"Uma\r\nBcc: all@example.com", "Uma\u2028", "Uma\x00"} {
			_, err := w.App.Join(context.Background(), last, roster.Joining{FirstName: name, Password: password}, "192.0.2.1:1")
			if kindOf(err) != roster.Invalid {
				t.Errorf("the name %q: %v", name, err)
			}
		}
		_, err = join(w, last)
		must(t, err)
	})
}

func TestJoinByLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		old, err := w.App.InviteToken(w.As(w.Owner))
		must(t, err)
		token, err := w.App.ResetInviteToken(w.As(w.Owner))
		must(t, err)
		j := roster.Joining{Email: " Noor@Example.com", FirstName: "Noor", Password: password}
		if _, err := w.App.Join(context.Background(), old, j, "192.0.2.1:1"); kindOf(err) != roster.Forbidden {
			t.Fatalf("the old link lives: %v", err)
		}
		s, err := w.App.Join(context.Background(), token, j, "192.0.2.1:1")
		if err != nil || s.Token != "" {
			t.Fatalf("joined with %+v %v; who waits for a role has no session", s, err)
		}
		u, m := standing(w, "noor@example.com")
		if m.Role != roster.RoleNotActivated || u.FirstName != "Noor" {
			t.Errorf("joined as %+v %+v", u, m)
		}
		if _, err := w.App.SignIn(context.Background(), "noor@example.com", password,
			"192.0.2.1:1"); kindOf(err) != roster.Forbidden {
			t.Errorf("signs in without a role: %v", err)
		}
		if _, err := w.App.Join(context.Background(), token, j, "192.0.2.1:1"); kindOf(err) != roster.Invalid {
			t.Errorf("twice: %v", err)
		}
		_, _, err = w.App.ChangeMembership(w.As(w.Owner), w.Org, u.ID, roster.MembershipChange{Role: "AN"})
		must(t, err)
		signIn(w, "noor@example.com")
	})
}

// Whoever was deleted comes back by an invitation, with nothing of what they
// could sign in with before.
func TestComingBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		id, email := withPassword(w, "MA")
		old, err := w.App.Token(ctx, id)
		must(t, err)
		session := signIn(w, email)
		_, err = w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, id)
		must(t, err)
		link, err := w.App.InviteToken(w.As(w.Owner))
		must(t, err)
		if _, err := w.App.Join(ctx, link, roster.Joining{Email: email, Password: password},
			"192.0.2.1:1"); kindOf(err) != roster.Invalid {
			t.Fatalf("by the link, which proves nothing: %v", err)
		}
		token := invited(w, w.Owner, roster.Invite{Emails: []string{email}, Role: "AN"})
		_, err = w.App.Join(ctx, token, roster.Joining{FirstName: "Back", Password: "another horse"}, "192.0.2.1:1")
		must(t, err)
		u, m := standing(w, email)
		if u.ID != id || u.FirstName != "Back" || m.Role != "AN" || !m.DeletedAt.IsZero() {
			t.Errorf("back as %+v %+v", u, m)
		}
		if _, err := w.App.SignIn(ctx, email, "another horse", "192.0.2.1:1"); err != nil {
			t.Error(err)
		}
		if _, err := w.App.SignIn(ctx, email, password, "192.0.2.1:1"); err == nil {
			t.Error("the old password lives")
		}
		if _, err := w.App.Authenticate(ctx, old); err == nil || holds(w, session) {
			t.Error("an old credential lives")
		}
		if err := w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"new@example.com", email},
			Role: "AN"}); kindOf(err) != roster.Invalid || !strings.Contains(err.Error(), email) {
			t.Errorf("inviting who is there: %v", err)
		}
	})
}

// The outbox tries again, later each time, gives up, and says all of it.
func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ctx := context.Background()
		tries := 0
		fails := func(context.Context, roster.Mail) error { tries++; return errors.New("550 no\r\nsuch user") }
		state := func() roster.MailState {
			list, _, err := w.App.Invitations(w.As(w.Owner), roster.InvitationFilter{}, roster.Everything)
			must(t, err)
			return list[len(list)-1].Mail
		}
		deliver := func(send func(context.Context, roster.Mail) error) int {
			n, err := w.App.DeliverMail(ctx, send)
			must(t, err)
			return n
		}
		must(t, w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"uma@example.com"}, Role: "AN"}))
		if deliver(fails) != 1 || deliver(fails) != 0 {
			t.Fatal("a letter must be taken once, and then wait")
		}
		if s := state(); s.Attempts != 1 || s.Error != "550 no such user" || !s.NextAt.Equal(w.Clock.Add(time.Minute)) {
			t.Errorf("after one attempt: %+v", s)
		}
		for range 20 {
			if next := state().NextAt; !next.IsZero() {
				w.Clock = next
			}
			deliver(fails)
		}
		if s := state(); tries != 8 || s.Attempts != 8 || !s.NextAt.IsZero() || !s.SentAt.IsZero() || s.Error == "" {
			t.Errorf("after %d attempts: %+v", tries, s)
		}

		var sent []roster.Mail
		sends := func(_ context.Context, m roster.Mail) error { sent = append(sent, m); return nil }
		must(t, w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"vic@example.com", "wim@example.com"},
			Role: "AN"}))
		must(t, w.App.RevokeInvitation(w.As(w.Owner), "wim@example.com"))
		deliver(sends)
		if len(sent) != 1 || sent[0].Recipient != "vic@example.com" ||
			!strings.Contains(sent[0].Text, "http://localhost:8080/user/signup/?token=") {
			t.Fatalf("sent %+v; what was revoked meanwhile stays here", sent)
		}
		// whoever dies over a letter leaves it to be sent again
		must(t, w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"xena@example.com"}, Role: "AN"}))
		dying, die := context.WithCancel(ctx)
		if _, err := w.App.DeliverMail(dying,
			func(context.Context, roster.Mail) error { die(); return dying.Err() }); err == nil {
			t.Fatal("it lived")
		}
		if deliver(sends) != 0 {
			t.Error("sent while somebody may still be at it")
		}
		w.Clock = w.Clock.Add(5 * time.Minute)
		if deliver(sends) != 1 || sent[1].Recipient != "xena@example.com" {
			t.Errorf("not sent again: %+v", sent)
		}
	})
}

// A name is never a header, and the mail of an organization never a second one.
func TestMailStaysOneLetter(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	title := "Acme\r\nBcc: all@example.com\n\nBuy now"
	_, err := w.App.UpdateOrganization(w.As(w.Owner), w.Org, roster.OrganizationPatch{Title: &title})
	must(t, err)
	must(t, w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"uma@example.com"}, Role: "AN"}))
	_, err = w.App.DeliverMail(context.Background(), func(_ context.Context, m roster.Mail) error {
		if m.Subject != "Invitation to Acme Bcc: all@example.com Buy now" || strings.Contains(m.Text, "\nBuy now") {
			t.Errorf("%q\n%s", m.Subject, m.Text)
		}
		return nil
	})
	must(t, err)
}

func TestInvitingHasALimit(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		invite := func(n, people int) error {
			emails := make([]string, people)
			for i := range emails {
				emails[i] = fmt.Sprintf("person%d@team%d.example", i, n)
			}
			return w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: emails, Role: "AN"})
		}
		for n := range 10 {
			must(t, invite(n, 100))
		}
		if err := invite(10, 1); kindOf(err) != roster.TooMany {
			t.Errorf("a thousand and one in an hour: %v", err)
		}
		w.Clock = w.Clock.Add(-time.Millisecond)
		if err := invite(10, 1); kindOf(err) != roster.TooMany {
			t.Errorf("by a server whose clock is behind: %v", err)
		}
		w.Clock = w.Clock.Add(time.Millisecond)
		w.Clock = w.Clock.Add(time.Hour)
		must(t, invite(10, 100))
		if err := invite(11, 101); kindOf(err) != roster.Invalid {
			t.Errorf("101 in one call: %v", err)
		}
	})
}

// Two servers send a letter once, and an invitation that is accepted many
// times at once makes one person.
func TestAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		must(t, w.App.InvitePeople(w.As(w.Owner),
			roster.Invite{Emails: []string{"uma@example.com", "vic@example.com", "wim@example.com"}, Role: "AN"}))
		var mu sync.Mutex
		sent := map[string]int{}
		token := ""
		together(func() {
			_, err := w.App.DeliverMail(context.Background(), func(_ context.Context, m roster.Mail) error {
				mu.Lock()
				defer mu.Unlock()
				sent[m.Recipient]++
				token = linkShape.FindStringSubmatch(m.Text)[1]
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		if len(sent) != 3 || sent["uma@example.com"] != 1 || sent["vic@example.com"] != 1 || sent["wim@example.com"] != 1 {
			t.Errorf("sent %v", sent)
		}
		joined := 0
		together(func() {
			_, err := join(w, token)
			if kindOf(err) != allowed && kindOf(err) != roster.Forbidden {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				joined++
				mu.Unlock()
			}
		})
		if joined != 1 {
			t.Errorf("accepted %d times", joined)
		}
	})
}

// together does the same four times at once.
func together(do func()) {
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(do)
	}
	wait.Wait()
}
