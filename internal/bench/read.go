package main

import (
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"roster"
)

const listPath = "/api/projects/1/members/paginated/?page_size=100&"

// filter is filterQuery as the store knows it.
func filter() roster.MemberFilter {
	return roster.MemberFilter{
		Roles: []roster.Role{roster.RoleAnnotator}, Search: "example.com", Tags: []int64{1, 2},
		ActiveFrom: new(time.Date(2024, 7, 25, 0, 0, 0, 0, time.UTC)),
		ActiveTo:   new(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)),
	}
}

// measureList reads a page of a hundred: of everybody, and of the filtered people.
func measureList(b *bench) {
	b.settle()
	b.measureEverybody()
	count := scalar[int](b.bare, bareCount)
	bare := func() { drain(b.bare, bareWide(barePageIDs)) }
	times := b.alternate(bare, func() {
		members := get(b.db.ProjectMembersPage(b.ctx, b.project, filter(), time.Time{}, roster.Page{Number: 1, Size: 100}))
		check(len(members) == 100, "a page had %d people", len(members))
	})
	b.add("list page of 100, filtered, without count (store; the wire always counts)", "its hand-written query",
		times[1], times[0], 1.5)
	times = b.alternate(func() {
		scalar[int](b.bare, bareCount)
		bare()
	}, func() { b.counted("GET", listPath+filterQuery, count) })
	b.add(fmt.Sprintf("list page of 100, filtered, with count (%d), through HTTP", count),
		"its hand-written query and count", times[1], times[0], 1.5)
}

func (b *bench) measureEverybody() {
	count := scalar[int](b.bare, bareEverybody)
	times := b.alternate(func() {
		scalar[int](b.bare, bareEverybody)
		drain(b.bare, bareWide("SELECT pm.user_id"+barePresent+" ORDER BY pm.user_id LIMIT 100"))
	}, func() { b.counted("GET", listPath, count) })
	b.add(fmt.Sprintf("list page of 100, of everybody, with count (%d), through HTTP", count),
		"its hand-written query and count", times[1], times[0], 1.5)
}

// measureProjects reads a page of projects, one project, and one person's projects.
func measureProjects(b *bench) {
	b.settle()
	times := b.alternate(func() { drain(b.bare, bareProjects) },
		func() { b.server.call("GET", "/api/projects/?page_size=30", nil) })
	b.add("page of 30 projects, with their counts and first members, through HTTP", "their hand-written counts",
		times[1], times[0], 0)
	times = b.alternate(func() { scalar[int](b.bare, bareEverybody) },
		func() { b.server.call("GET", fmt.Sprintf("/api/projects/%d/", largeProject), nil) })
	b.add("the large project, through HTTP", "the hand-written count of its list", times[1], times[0], 0)
	owner := get(b.app.Owner(b.ctx))
	times = b.alternate(func() { drain(b.bare, bareReach, b.somebody()) },
		func() { get(b.db.Reach(b.ctx, owner, b.somebody())) })
	b.add("one person's projects, with the paths (store)", "their ids and titles", times[1], times[0], 0)
}

// counted makes a request whose answer counts so many people.
func (b *bench) counted(method, path string, want int) {
	var answer struct{ Count int }
	b.server.call(method, path, &answer)
	check(answer.Count == want, "%s %s counted %d people, not %d", method, path, answer.Count, want)
}

// measurePages compares a page from the middle of a long list with the first.
func measurePages(b *bench) {
	b.settle()
	middle := b.sizes.people / 200
	times := b.alternate(
		func() { b.server.call("GET", listPath, nil) },
		func() { b.server.call("GET", fmt.Sprintf("%spage=%d", listPath, middle), nil) })
	b.add(fmt.Sprintf("page %d of the unfiltered list, through HTTP", middle), "page 1", times[1], times[0], 3)
}

// measurePreview previews an unassign of everybody and one by filter.
func measurePreview(b *bench) {
	b.settle()
	for _, v := range []struct{ name, query, selected string }{
		{"everybody", "all=true", bareAll},
		{"the filtered", "all=true&" + filterQuery, bareSelected},
	} {
		count := scalar[int](b.bare, "SELECT count(*)"+v.selected)
		look := func() {
			scalar[int](b.bare, "SELECT count(*)"+v.selected)
			drain(b.bare, bareWide("SELECT pm.user_id"+v.selected+" ORDER BY pm.user_id LIMIT 100"))
		}
		times := b.alternate(look, func() {
			look()
			drain(b.bare, bareKeepers(v.selected))
			drain(b.bare, bareDropped(v.selected))
		}, func() { b.counted("POST", "/api/roster/projects/1/members/bulk/preview?page_size=100&"+v.query, count) })
		name := fmt.Sprintf("preview of %s (%d), through HTTP", v.name, count)
		b.add(name, "count, page, and the sums a preview shows", times[2], times[1], 1.3)
		b.add(name, "count and page alone", times[2], times[0], 0)
	}
}

// measureStanding asks what decides every request.
func measureStanding(b *bench) {
	b.settle()
	statement := get(b.bare.Prepare(bareStanding()))
	defer statement.Close()
	times := b.alternate(
		func() { b.lookUp(statement, b.somebody()) },
		func() { get(b.db.Standing(b.ctx, largeProject, b.somebody())) })
	b.add("standing of one person in a project (store)", "the bare prepared lookup", times[1], times[0], 1.3)
	b.standingMeanwhile()
}

var asking atomic.Int64

// somebody is the id of one person after another, all over the organization.
func (b *bench) somebody() int64 { return 2 + asking.Add(7919)%int64(b.sizes.people) }

func (b *bench) lookUp(statement *sql.Stmt, user int64) {
	var organization, workspace, creator int64
	var role, override sql.NullString
	var explicit sql.NullBool
	var inWorkspace bool
	must(statement.QueryRowContext(b.ctx, user).Scan(&organization, &workspace, &creator, &role, &explicit,
		&override, &inWorkspace))
}

// standingMeanwhile compares the slowest hundredth of the answers at rest
// with that while everybody is being unassigned.
func (b *bench) standingMeanwhile() {
	aim := map[string]float64{"SQLite": 3}[b.engine.name()]
	var idle, busy, unassign, undo sample
	b.repeat(func() {
		b.settle()
		idle = append(idle, b.slowest(func(done chan<- struct{}) {
			time.Sleep(500 * time.Millisecond)
			close(done)
		}))
		var operation string
		busy = append(busy, b.slowest(func(done chan<- struct{}) {
			operation, _ = b.unassign(largeProject, "all=true", &unassign)
			close(done)
		}))
		b.undo(operation, &undo)
	})
	b.add(fmt.Sprintf("standing, p99, while %d are unassigned", b.sizes.people), "p99 at rest", busy, idle, aim)
}

// slowest is the 99th percentile of the answers given while work goes on.
func (b *bench) slowest(work func(done chan<- struct{})) time.Duration {
	done := make(chan struct{})
	failure := make(chan error, 1)
	go func() { failure <- attempt(func() { work(done) }) }()
	var answers sample
	for {
		select {
		case <-done:
			must(<-failure)
			return answers.percentile(99)
		case err := <-failure:
			must(err)
			return answers.percentile(99)
		default:
			answers.time(func() { get(b.db.Standing(b.ctx, largeProject, b.somebody())) })
		}
	}
}
