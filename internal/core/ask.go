package core

import (
	"context"
	"fmt"

	"roster"
)

// How the policy is asked: about the organization that the actor acts in, a project, or a
// workspace. What it has to know of the place is read from the store each time.

// May asks the policy about the organization the actor acts in.
func (a *App) May(ctx context.Context, action Action) (roster.Actor, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return who, err
	}
	if err = May(who, action, nil); err == nil {
		a.asked.granted(question{Action: action})
	}
	return who, err
}

// MayInProject asks the policy about a project, reading the actor's standing
// from the store: nothing that decides access is remembered between requests.
// There the actor acts with their role in the project. However a request names a project,
// it comes by here, and has asked for something there (Asked).
func (a *App) MayInProject(ctx context.Context, action Action, project int64) (roster.Actor, error) {
	a.Asked(ctx, project)
	return a.mayInProject(ctx, action, project)
}

// mayInProject is MayInProject of a request that has not asked for anything yet.
func (a *App) mayInProject(ctx context.Context, action Action, project int64) (roster.Actor, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return who, err
	}
	s, err := a.standing(ctx, project, who.UserID)
	if err != nil {
		return who, err
	}
	return who, a.mayAs(ctx, who, action, s)
}

// MayAs is MayInProject on a standing that was read together with the actor of ctx,
// just now.
func (a *App) MayAs(ctx context.Context, action Action, s roster.Standing) error {
	who, err := ActorOf(ctx)
	switch {
	case err != nil:
		return err
	case s.UserID != who.UserID:
		return fmt.Errorf("app: a standing of person %d was taken for one of %d", s.UserID, who.UserID)
	case s.OrganizationID == 0:
		return roster.Errorf(roster.NotFound, "Not found.")
	}
	return a.mayAs(ctx, who, action, s)
}

func (a *App) mayAs(ctx context.Context, who roster.Actor, action Action, s roster.Standing) error {
	acting := who
	acting.Role = s.Effective()
	err := May(acting, action, StandingPlace(s))
	if err == errPaused {
		err = a.WhyPaused(ctx, s.ProjectID, who.UserID)
	}
	if err == nil {
		a.asked.granted(question{Action: action, Project: s.ProjectID})
	}
	return err
}

// StandingPlace is a project as the policy knows it for the person whose
// standing it is.
func StandingPlace(s roster.Standing) *Place {
	return &Place{
		OrganizationID: s.OrganizationID, Member: s.Explicit || s.InWorkspace, Creator: s.Creator, Sandbox: s.Sandbox,
		Paused: s.Paused && Bound(s.Role),
	}
}

// PlacesIn is MayInProject's knowledge of a project, for many at once, and the actor as
// they are in each: with the role that the project gave them, where it did.
func (a *App) PlacesIn(ctx context.Context, who roster.Actor, projects []int64) (map[int64]*Place,
	func(project int64) roster.Actor, error) {
	standings, err := a.standings(ctx, projects, who.UserID)
	places := map[int64]*Place{}
	for _, id := range projects {
		places[id] = StandingPlace(standings[id]) // of one that is gone: nobody's place
	}
	return places, func(project int64) roster.Actor {
		acting := who
		acting.Role = roster.Effective(who.Role, standings[project].Override)
		return acting
	}, err
}

// MayInWorkspace asks the policy about a workspace, and returns it as the
// actor sees it.
func (a *App) MayInWorkspace(ctx context.Context, action Action, workspace int64) (roster.Workspace,
	roster.Actor, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return roster.Workspace{}, who, err
	}
	w, err := a.workspace(ctx, workspace, who.UserID)
	if err != nil {
		return w, who, err
	}
	if err = May(who, action, PlaceOf(w, who)); err == nil {
		a.asked.granted(question{Action: action, Workspace: workspace})
	}
	return w, who, err
}

// AllowedProject reads a project the actor may take action in.
func (a *App) AllowedProject(ctx context.Context, action Action, id int64) (roster.Project, roster.Actor, error) {
	who, err := a.MayInProject(ctx, action, id)
	if err != nil {
		return roster.Project{}, who, err
	}
	p, err := a.project(ctx, id)
	return p, who, err
}

// InOrganization asks the policy about an organization named in a request:
// any but the one the actor acts in is as good as absent.
func (a *App) InOrganization(ctx context.Context, action Action, organization int64) (roster.Actor, error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return who, err
	}
	if organization != who.OrganizationID {
		return who, ErrNotFound
	}
	return a.May(ctx, action)
}

// PlaceOf is a workspace, read as who sees it, as the policy knows it.
func PlaceOf(w roster.Workspace, who roster.Actor) *Place {
	mine := w.CreatedBy == who.UserID
	return &Place{OrganizationID: w.OrganizationID, Member: w.Member, Creator: mine && w.MakerUntil.IsZero(),
		Sandbox: w.Personal && !mine}
}
