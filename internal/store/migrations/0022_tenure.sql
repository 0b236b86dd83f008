-- When somebody joined a project is when their tenure began. A row that goes on with one
-- names the operation that began it; NULL is added_by.
ALTER TABLE project_members ADD COLUMN began_by BIGINT;
UPDATE project_members SET began_by = f.added_by FROM project_members f
 WHERE project_members.tenure IS NOT NULL AND f.id = project_members.tenure;
