package store

import (
	"context"
	"strings"

	"roster"
)

// listed is the ids of one page of people out of disjoint sources, and how many there are
// in all. Where neither is known before everybody was looked at, one look tells both.
func (db *DB) listed(ctx context.Context, sources []source, f roster.MemberFilter, page roster.Page) (ids []int64,
	total int, err error) {
	switch {
	case page.Offset() == 0 && page.Size >= roster.Everything.Size:
		ids, err = db.ids(ctx, db.pageOf(sources, f, page))
		return ids, len(ids), err
	case looksAtAll(sources[0], f, page):
		if ids, err = db.idsBeside(ctx, db.countedPageOf(sources, f, page), &total); err != nil || len(ids) > 0 ||
			page.Number == 1 {
			return ids, total, err
		}
	}
	if total, err = db.countOf(ctx, sources, f); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	ids, err = db.ids(ctx, db.pageOf(sources, f, page))
	return ids, total, err
}

// looksAtAll reports whether a page is sorted by what no index has, out of people whom no
// index counts.
func looksAtAll(s source, f roster.MemberFilter, page roster.Page) bool {
	key, _ := sortKey(s, page.Order)
	unknown := readsUsers(f) || readsMembership(f) || f.Tags != nil || f.Sight != nil || f.SharedWith != nil
	return unknown && key != "" && key != s.id()
}

// appendWalk is how far a source is read in the order of its index.
type walk int

const (
	anyOrder walk = iota
	fewSteps
	manySteps
)

// nearby is how far into a list looking for the inactive one by one is cheaper than
// reading them all beside it.
const nearby = 5000

func walked(s source, key string, f roster.MemberFilter, page roster.Page) walk {
	switch {
	case key != s.id() || readsUsers(f):
		return anyOrder
	case page.Offset() < nearby:
		return fewSteps
	}
	return manySteps
}

// pageOf finds the ids of one page of people out of disjoint sources.
func (db *DB) pageOf(sources []source, f roster.MemberFilter, page roster.Page) *query {
	if key, _ := sortKey(sources[0], page.Order); key == "" {
		page.Order = "id"
	}
	if len(sources) > 1 && isByID(page.Order) && page.Offset() < nearby {
		return db.nearPageOf(sources, f, page)
	}
	q := db.query("")
	for i, s := range sources {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		db.dialect.part(q, func() { s.appendWalk(q, f, page) }, func() { appendPageEnd(q, page) })
	}
	return q.add(ranked(page.Order, "user_id")).limited(page)
}

// nearPageOf is pageOf by id, near the beginning. Who of the other sources comes after all that
// the first one has on the page is not on it, and need not be looked at.
func (db *DB) nearPageOf(sources []source, f roster.MemberFilter, page roster.Page) *query {
	last := "<= (SELECT CASE WHEN count(*) = ? THEN max(user_id) ELSE 9223372036854775807 END FROM near)"
	if strings.HasPrefix(page.Order, "-") {
		last = ">= (SELECT CASE WHEN count(*) = ? THEN min(user_id) ELSE 0 END FROM near)"
	}
	q := db.query("WITH near AS MATERIALIZED (")
	sources[0].appendWalk(q, f, page)
	appendPageEnd(q, page)
	q.add(")\nSELECT * FROM near")
	for _, s := range sources[1:] {
		q.add("\nUNION ALL\n")
		db.dialect.part(q, func() {
			s.appendWalk(q, f, page)
			q.add(" AND "+s.id()+" "+last, page.Offset()+page.Size)
		}, func() { appendPageEnd(q, page) })
	}
	return q.add(ranked(page.Order, "user_id")).limited(page)
}

// appendWalk appends the people of the source with what they are sorted by.
func (s source) appendWalk(q *query, f roster.MemberFilter, page roster.Page) {
	key, table := sortKey(s, page.Order)
	s.walked = walked(s, key, f, page)
	// the driving table's own id column, so that its index gives the order
	s.appendMatch(q.add("SELECT "+s.id()+" AS user_id, "+key+" AS sort_key"), f, table)
}

// appendPageEnd appends that no more of them are wanted than up to the end of the page.
func appendPageEnd(q *query, page roster.Page) {
	q.add(ranked(page.Order, "user_id")+" LIMIT ?", page.Offset()+page.Size)
}

// countedPageOf finds the same, each id with how many people there are in all.
func (db *DB) countedPageOf(sources []source, f roster.MemberFilter, page roster.Page) *query {
	q := db.query("WITH found AS MATERIALIZED (")
	for i, s := range sources {
		if i > 0 {
			q.add("\nUNION ALL\n")
		}
		s.appendWalk(q, f, page)
	}
	q.add(")\nSELECT user_id, (SELECT count(*) FROM found) FROM found")
	return q.add(ranked(page.Order, "user_id")).limited(page)
}

// ids reads the first column of every row, letting a second one pass.
func (db *DB) ids(ctx context.Context, q *query) ([]int64, error) {
	return db.idsBeside(ctx, q, new(any))
}

// idsBeside reads the first column of every row, and the second one into beside.
func (db *DB) idsBeside(ctx context.Context, q *query, beside any) ([]int64, error) {
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id, beside)
		return id, err
	})
}

// sortKey is the column a member list is ordered by, and which of u and om it is
// in; "" when there is none of that name.
func sortKey(s source, order string) (key, table string) {
	name := strings.TrimPrefix(order, "-")
	switch name {
	case "id":
		return s.id(), ""
	case "role":
		return s.role, "om"
	}
	if key, ok := userKeys[name]; ok {
		return key, "u"
	}
	return "", ""
}

// isByID reports whether an order is that of ids.
func isByID(order string) bool { return strings.TrimPrefix(order, "-") == "id" }

// NameAlone is the order by name that tells nothing of the e-mails of people without one.
const NameAlone = "name_alone"

// userKeys are the columns of users to order by: people by name as a reader would
// have them, and addresses and usernames by their bytes. Who has no name is sorted by
// their e-mail among the names.
var userKeys = map[string]string{
	"email": "u.email", "username": "u.username", "name": "u.name_sort", "last_name": "u.family_sort",
	"first_name": "CASE WHEN u.first_name = '' THEN '' ELSE u.name_sort END",
	// for who may not know e-mails: people without a name come first, in no order of their own
	NameAlone:       "CASE WHEN u.first_name = '' AND u.last_name = '' THEN '' ELSE u.name_sort END",
	"last_activity": "u.last_activity", "date_joined": "u.date_joined",
}

// ranked is the ORDER BY of a page: the key with never-set values last in both
// directions, ties by id.
func ranked(order string, tie string) string {
	if order == "" || isByID(order) {
		if strings.HasPrefix(order, "-") {
			return " ORDER BY " + tie + " DESC"
		}
		return " ORDER BY " + tie
	}
	direction := " ASC"
	if strings.HasPrefix(order, "-") {
		direction = " DESC"
	}
	return " ORDER BY sort_key" + direction + " NULLS LAST, " + tie
}
