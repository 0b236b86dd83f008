-- Projects of an upstream (docs/adr/0020). In them nobody has access for having
-- made the project: whoever makes one through the gate becomes a member of it.
ALTER TABLE projects ADD COLUMN mirrored BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE projects SET mirrored = TRUE WHERE EXISTS (SELECT 1 FROM settings WHERE name = 'upstream_organization');
