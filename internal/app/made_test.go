package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// hooked is a mirror with a project in a workspace, a manager who made a webhook
// and an export storage in it, and one who made nothing.
type hooked struct {
	*apptest.World
	t              *testing.T
	space, project int64
	maker, other   int64
	hook, storage  roster.Made
	told           []string // what the upstream was told, "disable webhook 901"
	deaf           error    // why it cannot be told
	meanwhile      func()   // happens while it is told
}

func newHooked(t *testing.T, db *store.DB) *hooked {
	t.Helper()
	h := &hooked{World: apptest.New(t, db), t: t}
	_, err := db.SetSettingOnce(t.Context(), "upstream_organization", fmt.Append(nil, h.Org))
	must(t, err)
	h.space = h.Workspace("Vision")
	h.project = h.Project("Street signs", h.space)
	h.maker, h.other = h.Person("MA"), h.Person("MA")
	h.Assign(h.project, h.maker, h.other)
	h.hook = h.make(h.maker, roster.Made{Kind: roster.MadeWebhook, UpstreamID: 901, Place: "https://maker.example.com", Works: true})
	h.storage = h.make(h.maker, roster.Made{Kind: roster.MadeImport, Type: "s3", UpstreamID: 902, Place: "bucket", Works: true})
	h.make(h.maker, roster.Made{Kind: roster.MadeTab, UpstreamID: 903, Works: true})
	return h
}

// make is what the gate writes down when somebody made something.
func (h *hooked) make(by int64, m roster.Made) roster.Made {
	h.t.Helper()
	m.ProjectID = h.project
	must(h.t, h.App.KeepMade(h.As(by), m, true, true))
	return h.thing(m)
}

func (h *hooked) thing(m roster.Made) roster.Made {
	h.t.Helper()
	is, err := h.DB.MadeThing(h.t.Context(), m.Kind, m.Type, m.UpstreamID)
	must(h.t, err)
	return is
}

func (h *hooked) unassign(s roster.Selector) int64 {
	h.t.Helper()
	done, err := h.App.UnassignMembers(h.As(h.Owner), h.project, s, "")
	must(h.t, err)
	return done.Operation
}

func (h *hooked) tell(_ context.Context, m roster.Made) error {
	if meanwhile := h.meanwhile; meanwhile != nil {
		h.meanwhile = nil
		meanwhile()
	}
	if h.deaf != nil {
		return h.deaf
	}
	h.told = append(h.told, fmt.Sprintf("%s %s %d", m.Last.Action, m.Kind, m.UpstreamID))
	return nil
}

// carry has the upstream told what is due, and returns what it heard.
func (h *hooked) carry() []string {
	h.t.Helper()
	h.told = nil
	for {
		n, err := h.App.CarryIntents(h.t.Context(), h.tell)
		must(h.t, err)
		if n == 0 {
			return h.told
		}
	}
}

func (h *hooked) wantTold(want ...string) {
	h.t.Helper()
	if got := h.carry(); !slices.Equal(got, want) {
		h.t.Errorf("the upstream was told %q, not %q", got, want)
	}
}

// wantStates compares what an operation says became of things, in their order.
func (h *hooked) wantStates(op int64, pending int, states ...roster.IntentState) {
	h.t.Helper()
	out, err := h.App.MadeOutcome(h.As(h.Owner), op)
	must(h.t, err)
	var got []roster.IntentState
	for _, m := range out.Things {
		got = append(got, m.Last.State)
	}
	if !slices.Equal(got, states) || out.Pending != pending {
		h.t.Errorf("operation %d: %v, %d pending; not %v, %d", op, got, out.Pending, states, pending)
	}
}

func eachHooked(t *testing.T, fn func(h *hooked)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(newHooked(t, db)) })
}

// ways is how a maker loses the right to make what they made, by changes that can
// be undone. The last leaves them with no membership of their own.
var ways = []struct {
	name string
	lose func(h *hooked) int64
	tabs int // a demoted maker still sees theirs
}{
	{"unassigned", func(h *hooked) int64 { return h.unassign(roster.Selector{All: true}) }, 1},
	{"deactivated", func(h *hooked) int64 { return h.role(h.maker, "DI") }, 1},
	{"demoted", func(h *hooked) int64 { return h.role(h.maker, "AN") }, 0},
	{"deleted", func(h *hooked) int64 {
		op, err := h.App.RemoveFromOrganization(h.As(h.Owner), h.Org, h.maker)
		must(h.t, err)
		return op
	}, 1},
	{"out of the workspace", func(h *hooked) int64 {
		h.onlyBySpace()
		done, err := h.App.RemoveFromWorkspace(h.As(h.Owner), h.space, roster.Selector{All: true})
		must(h.t, err)
		return done.Operation
	}, 1},
}

