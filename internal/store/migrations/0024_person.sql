-- The projects of one person, without reading those of everybody. Rows that end leave it,
-- so that on PostgreSQL ending one enters nothing here.
CREATE INDEX project_members_person ON project_members (user_id) WHERE removed_by IS NULL;
