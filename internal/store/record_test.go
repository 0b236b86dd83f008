package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"roster"
)

// TestWhomARecordHides: who merely was named, and of whom the reader may not know, is as
// unknown as an id that nobody has; whoever was there is told.
func TestWhomARecordHides(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		there, stranger, seen := o.annotators[0], o.annotators[1], o.annotators[2]
		h.assign(o, p, there, o.manager)
		h.assign(o, o.projects[1], stranger)
		h.assign(o, p, seen)
		reader := o.who(o.manager, roster.RoleManager)
		s := named(there, stranger, 999_999)
		op := h.operation(o, roster.OpUnassign, p.ID, 0)
		_, _, err := h.db.EndMemberships(ctx, p, s, op)
		h.ok(err)
		h.ok(h.db.RecordUntouched(ctx, p, s, op))
		h.ok(h.db.RecordUnknown(ctx, op, []int64{999_999}))
		hidden, err := h.db.Hidden(ctx, h.read(op), &reader)
		h.ok(err)
		if !slices.Contains(hidden, stranger) || slices.Contains(hidden, there) || slices.Contains(hidden, seen) {
			h.Errorf("hidden: %v", hidden)
		}
		list, err := h.db.Outcomes(ctx, h.read(op), roster.OutcomeFilter{Hidden: hidden}, roster.Everything)
		h.ok(err)
		told := map[int64]roster.Outcome{}
		for _, r := range list {
			told[r.UserID] = r
		}
		if r := told[there]; r.Result != roster.Removed || r.Email == "" {
			h.Errorf("who was there: %+v", r)
		}
		nobody, some := told[999_999], told[stranger]
		nobody.UserID, some.UserID = 0, 0
		if nobody != some || nobody.Result != roster.UnknownPerson {
			h.Errorf("%+v is told from %+v", some, nobody)
		}
		counts, err := h.db.OutcomeCounts(ctx, h.read(op), hidden)
		if h.ok(err); !maps.Equal(counts, map[roster.Result]int{roster.Removed: 1, roster.UnknownPerson: 2}) {
			h.Errorf("%v", counts)
		}
		found, err := h.db.CountOutcomes(ctx, h.read(op), roster.OutcomeFilter{Search: "annotator1", Hidden: hidden})
		if h.ok(err); found != 0 {
			h.Error("who is hidden is found by name")
		}
		if all, err := h.db.Hidden(ctx, h.read(op), nil); err != nil || all != nil {
			h.Errorf("nobody reads of everybody: %v %v", all, err)
		}
		if n, err := h.db.CountOutcomes(ctx, h.read(op), roster.OutcomeFilter{Search: "annotator1"}); err != nil || n != 1 {
			h.Errorf("%d are found: %v", n, err)
		}
	})
}

// TestUntouchedAreToldWhy: whom a removal named and left alone, and by which path they have
// access.
func TestUntouchedAreToldWhy(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[1], t.Context()
		gone, kept, inside, none := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		h.enter(o, inside)
		h.assign(o, p, gone, kept)
		s := roster.Selector{Included: []int64{gone, kept, inside, none, o.admin, h.umbrella.owner}, Excluded: []int64{kept}}
		op := h.operation(o, roster.OpUnassign, p.ID, 0)
		_, _, err := h.db.EndMemberships(ctx, p, s, op)
		h.ok(err)
		h.ok(h.db.RecordUntouched(ctx, p, s, op))
		h.told(op, map[int64]roster.Result{gone: roster.Removed, kept: roster.Excluded,
			inside: roster.ImplicitByWorkspace, none: roster.NotAMember, o.admin: roster.ImplicitByRole})
		all := roster.Selector{All: true, Excluded: []int64{kept, none}}
		op = h.operation(o, roster.OpUnassign, p.ID, 0)
		_, _, err = h.db.EndMemberships(ctx, p, all, op)
		h.ok(err)
		h.ok(h.db.RecordUntouched(ctx, p, all, op))
		h.told(op, map[int64]roster.Result{kept: roster.Excluded})
		named := roster.Selector{Included: []int64{inside, gone}, Excluded: []int64{gone}}
		op = h.operation(o, roster.OpWorkspaceUnassign, 0, o.workspace.ID)
		_, _, err = h.db.EndWorkspaceMembers(ctx, o.workspace, named, op)
		h.ok(err)
		h.ok(h.db.RecordWorkspaceUntouched(ctx, o.workspace, named, op))
		h.told(op, map[int64]roster.Result{inside: roster.Removed, gone: roster.Excluded})
		among, err := h.db.PeopleAmong(ctx, o.id, []int64{none, gone, gone, h.umbrella.owner, 999_999}, nil)
		h.ok(err)
		same(h, "the organization's", among, gone, none)
	})
}

