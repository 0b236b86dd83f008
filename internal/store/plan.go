package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
)

// A plan names an exact set of memberships: a digest over their row ids. Row
// ids, not people, so that somebody who left and was added again is a change.

// memberRow is one membership of a plan.
type memberRow struct{ user, row int64 }

// selectedRows is the memberships that s selects, in any order, and what the
// expression comes to for all of them together. The engine hands them over as
// one text: a hundred thousand rows cost one, not one each.
func (db *DB) selectedRows(ctx context.Context, p roster.Project, s roster.Selector,
	summed string) (rows []memberRow, sum int, err error) {
	q := db.query("SELECT string_agg(CAST(pm.user_id AS TEXT) || ':' || CAST(pm.id AS TEXT), ','), COALESCE(sum(" +
		summed + "), 0)")
	appendSelected(q, p, s)
	var text sql.NullString
	if err := db.row(ctx, q, &text, &sum); err != nil || text.String == "" {
		return nil, 0, err
	}
	rows = make([]memberRow, 0, strings.Count(text.String, ",")+1)
	for pair := range strings.SplitSeq(text.String, ",") {
		user, row, _ := strings.Cut(pair, ":")
		r := memberRow{}
		r.user, _ = strconv.ParseInt(user, 10, 64)
		r.row, _ = strconv.ParseInt(row, 10, 64)
		rows = append(rows, r)
	}
	return rows, sum, nil
}

// pack writes rows compactly: two differences each.
func pack(rows []memberRow) []byte {
	out := make([]byte, 0, 4*len(rows))
	var last memberRow
	for _, r := range rows {
		out = binary.AppendVarint(out, r.user-last.user)
		out = binary.AppendVarint(out, r.row-last.row)
		last = r
	}
	return out
}

// unpack reads what pack wrote, and reports whether it is whole.
func unpack(b []byte) (rows []memberRow, whole bool) {
	var last memberRow
	for len(b) > 0 {
		user, n := binary.Varint(b)
		row, m := binary.Varint(b[max(n, 0):])
		if n <= 0 || m <= 0 {
			return nil, false
		}
		last = memberRow{last.user + user, last.row + row}
		rows = append(rows, last)
		b = b[n+m:]
	}
	return rows, true
}

// Plan is the set of people an unassign would remove now, and what that does.
type Plan struct {
	Token           string
	Users           []int64
	KeepByWorkspace int     // of them: still have access through the workspace
	KeepByRole      int     // of them: still have access as Owner or Administrator
	OpenAssignments int     // would be dropped: those of people without access left
	Keepers         []int64 // who keep access
	Dormant         int     // memberships of deactivated people that would end besides
	DormantUsers    []int64 // and whose
	rows            []memberRow
}

// openAssignments is how many tasks are assigned to a member pm.
const openAssignments = `(SELECT count(*) FROM assignments a
 WHERE a.project_id = pm.project_id AND a.user_id = pm.user_id AND a.tenure = COALESCE(pm.tenure, pm.id))`

// MakePlan finds the memberships that s selects and gives the set a name. The
// selection is the dear part and runs once: who keeps access is read apart,
// being few, and taken off here.
func (db *DB) MakePlan(ctx context.Context, p roster.Project, s roster.Selector) (plan Plan, err error) {
	rows, open, err := db.planned(ctx, p, s, openAssignments)
	if err != nil {
		return Plan{}, err
	}
	plan = Plan{rows: rows, Users: make([]int64, 0, len(rows)), Token: digest(p, rows), OpenAssignments: open}
	for _, r := range rows {
		if r.dormant() {
			plan.Dormant++
			plan.DormantUsers = append(plan.DormantUsers, r.user)
		} else {
			plan.Users = append(plan.Users, r.user)
		}
	}
	q := db.query("SELECT k.user_id, k.path, "+ableKeeper+", COALESCE((SELECT "+openAssignments+
		" FROM project_members pm WHERE pm.project_id = ? AND pm.user_id = k.user_id AND {{active pm}}), 0) FROM ",
		p.OrganizationID, p.ID)
	appendStanding(q, p).add(" AS k")
	err = db.each(ctx, q, func(s scanner) error {
		var user int64
		var path roster.Path
		var able bool
		var theirs int
		if err := s.Scan(&user, &path, &able, &theirs); err != nil {
			return err
		}
		if _, found := slices.BinarySearch(plan.Users, user); found {
			plan.OpenAssignments -= theirs
			if able { // whoever cannot work keeps what they have, and no access
				plan.keep(user, path)
			}
		}
		return nil
	})
	return plan, err
}

// keep counts somebody who stays by another path.
func (p *Plan) keep(user int64, path roster.Path) {
	p.Keepers = append(p.Keepers, user)
	if path == roster.PathWorkspace {
		p.KeepByWorkspace++
	} else {
		p.KeepByRole++
	}
}

// digest is the token of a set: the same set has the same.
func digest(p roster.Project, rows []memberRow) string {
	h := sha256.New()
	h.Write(binary.AppendVarint(nil, p.ID))
	h.Write(pack(rows))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// SavePlan keeps a plan until it expires, so that a later difference can be told.
func (db *DB) SavePlan(ctx context.Context, p roster.Project, plan Plan, expires time.Time) error {
	_, err := db.exec(ctx,
		db.query("INSERT INTO plans (token, project_id, members, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (token)"+
			" DO UPDATE SET expires_at = excluded.expires_at",
			plan.Token, p.ID, pack(plan.rows), micros(expires)))
	return err
}

// ComparePlan tells how the set that s selects now differs from the plan's;
// nil when it is the same set.
func (db *DB) ComparePlan(ctx context.Context, p roster.Project, s roster.Selector, token string,
	now time.Time) (*roster.PlanChange, error) {
	var packed []byte
	err := db.find(ctx, db.query("SELECT members FROM plans WHERE token = ? AND project_id = ? AND expires_at > ?",
		token, p.ID, micros(now)), &packed)
	if isNotFound(err) {
		return &roster.PlanChange{}, nil
	}
	if err != nil {
		return nil, err
	}
	planned, whole := unpack(packed)
	if !whole { // the store was damaged: it cannot be told who was meant
		return &roster.PlanChange{}, nil
	}
	rows, _, err := db.planned(ctx, p, s, "0")
	if err != nil {
		return nil, err
	}
	return difference(planned, rows), nil
}

// difference compares two sets of memberships, both by person. Whose membership became
// dormant is gone, and whose is not so any more was added.
func difference(planned, now []memberRow) *roster.PlanChange {
	if slices.Equal(planned, now) {
		return nil
	}
	change := &roster.PlanChange{Known: true}
	was, is := setOf(planned), setOf(now)
	for _, r := range now {
		if !was[r] && !(r.dormant() && was[r.turned()]) {
			change.AddedCount++
			change.Added = firstHundred(change.Added, r.user)
		}
	}
	for _, r := range planned {
		if !is[r] && !(r.dormant() && is[r.turned()]) {
			change.GoneCount++
			change.Gone = firstHundred(change.Gone, r.user)
		}
	}
	return change
}

func setOf(rows []memberRow) map[memberRow]bool {
	set := make(map[memberRow]bool, len(rows))
	for _, r := range rows {
		set[r] = true
	}
	return set
}

func firstHundred(ids []int64, id int64) []int64 {
	if len(ids) < 100 {
		return append(ids, id)
	}
	return ids
}
