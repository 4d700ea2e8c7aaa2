/** The device loop with real worker processes, a real queue and the real engine. */
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { openCheckpoint } from '../../../server/store/checkpoints.ts';
import { registerDevice } from '../../../server/store/devices.ts';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { hasEpochKept, longTraining, queueRun, riftStages, smallRift, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { isAlive, type TestWorker } from '../../helpers/worker.ts';

let lab: TestQueue;
let worker: TestWorker;

beforeAll(async () => {
  lab = await openTestQueue();
  worker = lab.startWorker();
});

afterEach(() => expect(lab.errors).toEqual([]));

afterAll(() => lab.close());

const records = (run: number) =>
  lab.database.prisma.run.findUniqueOrThrow({
    where: { id: run },
    include: {
      mrcScores: true,
      sweep: { include: { points: true } },
      evaluations: true,
      checkpoints: { include: { checkpoint: true } },
      metricSummaries: { include: { key: true } },
      lines: true,
      device: true,
    },
  });

const hasResumeState = (id: number) => hasEpochKept(lab.database, id);

describe('a RiFT run', () => {
  it('goes through its stages and leaves all its records, once each', async () => {
    const id = await queueRun(lab.database, lab.queue);
    const run = await waitForRun(lab.database, id, ['FINISHED']);
    expect(run.stages.map(({ name, state }) => [name, state])).toEqual(riftStages.map((name) => [name, 'FINISHED']));
    for (const stage of run.stages) expect(stage.progressDone, stage.name).toBe(stage.progressTotal);
    expect(run.stages.every(({ resumeSha256 }) => resumeSha256 === null)).toBe(true);

    const kept = await records(id);
    expect(kept.mrcScores.map(({ position }) => position).sort((one, other) => one - other)).toEqual(
      kept.mrcScores.map((_, index) => index),
    );
    expect(kept.mrcScores.length).toBeGreaterThan(4);
    expect(kept.sweep?.points.map(({ alpha }) => alpha).sort()).toEqual([0, 0.5, 1]);
    expect(kept.checkpoints.map(({ label, role }) => `${role} ${label}`).sort()).toEqual([
      'OUTPUT fine-tuned',
      'OUTPUT selected',
      'OUTPUT trained',
    ]);
    expect(kept.lines.map(({ seq }) => Number(seq)).sort((one, other) => one - other)).toEqual(kept.lines.map((_, index) => index + 1));

    const labelled = (label: string) => kept.checkpoints.find((entry) => entry.label === label)?.checkpoint;
    expect(labelled('fine-tuned')?.baseId).toBe(labelled('trained')?.id);
    expect(labelled('fine-tuned')?.changedModules).toEqual(kept.sweep?.modules);
    expect(labelled('trained')?.trainedHere).toBe(true);

    const value = (key: string) => kept.metricSummaries.find((summary) => summary.key.name === key)?.last;
    const accuracy = (label: string, suite: string) => {
      const evaluation = kept.evaluations.find((one) => one.checkpointId === labelled(label)?.id && one.suite === suite);
      return evaluation && evaluation.correct / evaluation.images;
    };
    expect(value('standard')).toBe(accuracy('selected', 'STANDARD'));
    expect(value('robust')).toBe(accuracy('selected', 'ADVERSARIAL'));
    expect(value('base.standard')).toBe(accuracy('trained', 'STANDARD'));
    expect(value('base.robust')).toBe(accuracy('trained', 'ADVERSARIAL'));
    expect([0, 0.5, 1]).toContain(value('alpha'));

    const referred = new Set(kept.checkpoints.map(({ checkpoint }) => checkpoint.artifactSha256));
    await waitUntil(async () => (await lab.database.prisma.artifact.count()) === referred.size);
    const artifacts = await openArtifacts(join(lab.data, 'artifacts'));
    for (const { checkpoint } of kept.checkpoints)
      expect((await openCheckpoint(lab.database.prisma, artifacts, checkpoint.id))?.bytes).toBe(Number(checkpoint.bytes));
    await waitUntil(async () => (await readdir(join(lab.data, 'scratch', `${hostname()}-test`))).length === 0);
  });
});

describe('a run of one step', () => {
  it('takes its weights from the checkpoints it was given', async () => {
    const { prisma } = lab.database;
    const idOf = async (label: string) => (await prisma.runCheckpoint.findFirstOrThrow({ where: { label, role: 'OUTPUT' } })).checkpointId;
    const [base, tuned] = [await idOf('trained'), await idOf('fine-tuned')];
    const { evaluation, criticality, fineTune, interpolation } = smallRift;
    const runs = [
      await queueRun(lab.database, lab.queue, {
        kind: 'INTERPOLATION',
        config: { interpolation, evaluation },
        stages: ['INTERPOLATION'],
        inputs: { base, tuned },
      }),
      await queueRun(lab.database, lab.queue, {
        kind: 'EVALUATION',
        config: { evaluation },
        stages: ['EVALUATION'],
        inputs: { base: tuned },
      }),
      await queueRun(lab.database, lab.queue, {
        kind: 'CRITICALITY',
        config: { criticality },
        stages: ['CRITICALITY'],
        inputs: { base },
      }),
      await queueRun(lab.database, lab.queue, {
        kind: 'FINE_TUNE',
        config: { fineTune: { ...fineTune, select: 'LAST' } },
        stages: ['FINE_TUNE'],
        inputs: { base },
      }),
    ] as const;
    for (const run of runs) await waitForRun(lab.database, run, ['FINISHED']);
    const [interpolated, evaluated, scored, fineTuned] = await Promise.all(runs.map(records));
    expect(interpolated?.sweep).toMatchObject({ baseId: base, tunedId: tuned });
    expect(interpolated?.sweep?.points.length).toBe(3);
    expect(evaluated?.evaluations.map(({ suite, checkpointId }) => `${suite} ${checkpointId}`).sort()).toEqual([
      `ADVERSARIAL ${tuned}`,
      `STANDARD ${tuned}`,
    ]);
    expect(evaluated?.metricSummaries.map(({ key }) => key.name).sort()).toEqual(['robust', 'standard']);
    expect(scored?.mrcScores.length).toBe(7);
    expect(fineTuned?.checkpoints.find(({ label }) => label === 'fine-tuned')?.checkpoint).toMatchObject({
      baseId: base,
      changedModules: ['classifier.fc3'],
    });
    expect(fineTuned?.lines.map(({ text }) => text).join()).toContain('mnist train[0:64]');
  });
});

describe('cancelling', () => {
  it('ends a queued run at once, and a running one long before its end; both can be resumed', async () => {
    const { prisma } = lab.database;
    const running = await queueRun(lab.database, lab.queue, longTraining);
    const queued = await queueRun(lab.database, lab.queue, longTraining);
    await waitUntil(() => hasResumeState(running));
    const [engine] = worker.engines();
    expect(engine).toBeDefined();
    await prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, queued));
    await prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, running));
    await waitUntil(async () => !isAlive(engine ?? 0));
    for (const run of [running, queued]) expect((await waitForRun(lab.database, run, ['CANCELLED'])).stages[0]?.state).not.toBe('RUNNING');
    await expect(prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, running))).rejects.toThrow(
      /CANCELLED: only a QUEUED or RUNNING/,
    );

    await prisma.$transaction((transaction) => lab.queue.resumeRun(transaction, running));
    expect(await hasResumeState(running)).toBe(true);
    await waitForRun(lab.database, running, ['RUNNING']);
    await prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, running));
    await waitUntil(async () => worker.engines().length === 0);
  });
});

