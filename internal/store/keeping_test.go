package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
)

// TestKeptPagesAreOnesOwn: what is kept is given to its person alone, at its place and until
// it expires; of more than is kept for one, the oldest go.
func TestKeptPagesAreOnesOwn(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, one, two, later := t.Context(), h.acme.annotators[0], h.acme.annotators[1], now.Add(time.Hour)
		keep := func(user int64, token string, body []byte) {
			h.Helper()
			h.ok(h.db.Keep(ctx, user, store.Kept{Token: token, Place: "/p", Granted: "[]", Body: body}, later))
		}
		there := func(user int64, place, token string, at time.Time) bool {
			h.Helper()
			k, err := h.db.KeptOf(ctx, user, place, token, at)
			if err != nil {
				h.is(roster.NotFound, token, err)
			}
			return err == nil && k.Token == token && k.Place == place && k.Granted == "[]"
		}
		keep(one, "t", []byte("body"))
		for what, got := range map[string]bool{
			"another's": there(two, "/p", "t", now), "another place's": there(one, "/q", "t", now),
			"an expired one": there(one, "/p", "t", later), "another one": there(one, "/p", "u", now),
		} {
			if got {
				h.Errorf("%s is given", what)
			}
		}
		if !there(one, "/p", "t", later.Add(-time.Microsecond)) {
			h.Error("it is not there until it expires")
		}
		keep(two, "kept", []byte("b"))
		for i := range store.MostKept {
			keep(one, fmt.Sprint(i), []byte("b"))
		}
		if there(one, "/p", "t", now) || !there(one, "/p", "0", now) || !there(two, "/p", "kept", now) {
			h.Error("more is kept than the newest, or less")
		}
		large := bytes.Repeat([]byte("x"), store.MostKeptBytes/2+1)
		keep(one, "large", large)
		if there(one, "/p", "0", now) || !there(one, "/p", "1", now) {
			h.Error("a large page takes the place of more than one")
		}
		keep(one, "larger", large)
		if there(one, "/p", "large", now) || there(one, "/p", "49", now) || !there(one, "/p", "larger", now) {
			h.Error("more bytes are kept than one may have")
		}
		keep(one, "huge", append(large, large...))
		if !there(one, "/p", "huge", now) || there(one, "/p", "larger", now) {
			h.Error("the newest is kept whatever its size, alone")
		}
	})
}

// TestWhatExpiredIsForgotten: by its end and not before, and what somebody can still come
// with is not.
func TestWhatExpiredIsForgotten(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx, later := h.acme, h.acme.projects[0], t.Context(), now.Add(time.Hour)
		one := o.annotators[0]
		plan := h.plan(p, roster.Selector{All: true})
		fill := func() {
			h.ok(h.db.SavePlan(ctx, p, plan, later))
			_, err := h.db.ClaimKey(ctx, one, "key", []byte("r"), now, later)
			h.ok(err)
		}
		fill()
		h.ok(h.db.Keep(ctx, one, store.Kept{Token: "t", Body: []byte("b")}, later))
		h.ok(h.db.AddPersonalToken(ctx, one, store.PersonalToken{Hash: []byte("p"), Sealed: []byte("s"), CreatedAt: now,
			ExpiresAt: later}))
		h.ok(h.db.AddSession(ctx, one, []byte("s"), now))
		tables := []string{"plans", "idempotency_keys", "kept_pages", "personal_tokens", "sessions"}
		rows := func() (n []int) {
			for _, table := range tables {
				rows, err := h.db.Rows(ctx, table)
				h.ok(err)
				n = append(n, rows)
			}
			return n
		}
		h.ok(h.db.Sweep(ctx, later.Add(-time.Microsecond)))
		same(h, "before", rows(), 1, 1, 1, 1, 1)
		h.ok(h.db.Sweep(ctx, later))
		same(h, "at the end", rows(), 0, 0, 0, 0, 1)
		idle := time.Duration(roster.UsualSessionPolicy.MaxIdle) * time.Minute
		h.ok(h.db.Sweep(ctx, now.Add(idle-time.Microsecond)))
		same(h, "within the policy", rows(), 0, 0, 0, 0, 1)
		h.ok(h.db.SetSessionPolicy(ctx, o.id, roster.SessionPolicy{MaxAge: 600, MaxIdle: 60, CreatedAt: now, UpdatedAt: now}))
		h.ok(h.db.Sweep(ctx, later))
		same(h, "by the organization's policy", rows(), 0, 0, 0, 0, 0)
	})
}

