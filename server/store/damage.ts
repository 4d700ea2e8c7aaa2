/** Stored bytes that were found to be others than they should be: remembered, and shown with every checkpoint that needs them. */
import { DamageError } from './artifacts.ts';
import type { Database, Transaction } from './database.ts';

/** Remembers a DamageError of `read`, and throws it on. */
export async function recordingDamage<Result>(database: Transaction, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DamageError)
      await database.artifact.updateMany({ where: { sha256: error.sha256 }, data: { damage: error.message } });
    throw error;
  }
}

/** What is known to be damaged of the files that these checkpoints, or those that they differ from, are kept in. */
export async function damageOfCheckpoints({ pool }: Database, ids: readonly number[]): Promise<{ id: number; damage: string }[]> {
  const { rows } = await pool.query<{ id: number; damage: string }>(
    `WITH RECURSIVE chain AS (
       SELECT "id", "baseId", "artifactSha256" FROM "Checkpoint" WHERE "id" = ANY($1)
       UNION ALL
       SELECT chain."id", base."baseId", base."artifactSha256" FROM chain JOIN "Checkpoint" base ON base."id" = chain."baseId"
     )
     SELECT chain."id", min(artifact."damage") AS "damage"
       FROM chain JOIN "Artifact" artifact ON artifact."sha256" = chain."artifactSha256"
      WHERE artifact."damage" IS NOT NULL GROUP BY chain."id"`,
    [ids],
  );
  return rows;
}
