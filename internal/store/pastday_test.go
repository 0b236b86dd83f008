package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
)

// diary does one thing an hour, and notes after each who can see a project.
type diary struct {
	*house
	people []int64
	notes  []map[int64]bool // hour by hour: who could see the project from then on
}

// project is the one that the diary is about.
func (d *diary) project() roster.Project {
	p, err := d.db.Project(d.Context(), d.acme.projects[0].ID)
	d.ok(err)
	return p
}

// note notes who can see the project now, and lets an hour go by.
func (d *diary) note() {
	sees := map[int64]bool{}
	for _, user := range d.people {
		s, err := d.db.Standing(d.Context(), d.acme.projects[0].ID, user)
		d.ok(err)
		if able(s.Role) && (s.Explicit || s.InWorkspace || s.Role.SeesEveryProject()) {
			sees[user] = true
		}
	}
	d.notes = append(d.notes, sees)
	d.house.at = d.house.at.Add(time.Hour)
}

func (d *diary) someone(t *rapid.T) int64 { return evenly(t, d.people[2:]) }

// moves puts the project into the workspace, or takes it out.
func (d *diary) moves(*rapid.T) {
	p := d.project()
	from := p.WorkspaceID
	p.WorkspaceID = d.acme.workspace.ID - from // which there is one of
	d.ok(d.db.UpdateProject(d.Context(), p))
	_, err := d.db.BeginOperation(d.Context(), roster.Operation{OrganizationID: d.acme.id, ProjectID: p.ID,
		WorkspaceID: p.WorkspaceID, Kind: roster.OpMove, ActorID: d.acme.owner, At: d.house.at,
		Selector: fmt.Sprintf(`{"from":%d}`, from)})
	d.ok(err)
}

func (d *diary) comes(t *rapid.T)  { d.assign(d.acme, d.project(), d.someone(t)) }
func (d *diary) goes(t *rapid.T)   { d.unassign(d.acme, d.project(), d.someone(t)) }
func (d *diary) enters(t *rapid.T) { d.enter(d.acme, d.someone(t)) }

func (d *diary) isTakenOut(t *rapid.T) {
	_, _, err := d.db.EndWorkspaceMembers(d.Context(), d.acme.workspace, named(d.someone(t)),
		d.operation(d.acme, roster.OpWorkspaceUnassign, 0, d.acme.workspace.ID))
	d.ok(err)
}

// changes gives somebody another role.
func (d *diary) changes(t *rapid.T) {
	user, role := d.someone(t), evenly(t, []roster.Role{"AN", "AN", "AD", "DI", "DI", "NO"})
	if m, err := d.db.Membership(d.Context(), d.acme.id, user); err != nil || m.Deleted() || m.Role == role {
		return
	}
	d.role(d.acme, role, user)
}

// leaves deletes somebody, or has them come again with nothing.
func (d *diary) leaves(t *rapid.T) {
	user := d.someone(t)
	m, err := d.db.Membership(d.Context(), d.acme.id, user)
	d.ok(err)
	if !m.Deleted() {
		d.leave(d.acme, user)
		return
	}
	op := d.operation(d.acme, roster.OpJoin, 0, 0)
	d.ok(d.db.RestoreMembership(d.Context(), m))
	d.ok(d.db.RecordOutcome(d.Context(), op, roster.Outcome{UserID: user, Result: roster.Restored, RoleAfter: m.Role}))
}

// between is who could see the project in hours of the diary, by what it noted.
func (d *diary) between(first, last int) []int64 {
	could := map[int64]bool{}
	for _, sees := range d.notes[first : last+1] {
		maps.Copy(could, sees)
	}
	return slices.Sorted(maps.Keys(could))
}

// compare asks the past about some hours.
func (d *diary) compare(begin time.Time, first, last int) {
	span := roster.Span{Since: begin.Add(time.Duration(first) * time.Hour),
		Until: begin.Add(time.Duration(last+1) * time.Hour)}
	want := d.between(first, last)
	got, err := d.db.PastAccessIDs(d.Context(), d.project(), span)
	d.ok(err)
	same(d.house, fmt.Sprintf("hours %d to %d", first, last), sorted(got...), want...)
	n, err := d.db.CountPastAccess(d.Context(), d.project(), span, roster.PastFilter{})
	if d.ok(err); n != len(want) {
		d.Errorf("%d are counted of %d", n, len(want))
	}
}