// TestAClockThatJumpsForgetsNothing: what has expired by the clock is forgotten step by step,
// so that one that was wrong for a moment took nothing that lives.
func TestAClockThatJumpsForgetsNothing(t *testing.T) {
	eachHouse(t, func(h *house) {
		const step = time.Hour
		for _, c := range []struct{ to, until time.Duration }{
			{0, 0}, {30 * time.Minute, 30 * time.Minute}, {1000 * step, 30*time.Minute + step},
			{1000 * step, 30*time.Minute + 2*step}, {time.Minute, time.Minute}, {time.Hour, time.Hour},
			{-1000 * step, -1000 * step}, {2 * step, step},
		} {
			got, err := h.db.Swept(t.Context(), now.Add(c.to), step)
			if h.ok(err); !got.Equal(now.Add(c.until)) {
				h.Errorf("to %v: %v, not %v", c.to, got.Sub(now), c.until)
			}
		}
	})
}

// TestViewsAreOnesOwnOrShared: somebody finds theirs and the shared of their organization, by
// name; counted they are alike, and what is forgotten or changed is no other one.
func TestViewsAreOnesOwnOrShared(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx, one, two := h.acme, t.Context(), h.acme.annotators[0], h.acme.annotators[1]
		add := func(organization, user int64, name string, shared bool) int64 {
			id, err := h.db.AddSavedView(ctx, roster.SavedView{OrganizationID: organization, Maker: roster.User{ID: user},
				Name: name, List: roster.ViewedPeople, Query: "q=" + name, Shared: shared, SavedAt: now})
			h.ok(err)
			return id
		}
		mine := add(o.id, one, "c", false)
		add(o.id, one, "a", true)
		theirs := add(o.id, two, "b", true)
		add(o.id, two, "d", false)
		add(h.umbrella.id, one, "e", true)
		names := func(organization, user int64) (out string) {
			list, err := h.db.SavedViews(ctx, organization, user)
			h.ok(err)
			for _, v := range list {
				out += v.Name
			}
			return out
		}
		for user, want := range map[int64]string{one: "abc", two: "abd", o.owner: "ab"} {
			if got := names(o.id, user); got != want {
				h.Errorf("%d finds %s, not %s", user, got, want)
			}
		}
		if own, shared, err := h.db.CountSavedViews(ctx, o.id, one); err != nil || own != 2 || shared != 2 {
			h.Errorf("%d own, %d shared: %v", own, shared, err)
		}
		v, err := h.db.SavedView(ctx, mine)
		if h.ok(err); v.Query != "q=c" || v.Maker.ID != one || !v.SavedAt.Equal(now) || v.List != roster.ViewedPeople {
			h.Errorf("%+v", v)
		}
		v.Name, v.Shared, v.Query, v.SavedAt = "0", true, "q=0", now.Add(time.Hour)
		h.ok(h.db.SetSavedView(ctx, v))
		if got, err := h.db.SavedView(ctx, mine); err != nil || got != v {
			h.Errorf("%+v %v", got, err)
		}
		h.ok(h.db.DeleteSavedView(ctx, theirs))
		if got := names(o.id, two); got != "0ad" {
			h.Errorf("then %s", got)
		}
		_, err = h.db.SavedView(ctx, theirs)
		h.is(roster.NotFound, "a forgotten one", err)
		for _, c := range []struct{ name, value string }{{"zone", "a"}, {"look", "b"}, {"zone", "c"}, {"look", ""}} {
			h.ok(h.db.SetPreference(ctx, one, c.name, c.value))
		}
		if got, err := h.db.Preferences(ctx, one); err != nil || !maps.Equal(got, map[string]string{"zone": "c"}) {
			h.Errorf("%v %v", got, err)
		}
		if got, err := h.db.Preferences(ctx, two); err != nil || len(got) != 0 {
			h.Errorf("another's: %v %v", got, err)
		}
	})
}

