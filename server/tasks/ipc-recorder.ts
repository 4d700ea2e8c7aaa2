/** The engine's recorder inside its process: sends every record to the worker and resolves when the worker has kept it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recorder } from '../../engine/recorder.ts';
import type { FromEngine, RecordedEvent, ToEngine } from './job.ts';

/** progressOf: places one evaluation's progress within the stage; checkpoint: what is measured now. */
export interface Position {
  part: number;
  parts: number;
  checkpoint: number;
}

export interface IpcRecorder extends Recorder {
  position: Position;
}

export function createIpcRecorder(
  send: (message: FromEngine) => void,
  listen: (handler: (message: ToEngine) => void) => void,
  scratch: string,
): IpcRecorder {
  const waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  let last = 0;
  listen((message) => {
    if (message.type !== 'kept') return;
    const entry = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.problem) entry?.reject(new Error(message.problem));
    else entry?.resolve();
  });
  const record = (event: RecordedEvent) =>
    new Promise<void>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      send({ type: 'recorded', id, event });
    });

  const recorder: IpcRecorder = {
    position: { part: 0, parts: 1, checkpoint: 0 },
    progress({ done, total, unit }) {
      const { part, parts } = recorder.position;
      send({ type: 'progress', progress: { done: part * total + done, total: parts * total, unit } });
    },
    metrics: (points) => (points.length > 0 ? record({ type: 'metrics', points }) : Promise.resolve()),
    line: (text, level = 'info') => record({ type: 'line', text, level, at: new Date() }),
    mrcScore: (score) => record({ type: 'mrcScore', score }),
    sweepPoint: (point) => record({ type: 'sweepPoint', point }),
    evaluation: (result) => record({ type: 'evaluation', checkpoint: recorder.position.checkpoint, result }),
    setting: (key, value) => record({ type: 'setting', key, value }),
    async resumeState(state) {
      const file = join(scratch, `resume-${last}.state`);
      await writeFile(file, state);
      await record({ type: 'resumeState', file });
    },
  };
  return recorder;
}
