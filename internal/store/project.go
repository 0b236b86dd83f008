package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"roster"
)

const projectColumns = `p.id, p.organization_id, p.workspace_id, w.title, CASE WHEN w.is_personal THEN w.created_by END,
 p.title, p.description, p.color, p.mirrored, p.maker_until, p.created_at, p.is_published, p.is_draft,
 p.is_archived, p.pinned_at, p.task_distribution, p.settings, ` + userColumns

// listedColumns is projectColumns without the settings, which are up to 4 MiB each.
var listedColumns = strings.Replace(projectColumns, "p.settings", "''", 1)

const projectFrom = " FROM projects p JOIN users u ON u.id = p.created_by LEFT JOIN workspaces w ON w.id = " +
	"p.workspace_id"

func scanProject(s scanner) (roster.Project, error) { return scanCounted(s, noCounts) }

// scanCounted reads the counts that follow, too.
func scanCounted(s scanner, c counts) (p roster.Project, err error) {
	var workspace, sandbox, created, pinned, maker sql.NullInt64
	var title sql.NullString
	var u userScan
	dest := []any{&p.ID, &p.OrganizationID, &workspace, &title, &sandbox, &p.Title, &p.Description, &p.Color,
		&p.Mirrored, &maker, &created,
		&p.Published, &p.Draft, &p.Archived, &pinned, &p.TaskDistribution, &p.Settings}
	if err = s.Scan(slices.Concat(dest, u.into(&p.CreatedBy), c.of(&p))...); err != nil {
		return p, err
	}
	u.finish(&p.CreatedBy)
	p.WorkspaceID, p.WorkspaceTitle, p.SandboxOf = workspace.Int64, title.String, sandbox.Int64
	p.CreatedAt, p.PinnedAt, p.MakerUntil = moment(created), moment(pinned), moment(maker)
	return p, nil
}

// Project reads a project, without its counts; NotFound when absent or deleted.
func (db *DB) Project(ctx context.Context, id int64) (roster.Project, error) {
	q := db.query("SELECT "+projectColumns+projectFrom+" WHERE p.id = ? AND p.deleted_at IS NULL", id)
	return one(ctx, db, q, scanProject)
}

// CountedProject is Project, of an organization, with all its counts.
func (db *DB) CountedProject(ctx context.Context, organization, id int64) (roster.Project, error) {
	return one(ctx, db, countedProject(db, organization, id), func(s scanner) (roster.Project, error) {
		return scanCounted(s, allCounts)
	})
}

func countedProject(db *DB, organization, id int64) *query {
	q := db.query("SELECT " + projectColumns)
	allCounts.append(q, organization)
	return q.add(projectFrom+" WHERE p.id = ? AND p.deleted_at IS NULL", id)
}

// FillCounts fills in how many tasks and members each of the projects, of one
// organization, has.
func (db *DB) FillCounts(ctx context.Context, projects []roster.Project) error {
	return db.fillCounts(ctx, projects, usualCounts)
}

// FillAllCounts fills in how many people only inherit access, too.
func (db *DB) FillAllCounts(ctx context.Context, projects []roster.Project) error {
	return db.fillCounts(ctx, projects, allCounts)
}

func (db *DB) fillCounts(ctx context.Context, projects []roster.Project, c counts) error {
	if len(projects) == 0 {
		return nil
	}
	at := map[int64]*roster.Project{}
	ids := make([]int64, len(projects))
	for i := range projects {
		ids[i], at[projects[i].ID] = projects[i].ID, &projects[i]
	}
	return db.each(ctx, countingIn(db, projects[0].OrganizationID, ids, c), func(s scanner) error {
		var id int64
		var read roster.Project
		err := s.Scan(append([]any{&id}, c.of(&read)...)...)
		if p := at[id]; p != nil {
			p.TaskCount, p.MembersCount, p.Inherited = read.TaskCount, read.MembersCount, read.Inherited
		}
		return err
	})
}

func countingIn(db *DB, organization int64, projects []int64, c counts) *query {
	q := db.query("SELECT p.id")
	c.append(q, organization)
	return q.add("\nFROM ").idTable(projects).add(" AS x JOIN projects p ON p.id = x.id")
}

// counts are columns that count in project p, of an organization, and where they are kept.
type counts struct {
	append func(q *query, organization int64)
	of     func(p *roster.Project) []any
}

