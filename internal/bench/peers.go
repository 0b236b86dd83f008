package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"
)

// The peers are what somebody would run or write instead of Roster: a stand-in
// of the incumbent's make, and an authorization service. tests/peers has them.
// Each is a process of its own and has the same people on the same engine, and
// all are asked by the same loop, in turn.

// peers is one organization in Roster and in the stand-in, ready to be measured.
type peers struct {
	*bench
	out    *peerReport
	django *remote
	beside *sql.DB // the stand-in's database

	assigned, unassigned sample  // what everybody took, for whom is measured later
	ordinary             []int64 // members by a row of their own alone

	ends []func() // what must be ended, in the order it was begun
}

// peerFigure is a group of lines that are measured together.
type peerFigure struct {
	name    string
	measure func(*peers)
}

var peerFigures = []peerFigure{
	{"lists", measurePeerLists},
	{"projects", measurePeerProjects},
	{"unassign", measurePeerUnassign},
	{"assign", measurePeerAssign},
	{"decision", measurePeerDecision},
}

const standInDatabase = "standin"

func runPeers(ctx context.Context, c config) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	// Many clients keep their connections, as any program's would.
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = gateClients
	describeMachine(os.Stdout)
	describePeers(os.Stdout)
	for _, name := range c.engines {
		began := time.Now()
		measurePeers(ctx, c, newEngine(name))
		progress("%s took %s", name, time.Since(began).Round(time.Second))
	}
}

func measurePeers(ctx context.Context, c config, e engine) {
	defer e.close()
	p := &peers{bench: &bench{config: c, engine: e, sizes: workload(c.people)}, out: &peerReport{}}
	defer p.close()
	p.begin(ctx)
	for _, f := range peerFigures {
		if !c.only.MatchString(f.name) {
			continue
		}
		began := time.Now()
		f.measure(p)
		progress("%s: %s (%s)", e.name(), f.name, time.Since(began).Round(time.Second))
	}
	p.out.print(os.Stdout, e, c)
}

// begin makes the organization, copies it for the stand-in, and starts both.
func (p *peers) begin(ctx context.Context) {
	began := time.Now()
	token := p.populate(ctx, rosterDatabase)
	must(p.db.Close()) // the server finds it as users' servers do
	p.engine.copyOf(rosterDatabase, standInDatabase)
	standIn(p.engine, token)
	p.beside, p.bare = p.engine.bare(standInDatabase), p.engine.bare(rosterDatabase)
	p.ends = append(p.ends, func() { p.beside.Close() }, func() { p.bare.Close() })
	p.server = startBuilt(p.engine, token)
	p.ends = append(p.ends, p.server.stop)
	p.django = startDjango(p.engine, token)
	p.ends = append(p.ends, p.django.stop)
	p.out.version = p.engine.version(p.bare)
	progress("%s: an organization of %d people, twice (%s)", p.engine.name(), p.people,
		time.Since(began).Round(time.Second))
}

func (p *peers) close() {
	for _, end := range slices.Backward(p.ends) {
		end()
	}
}

// startBuilt starts the binary that users have, on the store as they open it.
func startBuilt(e engine, token string) *remote {
	at := freeAddress()
	address, kind := e.elsewhere(rosterDatabase)
	flags := []string{"--db", address}
	if kind == "sqlite" {
		flags = []string{"--data", e.address(rosterDatabase)}
	}
	command := exec.Command("bin/roster", append([]string{"serve", "--addr", at}, flags...)...)
	command.Env = append(os.Environ(), "ROSTER_SECRET_KEY="+string(secret))
	return &remote{process: startProgram(at, command), token: token}
}

// settle finishes what earlier work left to do on either side.
func (p *peers) settle() {
	p.bench.settle()
	execute(p.beside, p.engine.settle("standin_projectmember", "standin_operation", "standin_history")...)
}

// compare asks Roster and the stand-in for the same, which must count the same; and the
// engine alone by the best queries for it, if they are given, of which the first one counts.
func (p *peers) compare(figure, path string, best ...string) {
	counted := func(r *remote) int {
		var answer struct {
			Count        int
			MembersCount int `json:"members_count"`
		}
		r.call("GET", path, &answer)
		return answer.Count + answer.MembersCount
	}
	ours, theirs := counted(p.server), counted(p.django)
	check(ours == theirs, "%s: Roster counts %d and Django %d", path, ours, theirs)
	works := []func(){
		func() { p.server.call("GET", path, nil) },
		func() { p.django.call("GET", path, nil) },
	}
	if len(best) > 0 {
		counted := scalar[int](p.bare, best[0])
		check(ours == counted, "%s: Roster counts %d and the hand-written query %d", path, ours, counted)
		works = append(works, func() {
			for _, query := range best {
				drain(p.bare, query)
			}
		})
	}
	times := p.alternate(works...)
	p.out.add(fmt.Sprintf(figure, ours), "Django", times[0], times[1], twice)
	if len(best) > 0 {
		p.out.add(fmt.Sprintf(figure, ours), "the hand-written query and count alone, by Roster's driver",
			times[0], times[2], 0)
	}
}

