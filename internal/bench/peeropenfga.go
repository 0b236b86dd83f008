package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
)

// OpenFGA beside: a store of tuples that says who is what to what.

const (
	openFGABinary   = ".cache/peers/openfga"
	openFGADatabase = "openfga"
	// What one call may write is 100 tuples as it comes, and is set to what was
	// written fastest.
	openFGAWrites = 1000
)

// openFGA is a running one, and the model in it.
type openFGA struct {
	*remote
	engine       engine
	store, model string
}

// tuple says that a person is a member of the project.
type tuple struct {
	User     string `json:"user"`
	Relation string `json:"relation"`
	Object   string `json:"object"`
}

func memberTuple(user int64) tuple {
	return tuple{fmt.Sprintf("user:%d", user), "member", fmt.Sprintf("project:%d", largeProject)}
}

// makeOpenFGA makes its database.
func makeOpenFGA(e engine) *openFGA {
	migrate := exec.Command(openFGABinary, append([]string{"migrate"}, openFGAStore(e)...)...)
	migrate.Stderr = os.Stderr
	must(migrate.Run())
	return &openFGA{engine: e}
}

func openFGAStore(e engine) []string {
	address, kind := e.elsewhere(openFGADatabase)
	if kind == "sqlite" {
		address = "file:" + address
	}
	return []string{"--datastore-engine", kind, "--datastore-uri", address}
}

// start starts it on its database, with the settings that are given besides.
func (f *openFGA) start(settings ...string) {
	at := freeAddress()
	arguments := slices.Concat([]string{"run", "--http-addr", at, "--grpc-addr", freeAddress(),
		"--log-level", "none", "--playground-enabled=false",
		"--metrics-enabled=false", "--max-tuples-per-write", fmt.Sprint(openFGAWrites),
		"--request-timeout", "5m", "--http-upstream-timeout", "5m"}, openFGAStore(f.engine), settings)
	command := exec.Command(openFGABinary, arguments...)
	command.Stderr = os.Stderr
	f.remote = &remote{process: startProgram(at, command)}
}

// define makes a store with the least model that answers the question.
func (f *openFGA) define() {
	var store struct{ ID string }
	f.send("POST", "/stores", map[string]string{"name": "bench"}, &store)
	f.store = "/stores/" + store.ID
	member := map[string]any{"directly_related_user_types": []any{map[string]string{"type": "user"}}}
	var model struct {
		ID string `json:"authorization_model_id"`
	}
	f.send("POST", f.store+"/authorization-models", map[string]any{
		"schema_version": "1.1",
		"type_definitions": []any{
			map[string]any{"type": "user"},
			map[string]any{
				"type":      "project",
				"relations": map[string]any{"member": map[string]any{"this": map[string]any{}}},
				"metadata":  map[string]any{"relations": map[string]any{"member": member}},
			},
		},
	}, &model)
	f.model = model.ID
}

// change writes or deletes a tuple a person, as many at once as there are
// writers: on SQLite one, on PostgreSQL a few.
func (f *openFGA) change(what string, people []int64) {
	writers := 4
	if f.onSQLite() {
		writers = 1
	}
	work := make(chan []int64, len(people)/openFGAWrites+1)
	for some := range slices.Chunk(people, openFGAWrites) {
		work <- some
	}
	close(work)
	failures := make(chan error, writers)
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			failures <- attempt(func() {
				for some := range work {
					f.changeSome(what, some)
				}
			})
		})
	}
	group.Wait()
	for range writers {
		must(<-failures)
	}
}

func (f *openFGA) changeSome(what string, people []int64) {
	tuples := make([]tuple, len(people))
	for i, user := range people {
		tuples[i] = memberTuple(user)
	}
	f.send("POST", f.store+"/write", map[string]any{what: map[string]any{"tuple_keys": tuples},
		"authorization_model_id": f.model}, nil)
}

// may asks whether a person is a member.
func (f *openFGA) may(user int64) bool {
	var answer struct{ Allowed bool }
	f.send("POST", f.store+"/check", map[string]any{"tuple_key": memberTuple(user),
		"authorization_model_id": f.model}, &answer)
	return answer.Allowed
}

// measurePeerTuples writes and deletes a tuple a person, beside what Roster
// took to assign and unassign as many. On SQLite it deletes none: each call
// that deletes reads all tuples, so that 10,000 took a minute and a half.
func measurePeerTuples(p *peers, f *openFGA) {
	people := p.everybody()
	var written, deleted sample
	f.start()
	defer f.stop()
	f.define()
	write := func() { written.time(func() { f.change("writes", people) }) }
	write()
	if !f.onSQLite() {
		p.repeat(func() {
			deleted.time(func() { f.change("deletes", people) })
			write()
		})
		p.out.addIf(p.unassigned, fmt.Sprintf("unassign all %d", len(people)), "OpenFGA, as many tuples deleted", deleted)
	}
	p.out.addIf(p.assigned, fmt.Sprintf("assign %d by their ids", len(people)), "OpenFGA, as many tuples written", written)
}

func (f *openFGA) onSQLite() bool {
	_, kind := f.engine.elsewhere(openFGADatabase)
	return kind == "sqlite"
}
