/** What a device does with a task that it took: cut it, or begin, compute under a heartbeat, and end it in one of five ways. */
import type { Transaction } from '../store/database.ts';
import { setDeviceState } from '../store/devices.ts';
import { isPassing } from '../store/passing.ts';
import { recordLines } from '../store/recording.ts';
import { cutStage, finishSlice } from '../store/slices.ts';
import { beginStage, failRun, finishStage, lockRun, releaseStage } from '../store/stages.ts';
import { describeFault, type StageProblem } from '../tasks/failure.ts';
import { performStage, type StageEnd, type StageTools } from '../tasks/perform.ts';
import type { InClaim } from '../tasks/recording.ts';
import type { Boss } from './boss.ts';
import { cancelStages } from './cancel-stages.ts';
import { completeStage } from './complete-stage.ts';
import { startHeartbeat } from './heartbeat.ts';
import { holdStage } from './hold-stage.ts';
import { releaseWaiting } from './next-stage.ts';
import { type Patience, persistently } from './persistently.ts';
import { sendStage } from './send-stage.ts';
import { type Claim, ClaimLostError, mostHalvings, mostLosses, type StageTask } from './stage-task.ts';

export interface TakenTask {
  device: number;
  claim: Claim;
  /** Aborts when the task has been held for so long that it is given back. */
  life: AbortSignal;
}

/**
 * Resolves with what happened to the device when it was lost on the way; it must be tested before it takes another stage.
 * When patience.stopping or the task's life aborts, the stage goes back to the queue. A database that is away is waited for, however long: either the
 * claim still holds then, or another attempt has it and goes on from what was kept.
 */
export async function performClaim(
  boss: Boss,
  tools: StageTools,
  { device, claim, life }: TakenTask,
  patience: Patience,
): Promise<StageProblem | undefined> {
  const { run, stage, slice } = claim.task;
  const { prisma } = tools.database;

  const inRun = <Result>(act: (transaction: Transaction) => Promise<Result>) =>
    persistently(
      () =>
        prisma.$transaction(async (transaction) => {
          await lockRun(transaction, run);
          return act(transaction);
        }),
      patience,
    );
  const inClaim: InClaim = (act) =>
    inRun(async (transaction) => {
      await holdStage(boss, claim, transaction);
      return act(transaction);
    });
  /** Ends the claim and does what follows from it, or neither. */
  const ending = (act: (transaction: Transaction) => Promise<void>) =>
    inRun(async (transaction) => {
      await completeStage(boss, claim, transaction);
      await act(transaction);
    });

  if (!slice && (await inRun((transaction) => cut(boss, claim, device, transaction)))) return undefined;
  const begun = await inClaim(async (transaction) => {
    if (!(await beginStage(transaction, claim.task, device))) return false;
    await setDeviceState(transaction, device, 'busy', run);
    return true;
  });
  if (!begun) {
    await ending(async () => {});
    return undefined;
  }
  /** Queues the task again, for any worker that may take it. */
  const giveBack = async (transaction: Transaction, task: StageTask) => {
    await releaseStage(transaction, task);
    await sendStage(boss, transaction, task, (await lockRun(transaction, run)).wantedDeviceId);
  };
  const fail = async (transaction: Transaction, { message, hint, details, resumable }: StageProblem) => {
    if (details) await recordLines(transaction, run, [{ text: details, level: 'error', at: new Date() }]);
    await cancelStages(boss, transaction, run, (await lockRun(transaction, run)).wantedDeviceId);
    await failRun(transaction, run, { message, hint, stage, resumable });
    await releaseWaiting(boss, transaction, run);
  };

  const heartbeat = startHeartbeat(() => holdStage(boss, claim), AbortSignal.any([patience.stopping, life]));
  try {
    const end = await performStage(tools, claim.task, inClaim, heartbeat.signal).catch(unexpected);
    if (end.type === 'finished') {
      await ending(async (transaction) => {
        await end.record(transaction);
        const next = await follower(transaction, claim.task);
        if (next) await sendStage(boss, transaction, next, (await lockRun(transaction, run)).wantedDeviceId);
        if (stage === 'TRAINING') await releaseWaiting(boss, transaction, run);
      });
      await end.clean();
    } else if (end.type === 'failed') {
      await ending((transaction) => fail(transaction, end.problem));
    } else if (end.type === 'lost') {
      const again = afterLoss(claim.task, end.outOfMemory);
      await ending(async (transaction) => {
        if (!again) return fail(transaction, end.problem);
        const text = `${end.problem.message} The stage goes back to the queue, to go on from what was kept ${again.how}.`;
        const lines = [text, end.problem.details].flatMap((one) => (one ? [{ text: one, level: 'warning' as const, at: new Date() }] : []));
        await recordLines(transaction, run, lines);
        await giveBack(transaction, again.task);
      });
      return end.problem;
    } else if (!heartbeat.lost()) {
      await ending((transaction) => giveBack(transaction, claim.task));
    }
    return undefined;
  } finally {
    await heartbeat.stop();
  }
}

/**
 * Puts the slices of a stage that several devices share into its place: those that have not finished. False when the stage is
 * to be computed in one piece, or only to be ended because all its slices have finished.
 */
async function cut(boss: Boss, claim: Claim, device: number, transaction: Transaction): Promise<boolean> {
  const { run, stage } = claim.task;
  const { state, wantedDeviceId } = await lockRun(transaction, run);
  if (state !== 'QUEUED' && state !== 'RUNNING') return false;
  const slices = await cutStage(transaction, claim.task, device, wantedDeviceId);
  if (slices.length === 0) return false;
  await completeStage(boss, claim, transaction);
  for (const slice of slices) await sendStage(boss, transaction, { run, stage, slice }, wantedDeviceId);
  return true;
}

/** Ends the task's stage or slice and returns what the run needs next: after the last slice the stage itself, to be ended. */
async function follower(transaction: Transaction, { run, stage, slice }: StageTask): Promise<StageTask | undefined> {
  if (slice) return (await finishSlice(transaction, run, stage, slice)) > 0 ? undefined : { run, stage };
  const next = await finishStage(transaction, run, stage);
  return next && { run, stage: next };
}

/** The task of the next attempt, and how it differs; undefined when there is none. */
function afterLoss(task: StageTask, outOfMemory: boolean): { task: StageTask; how: string } | undefined {
  const { losses = 0, halvings = 0 } = task;
  if (outOfMemory && halvings < mostHalvings) return { task: { ...task, halvings: halvings + 1 }, how: 'with half as many images at once' };
  if (losses + 1 >= mostLosses) return undefined;
  return { task: { ...task, losses: losses + 1 }, how: `(loss ${losses + 1} of at most ${mostLosses})` };
}

/** What fails because the database is away is given back, and waits in the queue. */
const unexpected = (error: unknown): StageEnd =>
  error instanceof ClaimLostError || isPassing(error) ? { type: 'stopped' } : { type: 'failed', problem: describeFault(error) };
