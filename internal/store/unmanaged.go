package store

// appendUnmanaged appends the first projects of an organization by title, at most so many, and
// how many there are in all, that are not archived, and that no Manager belongs to or made:
// there only Owner and Administrators can change who is a member.
func appendUnmanaged(q *query, organization int64, most int) {
	q.add(`WITH managers AS MATERIALIZED (SELECT om.user_id FROM organization_members om
 WHERE om.organization_id = ? AND om.role = 'MA' AND om.deleted_at IS NULL)
SELECT p.id, p.title, p.title_key, count(*) OVER () AS total FROM projects p LEFT JOIN workspaces w ON w.id = p.workspace_id
WHERE p.organization_id = ? AND p.deleted_at IS NULL AND NOT p.is_archived AND NOT COALESCE(w.is_personal, FALSE)
 AND NOT (`+admitsMaker+` AND p.created_by IN (SELECT user_id FROM managers))
 AND NOT EXISTS (SELECT 1 FROM managers CROSS JOIN project_members m WHERE m.project_id = p.id
 AND m.user_id = managers.user_id AND {{explicit m}})
 AND NOT EXISTS (SELECT 1 FROM managers CROSS JOIN workspace_members m WHERE m.workspace_id = p.workspace_id
 AND m.user_id = managers.user_id AND {{active m}})
ORDER BY p.title_key, p.id LIMIT ?`, organization, organization, most)
}
