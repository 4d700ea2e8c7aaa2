-- Text as comparisons see it: composed, and without case in every alphabet; İ counts as i. Postgres has had this by itself, in any
-- locale, since 18; an older one comes as near as it can.
DO $do$
DECLARE
  version int := current_setting('server_version_num')::int;
  folded text := CASE
    WHEN version >= 180000 THEN 'casefold(normalize($1, NFC) COLLATE "pg_unicode_fast")'
    WHEN version >= 170000 THEN 'lower(normalize($1, NFC) COLLATE "pg_c_utf8")'
    WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN 'lower(normalize($1, NFC) COLLATE "und-x-icu")'
    ELSE 'lower(normalize($1, NFC))'
  END;
BEGIN
  EXECUTE 'CREATE FUNCTION "fold"(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS '
    || quote_literal('SELECT replace(' || folded || ', U&''i\0307'', ''i'')');
END
$do$;

-- The number that a text states, in at most 40 characters and below 1e215; null for any other text, NaN included.
CREATE FUNCTION "numberOf"(text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN length($1) <= 40 AND ($1 ~ '^[+-]?([0-9]{1,15}([.][0-9]*)?|[.][0-9]+)([eE][+-]?1?[0-9]{1,2})?$' OR $1 ~* '^[+-]?inf(inity)?$')
    THEN $1::double precision
  END
$$;

-- AlterTable
DROP INDEX "RunParam_key_number_idx";
ALTER TABLE "RunParam" DROP COLUMN "number";
ALTER TABLE "RunParam" ADD COLUMN "number" DOUBLE PRECISION GENERATED ALWAYS AS ("numberOf"("value")) STORED;
ALTER TABLE "RunTag" ADD COLUMN "number" DOUBLE PRECISION GENERATED ALWAYS AS ("numberOf"("value")) STORED;

-- CreateIndex
CREATE INDEX "RunParam_key_number_idx" ON "RunParam"("key", "number");
CREATE INDEX "RunTag_key_number_idx" ON "RunTag"("key", "number");

-- Long values are found by their beginning, then compared whole.
DROP INDEX "RunParam_key_lower_idx";
DROP INDEX "RunTag_key_lower_idx";
CREATE INDEX "RunParam_key_fold_idx" ON "RunParam"("key", left("fold"("value"), 200));
CREATE INDEX "RunTag_key_fold_idx" ON "RunTag"("key", left("fold"("value"), 200));

-- CreateIndex
CREATE INDEX "Run_deletedAt_idx" ON "Run"("deletedAt");
CREATE INDEX "Checkpoint_producedById_idx" ON "Checkpoint"("producedById");
CREATE INDEX "Checkpoint_baseId_idx" ON "Checkpoint"("baseId");
