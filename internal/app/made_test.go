package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/mirror"
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
	h.hook = h.make(h.maker, roster.Made{Kind: roster.MadeWebhook, UpstreamID: 901,
		Location: "https://maker.example.com", Works: true})
	h.storage = h.make(h.maker, roster.Made{Kind: roster.MadeImport, Type: "s3", UpstreamID: 902, Location: "bucket",
		Works: true})
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
			was := mirror.Mirrored{People: []int64{h.Owner, h.maker}}
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
		if out, err := h.App.MadeOutcome(h.As(h.Owner), op); err != nil || out.Things[0].Last.Attempts != 1 ||
			out.Things[0].Last.Error != "no route to host" {
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

// TestIntentsWaitWhicheverServerLooks: one whose clock is behind by a moment finds nothing due
// that another has put off for as long as anything is.
func TestIntentsWaitWhicheverServerLooks(t *testing.T) {
	eachHooked(t, func(h *hooked) {
		op := h.unassign(roster.Selector{Included: []int64{h.maker}})
		h.deaf = errors.New("no route to host")
		const times = 12
		for range times {
			h.Clock = h.Clock.Add(time.Hour)
			h.wantTold()
		}
		h.Clock = h.Clock.Add(-time.Second)
		h.wantTold()
		if out, err := h.App.MadeOutcome(h.As(h.Owner), op); err != nil || out.Things[0].Last.Attempts != times {
			h.t.Errorf("%+v %v", out, err)
		}
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
