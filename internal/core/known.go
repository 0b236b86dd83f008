package core

import (
	"context"
	"slices"

	"roster"
)

// known is what was read of one unchanging state, so that a page that asks about a place
// more than once reads it once. It lives as long as that state: nothing that
// decides access is remembered between requests, or within a change.
type known struct {
	standings  map[standingKey]roster.Standing
	projects   map[int64]roster.Project
	workspaces map[standingKey]roster.Workspace // as somebody sees them
	others     map[any]any                      // by whoever asked, of Once
}

func newKnown() *known {
	return &known{
		map[standingKey]roster.Standing{}, map[int64]roster.Project{}, map[standingKey]roster.Workspace{}, map[any]any{}}
}

type standingKey struct{ place, user int64 }

// Know has an App within View take a standing that was read together with the actor, just
// now, for the one there.
func (a *App) Know(s roster.Standing) {
	if a.known != nil && s.OrganizationID != 0 {
		a.known.standings[standingKey{s.ProjectID, s.UserID}] = s
	}
}

// standing is what a person is to a project; NotFound when there is no such project.
func (a *App) standing(ctx context.Context, project, user int64) (roster.Standing, error) {
	if s, ok := a.remembered(project, user); ok {
		return s, nil
	}
	s, err := a.db.Standing(ctx, project, user)
	if err == nil {
		a.Know(s)
	}
	return s, err
}

// standings is the same of many projects, without those there are not.
func (a *App) standings(ctx context.Context, projects []int64, user int64) (map[int64]roster.Standing, error) {
	all := map[int64]roster.Standing{}
	var others []int64
	for _, id := range projects {
		s, ok := a.remembered(id, user)
		if !ok {
			others = append(others, id)
			continue
		}
		all[id] = s
	}
	if len(others) == 0 {
		return all, nil
	}
	read, err := a.db.Standings(ctx, others, user)
	for id, s := range read {
		a.Know(s)
		all[id] = s
	}
	return all, err
}

func (a *App) remembered(project, user int64) (s roster.Standing, ok bool) {
	if a.known != nil {
		s, ok = a.known.standings[standingKey{project, user}]
	}
	return s, ok
}

// project is a project; NotFound when there is none.
func (a *App) project(ctx context.Context, id int64) (roster.Project, error) {
	if a.known != nil {
		if p, ok := a.known.projects[id]; ok {
			return p, nil
		}
	}
	p, err := a.db.Project(ctx, id)
	if err == nil {
		a.KnowProject(p)
	}
	return p, err
}

// KnowProject has an App within View take a project that was read there for the one there.
func (a *App) KnowProject(p roster.Project) {
	if a.known != nil {
		a.known.projects[p.ID] = p
	}
}

// Once is what read reads: within View, once for a key; anywhere else, each time.
func Once[T any](a *App, key any, read func() (T, error)) (T, error) {
	if a.known == nil {
		return read()
	}
	if value, ok := a.known.others[key].(T); ok {
		return value, nil
	}
	value, err := read()
	if err == nil {
		a.known.others[key] = value
	}
	return value, err
}

// Foresee has an App within View read what the policy asks about many projects and workspaces
// at once, and not one by one.
func (a *App) Foresee(ctx context.Context, projects, workspaces []int64) error {
	who, err := ActorOf(ctx)
	if err != nil || a.known == nil {
		return err
	}
	if _, err := a.standings(ctx, Sorted(projects), who.UserID); err != nil {
		return err
	}
	others := slices.DeleteFunc(Sorted(workspaces), func(id int64) bool {
		_, ok := a.known.workspaces[standingKey{id, who.UserID}]
		return ok
	})
	if len(others) == 0 {
		return nil
	}
	read, err := a.db.WorkspacesByID(ctx, others, who.UserID)
	for _, w := range read {
		a.known.workspaces[standingKey{w.ID, who.UserID}] = w
	}
	return err
}

// workspace is a workspace as somebody sees it; NotFound when there is none.
func (a *App) workspace(ctx context.Context, id, viewer int64) (roster.Workspace, error) {
	if a.known == nil {
		return a.db.Workspace(ctx, id, viewer)
	}
	key := standingKey{id, viewer}
	if w, ok := a.known.workspaces[key]; ok {
		return w, nil
	}
	w, err := a.db.Workspace(ctx, id, viewer)
	if err == nil {
		a.known.workspaces[key] = w
	}
	return w, err
}
