package store

import (
	"context"

	"roster"
)

func (db *DB) countOf(ctx context.Context, sources []source, f roster.MemberFilter) (int, error) {
	return db.count(ctx, db.countingOf(sources, f))
}

func (db *DB) countingOf(sources []source, f roster.MemberFilter) *query {
	q := db.query("SELECT ")
	for i, s := range sources {
		if i > 0 {
			q.add("\n + ")
		}
		s.appendCount(q, f)
	}
	return q
}

// isInactive is the condition that a membership om of an organization is in no list: its
// person is deactivated or deleted. They are few, and have an index.
const isInactive = "{{inactive om}}"

// inactiveAsOM is the table that they are looked for in, before anything else.
func (d *dialect) inactiveAsOM() string {
	return membersAsOM + d.through("organization_members_inactive")
}

// inactive is, as FROM and WHERE, the inactive people of an organization, which is bound.
func (d *dialect) inactive() string {
	return " FROM " + d.inactiveAsOM() + " WHERE om.organization_id = ? AND " + isInactive
}

// amongInactive is the condition that a person is one of the inactive people of an organization,
// where everybody in an index is asked about, in its order ("+" has it read so): those few are
// made a list of once, whichever the projects, and nobody is looked for.
func (d *dialect) amongInactive(person string) string {
	return "+" + person + " IN (SELECT om.user_id" + d.inactive() + ")"
}

// inactiveIn is, as FROM and WHERE, the rows of those in a table with an alias.
func (d *dialect) inactiveIn(table, alias string) string {
	return " FROM " + d.inactiveAsOM() + " CROSS JOIN " + table +
		" WHERE om.organization_id = p.organization_id AND " + isInactive +
		" AND " + alias + ".user_id = om.user_id"
}

// moreThanInactive appends the condition that there are more of some rows than inactive
// people in an organization, without counting the rows. Those are then best counted all
// together, and the few taken off: looking for them row by row takes four times as long.
func (q *query) moreThanInactive(organization int64, rows func()) {
	q.add("(SELECT count(*) FROM (SELECT 1")
	rows()
	q.add(" LIMIT 1 OFFSET (SELECT count(*)"+q.dialect.inactive()+")) AS beyond) > 0", organization)
}

// manyMoreThanInactive is the same where the rows would otherwise all be read, in the order of an
// index that has what is asked: that takes an eighth as long as looking for as many people.
func (q *query) manyMoreThanInactive(organization int64, rows func()) {
	q.add("(SELECT count(*) FROM (SELECT 1")
	rows()
	q.add(" LIMIT 1 OFFSET 8 * (SELECT count(*)"+q.dialect.inactive()+")) AS beyond) > 0", organization)
}

// looksForInactive reports whether the inactive have to be looked for, person by person,
// to be left out.
func (s source) looksForInactive(f roster.MemberFilter) bool {
	return s.organization != 0 && !f.WithInactive && !readsMembership(f)
}

// appendWithoutInactive appends the condition that a person of the source is none of the inactive.
func (s source) appendWithoutInactive(q *query) {
	few := q.dialect.inactive()
	switch s.walked {
	case fewSteps: // PostgreSQL would read the whole organization in order, to find that the next of them is far
		q.add(" AND (SELECT count(*)"+few+" AND om.user_id = "+s.id()+") = 0", s.organization)
	case manySteps:
		q.add(" AND "+q.dialect.notAmong(s.id(), few), s.organization)
	default:
		q.add(" AND NOT EXISTS (SELECT 1"+few+" AND om.user_id = "+s.id()+")", s.organization)
	}
}

// appendCount appends how many people of the source f matches. Where the source has more people
// than there are inactive ones, everybody is counted and the few are taken off: looking
// for them person by person takes four times as long as counting. (Not where the filter
// makes a list of people first, which it would do twice.)
func (s source) appendCount(q *query, f roster.MemberFilter) {
	listed := f.IDs != nil || f.Sight != nil || f.SharedWith != nil
	if listed || !s.looksForInactive(f) {
		s.appendCounted(q, f)
		return
	}
	all := f
	all.WithInactive = true
	q.add("CASE WHEN ").moreThanInactive(s.organization, func() {
		s.where(q.add(" FROM " + s.first + " WHERE "))
	})
	s.appendCounted(q.add("\nTHEN "), all)
	s.among(q.dialect.inactiveAsOM(), isInactive).appendCounted(q.add("\n - "), all)
	s.appendCounted(q.add("\nELSE "), f)
	q.add(" END")
}

// appendCounted appends the same by one look at everybody whom f matches, or by none.
func (s source) appendCounted(q *query, f roster.MemberFilter) {
	if s.whole != nil && asksForNothing(f) {
		s.whole.appendCounted(q, f)
		s.rest.appendCounted(q.add(" - "), f)
		return
	}
	s.appendMatch(q.add("(SELECT count(*)"), f)
	q.add(")")
}

// asksForNothing reports whether f leaves a source as it is.
func asksForNothing(f roster.MemberFilter) bool {
	if !f.WithInactive || f.Sight != nil || f.ExcludeProject != 0 || f.ExcludeWorkspace != 0 {
		return false
	}
	f.Access, f.WithInactive = roster.AnyAccess, false
	return len(f.Given()) == 0
}
