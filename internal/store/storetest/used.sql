SELECT COALESCE(string_agg(oid::regclass::text, ', '), '') FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'schema_versions' AND pg_relation_size(oid) > 0
