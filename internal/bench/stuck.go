package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	stuckProject  = 2
	otherProject  = 3
	stuckWrites   = 1000
	waitingWrites = 65 // of them; one in the database, and the rest without a connection
	stuckSamples  = 200
	stuckFor      = 6 * time.Second // less than whoever waits for the project does
)

// measureStuck compares the slowest hundredth of what is read and written in one project at
// rest with that while a thousand writes wait for another, which somebody holds. On SQLite
// whoever writes holds up everybody who does.
func measureStuck(b *bench) {
	if b.engine.name() != "PostgreSQL" {
		return
	}
	var reads, writes, stuckReads, stuckWritten sample
	b.repeat(func() {
		read, write := b.elsewhereSlowest()
		reads, writes = append(reads, read), append(writes, write)
		b.whileStuck(func() {
			read, write := b.elsewhereSlowest()
			stuckReads, stuckWritten = append(stuckReads, read), append(stuckWritten, write)
		})
	})
	what := fmt.Sprintf("while %d writes came for another project that is held", stuckWrites)
	b.out.add("a page of members, p99, "+what, "p99 at rest", stuckReads, reads, 3)
	b.out.add("taking one person off and back, p99, "+what, "p99 at rest", stuckWritten, writes, 3)
}

// elsewhereSlowest is the 99th percentile of reads and of writes in the other project.
func (b *bench) elsewhereSlowest() (read, write time.Duration) {
	var reads, writes sample
	member := scalar[int64](b.bare, `SELECT min(user_id) FROM project_members
WHERE project_id = $1 AND removed_by IS NULL AND explicit AND user_id > 1`, otherProject)
	for began := time.Now(); len(reads) < stuckSamples && time.Since(began) < stuckFor; {
		reads.time(func() { b.server.call("GET", fmt.Sprintf("/api/projects/%d/members/paginated/", otherProject), nil) })
		operation, _ := b.unassign(otherProject, fmt.Sprintf("all=false&included=%d", member), &writes)
		b.undo(operation, &writes)
	}
	return reads.percentile(99), writes.percentile(99)
}

// whileStuck holds a project, sends its writes, and does the work while as many wait as may.
func (b *bench) whileStuck(work func()) {
	held := get(b.bare.Begin())
	execute(held, fmt.Sprintf("SELECT id FROM projects WHERE id = %d FOR UPDATE", stuckProject))
	var all sync.WaitGroup
	refused := make(chan struct{}, stuckWrites)
	for n := range stuckWrites { // each for somebody else, or one would be taken for another's repetition
		all.Go(func() {
			url := fmt.Sprintf("%s/api/projects/%d/members/bulk/?all=false&included=%d", b.server.url, stuckProject, n+1)
			request := get(http.NewRequest("DELETE", url, nil))
			request.Header.Set("Authorization", "Token "+b.server.token)
			if answer, err := http.DefaultClient.Do(request); err == nil {
				answer.Body.Close()
			}
			refused <- struct{}{}
		})
	}
	for range stuckWrites - waitingWrites {
		<-refused
	}
	work()
	must(held.Rollback())
	all.Wait()
}