// TestOfManyUnknownAHundredAreNamed: the others are counted.
func TestOfManyUnknownAHundredAreNamed(t *testing.T) {
	eachHouse(t, func(h *house) {
		ids := make([]int64, 130)
		for i := range ids {
			ids[i] = 1_000_000 + int64(i)
		}
		op := h.operation(h.acme, roster.OpAssign, h.acme.projects[0].ID, 0)
		h.ok(h.db.RecordUnknown(t.Context(), op, ids))
		n, err := h.db.CountOutcomes(t.Context(), h.read(op), roster.OutcomeFilter{})
		if h.ok(err); n != 100 || h.read(op).Unnamed != 30 {
			h.Errorf("%d named, %d not", n, h.read(op).Unnamed)
		}
		counts, err := h.db.OutcomeCounts(t.Context(), h.read(op), nil)
		if h.ok(err); counts[roster.UnknownPerson] != 130 {
			h.Errorf("%v", counts)
		}
	})
}

// TestOperationsAreFound: by place, kind, actor, time and person, also one whose membership
// ended since; and none of a project in which the viewer is paused.
func TestOperationsAreFound(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two, three := o.annotators[0], o.annotators[1], o.annotators[2]
		assigned := h.assign(o, p, one)
		h.at = now.Add(time.Hour)
		ended := h.unassign(o, p, one)
		entered := h.enter(o, one)
		h.at = now.Add(2 * time.Hour)
		role := h.role(o, roster.RoleReviewer, two)
		missed := h.operation(o, roster.OpUnassign, o.projects[1].ID, 0)
		h.ok(h.db.RecordUntouched(ctx, o.projects[1], named(three), missed))
		_, err := h.db.CreatePause(ctx, roster.Pause{ProjectID: p.ID, UserID: o.manager, Reason: roster.PauseManual,
			PausedBy: roster.User{ID: o.owner}}, now)
		h.ok(err)
		for what, c := range map[string]struct {
			f    roster.OperationFilter
			want []int64
		}{
			"all":                {roster.OperationFilter{}, []int64{missed, role, entered, ended, assigned}},
			"of a project":       {roster.OperationFilter{ProjectID: p.ID}, []int64{ended, assigned}},
			"of a workspace":     {roster.OperationFilter{WorkspaceID: o.workspace.ID}, []int64{entered}},
			"of a kind":          {roster.OperationFilter{Kind: roster.OpOrganizationRole}, []int64{role}},
			"of nobody":          {roster.OperationFilter{ActorID: two}, nil},
			"since":              {roster.OperationFilter{Since: now.Add(time.Hour)}, []int64{missed, role, entered, ended}},
			"until":              {roster.OperationFilter{Until: now.Add(time.Hour)}, []int64{entered, ended, assigned}},
			"of a person":        {roster.OperationFilter{PersonID: one}, []int64{entered, ended, assigned}},
			"where they were":    {roster.OperationFilter{PersonID: one, Present: true}, []int64{entered, ended, assigned}},
			"of one named":       {roster.OperationFilter{PersonID: three}, []int64{missed}},
			"where that one was": {roster.OperationFilter{PersonID: three, Present: true}, nil},
			"of another person":  {roster.OperationFilter{PersonID: two}, []int64{role}},
			"where not paused":   {roster.OperationFilter{Viewer: o.manager}, []int64{missed, role, entered}},
		} {
			list, total, err := h.db.Operations(ctx, o.id, nil, c.f, roster.Everything)
			h.ok(err)
			var got []int64
			for _, op := range list {
				got = append(got, op.ID)
			}
			same(h, what, got, c.want...)
			_, behind, err := h.db.Operations(ctx, o.id, nil, c.f, roster.Page{Number: 9, Size: 9})
			if h.ok(err); total != len(c.want) || behind != total {
				h.Errorf("%s: %d are counted, and behind the last page %d", what, total, behind)
			}
		}
		who := o.who(o.owner, roster.RoleOwner)
		who.Credential = roster.CredentialSession
		if n, err := h.db.CountOperationsSince(ctx, p.ID, who, assigned); err != nil || n != 3 {
			h.Errorf("%d since: %v", n, err)
		}
		who.Credential = roster.CredentialToken
		if n, err := h.db.CountOperationsSince(ctx, p.ID, who, assigned); err != nil || n != 0 {
			h.Errorf("%d by another credential: %v", n, err)
		}
		touched, err := h.db.TouchedBy(ctx, []int64{role, missed})
		h.ok(err)
		var roles []roster.Role
		for _, t := range touched[role] {
			roles = append(roles, t.Role)
		}
		slices.Sort(roles)
		same(h, "roles", roles, roster.RoleAnnotator, roster.RoleReviewer)
		if len(touched[missed]) != 0 {
			h.Errorf("touched by what changed nobody: %v", touched[missed])
		}
		before, err := h.db.RoleBeforeDeactivation(ctx, two)
		if h.ok(err); before != "" {
			h.Errorf("before: %q", before)
		}
		h.role(o, roster.RoleDeactivated, two)
		if before, err := h.db.RoleBeforeDeactivation(ctx, two); err != nil || before != roster.RoleReviewer {
			h.Errorf("before: %q %v", before, err)
		}
	})
}

