-- The role history reads the ends of project roles by operation, like every
-- other history: an index of its own would be one more to enter in bulk.
DROP INDEX project_members_roles;
