package main

import "fmt"

// The hand-written queries that reads are measured against: the best ones
// found for this workload, with every value written out and nothing in them
// that these values do not need. They give the same people as the filter does.

// filterQuery is the filter on the wire: about a fifth of the people.
const filterQuery = "role=AN&search=example.com&tags=1,2&last_activity__gte=2024-07-25&last_activity__lte=2026-03-02"

// bareFilter is the same in SQL, for people u, om whose role is known.
const bareFilter = ` AND om.deleted_at IS NULL AND u.last_activity BETWEEN 1721865600000000 AND 1772409600000000
 AND u.search_text LIKE '%example.com%'
 AND EXISTS (SELECT 1 FROM member_tags mt WHERE mt.user_id = u.id AND mt.tag_id IN (1, 2))`

const bareMembers = ` FROM project_members pm CROSS JOIN users u CROSS JOIN organization_members om
WHERE pm.project_id = 1 AND pm.removed_by IS NULL AND om.organization_id = 1 AND om.user_id = pm.user_id
 AND u.id = pm.user_id
 AND (om.role = 'AN' AND pm.role IS NULL OR om.role IN ('AN', 'RE') AND pm.role = 'AN')` + bareFilter

// bareGuests is the people with access through the workspace only. Those with
// access by their role alone are no Annotators.
const bareGuests = ` FROM workspace_members wm CROSS JOIN users u CROSS JOIN organization_members om
WHERE wm.workspace_id = 2 AND wm.removed_by IS NULL AND om.organization_id = 1 AND om.user_id = wm.user_id
 AND u.id = wm.user_id AND om.role = 'AN'
 AND NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = 1 AND pm.user_id = wm.user_id
 AND pm.removed_by IS NULL)` + bareFilter

// bareInactive is the people who are in no list, and barePresent those who are in the
// large project's by a row of their own, of whom they are left out one by one.
const (
	bareInactive = `organization_members om CROSS JOIN project_members pm
 WHERE om.organization_id = 1 AND (om.role = 'DI' OR om.deleted_at IS NOT NULL)
 AND pm.user_id = om.user_id AND pm.removed_by IS NULL`
	barePresent = ` FROM project_members pm WHERE pm.project_id = 1 AND pm.removed_by IS NULL
 AND (SELECT count(*) FROM organization_members om
  WHERE om.organization_id = 1 AND om.user_id = pm.user_id AND (om.role = 'DI' OR om.deleted_at IS NOT NULL)) = 0`
)

// bareEverybody counts the large project's list: its rows without the few inactive, and
// those who are there by the workspace or their role alone.
const bareEverybody = `SELECT (SELECT count(*) FROM project_members WHERE project_id = 1 AND removed_by IS NULL)
 - (SELECT count(*) FROM ` + bareInactive + ` AND pm.project_id = 1)
 + (SELECT count(*) FROM (SELECT user_id FROM workspace_members WHERE workspace_id = 2 AND removed_by IS NULL
  UNION SELECT user_id FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD')
 AND deleted_at IS NULL) k
  WHERE NOT EXISTS (SELECT 1 FROM project_members pm WHERE pm.project_id = 1 AND pm.user_id = k.user_id
 AND pm.removed_by IS NULL))`

// bareProjects counts the members of a page of thirty projects, the newest ones.
const bareProjects = `SELECT p.id,
 (SELECT count(*) FROM project_members pm WHERE pm.project_id = p.id AND pm.removed_by IS NULL AND pm.explicit)
 - (SELECT count(*) FROM ` + bareInactive + ` AND pm.project_id = p.id AND pm.explicit)
FROM projects p WHERE p.organization_id = 1 AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT 30`

// bareReach is the projects that a person is in, by a row of their own or the workspace.
const bareReach = `SELECT p.id, p.title FROM projects p WHERE p.deleted_at IS NULL AND p.id IN (
 SELECT project_id FROM project_members WHERE user_id = $1 AND removed_by IS NULL
 UNION SELECT x.id FROM workspace_members wm JOIN projects x ON x.workspace_id = wm.workspace_id
  WHERE wm.user_id = $1 AND wm.removed_by IS NULL)`

func bareSelection(engine) string { return "SELECT pm.user_id" + bareMembers + " AND pm.explicit" }

const barePageIDs = "SELECT * FROM (SELECT pm.user_id" + bareMembers +
	" ORDER BY 1 LIMIT 100) a UNION ALL SELECT * FROM (SELECT wm.user_id" + bareGuests +
	" ORDER BY 1 LIMIT 100) b ORDER BY 1 LIMIT 100"

