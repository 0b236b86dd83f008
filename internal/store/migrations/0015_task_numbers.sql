-- The number of a task in its project, which stays as it is whatever is deleted. The
-- tasks of a mirror have none: theirs are the upstream's.
ALTER TABLE tasks ADD COLUMN inner_id BIGINT NOT NULL DEFAULT 0;
UPDATE tasks SET inner_id = x.n FROM (
    SELECT t.id AS task, row_number() OVER (PARTITION BY t.project_id ORDER BY t.id) AS n
    FROM tasks t JOIN projects p ON p.id = t.project_id WHERE NOT p.mirrored
) x WHERE x.task = tasks.id;
CREATE INDEX tasks_number ON tasks (project_id, inner_id);
