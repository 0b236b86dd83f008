-- Pauses that nobody may make any more stop counting: one's own, the Owner's,
-- and those made by somebody who did not stand above the person. They stay, as
-- ended by nobody (deleted_by null): no other pause ends so. The log names them.
--
-- It is mayPause of app/policy.go: who paused counts with the organization role
-- that they had then, where a later change is on record; who is paused with the
-- role that they act with in the project now.
UPDATE pauses SET deleted_at = {{now}} WHERE deleted_at IS NULL AND (user_id = paused_by OR id IN (
    WITH ranks (role, level) AS (VALUES ('OW', 1), ('AD', 2), ('MA', 3), ('RE', 4), ('AN', 5), ('VO', 6), ('NO', 7), ('DI', 8)),
    standing AS (
        SELECT ps.id, ps.paused_by, ps.created_at, p.organization_id,
            CASE WHEN om.role IN ('AN', 'RE') THEN COALESCE(pm.role, om.role) ELSE om.role END AS role
        FROM pauses ps
        JOIN projects p ON p.id = ps.project_id
        JOIN organization_members om ON om.organization_id = p.organization_id AND om.user_id = ps.user_id
        LEFT JOIN project_members pm ON pm.project_id = ps.project_id AND pm.user_id = ps.user_id AND pm.removed_by IS NULL
        WHERE ps.deleted_at IS NULL
    ),
    made AS (
        SELECT s.id, s.role, s.organization_id, COALESCE((
            SELECT c.role_before FROM outcomes c JOIN operations o ON o.id = c.operation_id
            WHERE c.user_id = s.paused_by AND c.role_before <> '' AND o.organization_id = s.organization_id AND o.project_id IS NULL AND c.project_id = 0
                AND o.at > s.created_at ORDER BY o.id LIMIT 1
        ), om.role) AS maker
        FROM standing s
        LEFT JOIN organization_members om ON om.organization_id = s.organization_id AND om.user_id = s.paused_by
    )
    SELECT made.id FROM made
    JOIN ranks above ON above.role = made.maker
    JOIN ranks below ON below.role = made.role
    WHERE NOT (above.level < below.level OR (above.role = 'MA' AND below.role = 'MA' AND EXISTS (
        SELECT 1 FROM organization_permissions op
        WHERE op.organization_id = made.organization_id AND op.permission = 'organizations.assign_same_level' AND ',' || op.roles || ',' LIKE '%,MA,%'
    )))
));