const bareCount = "SELECT (SELECT count(*)" + bareMembers + ") + (SELECT count(*)" + bareGuests + ")"

// bareWide reads what a list shows of the people with the given ids.
func bareWide(ids string) string {
	return `SELECT u.id, u.email, u.username, u.first_name, u.last_name, u.phone, u.date_joined, u.last_activity,
 u.active_organization, u.allow_newsletters, u.custom_hotkeys,
 om.id, om.organization_id, om.role, om.role_source, om.user_type, om.created_at, om.deleted_at, pm.explicit,
 pm.role, pm.role_source,
 EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = 2 AND wm.user_id = u.id AND wm.removed_by IS NULL),
 (SELECT string_agg(CAST(t.id AS TEXT) || ':' || t.label, ',') FROM member_tags mt
 JOIN tags t ON t.id = mt.tag_id WHERE mt.user_id = u.id)
FROM (` + ids + `) x JOIN users u ON u.id = x.user_id
JOIN organization_members om ON om.organization_id = 1 AND om.user_id = x.user_id
LEFT JOIN project_members pm ON pm.project_id = 1 AND pm.user_id = x.user_id AND pm.removed_by IS NULL
ORDER BY u.id`
}

// bareSelected is the rows that an unassign with the filter would end, and
// bareAll those without one.
const (
	bareSelected = bareMembers + " AND pm.explicit"
	bareAll      = ` FROM project_members pm WHERE pm.project_id = 1 AND pm.removed_by IS NULL AND pm.explicit
 AND NOT EXISTS (SELECT 1 FROM organization_members om WHERE om.organization_id = 1 AND om.user_id = pm.user_id
 AND (om.role = 'DI' OR om.deleted_at IS NOT NULL))`
)

// bareNamed is the members by a row of their own whose name or address says hansen.
const bareNamed = ` FROM project_members pm CROSS JOIN users u CROSS JOIN organization_members om
WHERE pm.project_id = 1 AND pm.removed_by IS NULL AND pm.explicit AND u.id = pm.user_id
 AND u.search_text LIKE '%hansen%'
 AND om.organization_id = 1 AND om.user_id = pm.user_id AND om.role <> 'DI' AND om.deleted_at IS NULL`

// bareKeepers is how many of the selected keep access, by path.
func bareKeepers(selected string) string {
	return `SELECT count(*), sum(CASE WHEN EXISTS (SELECT 1 FROM workspace_members wm WHERE wm.workspace_id = 2
 AND wm.user_id = k.user_id AND wm.removed_by IS NULL) THEN 1 ELSE 0 END)
FROM (SELECT user_id FROM workspace_members WHERE workspace_id = 2 AND removed_by IS NULL
 UNION SELECT user_id FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD')
 AND deleted_at IS NULL) k
WHERE k.user_id IN (SELECT pm.user_id` + selected + ")"
}

// bareDropped is how many open assignments the selected would lose.
func bareDropped(selected string) string {
	return `SELECT sum((SELECT count(*) FROM assignments a WHERE a.project_id = 1 AND a.user_id = pm.user_id
 AND a.tenure = COALESCE(pm.tenure, pm.id)))` + selected + `
 AND pm.user_id NOT IN (SELECT user_id FROM workspace_members WHERE workspace_id = 2 AND removed_by IS NULL
  UNION SELECT user_id FROM organization_members WHERE organization_id = 1 AND role IN ('OW', 'AD')
 AND deleted_at IS NULL)`
}

// bareStanding is the question that decides every request, for ids known to
// be there, without what only sandboxes need.
func bareStanding() string {
	return fmt.Sprintf(`SELECT p.organization_id, p.workspace_id, p.created_by, om.role, pm.explicit, pm.role,
 wm.id IS NOT NULL FROM projects p
LEFT JOIN organization_members om ON om.organization_id = p.organization_id AND om.user_id = $1
 AND om.deleted_at IS NULL
LEFT JOIN project_members pm ON pm.project_id = p.id AND pm.user_id = $1 AND pm.removed_by IS NULL
LEFT JOIN workspace_members wm ON wm.workspace_id = p.workspace_id AND wm.user_id = $1 AND wm.removed_by IS NULL
WHERE p.id = %d AND p.deleted_at IS NULL`, largeProject)
}
