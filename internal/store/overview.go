package store

import (
	"context"
	"time"

	"roster"
)

// Waits asks all of that in one statement. Inactive are those who did nothing since a time,
// and so many are named at most.
func (db *DB) Waits(ctx context.Context, organization int64, inactive time.Time, most int) (w roster.Waits, err error) {
	totals := map[string]*int{"people": &w.People, "inactive": &w.Inactive, "never": &w.Never, "waiting": &w.Waiting,
		"invited": &w.Invited, "unmanaged": &w.UnmanagedTotal, "idle": &w.IdleTotal}
	err = db.each(ctx, waiting(db, organization, inactive, most), func(s scanner) error {
		var what, title string
		var n int
		var u roster.User
		err := s.Scan(&what, &n, &u.ID, &title, &u.Email, &u.FirstName, &u.LastName)
		if total := totals[what]; total != nil {
			*total = n
		}
		switch what {
		case "unmanaged":
			w.Unmanaged = append(w.Unmanaged, roster.Project{ID: u.ID, Title: title})
		case "idle":
			w.Idle = append(w.Idle, u)
		}
		return err
	})
	return w, err
}

// waiting has a row for each number, and one for each project or person who is named.
func waiting(db *DB, organization int64, inactive time.Time, most int) *query {
	q := db.query("SELECT what, n, id, title, email, first_name, last_name FROM (")
	for _, c := range []struct {
		what string
		f    roster.MemberFilter
	}{
		{"people", roster.MemberFilter{}}, {"inactive", roster.MemberFilter{Ability: roster.Able, ActiveTo: &inactive}},
		{"never", roster.MemberFilter{Ability: roster.Able, NeverActive: true}},
		{"waiting", roster.MemberFilter{Ability: roster.Waiting}},
	} {
		s, f := peopleOf(organization, c.f)
		q.add("SELECT '" + c.what + "' AS what, 0 AS place, ")
		s.appendCount(q, f)
		q.add(" AS n, 0 AS id, '' AS title, '' AS email, '' AS first_name, '' AS last_name\nUNION ALL ")
	}
	appendInvitationMatch(q.add("SELECT 'invited', 0, count(*), 0, '', '', '', '' FROM invitations i"), organization,
		roster.InvitationFilter{State: roster.InvitationWaiting})
	appendUnmanaged(q.add("\nUNION ALL SELECT 'unmanaged', row_number() OVER (ORDER BY x.title_key, x.id), x.total,"+
		" x.id, x.title, '', '', '' FROM ("), organization, most)
	appendWithoutWork(q.add(") AS x\nUNION ALL SELECT 'idle', row_number() OVER (ORDER BY x.name_sort, x.id), x.total,"+
		" x.id, '', x.email, x.first_name, x.last_name FROM ("), organization,
		"u.id, u.email, u.first_name, u.last_name, u.name_sort, count(*) OVER () AS total",
		roster.Page{Number: 1, Size: most})
	return q.add(") AS x) AS every ORDER BY what, place")
}
