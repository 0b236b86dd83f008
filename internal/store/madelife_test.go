package store_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/store"
)

// makers lets Managers make hooks in their projects, and whoever is above everywhere;
// storages of one type are the Owner's alone.
var makers = []store.Makers{
	{Kinds: []roster.MadeKind{roster.MadeWebhook, roster.MadeTab, roster.MadeExport},
		Everywhere: []roster.Role{roster.RoleOwner, roster.RoleAdministrator}, Inside: []roster.Role{roster.RoleManager}},
	{Kinds: []roster.MadeKind{roster.MadeExport}, Type: "localfiles", Everywhere: []roster.Role{roster.RoleOwner}},
}

// makes writes down a thing that somebody made in a project.
func (h *house) makes(p roster.Project, kind roster.MadeKind, kin string, upstream, by int64) int64 {
	h.Helper()
	id, err := h.db.KeepMadeThing(h.Context(), roster.Made{ProjectID: p.ID, Kind: kind, Type: kin, UpstreamID: upstream,
		Title: "made", Location: "https://hooks.example.com", MakerID: by, MadeAt: now, Works: true})
	h.ok(err)
	return id
}

func (h *house) made(id int64) roster.Made {
	h.Helper()
	m, err := h.db.MadeByID(h.Context(), id)
	h.ok(err)
	return m
}

// TestThingsStopWithTheirMakers: what somebody made is disabled when they may not make it
// any more, wherever they still may it goes on; and an undo has it enabled again, but for
// what somebody changed since.
func TestThingsStopWithTheirMakers(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		h.assign(o, p, o.manager)
		h.assign(o, o.projects[1], o.manager)
		hook, touched, tab := h.makes(p, roster.MadeWebhook, "", 1, o.manager),
			h.makes(p, roster.MadeWebhook, "", 2, o.manager), h.makes(p, roster.MadeTab, "", 3, o.manager)
		elsewhere, owners := h.makes(o.projects[1], roster.MadeWebhook, "", 4, o.manager),
			h.makes(p, roster.MadeWebhook, "", 5, o.owner)
		bucket := h.makes(p, roster.MadeExport, "s3", 6, o.manager)
		local := h.makes(p, roster.MadeExport, "localfiles", 6, o.manager)
		nobodys := h.makes(p, roster.MadeWebhook, "", 7, 0)
		strand := func(op int64) int {
			n, err := h.db.StrandMade(ctx, h.read(op), makers, roster.MadeDisable, now)
			h.ok(err)
			return n
		}
		// what a Manager may not make stops at the first occasion, alone
		if n := strand(h.assign(o, p, o.annotators[0])); n != 1 || !h.made(local).Disabled {
			h.Errorf("%d stopped", n)
		}
		op := h.unassign(o, p, o.manager)
		if n := strand(op); n != 3 {
			h.Errorf("%d stopped", n)
		}
		if n := strand(op); n != 0 {
			h.Errorf("%d stopped twice", n)
		}
		for id, want := range map[int64]bool{hook: true, touched: true, bucket: true, local: true, tab: false,
			elsewhere: false, owners: false, nobodys: false} {
			if m := h.made(id); m.Disabled != want {
				h.Errorf("%+v", m)
			}
		}
		out, err := h.db.MadeOutcome(ctx, op)
		if h.ok(err); len(out.Things) != 3 || out.Pending != 3 || out.Tabs != 1 {
			h.Errorf("%+v", out)
		}
		h.ok(h.db.SwitchMade(ctx, touched, roster.MadeDisable, o.owner, now)) // by hand: it stays so
		undo, _ := h.undoing(o, op)
		n := 0
		h.ok(h.db.Update(ctx, func(tx *store.DB) (err error) {
			if _, err = tx.RestoreMemberships(ctx, p, h.read(op), undo); err == nil {
				n, err = tx.UnstrandMade(ctx, h.read(undo), makers, now)
			}
			return err
		}))
		if n != 2 {
			h.Errorf("%d go on", n)
		}
		for id, want := range map[int64]roster.MadeAction{hook: roster.MadeEnable, bucket: roster.MadeEnable,
			touched: roster.MadeDisable, local: roster.MadeDisable} {
			if m := h.made(id); m.Disabled != (want == roster.MadeDisable) || m.Last.Action != want ||
				m.Last.State != roster.IntentPending {
				h.Errorf("%+v, not %s", m, want)
			}
		}
	})
}

// TestThingsAreLeftAtWorkWhereSaid: the record says so, and nothing is told to the upstream.
func TestThingsAreLeftAtWorkWhereSaid(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		h.assign(o, p, o.manager)
		hook := h.makes(p, roster.MadeWebhook, "", 1, o.manager)
		by, err := h.db.MadeBy(ctx, p.ID, []int64{o.manager})
		if h.ok(err); len(by.Things) != 1 || by.Tabs != 0 {
			h.Errorf("%+v", by)
		}
		op := h.unassign(o, p, o.manager)
		if n, err := h.db.StrandMade(ctx, h.read(op), makers, roster.MadeKeep, now); err != nil || n != 0 {
			h.Errorf("%d to be told: %v", n, err)
		}
		if m := h.made(hook); m.Disabled || m.Last.Action != roster.MadeKeep || m.Last.State != roster.IntentKept {
			h.Errorf("%+v", m)
		}
		if due := h.claim(now, now, 10); len(due) != 0 {
			h.Errorf("the upstream is told %+v", due)
		}
		if by, err := h.db.MadeBy(ctx, p.ID, []int64{o.manager}); err != nil || len(by.Things) != 0 {
			h.Errorf("it would be asked again: %+v %v", by, err)
		}
	})
}

