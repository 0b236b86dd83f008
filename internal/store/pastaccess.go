package store

import (
	"context"
	"database/sql"
	"encoding/json"
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

// appendChangedIn appends the roles that those who ever changed theirs could work with in an
// organization during a span, each with the time it was theirs. A role is told by the change
// that gave it, else by the change that took it, else by what it is now.
func appendChangedIn(q *query, organization int64, span roster.Span) {
	const now = "CASE WHEN om.deleted_at IS NULL THEN om.role ELSE '' END"
	q.add(`SELECT user_id, since, until, role FROM (
SELECT e.user_id, e.at AS since, COALESCE(lead(e.at) OVER turns, `+forever+`) AS until,
 CASE WHEN lead(e.at) OVER turns IS NULL THEN e.now ELSE COALESCE(e.after, lead(e.before) OVER turns, e.now) END AS role
FROM (SELECT om.user_id, om.created_at AS at, 0 AS op, CAST(NULL AS TEXT) AS before, CAST(NULL AS TEXT) AS after, `+
		now+` AS now
 FROM organization_members om WHERE om.organization_id = ? AND om.user_id IN (SELECT user_id FROM changes)
 UNION ALL SELECT c.user_id, c.at, c.op, c.before, c.after, `+now+`
 FROM changes c JOIN organization_members om ON om.organization_id = ? AND om.user_id = c.user_id) AS e
WINDOW turns AS (PARTITION BY e.user_id ORDER BY e.op)) AS turned
WHERE since < ? AND until > ? AND since < until AND role NOT IN ('', 'DI', 'NO')`,
		organization, organization, micros(span.Until), micros(span.Since))
}

// unchanged is the condition that om holds the role that its person always had, and could work
// with: they are the many, and are neither put in order nor looked at beyond who is asked about.
const unchanged = "{{able om}} AND om.user_id NOT IN (SELECT user_id FROM changes)"

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
		appendRankedIn(q, p, s)
		q.add(`
UNION ALL SELECT wm.user_id, 'workspace', CASE WHEN b.at > ? THEN b.at ELSE ? END, CASE WHEN e.at < ? THEN e.at
 ELSE ? END
FROM workspace_members wm JOIN operations b ON b.id = wm.added_by LEFT JOIN operations e ON e.id = wm.removed_by
 WHERE wm.workspace_id = ?`,
			s.since, s.since, s.until, s.until, s.workspace)
	}
}

// appendRankedIn appends who came by their role during a spell.
func appendRankedIn(q *query, p roster.Project, s spell) {
	for _, held := range []string{
		"changed om WHERE ", "organization_members om WHERE " + unchanged + " AND om.organization_id = " +
			q.bind(p.OrganizationID) + " AND ",
	} {
		q.add("\nUNION ALL SELECT om.user_id, 'role', CAST(? AS BIGINT), CAST(? AS BIGINT) FROM ", s.since, s.until)
		q.add(held + "{{sees all om}}")
		if s.owner != 0 {
			q.add(" AND om.user_id = ?", s.owner)
		}
	}
}

// appendAccessIn appends whose role let them take one of the paths during a span, by which,
// since when, and with which role at last.
func appendAccessIn(q *query, organization int64, span roster.Span) {
	q.add(`SELECT user_id, max(CASE path WHEN 'direct' THEN 1 ELSE 0 END) AS direct, max(CASE path
 WHEN 'workspace' THEN 1 ELSE 0 END) AS inside,
 max(CASE path WHEN 'role' THEN 1 ELSE 0 END) AS ranked, max(CASE path WHEN 'creator' THEN 1 ELSE 0 END) AS made,
 min(CASE WHEN opened > held THEN opened ELSE held END) AS begun,
 max(held * 10 + CASE role WHEN 'OW' THEN 1 WHEN 'AD' THEN 2 WHEN 'MA' THEN 3 WHEN 'RE' THEN 4
 WHEN 'AN' THEN 5 ELSE 0 END) AS latest
FROM (SELECT t.user_id, t.path, t.since AS opened, t.until AS closed, om.created_at AS held, `+
		forever+` AS dropped, om.role
 FROM paths t CROSS JOIN organization_members om WHERE om.organization_id = ? AND om.user_id = t.user_id AND `+
		unchanged+`
UNION ALL SELECT t.user_id, t.path, t.since, t.until, s.since, s.until, s.role
 FROM paths t JOIN changed s ON s.user_id = t.user_id) AS taken
WHERE opened < closed AND opened < ? AND closed > ? AND held < ? AND opened < dropped AND held < closed
 AND (path IN ('direct', 'workspace') OR (path = 'role' AND {{sees all}}) OR (path = 'creator' AND role = 'MA'))
GROUP BY user_id`, organization, micros(span.Until), micros(span.Since), micros(span.Until))
}

