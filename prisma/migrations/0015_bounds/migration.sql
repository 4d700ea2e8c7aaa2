-- A score whose ascent was not followed to its end is a lower bound.
ALTER TABLE "MrcScore" ADD COLUMN "complete" BOOLEAN NOT NULL DEFAULT true;
