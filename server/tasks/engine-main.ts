/** The engine's own process: takes one stage from its worker, runs it, says how it ended. It dies with its worker. */
import '../../engine/parent.ts';
import { DataError, DeviceLostError, EngineError, OutOfMemoryError } from '../../engine/errors.ts';
import { chooseBackend, type Halved, halving, isOutOfMemory, openDatasets } from '../../engine/index.ts';
import { createIpcRecorder } from './ipc-recorder.ts';
import type { FromEngine, StageJob, ToEngine } from './job.ts';
import { noteHalved } from './note-halved.ts';
import { runStage } from './run-stage.ts';

const abort = new AbortController();

const send = (message: FromEngine, sent?: () => void) => {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
};
const listen = (handler: (message: ToEngine) => void) => {
  process.on('message', handler as (message: unknown) => void);
};

async function perform(job: StageJob): Promise<FromEngine> {
  const recorder = createIpcRecorder(send, listen, job.scratch);
  await openDatasets(job.datasetsFolder, job.dataset);
  const note = (halved: Halved) => void noteHalved(recorder, halved).catch(() => {});
  const backend = halving(await chooseBackend(job.backend), note, job.halvings);
  try {
    const outcome = await runStage(job, { backend, recorder, datasetsFolder: job.datasetsFolder, signal: abort.signal, seed: job.seed });
    return { type: 'finished', outcome };
  } finally {
    await backend.dispose();
  }
}

function explain(error: unknown): FromEngine {
  if (error instanceof EngineError) {
    const lost = error instanceof DeviceLostError;
    const resumable = error instanceof DataError || error instanceof OutOfMemoryError;
    return { type: 'failed', message: error.message, hint: error.hint, expected: true, resumable, lost };
  }
  if (isOutOfMemory(error)) {
    const hint = 'Use a smaller batch size or fewer images, or a machine with more memory; then resume the run.';
    return { type: 'failed', message: `Memory ran out: ${(error as Error).message}.`, hint, expected: true, resumable: true };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { type: 'failed', message, details: stack, expected: false };
}

listen(async (message) => {
  if (message.type === 'cancel') abort.abort(new Error('The stage was cancelled.'));
  if (message.type === 'start') send(await perform(message.job).catch(explain), () => process.exit(0));
});
send({ type: 'ready' });
