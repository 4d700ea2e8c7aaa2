/** What a device does with a stage that it took: begin, compute under a heartbeat, and end it in one of four ways. */
import type { Transaction } from '../store/database.ts';
import { setDeviceState } from '../store/devices.ts';
import { recordLines } from '../store/recording.ts';
import { beginStage, failRun, finishStage, lockRun, releaseStage } from '../store/stages.ts';
import { describeFault } from '../tasks/failure.ts';
import { performStage, type StageEnd, type StageTools } from '../tasks/perform.ts';
import type { InClaim } from '../tasks/recording.ts';
import type { Boss } from './boss.ts';
import { completeStage } from './complete-stage.ts';
import { startHeartbeat } from './heartbeat.ts';
import { holdStage } from './hold-stage.ts';
import { persistently } from './persistently.ts';
import { sendStage } from './send-stage.ts';
import { type Claim, ClaimLostError } from './stage-task.ts';

/** transaction: statements of one change to a run may wait for each other this long. */
const transactionLimits = { maxWait: 20_000, timeout: 60_000 };

/** stopping: aborts when the worker is to end; the stage goes back to the queue. */
export async function performClaim(boss: Boss, tools: StageTools, device: number, claim: Claim, stopping: AbortSignal): Promise<void> {
  const { run, stage } = claim.task;
  const { prisma } = tools.database;

  const inRun = <Result>(act: (transaction: Transaction) => Promise<Result>) =>
    persistently(() =>
      prisma.$transaction(async (transaction) => {
        await lockRun(transaction, run);
        return act(transaction);
      }, transactionLimits),
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

  const begun = await inClaim(async (transaction) => {
    if (!(await beginStage(transaction, run, stage, device))) return false;
    await setDeviceState(transaction, device, 'busy', run);
    return true;
  });
  if (!begun) return ending(async () => {});

  const heartbeat = startHeartbeat(() => holdStage(boss, claim), stopping);
  try {
    const end = await performStage(tools, run, stage, inClaim, heartbeat.signal).catch(unexpected);
    if (end.type === 'finished') {
      await ending(async (transaction) => {
        await end.record(transaction);
        const next = await finishStage(transaction, run, stage);
        if (next) await sendStage(boss, transaction, { run, stage: next }, (await lockRun(transaction, run)).wantedDeviceId);
      });
      await end.clean();
    } else if (end.type === 'failed') {
      await ending(async (transaction) => {
        const { message, hint, details } = end.problem;
        if (details) await recordLines(transaction, run, [{ text: details, level: 'error', at: new Date() }]);
        await failRun(transaction, run, { message, hint, stage });
      });
    } else if (!heartbeat.lost()) {
      await ending(async (transaction) => {
        await releaseStage(transaction, run, stage);
        await sendStage(boss, transaction, claim.task, (await lockRun(transaction, run)).wantedDeviceId);
      });
    }
  } finally {
    await heartbeat.stop();
  }
}

const unexpected = (error: unknown): StageEnd =>
  error instanceof ClaimLostError ? { type: 'stopped' } : { type: 'failed', problem: describeFault(error) };
