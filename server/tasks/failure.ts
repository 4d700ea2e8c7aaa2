/** What the person reads when a stage failed. */
import type { StageName } from '../../engine/config.ts';
import type { EngineResult } from './engine-process.ts';
import { saysOutOfMemory } from './memory.ts';

export interface StageProblem {
  message: string;
  hint?: string;
  /**
   * Whether the cause may be gone when the run is resumed: files, memory, a process that was ended. The engine repeats itself:
   * settings that its checks stop, they stop again.
   */
  resumable: boolean;
  /** Everything that is known, for the log of the run. */
  details?: string;
}

type Failure = Extract<EngineResult, { type: 'failed' | 'ended' }>;

/** A fault of the worker itself, outside the engine: it ends the run with a message instead of circling through the queue. */
export function describeFault(error: unknown): StageProblem {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (isDiskFull(message)) return diskFull(stack ?? message);
  return {
    message: `The worker could not carry the stage out: ${message}`,
    hint: 'The log of the run has the details. Resume the run once the cause is gone.',
    resumable: true,
    details: stack,
  };
}

const isDiskFull = (message: string) => /ENOSPC|EDQUOT|No space left on device/i.test(message);

const diskFull = (details: string): StageProblem => ({
  message: 'The disk of the data folder is full.',
  hint: 'Make room there, then resume the run: it goes on from what was kept.',
  resumable: true,
  details,
});

export function describeFailure(failure: Failure, stage: StageName): StageProblem {
  if (failure.type === 'failed' && failure.expected) {
    const { message, hint, resumable = false } = failure;
    return { message, hint, resumable };
  }
  if (failure.type === 'failed') {
    if (isDiskFull(failure.message)) return diskFull(failure.details ?? failure.message);
    return {
      message: `The stage ${stage} broke: ${failure.message}`,
      hint: 'This is a fault of RiftLab; the log of the run has the place in the code. Other settings may get around it.',
      resumable: false,
      details: failure.details ?? failure.message,
    };
  }
  return describeEnd(failure, stage);
}

type Ended = Extract<EngineResult, { type: 'ended' }>;

/** Whether a process ended for its memory, as it said itself or as Linux counts. */
export const isForMemory = ({ signal, said, kernelKills = 0 }: Ended) => saysOutOfMemory(said) || (signal === 'SIGKILL' && kernelKills > 0);

/** Who sends a signal is not told to anybody: what is known is said, and no more. */
function describeEnd(ended: Ended, stage: StageName): StageProblem {
  const { code, signal, said, kernelKills } = ended;
  const how = signal ?? `exit code ${code}`;
  if (isForMemory(ended)) {
    const known = saysOutOfMemory(said) ? 'memory ran out' : 'memory ran out: Linux ended a process of this machine for it at that time';
    const hint = 'Use a smaller batch size or fewer images, or a machine with more memory; then resume the run.';
    return { message: `The process that computed ${stage} was ended (${how}) because ${known}.`, hint, resumable: true, details: said };
  }
  if (signal === 'SIGKILL') {
    const known =
      kernelKills === 0
        ? 'by somebody or something on this machine; Linux ended no process for want of memory at that time'
        : 'and this system does not say by whom, or whether memory ran out';
    const hint = 'Look for what ends processes there: a person, a scheduler, a limit of memory. Resuming goes on from what was kept.';
    return { message: `The process that computed ${stage} was killed (SIGKILL) ${known}.`, hint, resumable: true, details: said };
  }
  const hint = 'Resuming goes on from what was kept. The log of the run has what the process said last.';
  return { message: `The process that computed ${stage} ended unexpectedly (${how}).`, hint, resumable: true, details: said };
}
