-- A measurement has an identity; a checkpoint remembers what chose it and what trained it; damaged bytes are known.

-- CreateEnum
CREATE TYPE "Trust" AS ENUM ('CHECKED', 'SUSPECT', 'UNCHECKED');

-- AlterTable
ALTER TABLE "Artifact" ADD COLUMN "damage" TEXT;

ALTER TABLE "Checkpoint" ADD COLUMN "chosenOn" TEXT[];
ALTER TABLE "Checkpoint" ADD COLUMN "trainedOn" TEXT[];
ALTER TABLE "Checkpoint" ADD COLUMN "trainImages" INTEGER;

ALTER TABLE "SweepPoint" ADD COLUMN "trust" "Trust" NOT NULL DEFAULT 'UNCHECKED';
ALTER TABLE "SweepPoint" ADD COLUMN "findings" TEXT[];

ALTER TABLE "Evaluation" ADD COLUMN "fingerprint" CHAR(64);
ALTER TABLE "Evaluation" ADD COLUMN "outcomes" BYTEA;
ALTER TABLE "Evaluation" ADD COLUMN "trust" "Trust" NOT NULL DEFAULT 'UNCHECKED';
ALTER TABLE "Evaluation" ADD COLUMN "findings" TEXT[];

-- What was measured before carried its seed in the protocol, and no content of its images: such numbers compare with each other.
UPDATE "Evaluation" SET "protocol" = regexp_replace("protocol", ' seed=[0-9]+', '');
UPDATE "Evaluation" SET "fingerprint" = encode(sha256(convert_to("protocol", 'UTF8')), 'hex');
ALTER TABLE "Evaluation" ALTER COLUMN "fingerprint" SET NOT NULL;
DELETE FROM "Evaluation" later USING "Evaluation" earlier
  WHERE later."runId" = earlier."runId" AND later."checkpointId" = earlier."checkpointId"
    AND later."fingerprint" = earlier."fingerprint" AND later."id" > earlier."id";

-- Every run that a checkpoint comes from chose on test (PAPER) or on holdout.
WITH RECURSIVE ancestry("id", "run") AS (
  SELECT "id", "producedById" FROM "Checkpoint" WHERE "producedById" IS NOT NULL
  UNION
  SELECT ancestry."id", parent."producedById"
    FROM ancestry
    JOIN "RunCheckpoint" link ON link."runId" = ancestry."run" AND link."role" = 'INPUT'
    JOIN "Checkpoint" parent ON parent."id" = link."checkpointId"
   WHERE parent."producedById" IS NOT NULL
), known AS (
  SELECT ancestry."id",
         array_agg(DISTINCT CASE WHEN run."config"->>'protocol' = 'PAPER' THEN 'test' ELSE 'holdout' END) AS "chosenOn",
         min(coalesce(run."config"->'training'->>'trainImages', run."config"->'model'->'training'->>'trainImages')::int) AS "trainImages"
    FROM ancestry JOIN "Run" run ON run."id" = ancestry."run" GROUP BY ancestry."id"
)
UPDATE "Checkpoint" SET "chosenOn" = known."chosenOn", "trainImages" = known."trainImages" FROM known WHERE known."id" = "Checkpoint"."id";

-- DropIndex
DROP INDEX "Evaluation_runId_idx";
DROP INDEX "Evaluation_checkpointId_idx";
DROP INDEX "Evaluation_dataset_suite_protocol_idx";

-- CreateIndex
CREATE UNIQUE INDEX "Evaluation_runId_checkpointId_fingerprint_key" ON "Evaluation"("runId", "checkpointId", "fingerprint");
CREATE INDEX "Evaluation_checkpointId_suite_fingerprint_idx" ON "Evaluation"("checkpointId", "suite", "fingerprint");
CREATE INDEX "Evaluation_dataset_split_idx" ON "Evaluation"("dataset", "split");
-- A run of its own has numbers of weights that are not here: one for each protocol.
CREATE UNIQUE INDEX "Evaluation_runId_fingerprint_key" ON "Evaluation"("runId", "fingerprint") WHERE "checkpointId" IS NULL;