// TestWhoIsNewIsWhoCameSince: to the organization after a time, and into the workspace after
// a time, or taken back then.
func TestWhoIsNewIsWhoCameSince(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, w, ctx := h.acme, h.acme.workspace, t.Context()
		late := h.user("acme.late")
		h.ok(h.db.AddOrganizationMember(ctx, roster.OrganizationMembership{OrganizationID: o.id, UserID: late,
			Role: roster.RoleAnnotator, UserType: roster.SeatStandard, CreatedAt: now.Add(time.Hour)}))
		h.enter(o, o.annotators[0])
		h.at = now.Add(time.Hour)
		h.enter(o, late)
		for since, want := range map[time.Time][]int64{now.Add(-time.Second): {o.annotators[0], late}, now: {late},
			now.Add(time.Hour): nil} {
			members, total, err := h.db.WorkspaceMembersSince(ctx, w, roster.MemberFilter{}, since, roster.Everything)
			if h.ok(err); total != len(want) {
				h.Errorf("%d since %v", total, since)
			}
			same(h, "in the workspace", sorted(idsOf(members)...), want...)
		}
		people, total, err := h.db.PeopleSince(ctx, o.id, roster.MemberFilter{}, now, roster.Everything)
		if h.ok(err); total != 1 || len(people) != 1 || people[0].User.ID != late {
			h.Errorf("%+v of %d", people, total)
		}
	})
}

// TestPersonalTokensEnd: one acts until it expires or is revoked, and its person's alone.
func TestPersonalTokensEnd(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, one, two, later := t.Context(), h.acme.annotators[0], h.acme.annotators[1], now.Add(time.Hour)
		for name, user := range map[string]int64{"a": one, "b": one, "c": two} {
			h.ok(h.db.AddPersonalToken(ctx, user, store.PersonalToken{Hash: []byte(name), Sealed: []byte("s"), CreatedAt: now,
				ExpiresAt: later}))
		}
		live := func(at time.Time) (out string) {
			for _, name := range []string{"a", "b", "c"} {
				if a, enabled, err := h.db.ActorByPersonalToken(ctx, []byte(name), at); err == nil && enabled &&
					(a.UserID == one) == (name != "c") {
					out += name
				}
			}
			return out
		}
		h.is(roster.NotFound, "somebody else's", h.db.RevokePersonalToken(ctx, two, []byte("a"), now))
		if got := live(later.Add(-time.Microsecond)); got != "abc" {
			h.Errorf("acting: %s", got)
		}
		if got := live(later); got != "" {
			h.Errorf("acting when it expired: %s", got)
		}
		h.ok(h.db.RevokePersonalToken(ctx, one, []byte("a"), now))
		h.is(roster.NotFound, "one revoked", h.db.RevokePersonalToken(ctx, one, []byte("a"), now))
		h.is(roster.NotFound, "one expired", h.db.RevokePersonalToken(ctx, one, []byte("b"), later))
		if list, err := h.db.PersonalTokens(ctx, one, now); err != nil || len(list) != 1 || string(list[0].Hash) != "b" {
			h.Errorf("%+v %v", list, err)
		}
		h.ok(h.db.RevokePersonalTokens(ctx, one, now))
		if got := live(now); got != "c" {
			h.Errorf("acting: %s", got)
		}
		h.ok(h.db.SetTokenSettings(ctx, h.acme.id, roster.TokenSettings{Personal: false, Legacy: true, TTLDays: 3}))
		if _, enabled, err := h.db.ActorByPersonalToken(ctx, []byte("c"), now); err != nil || enabled {
			h.Errorf("an organization that takes none: %v %v", enabled, err)
		}
		for organization, want := range map[int64]int{h.acme.id: 3, h.umbrella.id: roster.MaxTokenDays} {
			if s, err := h.db.TokenSettings(ctx, organization); err != nil || s.TTLDays != want || !s.Legacy {
				h.Errorf("%+v %v", s, err)
			}
		}
	})
}

