package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

// The decision whether somebody may see a project, and how soon it follows a
// removal.

// decider is one way to ask, and one to remove somebody.
type decider struct {
	name   string
	may    func(user int64) bool
	remove func(user int64)
	one    sample
	many   sample
}

// deciding is how many people are asked about in turn, so that whoever
// remembers answers has some to remember.
const deciding = 1000

// serveDecision is what the gate asks before each request, and nothing else:
// who somebody is, and whether they may see the project.
func serveDecision(ctx context.Context, l net.Listener, args []string) {
	db := open(args[0])
	defer db.Close()
	a := get(app.New(db, core.DefaultConfig(), secret))
	serveHTTP(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		project, _ := strconv.ParseInt(r.FormValue("project"), 10, 64)
		user, _ := strconv.ParseInt(r.FormValue("user"), 10, 64)
		who, err := a.Recognize(r.Context(), user, roster.CredentialSession)
		if err == nil {
			_, err = a.MayInProject(roster.WithActor(r.Context(), who), core.ViewProject, project)
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]bool{"allowed": err == nil})
	}))
}

// measurePeerDecision asks all of them, with OpenFGA's cache off and on.
func measurePeerDecision(p *peers) {
	ours := &remote{process: startProcess("decision", p.engine.address(rosterDatabase))}
	defer ours.stop()
	f := makeOpenFGA(p.engine)
	measurePeerTuples(p, f)
	p.ordinary = p.membersAlone()
	roster := decider{name: "Roster", may: asks(ours), remove: func(user int64) { p.removeOne(p.server, user) }}
	django := decider{name: "Django", may: asks(p.django), remove: func(user int64) { p.removeOne(p.django, user) }}
	fga := decider{name: "OpenFGA", may: f.may, remove: func(user int64) { f.changeSome("deletes", []int64{user}) }}
	f.start()
	defer f.stop() // in case of a failure before it is started anew
	p.decide(roster, django, fga)
	for _, d := range []decider{roster, django, fga} {
		p.fresh(d)
	}
	f.stop()
	f.start("--check-query-cache-enabled")
	defer f.stop()
	fga.name = "OpenFGA, its cache on"
	p.decide(roster, fga)
	p.fresh(fga)
}

func asks(r *remote) func(user int64) bool {
	return func(user int64) bool {
		var answer struct{ Allowed bool }
		r.call("GET", fmt.Sprintf("/decision?project=%d&user=%d", largeProject, user), &answer)
		return answer.Allowed
	}
}

// removeOne takes one person off the large project.
func (p *peers) removeOne(r *remote, user int64) {
	email := scalar[string](p.bare, "SELECT email FROM users WHERE id = $1", user)
	var answer struct{ Unassignments int }
	r.call("DELETE", "/api/projects/1/members/bulk/?all=true&search="+url.QueryEscape(email), &answer)
	check(answer.Unassignments == 1, "%d people were removed, not one", answer.Unassignments)
}

// membersAlone is the people who may see the large project by a membership of
// their own, and in no other way.
func (p *peers) membersAlone() []int64 {
	return p.matching(`SELECT pm.user_id FROM project_members pm
JOIN projects p ON p.id = pm.project_id JOIN organization_members om ON om.organization_id = p.organization_id
 AND om.user_id = pm.user_id
WHERE pm.project_id = 1 AND pm.removed_by IS NULL AND pm.explicit AND om.role IN ('MA', 'RE', 'AN', 'VO')
 AND NOT EXISTS (SELECT 1 FROM workspace_members wm
  WHERE wm.workspace_id = p.workspace_id AND wm.user_id = pm.user_id AND wm.removed_by IS NULL)
ORDER BY pm.user_id`)
}

// next is one of the people who are asked about, each in their turn.
func (p *peers) next() int64 {
	return p.ordinary[int(asking.Add(1))%min(deciding, len(p.ordinary))]
}

// decide compares the first decider with the others.
func (p *peers) decide(all ...decider) {
	for turn := range p.reps + 1 { // the first only warms up
		for i := range all {
			d := &all[i]
			one, many := takeTurn(func() { check(d.may(p.next()), "%s does not let a member in", d.name) })
			if turn > 0 {
				d.one, d.many = append(d.one, one...), append(d.many, many)
			}
		}
	}
	for _, d := range all[1:] {
		p.out.add("may a person see the project: one question at a time", d.name, all[0].one, d.one, 0)
		p.out.add(fmt.Sprintf("the same, %d at once: a question's share of the time", gateClients),
			d.name, all[0].many, d.many, 0)
	}
}

// fresh takes a few people off, whom the decider was just asked about, and
// looks how long it lets one of them in after the removal was answered.
func (p *peers) fresh(d decider) {
	var longest time.Duration
	for range 3 {
		user := p.ordinary[len(p.ordinary)-1]
		p.ordinary = p.ordinary[:len(p.ordinary)-1]
		for range 3 {
			check(d.may(user), "%s does not let a member in", d.name)
		}
		d.remove(user)
		removed := time.Now()
		for d.may(user) {
			longest = max(longest, time.Since(removed))
			check(longest < time.Minute, "%s lets somebody in for a minute after they were removed", d.name)
		}
	}
	p.out.fresh(d.name, longest)
}