// usualCounts are what every list of projects tells, allCounts what the console does.
var (
	noCounts    = counts{func(*query, int64) {}, func(*roster.Project) []any { return nil }}
	usualCounts = counts{appendMembers, func(p *roster.Project) []any { return []any{&p.TaskCount, &p.MembersCount} }}
	allCounts   = counts{appendInherited, func(p *roster.Project) []any {
		return []any{&p.TaskCount, &p.MembersCount, &p.Inherited}
	}}
)

// appendMembers appends how many tasks and explicit members there are. It counts by index
// alone: the active rows, without those of no membership of their own, and without the inactive.
// Where there are many more rows than inactive people, those are looked for.
func appendMembers(q *query, organization int64) {
	const rows = "FROM project_members pm WHERE pm.project_id = p.id AND "
	q.add(", (SELECT count(*) FROM tasks t WHERE t.project_id = p.id),\n CASE WHEN ")
	q.manyMoreThanInactive(organization, func() { q.add(" " + rows + "{{active pm}}") })
	q.add("\n THEN (SELECT count(*) " + rows + "{{active pm}}) - (SELECT count(*) " + rows + "{{implicit pm}})\n" +
		"  - (SELECT count(*)" + q.dialect.inactiveIn("project_members pm", "pm") +
		" AND pm.project_id = p.id AND {{explicit pm}})")
	few := "AND NOT (" + q.dialect.amongInactive("pm.user_id") + ")"
	q.add("\n ELSE (SELECT count(*) "+rows+"{{active pm}} "+few+") - (SELECT count(*) "+rows+
		"{{implicit pm}} "+few+") END",
		organization, organization)
}

// appendInherited appends the same, and how many people have access but no membership of
// their own: through the workspace, or as Owner or Administrator. A sandbox opens to its
// own owner alone.
func appendInherited(q *query, organization int64) {
	appendMembers(q, organization)
	q.add(`,
 (SELECT count(*) FROM organization_members om WHERE om.organization_id = p.organization_id AND {{by role om}}
  AND NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id = p.workspace_id AND w.is_personal
 AND w.created_by <> om.user_id)
  AND NOT EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = p.workspace_id
 AND wm.user_id = om.user_id AND {{active wm}})
  AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = p.id AND pm.user_id = om.user_id
 AND {{explicit pm}}))
 + `)
	appendGuests(q, organization)
}

// manyRows is how many rows of a project are too many to be read beside the people of its workspace.
const manyRows = 100_000

// appendGuests appends how many people of the project's workspace have no membership of their
// own: those without a row, told by two indexes in one order, and the few with another row. Where
// the project is a very large one, the people of the workspace are looked for.
func appendGuests(q *query, organization int64) {
	const (
		rows   = "FROM project_members pm WHERE pm.project_id = p.id AND "
		inside = "wm.workspace_id = p.workspace_id AND {{active wm}}"
	)
	present := inside + " AND NOT (" + q.dialect.amongInactive("wm.user_id") + ")"
	q.add("CASE WHEN (SELECT count(*) FROM (SELECT 1 "+rows+"{{active pm}} LIMIT 1 OFFSET ?) AS beyond) > 0", manyRows)
	q.add("\n THEN (SELECT count(*) FROM workspace_members wm WHERE "+present+" AND NOT EXISTS (SELECT 1 "+rows+
		"pm.user_id = wm.user_id AND {{explicit pm}}))", organization)
	q.add("\n ELSE (SELECT count(*) FROM (SELECT wm.user_id FROM workspace_members wm WHERE "+present+
		" EXCEPT SELECT pm.user_id "+rows+"{{active pm}}) AS guests)", organization)
	q.add("\n  + (SELECT count(*) FROM project_members pm CROSS JOIN workspace_members wm WHERE pm.project_id = p.id"+
		" AND {{implicit pm}} AND wm.user_id = pm.user_id AND "+present+") END", organization)
}

// FirstMembers is the first explicit members of each project, at most so many,
// by id. It steps from one to the next, so a project costs what is shown of it
// and not the members it has.
func (db *DB) FirstMembers(ctx context.Context, projects []int64, most int) (map[int64][]roster.User, error) {
	out := map[int64][]roster.User{}
	err := db.each(ctx, firstMembers(db, projects, most), func(s scanner) error {
		var project int64
		var u roster.User
		var n userScan
		err := s.Scan(append([]any{&project}, n.into(&u)...)...)
		n.finish(&u)
		out[project] = append(out[project], u)
		return err
	})
	return out, err
}

