/** The states of runs and their stages. Every change locks the run first, so that changes to one run take turns. */
import type { StageName } from '../../engine/config.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { Transaction } from './database.ts';
import type { RunState } from './generated/enums.ts';
import { notify } from './notifications.ts';
import { hasRunningSlice, type StagePart, setSliceState, stopSlices } from './slices.ts';

export interface LockedRun {
  id: number;
  state: RunState;
  kind: string;
  wantedDeviceId: number | null;
}

export interface StageFailure {
  message: string;
  hint?: string;
  stage: StageName;
  /** Whether the same settings may do better when the run is resumed. */
  resumable: boolean;
}

/** Holds the run until the transaction ends; throws NotFoundError for an unknown one, ConflictError for a deleted one. */
export async function lockRun(transaction: Transaction, run: number): Promise<LockedRun> {
  const [row] = await transaction.$queryRaw<(LockedRun & { isDeleted: boolean })[]>`
    SELECT "id", "state"::text AS "state", "kind"::text AS "kind", "wantedDeviceId", "deletedAt" IS NOT NULL AS "isDeleted" FROM "Run"
    WHERE "id" = ${run} FOR NO KEY UPDATE`;
  if (!row) throw new NotFoundError(`There is no Run-${run}.`, ['id']);
  const { isDeleted, ...locked } = row;
  if (isDeleted) throw new ConflictError(`Run-${run} is deleted: restore it first.`, ['id']);
  return locked;
}

export async function createStages(transaction: Transaction, run: number, names: readonly StageName[]): Promise<void> {
  await transaction.stage.createMany({ data: names.map((name, position) => ({ runId: run, position, name })) });
}

/** Multiply-adds that each stage is expected to take. */
export async function writeStageWork(transaction: Transaction, run: number, works: ReadonlyMap<StageName, number>): Promise<void> {
  for (const [name, work] of works) await transaction.stage.update({ where: { runId_name: { runId: run, name } }, data: { work } });
}

/** The first stage that has not finished. */
export async function unfinishedStage(transaction: Transaction, run: number): Promise<StageName | undefined> {
  const stage = await transaction.stage.findFirst({ where: { runId: run, state: { not: 'FINISHED' } }, orderBy: { position: 'asc' } });
  return stage?.name;
}

/** False when the run no longer waits for this stage: it was cancelled meanwhile. A retaken stage keeps its start. */
export async function beginStage(transaction: Transaction, { run, stage, slice }: StagePart, device: number): Promise<boolean> {
  const { state } = await lockRun(transaction, run);
  if (state !== 'QUEUED' && state !== 'RUNNING') return false;
  const now = new Date();
  if (slice) await setSliceState(transaction, run, stage, slice, 'RUNNING');
  await transaction.run.update({ where: { id: run }, data: { state: 'RUNNING', deviceId: device } });
  await transaction.run.updateMany({ where: { id: run, startedAt: null }, data: { startedAt: now } });
  await transaction.stage.update({ where: { runId_name: { runId: run, name: stage } }, data: { state: 'RUNNING', progressRate: null } });
  await transaction.stage.updateMany({ where: { runId: run, name: stage, startedAt: null }, data: { startedAt: now } });
  await notify(transaction, { type: 'runChanged', run });
  return true;
}

/** The worker gives the stage, or its slice, back unfinished: the run waits again unless another slice of it is computed. */
export async function releaseStage(transaction: Transaction, { run, stage, slice }: StagePart): Promise<void> {
  if (slice) await setSliceState(transaction, run, stage, slice, 'QUEUED');
  if (await hasRunningSlice(transaction, run)) return;
  await transaction.run.update({ where: { id: run }, data: { state: 'QUEUED' } });
  await transaction.stage.update({ where: { runId_name: { runId: run, name: stage } }, data: { state: 'QUEUED', progressRate: null } });
  await notify(transaction, { type: 'runChanged', run });
}