describe('a failing run', () => {
  it('says what was wrong, and that its later stages never began', async () => {
    const config = { ...smallRift, model: undefined, dataset: 'cifar10' };
    const id = await queueRun(lab.database, lab.queue, { config, stages: ['CRITICALITY', 'FINE_TUNE'] });
    const run = await waitForRun(lab.database, id, ['FAILED']);
    expect(run.errorMessage).toBe(`Run-${id} has no weights for its stage CRITICALITY.`);
    expect(run.errorStage).toBe('CRITICALITY');
    expect(run.stages.map(({ state }) => state)).toEqual(['FAILED', 'QUEUED']);
  });
});

describe('a wanted device', () => {
  it('is waited for while others are idle', async () => {
    const absent = await registerDevice(lab.database.prisma, {
      worker: 'elsewhere',
      name: 'CPU',
      backend: 'onnx',
      kind: 'cpu',
      threads: 1,
    });
    const id = await queueRun(lab.database, lab.queue, { wantedDevice: absent });
    const config = { training: { ...smallTraining, epochs: 1 }, evaluation: { images: 32 } };
    const later = await queueRun(lab.database, lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING'] });
    await waitForRun(lab.database, later, ['FINISHED']);
    expect((await waitForRun(lab.database, id, ['QUEUED'])).deviceId).toBeNull();
    await lab.database.prisma.$transaction((transaction) => lab.queue.cancelRun(transaction, id));
  });
});

describe('a run', () => {
  const config = { training: { ...smallTraining, epochs: 20 }, evaluation: { images: 32 } };
  let id: number;

  it('whose engine is killed is taken by another on the same device once that has passed its self-test, and goes on from its last epoch', async () => {
    const { prisma } = lab.database;
    id = await queueRun(lab.database, lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING', 'EVALUATION'] });
    await waitUntil(() => hasResumeState(id));
    for (const engine of worker.engines()) process.kill(engine, 'SIGKILL');
    await waitForRun(lab.database, id, ['QUEUED']);
    const stateOf = async () => (await prisma.device.findFirstOrThrow({ where: { worker: { endsWith: '/test' } } })).state;
    await waitUntil(async () => (await stateOf()) === 'testing');
    await waitUntil(async () => (await stateOf()) === 'busy');
    const lines = async () => (await records(id)).lines.toSorted((one, other) => Number(one.seq - other.seq)).map(({ text }) => text);
    await waitUntil(async () => /going on after epoch \d+/.test((await lines()).join()));
    const said = await lines();
    const loss = said.findIndex((text) => /killed \(SIGKILL\).*goes back to the queue.*loss 1 of at most 3/.test(text));
    expect(loss).toBeGreaterThan(0);
    expect(said.slice(loss + 1).join()).toMatch(/going on after epoch \d+/);
  });

  it('whose worker is killed, and its engine with it, is taken by another worker and goes on from its last epoch to its end', async () => {
    const engines = worker.engines();
    expect(engines).not.toEqual([]);
    await worker.end('SIGKILL');
    await waitUntil(async () => !engines.some(isAlive));
    worker = lab.startWorker('second');
    await waitUntil(async () => (await records(id)).device?.worker.endsWith('/second') ?? false);
    await waitForRun(lab.database, id, ['FINISHED']);

    const kept = await records(id);
    expect(kept.lines.filter(({ text }) => /going on after epoch \d+/.test(text))).toHaveLength(2);
    expect(kept.evaluations.length).toBe(2);
    for (const { key, count, lastStep } of kept.metricSummaries) {
      const points = await lab.database.prisma.metricPoint.findMany({
        where: { runId: id, keyId: kept.metricSummaries.find((one) => one.key.name === key.name)?.keyId },
        orderBy: { step: 'asc' },
      });
      expect(points.length, key.name).toBe(Number(count));
      expect(points.at(-1)?.step, key.name).toBe(lastStep);
    }
  });
});
