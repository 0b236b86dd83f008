package app_test

import (
	"maps"
	"testing"

	"roster"
)

// TestWhoSaysWhereItGoes is its maker: a change of the address, of the secrets,
// or switching it on. Everything else leaves the maker. An undo leaves alone what
// somebody has taken over since.
func TestWhoSaysWhereItGoes(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		patch := func(m roster.Made, sets, names bool) int64 {
			must(h.t, h.App.KeepMade(h.As(h.other), m, sets, names))
			return h.thing(m).MakerID
		}
		if by := patch(h.hook, false, true); by != h.maker { // saved as it was
			h.t.Errorf("a change of something else: %d", by)
		}
		if by := patch(h.storage, true, false); by != h.other {
			h.t.Errorf("other secrets: %d", by)
		}
		op := h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.wantTold("disable webhook 901")
		if by := patch(h.hook, false, false); by != h.other { // it works: they switched it on
			h.t.Errorf("switched on: %d", by)
		}
		undone(h.t, h.World, op, 1)
		h.wantTold()
		moved := h.hook
		moved.Location = "https://maker.example.com/again"
		must(h.t, h.App.KeepMade(h.As(h.maker), moved, false, true))
		if by := h.thing(h.hook).MakerID; by != h.maker {
			h.t.Errorf("another address: %d", by)
		}
		h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.wantTold("disable webhook 901")
	})
}

// TestMakerLostItMeanwhile: what somebody made while they lost the right to is
// disabled at once.
func TestMakerLostItMeanwhile(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		as := h.As(h.maker)
		h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.wantTold("disable webhook 901", "disable import_storage 902")
		late := roster.Made{ProjectID: h.project, Kind: roster.MadeWebhook, UpstreamID: 905,
			Location: "https://late.example.com", Works: true}
		must(h.t, h.App.KeepMade(as, late, true, true))
		h.wantTold("disable webhook 905")
	})
}

// TestMakerUnknown: what was made before the gate, or past it, is listed for
// managers and disabled by nothing but a person.
func TestMakerUnknown(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		old := roster.Made{Kind: roster.MadeWebhook, UpstreamID: 906, Location: "https://old.example.com", Works: true}
		turned := h.hook
		turned.Location, turned.MakerID = "https://elsewhere.example.com", 0
		must(h.t, h.App.DiscoverMade(h.t.Context(), h.project, []roster.Made{old, turned, h.storage}))
		list, total, err := h.App.MadeIn(h.As(h.other), h.project, roster.Page{Number: 1, Size: 2})
		if err != nil || total != 4 || list[0].UpstreamID != 906 || list[0].MakerID != 0 {
			h.t.Errorf("%d %+v %v", total, list, err)
		}
		h.unassign(roster.Selector{All: true})
		h.wantTold("disable import_storage 902") // nobody knows who turned the hook elsewhere
		_, _, err = h.App.MadeIn(h.As(h.other), h.project, roster.Page{Number: 1, Size: 2})
		wantKind(h.t, "of somebody who is not there any more", err, roster.NotFound)
		an := h.Person("AN")
		h.Assign(h.project, an)
		_, _, err = h.App.MadeIn(h.As(an), h.project, roster.Page{Number: 1, Size: 2})
		wantKind(h.t, "of an annotator", err, roster.Forbidden)
		id := h.thing(old).ID
		_, err = h.App.SwitchMade(h.As(an), h.project, id, roster.MadeDisable)
		wantKind(h.t, "by an annotator", err, roster.Forbidden)
		_, err = h.App.SwitchMade(h.As(h.Owner), h.project, id, roster.MadeDisable)
		must(h.t, err)
		h.wantTold("disable webhook 906")
		m, err := h.App.SwitchMade(h.As(h.Owner), h.project, id, roster.MadeEnable)
		if err != nil || m.MakerID != h.Owner {
			h.t.Errorf("%+v %v", m, err)
		}
		h.wantTold("enable webhook 906")
	})
}

// TestFoldersAreAdministrators: a manager does not switch what only an
// administrator could make.
func TestFoldersAreAdministrators(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		ad := h.Person("AD")
		folder := h.make(ad, roster.Made{Kind: roster.MadeImport, Type: "localfiles", UpstreamID: 907,
			Location: "/srv/p1", Works: true})
		_, err := h.App.SwitchMade(h.As(h.other), h.project, folder.ID, roster.MadeDisable)
		wantKind(h.t, "by a manager", err, roster.Forbidden)
		h.role(ad, "MA")
		h.Assign(h.project, ad)
		h.wantTold("disable import_storage 907")
		_, err = h.App.SwitchMade(h.As(ad), h.project, folder.ID, roster.MadeEnable)
		wantKind(h.t, "enabled by who was one", err, roster.Forbidden)
	})
}

