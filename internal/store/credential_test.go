package store_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
)

// TestSessionsAreOnesOwn: a session acts for its person until it is ended, by itself, by
// its id, with all others, and by nobody else's id.
func TestSessionsAreOnesOwn(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		one, two := o.annotators[0], o.annotators[1]
		for name, user := range map[string]int64{"a": one, "b": one, "c": one, "d": two} {
			h.ok(h.db.AddSession(ctx, user, []byte(name), now))
		}
		acts := func(name string) bool {
			a, _, err := h.db.ActorBySession(ctx, []byte(name), now)
			if err != nil {
				h.is(roster.NotFound, name, err)
				return false
			}
			return a.OrganizationID == o.id && a.Role == roster.RoleAnnotator && (a.UserID == one) == (name != "d")
		}
		live := func() (out string) {
			for _, name := range []string{"a", "b", "c", "d"} {
				if acts(name) {
					out += name
				}
			}
			return out
		}
		h.ok(h.db.EndSession(ctx, []byte("a")))
		h.ok(h.db.EndSession(ctx, []byte("of nobody")))
		if got := live(); got != "bcd" {
			h.Errorf("after one was ended: %s", got)
		}
		theirs, err := h.db.SessionsOf(ctx, two, now)
		if h.ok(err); len(theirs) != 1 {
			h.Fatalf("%+v", theirs)
		}
		h.is(roster.NotFound, "somebody else's", h.db.EndSessionOf(ctx, one, theirs[0].ID))
		mine, err := h.db.SessionsOf(ctx, one, now)
		if h.ok(err); len(mine) != 2 {
			h.Fatalf("%+v", mine)
		}
		h.ok(h.db.TouchSession(ctx, mine[1].ID, now.Add(time.Hour)))
		again, err := h.db.SessionsOf(ctx, one, now.Add(time.Hour))
		if h.ok(err); len(again) != 2 || again[0].ID != mine[1].ID || !again[0].SeenAt.Equal(now.Add(time.Hour)) {
			h.Errorf("the one seen last is not first: %+v", again)
		}
		h.ok(h.db.EndSessionsOf(ctx, one, mine[0].ID))
		if left, err := h.db.SessionsOf(ctx, one, now); err != nil || len(left) != 1 || left[0].ID != mine[0].ID {
			h.Errorf("but one: %+v %v", left, err)
		}
		h.ok(h.db.EndSessions(ctx, []int64{one}))
		if got := live(); got != "d" {
			h.Errorf("after all of one person's: %s", got)
		}
	})
}

// TestTokensAreOneEach: a person has one legacy token, the newest given; the first one is
// given only to who has none.
func TestTokensAreOneEach(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, one := t.Context(), h.acme.annotators[0]
		h.ok(h.db.SetFirstToken(ctx, one, []byte("first"), []byte("sealed"), now))
		h.ok(h.db.SetFirstToken(ctx, one, []byte("late"), []byte("sealed"), now))
		if a, _, err := h.db.ActorByToken(ctx, []byte("first")); err != nil || a.UserID != one {
			h.Errorf("the first: %+v %v", a, err)
		}
		_, _, err := h.db.ActorByToken(ctx, []byte("late"))
		h.is(roster.NotFound, "a first one of who has one", err)
		h.ok(h.db.SetLegacyToken(ctx, one, []byte("second"), []byte("sealed"), now))
		_, _, err = h.db.ActorByToken(ctx, []byte("first"))
		h.is(roster.NotFound, "the one before", err)
		in := roster.Standing{ProjectID: h.umbrella.projects[0].ID}
		a, _, err := h.db.ActorByToken(ctx, []byte("second"), &in)
		if h.ok(err); a.UserID != one || in.OrganizationID != h.umbrella.id || in.Role != "" || in.Explicit {
			h.Errorf("%+v in another organization's project: %+v", a, in)
		}
		in = roster.Standing{ProjectID: 999_999}
		if _, _, err = h.db.ActorByToken(ctx, []byte("second"), &in); err != nil || in.OrganizationID != 0 {
			h.Errorf("in no project: %+v %v", in, err)
		}
	})
}

