package main

import (
	"database/sql"
	"fmt"
)

// The floors of a bulk unassign: the tables that a program would have which
// deletes rows, with the least indexes that it could live with, and nothing
// that checks, authorizes or explains.

// floor is a database of such tables, fresh for every timing.
type floor struct {
	engine engine
	db     *sql.DB
}

// seedFloor makes the tables that every floor is a copy of, unless they are
// there already.
func seedFloor(b *bench) {
	if b.seeded {
		return
	}
	b.seeded = true
	db := b.engine.bare(floorSeed)
	defer db.Close()
	db.SetMaxOpenConns(1)
	execute(db, b.engine.loading()...)
	inTransaction(db, b.sizes.floorTables()...)
	execute(db, b.engine.loaded()...)
}

func (s sizes) floorTables() []string {
	small := (s.projects - 1) * s.members
	rows := fmt.Sprintf(`(SELECT i, CASE WHEN i <= %d THEN 1 ELSE 2 + (i - %d - 1) / %d END AS project,
 CASE WHEN i <= %d THEN i ELSE 1 + ((i - 1) %% %d * 20 + (i - 1) / %d * 7) %% %d END AS person FROM g) AS a`,
		s.people, s.people, s.members, s.people, s.members, s.members, s.people)
	override := s.override("person", "project")
	return []string{
		"CREATE TABLE floor_memberships (id INTEGER PRIMARY KEY, project_id BIGINT NOT NULL, user_id BIGINT NOT NULL)",
		"CREATE TABLE floor_overrides (id INTEGER PRIMARY KEY, project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, " +
			"role TEXT NOT NULL)",
		"CREATE TABLE floor_assignments (id INTEGER PRIMARY KEY, project_id BIGINT NOT NULL, task_id BIGINT NOT NULL, " +
			"user_id BIGINT NOT NULL, type TEXT NOT NULL, created_at BIGINT NOT NULL)",
		"CREATE TABLE floor_history (project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, actor_id BIGINT NOT NULL, " +
			"action TEXT NOT NULL, at BIGINT NOT NULL)",
		numbers(s.people+small, "INSERT INTO floor_memberships SELECT i, project, person FROM "+rows+" ORDER BY i"),
		numbers(s.people+small,
			"INSERT INTO floor_overrides SELECT i, project, person, role FROM (SELECT i, project, person, "+override+
				" AS role FROM "+rows+") AS b WHERE role IS NOT NULL ORDER BY i"),
		numbers(s.people*s.assignments,
			fmt.Sprintf("INSERT INTO floor_assignments SELECT i, 1, 1 + i %% %d, 1 + (i - 1) / %d, 'AN', %s FROM g",
				s.tasks, s.assignments, now)),
		"CREATE UNIQUE INDEX floor_memberships_pair ON floor_memberships (project_id, user_id)",
		"CREATE INDEX floor_memberships_user ON floor_memberships (user_id)",
		"CREATE UNIQUE INDEX floor_overrides_pair ON floor_overrides (project_id, user_id)",
		"CREATE INDEX floor_assignments_member ON floor_assignments (project_id, user_id)",
		"CREATE INDEX floor_assignments_task ON floor_assignments (task_id)",
		"CREATE INDEX floor_history_member ON floor_history (project_id, user_id)",
	}
}

// newFloor copies the tables and reads them once, so that they are as much in
// memory as the store is after its last operation.
func newFloor(b *bench) *floor {
	b.engine.copyOf(floorSeed, floorDatabase)
	f := &floor{engine: b.engine, db: b.engine.bare(floorDatabase)}
	for _, table := range []string{"memberships", "overrides", "assignments"} {
		drain(f.db, "SELECT max(project_id + user_id) FROM floor_"+table)
		drain(f.db, "SELECT count(*) FROM floor_"+table+" WHERE project_id = 1 AND user_id > 0")
	}
	execute(f.db, b.engine.settle()...)
	return f
}

func (f *floor) close() { f.db.Close() }

// deleteEverything is floor D: memberships, overrides and assignments go, and
// history gets a row a person.
func (f *floor) deleteEverything() {
	inTransaction(f.db,
		"INSERT INTO floor_history SELECT project_id, user_id, 1, 'removed', "+now+
			" FROM floor_memberships WHERE project_id = 1",
		"DELETE FROM floor_assignments WHERE project_id = 1",
		"DELETE FROM floor_overrides WHERE project_id = 1",
		"DELETE FROM floor_memberships WHERE project_id = 1")
}

// deleteMemberships is floor A: the memberships alone.
func (f *floor) deleteMemberships() {
	inTransaction(f.db, "DELETE FROM floor_memberships WHERE project_id = 1")
}

// deleteSome is floor A for the given people.
func (f *floor) deleteSome(users []int64) {
	tx := get(f.db.Begin())
	defer tx.Rollback()
	get(tx.Exec("DELETE FROM floor_memberships WHERE project_id = 1 AND "+f.engine.among("user_id", "$1"),
		f.engine.ids(users)))
	must(tx.Commit())
}
