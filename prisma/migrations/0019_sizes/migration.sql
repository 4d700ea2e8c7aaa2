-- The number that a text states, in at most 40 characters; null for any other text, NaN included.
-- What has more digits than a double precision holds is compared once more as the text states it.
DROP INDEX "RunParam_key_number_idx";
DROP INDEX "RunTag_key_number_idx";
ALTER TABLE "RunParam" DROP COLUMN "number";
ALTER TABLE "RunTag" DROP COLUMN "number";

CREATE OR REPLACE FUNCTION "numberOf"(text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN length($1) <= 40 AND ($1 ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?1?[0-9]{1,2})?$' OR $1 ~* '^[+-]?inf(inity)?$')
    THEN $1::double precision
  END
$$;

-- AlterTable
ALTER TABLE "RunParam" ADD COLUMN "number" DOUBLE PRECISION GENERATED ALWAYS AS ("numberOf"("value")) STORED;
ALTER TABLE "RunTag" ADD COLUMN "number" DOUBLE PRECISION GENERATED ALWAYS AS ("numberOf"("value")) STORED;

-- CreateIndex
CREATE INDEX "RunParam_key_number_idx" ON "RunParam"("key", "number");
CREATE INDEX "RunTag_key_number_idx" ON "RunTag"("key", "number");
