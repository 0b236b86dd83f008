-- The moment from which having made a project or a workspace gives its maker no access any
-- more: when they came again to the organization, having been deleted from it.
ALTER TABLE projects ADD COLUMN maker_until BIGINT;
ALTER TABLE workspaces ADD COLUMN maker_until BIGINT;
