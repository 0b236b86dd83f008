package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/store"
)

// bench is one organization on one engine, ready to be measured: the server
// in its own process, the store in this one, and bare connections beneath.
type bench struct {
	config
	ctx     context.Context // the owner's
	engine  engine
	out     *report
	sizes   sizes
	db      *store.DB
	app     *app.App
	bare    *sql.DB
	server  *remote
	project roster.Project
	seeded  bool // the floors' tables are there
	others  int  // memberships outside the large project, which nothing may touch
}

const (
	rosterDatabase = "roster"
	floorDatabase  = "floor"
	floorSeed      = "floor_seed"

	ownerEmail    = "owner@example.com"
	ownerPassword = "correct horse"
)

func newBench(ctx context.Context, c config, e engine, out *report, people int) *bench {
	began := time.Now()
	b := &bench{config: c, engine: e, out: out, sizes: workload(people)}
	if people != c.people {
		b.sizes = wideWorkload(people)
	}
	database := fmt.Sprintf("%s_%d", rosterDatabase, people)
	token := b.populate(ctx, database)
	b.reopen(e.address(database))
	b.bare = e.bare(database)
	b.project = get(b.db.Project(ctx, largeProject))
	b.others = b.elsewhere()
	b.server = startServer(e.address(database), token)
	out.version = e.version(b.bare)
	progress("%s: an organization of %d people (%s)", e.name(), people, time.Since(began).Round(time.Second))
	return b
}

// populate makes a database with the workload in it, and returns its owner's token.
func (b *bench) populate(ctx context.Context, database string) (token string) {
	b.db = open(b.engine.address(database))
	get(b.db.Migrate(ctx))
	b.app = get(app.New(b.db, core.DefaultConfig(), secret))
	get(b.app.Setup(ctx, "Bench", roster.NewUser{Email: ownerEmail, Password: ownerPassword}))
	owner := get(b.app.Owner(ctx))
	b.ctx = roster.WithActor(ctx, owner)
	loader := b.engine.bare(database)
	build(b.engine, loader, b.sizes, owner.OrganizationID, owner.UserID)
	must(loader.Close())
	return get(b.app.Token(ctx, owner.UserID))
}

// reopen has the store as users have it: analyzed, as after an import, and opened since.
func (b *bench) reopen(address string) {
	must(b.db.Analyze(b.ctx))
	must(b.db.Close())
	b.db = open(address)
	b.app = get(app.New(b.db, core.DefaultConfig(), secret))
}

func (b *bench) close() {
	b.server.stop()
	b.db.Close()
	b.bare.Close()
}

// settle finishes what earlier work left to do, before a timing.
func (b *bench) settle() {
	execute(b.bare, b.engine.settle("project_members", "workspace_members", "outcomes", "operations", "users", "plans")...)
}

// repeat runs fn as often as a median takes.
func (b *bench) repeat(fn func()) {
	for range b.reps {
		fn()
	}
}

// alternate times each piece of work in turn, as often as a median takes and
// for two seconds, so that whatever else the machine does falls on all of them.
func (b *bench) alternate(works ...func()) []sample {
	began := time.Now()
	return b.alternateBy(func() time.Duration { return time.Since(began) }, works...)
}

// alternateBy is alternate by another clock.
func (b *bench) alternateBy(clock func() time.Duration, works ...func()) []sample {
	times := make([]sample, len(works))
	for began := time.Now(); len(times[0]) < b.reps || time.Since(began) < 2*time.Second; {
		for i, work := range works {
			before := clock()
			work()
			times[i] = append(times[i], clock()-before)
		}
	}
	return times
}

// sample is the times one piece of work took.
type sample []time.Duration

// time adds the time that fn takes.
func (s *sample) time(fn func()) {
	began := time.Now()
	fn()
	*s = append(*s, time.Since(began))
}

// add reports a figure, and of which organization where it is the larger one.
func (b *bench) add(figure, floor string, ours, bare sample, aim float64) {
	if b.sizes.people != b.people {
		figure += fmt.Sprintf(", in an organization of %d", b.sizes.people)
	}
	b.out.add(figure, floor, ours, bare, aim)
}

// active is how many people are members of project by a row of their own.
func (b *bench) active(project int) int {
	return scalar[int](b.bare,
		"SELECT count(*) FROM project_members WHERE project_id = $1 AND removed_by IS NULL AND explicit", project)
}

// elsewhere is how many memberships there are outside the large project.
func (b *bench) elsewhere() int {
	return scalar[int](b.bare,
		"SELECT count(*) FROM project_members WHERE project_id <> $1 AND removed_by IS NULL AND explicit", largeProject)
}

// unassign takes people off a project through HTTP and returns the operation.
func (b *bench) unassign(project int, query string, times *sample) (operation string, count int) {
	var answer struct{ Unassignments int }
	times.time(func() {
		operation = b.server.call("DELETE", fmt.Sprintf("/api/projects/%d/members/bulk/?%s", project, query), &answer).
			Get("Roster-Operation")
	})
	return operation, answer.Unassignments
}

// undo takes an operation back through HTTP and returns how many people it
// restored.
func (b *bench) undo(operation string, times *sample) int {
	var answer struct{ Changed int }
	times.time(func() { b.server.call("POST", "/api/roster/operations/"+operation+"/undo/", &answer) })
	return answer.Changed
}

// memory reports the server's memory after everything it was asked, and then
// after many lists at once, which fill the caches of all connections.
func (b *bench) memory() {
	_, peak := b.server.resident()
	b.out.memory(fmt.Sprintf("server in the organization of %d, through all of the above", b.sizes.people),
		peak, memoryAim)
	const callers = 32
	failures := make(chan error, callers)
	for range callers {
		go func() { failures <- attempt(func() { b.server.call("GET", listPath+filterQuery, nil) }) }()
	}
	for range callers {
		if err := <-failures; err != nil { // the store gave it up: the machine is busy, and the memory was taken
			progress("  a list of the %d at once: %v", callers, err)
		}
	}
	_, peak = b.server.resident()
	b.out.memory(fmt.Sprintf("the same server, after %d filtered lists at once", callers), peak, memoryAim)
}

const memoryAim = 200