// TestAKeyIsOneRequest: the same request is answered as the first time until the key
// expires, another is refused, and another person's key is another.
func TestAKeyIsOneRequest(t *testing.T) {
	eachHouse(t, func(h *house) {
		one, two, later := h.acme.annotators[0], h.acme.annotators[1], now.Add(time.Hour)
		claim := func(user int64, request string, over time.Time) (answer *store.Answer, err error) {
			err = h.db.Update(t.Context(), func(tx *store.DB) error {
				answer, err = tx.ClaimKey(t.Context(), user, "key", []byte(request), over, over.Add(time.Hour))
				if err != nil || answer != nil {
					return err
				}
				return tx.RecordAnswer(t.Context(), user, "key", store.Answer{Status: 201, Header: "H: v", Body: []byte(request)})
			})
			return answer, err
		}
		if got, err := claim(one, "a", now); err != nil || got != nil {
			h.Errorf("the first time: %+v %v", got, err)
		}
		if got, err := claim(one, "a", now); err != nil || got == nil || got.Status != 201 || got.Header != "H: v" ||
			string(got.Body) != "a" {
			h.Errorf("again: %+v %v", got, err)
		}
		_, err := claim(one, "b", now)
		h.is(roster.KeyReused, "another request", err)
		if got, err := claim(two, "b", now); err != nil || got != nil {
			h.Errorf("another person's: %+v %v", got, err)
		}
		if got, err := claim(one, "b", later.Add(time.Minute)); err != nil || got != nil {
			h.Errorf("after it expired: %+v %v", got, err)
		}
	})
}

// TestFirstComeDecidesASetting: whoever writes a setting first decides it.
func TestFirstComeDecidesASetting(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx := t.Context()
		for _, value := range []string{"first", "second"} {
			if got, err := h.db.SetSettingOnce(ctx, "name", []byte(value)); err != nil || string(got) != "first" {
				h.Errorf("%s: %q %v", value, got, err)
			}
		}
		if got, err := h.db.Setting(ctx, "name"); err != nil || string(got) != "first" {
			h.Errorf("read: %q %v", got, err)
		}
	})
}

// TestPermissionsAreDecidedOnce: an override stands in place of an earlier one, in its
// organization only, until it is taken back.
func TestPermissionsAreDecidedOnce(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		h.ok(h.db.SetPermissionOverride(ctx, o.id, "some.permission", []roster.Role{roster.RoleManager}))
		h.ok(h.db.SetPermissionOverride(ctx, o.id, "some.permission",
			[]roster.Role{roster.RoleReviewer, roster.RoleAnnotator}))
		list, err := h.db.PermissionOverrides(ctx, o.id, "")
		if h.ok(err); len(list) != 1 || list[0].Permission != "some.permission" || len(list[0].Roles) != 2 {
			h.Errorf("%+v", list)
		}
		if list, err := h.db.PermissionOverrides(ctx, h.umbrella.id, ""); err != nil || len(list) != 0 {
			h.Errorf("another organization's: %+v %v", list, err)
		}
		h.is(roster.NotFound, "another organization's", h.db.DeletePermissionOverride(ctx, h.umbrella.id, "some.permission"))
		h.ok(h.db.DeletePermissionOverride(ctx, o.id, "some.permission"))
		h.is(roster.NotFound, "taken back already", h.db.DeletePermissionOverride(ctx, o.id, "some.permission"))
	})
}

