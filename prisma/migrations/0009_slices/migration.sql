-- Stages that several devices share are cut into slices.
CREATE TABLE "Slice" (
  "runId" INTEGER NOT NULL,
  "stage" "StageName" NOT NULL,
  "index" INTEGER NOT NULL,
  "of" INTEGER NOT NULL,
  "state" "RunState" NOT NULL DEFAULT 'QUEUED',
  "progressDone" BIGINT NOT NULL DEFAULT 0,
  "progressTotal" BIGINT NOT NULL DEFAULT 0,
  "progressRate" DOUBLE PRECISION,
  CONSTRAINT "Slice_pkey" PRIMARY KEY ("runId", "stage", "index"),
  CONSTRAINT "Slice_runId_stage_fkey" FOREIGN KEY ("runId", "stage") REFERENCES "Stage" ("runId", "name") ON DELETE CASCADE ON UPDATE CASCADE
);

-- Several devices may compute slices of one run.
DROP INDEX "Device_runId_key";
CREATE INDEX "Device_runId_idx" ON "Device" ("runId");
