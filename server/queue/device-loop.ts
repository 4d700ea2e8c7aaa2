/** A device's life: take a stage, perform it, take the next, until the worker stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeviceState, setDeviceState, touchDevice } from '../store/devices.ts';
import type { StageProblem } from '../tasks/failure.ts';
import type { StageTools } from '../tasks/perform.ts';
import type { Boss } from './boss.ts';
import { fetchStage } from './fetch-stage.ts';
import { performClaim } from './perform-claim.ts';
import { anyDeviceQueue, ensureQueue, longestClaimMilliseconds, queueOf } from './stage-queues.ts';
import { ClaimLostError } from './stage-task.ts';

export interface DeviceLoopOptions {
  boss: Boss;
  tools: StageTools;
  device: number;
  /** Aborts when the worker is to stop; a running stage goes back to the queue. */
  stopping: AbortSignal;
  /** Tests the device after it was lost; resolves with whether it can go on. */
  isWell(problem: StageProblem): Promise<boolean>;
  onError(error: unknown): void;
  /** Aborts when a task that was just taken is to be given back, so that it begins anew with what was kept. */
  claimLife?(): AbortSignal;
}

const pollMilliseconds = 500;
const touchMilliseconds = 3000;

/**
 * Resolves when the worker was asked to stop and the device is free, or when the device was lost and does not pass its self-test.
 * Stages that ask for this device come first.
 */
export async function runDevice(options: DeviceLoopOptions): Promise<void> {
  const { boss, tools, device, stopping, isWell, onError, claimLife = () => AbortSignal.timeout(longestClaimMilliseconds) } = options;
  const { prisma } = tools.database;
  const queues = [queueOf(device), anyDeviceQueue];
  for (const queue of queues) await ensureQueue(boss, queue);
  let state: DeviceState = 'idle';
  const timer = setInterval(() => void touchDevice(prisma, device, state).catch(onError), touchMilliseconds);
  try {
    while (!stopping.aborted) {
      try {
        const claim = await fetchStage(boss, queues);
        if (!claim) {
          await sleep(pollMilliseconds, undefined, { signal: stopping }).catch(() => {});
          continue;
        }
        state = 'busy';
        const patience = { stopping, onWait: onError };
        const problem = await performClaim(boss, tools, { device, claim, life: claimLife() }, patience).catch((error: unknown) => {
          if (!(error instanceof ClaimLostError)) throw error;
        });
        state = problem ? 'testing' : 'idle';
        await setDeviceState(prisma, device, state);
        if (problem && !(await isWell(problem))) {
          state = 'failed';
          return;
        }
      } catch (error) {
        onError(error);
        await sleep(1000, undefined, { signal: stopping }).catch(() => {});
      } finally {
        if (state !== 'failed') state = 'idle';
      }
    }
  } finally {
    clearInterval(timer);
  }
}
