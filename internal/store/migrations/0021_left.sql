-- How many dormant memberships, of deactivated people, an operation ended or brought back
-- besides those that it counts.
ALTER TABLE operations ADD COLUMN dormant BIGINT NOT NULL DEFAULT 0;

-- Leaving the organization ends everything from now on. Who was deleted before still has
-- active rows: they end under the operation that deleted them, so that its undo brings
-- them back. Where none is on record, or it was undone since, one is recorded as of the
-- day of the deletion, by nobody.
INSERT INTO operations (organization_id, kind, actor_id, credential, request_id, at, changed, assignments_through)
SELECT om.organization_id, 'organization_leave', 0, '', 'left ' || CAST(om.id AS TEXT), om.deleted_at, 1,
    (SELECT COALESCE(max(a.id), 0) FROM assignments a WHERE a.created_at <= om.deleted_at)
FROM organization_members om
WHERE om.deleted_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM outcomes x JOIN operations o ON o.id = x.operation_id
    WHERE x.user_id = om.user_id AND x.project_id = 0 AND x.result = 'removed'
        AND o.organization_id = om.organization_id AND o.project_id IS NULL AND o.workspace_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM outcomes back JOIN operations b ON b.id = back.operation_id
            WHERE back.user_id = om.user_id AND back.project_id = 0 AND back.result = 'restored' AND back.operation_id > x.operation_id
                AND b.organization_id = om.organization_id AND b.project_id IS NULL AND b.workspace_id IS NULL)
) AND (EXISTS (
    SELECT 1 FROM projects p JOIN project_members pm ON pm.project_id = p.id
    WHERE p.organization_id = om.organization_id AND pm.user_id = om.user_id AND pm.removed_by IS NULL
) OR EXISTS (
    SELECT 1 FROM workspaces w JOIN workspace_members wm ON wm.workspace_id = w.id
    WHERE w.organization_id = om.organization_id AND wm.user_id = om.user_id AND wm.removed_by IS NULL
));
INSERT INTO outcomes (operation_id, user_id, result, role_before)
SELECT o.id, om.user_id, 'removed', om.role FROM operations o JOIN organization_members om ON o.request_id = 'left ' || CAST(om.id AS TEXT)
WHERE o.kind = 'organization_leave' AND o.actor_id = 0;
UPDATE operations SET request_id = '' WHERE kind = 'organization_leave' AND actor_id = 0 AND request_id LIKE 'left %';

-- The operation that deleted somebody last. (The rows of no organization stay.)
UPDATE project_members SET removed_by = (
    SELECT max(x.operation_id) FROM projects p JOIN operations o ON o.organization_id = p.organization_id JOIN outcomes x ON x.operation_id = o.id
    WHERE p.id = project_members.project_id AND o.project_id IS NULL AND o.workspace_id IS NULL
        AND x.user_id = project_members.user_id AND x.project_id = 0 AND x.result = 'removed'
)
WHERE removed_by IS NULL AND user_id IN (SELECT om.user_id FROM organization_members om WHERE om.deleted_at IS NOT NULL) AND EXISTS (
    SELECT 1 FROM projects p JOIN organization_members om ON om.organization_id = p.organization_id
    WHERE p.id = project_members.project_id AND om.user_id = project_members.user_id AND om.deleted_at IS NOT NULL
);
UPDATE workspace_members SET removed_by = (
    SELECT max(x.operation_id) FROM workspaces w JOIN operations o ON o.organization_id = w.organization_id JOIN outcomes x ON x.operation_id = o.id
    WHERE w.id = workspace_members.workspace_id AND o.project_id IS NULL AND o.workspace_id IS NULL
        AND x.user_id = workspace_members.user_id AND x.project_id = 0 AND x.result = 'removed'
)
WHERE removed_by IS NULL AND user_id IN (SELECT om.user_id FROM organization_members om WHERE om.deleted_at IS NOT NULL) AND EXISTS (
    SELECT 1 FROM workspaces w JOIN organization_members om ON om.organization_id = w.organization_id
    WHERE w.id = workspace_members.workspace_id AND om.user_id = workspace_members.user_id AND om.deleted_at IS NOT NULL
);
