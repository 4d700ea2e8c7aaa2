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

/**
 * A run of one stage is as far as that. Of several, each weighs as much as the work that it was expected to be when the run
 * was queued (all the same where nobody counted).
 */
export function progressOfRun(stages: readonly StageRecord[]): Progress {
  const [first] = stages;
  if (!first) return { fraction: 0, done: 0, total: 0, unit: 'stages', rate: null, etaSeconds: null };
  if (stages.length === 1) return progressOfStage(first);
  const counted = stages.every(({ work }) => work !== null && work > 0);
  const weighed = stages.map((stage) => ({ stage, progress: progressOfStage(stage), weight: counted ? (stage.work as number) : 1 }));
  const whole = weighed.reduce((sum, { weight }) => sum + weight, 0);
  return {
    fraction: weighed.reduce((sum, { weight, progress }) => sum + weight * progress.fraction, 0) / whole,
    done: stages.filter(({ state }) => state === 'FINISHED').length,
    total: stages.length,
    unit: 'stages',
    rate: null,
    etaSeconds: secondsLeft(weighed),
  };
}

interface Weighed {
  stage: StageRecord;
  progress: Progress;
  weight: number;
}

/**
 * The running stage takes what its own rate says; those that wait take their weight at the pace of what was measured so far.
 * Null while nothing runs or nothing is measured.
 */
function secondsLeft(stages: readonly Weighed[]): number | null {
  const running = stages.find(({ stage }) => stage.state === 'RUNNING');
  const pace = paceOf(stages);
  if (!running || pace === null) return null;
  return stages
    .filter(({ stage }) => stage.state !== 'FINISHED')
    .reduce((sum, { progress, weight }) => sum + (progress.etaSeconds ?? (weight * (1 - progress.fraction)) / pace), 0);
}

/** Weight a second: over the finished stages, and the running one at its rate. */
function paceOf(stages: readonly Weighed[]): number | null {
  let [weight, seconds] = [0, 0];
  for (const { stage, progress, weight: whole } of stages) {
    const { startedAt, finishedAt, state } = stage;
    if (state === 'FINISHED' && startedAt && finishedAt) {
      weight += whole;
      seconds += (finishedAt.getTime() - startedAt.getTime()) / 1000;
    } else if (progress.rate && progress.total > 0) {
      weight += whole;
      seconds += progress.total / progress.rate;
    }
  }
  return seconds > 0 ? weight / seconds : null;
}