// claim takes intents that are due.
func (h *house) claim(at, until time.Time, most int) []roster.Made {
	h.Helper()
	due, err := h.db.ClaimIntents(h.Context(), store.Due{Now: at, Longest: 24 * time.Hour}, until, most)
	h.ok(err)
	return due
}

// TestTheUpstreamIsToldUntilItConfirms: one at a time has an intent, another try comes at
// its time, what is superseded is told no more, and what was told late is told again.
func TestTheUpstreamIsToldUntilItConfirms(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		hook := h.makes(p, roster.MadeWebhook, "", 1, o.manager)
		h.ok(h.db.SwitchMade(ctx, hook, roster.MadeDisable, o.owner, now))
		until := now.Add(time.Minute)
		first := h.claim(now, until, 5)
		if len(first) != 1 || first[0].ID != hook || first[0].Last.Action != roster.MadeDisable ||
			len(h.claim(now, until, 5)) != 0 {
			h.Fatalf("%+v", first)
		}
		h.ok(h.db.IntentFailed(ctx, first[0].Last.ID, "no answer", now.Add(time.Hour)))
		if len(h.claim(now.Add(time.Minute), until, 5)) != 0 {
			h.Error("it is tried before its time")
		}
		if m := h.made(hook); m.Last.Error != "no answer" || m.Last.Attempts != 1 {
			h.Errorf("%+v", m.Last)
		}
		h.ok(h.db.SwitchMade(ctx, hook, roster.MadeEnable, o.owner, now.Add(time.Hour)))
		second := h.claim(now.Add(time.Hour), now.Add(2*time.Hour), 5)
		if len(second) != 1 || second[0].Last.Action != roster.MadeEnable || second[0].MakerID != o.owner {
			h.Fatalf("%+v", second)
		}
		h.ok(h.db.IntentSettled(ctx, second[0], roster.IntentDone, now))
		if m := h.made(hook); m.Last.State != roster.IntentDone || m.Last.Error != "" || m.Disabled {
			h.Errorf("%+v", m)
		}
		// who had the first one all along is confirmed now: the upstream may have heard of it last
		h.ok(h.db.IntentSettled(ctx, first[0], roster.IntentDone, now.Add(3*time.Hour)))
		third := h.claim(now.Add(3*time.Hour), now.Add(4*time.Hour), 5)
		if len(third) != 1 || third[0].Last.ID != second[0].Last.ID {
			h.Errorf("%+v", third)
		}
		h.ok(h.db.ForgetMade(ctx, p.ID, roster.MadeWebhook, "", 1, now))
		if len(h.claim(now.Add(5*time.Hour), now.Add(6*time.Hour), 5)) != 0 {
			h.Error("the upstream is told about what it has no more")
		}
		_, err := h.db.MadeByID(ctx, hook)
		h.is(roster.NotFound, "what is gone", err)
	})
}

// TestWhatIsFoundInTheUpstream: what is not known is written down, and what goes elsewhere
// than it did is nobody's; and what cannot be told is left as it is.
func TestWhatIsFoundInTheUpstream(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		same := h.makes(p, roster.MadeWebhook, "", 1, o.manager)
		moved := h.makes(p, roster.MadeWebhook, "", 2, o.manager)
		list := []roster.Made{
			{Kind: roster.MadeWebhook, UpstreamID: 1, Title: "same", Location: "https://hooks.example.com", Works: true},
			{Kind: roster.MadeWebhook, UpstreamID: 2, Title: "moved", Location: "https://other.example.com", Works: true},
			{Kind: roster.MadeModel, UpstreamID: 3, Title: "new", Location: "https://model.example.com", Works: true,
				MakerID: o.manager},
			{Kind: roster.MadeModel, UpstreamID: 4, Title: "strange", MakerID: 999_999},
		}
		h.ok(h.db.DiscoverMade(ctx, p.ID, list, now))
		if m := h.made(same); m.MakerID != o.manager || m.Title != "same" {
			h.Errorf("%+v", m)
		}
		if m := h.made(moved); m.MakerID != 0 || m.Location != "https://other.example.com" {
			h.Errorf("%+v", m)
		}
		for upstream, maker := range map[int64]int64{3: o.manager, 4: 0} {
			if m, err := h.db.MadeThing(ctx, roster.MadeModel, "", upstream); err != nil || m.MakerID != maker ||
				m.ProjectID != p.ID {
				h.Errorf("%+v %v", m, err)
			}
		}
		if stopped, err := h.db.SettleStanding(ctx, same, false, now); err != nil || !stopped || !h.made(same).Disabled {
			h.Errorf("who may not make it: %v %v", stopped, err)
		}
		if stopped, err := h.db.SettleStanding(ctx, same, false, now); err != nil || stopped {
			h.Errorf("twice: %v %v", stopped, err)
		}
		list, total, err := h.db.MadeIn(ctx, p.ID, roster.Page{Number: 1, Size: 3})
		if h.ok(err); total != 4 || len(list) != 3 || list[0].UpstreamID != 4 {
			h.Errorf("%+v of %d", list, total)
		}
		h.ok(h.db.ForgetMade(ctx, p.ID, roster.MadeModel, "", 0, now))
		if _, total, err := h.db.MadeIn(ctx, p.ID, roster.Everything); err != nil || total != 2 {
			h.Errorf("%d are left: %v", total, err)
		}
	})
}
