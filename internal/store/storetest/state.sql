WITH own AS (SELECT oid, xmin AS since, relkind, relnatts, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace), parts AS (
 SELECT oid, since FROM own WHERE relkind NOT IN ('S', 'r')
 UNION ALL SELECT oid, relnatts::text::xid FROM own WHERE relkind = 'r'
 UNION ALL SELECT a.attrelid, a.xmin FROM pg_attribute a JOIN own ON own.oid = a.attrelid
 UNION ALL SELECT oid, xmin FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
 UNION ALL SELECT oid, xmin FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
 UNION ALL SELECT t.oid, t.xmin FROM pg_trigger t JOIN own ON own.oid = t.tgrelid
 UNION ALL SELECT i.indexrelid, i.xmin FROM pg_index i JOIN own ON own.oid = i.indrelid
 UNION ALL SELECT s.seqrelid, s.xmin FROM pg_sequence s
 UNION ALL SELECT oid, xmin FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
 UNION ALL SELECT setdatabase, xmin FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
 UNION ALL SELECT starelid, '1'::xid FROM pg_statistic JOIN own ON own.oid = starelid
)
SELECT concat_ws(' ', count(*), sum(oid::bigint), sum(since::text::bigint),
 (SELECT string_agg(relname, ' ' ORDER BY relname) FROM own WHERE relkind = 'r'),
 (SELECT sum(pg_relation_size(oid)) FROM own WHERE relkind = 'r'), (SELECT sum(pg_relation_size(oid)) > 8000000 FROM own WHERE relkind = 'i'),
 (SELECT string_agg(v::text, ' ' ORDER BY version) FROM schema_versions v))
FROM parts
