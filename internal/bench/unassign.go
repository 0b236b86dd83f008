package main

import "fmt"

// measureUnassign takes everybody off the large project, beside deleting
// their rows, and puts them back.
func measureUnassign(b *bench) {
	seedFloor(b)
	var d, a, bare, unassign, undo sample
	b.repeat(func() {
		b.endBare(&bare)
		f := newFloor(b)
		d.time(f.deleteEverything)
		f.close()
		f = newFloor(b)
		a.time(f.deleteMemberships)
		f.close()
		b.thereAndBack(largeProject, "all=true", b.sizes.people, &unassign, &undo)
	})
	aims := map[string][2]float64{"SQLite": {0.25, 3}, "PostgreSQL": {0.6, 0}}[b.engine.name()]
	name := fmt.Sprintf("unassign all %d, through HTTP", b.sizes.people)
	b.add(name, "D: delete memberships, overrides, assignments; write history", unassign, d, aims[0])
	b.add(name, "A: delete the memberships alone", unassign, a, aims[1])
	b.add(name, "U: the bare UPDATE of the same rows", unassign, bare, 1.3)
	b.add(fmt.Sprintf("undo of the %d, through HTTP", b.sizes.people), "the unassign", undo, unassign, 1)
}

// endBare ends everybody's rows in Roster's own table by a statement that does nothing
// else, and takes that back. It says that they were removed by the operation that added
// them, by which nobody was.
func (b *bench) endBare(times *sample) {
	b.settle()
	times.time(func() {
		inTransaction(b.bare, fmt.Sprintf(
			"UPDATE project_members SET removed_by = %d WHERE project_id = %d AND removed_by IS NULL AND explicit",
			loadOp, largeProject))
	})
	inTransaction(b.bare, fmt.Sprintf("UPDATE project_members SET removed_by = NULL WHERE removed_by = %d", loadOp))
}

// thereAndBack unassigns and undoes, and looks whether exactly the people
// meant were touched.
func (b *bench) thereAndBack(project int, query string, want int, unassign, undo *sample) {
	before, others := b.active(project), b.elsewhere()
	b.settle()
	operation, count := b.unassign(project, query, unassign)
	check(count == want, "unassign %s in project %d said %d, not %d", query, project, count, want)
	left := before - want
	if project == largeProject && query == "all=true" {
		left -= b.sizes.inactive // the dormant memberships end besides
	}
	check(b.active(project) == left, "unassign left %d members in project %d, not %d", b.active(project), project, left)
	check(project != largeProject || b.elsewhere() == others, "unassign touched other projects")
	b.settle()
	restored := b.undo(operation, undo)
	check(restored == want, "undo said %d, not %d", restored, want)
	check(b.active(project) == before, "undo left %d members in project %d, not %d", b.active(project), project, before)
	check(b.elsewhere() == others, "undo touched other projects")
}

// measureFiltered takes the people off who match a filter, beside the best
// query that finds them and deleting their memberships.
func measureFiltered(b *bench) {
	seedFloor(b)
	query := bareSelection(b.engine)
	users := b.matching(query)
	var bare, unassign, undo sample
	b.repeat(func() {
		f := newFloor(b)
		bare.time(func() {
			drain(b.bare, query)
			f.deleteSome(users)
		})
		f.close()
		b.thereAndBack(largeProject, filterQuery+"&all=true", len(users), &unassign, &undo)
	})
	b.add(fmt.Sprintf("unassign %d by role, search, two tags and activity, through HTTP", len(users)),
		"the hand-written selection, and A for those rows", unassign, bare, 1.3)
	b.add(fmt.Sprintf("undo of the %d, through HTTP", len(users)), "the unassign", undo, unassign, 1)
}

// matching is the people a bare selection finds.
func (b *bench) matching(query string) (users []int64) {
	rows := get(b.bare.Query(query))
	defer rows.Close()
	for rows.Next() {
		var id int64
		must(rows.Scan(&id))
		users = append(users, id)
	}
	must(rows.Err())
	return users
}
