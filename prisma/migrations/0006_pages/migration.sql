-- Expected work weighs the stages of a run; a failure says whether resuming can help.
ALTER TABLE "Stage" ADD COLUMN "work" DOUBLE PRECISION;
ALTER TABLE "Run" ADD COLUMN "errorResumable" BOOLEAN NOT NULL DEFAULT true;

-- The order of the list of runs: what goes on first.
CREATE INDEX "Run_activity_idx" ON "Run" (
  (CASE "state" WHEN 'RUNNING'::"RunState" THEN 2 WHEN 'QUEUED'::"RunState" THEN 1 ELSE 0 END) DESC, "createdAt" DESC, "id" DESC
);
