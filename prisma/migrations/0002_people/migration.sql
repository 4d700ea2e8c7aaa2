ALTER TABLE "User" ADD COLUMN "lastSeenAt" TIMESTAMPTZ(3), ADD COLUMN "removedAt" TIMESTAMPTZ(3);

ALTER TABLE "ApiToken" ADD COLUMN "parentId" INTEGER;
ALTER TABLE "ApiToken" ADD CONSTRAINT "ApiToken_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "ApiToken"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "ApiToken_parentId_idx" ON "ApiToken"("parentId");
