/** The slices of stages that several devices share. The caller holds the run (lockRun), so that slices of one run take turns. */
import type { StageName } from '../../engine/config.ts';
import type { Slice } from '../../engine/stages.ts';
import type { Transaction } from './database.ts';
import { deviceSilenceSeconds } from './devices.ts';
import type { Prisma } from './generated/client.ts';
import type { RunState } from './generated/enums.ts';

/** Stages whose units do not depend on each other: modules of MRC, points of a sweep, images of an evaluation. */
const sliceable: readonly StageName[] = ['CRITICALITY', 'INTERPOLATION', 'EVALUATION'];

const mostSlices = 64;

/** A stage of a run, or a slice of it. */
export interface StagePart {
  run: number;
  stage: StageName;
  slice?: Slice;
}

export const keyOf = (run: number, stage: StageName, { index }: Slice) => ({ runId_stage_index: { runId: run, stage, index } });

/**
 * The slices that wait for a device: those of an earlier cut that have not finished, or a new cut, one slice for the device that
 * has the stage and one for each that is idle. Empty where the stage is one piece, or all its slices have finished.
 * wantedDevice: the only one that may compute the run.
 */
export async function cutStage(
  transaction: Transaction,
  { run, stage }: StagePart,
  device: number,
  wantedDevice: number | null,
): Promise<Slice[]> {
  if (!sliceable.includes(stage) || (await isStepByStep(transaction, run, stage))) return [];
  const rows = await transaction.slice.findMany({ where: { runId: run, stage }, orderBy: { index: 'asc' } });
  if (rows.length > 0) return rows.filter(({ state }) => state !== 'FINISHED').map(({ index, of }) => ({ index, of }));
  const of = wantedDevice === null ? Math.min(1 + (await idleDevices(transaction, device)), mostSlices) : 1;
  if (of === 1) return [];
  const slices = Array.from({ length: of }, (_, index) => ({ index, of }));
  await transaction.slice.createMany({ data: slices.map((slice) => ({ runId: run, stage, ...slice })) });
  return slices;
}

/** Whether what the stage does next depends on what came out: then one device does it. */
async function isStepByStep(transaction: Transaction, run: number, stage: StageName): Promise<boolean> {
  const { config } = await transaction.run.findUniqueOrThrow({ where: { id: run }, select: { config: true } });
  const { criticality, interpolation } = config as { criticality?: { until?: string }; interpolation?: { until?: string } };
  if (stage === 'CRITICALITY') return criticality?.until === 'LEAST';
  return stage === 'INTERPOLATION' && interpolation?.until === 'SELECTED';
}

/** Those beside the given one. */
function idleDevices(transaction: Transaction, device: number): Promise<number> {
  const heard = new Date(Date.now() - deviceSilenceSeconds * 1000);
  return transaction.device.count({ where: { id: { not: device }, state: 'idle', lastSeenAt: { gt: heard } } });
}

export async function setSliceState(transaction: Transaction, run: number, stage: StageName, slice: Slice, state: RunState): Promise<void> {
  await transaction.slice.update({ where: keyOf(run, stage, slice), data: { state, progressRate: null } });
}

/** Keeps what a slice leaves for the end of its stage. */
export async function keepSliceOutcome(
  transaction: Transaction,
  { run, stage, slice }: Required<StagePart>,
  outcome: object,
): Promise<void> {
  await transaction.slice.update({ where: keyOf(run, stage, slice), data: { outcome: outcome as Prisma.InputJsonObject } });
}

/** What the slices of a stage have left, in order; undefined while one has not finished, and for a stage that is one piece. */
export async function sliceOutcomes(transaction: Transaction, run: number, stage: StageName): Promise<unknown[] | undefined> {
  const rows = await transaction.slice.findMany({ where: { runId: run, stage }, orderBy: { index: 'asc' } });
  if (rows.length === 0 || rows.some(({ state, outcome }) => state !== 'FINISHED' || outcome === null)) return undefined;
  return rows.map(({ outcome }) => outcome);
}

/** Marks the slice finished; returns how many of the stage have not. */
export async function finishSlice(transaction: Transaction, run: number, stage: StageName, slice: Slice): Promise<number> {
  await setSliceState(transaction, run, stage, slice, 'FINISHED');
  return transaction.slice.count({ where: { runId: run, stage, state: { not: 'FINISHED' } } });
}

/** Whether another device computes a slice of the run now. */
export async function hasRunningSlice(transaction: Transaction, run: number): Promise<boolean> {
  return (await transaction.slice.count({ where: { runId: run, state: 'RUNNING' } })) > 0;
}

/** Running slices wait again, as their run does. */
export async function stopSlices(transaction: Transaction, run: number): Promise<void> {
  await transaction.slice.updateMany({ where: { runId: run, state: 'RUNNING' }, data: { state: 'QUEUED', progressRate: null } });
}
