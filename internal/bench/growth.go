package main

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// measureGrowth unassigns ever more people in the same organization. Beside
// the same number in another organization, the times should be alike.
func measureGrowth(b *bench) {
	projects := map[int]int{}
	for i, n := range b.sizes.growth {
		projects[n] = b.sizes.growthProject(i)
	}
	matched := b.sizes.growth
	if b.sizes.projects > 1 { // here the large project is the third
		matched = append(matched[:len(matched):len(matched)], b.sizes.people)
		projects[b.sizes.people] = largeProject
	}
	for _, n := range matched {
		var unassign, undo sample
		b.repeat(func() { b.thereAndBack(projects[n], "all=true", n, &unassign, &undo) })
		b.out.grown(b.sizes.people, n, unassign.median(), undo.median())
	}
}

// measureExport reads everybody as CSV. The first server is new to it; a
// second exports a tenth as many, and should come to the same memory.
func measureExport(b *bench) {
	few := b.export(b.sizes.growthProject(len(b.sizes.growth) - 1))
	many := b.export(largeProject)
	b.out.memory(fmt.Sprintf("CSV export of %d rows (before: %.0f MB; %.0f rows/s)", few.rows, few.before, few.rate()), few.peak, memoryAim)
	b.out.memory(fmt.Sprintf("CSV export of %d rows (before: %.0f MB; %.0f rows/s)", many.rows, many.before, many.rate()), many.peak, memoryAim)
}

// export is one export by a server that has done nothing else.
type export struct {
	rows         int
	took         time.Duration
	before, peak float64 // MB
}

func (e export) rate() float64 { return float64(e.rows) / e.took.Seconds() }

func (b *bench) export(project int) (e export) {
	r := startServer(b.engine.address(fmt.Sprintf("%s_%d", rosterDatabase, b.sizes.people)), b.server.token)
	defer r.stop()
	r.call("GET", "/api/current-user/whoami", nil)
	e.before, _ = r.resident()
	began := time.Now()
	answer := r.request("GET", fmt.Sprintf("/api/projects/%d/members/export/", project))
	defer answer.Body.Close()
	e.rows = countLines(answer.Body) - 1 // the header
	e.took = time.Since(began)
	_, e.peak = r.resident()
	members := b.active(project)
	check(e.rows >= members-b.sizes.inactive, "the export had %d rows of %d members", e.rows, members)
	return e
}

func countLines(r io.Reader) (n int) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		n++
	}
	must(lines.Err())
	return n
}
