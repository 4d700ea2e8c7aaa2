/** One stage from beginning to end, apart from the queue: prepare, compute in a process of its own, keep what it yields. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../engine/errors.ts';
import type { BackendChoice } from '../../engine/index.ts';
import type { Slice } from '../../engine/stages.ts';
import { type Artifacts, DamageError, forgetArtifact } from '../store/artifacts.ts';
import type { Database, Transaction } from '../store/database.ts';
import { writeProgress } from '../store/progress.ts';
import { openSweep, recordLines } from '../store/recording.ts';
import { keepSliceOutcome, type StagePart } from '../store/slices.ts';
import { readResumeState } from '../store/stages.ts';
import { runEngine } from './engine-process.ts';
import { describeFailure, isForMemory, type StageProblem } from './failure.ts';
import type { StageOutcome } from './job.ts';
import { keepOutcome, recordOutcome, sweepOf } from './outcome.ts';
import { findBase, type PreparedStage, prepareStage } from './prepare.ts';
import { createProgressMeter } from './progress.ts';
import { type InClaim, openRecording } from './recording.ts';

export interface StageTools {
  database: Database;
  artifacts: Artifacts;
  /** Where scratch folders are made. */
  scratchFolder: string;
  datasetsFolder: string;
  backend: BackendChoice;
}

export interface StageAttempt extends StagePart {
  /** How often batches are halved because memory ran out before; 0 when absent. */
  halvings?: number;
}

/**
 * finished: `record` belongs into the transaction that completes the stage. stopped: the signal aborted. lost: the process or the
 * device that computed it is gone; what was recorded is kept.
 */
export type StageEnd =
  | { type: 'finished'; record(transaction: Transaction): Promise<void>; clean(): Promise<void> }
  | { type: 'failed'; problem: StageProblem }
  | { type: 'lost'; problem: StageProblem; outOfMemory: boolean }
  | { type: 'stopped' };

const progressMilliseconds = 1000;

export async function performStage(
  tools: StageTools,
  { run, stage, slice, halvings = 0 }: StageAttempt,
  inClaim: InClaim,
  signal: AbortSignal,
): Promise<StageEnd> {
  await mkdir(tools.scratchFolder, { recursive: true });
  const scratch = await mkdtemp(join(tools.scratchFolder, `run-${run}-`));
  try {
    const { prisma } = tools.database;
    const prepared = await prepareStage(prisma, tools.artifacts, run, stage, scratch);
    const lines = prepared.warnings.map((text) => ({ text, level: 'warning' as const, at: new Date() }));
    if (lines.length > 0) await inClaim((transaction) => recordLines(transaction, run, lines));
    const sweep = sweepOf(prepared);
    if (sweep) await inClaim((transaction) => openSweep(transaction, run, sweep));
    const end = await compute({ tools, prepared, slice, halvings, scratch, inClaim, signal });
    if (end.type !== 'finished') return end;
    const kept = await keepOutcome(prisma, tools.artifacts, prepared, end.outcome);
    const resumeState = await readResumeState(prisma, run, stage);
    return {
      type: 'finished',
      record: async (transaction) => {
        await recordOutcome(transaction, prepared, end.outcome, kept);
        if (slice && end.outcome.name === 'SLICE' && end.outcome.taken)
          await keepSliceOutcome(transaction, { run, stage, slice }, end.outcome.taken);
      },
      clean: async () => {
        if (resumeState) await forgetArtifact(prisma, tools.artifacts, resumeState);
      },
    };
  } catch (error) {
    if (signal.aborted) return { type: 'stopped' };
    if (error instanceof EngineError || error instanceof DamageError) {
      const resumable = error instanceof DamageError;
      return { type: 'failed', problem: { message: error.message, hint: error.hint, resumable } };
    }
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Computed = { type: 'finished'; outcome: StageOutcome } | Exclude<StageEnd, { type: 'finished' }>;

interface Computation {
  tools: StageTools;
  prepared: PreparedStage;
  slice: Slice | undefined;
  halvings: number;
  scratch: string;
  inClaim: InClaim;
  signal: AbortSignal;
}

async function compute({ tools, prepared, slice, halvings, scratch, inClaim, signal }: Computation): Promise<Computed> {
  const { inputs, work, experiment } = prepared;
  const { database, artifacts, datasetsFolder, backend } = tools;
  const meter = createProgressMeter();
  const writeLatest = async () => {
    const progress = meter.take();
    if (progress) await inClaim((transaction) => writeProgress(transaction, { run: inputs.id, stage: work.name, slice }, progress));
  };
  const recorded = openRecording({
    run: inputs.id,
    stage: work.name,
    modules: findBase(inputs)?.modules.map(({ name }) => name) ?? [],
    artifacts,
    inClaim,
    forget: (sha256) => forgetArtifact(database.prisma, artifacts, sha256),
  });
  // A progress that could not be written is followed by the next; a lost claim reaches us through the signal.
  const timer = setInterval(() => void writeLatest().catch(() => {}), progressMilliseconds);
  try {
    const job = { scratch, datasetsFolder, dataset: experiment.dataset, backend, halvings, seed: inputs.seed, work, slice };
    const result = await runEngine(job, { progress: (progress) => meter.add(progress), recorded }, signal);
    if (result.type === 'finished' || result.type === 'stopped') return result;
    const problem = describeFailure(result, work.name);
    if (result.type === 'ended') return { type: 'lost', problem, outOfMemory: isForMemory(result) };
    return result.lost ? { type: 'lost', problem, outOfMemory: false } : { type: 'failed', problem };
  } finally {
    clearInterval(timer);
  }
}