// TestAnAccessTokenEndsWithItsOwn: what was got for a personal token in the upstream acts
// for its person, and ends with that, also what is got while it ends; and nobody forgets
// that it ended while something got for it lives.
func TestAnAccessTokenEndsWithItsOwn(t *testing.T) {
	eachHouse(t, func(h *house) {
		ctx, one := t.Context(), h.acme.annotators[0]
		acts := func(hash string) bool {
			a, err := h.db.ActorByUpstreamAccess(ctx, one, []byte(hash))
			if err != nil {
				h.is(roster.NotFound, hash, err)
			}
			return err == nil && a.UserID == one
		}
		h.ok(h.db.AddUpstreamAccess(ctx, []byte("a"), []byte("p"), now.Add(time.Hour)))
		h.ok(h.db.AddUpstreamAccess(ctx, []byte("b"), []byte("q"), now.Add(time.Hour)))
		if !acts("a") || !acts("b") || acts("c") {
			h.Error("before")
		}
		h.ok(h.db.EndUpstreamAccess(ctx, []byte("p"), now.Add(time.Minute)))
		h.ok(h.db.AddUpstreamAccess(ctx, []byte("late"), []byte("p"), now.Add(time.Hour)))
		h.ok(h.db.Sweep(ctx, now.Add(30*time.Minute)))
		if acts("a") || acts("late") || !acts("b") {
			h.Error("after it ended")
		}
		h.ok(h.db.Sweep(ctx, now.Add(2*time.Hour)))
		if n, err := h.db.Rows(ctx, "upstream_ended"); err != nil || n != 0 {
			h.Errorf("%d are remembered for ever: %v", n, err)
		}
	})
}

// TestLettersOfAnInvitation: an accepted one cannot be taken again and says who took it, and
// counts are of a stretch of time.
func TestLettersOfAnInvitation(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx, one := h.acme, t.Context(), h.acme.annotators[0]
		for i, name := range []string{"ann", "bob", "cleo"} {
			h.ok(h.db.AddInvitations(ctx, []store.NewInvitation{{Hash: []byte(name), Link: []byte("link"), Subject: "s",
				Sealed: []byte("t"), Invitation: roster.Invitation{OrganizationID: o.id, Email: name + "@example.com",
					Role: roster.RoleReviewer, UserType: roster.SeatStandard, Projects: []int64{o.projects[0].ID},
					InvitedBy: o.owner, CreatedAt: now.Add(time.Duration(i) * time.Hour), ExpiresAt: now.Add(time.Hour)}}}))
		}
		i, err := h.db.LockInvitation(ctx, []byte("ann"))
		if h.ok(err); !slices.Equal(i.Projects, []int64{o.projects[0].ID}) || i.Role != roster.RoleReviewer {
			h.Errorf("%+v", i)
		}
		h.ok(h.db.AcceptInvitation(ctx, i.ID, one, now))
		h.ok(h.db.RevokeInvitations(ctx, o.id, []string{"ann@example.com", "bob@example.com"}, now))
		got, link, err := h.db.InvitationByID(ctx, o.id, i.ID)
		if h.ok(err); got.UserID != one || !got.RevokedAt.IsZero() || len(link) != 0 ||
			got.State(now) != roster.InvitationAccepted {
			h.Errorf("%+v, link %q", got, link)
		}
		_, _, err = h.db.InvitationByID(ctx, h.umbrella.id, i.ID)
		h.is(roster.NotFound, "another organization's", err)
		for state, want := range map[roster.InvitationState]int{roster.InvitationWaiting: 1, roster.InvitationAccepted: 1,
			roster.InvitationRevoked: 1, "": 3} {
			if n, err := h.db.CountInvitations(ctx, o.id, roster.InvitationFilter{State: state}); err != nil || n != want {
				h.Errorf("%d are %q: %v", n, state, err)
			}
		}
		due, err := h.db.ClaimMail(ctx, store.Due{Now: now.Add(9 * time.Hour), Longest: time.Hour * 24},
			now.Add(10*time.Hour), 9)
		if h.ok(err); len(due) != 2 { // not to bob, whose invitation was revoked
			h.Errorf("%+v", due)
		}
		for until, want := range map[time.Duration]int{0: 0, time.Hour: 1, 2*time.Hour - 1000: 1, 3 * time.Hour: 2} {
			if n, err := h.db.InvitationsBetween(ctx, o.id, now, now.Add(until)); err != nil || n != want {
				h.Errorf("%d until %v: %v", n, until, err)
			}
		}
		if of, err := h.db.InvitationOf(ctx, o.id, one); err != nil || of == nil || of.ID != i.ID {
			h.Errorf("%+v %v", of, err)
		}
		if of, err := h.db.InvitationOf(ctx, h.umbrella.id, one); err != nil || of != nil {
			h.Errorf("of another organization: %+v %v", of, err)
		}
		known, err := h.db.KnownPeople(ctx, o.id, []string{"ACME.manager@example.com", "ann@example.com",
			"umbrella.owner@example.com"})
		h.ok(err)
		same(h, "known", known, "acme.manager@example.com")
	})
}
