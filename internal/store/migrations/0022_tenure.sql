-- When somebody joined a project is when their tenure began. A row that goes on with one
-- names the operation that began it; NULL is added_by.
ALTER TABLE project_members ADD COLUMN began_by BIGINT;
UPDATE project_members SET began_by = f.added_by FROM project_members f
 WHERE project_members.tenure IS NOT NULL AND f.id = project_members.tenure;

-- A project role is known by the tenure it is held in, so that an undo gives it back under
-- its id.
{{postgres}}DROP INDEX project_members_role;
CREATE INDEX project_members_role_tenure ON project_members ((COALESCE(tenure, id))) WHERE removed_by IS NULL AND role IS NOT NULL;
