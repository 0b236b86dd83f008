package membership

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// This file is about what people make in the upstream of a gate and what works
// on without them: webhooks, storages, models, saved tabs (docs/adr/0022).

// makers says what whoever answers for a kind of thing must be allowed to do in
// its project: what the gate asks of those who make one.
var makers = []struct {
	kinds  []roster.MadeKind
	kin    string // a type of storages that reaches what asks for no credentials; "": all others
	action core.Action
}{
	{[]roster.MadeKind{roster.MadeWebhook, roster.MadeImport}, "", core.EditProject},
	{[]roster.MadeKind{roster.MadeExport}, "", core.EditOrganization},
	{[]roster.MadeKind{roster.MadeImport, roster.MadeExport}, "localfiles", core.EditOrganization},
	{[]roster.MadeKind{roster.MadeImport, roster.MadeExport}, "redis", core.ActAsUpstream},
	{[]roster.MadeKind{roster.MadeModel}, "", core.ActAsUpstream},
	{[]roster.MadeKind{roster.MadeTab}, "", core.ViewTasks},
}

// making is what whoever answers for a thing must be allowed to do.
func making(m roster.Made) core.Action {
	action := core.ActAsUpstream // so that nobody else is let
	for _, k := range makers {
		if slices.Contains(k.kinds, m.Kind) && (k.kin == "" || k.kin == m.Type) {
			action = k.action // the last says it best
		}
	}
	return action
}

// makersOf is makers by role, as the policy has them, for questions about many.
func makersOf() []store.Makers {
	all := make([]store.Makers, len(makers))
	for i, k := range makers {
		all[i] = store.Makers{Kinds: k.kinds, Type: k.kin, Everywhere: rolesWith(k.action, core.All),
			Inside: rolesWith(k.action, core.Own)}
	}
	return all
}

// rolesWith is the roles whose grant of an action reaches so far, and no farther.
func rolesWith(action core.Action, scope core.Scope) (roles []roster.Role) {
	for _, role := range roster.Roles {
		if core.Grants[action][role] == scope {
			roles = append(roles, role)
		}
	}
	return roles
}

// Finish completes the record of an operation, and has the upstream follow it:
// what people made who may not make it any more is disabled, and what an undo
// gives back to them is enabled. Every change of access ends here, so that none
// has to think of what people made.
func (a *Membership) Finish(ctx context.Context, op int64, changed int) error {
	return a.finishing(ctx, op, changed, roster.MadeDisable)
}

// finishKeeping is Finish where whoever takes access away chose what becomes of
// what the people made.
func (a *Membership) finishKeeping(ctx context.Context, op int64, changed int, s roster.Selector) error {
	if s.KeepMade {
		return a.finishing(ctx, op, changed, roster.MadeKeep)
	}
	return a.Finish(ctx, op, changed)
}

func (a *Membership) finishing(ctx context.Context, id int64, changed int, fate roster.MadeAction) error {
	if err := a.db.FinishOperation(ctx, id, changed); err != nil {
		return err
	}
	return a.followMakers(ctx, id, fate)
}

func (a *Membership) followMakers(ctx context.Context, id int64, fate roster.MadeAction) error {
	op, err := a.db.Operation(ctx, id)
	if err != nil {
		return err
	}
	makers := makersOf()
	off, err := a.db.StrandMade(ctx, op, makers, fate, a.Now())
	if err != nil {
		return err
	}
	on, err := a.db.UnstrandMade(ctx, op, makers, a.Now())
	a.Intents.Want(off + on)
	return err
}

// IntentsWait rings when there is something to tell the upstream.
func (a *Membership) IntentsWait() <-chan struct{} { return a.Intents.Bell }

// How intents are carried out. They are never given up: each attempt that is in
// vain waits twice as long as the one before, up to a bound.
const (
	intentBatch = 20
	intentLease = time.Minute // how long whoever took them has to carry them out
	intentWaits = 5 * time.Minute
)

