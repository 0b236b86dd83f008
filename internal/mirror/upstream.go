package mirror

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/limit"
	"roster/internal/membership"
)

// SetupUpstream makes an empty store the mirror of an upstream. A store that
// has people of its own is refused, and so is one that mirrors another.
func (a *Mirror) SetupUpstream(ctx context.Context, u core.Upstream) (made bool, err error) {
	err = a.Update(ctx, func(tx *Mirror) error {
		made = false
		if err := tx.db.LockSetup(ctx); err != nil {
			return err
		}
		name := fmt.Sprint(u.OrganizationID)
		was, err := tx.db.Setting(ctx, core.UpstreamSetting)
		if err == nil && string(was) == name {
			return nil
		}
		if err != nil && roster.KindOf(err) != roster.NotFound {
			return err
		}
		n, err := tx.db.CountOrganizations(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return roster.Errorf(roster.Invalid,
				"This store has people and projects of its own, whose ids mean others in Label Studio. Use an empty store "+
					"with --upstream.")
		}
		made = true
		return tx.MirrorOwner(ctx, u, name)
	})
	return made, err
}

// MirrorPeople makes Roster know people of the upstream, by their ids there.
// Somebody new joins the organization with its default role, and no project.
func (a *Mirror) MirrorPeople(ctx context.Context, people []roster.User) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error {
		org, err := tx.MirrorOrganization(ctx)
		if err != nil {
			return err
		}
		if err := tx.db.LockSCIM(ctx, org.ID); err != nil { // their e-mails are names, too
			return err
		}
		if err := tx.db.MirrorPeople(ctx, people, tx.Now()); err != nil {
			return err
		}
		ids := make([]int64, len(people))
		for i, u := range people {
			ids[i] = u.ID
		}
		return tx.db.MirrorMemberships(ctx, org.ID, ids, org.DefaultRole, tx.Now())
	})
}

// MirrorProjects makes Roster know projects of the upstream, by their ids
// there. One whose maker nobody knows counts as the Owner's. Nobody becomes a
// member of one by that.
func (a *Mirror) MirrorProjects(ctx context.Context, projects []roster.Project) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error { return tx.mirrorProjects(ctx, projects) })
}

func (a *Mirror) mirrorProjects(ctx context.Context, projects []roster.Project) error {
	org, err := a.MirrorOrganization(ctx)
	if err != nil {
		return err
	}
	parking, err := a.membership.Parking(ctx)
	if err != nil {
		return err
	}
	projects = slices.DeleteFunc(slices.Clone(projects), func(p roster.Project) bool { return p.ID == parking })
	makers := make([]int64, len(projects))
	for i, p := range projects {
		makers[i] = p.CreatedBy.ID
	}
	known, err := a.db.KnownUsers(ctx, makers)
	if err != nil {
		return err
	}
	for i := range projects {
		if !known[projects[i].CreatedBy.ID] {
			projects[i].CreatedBy.ID = org.CreatedBy
		}
	}
	return a.db.MirrorProjects(ctx, org.ID, projects)
}

// MirrorMade makes Roster know a project that the actor has just made in the
// upstream, and them a member of it, as an operation of theirs that can be
// undone like any other. The Owner sees every project and becomes a member of none.
func (a *Mirror) MirrorMade(ctx context.Context, p roster.Project) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error {
		who, err := tx.May(ctx, core.CreateProject)
		if err != nil {
			return err
		}
		p.CreatedBy.ID = who.UserID
		if err := tx.mirrorProjects(ctx, []roster.Project{p}); err != nil || who.Role == roster.RoleOwner {
			return err
		}
		locked, err := tx.db.LockProject(ctx, p.ID)
		if err != nil {
			return err
		}
		maker := roster.Selector{Included: []int64{who.UserID}}
		op, err := tx.Begin(ctx, roster.Operation{Kind: roster.OpAssign, ProjectID: p.ID,
			Selector: membership.Describe(maker)})
		if err != nil {
			return err
		}
		n, err := tx.db.BeginMemberships(ctx, locked, maker, op)
		if err != nil {
			return err
		}
		return tx.membership.Finish(ctx, op, n)
	})
}

// Mirrored is what a mirror holds of its upstream, by id.
type Mirrored struct{ People, Projects []int64 }

// Mirrored is read before the upstream is asked, so that what it gets meanwhile
// is not taken for gone.
func (a *Mirror) Mirrored(ctx context.Context) (m Mirrored, err error) {
	org, err := a.MirrorOrganization(ctx)
	if err != nil {
		return m, err
	}
	if m.People, err = a.db.MirroredPeople(ctx, org.ID); err != nil {
		return m, err
	}
	makers, err := a.db.ProjectMakers(ctx, org.ID)
	m.Projects = slices.Collect(maps.Keys(makers))
	return m, err
}

