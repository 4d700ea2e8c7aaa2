-- AlterTable
ALTER TABLE "Device" ADD COLUMN     "hint" TEXT,
ADD COLUMN     "imagesPerSecond" DOUBLE PRECISION,
ADD COLUMN     "label" TEXT NOT NULL DEFAULT 'cpu',
ADD COLUMN     "memoryBytes" BIGINT,
ADD COLUMN     "missing" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "problem" TEXT,
ADD COLUMN     "selfTest" TEXT,
ADD COLUMN     "versions" TEXT;
