package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// member is a person in a project: what the history is about.
type member struct{ project, person int64 }

// load is people who add, remove, undo and ask, all at once and at every server, and what
// each of them was told.
type load struct {
	cluster *cluster
	members []member

	mu      sync.Mutex
	history []event
	stop    context.CancelFunc
	running sync.WaitGroup
	asked   atomic.Int64 // decisions that were answered
}

// action is what somebody does.
type action int

const (
	assign   action = iota // make the person a member
	unassign               // take them off
	planned                // take them off by the plan of a preview
	undo                   // take a removal back
	decide                 // the person asks the gate for something of the project's
	list                   // the owner looks whether they are in the list
)

// told is what somebody was told of it.
type told int

const (
	done    told = iota // it is so now, and was not before; a question: yes
	nothing             // it was so already, and nothing was changed; a question: no
	unknown             // nobody can tell
)

// event is one call: when it was sent, and when its answer had been read.
type event struct {
	member
	action   action
	told     told
	from, to time.Duration // since the clock's start
	server   string
}

var began = time.Now()

// writers and readers are how many of each work at once.
const (
	writers = 6
	readers = 6
)

// run begins the work, until halt.
func (l *load) run() {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for n := range writers + readers {
		l.running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for ctx.Err() == nil {
				if n < writers {
					l.write(random)
				} else {
					l.read(random)
				}
			}
		})
	}
}

// halt ends the work, when what is under way was answered.
func (l *load) halt() {
	l.stop()
	l.running.Wait()
}

func (l *load) any(random *rand.Rand) (member, *server) {
	return l.members[random.IntN(len(l.members))], l.cluster.rosters[random.IntN(len(l.cluster.rosters))]
}

// write changes something, and waits a little where that was refused, as Retry-After asks for.
func (l *load) write(random *rand.Rand) {
	m, at := l.any(random)
	e := event{member: m, action: action(random.IntN(3)), server: at.name}
	removal := l.change(&e, at, "")
	if e.told == done && removal != "" && random.IntN(2) == 0 {
		back := event{member: m, action: undo, server: at.name}
		l.change(&back, at, removal)
	}
}

// change makes one change, keeps what was told of it, and returns the operation of a removal.
func (l *load) change(e *event, at *server, removal string) (operation string) {
	method, target, body, header := "DELETE",
		fmt.Sprintf("/api/projects/%d/members/bulk/?all=false&included=%d", e.project,
			e.person), "", http.Header{}
	switch e.action {
	case assign:
		method, target = "POST", fmt.Sprintf("/api/projects/%d/members/bulk/", e.project)
		body = fmt.Sprintf(`{"all":false,"included":[%d]}`, e.person)
	case planned:
		ask := strings.Replace(target, "/bulk/?", "/bulk/preview?", 1)
		seen := l.call(at, "POST", strings.Replace(ask, "/api/", "/api/roster/", 1), ownersToken, "", nil)
		if seen.header.Get("ETag") == "" {
			return ""
		}
		header.Set("If-Match", seen.header.Get("ETag"))
	case undo:
		method, target = "POST", "/api/roster/operations/"+removal+"/undo/"
	}
	e.from = time.Since(began)
	got := l.call(at, method, target, ownersToken, body, header)
	e.to = time.Since(began)
	if e.told = got.told(e.action); e.told != nothing || got.status < 400 {
		l.keep(*e) // a refusal says that it changed nothing, and not what is so
	}
	if got.status == http.StatusServiceUnavailable || got.status == 0 {
		time.Sleep(50 * time.Millisecond)
	}
	if e.action == unassign || e.action == planned {
		return got.header.Get("Roster-Operation")
	}
	return ""
}

// read asks something that is decided, or looked up, anew.
func (l *load) read(random *rand.Rand) {
	m, at := l.any(random)
	e := event{member: m, action: decide, server: at.name, from: time.Since(began)}
	got := l.call(at, "GET", fmt.Sprintf("/api/projects/%d/summary/", m.project), strconv.FormatInt(m.person, 10), "", nil)
	e.to = time.Since(began)
	switch got.status {
	case http.StatusOK:
		e.told = done
	case http.StatusNotFound:
		e.told = nothing
	default:
		time.Sleep(20 * time.Millisecond)
		return // it told nothing
	}
	l.asked.Add(1)
	l.keep(e)
}

func (l *load) keep(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history = append(l.history, e)
}

// answer is what came; status 0: nothing did.
type answer struct {
	status int
	body   string
	header http.Header
}

// told is what an answer says of a change.
func (a answer) told(of action) told {
	switch {
	case a.status >= 200 && a.status < 300:
		if a.changed(of) {
			return done
		}
		return nothing
	case a.status == 0, a.status >= 500 && !strings.Contains(a.body, "othing was changed"):
		return unknown
	}
	return nothing
}

// changed reports whether one person was concerned.
func (a answer) changed(of action) bool {
	var said struct {
		Assignments, Unassignments, Changed int
	}
	if json.Unmarshal([]byte(a.body), &said) != nil {
		return false
	}
	if of == undo {
		return said.Changed > 0
	}
	return said.Assignments+said.Unassignments > 0
}

var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: writers + readers}}

func (l *load) call(at *server, method, target, token, body string, header http.Header) answer {
	r, err := http.NewRequest(method, at.url+target, strings.NewReader(body))
	if err != nil {
		return answer{}
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("Authorization", "Token "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := client.Do(r)
	if err != nil {
		return answer{header: http.Header{}}
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return answer{header: http.Header{}}
	}
	return answer{got.StatusCode, string(text), got.Header}
}

// writes is how many changes were confirmed.
func (l *load) writes() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.history {
		if e.changes() && e.told == done {
			n++
		}
	}
	return n
}

// unknown is how many changes nobody could tell about.
func (l *load) unknown() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.history {
		if e.told == unknown {
			n++
		}
	}
	return n
}

func (e event) changes() bool { return e.action != decide && e.action != list }

// gap is the longest time after an instant, and in which nobody's change was confirmed.
func (l *load) gap(after time.Duration) (longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := after
	for _, e := range l.history { // in the order in which they were answered
		if e.changes() && e.told == done && e.to > last {
			longest = max(longest, e.to-last)
			last = e.to
		}
	}
	return longest
}

// final asks the database itself what is so in the end, as one more reader does.
func (l *load) final() {
	c := l.cluster
	in := map[string]bool{}
	rows := c.askIn("roster", c.primary(),
		"SELECT project_id || '/' || user_id FROM project_members WHERE removed_by IS NULL")
	for _, row := range strings.Fields(rows) {
		in[row] = true
	}
	for _, m := range l.members {
		e := event{member: m, action: list, from: time.Since(began), to: time.Since(began) + 1, told: nothing}
		if in[strconv.FormatInt(m.project, 10)+"/"+strconv.FormatInt(m.person, 10)] {
			e.told = done
		}
		l.keep(e)
	}
}
