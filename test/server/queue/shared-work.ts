/** A run that several real workers share, and what one worker measures of it alone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { fineTuneConfig, measureConfig } from '../../../engine/config.ts';
import { writeCheckpoint } from '../../../engine/index.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { keepWeights, openCheckpoint, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import { oneThread } from '../../engine/one-thread.ts';
import { patternForm, patternModel, patterns, trainedPatterns } from '../../engine/patterns.ts';
import { contextOf, Recording } from '../../engine/recording.ts';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { queueRun, smallRift, waitForRun, waitUntil } from '../../helpers/runs.ts';
import type { TestWorker } from '../../helpers/worker.ts';

const { interpolation, evaluation } = smallRift;
export const sharedConfig = {
  dataset: patterns.name,
  criticality: { ...smallRift.criticality, images: 64 },
  interpolation: { ...interpolation, alphas: [0, 0.25, 0.5, 0.75, 1] },
  evaluation: { ...evaluation, images: 64, attacks: [{ name: 'SQUARE', queries: 20 }] },
};
const stages = ['CRITICALITY', 'INTERPOLATION', 'EVALUATION'] as const;

type Numbers = Awaited<ReturnType<SharedWork['numbers']>>;

class SharedWork {
  readonly lab: TestQueue;
  workers: TestWorker[] = [];
  inputs: Record<string, number> = {};
  /** What one worker of two threads measured. */
  alone = {} as Numbers;

  constructor(lab: TestQueue) {
    this.lab = lab;
  }

  /** Starts so many workers, each of so many threads. */
  work(threads: number, count: number): void {
    this.workers = Array.from({ length: count }, (_, index) =>
      this.lab.startWorker(`of-${count}-${index}`, { environment: { RIFTLAB_THREADS: String(threads) } }),
    );
  }

  async rest(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end('SIGTERM')));
    await this.lab.database.prisma.device.updateMany({ data: { state: 'offline' } });
  }

  /** Until so many devices take work. */
  workersReady(count: number): Promise<void> {
    return waitUntil(async () => (await this.lab.database.prisma.device.count({ where: { state: 'idle' } })) === count);
  }

  measure(): Promise<number> {
    return queueRun(this.lab.database, this.lab.queue, { kind: 'RIFT', config: sharedConfig, stages: [...stages], inputs: this.inputs });
  }

  /** Until two slices of the run are computed at once. */
  async bothAtWork(id: number): Promise<void> {
    await waitUntil(async () => (await this.lab.database.prisma.slice.count({ where: { runId: id, state: 'RUNNING' } })) === 2);
  }

  /** What a run has measured, without ids and times. */
  async numbers(id: number) {
    const run = await this.lab.database.prisma.run.findUniqueOrThrow({
      where: { id },
      include: {
        mrcScores: { orderBy: { position: 'asc' } },
        sweep: { include: { points: { orderBy: { alpha: 'asc' } } } },
        checkpoints: true,
        evaluations: { include: { checkpoint: { select: { sha256: true } } } },
      },
    });
    const selected = run.checkpoints.find(({ label }) => label === 'selected')?.checkpointId;
    const evaluations = run.evaluations.map(({ id: _, runId: __, checkpointId: ___, at: ____, ...evaluation }) => evaluation);
    return {
      evaluations: evaluations.toSorted((one, other) =>
        `${one.checkpoint?.sha256} ${one.fingerprint}` < `${other.checkpoint?.sha256} ${other.fingerprint}` ? -1 : 1,
      ),
      scores: run.mrcScores.map(({ runId: _, ...score }) => score),
      points: run.sweep?.points.map(({ sweepId: _, ...point }) => point),
      selected: (await this.lab.database.prisma.checkpoint.findUnique({ where: { id: selected ?? 0 } }))?.sha256,
    };
  }

  async linesOf(id: number, pattern: RegExp): Promise<string[]> {
    const lines = await this.lab.database.prisma.logLine.findMany({ where: { runId: id }, orderBy: { seq: 'asc' } });
    return lines.map(({ text }) => text).filter((text) => pattern.test(text));
  }

  /** Records weights as a checkpoint; returns its id. */
  private async keep(name: string, weights: Weights, base?: number): Promise<number> {
    const { database, data } = this.lab;
    const artifacts = await openArtifacts(join(data, 'artifacts'));
    const path = join(data, name);
    await writeFile(path, writeCheckpoint({ ...patternForm, dataset: patterns.name }, weights));
    const kept = await keepWeights(artifacts, path, base ? await openCheckpoint(database.prisma, artifacts, base) : undefined);
    const about = { name, ...patternForm, dataset: patterns.name, variant: 'STANDARD', trainedHere: true, producedBy: null };
    return database.prisma.$transaction((transaction) => recordCheckpoint(transaction, kept, about));
  }

  /** A network that has learnt a little, and what becomes of it when its last module is trained on. */
  private async keepNetworks(): Promise<Record<string, number>> {
    const backend = await oneThread();
    const weights = await trainedPatterns(backend);
    const tuned = await runFineTune(contextOf(backend, new Recording()), {
      model: patternModel(weights),
      fineTune: fineTuneConfig.parse({ select: 'LAST', epochs: 1 }),
      ...{ scores: [], protocol: 'HOLD_OUT', measure: measureConfig.parse({ images: 50 }), trainImages: 150 },
    });
    await backend.dispose();
    const base = await this.keep('trained', weights);
    return { base, tuned: await this.keep('fine-tuned', tuned.weights, base) };
  }

  /** Measures them by one worker, then has two workers of one thread each ready. */
  async prepare(): Promise<void> {
    this.work(2, 1);
    this.inputs = await this.keepNetworks();
    await this.workersReady(1);
    const one = await this.measure();
    await waitForRun(this.lab.database, one, ['FINISHED']);
    this.alone = await this.numbers(one);
    await this.rest();
    this.work(1, 2);
    await this.workersReady(2);
  }
}

/** For the tests of a file; filled when they run. */
export function openSharedWork(): { shared: SharedWork } {
  const opened = {} as { shared: SharedWork };
  beforeAll(async () => {
    opened.shared = new SharedWork(await openTestQueue());
    await opened.shared.prepare();
  });
  afterEach(() => expect(opened.shared.lab.errors).toEqual([]));
  afterAll(() => opened.shared.lab.close());
  return opened;
}