func firstMembers(db *DB, projects []int64, most int) *query {
	const next = `(SELECT pm.user_id FROM project_members pm CROSS JOIN projects p CROSS JOIN organization_members om
  WHERE pm.project_id = %.id AND pm.user_id > %.member AND {{explicit pm}} AND p.id = pm.project_id
  AND om.organization_id = p.organization_id AND om.user_id = pm.user_id AND {{present om}}
  ORDER BY pm.user_id LIMIT 1)`
	step := func(from string) string { return strings.ReplaceAll(next, "%", from) }
	return db.query("WITH RECURSIVE walk (id, member, n) AS (SELECT x.id, "+step("x")+
		", 1 FROM (SELECT id, 0 AS member FROM ").
		idTable(projects).add(" AS given) AS x\n UNION ALL SELECT w.id, "+step("w")+
		", w.n + 1 FROM walk w WHERE w.member IS NOT NULL AND w.n < ?)", most).
		add("\nSELECT w.id, "+userColumns+
			" FROM walk w CROSS JOIN users u WHERE u.id = w.member AND w.n <= ? ORDER BY w.id, w.n", most)
}

// idSet reads a column of ids.
func (db *DB) idSet(ctx context.Context, q *query) (map[int64]bool, error) {
	set := map[int64]bool{}
	err := db.each(ctx, q, func(s scanner) error {
		var id int64
		err := s.Scan(&id)
		set[id] = true
		return err
	})
	return set, err
}