// FollowGone takes out what the upstream has no more: people leave the
// organization, as one operation in the Owner's name, and projects every list. A
// list without the Owner is no whole list, and nothing follows from it.
func (a *Mirror) FollowGone(ctx context.Context, was Mirrored, people []roster.User, projects []roster.Project) error {
	owner, err := a.identity.Owner(ctx)
	if err != nil {
		return err
	}
	there, listed := map[int64]bool{}, map[int64]bool{}
	for _, u := range people {
		there[u.ID] = true
	}
	for _, p := range projects {
		listed[p.ID] = true
	}
	parking, err := a.membership.Parking(ctx)
	if err != nil {
		return err
	}
	delete(listed, parking)
	if !there[owner.UserID] {
		return roster.Errorf(roster.Invalid, "Label Studio's list of people lacks its owner, so nobody is taken for gone.")
	}
	gone := slices.DeleteFunc(slices.Clone(was.People), func(id int64) bool { return there[id] })
	if len(gone) > 0 {
		if _, err := a.membership.RemovePeople(roster.WithActor(ctx, owner), roster.Selector{Included: gone},
			""); err != nil {
			return err
		}
	}
	for _, id := range was.Projects {
		if listed[id] {
			continue
		}
		if err := a.ForgetProject(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// MirrorTasks makes Roster know tasks of a project, so that they can be
// assigned. They go when the upstream says of each that it has it no more.
func (a *Mirror) MirrorTasks(ctx context.Context, project int64, tasks []int64) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error { return tx.db.MirrorTasks(ctx, project, tasks, tx.Now()) })
}

// ForgetProject takes a project that the upstream has no more out of every
// list; its record stays.
func (a *Mirror) ForgetProject(ctx context.Context, project int64) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error { return tx.db.DeleteProject(ctx, project, tx.Now()) })
}

// ForgetTasks forgets tasks that the upstream has no more: what DeleteTask records
// is recorded.
func (a *Mirror) ForgetTasks(ctx context.Context, project int64, s roster.TaskSelector) error {
	ctx = core.Aside(ctx)
	return a.Update(ctx, func(tx *Mirror) error {
		_, err := tx.membership.DeleteTasks(ctx, project, s)
		return err
	})
}

// MirroredTasks is the tasks of a project that Roster knows of: those that were
// assigned, and others that could be.
func (a *Mirror) MirroredTasks(ctx context.Context, project int64) ([]int64, error) {
	return a.db.SelectedTasks(ctx, project, roster.TaskSelector{All: true}, nil)
}

// Recognize is the actor that a person is whom the upstream vouches for. It is
// NotFound for somebody the mirror has not seen, and Unsigned for somebody who
// may not act here, whatever the upstream says.
func (a *Mirror) Recognize(ctx context.Context, user int64, credential roster.CredentialKind,
	in ...*roster.Standing) (roster.Actor, error) {
	who, err := a.db.ActorByUser(ctx, user, in...)
	if err != nil {
		return who, err
	}
	who.Credential = credential
	return who, identity.Working(who)
}

// accessKept is how long an access token of the upstream's is written down at least, and
// that a personal access token was ended: longer than the upstream lets one live.
const accessKept = time.Hour

// RecognizeAccess is Recognize for who comes with an access token of the upstream's. It is
// Unsigned also for one that was not got through a gate on this store, or for a personal
// access token that was ended through one since.
func (a *Mirror) RecognizeAccess(ctx context.Context, user int64, access string,
	in ...*roster.Standing) (roster.Actor, error) {
	who, err := a.db.ActorByUpstreamAccess(ctx, user, core.TokenHash(access), in...)
	if roster.KindOf(err) == roster.NotFound {
		err = roster.Errorf(roster.Unsigned,
			"Token is revoked or expired, or was not got here. Get another one at /api/token/refresh/.")
	}
	if err != nil {
		return who, err
	}
	who.Credential = roster.CredentialPersonal
	return who, identity.Working(who)
}

// KeepAccess writes down for which personal access token, by its number, an access token of
// the upstream's was got that lives until then.
func (a *Mirror) KeepAccess(ctx context.Context, access, personal string, until time.Time) error {
	if least := a.Now().Add(accessKept); until.Before(least) {
		until = least
	}
	return a.db.AddUpstreamAccess(ctx, core.TokenHash(access), core.TokenHash(personal), until)
}

// EndAccess ends the access tokens of a personal access token of the upstream's, by its number.
func (a *Mirror) EndAccess(ctx context.Context, personal string) error {
	return a.db.EndUpstreamAccess(ctx, core.TokenHash(personal), a.Now().Add(accessKept))
}

// AllowSignIn holds attempts to sign in to the upstream to the same rate as
// those to Roster.
func (a *Mirror) AllowSignIn(email, from string) error { return a.Limits.SignIn(email, from, a.Now()) }