// TestAHistoryTellsEachTurn: beginnings, ends and returns of memberships and roles, each with
// what was before, newest first; and how many members there were after each.
func TestAHistoryTellsEachTurn(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, p, ctx := h.acme, h.acme.projects[0], t.Context()
		one, two := o.annotators[0], o.annotators[1]
		after := func(hours int) { h.at = now.Add(time.Duration(hours) * time.Hour) }
		h.assign(o, p, one, two)
		after(1)
		role := h.operation(o, roster.OpProjectRole, p.ID, 0)
		h.ok(h.db.SetProjectRoles(ctx, p, []int64{one}, roster.RoleReviewer, roster.SourceManual, role))
		after(2)
		gone := h.unassign(o, p, one)
		after(3)
		h.restore(o, p, gone)
		after(4)
		h.role(o, roster.RoleDeactivated, two)
		turns := func(of roster.History, f roster.HistoryFilter, page roster.Page) (out []string) {
			list, err := h.db.History(ctx, of, o.id, p.ID, f, page)
			h.ok(err)
			for _, turn := range list {
				out = append(out, turn.Previous+">"+turn.State)
			}
			return out
		}
		theirs := roster.HistoryFilter{UserID: one}
		same(h, "membership", turns(roster.ProjectMembers, theirs, roster.Everything),
			"removed>active", "active>removed", ">active")
		same(h, "roles", turns(roster.ProjectRoles, theirs, roster.Everything), "removed>RE", "RE>removed", ">RE")
		same(h, "the oldest", turns(roster.ProjectMembers, theirs, roster.Page{Number: 1, Size: 1, Order: "created_at"}),
			">active")
		since := roster.HistoryFilter{UserID: one, Since: now.Add(2 * time.Hour), Until: now.Add(2 * time.Hour)}
		same(h, "in one hour", turns(roster.ProjectMembers, since, roster.Everything), "active>removed")
		if n, err := h.db.CountHistory(ctx, roster.ProjectMembers, o.id, p.ID, roster.HistoryFilter{}); err != nil || n != 4 {
			h.Errorf("%d turns: %v", n, err)
		}
		steps, err := h.db.MembershipSteps(ctx, p.OrganizationID, []int64{p.ID})
		h.ok(err)
		var begun, ended []int
		for _, s := range steps[p.ID] {
			begun, ended = append(begun, s.Begun), append(ended, s.Ended)
		}
		same(h, "begun", begun, 2, 0, 1)
		same(h, "ended", ended, 0, 1, 0)
		all, err := h.db.ChartSteps(ctx, p.OrganizationID, []int64{p.ID})
		stilled := all[p.ID][min(len(all[p.ID]), len(steps[p.ID])):]
		if h.ok(err); len(stilled) != 1 || stilled[0].Stilled != 1 || !stilled[0].At.Equal(now.Add(4*time.Hour)) {
			h.Errorf("%+v", stilled)
		}
	})
}

// TestSettingsTellWhatTheyWere: a change says what was before it, of its kind and its
// organization, also where nobody said so.
func TestSettingsTellWhatTheyWere(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		record := func(organization int64, kind roster.MappingSource, state, previous string, at time.Time) {
			h.ok(h.db.RecordSettings(ctx, organization, roster.SettingsChange{Kind: kind, State: state, Previous: previous,
				Changed: []string{"a", "b"}, ActorID: o.owner, At: at}))
		}
		record(o.id, roster.MappingSAML, "first", "", now)
		record(o.id, roster.MappingSCIM, "other", "", now)
		record(h.umbrella.id, roster.MappingSAML, "theirs", "", now)
		record(o.id, roster.MappingSAML, "second", "", now.Add(time.Hour))
		record(o.id, roster.MappingSAML, "third", "said", now.Add(2*time.Hour))
		list, err := h.db.SettingsHistory(ctx, o.id, roster.MappingSAML, roster.HistoryFilter{}, roster.Everything)
		h.ok(err)
		var got []string
		for _, c := range list {
			got = append(got, c.Previous+">"+c.State)
			same(h, "changed", c.Changed, "a", "b")
		}
		same(h, "changes", got, "said>third", "first>second", ">first")
		if n, err := h.db.CountSettingsHistory(ctx, o.id, roster.MappingSAML,
			roster.HistoryFilter{Since: now.Add(time.Hour)}); err != nil || n != 2 {
			h.Errorf("%d since: %v", n, err)
		}
	})
}
