DO $$ DECLARE t record; BEGIN
 PERFORM pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
 SET LOCAL session_replication_role = replica;
 FOR t IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
   AND relname <> 'schema_versions' AND pg_relation_size(oid) > 0 LOOP
  EXECUTE 'DELETE FROM ' || t.name;
 END LOOP;
 PERFORM setval(seqrelid::regclass, seqstart, FALSE) FROM pg_sequence;
END $$