// TestWhoCouldSeeAProjectIsWhoCould: the past says of each hour, and of every few, what the
// present said then.
func TestWhoCouldSeeAProjectIsWhoCould(t *testing.T) {
	eachHouse(t, func(h *house) {
		h.tries(func(h *house, t *rapid.T) {
			d := &diary{house: h, people: append([]int64{h.acme.owner, h.acme.admin}, h.acme.annotators[:2]...)}
			doings := []func(*rapid.T){d.comes, d.comes, d.comes, d.goes, d.goes, d.enters, d.isTakenOut, d.moves,
				d.changes, d.changes, d.leaves}
			d.note()
			hours := rapid.IntRange(4, 10).Draw(t, "hours")
			for range hours {
				evenly(t, doings)(t)
				d.note()
			}
			for first := 0; first <= hours; first += 2 {
				d.compare(now, first, first)
				d.compare(now, first, rapid.IntRange(first, hours).Draw(t, "last"))
			}
		})
	})
}

// TestThePastSaysByWhichWay: a row of their own, the workspace, the role and having made it
// are each told, with since when, what they were, and that somebody is there no more; and
// can be asked for.
func TestThePastSaysByWhichWay(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		direct, inside, gone := o.annotators[0], o.annotators[1], o.annotators[2]
		h.at = now.Add(time.Hour)
		h.assign(o, p, direct, gone)
		h.enter(o, inside)
		h.at = now.Add(2 * time.Hour)
		h.leave(o, gone)
		day := roster.Span{Since: now, Until: now.Add(24 * time.Hour)}
		ask := func(f roster.PastFilter, page roster.Page) (map[int64]roster.PastAccess, int) {
			out, total := map[int64]roster.PastAccess{}, 0
			h.ok(h.db.EachPastAccess(ctx, p, day, f, page, func(a roster.PastAccess, n int) error {
				out[a.User.ID], total = a, n
				return nil
			}))
			return out, total
		}
		all, total := ask(roster.PastFilter{}, roster.Everything)
		if total != 5 || len(all) != 5 {
			h.Errorf("%d of %d", len(all), total)
		}
		for user, want := range map[int64]roster.PastAccess{
			direct:  {Explicit: true, Role: "AN", Since: now.Add(time.Hour)},
			inside:  {InWorkspace: true, Role: "AN", Since: now.Add(time.Hour)},
			gone:    {Explicit: true, Role: "AN", Since: now.Add(time.Hour), Deleted: true},
			o.owner: {ByRole: true, Role: "OW", Since: now},
			o.admin: {ByRole: true, Role: "AD", Since: now},
		} {
			got := all[user]
			if got.User.Email == "" {
				h.Errorf("nobody says who %d is", user)
			}
			if got.User = (roster.User{}); got != want {
				h.Errorf("%+v, not %+v", got, want)
			}
		}
		for what, c := range map[string]struct {
			f    roster.PastFilter
			want []int64
		}{
			"by a row":       {roster.PastFilter{Way: roster.PastDirect}, []int64{direct, gone}},
			"by a workspace": {roster.PastFilter{Way: roster.PastWorkspace}, []int64{inside}},
			"by role":        {roster.PastFilter{Way: roster.PastRole}, []int64{o.owner, o.admin}},
			"having made it": {roster.PastFilter{Way: roster.PastCreator}, nil},
			"called so":      {roster.PastFilter{Search: "ANNOTATOR1"}, []int64{inside}},
			"only some":      {roster.PastFilter{IDs: []int64{inside, o.manager}}, []int64{inside}},
			"not some":       {roster.PastFilter{But: []int64{inside, direct, gone}}, []int64{o.owner, o.admin}},
			"nobody":         {roster.PastFilter{IDs: []int64{}}, nil},
		} {
			got, _ := ask(c.f, roster.Everything)
			same(h, what, slices.Sorted(maps.Keys(got)), sorted(c.want...)...)
		}
		if page, total := ask(roster.PastFilter{}, roster.Page{Number: 3, Size: 2}); len(page) != 1 || total != 5 {
			h.Errorf("the last page: %d of %d", len(page), total)
		}
	})
}