// twice is how much faster than the stand-in every list and count is to be.
const twice = 2

func measurePeerLists(p *peers) {
	p.settle()
	const own = listPath + "implicit=false&"
	p.compare("page of 100 of the %d members of their own, with count", own)
	p.compare("page of 100 of the %d with access by any path, with count", listPath)
	p.compare("the same in the middle, of %d", fmt.Sprintf("%spage=%d", own, p.sizes.people/200))
	p.compare("page of 100 of the %d by role, search, two tags and activity, with count", own+filterQuery,
		"SELECT count(*)"+bareSelected, bareWide("SELECT pm.user_id"+bareSelected+" ORDER BY 1 LIMIT 100"))
	p.compare("the same, with access by any path, of %d", listPath+filterQuery, bareCount, bareWide(barePageIDs))
	p.compare("page of 100 of the %d by search, with count", own+"search=hansen",
		"SELECT count(*)"+bareNamed, bareWide("SELECT pm.user_id"+bareNamed+" ORDER BY 1 LIMIT 100"))
}

func measurePeerProjects(p *peers) {
	p.settle()
	p.compare("the project of %d, with its counts and first members", "/api/projects/1/")
	p.compare("page of 100 of the %d projects, each with its counts", "/api/projects/?page_size=100&members_limit=0")
}

// measurePeerUnassign takes people off by both. History is the stand-in's as
// many would write it, a row a person, and as few would: the operation alone.
func measurePeerUnassign(p *peers) {
	for _, v := range []struct{ name, query string }{
		{"unassign all %d", "all=true"},
		{"unassign %d by role, search, two tags and activity", "all=true&" + filterQuery},
	} {
		var ours, undo, each, alone sample
		var count int
		p.repeat(func() {
			p.settle()
			var operation string
			operation, count = p.unassign(largeProject, v.query, &ours)
			p.settle()
			p.undo(operation, &undo)
			p.elsewhereUnassign(v.query, count, &each)
			p.elsewhereUnassign(v.query+"&history=operation", count, &alone)
		})
		figure := fmt.Sprintf(v.name, count)
		p.out.add(figure, "Django, with a row of history a person", ours, each, 0)
		p.out.add(figure, "Django, with one record", ours, alone, 0)
		if v.query == "all=true" {
			p.unassigned = ours
		}
	}
}

// elsewhereUnassign takes people off in the stand-in, and puts them back.
// Without a filter it ends the memberships of the deactivated, too.
func (p *peers) elsewhereUnassign(query string, count int, times *sample) {
	p.settle()
	var answer struct{ Unassignments int }
	times.time(func() { p.django.call("DELETE", "/api/projects/1/members/bulk/?"+query, &answer) })
	check(answer.Unassignments-count >= 0 && answer.Unassignments-count <= p.sizes.inactive,
		"%s: Roster took %d off and Django %d", query, count, answer.Unassignments)
	p.restore()
}

// restore takes back what was done to the stand-in's memberships.
func (p *peers) restore() {
	inTransaction(p.beside,
		fmt.Sprintf("DELETE FROM standin_projectmember WHERE added_by_id > %d", loadOp),
		fmt.Sprintf("UPDATE standin_projectmember SET removed_by_id = NULL WHERE removed_by_id > %d", loadOp),
		"DELETE FROM standin_history")
}

// measurePeerAssign makes everybody a member who was just taken off, by their
// ids, and writes as many tuples.
func measurePeerAssign(p *peers) {
	included := map[string]any{"all": false, "included": p.everybody()}
	var undo, theirs, unused sample
	p.repeat(func() {
		taken, _ := p.unassign(largeProject, "all=true", &unused)
		p.settle()
		given := p.assign(p.server, included, &p.assigned).Get("Roster-Operation")
		p.undo(given, &undo)
		p.undo(taken, &undo)
		p.django.call("DELETE", "/api/projects/1/members/bulk/?all=true&history=operation", nil)
		p.settle()
		p.assign(p.django, included, &theirs)
		p.restore()
	})
	p.out.add(fmt.Sprintf("assign %d by their ids", p.sizes.people), "Django, with one record", p.assigned, theirs, 0)
}

// everybody is the active people, who are members of the large project.
func (p *peers) everybody() []int64 {
	return p.matching(fmt.Sprintf("SELECT id FROM users WHERE id > 1 AND id <= %d", 1+p.sizes.people))
}

func (p *peers) assign(r *remote, included any, times *sample) (header http.Header) {
	var answer struct{ Assignments int }
	times.time(func() { header = r.send("POST", "/api/projects/1/members/bulk/", included, &answer) })
	check(answer.Assignments == p.sizes.people, "%d were assigned, not %d", answer.Assignments, p.sizes.people)
	return header
}
