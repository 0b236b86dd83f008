package main

import (
	"strings"
)

// What the pages of the console show, by hand: the queries of each page, as well as we could
// write them for it alone, asked one after the other by one connection.

// consoleDay is a day that the people of the workload could see their projects on, and
// quietSince since when somebody did nothing who is called inactive.
const (
	consoleDay = "2026-08-01"
	dayEnds    = "1785628800000000"
	quietSince = "1788220800000000"
)

// inactiveList is the inactive, as a list.
const inactiveList = `(SELECT user_id FROM organization_members WHERE organization_id = 1
 AND (role = 'DI' OR deleted_at IS NOT NULL))`

// bareNamedPage is the first fifty by name of those that some rows, pm, are, and their count.
func bareNamedPage(from string) []string {
	return []string{
		"SELECT count(*)" + from,
		bareWide("SELECT pm.user_id, u.name_sort" + from + " ORDER BY u.name_sort, u.id LIMIT 50"),
	}
}

// bareFoundPage is the same by one look at everybody who matches.
func bareFoundPage(from string) []string {
	return []string{bareWide("WITH found AS MATERIALIZED (SELECT pm.user_id, u.name_sort" + from +
		") SELECT user_id, (SELECT count(*) FROM found) FROM found ORDER BY name_sort, user_id LIMIT 50")}
}

const (
	// barePeopleOf are the members of the large project with their names.
	barePeopleOf = ` FROM project_members pm CROSS JOIN users u WHERE pm.project_id = 1 AND pm.removed_by IS NULL
 AND u.id = pm.user_id AND pm.user_id NOT IN ` + inactiveList
	// bareEverybodyHere is everybody of the organization.
	bareEverybodyHere = ` FROM organization_members pm CROSS JOIN users u WHERE pm.organization_id = 1
 AND pm.deleted_at IS NULL AND u.id = pm.user_id`
)

// bareInSight are the people in the projects and workspaces of one person.
func bareInSight(user string) string {
	const seen = `(SELECT p.id FROM projects p WHERE p.deleted_at IS NULL AND (p.id IN (SELECT project_id
 FROM project_members WHERE user_id = %1 AND removed_by IS NULL AND project_id IN (SELECT id FROM projects))
 OR p.workspace_id IN (SELECT workspace_id FROM workspace_members WHERE user_id = %1 AND removed_by IS NULL)))`
	return bareEverybodyHere + strings.ReplaceAll(` AND pm.user_id IN (SELECT x.user_id FROM project_members x
 WHERE x.removed_by IS NULL AND x.project_id IN `+seen+`
 UNION SELECT x.user_id FROM workspace_members x WHERE x.removed_by IS NULL AND x.workspace_id IN
 (SELECT workspace_id FROM projects WHERE id IN `+seen+`)
 UNION SELECT user_id FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD'))`, "%1", user)
}

// bareListed is the fifty newest projects.
const bareListed = "(SELECT id, workspace_id FROM projects WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 50) p"

// bareProjectsPage counts their members and guests, the quiet members of those that are
// glanced at, and how those came to be so many.
func bareProjectsPage(counted string) []string {
	glanced := "project_members pm WHERE pm.project_id IN (" + counted + ") AND pm.removed_by IS NULL"
	return []string{
		`SELECT p.id, (SELECT count(*) FROM tasks t WHERE t.project_id = p.id), (SELECT count(*) FROM project_members pm
 WHERE pm.project_id = p.id AND pm.removed_by IS NULL) - (SELECT count(*) FROM ` +
			bareInactive + ` AND pm.project_id = p.id),
 (SELECT count(*) FROM workspace_members wm WHERE wm.workspace_id = p.workspace_id AND wm.removed_by IS NULL
 AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = p.id AND pm.user_id = wm.user_id
 AND pm.removed_by IS NULL)) FROM ` + bareListed,
		`SELECT pm.project_id, count(*) FROM project_members pm CROSS JOIN users u WHERE pm.project_id IN (` + counted + `)
 AND pm.removed_by IS NULL AND u.id = pm.user_id AND u.last_activity <= ` + quietSince + ` GROUP BY 1`,
		"SELECT pm.project_id, pm.added_by, count(*) FROM " + glanced + " GROUP BY 1, 2",
		"SELECT pm.project_id, count(*) FROM " + glanced + " AND pm.user_id IN " + inactiveList + " GROUP BY 1",
	}
}

// bareHistoryPage is how the large project came to have its members, and its counts.
var bareHistoryPage = []string{
	bareEverybody,
	"SELECT added_by, count(*) FROM project_members WHERE project_id = 1 AND removed_by IS NULL AND explicit GROUP BY 1",
	"SELECT count(*) FROM project_members WHERE project_id = 1 AND removed_by IS NULL AND user_id IN " + inactiveList,
}

// bareSighted are who could see the large project on the day: those whose row or place in the
// workspace began before it ended. (Nobody's ended, or changed their role.)
const bareSighted = `(SELECT m.user_id, o.at FROM project_members m JOIN operations o ON o.id = m.added_by
 WHERE m.project_id = 1 AND m.removed_by IS NULL AND m.explicit AND o.at < ` + dayEnds + `
 UNION ALL SELECT m.user_id, o.at FROM workspace_members m JOIN operations o ON o.id = m.added_by
 WHERE m.workspace_id = 2 AND o.at < ` + dayEnds + `
 UNION ALL SELECT user_id, created_at FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD')) t
 CROSS JOIN organization_members om WHERE om.organization_id = 1 AND om.user_id = t.user_id
 AND om.role NOT IN ('DI', 'NO') AND om.deleted_at IS NULL AND om.created_at < ` + dayEnds

// bareNow is who can see it now.
const bareNow = `(SELECT user_id FROM project_members WHERE project_id = 1 AND removed_by IS NULL
 UNION SELECT user_id FROM workspace_members WHERE workspace_id = 2 AND removed_by IS NULL
 UNION SELECT user_id FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD')) k
 CROSS JOIN organization_members om WHERE om.organization_id = 1 AND om.user_id = k.user_id
 AND om.role NOT IN ('DI', 'NO') AND om.deleted_at IS NULL`

// bareAudit is the page of them by name with their count; beside today, with who still can.
func bareAudit(today bool) []string {
	text := "WITH could AS MATERIALIZED (SELECT t.user_id, min(t.at) AS since FROM " + bareSighted + " GROUP BY t.user_id)"
	counts := "(SELECT count(*) FROM could)"
	if today {
		text += ", seeing AS MATERIALIZED (SELECT om.user_id FROM " + bareNow + ")"
		counts += ", (SELECT count(*) FROM seeing), (SELECT count(*) FROM could WHERE user_id IN (SELECT user_id" +
			" FROM seeing))"
	}
	return []string{text + " SELECT u.id, u.email, u.first_name, u.last_name, could.since, " + counts +
		" FROM could CROSS JOIN users u WHERE u.id = could.user_id ORDER BY u.name_sort, u.id LIMIT 50"}
}

// bareOperations is the newest operations, with how many there are.
var bareOperations = []string{
	"SELECT count(*) FROM operations WHERE organization_id = 1",
	"SELECT * FROM operations WHERE organization_id = 1 ORDER BY id DESC LIMIT 50",
}
