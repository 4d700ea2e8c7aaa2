/** Reads what belongs to many rows at once, so that a list costs a fixed number of statements. */
import type { Database } from './database.ts';

const among = (ids: readonly number[]) => ({ in: [...ids] });

export const usersById = ({ prisma }: Database, ids: readonly string[]) => prisma.user.findMany({ where: { id: { in: [...ids] } } });

export const projectsById = ({ prisma }: Database, ids: readonly number[]) => prisma.project.findMany({ where: { id: among(ids) } });

/** Deleted runs stay readable by id. */
export const runsById = ({ prisma }: Database, ids: readonly number[]) => prisma.run.findMany({ where: { id: among(ids) } });

export const devicesById = ({ prisma }: Database, ids: readonly number[]) => prisma.device.findMany({ where: { id: among(ids) } });

export const tokensById = ({ prisma }: Database, ids: readonly number[]) => prisma.apiToken.findMany({ where: { id: among(ids) } });

export const checkpointsById = ({ prisma }: Database, ids: readonly number[]) => prisma.checkpoint.findMany({ where: { id: among(ids) } });

export const evaluationsById = ({ prisma }: Database, ids: readonly number[]) => prisma.evaluation.findMany({ where: { id: among(ids) } });

export const sweepsById = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.interpolationSweep.findMany({ where: { id: among(ids) } });

export const studiesById = ({ prisma }: Database, ids: readonly number[]) => prisma.study.findMany({ where: { id: among(ids) } });

/** The oldest first; without deleted runs. */
export const runsOfStudies = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.studyRun.findMany({ where: { studyId: among(ids), run: { deletedAt: null } }, orderBy: { runId: 'asc' } });

export const studiesOfRuns = ({ prisma }: Database, ids: readonly number[]) => prisma.studyRun.findMany({ where: { runId: among(ids) } });

export const tokensOfUsers = ({ prisma }: Database, ids: readonly string[]) =>
  prisma.apiToken.findMany({ where: { userId: { in: [...ids] }, revokedAt: null }, orderBy: { id: 'asc' } });

export const stagesOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.stage.findMany({ where: { runId: among(ids) }, orderBy: { position: 'asc' } });

/** Of these keys, where keys are given. */
export async function paramsOfRuns({ pool }: Database, ids: readonly number[], keys: readonly string[] | null) {
  const { rows } = await pool.query<{ runId: number; key: string; value: string }>({ ...paramsStatement, values: [ids, keys] });
  return rows;
}

/** Every page of a list asks for them: planned once a connection. */
const paramsStatement = {
  name: 'paramsOfRuns',
  text: `SELECT "runId", "key", "value" FROM "RunParam"
    WHERE "runId" = ANY($1) AND ($2::text[] IS NULL OR "key" = ANY($2)) ORDER BY "key"`,
};

export const tagsOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.runTag.findMany({ where: { runId: among(ids) }, orderBy: { key: 'asc' } });

export const checkpointsOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.runCheckpoint.findMany({ where: { runId: among(ids) }, orderBy: [{ checkpointId: 'asc' }, { label: 'asc' }] });

/** In network order. */
export const mrcScoresOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.mrcScore.findMany({ where: { runId: among(ids) }, orderBy: [{ position: 'asc' }, { module: 'asc' }] });

export const sweepsOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.interpolationSweep.findMany({ where: { runId: among(ids) } });

export const pointsOfSweeps = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.sweepPoint.findMany({ where: { sweepId: among(ids) }, orderBy: { alpha: 'asc' } });

export const evaluationsOfRuns = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.evaluation.findMany({ where: { runId: among(ids) }, orderBy: { id: 'asc' } });

interface Measured {
  /** Of the run. */
  id: number;
  /** Equal for runs that measured the same things in the same way. */
  fingerprints: string;
  /** Behind standard accuracy; null where that was not measured. */
  images: number | null;
}

/** How runs measured, without what came of it; those that measured nothing do not come back. */
export async function measuredByRuns({ pool }: Database, ids: readonly number[]): Promise<Measured[]> {
  const { rows } = await pool.query<Measured>(
    `SELECT "runId" AS "id", md5(string_agg(DISTINCT "fingerprint", ' ' ORDER BY "fingerprint")) AS "fingerprints",
            max("images") FILTER (WHERE "suite" = 'STANDARD') AS "images"
       FROM "Evaluation" WHERE "runId" = ANY($1) GROUP BY "runId"`,
    [ids],
  );
  return rows;
}

/** Without what deleted runs measured. */
export const evaluationsOfCheckpoints = ({ prisma }: Database, ids: readonly number[]) =>
  prisma.evaluation.findMany({
    where: { checkpointId: among(ids), OR: [{ runId: null }, { run: { deletedAt: null } }] },
    orderBy: { id: 'asc' },
  });

/** Devices seen within the last week, in the order that they came. */
export const recentDevices = ({ prisma }: Database) =>
  prisma.device.findMany({ where: { lastSeenAt: { gt: new Date(Date.now() - 7 * 24 * 60 * 60 * 1000) } }, orderBy: { id: 'asc' } });

/** How many runs the queue serves before each of these, as it goes by id; only those that are queued come back. */
export async function runsAhead({ pool }: Database, ids: readonly number[]): Promise<{ id: number; ahead: number }[]> {
  const { rows } = await pool.query<{ id: number; ahead: number }>(
    `SELECT r."id", count(o."id")::int AS "ahead"
       FROM "Run" r
       LEFT JOIN "Run" o ON o."state" IN ('QUEUED', 'RUNNING') AND o."id" < r."id" AND o."deletedAt" IS NULL AND o."kind" <> 'EXTERNAL'
        AND (o."wantedDeviceId" IS NULL OR r."wantedDeviceId" IS NULL OR o."wantedDeviceId" = r."wantedDeviceId")
      WHERE r."id" = ANY($1) AND r."state" = 'QUEUED'
      GROUP BY r."id"`,
    [ids],
  );
  return rows;
}