// CarryIntents has tell tell the upstream what is due, and returns how many
// intents it took. NotFound says that the upstream has no such thing any more.
func (a *Membership) CarryIntents(ctx context.Context, tell func(context.Context, roster.Made) error) (int, error) {
	things, err := a.db.ClaimIntents(ctx, store.Due{Now: a.Now(), Longest: 2 * intentWaits},
		a.Now().Add(intentLease), intentBatch)
	if err != nil {
		return 0, err
	}
	for _, m := range things {
		if err := a.carry(ctx, m, tell); err != nil {
			return len(things), err
		}
	}
	return len(things), nil
}

func (a *Membership) carry(ctx context.Context, m roster.Made, tell func(context.Context, roster.Made) error) error {
	err := tell(ctx, m)
	switch {
	case err == nil:
		return a.db.IntentSettled(ctx, m, roster.IntentDone, a.Now())
	case roster.KindOf(err) == roster.NotFound:
		return a.Update(ctx, func(tx *Membership) error {
			return tx.db.ForgetMade(ctx, m.ProjectID, m.Kind, m.Type, m.UpstreamID, tx.Now())
		})
	case ctx.Err() != nil: // the server stops; the next one carries it out
		return ctx.Err()
	}
	wait := min(time.Second<<min(m.Last.Attempts-1, 10), intentWaits)
	slog.WarnContext(ctx, "Label Studio was not told, and will be again", "intent", m.Last.ID, "action",
		m.Last.Action, "kind", m.Kind, "id", m.UpstreamID,
		"attempt", m.Last.Attempts, "error", err)
	return a.db.IntentFailed(ctx, m.Last.ID, core.Shortened(core.OneLine(err.Error()), 500), a.Now().Add(wait))
}

// KeepMade writes down that the actor has just made or changed a thing in the
// upstream. Whoever says where it goes answers for it, and whoever enables it:
// sets says that the request did so for sure, names that it may have. A maker who
// lost the right to in the meantime has it disabled again at once.
func (a *Membership) KeepMade(ctx context.Context, m roster.Made, sets, names bool) error {
	ctx, said := core.Aside(ctx), m
	return a.Update(ctx, func(tx *Membership) error {
		who, err := core.ActorOf(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.db.LockProject(ctx, said.ProjectID); err != nil {
			return err
		}
		m := said // each time that this is done
		was, err := tx.db.MadeThing(ctx, m.Kind, m.Type, m.UpstreamID)
		known := err == nil
		if err != nil && roster.KindOf(err) != roster.NotFound {
			return err
		}
		enabled := known && was.Disabled && m.Works
		theirs := !known || sets || enabled || was.Location != m.Location || (was.MakerID == 0 && names)
		m.MakerID, m.MadeAt = was.MakerID, tx.Now()
		m.Disabled, m.DisabledBy = was.Disabled && !enabled, was.DisabledBy
		if m.Disabled {
			m.Works = was.Works // what it is to come back to
		}
		if theirs {
			m.MakerID, m.DisabledBy = who.UserID, 0
		}
		return tx.keepMade(ctx, m, enabled, theirs)
	})
}

func (a *Membership) keepMade(ctx context.Context, m roster.Made, enabled, theirs bool) error {
	id, err := a.db.KeepMadeThing(ctx, m)
	if err != nil || !theirs {
		return err
	}
	if enabled {
		if err := a.db.RecordSwitched(ctx, id); err != nil {
			return err
		}
	}
	_, err = a.MayInProject(ctx, making(m), m.ProjectID)
	lost := roster.KindOf(err) == roster.Forbidden || roster.KindOf(err) == roster.NotFound
	if err != nil && !lost {
		return err
	}
	off, err := a.db.SettleStanding(ctx, id, !lost, a.Now())
	if off {
		a.Intents.Want(1)
	}
	return err
}

// ForgetMade notes that a thing is gone from the upstream; id 0 is all of its
// kind in the project.
func (a *Membership) ForgetMade(ctx context.Context, m roster.Made) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Membership) error {
		return tx.db.ForgetMade(ctx, m.ProjectID, m.Kind, m.Type, m.UpstreamID, tx.Now())
	})
}

