package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"

	"roster"
)

// Who could see a project in a span of time is what three lives have in common
// at some moment of it: the person's role in the organization, a path to
// the project, and the project's stay where the path leads.

// forever is the end of what has not ended.
const forever = "9223372036854775807"

// spell is a time that a project spent in one workspace, or in none (0).
type spell struct {
	workspace    int64
	owner        int64 // of a personal workspace; 0: it is nobody's
	since, until int64
}

// spells is where p was during a span: the first is told by where the first
// move came from, the others by where the moves went.
func (db *DB) spells(ctx context.Context, p roster.Project, span roster.Span) ([]spell, error) {
	list := []spell{{workspace: p.WorkspaceID, since: micros(p.CreatedAt)}}
	q := db.query("SELECT at, COALESCE(workspace_id, 0), selector FROM operations WHERE project_id = ?"+
		" AND kind = 'project_move' ORDER BY id", p.ID)
	err := db.each(ctx, q, func(s scanner) error {
		var at, to int64
		var selector string
		if err := s.Scan(&at, &to, &selector); err != nil {
			return err
		}
		if len(list) == 1 {
			var moved struct{ From int64 }
			if err := json.Unmarshal([]byte(selector), &moved); err != nil {
				return err
			}
			list[0].workspace = moved.From
		}
		list[len(list)-1].until = at
		list = append(list, spell{workspace: to, since: at})
		return nil
	})
	if err != nil {
		return nil, err
	}
	list[len(list)-1].until = math.MaxInt64
	var within []spell
	for _, s := range list {
		if s.since < micros(span.Until) && s.until > micros(span.Since) {
			within = append(within, s)
		}
	}
	return within, db.fillOwners(ctx, within)
}

// fillOwners finds out which workspaces are personal, and whose.
func (db *DB) fillOwners(ctx context.Context, list []spell) error {
	var ids []int64
	for _, s := range list {
		ids = append(ids, s.workspace)
	}
	return db.each(ctx, db.query("SELECT id, created_by FROM workspaces WHERE is_personal AND ").anyOf("id", ids),
		func(s scanner) error {
			var id, owner int64
			err := s.Scan(&id, &owner)
			for i := range list {
				if list[i].workspace == id {
					list[i].owner = owner
				}
			}
			return err
		})
}

// appendChangesIn appends how the roles of people in an organization followed one
// another: user_id, at, op, and the role before and after ("" deleted, null
// unknown). Who never changed is not there.
func appendChangesIn(q *query, organization int64) {
	q.add(`SELECT x.user_id, o.at, o.id AS op,
 CASE WHEN x.result IN ('assigned', 'restored') THEN '' ELSE NULLIF(x.role_before, '') END AS before,
 CASE WHEN x.result = 'removed' THEN '' ELSE NULLIF(x.role_after, '') END AS after
FROM operations o CROSS JOIN outcomes x
WHERE o.organization_id = ? AND o.project_id IS NULL AND o.workspace_id IS NULL AND x.operation_id = o.id AND `+
		ofOrganization, organization)
}

// appendRolesIn appends the roles that people could work with in an organization
// during a span, each with the time it was theirs. A role is told by the change
// that gave it, else by the change that took it, else by what it is now. The
// many who never changed are not put in order.
func appendRolesIn(q *query, organization int64, span roster.Span) {
	const now = "CASE WHEN om.deleted_at IS NULL THEN om.role ELSE '' END"
	q.add(`SELECT user_id, since, until, role FROM (
SELECT om.user_id, om.created_at AS since, `+forever+` AS until, `+now+` AS role FROM organization_members om
 WHERE om.organization_id = ? AND om.user_id NOT IN (SELECT user_id FROM changes)
UNION ALL SELECT e.user_id, e.at, COALESCE(lead(e.at) OVER turns, `+forever+`),
 CASE WHEN lead(e.at) OVER turns IS NULL THEN e.now ELSE COALESCE(e.after, lead(e.before) OVER turns, e.now) END
FROM (SELECT om.user_id, om.created_at AS at, 0 AS op, CAST(NULL AS TEXT) AS before, CAST(NULL AS TEXT) AS after, `+
		now+` AS now
 FROM organization_members om WHERE om.organization_id = ? AND om.user_id IN (SELECT user_id FROM changes)
 UNION ALL SELECT c.user_id, c.at, c.op, c.before, c.after, `+now+`
 FROM changes c JOIN organization_members om ON om.organization_id = ? AND om.user_id = c.user_id) AS e
WINDOW turns AS (PARTITION BY e.user_id ORDER BY e.op)) AS turned
WHERE since < ? AND until > ? AND since < until AND role NOT IN ('', 'DI', 'NO')`,
		organization, organization, organization, micros(span.Until), micros(span.Since))
}