// CreateProject makes a project without members.
func (db *DB) CreateProject(ctx context.Context, p roster.Project, now time.Time) (int64, error) {
	return db.insert(ctx, db.query(`INSERT INTO projects
 (organization_id, workspace_id, title, title_key, description, color, created_by, created_at, is_published,
 is_draft, is_archived, pinned_at, task_distribution, settings, text_version)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.OrganizationID, orNull(p.WorkspaceID), p.Title, Searchable(p.Title), p.Description, p.Color,
		p.CreatedBy.ID, micros(now),
		p.Published, p.Draft, p.Archived, nullMicros(p.PinnedAt), p.TaskDistribution, p.Settings, textVersion))
}

// UpdateProject writes the changeable fields of p.
func (db *DB) UpdateProject(ctx context.Context, p roster.Project) error {
	_, err := db.exec(ctx,
		db.query(`UPDATE projects SET workspace_id = ?, title = ?, title_key = ?, text_version = ?, description = ?,
 color = ?,
 is_published = ?, is_draft = ?, is_archived = ?, pinned_at = ?, task_distribution = ?, settings = ? WHERE id = ?`,
			orNull(p.WorkspaceID), p.Title, Searchable(p.Title), textVersion, p.Description, p.Color,
			p.Published, p.Draft, p.Archived, nullMicros(p.PinnedAt), p.TaskDistribution, p.Settings, p.ID))
	return err
}

// EndInherited ends what people held in project p through a workspace or an
// organization role they do not have (any more).
func (db *DB) EndInherited(ctx context.Context, p roster.Project, op int64) error {
	return db.endStranded(ctx, op, func(q *query) { q.add(" AND project_id = ?", p.ID) })
}

// DeleteProject takes a project out of every list. Its rows stay, so that the
// record can still say who was in it.
func (db *DB) DeleteProject(ctx context.Context, id int64, now time.Time) error {
	if _, err := db.exec(ctx, db.query("UPDATE projects SET deleted_at = ? WHERE id = ?", micros(now), id)); err != nil {
		return err
	}
	return db.dropIntents(ctx, func(q *query) { q.add("t.project_id = ?", id) })
}

// Projects is one page of the projects that viewer may see, without their settings.
func (db *DB) Projects(ctx context.Context, viewer roster.Actor, f roster.ProjectFilter,
	page roster.Page) ([]roster.Project, error) {
	q := db.query("SELECT " + listedColumns)
	appendProjectPage(q, viewer, f, page)
	return collect(ctx, db, q, scanProject)
}

// appendProjectPage appends, as FROM and WHERE, a page of the projects that viewer may see.
func appendProjectPage(q *query, viewer roster.Actor, f roster.ProjectFilter, page roster.Page) {
	appendProjectMatch(q, viewer, f)
	q.add(projectOrder(page)).limited(page)
}

func projectOrder(page roster.Page) string {
	keys := map[string]string{"id": "p.id", "title": "p.title_key", "created_at": "p.created_at"}
	if key := keys[trimMinus(page.Order)]; key != "" {
		return " ORDER BY " + key + descending(page.Order) + ", p.id"
	}
	return " ORDER BY p.id DESC"
}

// CountedProjects is Projects with all their counts, and how many projects there are in all.
func (db *DB) CountedProjects(ctx context.Context, viewer roster.Actor, f roster.ProjectFilter,
	page roster.Page) (projects []roster.Project, total int, err error) {
	c := allCounts
	c.of = func(p *roster.Project) []any { return append(allCounts.of(p), &total) }
	projects, err = collect(ctx, db, countedPage(db, viewer, f, page), func(s scanner) (roster.Project, error) {
		return scanCounted(s, c)
	})
	if err == nil && len(projects) == 0 && page.Offset() > 0 { // a page behind the last one tells no number
		total, err = db.CountProjects(ctx, viewer, f)
	}
	return projects, total, err
}

// countedPage looks for the page first, so that nothing is counted in other projects.
func countedPage(db *DB, viewer roster.Actor, f roster.ProjectFilter, page roster.Page) *query {
	q := db.query("SELECT " + listedColumns)
	allCounts.append(q, viewer.OrganizationID)
	appendProjectMatch(q.add(",\n (SELECT count(*)"), viewer, f)
	appendProjectPage(q.add(")\nFROM (SELECT p.id"), viewer, f, page)
	return q.add(") AS x CROSS JOIN" + strings.TrimPrefix(projectFrom, " FROM") + " WHERE p.id = x.id" +
		projectOrder(page))
}

// FillSettings fills in the settings of the projects of a page. Invalid when they are more
// than a page may hold.
func (db *DB) FillSettings(ctx context.Context, projects []roster.Project) error {
	at, held := map[int64]*roster.Project{}, 0
	ids := make([]int64, len(projects))
	for i := range projects {
		ids[i], at[projects[i].ID] = projects[i].ID, &projects[i]
	}
	q := db.query("SELECT p.id, p.settings FROM projects p WHERE p.settings <> '' AND ").anyOf("p.id", ids)
	return db.each(ctx, q, func(s scanner) error {
		var id int64
		var settings string
		err := s.Scan(&id, &settings)
		if held += len(settings); err == nil && held > roster.MostTaskData {
			return roster.InvalidField("page_size",
				"The settings of the projects of this page are more than %d MiB. Ask for a smaller page.",
				roster.MostTaskData>>20)
		}
		if p := at[id]; p != nil {
			p.Settings = settings
		}
		return err
	})
}

// CountProjects is how many there are in all.
func (db *DB) CountProjects(ctx context.Context, viewer roster.Actor, f roster.ProjectFilter) (int, error) {
	q := db.query("SELECT count(*)")
	appendProjectMatch(q, viewer, f)
	return db.count(ctx, q)
}

// ProjectsIn is how many projects an organization has, in sandboxes too.
func (db *DB) ProjectsIn(ctx context.Context, organization int64) (int, error) {
	return db.count(ctx, db.query("SELECT count(*) FROM projects WHERE organization_id = ? AND deleted_at IS NULL",
		organization))
}

// VisibleProjects is the ids of the projects that viewer may find.
func (db *DB) VisibleProjects(ctx context.Context, viewer roster.Actor) ([]int64, error) {
	q := db.query("SELECT p.id" + projectFrom + " WHERE p.deleted_at IS NULL")
	appendVisibleProjects(q, viewer)
	return collect(ctx, db, q, func(s scanner) (id int64, err error) {
		err = s.Scan(&id)
		return id, err
	})
}

// appendOpenProjects is appendVisibleProjects without those in which viewer is paused. No
// pause binds the Owner.
func appendOpenProjects(q *query, viewer roster.Actor) {
	appendVisibleProjects(q, viewer)
	if viewer.Role != roster.RoleOwner {
		q.add(" AND ").notPaused("p.id", viewer.UserID)
	}
}

// admitsMaker is the condition that project p gives access to whoever made it:
// Project.AdmitsMaker.
const admitsMaker = "NOT p.mirrored AND p.maker_until IS NULL"

// appendVisibleProjects appends the condition that viewer may find project p with
// workspace w: Standing, for a whole list.
func appendVisibleProjects(q *query, viewer roster.Actor) {
	q.add(" AND p.organization_id = ?", viewer.OrganizationID)
	if !viewer.Role.Works() || !viewer.Role.Valid() {
		q.add(" AND 1 = 0")
		return
	}
	q.add(" AND (")
	if viewer.Role.SeesEveryProject() {
		q.add("NOT COALESCE(w.is_personal, FALSE) OR w.created_by = ? OR ", viewer.UserID)
	}
	if viewer.Role == roster.RoleManager {
		q.add("(p.created_by = ? AND "+admitsMaker+") OR ", viewer.UserID)
	}
	q.add(`EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = ? AND {{explicit m}})
 OR EXISTS (SELECT 1 FROM workspace_members m WHERE m.workspace_id = p.workspace_id AND m.user_id = ?
 AND {{active m}}))`,
		viewer.UserID, viewer.UserID)
}

// appendProjectMatch appends, as FROM and WHERE, the projects that viewer may see and f matches.
func appendProjectMatch(q *query, viewer roster.Actor, f roster.ProjectFilter) {
	q.add(projectFrom + " WHERE p.deleted_at IS NULL")
	appendVisibleProjects(q, viewer)
	if len(f.IDs) > 0 {
		q.add(" AND ").anyOf("p.id", f.IDs)
	}
	if len(f.Workspaces) > 0 {
		q.add(" AND ").anyOf("p.workspace_id", f.Workspaces)
	}
	for _, term := range Terms(f.Search) {
		q.add(` AND p.title_key LIKE ? ESCAPE '\'`, contains(term))
	}
	if f.Title != "" {
		q.add(` AND p.title_key LIKE ? ESCAPE '\'`, contains(searched(f.Title)))
	}
	if f.Archived != nil {
		q.add(" AND p.is_archived = ?", *f.Archived)
	}
	if f.Pinned != nil {
		q.add(" AND (p.pinned_at IS NOT NULL) = ?", *f.Pinned)
	}
}

