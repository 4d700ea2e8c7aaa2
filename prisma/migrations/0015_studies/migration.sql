-- Studies: grids of runs. A run may share the training of another that has the same settings and seed.
CREATE TABLE "Study" (
  "id" SERIAL NOT NULL,
  "projectId" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "preset" TEXT,
  "base" JSONB NOT NULL,
  "grid" JSONB NOT NULL,
  "seeds" INTEGER[],
  "scale" DOUBLE PRECISION NOT NULL DEFAULT 1,
  "createdById" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "pausedAt" TIMESTAMPTZ(3),
  CONSTRAINT "Study_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Study_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "Project" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "Study_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "Study_projectId_id_idx" ON "Study" ("projectId", "id" DESC);

CREATE TABLE "StudyRun" (
  "runId" INTEGER NOT NULL,
  "studyId" INTEGER NOT NULL,
  "cell" JSONB NOT NULL,
  "seed" INTEGER NOT NULL,
  CONSTRAINT "StudyRun_pkey" PRIMARY KEY ("runId"),
  CONSTRAINT "StudyRun_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "StudyRun_studyId_fkey" FOREIGN KEY ("studyId") REFERENCES "Study" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "StudyRun_studyId_idx" ON "StudyRun" ("studyId");

ALTER TABLE "Run" ADD COLUMN "trainingOfId" INTEGER;
ALTER TABLE "Run" ADD CONSTRAINT "Run_trainingOfId_fkey" FOREIGN KEY ("trainingOfId") REFERENCES "Run" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "Run_trainingOfId_idx" ON "Run" ("trainingOfId");
