-- What a slice of an evaluation measured, for the stage to join.
ALTER TABLE "Slice" ADD COLUMN "outcome" JSONB;
