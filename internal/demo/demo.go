// Package demo fills an empty store with a large organization that looks like
// a real one: people of many languages, uneven projects, and a history.
package demo

import (
	"context"
	"crypto/rand"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/store"
)

// Options say how large the organization is; zero fields take the default.
type Options struct {
	People   int       // people in the organization, the owner among them; 2000
	Projects int       // 12
	Members  int       // who were ever made members of the largest project; 45 % of the people
	Seed     uint64    // the same seed makes the same organization
	Now      time.Time // the present of the organization; the time it is
	Progress func(done, total int)
}

// Result says what was made.
type Result struct {
	OwnerEmail   string
	ProjectID    int64 // the largest project
	ProjectTitle string
	WorkspaceIDs []int64

	People, Projects, Tags, Memberships, Tasks, Assignments, Operations int
}

const (
	organizationTitle = "Northwind Annotation"
	ownerEmail        = "owner@example.com"
	ownerFirst        = "Ingrid"
	ownerLast         = "Solberg"
	fewestPeople      = 20
)

func (o Options) complete() (Options, error) {
	byDefault := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	byDefault(&o.People, 2000)
	byDefault(&o.Projects, len(projects))
	byDefault(&o.Members, o.People*45/100)
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	switch {
	case o.People < fewestPeople:
		return o, roster.InvalidField("people", "The demo needs at least %d people.", fewestPeople)
	case o.Projects < 1:
		return o, roster.InvalidField("projects", "The demo needs at least one project.")
	case o.Members < 1 || o.Members > o.People*9/10:
		return o, roster.InvalidField("members",
			"The largest project can have between 1 and %d members, nine tenths of the people.", o.People*9/10)
	}
	return o, nil
}

// Fill makes the organization, all of it or nothing. A store that has nothing
// but an organization with its owner keeps both; one that has more is refused.
func Fill(ctx context.Context, a *app.App, db *store.DB, o Options) (made Result, err error) {
	if o, err = o.complete(); err != nil {
		return made, err
	}
	plan := newPlan(o)
	err = db.Update(ctx, func(tx *store.DB) error {
		fresh, err := tx.Fresh(ctx)
		if err != nil {
			return err
		}
		if !fresh {
			return roster.Errorf(roster.Invalid,
				"The store has people or projects in it already; the demo fills an empty one. Nothing was changed.")
		}
		l := &loader{plan: plan, app: a, tx: tx, dice: throw(o, 5)}
		if err := l.run(ctx); err != nil {
			return err
		}
		made = l.made
		return nil
	})
	if err != nil {
		return made, err
	}
	return made, db.Analyze(ctx)
}

// found makes the organization with its owner, or takes the one there is.
func (l *loader) found(ctx context.Context) error {
	id, err := l.tx.FirstOwner(ctx)
	if err == nil {
		l.owner, err = l.tx.ActorByUser(ctx, id)
		return err
	}
	if roster.KindOf(err) != roster.NotFound {
		return err
	}
	begun := l.plan.people[0].Membership.CreatedAt
	org, err := l.tx.CreateOrganization(ctx, roster.Organization{
		Title: organizationTitle, Token: rand.Text()[:16], DefaultRole: roster.RoleAnnotator, CreatedAt: begun,
	})
	if err != nil {
		return err
	}
	ids, err := l.tx.LoadPeople(ctx, org, l.plan.members(0, 1))
	if err != nil {
		return err
	}
	if err := l.tx.SetOrganizationCreator(ctx, org, ids[0]); err != nil {
		return err
	}
	l.owner, err = l.tx.ActorByUser(ctx, ids[0])
	return err
}
