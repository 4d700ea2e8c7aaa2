/** The worker's side of the engine's process: starts it, passes its records on, and can always end it. */
import { startProcess } from '../../engine/child-process.ts';
import type { Progress } from '../../engine/recorder.ts';
import { giveWay } from './give-way.ts';
import type { FromEngine, RecordedEvent, StageJob, StageOutcome, ToEngine } from './job.ts';
import { readOutOfMemoryKills } from './memory.ts';

export interface EngineListeners {
  progress(progress: Progress): void;
  /** Resolves when the event is kept. */
  recorded(event: RecordedEvent): Promise<void>;
}

/**
 * failed: the engine refused or broke; lost: its device did. ended: its process ended without a word; kernelKills: how many processes
 * Linux ended for want of memory meanwhile, undefined where it does not say. stopped: we ended it.
 */
export type EngineResult =
  | { type: 'finished'; outcome: StageOutcome }
  | Extract<FromEngine, { type: 'failed' }>
  | { type: 'ended'; code: number | null; signal: NodeJS.Signals | null; said: string; kernelKills: number | undefined }
  | { type: 'stopped' };

const politeMilliseconds = 1200;
const keptCharacters = 4000;

/**
 * Runs one stage in a process of its own; resolves when that process is gone.
 * When the signal aborts, the stage is asked to stop and killed if it has not soon after.
 */
export async function runEngine(job: StageJob, listeners: EngineListeners, signal: AbortSignal): Promise<EngineResult> {
  if (signal.aborted) return { type: 'stopped' };
  const killsBefore = await readOutOfMemoryKills();
  const { child, said } = startProcess('server/tasks/engine-main', keptCharacters);
  if (child.pid !== undefined) void giveWay(child.pid);
  let result: EngineResult | undefined;
  let killing: NodeJS.Timeout | undefined;
  const tell = (message: ToEngine) => {
    if (child.connected) child.send(message, () => {});
  };
  const stop = () => {
    tell({ type: 'cancel' });
    killing = setTimeout(() => child.kill('SIGKILL'), politeMilliseconds);
  };
  signal.addEventListener('abort', stop, { once: true });
  child.on('message', (raw) => {
    const message = raw as FromEngine;
    if (message.type === 'ready') tell({ type: 'start', job });
    else if (message.type === 'progress') listeners.progress(message.progress);
    else if (message.type === 'recorded') void pass(message.id, message.event, listeners, tell);
    else result = message;
  });
  const { code, signal: endedBy } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  signal.removeEventListener('abort', stop);
  clearTimeout(killing);
  if (signal.aborted) return { type: 'stopped' };
  if (result) return result;
  const kills = await readOutOfMemoryKills();
  const kernelKills = kills === undefined || killsBefore === undefined ? undefined : kills - killsBefore;
  return { type: 'ended', code, signal: endedBy, said: said(), kernelKills };
}

async function pass(id: number, event: RecordedEvent, listeners: EngineListeners, tell: (message: ToEngine) => void): Promise<void> {
  try {
    await listeners.recorded(event);
    tell({ type: 'kept', id });
  } catch (error) {
    tell({ type: 'kept', id, problem: error instanceof Error ? error.message : String(error) });
  }
}
