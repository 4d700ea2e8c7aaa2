/** One DataLoader for each record and each thing that belongs to one: a list of runs costs a fixed number of statements. */
import DataLoader from 'dataloader';
import { type DatasetListing, listDatasets } from '../../engine/index.ts';
import * as batches from '../store/batches.ts';
import { damageOfCheckpoints } from '../store/damage.ts';
import type { Database } from '../store/database.ts';
import { summariesOfRuns } from '../store/metrics.ts';

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

interface KeysOfRun {
  run: number;
  /** All when null. */
  keys: readonly string[] | null;
}

/** Runs that ask for the same keys share a statement. */
const keyed = <Row extends { runId: number }>(read: (runs: readonly number[], keys: readonly string[] | null) => PromiseLike<Row[]>) =>
  new DataLoader<KeysOfRun, Row[], string>(
    async (wanted) => {
      const groups = new Map<string, KeysOfRun[]>();
      for (const one of wanted) {
        const key = JSON.stringify(one.keys);
        const group = groups.get(key) ?? [];
        groups.set(key, group);
        group.push(one);
      }
      const found = new Map<KeysOfRun, Row[]>();
      for (const members of groups.values()) {
        const ofRun = new Map<number, Row[]>(members.map(({ run }) => [run, []]));
        const rows = await read([...ofRun.keys()], members[0]?.keys ?? null);
        for (const row of rows) ofRun.get(row.runId)?.push(row);
        for (const one of members) found.set(one, ofRun.get(one.run) ?? []);
      }
      return wanted.map((one) => found.get(one) ?? []);
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
    study: one(from(batches.studiesById)),
    studyRuns: many(from(batches.runsOfStudies), (row) => row.studyId),
    studyOfRun: many(from(batches.studiesOfRuns), (row) => row.runId),
    stages: many(from(batches.stagesOfRuns), (row) => row.runId),
    tags: many(from(batches.tagsOfRuns), (row) => row.runId),
    runCheckpoints: many(from(batches.checkpointsOfRuns), (row) => row.runId),
    mrcScores: many(from(batches.mrcScoresOfRuns), (row) => row.runId),
    sweepsOfRun: many(from(batches.sweepsOfRuns), (row) => row.runId),
    sweepPoints: many(from(batches.pointsOfSweeps), (row) => row.sweepId),
    evaluationsOfRun: many(from(batches.evaluationsOfRuns), (row) => row.runId),
    measured: one(from(batches.measuredByRuns)),
    evaluationsOfCheckpoint: many(from(batches.evaluationsOfCheckpoints), (row) => row.checkpointId),
    damage: one(from(damageOfCheckpoints)),
    params: keyed((runs, keys) => batches.paramsOfRuns(database, runs, keys)),
    /** By the folder that they lie in. */
    datasets: new DataLoader<string, DatasetListing[]>((folders) => Promise.all(folders.map(listDatasets))),
    metrics: keyed((runs, keys) => summariesOfRuns(database, runs, keys)),
  };
}
