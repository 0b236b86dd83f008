package store

import (
	"context"
	"fmt"

	"roster"
)

// Broken is a rule that does not hold in a store, and where.
type Broken struct {
	Rule  string   `json:"rule"`
	Count int      `json:"count"`           // how often; 0: it holds
	Where []string `json:"where,omitempty"` // the first ten
}

// namedBroken is how many places are named of each rule.
const namedBroken = 10

// Verify reads one state of the whole store, changes nothing, and hands every rule that it
// has looked at to fn; Count 0: it holds. It returns how many do not.
func (db *DB) Verify(ctx context.Context, fn func(Broken)) (broken int, err error) {
	see := func(b Broken, err error) error {
		if err == nil {
			fn(b)
		}
		if b.Count > 0 {
			broken++
		}
		return err
	}
	err = db.View(ctx, func(tx *DB) error {
		for _, a := range db.dialect.integrity {
			if err := see(tx.verifyEngine(ctx, a)); err != nil {
				return err
			}
		}
		for _, r := range rules {
			if err := see(tx.verifyRule(ctx, r)); err != nil {
				return err
			}
		}
		return see(tx.verifyPlans(ctx))
	})
	return broken, err
}

func (db *DB) verifyRule(ctx context.Context, r rule) (b Broken, err error) {
	b.Rule = r.says
	broken := db.dialect.ddl.Replace(r.broken) // which says what {{now}} is
	if b.Count, err = db.count(ctx, db.query("SELECT count(*) "+broken)); err != nil || b.Count == 0 {
		return b, err
	}
	q := db.query("SELECT DISTINCT "+r.id+" "+broken+" ORDER BY 1 LIMIT ?", namedBroken)
	b.Where, err = collect(ctx, db, q, func(s scanner) (string, error) {
		var id int64
		err := s.Scan(&id)
		return fmt.Sprintf("%s %d", r.row, id), err
	})
	return b, err
}

// verifyPlans compares the names of plans with what they hold: an unassign that is bound to
// one takes nobody else.
func (db *DB) verifyPlans(ctx context.Context) (b Broken, err error) {
	b.Rule = "a plan is called by the people whom it holds"
	q := db.query("SELECT token, project_id, members FROM plans ORDER BY token")
	err = db.each(ctx, q, func(s scanner) error {
		var p roster.Project
		var token string
		var packed []byte
		err := s.Scan(&token, &p.ID, &packed)
		if rows, whole := unpack(packed); err == nil && (!whole || digest(p, rows) != token) {
			b.Count++
			b.Where = append(b.Where, "plan "+token)
		}
		return err
	})
	b.Where = b.Where[:min(len(b.Where), namedBroken)]
	return b, err
}

// inquiry is a rule that the engine itself looks after: each row that it answers is something
// wrong, but a single "ok".
type inquiry struct{ says, question string }

func (db *DB) verifyEngine(ctx context.Context, a inquiry) (b Broken, err error) {
	b.Rule = a.says
	b.Where, err = collect(ctx, db, db.query(a.question), func(s scanner) (said string, err error) {
		return said, s.Scan(&said)
	})
	if len(b.Where) == 1 && b.Where[0] == "ok" {
		b.Where = nil
	}
	b.Count = len(b.Where)
	b.Where = b.Where[:min(len(b.Where), namedBroken)]
	return b, db.Damaged(err)
}