// ProjectRoles is every override in a project.
func (db *DB) ProjectRoles(ctx context.Context, project int64) ([]roster.ProjectRole, error) {
	return db.roles(ctx, db.query(roleSelect+" AND pm.project_id = ? ORDER BY "+roleID, project))
}

// RolesOf is one person's overrides in the given projects (nil: in all).
func (db *DB) RolesOf(ctx context.Context, user int64, projects []int64) ([]roster.ProjectRole, error) {
	return db.roles(ctx, rolesOf(db, user, projects))
}

func rolesOf(db *DB, user int64, projects []int64) *query {
	q := db.query(roleSelect+" AND pm.user_id = ?", user)
	if projects != nil {
		q.add(" AND ").anyOf("pm.project_id", projects)
	} else {
		q.add(" AND pm.project_id IN (SELECT p.id FROM projects p)") // for the index
	}
	return q.add(" ORDER BY " + roleID)
}

// ProjectRole reads an override by its id, which is its membership row's.
func (db *DB) ProjectRole(ctx context.Context, id int64) (roster.ProjectRole, error) {
	q := db.query(roleSelect+" AND "+roleID+" = ?", id)
	return one(ctx, db, q, scanRole)
}

// roleID is what a project role is known by: the tenure it is held in, so that an undo
// gives it back under its id.
const roleID = "COALESCE(pm.tenure, pm.id)"

// roleSelect reads the overrides that count: of people whose organization role allows one.
const roleSelect = "SELECT " + roleID + `, pm.project_id, pm.user_id, pm.role, COALESCE(pm.role_source, '')
FROM project_members pm WHERE {{active pm}} AND pm.role IS NOT NULL AND EXISTS (SELECT 1 FROM projects held
 CROSS JOIN organization_members om
 WHERE held.id = pm.project_id AND om.organization_id = held.organization_id AND om.user_id = pm.user_id
 AND om.role IN ('AN', 'RE') AND om.deleted_at IS NULL)`

func (db *DB) roles(ctx context.Context, q *query) ([]roster.ProjectRole, error) {
	return collect(ctx, db, q, scanRole)
}

func scanRole(s scanner) (r roster.ProjectRole, err error) {
	err = s.Scan(&r.ID, &r.ProjectID, &r.UserID, &r.Role, &r.Source)
	return r, err
}
