/** One DataLoader for each record and each thing that belongs to one: a list of runs costs a fixed number of statements. */
import DataLoader from 'dataloader';
import * as batches from '../store/batches.ts';
import { damageOfCheckpoints } from '../store/damage.ts';
import type { Database } from '../store/database.ts';
import { type MetricSummaryRecord, summariesOfRuns } from '../store/metrics.ts';

export type Loaders = ReturnType<typeof createLoaders>;

const one = <Id, Row extends { id: Id }>(read: (ids: readonly Id[]) => Promise<Row[]>) =>
  new DataLoader<Id, Row | null>(async (ids) => {
    const rows = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });

const many = <Id, Row>(read: (ids: readonly Id[]) => Promise<Row[]>, owner: (row: Row) => Id | null) =>
  new DataLoader<Id, Row[]>(async (ids) => {
    const groups = new Map<Id, Row[]>(ids.map((id) => [id, []]));
    for (const row of await read(ids)) groups.get(owner(row) as Id)?.push(row);
    return ids.map((id) => groups.get(id) ?? []);
  });

interface MetricsOfRun {
  run: number;
  /** All when null. */
  keys: readonly string[] | null;
}

/** Runs that ask for the same keys share a statement. */
const metrics = (database: Database) =>
  new DataLoader<MetricsOfRun, MetricSummaryRecord[], string>(
    async (wanted) => {
      const groups = new Map<string, MetricsOfRun[]>();
      for (const one of wanted) groups.set(JSON.stringify(one.keys), [...(groups.get(JSON.stringify(one.keys)) ?? []), one]);
      const rows = new Map<string, MetricSummaryRecord[]>();
      for (const [group, members] of groups) {
        const runs = members.map(({ run }) => run);
        for (const run of runs) rows.set(`${run} ${group}`, []);
        for (const row of await summariesOfRuns(database, runs, members[0]?.keys ?? null)) rows.get(`${row.runId} ${group}`)?.push(row);
      }
      return wanted.map(({ run, keys }) => rows.get(`${run} ${JSON.stringify(keys)}`) ?? []);
    },
    { cacheKeyFn: ({ run, keys }) => `${run} ${JSON.stringify(keys)}` },
  );

export function createLoaders(database: Database) {
  const from =
    <Id, Row>(batch: (database: Database, ids: readonly Id[]) => PromiseLike<Row[]>) =>
    async (ids: readonly Id[]) =>
      batch(database, ids);
  return {
    user: one(from(batches.usersById)),
    token: one(from(batches.tokensById)),
    tokensOfUser: many(from(batches.tokensOfUsers), (row) => row.userId),
    project: one(from(batches.projectsById)),
    run: one(from(batches.runsById)),
    runsAhead: one(from(batches.runsAhead)),
    device: one(from(batches.devicesById)),
    checkpoint: one(from(batches.checkpointsById)),
    evaluation: one(from(batches.evaluationsById)),
    sweep: one(from(batches.sweepsById)),
    stages: many(from(batches.stagesOfRuns), (row) => row.runId),
    params: many(from(batches.paramsOfRuns), (row) => row.runId),
    tags: many(from(batches.tagsOfRuns), (row) => row.runId),
    runCheckpoints: many(from(batches.checkpointsOfRuns), (row) => row.runId),
    mrcScores: many(from(batches.mrcScoresOfRuns), (row) => row.runId),
    sweepsOfRun: many(from(batches.sweepsOfRuns), (row) => row.runId),
    sweepPoints: many(from(batches.pointsOfSweeps), (row) => row.sweepId),
    evaluationsOfRun: many(from(batches.evaluationsOfRuns), (row) => row.runId),
    evaluationsOfCheckpoint: many(from(batches.evaluationsOfCheckpoints), (row) => row.checkpointId),
    damage: one(from(damageOfCheckpoints)),
    metrics: metrics(database),
  };
}