// TestTargetsAreAdministrators: they are written the e-mail of whoever an import
// names. One whose maker is an Administrator no more is disabled, and a manager
// enables it by no way.
func TestTargetsAreAdministrators(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		ad := h.Person("AD")
		target := h.make(ad, roster.Made{Kind: roster.MadeExport, Type: "s3", UpstreamID: 908, Location: "bucket",
			Works: true})
		h.role(ad, "MA")
		h.Assign(h.project, ad)
		h.wantTold("disable export_storage 908")
		for _, who := range []int64{ad, h.other} {
			_, err := h.App.SwitchMade(h.As(who), h.project, target.ID, roster.MadeEnable)
			wantKind(h.t, "enabled by a manager", err, roster.Forbidden)
		}
		op := h.unassign(roster.Selector{Included: []int64{ad}})
		_, err := h.App.Undo(h.As(h.other), op)
		must(h.t, err)
		if m := h.thing(target); !m.Disabled {
			h.t.Error("a manager's undo enabled it")
		}
	})
}

// TestOwnersThings: what the Owner made, or nobody knows who did, only the Owner
// enables: it may reach further than anybody else's.
func TestOwnersThings(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		ad := h.Person("AD")
		for i, by := range []int64{h.Owner, 0} {
			thing := roster.Made{
				ProjectID: h.project, Kind: roster.MadeImport, Type: "s3", UpstreamID: int64(910 + i),
				Location: "bucket", Works: true,
			}
			if by != 0 {
				h.make(by, thing)
			} else {
				must(h.t, h.App.DiscoverMade(h.t.Context(), h.project, []roster.Made{thing}))
			}
			id := h.thing(thing).ID
			for _, who := range []int64{h.other, ad} {
				_, err := h.App.SwitchMade(h.As(who), h.project, id, roster.MadeDisable)
				must(h.t, err)
				_, err = h.App.SwitchMade(h.As(who), h.project, id, roster.MadeEnable)
				wantKind(h.t, "enabled by another", err, roster.Forbidden)
			}
			_, err := h.App.SwitchMade(h.As(h.Owner), h.project, id, roster.MadeEnable)
			must(h.t, err)
		}
	})
}

// TestMadeRows: the list says of each thing who may switch it where the reader may not, and
// what it says is what comes of trying.
func TestMadeRows(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		ad := h.Person("AD")
		h.make(h.Owner, roster.Made{Kind: roster.MadeModel, UpstreamID: 920, Location: "https://model.example.com",
			Works: true})
		h.make(ad, roster.Made{Kind: roster.MadeExport, Type: "s3", UpstreamID: 921, Location: "bucket", Works: true})
		h.make(h.Owner, roster.Made{Kind: roster.MadeImport, Type: "s3", UpstreamID: 922, Location: "bucket", Works: true})
		must(h.t, h.App.DiscoverMade(h.t.Context(), h.project, []roster.Made{
			{ProjectID: h.project, Kind: roster.MadeWebhook, UpstreamID: 923, Location: "https://x.example.com", Works: true},
		}))
		said := func(who int64) map[int64]string {
			rows, total, err := h.App.MadeRows(h.As(who), h.project, roster.Everything)
			if err != nil || total != 7 || len(rows) != 7 {
				h.t.Errorf("%d rows of %d: %v", len(rows), total, err)
			}
			out := map[int64]string{}
			for _, row := range rows {
				if row.Withheld != "" {
					out[row.UpstreamID] = row.Withheld
				}
			}
			return out
		}
		const owner, administrators = "Only the Owner may switch this.", "Only an Owner or Administrator may switch this."
		const owners = "The Owner made this, or nobody knows who did, so only the Owner enables it."
		want := func(who int64, want map[int64]string) {
			if got := said(who); !maps.Equal(got, want) {
				h.t.Errorf("%d is told %v, want %v", who, got, want)
			}
		}
		want(h.other, map[int64]string{920: owner, 921: administrators})
		want(ad, map[int64]string{920: owner})
		want(h.Owner, map[int64]string{})
		rows, _, err := h.App.MadeRows(h.As(h.Owner), h.project, roster.Everything)
		must(h.t, err)
		for _, row := range rows {
			if row.Kind != roster.MadeTab {
				_, err := h.App.SwitchMade(h.As(h.Owner), h.project, row.ID, roster.MadeDisable)
				must(h.t, err)
			}
		}
		want(h.other, map[int64]string{920: owner, 921: administrators, 922: owners, 923: owners})
		want(ad, map[int64]string{920: owner, 922: owners, 923: owners})
		want(h.Owner, map[int64]string{})
		for _, who := range []int64{h.other, ad} {
			refused := said(who)
			for _, row := range rows {
				if row.Kind == roster.MadeTab {
					continue
				}
				_, err := h.App.SwitchMade(h.As(who), h.project, row.ID, roster.MadeEnable)
				if why := refused[row.UpstreamID]; (why == "") != (err == nil) || err != nil && err.Error() != why+
					" Nothing was changed." {
					h.t.Errorf("%d enables %d: %v, and was told %q", who, row.UpstreamID, err, why)
				}
			}
		}
	})
}