// TestALetterIsTakenOnce: who claims a letter has it alone until the time they said, and
// what it said goes with its end.
func TestALetterIsTakenOnce(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		invite := func(name string) store.NewInvitation {
			return store.NewInvitation{Hash: []byte(name), Link: []byte("l"), Subject: name,
				Sealed: []byte("text of " + name), Invitation: roster.Invitation{
					OrganizationID: o.id, Email: name + "@example.com", Role: roster.RoleAnnotator, UserType: roster.SeatStandard,
					InvitedBy: o.owner, CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour),
				}}
		}
		h.ok(h.db.AddInvitations(ctx, []store.NewInvitation{invite("ann"), invite("bob"), invite("cleo")}))
		due := func(at time.Time) store.Due { return store.Due{Now: at, Longest: 24 * time.Hour} }
		claim := func(at time.Time, most int) []store.SealedMail {
			list, err := h.db.ClaimMail(ctx, due(at), at.Add(time.Minute), most)
			h.ok(err)
			return list
		}
		first, rest := claim(now, 2), claim(now, 5)
		if len(first) != 2 || len(rest) != 1 || len(claim(now, 5)) != 0 {
			h.Fatalf("%d, then %d", len(first), len(rest))
		}
		if !slices.ContainsFunc(append(first, rest...), func(m store.SealedMail) bool {
			return m.Recipient == "bob@example.com" && string(m.Sealed) == "text of bob" && m.Attempts == 0
		}) {
			h.Errorf("%+v %+v", first, rest)
		}
		h.ok(h.db.MailSent(ctx, first[0].ID, now, false))
		h.ok(h.db.MailFailed(ctx, first[1].ID, "refused", time.Time{}))
		again := claim(now.Add(2*time.Minute), 5) // who took the third died over it
		if len(again) != 1 || again[0].ID != rest[0].ID || string(again[0].Sealed) == "" {
			h.Errorf("again: %+v", again)
		}
		h.ok(h.db.MailFailed(ctx, rest[0].ID, "later", now.Add(time.Hour)))
		if list := claim(now.Add(30*time.Minute), 5); len(list) != 0 {
			h.Errorf("before its time: %+v", list)
		}
		if waits, err := h.db.RetryMail(ctx, h.umbrella.id, rest[0].ID, now); err != nil || waits {
			h.Errorf("by another organization: %v %v", waits, err)
		}
		if waits, err := h.db.RetryMail(ctx, o.id, rest[0].ID, now); err != nil || !waits {
			h.Errorf("at once: %v %v", waits, err)
		}
		if waits, err := h.db.RetryMail(ctx, o.id, first[1].ID, now); err != nil || waits {
			h.Errorf("one that failed for good: %v %v", waits, err)
		}
		if list := claim(now.Add(30*time.Minute), 5); len(list) != 1 {
			h.Errorf("after it was to be retried: %+v", list)
		}
		if list, total, err := h.db.Outbox(ctx, o.id, roster.Page{Number: 2, Size: 2}); err != nil || total != 3 ||
			len(list) != 1 {
			h.Errorf("the second page of the outbox: %+v of %d %v", list, total, err)
		}
		if list, total, err := h.db.Outbox(ctx, h.umbrella.id, roster.Everything); err != nil || total != 0 ||
			len(list) != 0 {
			h.Errorf("another organization's outbox: %+v of %d %v", list, total, err)
		}
	})
}

// TestInvitationsAreOneOrganizations: they are listed newest first, one's own where asked,
// and revoked by e-mail in any spelling.
func TestInvitationsAreOneOrganizations(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		for i, by := range []int64{o.owner, o.manager, o.owner} {
			name := string(rune('a' + i))
			h.ok(h.db.AddInvitations(ctx,
				[]store.NewInvitation{{Hash: []byte(name), Link: []byte("l"), Subject: "s", Sealed: []byte("t"),
					Invitation: roster.Invitation{
						OrganizationID: o.id, Email: name + "@example.com", Role: roster.RoleAnnotator,
						UserType: roster.SeatStandard, InvitedBy: by,
						CreatedAt: now.Add(time.Duration(i) * time.Minute), ExpiresAt: now.Add(time.Hour),
					}}}))
		}
		emails := func(organization, by int64, page roster.Page) (out string, total int) {
			list, total, err := h.db.Invitations(ctx, organization, roster.InvitationFilter{InvitedBy: by}, page)
			h.ok(err)
			for _, i := range list {
				out += i.Email[:1]
			}
			return out, total
		}
		for _, c := range []struct {
			organization, by int64
			page             roster.Page
			want             string
			total            int
		}{
			{o.id, 0, roster.Everything, "cba", 3},
			{o.id, o.owner, roster.Everything, "ca", 2},
			{o.id, o.admin, roster.Everything, "", 0},
			{o.id, 0, roster.Page{Number: 2, Size: 2}, "a", 3},
			{o.id, 0, roster.Page{Number: 3, Size: 2}, "", 3},
			{h.umbrella.id, 0, roster.Everything, "", 0},
		} {
			if got, total := emails(c.organization, c.by, c.page); got != c.want || total != c.total {
				h.Errorf("%+v: %s of %d", c, got, total)
			}
		}
		h.ok(h.db.RevokeInvitations(ctx, h.umbrella.id, []string{"b@example.com"}, now))
		if i, err := h.db.Invitation(ctx, []byte("b")); err != nil || !i.RevokedAt.IsZero() {
			h.Errorf("another organization revoked %+v %v", i, err)
		}
		h.ok(h.db.RevokeInvitations(ctx, o.id, []string{"B@Example.COM"}, now))
		if i, err := h.db.Invitation(ctx, []byte("b")); err != nil || i.RevokedAt.IsZero() {
			h.Errorf("it stands: %+v %v", i, err)
		}
	})
}
