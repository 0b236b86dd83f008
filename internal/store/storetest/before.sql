-- A store as Roster left it at schema version 11. Each part says who reads it;
-- what is named by a test must not change.

-- The organization and its people, by role. Times are microseconds.
INSERT INTO organizations (id, title, token, created_by, created_at) VALUES (1001, 'Acme', 'token', 1001, 1767225600000000);
INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key, username_key, date_joined, active_organization)
SELECT x.id, x.name || '@example.com', x.name || '@example.com', x.name, x.name, '', '', x.name, 1767225600000000, 1001 FROM (
    SELECT 1001 AS id, 'owner' AS name
    UNION ALL SELECT 1002, 'admin' UNION ALL SELECT 1003, 'admin2'
    UNION ALL SELECT 1004, 'manager' UNION ALL SELECT 1005, 'manager2' UNION ALL SELECT 1006, 'demoted'
    UNION ALL SELECT 1007, 'reviewer' UNION ALL SELECT 1008, 'annotator' UNION ALL SELECT 1009, 'raised'
) AS x;
INSERT INTO organization_members (organization_id, user_id, role, created_at)
SELECT 1001, x.id, x.role, 1767225600000000 FROM (
    SELECT 1001 AS id, 'OW' AS role
    UNION ALL SELECT 1002, 'AD' UNION ALL SELECT 1003, 'AD'
    UNION ALL SELECT 1004, 'MA' UNION ALL SELECT 1005, 'MA' UNION ALL SELECT 1006, 'AN'
    UNION ALL SELECT 1007, 'RE' UNION ALL SELECT 1008, 'AN' UNION ALL SELECT 1009, 'AN'
) AS x;

-- One project, of which all of them are members; in it one annotator reviews.
INSERT INTO projects (id, organization_id, title, title_key, created_by, created_at) VALUES (1001, 1001, 'Street signs', 'street signs', 1001, 1767225600000000);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at) VALUES (1001, 1001, 1001, 'assign', 1001, 'token', 1767225600000000);
INSERT INTO project_members (project_id, user_id, explicit, added_by) SELECT 1001, user_id, TRUE, 1001 FROM organization_members WHERE user_id <> 1009;
INSERT INTO project_members (project_id, user_id, explicit, role, role_source, added_by) VALUES (1001, 1009, TRUE, 'RE', 'manual', 1001);

-- Its store mirrors a Label Studio, whose hooks nobody has written down; and an
-- annotator and a manager have each a task of it (TestAStoreOfBefore).
INSERT INTO settings (name, value) VALUES ('upstream_organization', '1');
UPDATE projects SET mirrored = TRUE WHERE id = 1001;
INSERT INTO tasks (id, project_id, data, created_at, updated_at) VALUES (1001, 1001, '{}', 1767225600000000, 1767225600000000);
INSERT INTO assignments (project_id, task_id, user_id, type, tenure, created_at)
SELECT 1001, 1001, user_id, 'AN', id, 1767225600000000 FROM project_members WHERE user_id IN (1004, 1008);

-- Pauses that stand (TestPausesOfBefore), each named by its message; and one
-- that was lifted. Who was demoted was a Manager when they made theirs.
INSERT INTO operations (id, organization_id, kind, actor_id, credential, at) VALUES (1002, 1001, 'organization_role', 1001, 'token', 1772323200000000);
INSERT INTO outcomes (operation_id, user_id, result, role_before, role_after) VALUES (1002, 1006, 'role_set', 'MA', 'AN');
INSERT INTO pauses (id, project_id, user_id, reason, verbose_reason, paused_by, created_at, updated_at)
SELECT x.id, 1001, x.who, 'MANUAL', x.says, x.maker, 1769904000000000, 1769904000000000 FROM (
    SELECT 1001 AS id, 1001 AS who, 1004 AS maker, 'ended: of the Owner' AS says
    UNION ALL SELECT 1002, 1002, 1002, 'ended: their own'
    UNION ALL SELECT 1003, 1002, 1004, 'ended: from below'
    UNION ALL SELECT 1004, 1003, 1002, 'ended: an Administrator by another'
    UNION ALL SELECT 1005, 1003, 1001, 'stands: an Administrator by the Owner'
    UNION ALL SELECT 1006, 1005, 1004, 'ended: a Manager by another'
    UNION ALL SELECT 1007, 1005, 1002, 'stands: a Manager by an Administrator'
    UNION ALL SELECT 1008, 1008, 1004, 'stands: an annotator by a Manager'
    UNION ALL SELECT 1009, 1008, 1006, 'stands: by somebody who was a Manager then'
    UNION ALL SELECT 1010, 1008, 1007, 'stands: by a reviewer who managed members then'
    UNION ALL SELECT 1011, 1009, 1007, 'ended: a reviewer of this project by another'
    UNION ALL SELECT 1013, 1006, 1006, 'ended: their own, a Manager then'
) AS x;
INSERT INTO pauses (id, project_id, user_id, reason, paused_by, created_at, updated_at, deleted_at, deleted_by)
VALUES (1012, 1001, 1007, 'MANUAL', 1004, 1769904000000000, 1769904000000000, 1769990400000000, 1004);

