/** How far a run or a stage is, and how long the rest takes. */
import type { StageRecord } from './records.ts';

export interface Progress {
  /** From 0 to 1. */
  fraction: number;
  done: number;
  total: number;
  unit: string;
  /** Units a second. */
  rate: number | null;
  etaSeconds: number | null;
}

export function progressOfStage(stage: StageRecord): Progress {
  const done = Number(stage.progressDone);
  const total = Number(stage.progressTotal);
  const running = stage.state === 'RUNNING';
  const rate = running ? stage.progressRate : null;
  return {
    fraction: stage.state === 'FINISHED' ? 1 : total > 0 ? Math.min(done / total, 1) : 0,
    done,
    total,
    unit: stage.progressUnit,
    rate,
    etaSeconds: rate && rate > 0 ? Math.max(0, (total - done) / rate) : null,
  };
}

/** A run of one stage is as far as that; of several, stages count equally and the time left is judged by the time spent. */
export function progressOfRun(stages: readonly StageRecord[], now = new Date()): Progress {
  const [first] = stages;
  if (!first) return { fraction: 0, done: 0, total: 0, unit: 'stages', rate: null, etaSeconds: null };
  if (stages.length === 1) return progressOfStage(first);
  const fraction = stages.reduce((sum, stage) => sum + progressOfStage(stage).fraction, 0) / stages.length;
  const done = stages.filter(({ state }) => state === 'FINISHED').length;
  const running = stages.some(({ state }) => state === 'RUNNING');
  return {
    fraction,
    done,
    total: stages.length,
    unit: 'stages',
    rate: null,
    etaSeconds: running && fraction > 0 && fraction < 1 ? (secondsSpent(stages, now) * (1 - fraction)) / fraction : null,
  };
}

const secondsSpent = (stages: readonly StageRecord[], now: Date) =>
  stages.reduce(
    (sum, { startedAt, finishedAt }) => sum + (startedAt ? ((finishedAt ?? now).getTime() - startedAt.getTime()) / 1000 : 0),
    0,
  );
