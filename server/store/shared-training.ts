/** Runs that share a training: one trains the network, the others wait for it and take it over. Callers hold both runs. */
import type { StageName } from '../../engine/config.ts';
import type { Transaction } from './database.ts';
import { recordLines } from './recording.ts';
import { linkOutput } from './run-inputs.ts';
import { unfinishedStage } from './stages.ts';

/** The run that trains for this one; null where it trains itself. */
export async function trainerOf(transaction: Transaction, run: number): Promise<number | null> {
  const row = await transaction.run.findUnique({ where: { id: run }, select: { trainingOfId: true } });
  return row?.trainingOfId ?? null;
}

export async function setTrainer(transaction: Transaction, run: number, trainer: number | null): Promise<void> {
  await transaction.run.update({ where: { id: run }, data: { trainingOfId: trainer } });
}

/** Queued runs that wait for the training of this one, in the order of their ids. */
export async function waitingFor(transaction: Transaction, trainer: number): Promise<number[]> {
  const stages = { some: { name: 'TRAINING' as const, state: { not: 'FINISHED' as const } } };
  const runs = await transaction.run.findMany({
    where: { trainingOfId: trainer, state: 'QUEUED', deletedAt: null, stages },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  return runs.map(({ id }) => id);
}

/**
 * The stage that a run goes on with; undefined while it waits for the training that it shares. A training that has finished is
 * taken over; one that will not finish is the run's own again.
 */
export async function nextStage(transaction: Transaction, run: number): Promise<StageName | undefined> {
  const stage = await unfinishedStage(transaction, run);
  const trainer = await trainerOf(transaction, run);
  if (stage !== 'TRAINING' || trainer === null) return stage;
  const trained = await transaction.runCheckpoint.findFirst({ where: { runId: trainer, role: 'OUTPUT', label: 'trained' } });
  if (trained) {
    await takeOver(transaction, run, trainer, trained.checkpointId);
    return unfinishedStage(transaction, run);
  }
  const { state, deletedAt } = await transaction.run.findUniqueOrThrow({ where: { id: trainer } });
  if (deletedAt === null && (state === 'QUEUED' || state === 'RUNNING')) return undefined;
  await setTrainer(transaction, run, null);
  return stage;
}

async function takeOver(transaction: Transaction, run: number, trainer: number, checkpoint: number): Promise<void> {
  const at = new Date();
  await linkOutput(transaction, run, checkpoint, 'trained');
  // Nearly no work, so that it says nothing of this run's pace.
  const done = { state: 'FINISHED' as const, startedAt: at, finishedAt: at, work: 1 };
  await transaction.stage.update({ where: { runId_name: { runId: run, name: 'TRAINING' } }, data: done });
  const text = `The network that Run-${trainer} has trained is taken: its training has the same settings and seed.`;
  await recordLines(transaction, run, [{ text, level: 'info', at }]);
}
