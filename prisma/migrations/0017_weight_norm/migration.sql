-- Norm of the ball that a module's weight moved in: L1, L2 or LINF.
ALTER TABLE "MrcScore" ADD COLUMN "norm" TEXT NOT NULL DEFAULT 'L2';
