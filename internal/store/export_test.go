package store

import (
	"context"
	"io/fs"
	"strings"
	"testing/fstest"
	"time"

	"roster"
)

// Plans is how the engine means to answer the questions that must stay on
// their indexes however large the tables grow.
func (db *DB) Plans(ctx context.Context, p roster.Project) (plans map[string]string, err error) {
	manager := &roster.Actor{UserID: 2, OrganizationID: p.OrganizationID, Role: roster.RoleManager}
	filtered := roster.Selector{All: true, Filter: roster.MemberFilter{Roles: []roster.Role{"AN"}, Tags: []int64{1},
		Search: "x"}}
	joined := roster.Selector{All: true, Filter: roster.MemberFilter{JoinedAfter: new(time.Time),
		JoinedBefore: new(time.Time)}}
	none := map[string][]byte{"postgres": {11: 27}, "sqlite": []byte("[]")}[db.dialect.name] // no dimensions, of type tid
	undo := db.query("SELECT old.id")
	appendRestorable(undo, p, 1, 2)
	removed := db.query("SELECT user_id FROM ")
	appendOutcomesOf(removed, roster.Operation{ID: 1, Kind: roster.OpUnassign, ProjectID: p.ID}, everyOutcome, nil)
	roles := db.query("SELECT count(*) FROM ")
	roleEvents(p).appendMatch(roles, roster.HistoryFilter{})
	now := db.query("")
	appendAccessNow(now, p, 0)
	many := make([]int64, manyTags+1)
	for i := range many {
		many[i] = int64(i + 1)
	}
	queries := map[string]*query{
		"seen today":             now,
		"standing":               db.fixed(standingText, 1, p.ID),
		"who, and standing":      db.fixed(actorByUser.inProject, 1, p.ID),
		"token, and standing":    db.fixed(actorByToken.inProject, []byte("x"), p.ID),
		"access, and standing":   db.fixed(actorByPersonalToken.inProject, []byte("x"), 1, p.ID),
		"session, and standing":  db.fixed(actorBySession.inProject, []byte("x"), 1, 1, 1, 1, p.ID),
		"unassign":               endDirectlyQuery(db, p, roster.Selector{All: true}, 1),
		"unassign, selection":    findRowsQuery(db, p, filtered),
		"unassign, found":        endRowsQuery(db, none, 1),
		"unassign, joined":       endDirectlyQuery(db, p, joined, 1),
		"who keeps access":       keeping(db, p, 1),
		"undo":                   undo,
		"what was released":      releasing(db, p, 1),
		"kept pages, the oldest": forgetting(db, 1, "shown"),
		"role history":           roles,
		"roles, a person":        rolesOf(db, 1, nil),
		"member list, a page": db.pageOf(projectSources(p, roster.MemberFilter{}, time.Time{}),
			roster.MemberFilter{}, roster.Page{Number: 1, Size: 30}),
		"member count":        db.countingOf(projectSources(p, roster.MemberFilter{}, time.Time{}), roster.MemberFilter{}),
		"projects, counts":    countingIn(db, 1, []int64{1}, usualCounts),
		"projects, inherited": countingIn(db, 1, []int64{1}, allCounts),
		"project, counted":    countedProject(db, 1, 1),
		"awaiting, people":    awaitingOf(db, *manager, []int64{1}),
		"returned":            returning(db, 1, 1),
		"member rows":         memberRows(db, p, []int64{1, 2}),
		"people rows":         peopleRows(db, 1, []int64{1, 2}),
		"selections, counted": countingEach(db, p, []roster.Selector{filtered, joined, {Included: []int64{1, 2}}}),
		"first members":       firstMembers(db, []int64{1}, 10),
		"outcomes":            removed.add(" AS x"),
		"outcomes, hidden":    hiddenIn(db, 1, *manager),
		"actor, of a person": db.query(
			"SELECT om.role FROM users u JOIN organization_members om ON om.organization_id = u.active_organization"+
				" AND om.user_id = u.id WHERE u.id = ?", 1),
		"operations, a person": operationPage(db, 1, nil, roster.OperationFilter{PersonID: 1},
			roster.Page{Number: 1, Size: 30}),
		"reach, a person": reachQuery(db, *manager, 1),
		"changes, of few": changesQuery(db, []int64{1, 2}, []int64{3}),
		"managers":        managersQuery(db, p.OrganizationID, []int64{1, 2}),
		"invitations, waiting": appendInvitationMatch(db.query("SELECT count(*) FROM invitations i"), 1,
			roster.InvitationFilter{State: roster.InvitationWaiting}),
		"whom to assign":       named(db, p, roster.MemberFilter{Ability: roster.Able}),
		"tasks, by annotators": selectedTasksQuery(db, p.ID, tasksOf("1"), nil),
		"dormant":              dormantOf(db, p, roster.Selector{All: true}),
		"who left": db.countingOf(leftSources(p, roster.AnyAccess, time.UnixMicro(1)),
			roster.MemberFilter{WithInactive: true}),
		"whose task":           assignedTo(db, p.ID, roster.TaskSelector{Included: []int64{1}}),
		"provisioning, names":  namedQuery(db, p.OrganizationID, []string{"kim", "kim@example.com"}),
		"provisioning, called": calledQuery(db, p.OrganizationID, []string{"kim@example.com", "ann@example.com"}),
		"provisioning, taken":  externalIDQuery(db, p.OrganizationID, 1, "00u1"),
		"whose addresses":      ownersQuery(db, []string{"kim@example.com", "ann@example.com"}),
		"upstream access":      db.fixed(actorByUpstreamAccess.inProject, 1, []byte("x"), p.ID),
		"what waits":           waiting(db, p.OrganizationID, time.UnixMicro(1), 5),
		"what undos touch":     touchedBy(db, []int64{1, 2}),
		"without work":         withoutWork(db, p.OrganizationID, roster.Page{Number: 1, Size: 5}),
		"glance, projects":     glancesAndSteps(db, p.OrganizationID, []int64{1}, []int64{1}, time.UnixMicro(1), 9),
		"glance, workspaces":   glancingAtWorkspaces(db, []int64{1}, []int64{1}, time.UnixMicro(1), 9),
		"steps":                membershipSteps(db, p.OrganizationID, []int64{1, 2}),
		"steps, of charts":     chartSteps(db, p.OrganizationID, []int64{1, 2}),
		"projects, a page": countedPage(db, *manager, roster.ProjectFilter{},
			roster.Page{Number: 1, Size: 30, Order: "title"}),
		"find, how it begins": findingBegun(db, p.OrganizationID, roster.MemberFilter{Search: "kim"}, 8),
		"find, in between":    findingAnywhere(db, p.OrganizationID, roster.MemberFilter{Search: "kim"}, 8),
		"find, in sight":      findingBegun(db, p.OrganizationID, roster.MemberFilter{Search: "kim", Sight: manager}, 8),
		"whose tasks":         assignedTo(db, p.ID, roster.TaskSelector{All: true}),
		"many tags": db.countingOf(projectSources(p, roster.MemberFilter{}, time.Time{}),
			roster.MemberFilter{Tags: many}),
	}
	for attribute, value := range map[string]string{
		"username": "kim@example.com", "externalid": "00u1", "emails.value": "kim@example.com",
	} {
		q := db.query("SELECT om.user_id"+scimUserFrom+" AND ", p.OrganizationID)
		f := roster.SCIMFilter{Op: roster.SCIMEqual, Attribute: attribute, Value: value}
		if err := (scimReading{p.OrganizationID, scimUserColumns, map[string]int64{value: 1}}).appendTerm(q, f); err != nil {
			return nil, err
		}
		queries["provisioning, by "+attribute] = q
	}
	plans = map[string]string{}
	err = db.Update(ctx, func(tx *DB) error {
		if tx.dialect.forUpdate != "" { // small tables are read whole unless that is made dear
			if _, err := tx.exec(ctx, tx.query("SET LOCAL enable_seqscan = off")); err != nil {
				return err
			}
		}
		for name, q := range queries {
			if plans[name], err = tx.explain(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	return plans, err
}

// tasksOf selects the tasks that a person has to annotate.
func tasksOf(user string) roster.TaskSelector {
	return roster.TaskSelector{All: true, Filter: roster.TaskFilter{Conditions: []roster.TaskCondition{
		{Column: roster.TaskAnnotators, Is: roster.Equal, Values: []string{user}},
	}}}
}

func (db *DB) explain(ctx context.Context, q *query) (string, error) {
	prefix, columns := "EXPLAIN QUERY PLAN ", 4
	if db.dialect.forUpdate != "" {
		prefix, columns = "EXPLAIN ", 1
	}
	var plan strings.Builder
	err := db.each(ctx, db.fixed(prefix+q.String(), q.args...), func(s scanner) error {
		cells := make([]any, columns)
		var line string
		for i := range cells {
			cells[i] = new(any)
		}
		cells[columns-1] = &line
		err := s.Scan(cells...)
		plan.WriteString(line + "\n")
		return err
	})
	return plan.String(), err
}

// FilterText is what a filter comes to, of the members of a project and of the
// organization's people.
func (db *DB) FilterText(f roster.MemberFilter) string {
	q := db.query("")
	for _, s := range projectSources(roster.Project{ID: 1, OrganizationID: 1, WorkspaceID: 1}, f, time.Time{}) {
		s.appendMatch(q, f)
	}
	s, f := peopleOf(1, f)
	s.appendMatch(q, f)
	return q.String()
}

// Readers is how many things can be read at a time.
func (db *DB) Readers() int { return db.read.Stats().MaxOpenConnections }

// Writers is how many transactions can write at a time.
func (db *DB) Writers() int { return db.write.Stats().MaxOpenConnections }

// WaitingWriters is how many have had to wait for that.
func (db *DB) WaitingWriters() int64 { return db.write.Stats().WaitCount }

// MostWaiting is how many wait for one lane.
const MostWaiting = mostWaiting

// Lanes is how many are taken.
func (db *DB) Lanes() int {
	db.turns.mu.Lock()
	defer db.turns.mu.Unlock()
	return len(db.turns.queues)
}

// Shown is what PostgreSQL's setting of a name is now.
func (db *DB) Shown(ctx context.Context, name string) (value string, err error) {
	err = db.row(ctx, db.query("SELECT current_setting(?)", name), &value)
	return value, err
}

// IsRefusal is PostgreSQL's.
var IsRefusal = isRefusal

// Serial says that another server gave the transaction its number, and Unasked that
// none says which it is.
func (db *DB) Serial(server string) {
	question := strings.Replace(postgresDialect.serial, thisServer, "'"+server+"'", 1)
	db.serials.Store(&question)
}

func (db *DB) Unasked() {
	none := ""
	db.serials.Store(&none)
}

// Forever asks what has no end, and ChangeForever changes so many rows.
func (db *DB) Forever(ctx context.Context) error {
	_, err := db.count(ctx,
		db.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 - i FROM n) SELECT count(*) FROM n"))
	return err
}

func (db *DB) ChangeForever(ctx context.Context) error {
	_, err := db.exec(ctx, db.query(`DELETE FROM settings WHERE name =
 (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 - i FROM n) SELECT 'x' FROM n WHERE i > 1)`))
	return err
}

// Over is closed some time after the transaction has taken too long.
func (db *DB) Over() <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(time.Until(db.by)+20*time.Millisecond, func() { close(over) })
	return over
}

// Fill leaves SQLite's writer no room to grow.
func (db *DB) Fill(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, "PRAGMA max_page_count = 1") // less than there are: it stays as large as it is
	return err
}

// TextVersion and PersonText are what TestTextVersion holds to each other.
const TextVersion = textVersion

func PersonText(u roster.User) string { return personText(u) }

// Spoil changes a store as nothing but its own code may.
func (db *DB) Spoil(ctx context.Context, statement string, args ...any) error {
	_, err := db.exec(ctx, db.query(statement, args...))
	return err
}

// Outdate makes every row one of an older version, with nothing made of its names.
func (db *DB) Outdate(ctx context.Context) error {
	for _, text := range []string{
		"UPDATE users SET text_version = 0, search_text = '', name_sort = ''",
		"UPDATE projects SET text_version = 0, title_key = ''",
		"UPDATE tags SET text_version = 0, search_text = ''", "UPDATE deleted_tags SET text_version = 0, search_text = ''",
	} {
		if _, err := db.exec(ctx, db.query(text)); err != nil {
			return err
		}
	}
	return nil
}

// HasSamples reports whether an analysis left any on SQLite.
func (db *DB) HasSamples(ctx context.Context) (bool, error) {
	n, err := db.count(ctx, db.fixed(db.dialect.exists, samples))
	return n > 0, err
}

// LockFor gives those who wait for SQLite's lock so long, until it is called back.
func LockFor(patience time.Duration) (back func()) {
	before := sqliteDialect.lockPatience
	sqliteDialect.lockPatience = patience
	return func() { sqliteDialect.lockPatience = before }
}

// Hold keeps everybody off the SQLite store in a directory until release.
var Hold = hold

// NoRow reads a row that there is not.
func (db *DB) NoRow(ctx context.Context) error {
	var n int
	return db.row(ctx, db.query("SELECT 1 WHERE 1 = 0"), &n)
}

// Rows is how many rows a table has.
func (db *DB) Rows(ctx context.Context, table string) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM "+table))
}

// Ask asks for one number.
func (db *DB) Ask(ctx context.Context, text string) error {
	var n int64
	return db.row(ctx, db.query(text), &n)
}

// Do carries out a statement.
func (db *DB) Do(ctx context.Context, text string) error {
	_, err := db.exec(ctx, db.query(text))
	return err
}

// Migrations are the files of the schema, and Statements what a part of one says.
func Migrations() fs.FS { return migrations }

func Statements(text string) []string { return statements(text) }

// Overlay puts a file beside the migrations, or an empty text nothing, until the returned
// function is called.
func Overlay(name, text string) (forget func()) {
	forget = func() { migrations = embedded }
	forget()
	if text == "" {
		return forget
	}
	with := fstest.MapFS{name: {Data: []byte(text)}}
	files, err := fs.Glob(embedded, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(embedded, file)
		if err != nil {
			panic(err)
		}
		with[file] = &fstest.MapFile{Data: text}
	}
	migrations = with
	return forget
}

// Dir is where a SQLite store is.
func (db *DB) Dir() string { return db.dir }

// RulePlans is how the engine means to look for what breaks each rule.
func (db *DB) RulePlans(ctx context.Context) (plans map[string]string, err error) {
	plans = map[string]string{}
	for _, r := range rules {
		q := db.query("SELECT count(*) " + db.dialect.ddl.Replace(r.broken))
		if plans[r.says], err = db.explain(ctx, q); err != nil {
			return nil, err
		}
	}
	return plans, nil
}