// appendAccessNow appends who can see p as it is: what appendAccessIn comes to for this moment,
// without a look at what was. owner is whose its workspace is; 0: nobody's.
func appendAccessNow(q *query, p roster.Project, owner int64) {
	q.add(`SELECT om.user_id FROM (SELECT user_id FROM (SELECT m.user_id FROM project_members m WHERE m.project_id = ?
 AND {{active m}} EXCEPT SELECT m.user_id FROM project_members m WHERE m.project_id = ? AND {{implicit m}}) AS own
UNION SELECT wm.user_id FROM workspace_members wm WHERE wm.workspace_id = ? AND {{active wm}}
UNION SELECT s.user_id FROM organization_members s WHERE s.organization_id = ? AND {{by role s}}`,
		p.ID, p.ID, p.WorkspaceID, p.OrganizationID)
	if owner != 0 {
		q.add(" AND s.user_id = ?", owner)
	}
	if !p.Mirrored && p.MakerUntil.IsZero() {
		q.add("\nUNION SELECT s.user_id FROM organization_members s WHERE s.organization_id = ? AND s.user_id = ?"+
			" AND s.role = 'MA'", p.OrganizationID, p.CreatedBy.ID)
	}
	q.add(`) AS admitted CROSS JOIN organization_members om
WHERE om.organization_id = ? AND om.user_id = admitted.user_id AND {{able om}}`, p.OrganizationID)
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

// pastAccess begins a question about who could see p during a span, of those with the given ids
// (nil: of everybody), and where they are held to today, who can see it now.
func (db *DB) pastAccess(ctx context.Context, p roster.Project, span roster.Span, held bool,
	of []int64) (*query, error) {
	stays, err := db.spells(ctx, p, span)
	if err != nil {
		return nil, err
	}
	q := db.query("WITH changes AS MATERIALIZED (")
	appendChangesIn(q, p.OrganizationID)
	appendChangedIn(q.add("),\nchanged AS MATERIALIZED ("), p.OrganizationID, span)
	appendPathsIn(q.add("),\npaths AS MATERIALIZED (SELECT * FROM ("), p, stays, span)
	q.add(") AS every")
	if of != nil {
		q.add(" WHERE ").anyOf("user_id", of)
	}
	appendAccessIn(q.add("),\ncould AS MATERIALIZED ("), p.OrganizationID, span)
	if held {
		now := []spell{{workspace: p.WorkspaceID}}
		if err := db.fillOwners(ctx, now); err != nil {
			return nil, err
		}
		appendAccessNow(q.add("),\ntoday AS MATERIALIZED ("), p, now[0].owner)
	}
	return q.add(")"), nil
}

// CountPastAccess is how many people could see p at some time of a span, and
// whom f leaves.
func (db *DB) CountPastAccess(ctx context.Context, p roster.Project, span roster.Span,
	f roster.PastFilter) (int, error) {
	q, err := db.pastAccess(ctx, p, span, f.Now != "", f.IDs)
	if err != nil {
		return 0, err
	}
	return db.count(ctx, appendMet(q.add("\n"), "count(*)", f))
}

// metColumns are what is read of those who could, and what stands there where it is nobody.
var metColumns = []struct{ name, none string }{
	{"m.id", "0"}, {"u.email", "''"}, {"u.first_name", "''"}, {"u.last_name", "''"}, {"direct", "0"}, {"inside", "0"},
	{"ranked", "0"}, {"made", "0"}, {"begun", "0"}, {"latest", "0"}, {"(SELECT count(*) FROM met)", "0"},
	{"om.deleted_at IS NOT NULL", "FALSE"},
}

// EachPastAccess hands them to fn, one page of them, with how many there are in all: a page
// and its count are one question, because the answer is dear. So is, where f asks for it, how
// many there are of each comparison with today.
func (db *DB) EachPastAccess(ctx context.Context, p roster.Project, span roster.Span, f roster.PastFilter,
	page roster.Page, fn func(a roster.PastAccess, total int) error) (counts roster.PastCounts, err error) {
	q, err := db.pastAccess(ctx, p, span, f.Now != "", f.IDs)
	if err != nil {
		return counts, err
	}
	appendMet(q.add(",\nmet AS MATERIALIZED ("),
		"could.user_id AS id, direct, inside, ranked, made, begun, latest, u.name_sort", f)
	q.add(")\nSELECT still, met - still, seeing - still")
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
	order := descending(page.Order)
	q.add(" LEFT JOIN (SELECT * FROM met ORDER BY name_sort" + order + ", id").limited(page)
	q.add(`) AS m ON 1 = 1 LEFT JOIN users u ON u.id = m.id
LEFT JOIN organization_members om ON om.organization_id = ? AND om.user_id = m.id
ORDER BY m.name_sort`+order+", m.id", p.OrganizationID)
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
	q, err := db.pastAccess(ctx, p, span, true, nil)
	if err != nil {
		return nil, counts, err
	}
	q.add(`
SELECT today.user_id, could.user_id FROM today LEFT JOIN could ON could.user_id = today.user_id
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
