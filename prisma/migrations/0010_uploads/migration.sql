-- Files on their way to becoming checkpoints.
CREATE TABLE "Upload" (
  "id" SERIAL NOT NULL,
  "userId" TEXT NOT NULL,
  "bytes" BIGINT NOT NULL,
  "sha256" CHAR(64),
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "usedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "checkpointId" INTEGER,
  "importedAs" TEXT,
  CONSTRAINT "Upload_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Upload_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "Upload_checkpointId_fkey" FOREIGN KEY ("checkpointId") REFERENCES "Checkpoint" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "Upload_userId_idx" ON "Upload" ("userId");
CREATE INDEX "Upload_usedAt_idx" ON "Upload" ("usedAt");
CREATE INDEX "Upload_checkpointId_idx" ON "Upload" ("checkpointId");
