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

// appendAccessIn appends whose role let them take one of the paths during a span, by which,
// since when, and with which role at last.
func appendAccessIn(q *query, span roster.Span) {
	q.add(`SELECT s.user_id, max(CASE t.path WHEN 'direct' THEN 1 ELSE 0 END) AS direct, max(CASE t.path
 WHEN 'workspace' THEN 1 ELSE 0 END) AS inside,
 max(CASE t.path WHEN 'role' THEN 1 ELSE 0 END) AS ranked, max(CASE t.path WHEN 'creator' THEN 1 ELSE 0 END) AS made,
 min(CASE WHEN t.since > s.since THEN t.since ELSE s.since END) AS begun,
 max(s.since * 10 + CASE s.role WHEN 'OW' THEN 1 WHEN 'AD' THEN 2 WHEN 'MA' THEN 3 WHEN 'RE' THEN 4
 WHEN 'AN' THEN 5 ELSE 0 END) AS latest
FROM roles_held s JOIN paths t ON t.user_id = s.user_id
WHERE t.since < t.until AND t.since < ? AND t.until > ? AND t.since < s.until AND s.since < t.until
 AND (t.path IN ('direct', 'workspace') OR (t.path = 'role' AND {{sees all s}}) OR (t.path = 'creator'
 AND s.role = 'MA'))
GROUP BY s.user_id`, micros(span.Until), micros(span.Since))
}

// appendAccessNow appends who can see p as it is: what appendAccessIn comes to for this moment,
// without a look at what was. owner is whose its workspace is; 0: nobody's.
func appendAccessNow(q *query, p roster.Project, owner int64) {
	q.add(`SELECT om.user_id FROM organization_members om WHERE om.organization_id = ? AND om.deleted_at IS NULL
 AND om.role NOT IN ('', 'DI', 'NO') AND (om.user_id IN (
SELECT m.user_id FROM project_members m WHERE m.project_id = ? AND {{explicit m}}
UNION ALL SELECT wm.user_id FROM workspace_members wm WHERE wm.workspace_id = ? AND {{active wm}})
 OR ({{sees all om}}`, p.OrganizationID, p.ID, p.WorkspaceID)
	if owner != 0 {
		q.add(" AND om.user_id = ?", owner)
	}
	q.add(")")
	if !p.Mirrored && p.MakerUntil.IsZero() {
		q.add(" OR (om.role = 'MA' AND om.user_id = ?)", p.CreatedBy.ID)
	}
	q.add(")")
}

// appendMet appends columns of those who could, with their account, as u, whom f leaves.
func appendMet(q *query, columns string, f roster.PastFilter) *query {
	q.add("SELECT " + columns + " FROM could JOIN users u ON u.id = could.user_id WHERE 1 = 1")
	for _, term := range Terms(f.Search) {
		q.add(` AND u.search_text LIKE ? ESCAPE '\'`, contains(term))
	}
	if column := wayColumns[f.Way]; column != "" {
		q.add(" AND " + column + " > 0")
	}
	if f.IDs != nil {
		q.add(" AND ").anyOf("u.id", f.IDs)
	}
	return q.add(besideNow[f.Now])
}

