-- The newest operation about a workspace is looked for in lists.
CREATE INDEX operations_workspace ON operations (workspace_id, id) WHERE workspace_id IS NOT NULL;
