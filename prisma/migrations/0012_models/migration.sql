-- Networks have options of their architecture and a normalisation of their own.
ALTER TABLE "Checkpoint"
  ADD COLUMN "architectureOptions" JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN "normalisation" JSONB;