// besideNow is how those who could are held to today.
var besideNow = map[roster.BesideNow]string{
	roster.StillSees:  " AND could.user_id IN (SELECT user_id FROM today)",
	roster.SeesNoMore: " AND could.user_id NOT IN (SELECT user_id FROM today)",
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

// pastAccess begins a question about who could see p during a span, and where they are held
// to today, who can see it now.
func (db *DB) pastAccess(ctx context.Context, p roster.Project, span roster.Span, held bool) (*query, error) {
	stays, err := db.spells(ctx, p, span)
	if err != nil {
		return nil, err
	}
	q := db.query("WITH changes AS (")
	appendChangesIn(q, p.OrganizationID)
	appendRolesIn(q.add("),\nroles_held AS ("), p.OrganizationID, span)
	appendPathsIn(q.add("),\npaths AS ("), p, stays, span)
	appendAccessIn(q.add("),\ncould AS ("), span)
	if held {
		now := []spell{{workspace: p.WorkspaceID}}
		if err := db.fillOwners(ctx, now); err != nil {
			return nil, err
		}
		appendAccessNow(q.add("),\ntoday AS ("), p, now[0].owner)
	}
	return q.add(")\n"), nil
}

// CountPastAccess is how many people could see p at some time of a span, and
// whom f leaves.
func (db *DB) CountPastAccess(ctx context.Context, p roster.Project, span roster.Span,
	f roster.PastFilter) (int, error) {
	q, err := db.pastAccess(ctx, p, span, f.Now != "")
	if err != nil {
		return 0, err
	}
	return db.count(ctx, appendMet(q, "count(*)", f))
}

// metColumns are what is read of those who could, and what stands there where it is nobody.
var metColumns = []struct{ name, none string }{
	{"id", "0"}, {"email", "''"}, {"first_name", "''"}, {"last_name", "''"}, {"direct", "0"}, {"inside", "0"},
	{"ranked", "0"}, {"made", "0"}, {"begun", "0"}, {"latest", "0"}, {"total", "0"}, {"deleted", "FALSE"},
}

// EachPastAccess hands them to fn, one page of them, with how many there are in all: a page
// and its count are one question, because the answer is dear. So is, where f asks for it, how
// many there are of each comparison with today.
func (db *DB) EachPastAccess(ctx context.Context, p roster.Project, span roster.Span, f roster.PastFilter,
	page roster.Page, fn func(a roster.PastAccess, total int) error) (counts roster.PastCounts, err error) {
	q, err := db.pastAccess(ctx, p, span, f.Now != "")
	if err != nil {
		return counts, err
	}
	q.add("SELECT still, met - still, seeing - still")
	for _, c := range metColumns {
		q.add(", COALESCE(" + c.name + ", " + c.none + ")")
	}
	if f.Now == "" {
		q.add("\nFROM (SELECT 0 AS met, 0 AS still, 0 AS seeing) AS n")
	} else {
		q.add(`
FROM (SELECT (SELECT count(*) FROM could) AS met, (SELECT count(*) FROM today) AS seeing,
 (SELECT count(*) FROM today WHERE user_id IN (SELECT user_id FROM could)) AS still) AS n`)
	}
	appendMet(q.add(" LEFT JOIN ("), fmt.Sprintf(`u.id, u.email, u.first_name, u.last_name, direct, inside, ranked, made,
 begun, latest, u.name_sort, count(*) OVER () AS total, EXISTS (SELECT 1 FROM organization_members gone
 WHERE gone.organization_id = %d AND gone.user_id = u.id AND gone.deleted_at IS NOT NULL) AS deleted`,
		p.OrganizationID), f)
	order := descending(page.Order)
	q.add(" ORDER BY u.name_sort" + order + ", u.id").limited(page)
	q.add(") AS x ON 1 = 1 ORDER BY name_sort" + order + ", id")
	err = db.each(ctx, q, func(s scanner) error {
		a, total, err := scanMet(s, &counts)
		if err != nil || a.User.ID == 0 {
			return err
		}
		return fn(a, total)
	})
	return counts, err
}

func scanMet(s scanner, counts *roster.PastCounts) (a roster.PastAccess, total int, err error) {
	var direct, inside, ranked, made int
	var latest int64
	var begun sql.NullInt64
	err = s.Scan(&counts.Still, &counts.Gone, &counts.New, &a.User.ID, &a.User.Email, &a.User.FirstName, &a.User.LastName,
		&direct, &inside, &ranked, &made, &begun, &latest, &total, &a.Deleted)
	a.Explicit, a.InWorkspace, a.ByRole, a.Creator = direct > 0, inside > 0, ranked > 0, made > 0
	a.Since, a.Role = moment(begun), latestRoles[latest%10]
	return a, total, err
}

// SeeingSince is who can see p now and could not during a span, with how many there are of
// each comparison.
func (db *DB) SeeingSince(ctx context.Context, p roster.Project, span roster.Span) (ids []int64,
	counts roster.PastCounts, err error) {
	q, err := db.pastAccess(ctx, p, span, true)
	if err != nil {
		return nil, counts, err
	}
	q.add(`SELECT today.user_id, could.user_id FROM today LEFT JOIN could ON could.user_id = today.user_id
UNION ALL SELECT NULL, user_id FROM could WHERE user_id NOT IN (SELECT user_id FROM today)`)
	ids = []int64{}
	err = db.each(ctx, q, func(s scanner) error {
		var now, then sql.NullInt64
		err := s.Scan(&now, &then)
		switch {
		case !now.Valid:
			counts.Gone++
		case then.Valid:
			counts.Still++
		default:
			counts.New++
			ids = append(ids, now.Int64)
		}
		return err
	})
	return ids, counts, err
}
