package store

import (
	"context"
	"fmt"
	"strings"
)

// rule is what holds in every store, whatever was done to it, and the rows that break it.
type rule struct {
	says   string
	row    string // what such a row is called
	id     string // its number
	broken string // FROM … WHERE …
}

// nobodysOperation is the condition that a column names an operation that there is not.
func nobodysOperation(column string) string {
	return column + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.id = " + column + ")"
}

var rules = []rule{
	{"who begins or ends a membership of a project is written down", "row of project_members", "pm.id",
		"FROM project_members pm WHERE " + nobodysOperation("pm.added_by") + " OR " + nobodysOperation("pm.removed_by")},
	{
		"a membership of a project ends after it began", "row of project_members", "pm.id",
		"FROM project_members pm WHERE pm.removed_by < pm.added_by",
	},
	{"who is in a project is in its organization", "row of project_members",
		"pm.id", `FROM project_members pm JOIN projects p ON p.id = pm.project_id WHERE {{active pm}}
 AND NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = p.organization_id
 AND om.user_id = pm.user_id)`},
	{"a membership is of a project that there is", "row of project_members", "pm.id",
		"FROM project_members pm WHERE NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = pm.project_id)"},
	{"a person has one standing in a project at a time", "project", "pm.project_id",
		"FROM (SELECT project_id FROM project_members WHERE {{active}}" +
			" GROUP BY project_id, user_id HAVING count(*) > 1) pm WHERE 1 = 1"},
	{"who begins or ends a membership of a workspace is written down", "row of workspace_members", "wm.id",
		"FROM workspace_members wm WHERE " + nobodysOperation("wm.added_by") + " OR " + nobodysOperation("wm.removed_by")},
	{"a membership is of a workspace that there is", "row of workspace_members", "wm.id",
		"FROM workspace_members wm WHERE NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id = wm.workspace_id)"},
	{"a person has one membership of a workspace at a time", "workspace", "wm.workspace_id",
		"FROM (SELECT workspace_id FROM workspace_members WHERE {{active}}" +
			" GROUP BY workspace_id, user_id HAVING count(*) > 1) wm WHERE 1 = 1"},
	{"what goes on in a project began there, with the same person, and before", "row of project_members",
		"pm.id", `FROM project_members pm WHERE pm.tenure IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM project_members f WHERE f.id = pm.tenure AND f.id < pm.id
 AND f.project_id = pm.project_id AND f.user_id = pm.user_id)`},
	{"what goes on in a project names the operation that began it", "row of project_members", "pm.id",
		"FROM project_members pm WHERE " + nobodysOperation("pm.began_by")},
	{"a plan is of a project that there is", "project", "pl.project_id",
		"FROM plans pl WHERE NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = pl.project_id)"},
	{"a key has 1 to 255 characters, and an answer that can be given again", "person", "k.user_id",
		`FROM idempotency_keys k WHERE length(k.key) NOT BETWEEN 1 AND 255
 OR k.status NOT BETWEEN 200 AND 599 OR length(k.body) > 4194304`},
	{"what became of people belongs to an operation", "operation", "x.operation_id",
		"FROM outcomes x WHERE " + nobodysOperation("x.operation_id")},
	{"an operation says how many it took off a project", "operation",
		"o.id", `FROM operations o WHERE o.kind = 'unassign' AND o.project_id IS NOT NULL AND o.workspace_id IS NULL
 AND o.changed + o.dormant <> (SELECT count(*) FROM project_members pm WHERE pm.removed_by = o.id AND pm.explicit)`},
	{"what is taken back was done, in the same organization and before", "operation",
		"o.id", `FROM operations o WHERE o.undoes IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM operations was WHERE was.id = o.undoes
 AND was.organization_id = o.organization_id AND was.id < o.id)`},
	{"a project's workspace is of its organization", "project", "p.id",
		"FROM projects p JOIN workspaces w ON w.id = p.workspace_id WHERE w.organization_id <> p.organization_id"},
	{"a person wears the tags of their organizations", "person",
		"mt.user_id", `FROM member_tags mt JOIN tags t ON t.id = mt.tag_id
 WHERE NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = t.organization_id
 AND om.user_id = mt.user_id)`},
	{"an organization has one owner", "organization", "og.id", `FROM organizations og
 WHERE (SELECT count(*) FROM organization_members om WHERE om.organization_id = og.id AND {{owner om}}) <> 1`},
	{"who works in an organization is in it", "person", "u.id", `FROM users u WHERE u.active_organization IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = u.active_organization
 AND om.user_id = u.id AND om.deleted_at IS NULL)`},
}

// Broken is a rule that does not hold in a store, and where.
type Broken struct {
	Rule  string
	Count int
	Where []string // the first ten
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
		for _, pragma := range db.dialect.integrity {
			if err := see(tx.verifyFile(ctx, pragma)); err != nil {
				return err
			}
		}
		for _, r := range rules {
			if err := see(tx.verifyRule(ctx, r)); err != nil {
				return err
			}
		}
		return nil
	})
	return broken, err
}

func (db *DB) verifyRule(ctx context.Context, r rule) (b Broken, err error) {
	b.Rule = r.says
	if b.Count, err = db.count(ctx, db.query("SELECT count(*) "+r.broken)); err != nil || b.Count == 0 {
		return b, err
	}
	q := db.query("SELECT DISTINCT "+r.id+" "+r.broken+" ORDER BY 1 LIMIT ?", namedBroken)
	b.Where, err = collect(ctx, db, q, func(s scanner) (string, error) {
		var id int64
		err := s.Scan(&id)
		return fmt.Sprintf("%s %d", r.row, id), err
	})
	return b, err
}

// verifyFile has the engine look at its own file: each row that it answers is something
// wrong, but a single "ok".
func (db *DB) verifyFile(ctx context.Context, pragma string) (b Broken, err error) {
	b.Rule = "the database file is whole (" + strings.ToLower(strings.TrimPrefix(pragma, "PRAGMA ")) + ")"
	b.Where, err = collect(ctx, db, db.query(pragma), func(s scanner) (said string, err error) {
		return said, s.Scan(&said)
	})
	if len(b.Where) == 1 && b.Where[0] == "ok" {
		b.Where = nil
	}
	b.Count = len(b.Where)
	b.Where = b.Where[:min(len(b.Where), namedBroken)]
	return b, db.Damaged(err)
}