// DiscoverMade writes down what the upstream lists of a project, where the gate
// did not see it made.
func (a *Membership) DiscoverMade(ctx context.Context, project int64, things []roster.Made) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.db.LockProject(ctx, project); err != nil {
			return err
		}
		return tx.db.DiscoverMade(ctx, project, things, tx.Now())
	})
}

// Disabled is the thing that the upstream has under an id, where it is disabled;
// NotFound else.
func (a *Membership) Disabled(ctx context.Context, kind roster.MadeKind, kin string, id int64) (roster.Made, error) {
	m, err := a.db.MadeThing(ctx, kind, kin, id)
	if err == nil && !m.Disabled {
		err = core.ErrNotFound
	}
	return m, err
}

// MadeIn is one page of what was made in a project of the upstream, for those who
// could make it.
func (a *Membership) MadeIn(ctx context.Context, project int64, page roster.Page) (list []roster.Made,
	total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		if _, err := tx.MayInProject(ctx, core.EditProject, project); err != nil {
			return err
		}
		list, total, err = tx.db.MadeIn(ctx, project, page)
		return err
	})
	return list, total, err
}

// MadeRow is a thing as the console lists it.
type MadeRow struct {
	roster.Made
	// Withheld says who may switch it to what it is not, where the actor may not; "" for a
	// tab, which nobody switches.
	Withheld string
}

// MadeRows is MadeIn with what the actor may do with each.
func (a *Membership) MadeRows(ctx context.Context, project int64, page roster.Page) (rows []MadeRow,
	total int, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		list, n, err := tx.MadeIn(ctx, project, page)
		if total = n; err != nil {
			return err
		}
		s, err := tx.switching(ctx, project, list)
		for _, m := range list {
			rows = append(rows, MadeRow{m, s.withheld(m, m.Switch())})
		}
		return err
	})
	return rows, total, err
}

// SwitchMade has the upstream disable or enable a thing. Whoever enables it
// answers for it from now on.
func (a *Membership) SwitchMade(ctx context.Context, project, id int64,
	action roster.MadeAction) (m roster.Made, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.MayInProject(ctx, core.EditProject, project); err != nil {
			return err
		}
		if _, err := tx.db.LockProject(ctx, project); err != nil {
			return err
		}
		if m, err = tx.db.MadeByID(ctx, id); err != nil || m.ProjectID != project {
			return orNotFound(err)
		}
		who, err := tx.maySwitch(ctx, m, action)
		if err != nil {
			return err
		}
		if err := tx.db.SwitchMade(ctx, id, action, who.UserID, tx.Now()); err != nil {
			return err
		}
		tx.Intents.Want(1)
		m, err = tx.db.MadeByID(ctx, id)
		return err
	})
	return m, err
}

// maySwitch refuses to switch what the actor could not make, and to enable what only
// the Owner may have been able to.
func (a *Membership) maySwitch(ctx context.Context, m roster.Made, action roster.MadeAction) (roster.Actor, error) {
	if m.Kind == roster.MadeTab {
		return roster.Actor{},
			roster.Errorf(roster.Invalid,
				"A saved tab does nothing by itself, so it cannot be disabled. Delete it in Label Studio instead. "+
					"Nothing was changed.")
	}
	s, err := a.switching(ctx, m.ProjectID, []roster.Made{m})
	if err != nil {
		return s.who, err
	}
	if why := s.withheld(m, action); why != "" {
		return s.who, roster.Errorf(roster.Forbidden, "%s Nothing was changed.", why)
	}
	return s.who, nil
}

// switching is who would switch things of a project, and what decides whether they may.
type switching struct {
	who    roster.Actor
	may    map[core.Action]bool  // what whoever answers for one of them must be allowed to do
	makers map[int64]roster.Role // whose makers are in the organization
}

