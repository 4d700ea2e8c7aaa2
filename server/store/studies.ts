/** Studies: their rows, their runs, and the list of them. */
import type { Database, Transaction } from './database.ts';
import type { Prisma } from './generated/client.ts';
import type { Page, RunState, StudyRecord } from './records.ts';

export interface NewStudy {
  projectId: number;
  name: string;
  preset: string | null;
  base: object;
  grid: object;
  seeds: number[];
  scale: number;
  createdById: string;
}

export const createStudy = (transaction: Transaction, { base, grid, ...columns }: NewStudy): Promise<StudyRecord> =>
  transaction.study.create({ data: { ...columns, base: base as Prisma.InputJsonObject, grid: grid as Prisma.InputJsonObject } });

export async function addStudyRun(transaction: Transaction, studyId: number, runId: number, cell: object, seed: number): Promise<void> {
  await transaction.studyRun.create({ data: { studyId, runId, cell: cell as Prisma.InputJsonObject, seed } });
}

/** Holds the study until the transaction ends; null for an unknown one. */
export async function lockStudy(transaction: Transaction, id: number): Promise<StudyRecord | null> {
  await transaction.$queryRaw`SELECT FROM "Study" WHERE "id" = ${id} FOR NO KEY UPDATE`;
  return transaction.study.findUnique({ where: { id } });
}

export async function extendStudy(transaction: Transaction, id: number, change: { grid: object; seeds: number[] }): Promise<StudyRecord> {
  return transaction.study.update({ where: { id }, data: { grid: change.grid as Prisma.InputJsonObject, seeds: change.seeds } });
}

export const setPaused = (transaction: Transaction, id: number, pausedAt: Date | null): Promise<StudyRecord> =>
  transaction.study.update({ where: { id }, data: { pausedAt } });

export interface StudyMember {
  run: number;
  state: RunState;
  deleted: boolean;
  cell: unknown;
  seed: number;
  config: unknown;
}

/** All runs of a study, deleted ones too, the oldest first. */
export async function membersOf(transaction: Transaction, study: number): Promise<StudyMember[]> {
  const rows = await transaction.studyRun.findMany({
    where: { studyId: study },
    include: { run: { select: { state: true, deletedAt: true, config: true } } },
    orderBy: { runId: 'asc' },
  });
  return rows.map(({ runId, cell, seed, run }) => ({
    ...{ run: runId, cell, seed, state: run.state, deleted: run.deletedAt !== null, config: run.config },
  }));
}

/** The newest first, those before the one with this id. */
export async function listStudies(
  { prisma }: Database,
  { project, first, before }: { project: number | null; first: number; before: number | null },
): Promise<Page<StudyRecord>> {
  const rows = await prisma.study.findMany({
    where: { ...(project !== null && { projectId: project }), ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: first + 1,
  });
  const items = rows.slice(0, first);
  return { items, cursors: items.map(({ id }) => String(id)), hasNextPage: rows.length > first, hasPreviousPage: before !== null };
}
