DO $$ DECLARE t record; BEGIN
 SET LOCAL session_replication_role = replica;
 FOR t IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
   AND relname <> 'schema_versions' AND pg_relation_size(oid) > 0 LOOP
  EXECUTE 'DELETE FROM ' || t.name;
 END LOOP;
 PERFORM setval(seqrelid::regclass, seqstart, FALSE) FROM pg_sequence;
END $$