// AllowStranger holds an address that comes to the gate's hook without its
// secret to the rate of exchanging tokens.
func (a *Mirror) AllowStranger(from string) error {
	return a.Limits.Refresh("hook "+limit.Address(from), a.Now())
}

// SignInUpstream begins a session of somebody who has just proven to the
// upstream who they are, and keeps what they are signed in with there.
func (a *Mirror) SignInUpstream(ctx context.Context, user int64, login string) (s roster.Session, err error) {
	err = a.Update(ctx, func(tx *Mirror) error {
		who, err := tx.db.ActorByUser(ctx, user)
		if err != nil {
			return err
		}
		if err := identity.MaySignIn(who); err != nil {
			return err
		}
		if err := tx.db.TouchUser(ctx, user, tx.Now()); err != nil {
			return err
		}
		if err := tx.KeepUpstreamLogin(ctx, user, login); err != nil {
			return err
		}
		s, err = tx.identity.BeginSession(ctx, who)
		return err
	})
	return s, err
}

// KeepUpstreamLogin replaces what a person is signed in to the upstream with.
func (a *Mirror) KeepUpstreamLogin(ctx context.Context, user int64, login string) error {
	return a.db.SetUpstreamLogin(ctx, user, a.Sealer.Close(login), a.Now())
}

// UpstreamLogin is what a person is signed in to the upstream with. Forbidden
// when they never signed in through this gate, or under another server key.
func (a *Mirror) UpstreamLogin(ctx context.Context, user int64) (string, error) {
	sealed, err := a.db.UpstreamLogin(ctx, user)
	if err != nil && roster.KindOf(err) != roster.NotFound {
		return "", err
	}
	if login, err := a.Sealer.Open(sealed); err == nil {
		return login, nil
	}
	return "", roster.Errorf(roster.Forbidden,
		"Label Studio does not know this session. Sign in once at /user/login/, then try again.")
}

// Reviews reports whether the actor works on everybody's annotations in a
// project, and not only on their own.
func (a *Mirror) Reviews(ctx context.Context, project int64) (bool, error) {
	_, err := a.MayInProject(ctx, core.ReviewTasks, project)
	if roster.KindOf(err) == roster.Forbidden {
		return false, nil
	}
	return err == nil, err
}

// OnlyAssigned is the tasks to which the actor is held in a project that gives
// out assigned tasks only; held is false where they may see all of them.
func (a *Mirror) OnlyAssigned(ctx context.Context, project int64) (tasks []int64, held bool, err error) {
	p, who, err := a.AllowedProject(ctx, core.ViewTasks, project)
	if err != nil || p.TaskDistribution != roster.AssignedOnly {
		return nil, false, err
	}
	if reviews, err := a.Reviews(ctx, project); err != nil || reviews {
		return nil, false, err
	}
	tasks, err = a.db.AssignedTasks(ctx, project, who.UserID)
	return tasks, true, err
}

// VisibleProjects is the ids of the projects that the actor may find: those
// too in which they are paused.
func (a *Mirror) VisibleProjects(ctx context.Context) ([]int64, error) {
	who, err := a.May(ctx, core.FindProject)
	if err != nil {
		return nil, err
	}
	return a.db.VisibleProjects(ctx, who)
}

// VisiblePeople says whom of the organization the actor may know about:
// themself, and those whom the policy lets them list.
func (a *Mirror) VisiblePeople(ctx context.Context) (seen map[int64]bool, err error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	seen = map[int64]bool{who.UserID: true}
	people, err := a.membership.People(ctx, "")
	for _, m := range people {
		seen[m.User.ID] = true
	}
	return seen, err
}

// KnowsProject reports whether the mirror has a project, visible to the actor
// or not.
func (a *Mirror) KnowsProject(ctx context.Context, id int64) (bool, error) {
	_, err := a.db.Project(ctx, id)
	if roster.KindOf(err) == roster.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Somewhere reports whether the actor may take an action anywhere.
func (a *Mirror) Somewhere(ctx context.Context, action core.Action) bool {
	_, err := a.May(ctx, action)
	return err == nil
}

// KnowsPerson reports whether the mirror has a person just as the upstream
// tells about them now, and lets them act.
func (a *Mirror) KnowsPerson(ctx context.Context, u roster.User) (bool, error) {
	known, err := a.db.User(ctx, u.ID)
	if roster.KindOf(err) == roster.NotFound {
		return false, nil
	}
	same := known.Email == u.Email && known.Username == u.Username && known.FirstName == u.FirstName &&
		known.LastName == u.LastName && known.Phone == u.Phone
	return err == nil && same && known.ActiveOrganization != 0, err
}

// MayManagePerson asks the policy about changing somebody's account.
func (a *Mirror) MayManagePerson(ctx context.Context, id int64) error {
	m, err := a.membership.Person(ctx, id)
	if err != nil {
		return err
	}
	return a.membership.MayEdit(ctx, m)
}
