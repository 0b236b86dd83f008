-- What ended in one project is found among all that the organization's operations ended, by
-- the index alone: who was deleted from it left every project at once.
DROP INDEX project_members_removed;
CREATE INDEX project_members_removed ON project_members (removed_by, user_id, project_id) WHERE removed_by IS NOT NULL;