/** Marks the stage finished; returns the next one, or ends the run when it was the last. */
export async function finishStage(transaction: Transaction, run: number, stage: StageName): Promise<StageName | undefined> {
  const now = new Date();
  await transaction.$executeRaw`
    UPDATE "Stage" SET "state" = 'FINISHED', "finishedAt" = ${now}, "progressDone" = "progressTotal", "progressRate" = NULL, "resumeSha256" = NULL
    WHERE "runId" = ${run} AND "name" = ${stage}::"StageName"`;
  await transaction.slice.deleteMany({ where: { runId: run, stage } });
  const next = await unfinishedStage(transaction, run);
  if (!next) await transaction.run.update({ where: { id: run }, data: { state: 'FINISHED', finishedAt: now } });
  await notify(transaction, { type: 'runChanged', run });
  return next;
}

export async function failRun(transaction: Transaction, run: number, failure: StageFailure): Promise<void> {
  await endRun(transaction, run, 'FAILED');
  await transaction.run.update({
    where: { id: run },
    data: {
      errorMessage: failure.message,
      errorHint: failure.hint ?? null,
      errorStage: failure.stage,
      errorResumable: failure.resumable,
    },
  });
}

/** Throws ConflictError for a run that has ended. */
export async function cancelRun(transaction: Transaction, { id, state }: LockedRun): Promise<void> {
  if (state !== 'QUEUED' && state !== 'RUNNING')
    throw new ConflictError(`Run-${id} is ${state}: only a QUEUED or RUNNING run can be cancelled.`, ['id']);
  await endRun(transaction, id, 'CANCELLED');
  await transaction.run.update({ where: { id }, data: { cancelledAt: new Date() } });
}

async function endRun(transaction: Transaction, run: number, state: 'FAILED' | 'CANCELLED'): Promise<void> {
  const now = new Date();
  await transaction.run.update({ where: { id: run }, data: { state, finishedAt: now } });
  await transaction.stage.updateMany({ where: { runId: run, state: 'RUNNING' }, data: { state, finishedAt: now, progressRate: null } });
  await stopSlices(transaction, run);
  await notify(transaction, { type: 'runChanged', run });
}

/** Makes a run that ended early QUEUED again; throws ConflictError where that can't be. */
export async function reopenRun(transaction: Transaction, { id, state, kind }: LockedRun): Promise<void> {
  if (state !== 'FAILED' && state !== 'CANCELLED')
    throw new ConflictError(`Run-${id} is ${state}: only a FAILED or CANCELLED run can be resumed.`, ['id']);
  if (!(await unfinishedStage(transaction, id)))
    throw new ConflictError(`Run-${id} (${kind}) was executed elsewhere: there is no stage here to resume.`, ['id']);
  await transaction.run.update({
    where: { id },
    data: { state: 'QUEUED', finishedAt: null, cancelledAt: null, errorMessage: null, errorHint: null, errorStage: null },
  });
  await transaction.stage.updateMany({ where: { runId: id, state: { not: 'FINISHED' } }, data: { state: 'QUEUED', finishedAt: null } });
  await notify(transaction, { type: 'runChanged', run: id });
}

/** What an interrupted execution of the stage continues from. Returns the artifact that it replaces. */
export async function writeResumeState(transaction: Transaction, run: number, stage: StageName, sha256: string): Promise<string | null> {
  const where = { runId_name: { runId: run, name: stage } };
  const { resumeSha256 } = await transaction.stage.findUniqueOrThrow({ where });
  await transaction.stage.update({ where, data: { resumeSha256: sha256 } });
  return resumeSha256 === sha256 ? null : resumeSha256;
}

/** The stage begins anew when it is next taken. */
export async function dropResumeState(transaction: Transaction, run: number, stage: StageName): Promise<void> {
  await transaction.stage.update({ where: { runId_name: { runId: run, name: stage } }, data: { resumeSha256: null } });
}

export async function readResumeState(transaction: Transaction, run: number, stage: StageName): Promise<string | null> {
  const { resumeSha256 } = await transaction.stage.findUniqueOrThrow({ where: { runId_name: { runId: run, name: stage } } });
  return resumeSha256;
}

/** Runs that should have a stage in the queue: what a server checks when it starts. */
export async function openRuns(transaction: Transaction): Promise<number[]> {
  const runs = await transaction.run.findMany({
    where: { state: { in: ['QUEUED', 'RUNNING'] }, kind: { not: 'EXTERNAL' }, deletedAt: null, stages: { some: {} } },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  return runs.map(({ id }) => id);
}