-- A project of its own, whose tasks have no numbers yet (TestTasksOfBefore).
INSERT INTO projects (id, organization_id, title, title_key, created_by, created_at) VALUES (1010, 1001, 'Crosswalks', 'crosswalks', 1001, 1767225600000000);
INSERT INTO tasks (id, project_id, data, created_at, updated_at) VALUES (1010, 1010, '{}', 1767225600000000, 1767225600000000);
INSERT INTO tasks (id, project_id, data, created_at, updated_at) VALUES (1012, 1010, '{}', 1767225600000000, 1767225600000000);
-- A tag on two people, a file of tags that waits, and an annotator whom an identity
-- provider knows (TestTagsOfBefore).
INSERT INTO tags (id, organization_id, label, label_key, created_by, created_at, updated_at) VALUES (1001, 1001, 'Night', 'night', 1001, 1767225600000000, 1767225600000000);
INSERT INTO member_tags (user_id, tag_id) VALUES (1007, 1001), (1008, 1001);
INSERT INTO tag_imports (id, organization_id, created_by, status, content, created_at)
VALUES (1001, 1001, 1001, 'created', '[{"Email":"manager@example.com","Labels":["night"]},{"Email":"annotator@example.com","Labels":["night"]}]', 1767225600000000);
INSERT INTO scim_users (organization_id, user_id, external_id) VALUES (1001, 1008, '00u8');
-- People whose addresses mean something else by the key of a mailbox (TestAddressesOfBefore):
-- two who have one, one whom nobody could be given, and one whom the mirror took a key from.
INSERT INTO users (id, email, email_key, username, first_name, search_text, first_name_key, last_name_key, username_key, date_joined, active_organization)
SELECT x.id, x.email, x.key, x.email, 'Zoë', 'zoë', 'zoë', '', x.email, 1767225600000000, 1001 FROM (
    SELECT 1021 AS id, 'hans@xn--mller-kva.example' AS email, 'hans@xn--mller-kva.example' AS key
    UNION ALL SELECT 1022, 'hans@müller.example', 'hans@müller.example'
    UNION ALL SELECT 1023, 'ａnn@example.com', 'ａnn@example.com'
    UNION ALL SELECT 1024, 'Annotator@example.com', 'annotator@example.com 1024'
    UNION ALL SELECT 1025, 'x@strasse.example', 'x@strasse.example'
    UNION ALL SELECT 1026, 'y@straße.example', 'y@strasse.example'
) AS x;
INSERT INTO organization_members (organization_id, user_id, role, created_at) SELECT 1001, id, 'AN', 1767225600000000 FROM users WHERE id > 1020;
INSERT INTO invitations (id, organization_id, email, email_key, hash, role, user_type, projects, workspaces, invited_by, created_at, expires_at)
SELECT 1001, 1001, 'z@straße.example', 'z@strasse.example', hash, 'AN', 'standard', '[]', '[]', 1001, 1767225600000000, 1767225600000000
FROM (SELECT value AS hash FROM settings WHERE name = 'upstream_organization') AS x;
-- People who left (TestLeaversOfBefore): two who were deleted with all they had, of whom one
-- is on record and one is not, and one who is deactivated.
INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key, username_key, date_joined)
SELECT x.id, x.name || '@example.com', x.name || '@example.com', x.name, x.name, '', '', x.name, 1767225600000000 FROM (
    SELECT 1031 AS id, 'left' AS name UNION ALL SELECT 1032, 'unrecorded' UNION ALL SELECT 1033, 'suspended'
) AS x;
INSERT INTO organization_members (organization_id, user_id, role, created_at, deleted_at) VALUES
    (1001, 1031, 'AN', 1767225600000000, 1772409600000000), (1001, 1032, 'AN', 1767225600000000, 1772409600000000), (1001, 1033, 'DI', 1767225600000000, NULL);
