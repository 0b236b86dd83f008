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

// measureExport reads everybody as CSV, and a tenth as many, which should
// come to the same memory.
func measureExport(b *bench) {
	b.export("CSV export", b.sizes.growthProject(len(b.sizes.growth)-1), "")
	b.export("CSV export", largeProject, "")
	b.export("CSV export by e-mail", largeProject, "ordering=email")
}

// export reads one export of a server that has done nothing else.
func (b *bench) export(what string, project int, query string) {
	r := startServer(b.engine.address(fmt.Sprintf("%s_%d", rosterDatabase, b.sizes.people)), b.server.token)
	defer r.stop()
	r.call("GET", "/api/current-user/whoami", nil)
	before, _ := r.resident()
	began := time.Now()
	answer := r.request("GET", fmt.Sprintf("/api/projects/%d/members/export/?%s", project, query))
	defer answer.Body.Close()
	rows := countLines(answer.Body) - 1 // the header
	rate := float64(rows) / time.Since(began).Seconds()
	_, peak := r.resident()
	members := b.active(project)
	check(rows >= members-b.sizes.inactive, "the export had %d rows of %d members", rows, members)
	b.out.memory(fmt.Sprintf("%s of %d rows (before: %.0f MB; %.0f rows/s)", what, rows, before, rate), peak, memoryAim)
}

func countLines(r io.Reader) (n int) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		n++
	}
	must(lines.Err())
	return n
}