func (a *Membership) switching(ctx context.Context, project int64, things []roster.Made) (s switching, err error) {
	s.may = map[core.Action]bool{}
	makers := make([]int64, len(things))
	for i, m := range things {
		makers[i] = m.MakerID
		if _, asked := s.may[making(m)]; asked {
			continue
		}
		s.who, err = a.MayInProject(ctx, making(m), project)
		if err != nil && (roster.KindOf(err) != roster.Forbidden || roster.PauseIn(err) != nil) {
			return s, err
		}
		s.may[making(m)] = err == nil
	}
	s.makers, err = a.db.OrganizationRoles(ctx, s.who.OrganizationID, core.Sorted(makers))
	return s, err
}

// withheld says who may switch a thing, where the actor may not; "" where they may. The
// Owner's things, and those without a maker, nobody else enables in their own name: where
// one leads says no more than an address does.
func (s switching) withheld(m roster.Made, action roster.MadeAction) string {
	if m.Kind == roster.MadeTab {
		return ""
	}
	if !s.may[making(m)] {
		return "Only " + whoMay(making(m)) + " may switch this."
	}
	role, known := s.makers[m.MakerID]
	owners := !known || core.Grants[core.ActAsUpstream][role] == core.All
	if action == roster.MadeEnable && owners && core.Grants[core.ActAsUpstream][s.who.Role] != core.All {
		return "The Owner made this, or nobody knows who did, so only the Owner enables it."
	}
	return ""
}

// whoMay names the roles that an action is granted to, anywhere: "an Owner or
// Administrator".
func whoMay(action core.Action) string {
	var names []string
	for _, role := range roster.Roles {
		if core.Grants[action][role] != core.No {
			names = append(names, role.Name())
		}
	}
	last := len(names) - 1
	if last == 0 {
		return "the " + names[0]
	}
	return "an " + strings.Join(names[:last], ", ") + " or " + names[last]
}

func orNotFound(err error) error {
	if err == nil {
		return core.ErrNotFound
	}
	return err
}

// madeByLeaving is what the people of a plan made who would have no access left.
func (a *Membership) madeByLeaving(ctx context.Context, project int64, plan store.Plan) (roster.MadeOutcome, error) {
	if !a.IsMirror(ctx) {
		return roster.MadeOutcome{}, nil
	}
	stay := map[int64]bool{}
	for _, id := range plan.Keepers {
		stay[id] = true
	}
	leaving := slices.DeleteFunc(slices.Clone(plan.Users), func(id int64) bool { return stay[id] })
	return a.db.MadeBy(ctx, project, leaving)
}

// MadeOutcome is what became of what people made, by an operation that the actor
// may see.
func (a *Membership) MadeOutcome(ctx context.Context, id int64) (roster.MadeOutcome, error) {
	if _, _, err := a.operation(ctx, id); err != nil {
		return roster.MadeOutcome{}, err
	}
	return a.db.MadeOutcome(ctx, id)
}

// parkingSetting is the project of the upstream in which export storages stand
// that are disabled: it is nobody's, and no list of Roster's has it.
const parkingSetting = "upstream_parking"

// Parking is that project; 0 while there is none.
func (a *Membership) Parking(ctx context.Context) (int64, error) {
	value, err := a.db.Setting(ctx, parkingSetting)
	if roster.KindOf(err) == roster.NotFound {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(value), 10, 64)
}

// SetParking makes a project that one, unless another gate was faster, and
// returns which it is. Gone is the one that it takes the place of.
func (a *Membership) SetParking(ctx context.Context, id, gone int64) (is int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		org, err := tx.MirrorOrganization(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.db.LockMembership(ctx, org.ID, org.CreatedBy); err != nil { // one after the other
			return err
		}
		if is, err = tx.Parking(ctx); err != nil || is != gone {
			return err
		}
		is = id
		return tx.db.SetSetting(ctx, parkingSetting, []byte(strconv.FormatInt(id, 10)))
	})
	return is, err
}
