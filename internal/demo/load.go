package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/store"
)

// plan is the whole organization before it is written. People, tags and
// projects are numbered by their place in it.
type plan struct {
	Options
	people     []person
	tags       []tag
	workspaces []crowd
	projects   []project
}

func newPlan(o Options) *plan {
	p := &plan{Options: o, people: people(o)}
	p.tags = tags(o, p.people)
	for i := range groups {
		p.workspaces = append(p.workspaces, workspaceCrowd(o, i, p.people))
	}
	for i := range o.Projects {
		p.projects = append(p.projects, projectOf(o, i, p.people, p.workspaces))
	}
	return p
}

// members is some of the people as the store takes them.
func (p *plan) members(from, to int) []roster.OrganizationMember {
	out := make([]roster.OrganizationMember, 0, to-from)
	for _, one := range p.people[from:to] {
		m := one.OrganizationMember
		m.Membership.DeletedAt = time.Time{} // that happens later: see farewells
		out = append(out, m)
	}
	return out
}

// loader writes a plan in one transaction.
type loader struct {
	plan  *plan
	app   *app.App
	tx    *store.DB
	made  Result
	dice  dice
	done  int
	total int

	owner      roster.Actor
	people     []int64
	tags       []int64
	workspaces []int64
	projects   []roster.Project
}

func (l *loader) run(ctx context.Context) error {
	events := l.plan.events()
	l.total = len(l.plan.people) - 1 // the owner is there before
	for _, t := range l.plan.tags {
		l.total += len(t.who)
	}
	for _, e := range events {
		l.total += e.size
	}
	for _, step := range []func(context.Context) error{l.found, l.loadPeople, l.loadTags, l.loadWorkspaces,
		l.loadProjects} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, e := range events {
		if err := l.happen(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// advance reports that n more rows are written.
func (l *loader) advance(n int) {
	l.done += n
	l.plan.Progress(l.done, l.total)
}

// ids is the ids of people.
func (l *loader) ids(who []int) []int64 {
	out := make([]int64, len(who))
	for i, w := range who {
		out[i] = l.people[w]
	}
	return out
}

func (l *loader) loadPeople(ctx context.Context) error {
	l.people = []int64{l.owner.UserID}
	for from := 1; from < len(l.plan.people); from += 5000 {
		ids, err := l.tx.LoadPeople(ctx, l.owner.OrganizationID, l.plan.members(from, min(from+5000, len(l.plan.people))))
		if err != nil {
			return err
		}
		l.people = append(l.people, ids...)
		l.advance(len(ids))
	}
	l.made.OwnerEmail, l.made.People = l.owner.Email, len(l.people)
	return nil
}

func (l *loader) loadTags(ctx context.Context) (err error) {
	tags := make([]roster.Tag, len(l.plan.tags))
	for i, t := range l.plan.tags {
		made := l.plan.people[0].User.DateJoined
		tags[i] = roster.Tag{Label: t.label, CreatedBy: roster.User{ID: l.owner.UserID}, CreatedAt: made, UpdatedAt: made}
	}
	if l.tags, err = l.tx.LoadTags(ctx, l.owner.OrganizationID, tags); err != nil {
		return err
	}
	l.made.Tags = len(l.tags)
	for i, t := range l.plan.tags {
		if err := l.tx.LoadMemberTags(ctx, l.tags[i], l.ids(t.who)); err != nil {
			return err
		}
		l.advance(len(t.who))
	}
	return nil
}

func (l *loader) loadWorkspaces(ctx context.Context) error {
	for i, g := range groups {
		id, err := l.tx.CreateWorkspace(ctx, roster.Workspace{
			OrganizationID: l.owner.OrganizationID, Title: g.title, Description: g.description, Color: g.color,
			CreatedBy: l.people[1+i%administrators],
		}, l.plan.workspaces[i].waves[0])
		if err != nil {
			return err
		}
		l.workspaces = append(l.workspaces, id)
	}
	l.made.WorkspaceIDs = slices.Clone(l.workspaces)
	return nil
}

func (l *loader) loadProjects(ctx context.Context) error {
	for _, p := range l.plan.projects {
		made := roster.Project{
			OrganizationID: l.owner.OrganizationID, Title: p.title, Description: p.description, Color: p.color,
			CreatedBy: roster.User{ID: l.people[p.creator]}, Published: !p.draft, Draft: p.draft, Archived: p.archived,
			TaskDistribution: roster.AutoDistribution,
		}
		if p.assignedOnly {
			made.TaskDistribution = roster.AssignedOnly
		}
		if p.group != nowhere {
			made.WorkspaceID = l.workspaces[p.group]
		}
		var err error
		if made.ID, err = l.tx.CreateProject(ctx, made, p.waves[0]); err != nil {
			return err
		}
		l.projects = append(l.projects, made)
	}
	l.made.Projects, l.made.ProjectID, l.made.ProjectTitle = len(l.projects), l.projects[0].ID, l.projects[0].Title
	return nil
}

// happen runs an event, with the record of its operation.
func (l *loader) happen(ctx context.Context, e *event) (err error) {
	who := l.owner
	if e.actor != 0 {
		if who, err = l.tx.ActorByUser(ctx, l.people[e.actor]); err != nil {
			return err
		}
	}
	who.Credential, who.RequestID = roster.CredentialToken, fmt.Sprintf("%016x%016x", l.dice.Uint64(), l.dice.Uint64())
	if e.kind != "" {
		if e.id, err = l.begin(ctx, e, who); err != nil {
			return err
		}
	}
	changed, err := e.run(roster.WithActor(ctx, who), l, e)
	if err != nil {
		return err
	}
	if e.id != 0 {
		l.made.Operations++
	}
	if e.kind != "" {
		err = l.tx.FinishOperation(ctx, e.id, changed)
	}
	l.advance(e.size)
	return err
}

func (l *loader) begin(ctx context.Context, e *event, who roster.Actor) (int64, error) {
	op := roster.Operation{OrganizationID: who.OrganizationID, Kind: e.kind, ActorID: who.UserID,
		Credential: who.Credential, RequestID: who.RequestID, At: e.at}
	if e.project != nowhere {
		op.ProjectID = l.projects[e.project].ID
	}
	if e.group != nowhere {
		op.WorkspaceID = l.workspaces[e.group]
	}
	return l.tx.BeginOperation(ctx, op)
}
