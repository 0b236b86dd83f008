SELECT md5(
 (SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM (
   SELECT oid, 0 AS part, xmin, reltuples FROM pg_class WHERE relnamespace = current_schema()::regnamespace
   UNION ALL SELECT attrelid, attnum, a.xmin, 0 FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = current_schema()::regnamespace
   UNION ALL SELECT oid, 0, xmin, 0 FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
   UNION ALL SELECT oid, 0, xmin, 0 FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
   UNION ALL SELECT t.oid, 0, t.xmin, 0 FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = current_schema()::regnamespace
   UNION ALL SELECT indexrelid, 0, i.xmin, 0 FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace
   UNION ALL SELECT oid, 0, xmin, 0 FROM pg_namespace
   UNION ALL SELECT setdatabase, 0, xmin, 0 FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
 ) AS r)
 || (SELECT count(*) FROM pg_statistic s JOIN pg_class c ON c.oid = starelid WHERE relnamespace = current_schema()::regnamespace)
 || (SELECT string_agg(v::text, ' ' ORDER BY version) FROM schema_versions v)
 || (pg_database_size(current_database()) > 32000000));
