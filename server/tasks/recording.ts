/** Keeps what the engine records: everything that arrives while a transaction is under way goes into the next one together. */
import type { Artifacts } from '../store/artifacts.ts';
import { recordArtifact } from '../store/artifacts.ts';
import type { Transaction } from '../store/database.ts';
import { recordEvaluation, recordLines, recordMetrics, recordMrcScore, recordSetting, recordSweepPoint } from '../store/recording.ts';
import { writeResumeState } from '../store/stages.ts';
import type { RecordedEvent, StageJob } from './job.ts';

/** Runs `act` in a transaction that commits only if this worker still holds the stage. */
export type InClaim = <Result>(act: (transaction: Transaction) => Promise<Result>) => Promise<Result>;

export interface RecordingContext {
  run: number;
  stage: StageJob['work']['name'];
  /** Module names in network order. */
  modules: string[];
  artifacts: Artifacts;
  inClaim: InClaim;
  /** Called after commit with a resume state that nothing refers to any more. */
  forget(sha256: string): Promise<void>;
}

interface Pending {
  event: RecordedEvent;
  resolve(): void;
  reject(error: unknown): void;
}

/** Returns a function that resolves when its event is kept. */
export function openRecording(context: RecordingContext): (event: RecordedEvent) => Promise<void> {
  let pending: Pending[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await keep(
          batch.map(({ event }) => event),
          context,
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  return (event) =>
    new Promise((resolve, reject) => {
      pending.push({ event, resolve, reject });
      if (!writing) void drain();
    });
}

async function keep(events: readonly RecordedEvent[], context: RecordingContext): Promise<void> {
  const { run, stage, modules, artifacts, inClaim, forget } = context;
  const state = events.findLast((event) => event.type === 'resumeState');
  const artifact = state && (await artifacts.addFile(state.file));
  const replaced = await inClaim(async (transaction) => {
    await recordMetrics(
      transaction,
      run,
      events.flatMap((event) => (event.type === 'metrics' ? event.points : [])),
    );
    await recordLines(
      transaction,
      run,
      events.flatMap((event) => (event.type === 'line' ? [{ text: event.text, level: event.level, at: event.at }] : [])),
    );
    for (const event of events) {
      if (event.type === 'mrcScore') await recordMrcScore(transaction, run, event.score, modules.indexOf(event.score.module));
      if (event.type === 'sweepPoint') await recordSweepPoint(transaction, run, event.point);
      if (event.type === 'setting') await recordSetting(transaction, run, event.key, event.value);
      if (event.type === 'evaluation') await recordEvaluation(transaction, run, event.checkpoint, event.result);
    }
    if (!artifact) return null;
    await recordArtifact(transaction, artifact);
    return writeResumeState(transaction, run, stage, artifact.sha256);
  });
  if (replaced) await forget(replaced);
}