// TestMadeFollowsItsMaker: by whatever path its maker loses the right to make it,
// a thing is disabled in the same transaction, and enabled when that is undone.
func TestMadeFollowsItsMaker(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		for _, way := range ways {
			op := way.lose(h)
			h.wantStates(op, 2, roster.IntentPending, roster.IntentPending)
			if m := h.thing(h.hook); !m.Disabled || m.DisabledBy != op {
				h.t.Errorf("%s: %+v", way.name, m)
			}
			h.wantTold("disable webhook 901", "disable import_storage 902")
			h.wantStates(op, 0, roster.IntentDone, roster.IntentDone)
			if out, err := h.App.MadeOutcome(h.As(h.Owner), op); err != nil || out.Tabs != way.tabs {
				h.t.Errorf("%s: %d tabs: %v", way.name, out.Tabs, err)
			}
			undo, err := h.App.Undo(h.As(h.Owner), op)
			must(h.t, err)
			h.wantStates(undo.ID, 2, roster.IntentPending, roster.IntentPending)
			h.wantTold("enable webhook 901", "enable import_storage 902")
			if m := h.thing(h.hook); m.Disabled || m.MakerID != h.maker {
				h.t.Errorf("%s: %+v", way.name, m)
			}
		}
	})
}

// TestMadeFollowsWithoutUndo: the same where the change cannot be taken back, or
// takes another one back itself.
func TestMadeFollowsWithoutUndo(t *testing.T) {
	for name, lose := range map[string]func(h *hooked){
		"the project moved": func(h *hooked) {
			h.onlyBySpace()
			_, err := h.App.RemoveProject(h.As(h.Owner), h.space, h.project)
			must(h.t, err)
		},
		"an assignment undone": func(h *hooked) {
			h.unassign(roster.Selector{Included: []int64{h.maker}, KeepMade: true})
			op := h.Assign(h.project, h.maker)
			undone(h.t, h.World, op, 1)
		},
		"gone from the upstream": func(h *hooked) {
			was := app.Mirrored{People: []int64{h.Owner, h.maker}}
			must(h.t, h.App.FollowGone(h.t.Context(), was, []roster.User{{ID: h.Owner}}, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachHooked(t, func(h *hooked) {
				lose(h)
				h.wantTold("disable webhook 901", "disable import_storage 902")
			})
		})
	}
}

func (h *hooked) role(user int64, role roster.Role) int64 {
	h.t.Helper()
	_, op, err := h.App.ChangeMembership(h.As(h.Owner), h.Org, user, roster.MembershipChange{Role: role})
	must(h.t, err)
	return op
}

// onlyBySpace gives the maker access by the workspace, and no membership.
func (h *hooked) onlyBySpace() {
	h.t.Helper()
	_, err := h.App.AssignToWorkspace(h.As(h.Owner), h.space, roster.Selector{Included: []int64{h.maker}})
	must(h.t, err)
	h.wantStates(h.unassign(roster.Selector{Included: []int64{h.maker}}), 0)
}

// TestMadeIsKept: who keeps access keeps their things, and so does whose removal
// says so; an undo of that changes nothing, and a later removal asks anew.
func TestMadeIsKept(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		everybody := roster.Selector{All: true, KeepMade: true}
		op := h.unassign(everybody)
		h.wantStates(op, 0, roster.IntentKept, roster.IntentKept)
		h.wantTold()
		h.Assign(h.project, h.Person("AN")) // no later operation takes them up
		h.wantTold()
		undone(h.t, h.World, op, 2)
		h.wantTold()
		last := h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.wantTold("disable webhook 901", "disable import_storage 902")
		h.Assign(h.project, h.maker) // who comes back finds them disabled
		h.wantTold()
		if !h.thing(h.hook).Disabled {
			h.t.Error("adding somebody again enabled what they made")
		}
		undone(h.t, h.World, last, 0) // it gives nobody back, but what it had disabled
		h.wantTold("enable webhook 901", "enable import_storage 902")
	})
}

// TestMadeIsPreviewed: a preview names what would be disabled, of those who
// would have no access left.
func TestMadeIsPreviewed(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		preview := func() roster.MadeOutcome {
			p, err := h.App.PreviewUnassign(h.As(h.Owner), h.project, roster.Selector{All: true}, 10)
			must(h.t, err)
			return p.Made
		}
		if m := preview(); len(m.Things) != 2 || m.Things[0].MakerID != h.maker || m.Tabs != 1 {
			h.t.Errorf("%+v", m)
		}
		_, err := h.App.AssignToWorkspace(h.As(h.Owner), h.space, roster.Selector{Included: []int64{h.maker}})
		must(h.t, err)
		if m := preview(); m.Any() {
			h.t.Errorf("of somebody who keeps access: %+v", m)
		}
	})
}

