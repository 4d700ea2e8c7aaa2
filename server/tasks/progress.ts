/** How far a stage is, and how fast: the rate is measured over the last seconds. */
import type { Progress } from '../../engine/recorder.ts';
import type { StageProgress } from '../store/progress.ts';

const windowMilliseconds = 15_000;

export interface ProgressMeter {
  add(progress: Progress, now?: number): void;
  /** What is to be written: undefined when nothing changed since the last call. */
  take(now?: number): StageProgress | undefined;
}

export function createProgressMeter(): ProgressMeter {
  let samples: { at: number; done: number }[] = [];
  let latest: Progress | undefined;
  let changed = false;
  return {
    add(progress, now = Date.now()) {
      // What is there at the first word was done before: by an earlier execution, or while the stage was being set up.
      if (samples.length === 1 && samples[0]?.done === 0) samples = [];
      if (latest && (progress.done < latest.done || progress.unit !== latest.unit || progress.total !== latest.total)) samples = [];
      latest = progress;
      changed = true;
      samples.push({ at: now, done: progress.done });
      while (samples.length > 2 && now - (samples[1]?.at ?? now) > windowMilliseconds) samples.shift();
    },
    take(now = Date.now()) {
      if (!latest || !changed) return undefined;
      changed = false;
      const [oldest] = samples;
      const seconds = oldest ? (now - oldest.at) / 1000 : 0;
      const rate = oldest && seconds > 0.5 && latest.done > oldest.done ? (latest.done - oldest.done) / seconds : null;
      return { ...latest, rate };
    },
  };
}
