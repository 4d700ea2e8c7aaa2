/** Stages that several devices share: two real workers on one queue. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { queueRun, smallRift, waitForRun, waitUntil } from '../../helpers/runs.ts';
import type { TestWorker } from '../../helpers/worker.ts';

let lab: TestQueue;
let workers: TestWorker[] = [];
let inputs: { base: number; tuned: number };

const { interpolation, evaluation } = smallRift;
const criticality = { ...smallRift.criticality, images: 64 };
const config = {
  criticality,
  interpolation: { ...interpolation, alphas: [0, 0.25, 0.5, 0.75, 1] },
  evaluation: { ...evaluation, images: 64, attacks: [{ name: 'SQUARE', queries: 20 }] },
};
const stages = ['CRITICALITY', 'INTERPOLATION', 'EVALUATION'] as const;

const work = (threads: number, count: number) => {
  workers = Array.from({ length: count }, (_, index) =>
    lab.startWorker(`of-${count}-${index}`, { environment: { RIFTLAB_THREADS: String(threads) } }),
  );
};

async function rest(): Promise<void> {
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  await lab.database.prisma.device.updateMany({ data: { state: 'offline' } });
}

/** Until so many devices take work. */
const workersReady = (count: number) =>
  waitUntil(async () => (await lab.database.prisma.device.count({ where: { state: 'idle' } })) === count);

const measure = () => queueRun(lab.database, lab.queue, { kind: 'RIFT', config, stages: [...stages], inputs });

/** What a run has measured, without ids and times. */
async function numbers(id: number) {
  const run = await lab.database.prisma.run.findUniqueOrThrow({
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
    selected: (await lab.database.prisma.checkpoint.findUnique({ where: { id: selected ?? 0 } }))?.sha256,
  };
}

const linesOf = async (id: number, pattern: RegExp) =>
  (await lab.database.prisma.logLine.findMany({ where: { runId: id }, orderBy: { seq: 'asc' } }))
    .map(({ text }) => text)
    .filter((text) => pattern.test(text));

let alone: Awaited<ReturnType<typeof numbers>>;

beforeAll(async () => {
  lab = await openTestQueue();
  work(2, 1);
  await workersReady(1);
  const whole = await queueRun(lab.database, lab.queue);
  await waitForRun(lab.database, whole, ['FINISHED']);
  const outputs = await lab.database.prisma.runCheckpoint.findMany({ where: { runId: whole, role: 'OUTPUT' } });
  const idOf = (label: string) => outputs.find((output) => output.label === label)?.checkpointId as number;
  inputs = { base: idOf('trained'), tuned: idOf('fine-tuned') };
  const one = await measure();
  await waitForRun(lab.database, one, ['FINISHED']);
  alone = await numbers(one);
  await rest();
  work(1, 2);
  await workersReady(2);
}, 300_000);

afterEach(() => expect(lab.errors).toEqual([]));

afterAll(() => lab.close());

describe('two workers of one thread', () => {
  it('share a run and measure what one worker of two threads does', async () => {
    const id = await measure();
    const { stages: ended } = await waitForRun(lab.database, id, ['FINISHED']);
    for (const stage of ended) expect(stage.progressDone, stage.name).toBe(stage.progressTotal);
    expect(await numbers(id)).toEqual(alone);
    expect(await linesOf(id, /^Scoring/)).toHaveLength(2);
    expect(await linesOf(id, /^Measuring/)).toHaveLength(2);
    expect(alone.evaluations.map(({ suite }) => suite)).toContain('ADVERSARIAL');
    const metrics = await lab.database.prisma.metricSummary.findMany({ where: { runId: id }, include: { key: true } });
    expect(metrics.map(({ key }) => key.name)).toEqual(expect.arrayContaining(['standard', 'robust', 'robust.SQUARE', 'base.robust']));
    expect(await lab.database.prisma.slice.count()).toBe(0);
  });

  it('stop within seconds when the run is cancelled, and go on from what is kept', async () => {
    const id = await measure();
    const { prisma } = lab.database;
    await waitUntil(async () => (await prisma.slice.count({ where: { runId: id, state: 'RUNNING' } })) === 2);
    await prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, id));
    await workersReady(2);
    expect(await prisma.slice.count({ where: { runId: id, state: 'RUNNING' } })).toBe(0);
    await prisma.$transaction((transaction) => lab.queue.resumeRun(transaction, id));
    await waitForRun(lab.database, id, ['FINISHED']);
    expect(await numbers(id)).toEqual(alone);
  });

  it('repeat the slice of one that was killed, and no other', async () => {
    const id = await measure();
    await waitUntil(async () => (await lab.database.prisma.slice.count({ where: { runId: id, state: 'RUNNING' } })) === 2);
    await workers[0]?.end('SIGKILL');
    await waitForRun(lab.database, id, ['FINISHED']);
    expect(await numbers(id)).toEqual(alone);
    const scored = await linesOf(id, /^Scoring/);
    expect(scored.length).toBeLessThanOrEqual(3);
  });

  it('leave a search for the least scores to one, which goes on from its bounds after a kill', async () => {
    const { prisma } = lab.database;
    await rest();
    work(1, 2);
    await workersReady(2);
    const least = { ...config, criticality: { ...criticality, iterations: 40, until: 'LEAST' } };
    const id = await queueRun(lab.database, lab.queue, { kind: 'CRITICALITY', config: least, stages: ['CRITICALITY'], inputs });
    await waitUntil(async () => (await prisma.mrcScore.count({ where: { runId: id } })) >= 3);
    expect(await prisma.slice.count()).toBe(0);
    const bounds = await prisma.mrcScore.findMany({ where: { runId: id } });
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
    work(1, 2);
    await waitForRun(lab.database, id, ['FINISHED']);
    const scores = await prisma.mrcScore.findMany({ where: { runId: id }, orderBy: [{ score: 'asc' }, { position: 'asc' }] });
    expect(scores).toHaveLength(alone.scores.length);
    expect(scores[0]?.complete).toBe(true);
    for (const { module, losses } of bounds)
      expect(scores.find((score) => score.module === module)?.losses.slice(0, losses.length)).toEqual(losses);
  }, 400_000);
});