// appendPathsIn appends how people came to p during a span: user_id, path, and since
// when until when the path was open to those whose role lets them take it.
func appendPathsIn(q *query, p roster.Project, stays []spell, span roster.Span) {
	since, until := micros(span.Since), micros(span.Until)
	q.add(`SELECT m.user_id, 'direct' AS path, o.at AS since, `+
		forever+` AS until FROM project_members m CROSS JOIN operations o
WHERE m.project_id = ? AND {{explicit m}} AND o.id = m.added_by`, p.ID)
	appendPast(q.add("\nUNION ALL SELECT ended.user_id, 'direct', o.at, ended.until"+
		" FROM (SELECT m.user_id, m.added_by, ends.at AS until FROM "), p)
	q.add(" AND m.explicit AND ends.at > ?) AS ended CROSS JOIN operations o WHERE o.id = ended.added_by AND o.at < ?",
		since, until)
	if !p.Mirrored {
		q.add("\nUNION ALL SELECT CAST(? AS BIGINT), 'creator', CAST(? AS BIGINT), COALESCE(CAST(? AS BIGINT), "+forever+")",
			p.CreatedBy.ID, micros(p.CreatedAt), nullMicros(p.MakerUntil))
	}
	for _, s := range stays {
		q.add(`
UNION ALL SELECT s.user_id, 'role', CAST(? AS BIGINT), CAST(? AS BIGINT) FROM roles_held s WHERE {{sees all s}}`,
			s.since, s.until)
		if s.owner != 0 {
			q.add(" AND s.user_id = ?", s.owner)
		}
		q.add(`
UNION ALL SELECT wm.user_id, 'workspace', CASE WHEN b.at > ? THEN b.at ELSE ? END, CASE WHEN e.at < ? THEN e.at
 ELSE ? END
FROM workspace_members wm JOIN operations b ON b.id = wm.added_by LEFT JOIN operations e ON e.id = wm.removed_by
 WHERE wm.workspace_id = ?`,
			s.since, s.since, s.until, s.until, s.workspace)
	}
}

// appendAccessIn appends whose role let them take one of the paths during a span, as
// could, with their account, as u.
func appendAccessIn(q *query, span roster.Span, f roster.PastFilter) *query {
	q.add(`(SELECT s.user_id, max(CASE t.path WHEN 'direct' THEN 1 ELSE 0 END) AS direct, max(CASE t.path
 WHEN 'workspace' THEN 1 ELSE 0 END) AS inside,
 max(CASE t.path WHEN 'role' THEN 1 ELSE 0 END) AS ranked, max(CASE t.path WHEN 'creator' THEN 1 ELSE 0 END) AS made,
 min(CASE WHEN t.since > s.since THEN t.since ELSE s.since END) AS begun,
 max(s.since * 10 + CASE s.role WHEN 'OW' THEN 1 WHEN 'AD' THEN 2 WHEN 'MA' THEN 3 WHEN 'RE' THEN 4
 WHEN 'AN' THEN 5 ELSE 0 END) AS latest
FROM roles_held s JOIN paths t ON t.user_id = s.user_id
WHERE t.since < t.until AND t.since < ? AND t.until > ? AND t.since < s.until AND s.since < t.until
 AND (t.path IN ('direct', 'workspace') OR (t.path = 'role' AND {{sees all s}}) OR (t.path = 'creator'
 AND s.role = 'MA'))
GROUP BY s.user_id) AS could JOIN users u ON u.id = could.user_id WHERE 1 = 1`, micros(span.Until), micros(span.Since))
	for _, term := range Terms(f.Search) {
		q.add(` AND u.search_text LIKE ? ESCAPE '\'`, contains(term))
	}
	if column := wayColumns[f.Way]; column != "" {
		q.add(" AND " + column + " > 0")
	}
	if f.IDs != nil {
		q.add(" AND ").anyOf("u.id", f.IDs)
	}
	if len(f.But) > 0 {
		q.add(" AND NOT (").anyOf("u.id", f.But).add(")")
	}
	return q
}

