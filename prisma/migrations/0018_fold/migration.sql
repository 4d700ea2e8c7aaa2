-- A Postgres before 18 lowers letters but does not fold them: ß stays apart from SS, and ς at a word's end from Σ within one.
DO $do$
DECLARE
  version int := current_setting('server_version_num')::int;
  lowered text := CASE
    WHEN version >= 170000 THEN 'lower(normalize($1, NFC) COLLATE "pg_c_utf8")'
    WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN 'lower(normalize($1, NFC) COLLATE "und-x-icu")'
    ELSE 'lower(normalize($1, NFC))'
  END;
BEGIN
  IF version < 180000 THEN
    EXECUTE 'CREATE OR REPLACE FUNCTION "fold"(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS '
      || quote_literal('SELECT replace(replace(replace(' || lowered || ', ''ß'', ''ss''), ''ς'', ''σ''), U&''i\0307'', ''i'')');
    REINDEX INDEX "RunParam_key_fold_idx";
    REINDEX INDEX "RunTag_key_fold_idx";
  END IF;
END
$do$;