INSERT INTO workspaces (id, organization_id, title, created_by, created_at) VALUES (1020, 1001, 'Vision', 1001, 1767225600000000);
INSERT INTO projects (id, organization_id, title, title_key, created_by, created_at) VALUES (1020, 1001, 'Receipts', 'receipts', 1001, 1767225600000000);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at) VALUES (1020, 1001, 1020, 'assign', 1001, 'token', 1767225600000000);
INSERT INTO operations (id, organization_id, workspace_id, kind, actor_id, credential, at) VALUES (1021, 1001, 1020, 'workspace_assign', 1001, 'token', 1767225600000000);
INSERT INTO project_members (project_id, user_id, explicit, role, role_source, added_by) SELECT 1020, id, TRUE, 'RE', 'manual', 1020 FROM users WHERE id > 1030;
INSERT INTO workspace_members (workspace_id, user_id, added_by) SELECT 1020, id, 1021 FROM users WHERE id > 1030;
INSERT INTO tasks (id, project_id, data, created_at, updated_at) VALUES (1020, 1020, '{}', 1767225600000000, 1767225600000000);
INSERT INTO assignments (project_id, task_id, user_id, type, tenure, created_at)
SELECT 1020, 1020, user_id, 'AN', id, 1767225600000000 FROM project_members WHERE user_id > 1030;
INSERT INTO operations (id, organization_id, kind, actor_id, credential, at, changed, assignments_through)
SELECT 1022, 1001, 'organization_leave', 1001, 'token', 1772409600000000, 1, max(id) FROM assignments;
INSERT INTO outcomes (operation_id, user_id, result, role_before) VALUES (1022, 1031, 'removed', 'AN');
-- Whom a provider linked (TestLinksOfBefore).
INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ('https://id.example.com', '1025', 1025, 1767225600000000);
-- Somebody who was deleted, whom a provider still calls something (TestDepartedOfBefore).
INSERT INTO users (id, email, email_key, username, search_text, first_name_key, last_name_key, username_key, date_joined)
VALUES (1041, 'gone@example.com', 'gone@example.com', 'gone', 'gone', '', '', 'gone', 1767225600000000);
INSERT INTO organization_members (organization_id, user_id, role, created_at, deleted_at) VALUES (1001, 1041, 'AN', 1767225600000000, 1772323200000000);
INSERT INTO operations (id, organization_id, kind, actor_id, credential, at) VALUES (1041, 1001, 'organization_leave', 1001, 'token', 1772323200000000);
INSERT INTO outcomes (operation_id, user_id, result, role_before) VALUES (1041, 1041, 'removed', 'AN');
INSERT INTO scim_users (organization_id, user_id, external_id) VALUES (1001, 1041, '00u41');
INSERT INTO scim_groups (id, organization_id, name, created_at) VALUES (1041, 1001, 'Crew', 1767225600000000);
INSERT INTO scim_group_members (group_id, user_id) VALUES (1041, 1041);
INSERT INTO claimed_groups (organization_id, user_id, name) VALUES (1001, 1041, 'Leads');
-- Somebody whom an undo took back into another project (TestTenuresOfBefore): the row of
-- today goes on with the tenure of the first.
INSERT INTO projects (id, organization_id, title, title_key, created_by, created_at) VALUES (1050, 1001, 'Lanes', 'lanes', 1001, 1767225600000000);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at) VALUES (1050, 1001, 1050, 'assign', 1001, 'token', 1767225600000000);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at, undoes) VALUES (1052, 1001, 1050, 'undo', 1001, 'token', 1772323200000000, 1051);
INSERT INTO operations (id, organization_id, project_id, kind, actor_id, credential, at, changed) VALUES (1051, 1001, 1050, 'unassign', 1001, 'token', 1769904000000000, 1);
INSERT INTO project_members (id, project_id, user_id, explicit, added_by, removed_by) VALUES (1050, 1050, 1008, TRUE, 1050, 1051);
INSERT INTO project_members (id, project_id, user_id, explicit, role, role_source, tenure, added_by) VALUES (1051, 1050, 1008, TRUE, 'RE', 'api', 1050, 1052);
-- What they count.
UPDATE operations SET changed = (SELECT count(*) FROM project_members pm WHERE pm.added_by = operations.id AND pm.explicit) WHERE kind = 'assign';
UPDATE operations SET changed = (SELECT count(*) FROM workspace_members wm WHERE wm.added_by = operations.id) WHERE kind = 'workspace_assign'