// TestIntentsAreRepeated: the upstream is told again, later and later, until it
// confirms; a server that died over it leaves it to the next.
func TestIntentsAreRepeated(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		op := h.unassign(roster.Selector{Included: []int64{h.maker}})
		select {
		case <-h.App.IntentsWait():
		default:
			h.t.Error("nobody was woken")
		}
		h.deaf = errors.New("no route to host")
		h.wantTold()
		h.wantStates(op, 2, roster.IntentPending, roster.IntentPending)
		if out, err := h.App.MadeOutcome(h.As(h.Owner), op); err != nil || out.Things[0].Last.Attempts != 1 || out.Things[0].Last.Error != "no route to host" {
			h.t.Errorf("%+v %v", out, err)
		}
		h.deaf = nil
		h.wantTold() // not yet
		h.Clock = h.Clock.Add(time.Second)
		h.wantTold("disable webhook 901", "disable import_storage 902")
		h.wantStates(op, 0, roster.IntentDone, roster.IntentDone)
		undo := undone(h.t, h.World, op, 1)
		dies, die := context.WithCancel(h.t.Context())
		h.App.CarryIntents(dies, func(context.Context, roster.Made) error { die(); return dies.Err() })
		h.wantTold() // somebody else may be at it
		h.Clock = h.Clock.Add(time.Minute)
		h.wantTold("enable webhook 901", "enable import_storage 902")
		h.wantStates(undo, 0, roster.IntentDone, roster.IntentDone)
	})
}

// TestIntentOfWhatIsGone: the upstream has confirmed a thing disabled that it has
// no more.
func TestIntentOfWhatIsGone(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		op := h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.deaf = roster.Errorf(roster.NotFound, "Not found.")
		h.wantTold()
		h.wantStates(op, 0, roster.IntentGone, roster.IntentGone)
		undone(h.t, h.World, op, 1)
		h.wantTold()
	})
}

// TestUndoBeforeTheUpstreamHeard: the opposite intent takes the place of one that
// the upstream never heard, and comes again after one that it was hearing.
func TestUndoBeforeTheUpstreamHeard(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		op := h.unassign(roster.Selector{Included: []int64{h.maker}})
		undone(h.t, h.World, op, 1)
		h.wantStates(op, 0, roster.IntentSuperseded, roster.IntentSuperseded)
		h.wantTold("enable webhook 901", "enable import_storage 902")
		op = h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.meanwhile = func() {
			undone(h.t, h.World, op, 1)
			_, err := h.App.CarryIntents(h.t.Context(), h.tell) // another server, and faster
			must(h.t, err)
		}
		got := h.carry()
		if last := got[len(got)-2:]; !slices.Equal(last, []string{"enable webhook 901", "enable import_storage 902"}) {
			h.t.Errorf("what counts is told last: %q", got)
		}
	})
}

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
		moved.Place = "https://maker.example.com/again"
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
		late := roster.Made{ProjectID: h.project, Kind: roster.MadeWebhook, UpstreamID: 905, Place: "https://late.example.com", Works: true}
		must(h.t, h.App.KeepMade(as, late, true, true))
		h.wantTold("disable webhook 905")
	})
}

// TestMakerUnknown: what was made before the gate, or past it, is listed for
// managers and disabled by nothing but a person.
func TestMakerUnknown(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		old := roster.Made{Kind: roster.MadeWebhook, UpstreamID: 906, Place: "https://old.example.com", Works: true}
		turned := h.hook
		turned.Place, turned.MakerID = "https://elsewhere.example.com", 0
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
		folder := h.make(ad, roster.Made{Kind: roster.MadeImport, Type: "localfiles", UpstreamID: 907, Place: "/srv/p1", Works: true})
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
		target := h.make(ad, roster.Made{Kind: roster.MadeExport, Type: "s3", UpstreamID: 908, Place: "bucket", Works: true})
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
			thing := roster.Made{ProjectID: h.project, Kind: roster.MadeImport, Type: "s3", UpstreamID: int64(910 + i), Place: "bucket", Works: true}
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
		h.make(h.Owner, roster.Made{Kind: roster.MadeModel, UpstreamID: 920, Place: "https://model.example.com", Works: true})
		h.make(ad, roster.Made{Kind: roster.MadeExport, Type: "s3", UpstreamID: 921, Place: "bucket", Works: true})
		h.make(h.Owner, roster.Made{Kind: roster.MadeImport, Type: "s3", UpstreamID: 922, Place: "bucket", Works: true})
		must(h.t, h.App.DiscoverMade(h.t.Context(), h.project, []roster.Made{{ProjectID: h.project, Kind: roster.MadeWebhook, UpstreamID: 923, Place: "https://x.example.com", Works: true}}))
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
				if why := refused[row.UpstreamID]; (why == "") != (err == nil) || err != nil && err.Error() != why+" Nothing was changed." {
					h.t.Errorf("%d enables %d: %v, and was told %q", who, row.UpstreamID, err, why)
				}
			}
		}
	})
}