// wayColumns are where accessIn says who came by which way.
var wayColumns = map[roster.PastWay]string{
	roster.PastDirect: "direct", roster.PastWorkspace: "inside", roster.PastRole: "ranked", roster.PastCreator: "made",
}

// latestRoles are the roles by the last digit of what accessIn says was the latest.
var latestRoles = map[int64]roster.Role{
	0: roster.RoleViewOnly, 1: roster.RoleOwner, 2: roster.RoleAdministrator, 3: roster.RoleManager,
	4: roster.RoleReviewer, 5: roster.RoleAnnotator,
}

// PastAccessIDs is everybody who could see p at some time of a span.
func (db *DB) PastAccessIDs(ctx context.Context, p roster.Project, span roster.Span) ([]int64, error) {
	q, err := db.pastAccess(ctx, "u.id, NULL", p, span, roster.PastFilter{})
	if err != nil {
		return nil, err
	}
	return db.ids(ctx, q)
}

// pastAccess asks for columns of who could see p during a span.
func (db *DB) pastAccess(ctx context.Context, columns string, p roster.Project, span roster.Span,
	f roster.PastFilter) (*query, error) {
	stays, err := db.spells(ctx, p, span)
	if err != nil {
		return nil, err
	}
	q := db.query("WITH changes AS (")
	appendChangesIn(q, p.OrganizationID)
	appendRolesIn(q.add("),\nroles_held AS ("), p.OrganizationID, span)
	appendPathsIn(q.add("),\npaths AS ("), p, stays, span)
	return appendAccessIn(q.add(")\nSELECT "+columns+" FROM "), span, f), nil
}

// CountPastAccess is how many people could see p at some time of a span, and
// match the search.
func (db *DB) CountPastAccess(ctx context.Context, p roster.Project, span roster.Span,
	f roster.PastFilter) (int, error) {
	q, err := db.pastAccess(ctx, "count(*)", p, span, f)
	if err != nil {
		return 0, err
	}
	return db.count(ctx, q)
}

// EachPastAccess hands them to fn, one page of them, with how many there are in
// all: a page and its count are one question, because the answer is dear.
func (db *DB) EachPastAccess(ctx context.Context, p roster.Project, span roster.Span, f roster.PastFilter,
	page roster.Page, fn func(a roster.PastAccess, total int) error) error {
	q, err := db.pastAccess(ctx,
		fmt.Sprintf(`u.id, u.email, u.first_name, u.last_name, direct, inside, ranked, made, begun, latest, count(*) OVER (),
 EXISTS (SELECT 1 FROM organization_members gone WHERE gone.organization_id = %d AND gone.user_id = u.id
 AND gone.deleted_at IS NOT NULL)`, p.OrganizationID), p, span, f)
	if err != nil {
		return err
	}
	return db.each(ctx, q.add(" ORDER BY u.name_sort"+descending(page.Order)+", u.id").limited(page),
		func(s scanner) error {
			var a roster.PastAccess
			var direct, inside, ranked, made, total int
			var latest int64
			var begun sql.NullInt64
			if err := s.Scan(&a.User.ID, &a.User.Email, &a.User.FirstName, &a.User.LastName, &direct, &inside, &ranked,
				&made, &begun, &latest, &total, &a.Deleted); err != nil {
				return err
			}
			a.Explicit, a.InWorkspace, a.ByRole, a.Creator = direct > 0, inside > 0, ranked > 0, made > 0
			a.Since, a.Role = moment(begun), latestRoles[latest%10]
			return fn(a, total)
		})
}
