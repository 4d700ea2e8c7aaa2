/** Devices that break under real workers: the run goes on, here or elsewhere, and says what happened. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultyDevice } from '../../helpers/faulty-device.ts';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { queueRun, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';

let lab: TestQueue;

beforeAll(async () => {
  lab = await openTestQueue();
});

afterEach(async () => {
  await lab.endWorkers();
  expect(lab.errors).toEqual([]);
});

afterAll(() => lab.close());

const deviceOf = (worker: string) => lab.database.prisma.device.findFirst({ where: { worker: { endsWith: `/${worker}` } } });
const linesOf = async (runId: number) =>
  (await lab.database.prisma.logLine.findMany({ where: { runId }, orderBy: { seq: 'asc' } })).map(({ level, text }) => `${level}: ${text}`);

const training = {
  kind: 'TRAINING' as const,
  stages: ['TRAINING' as const],
  config: { training: { ...smallTraining, epochs: 10 }, evaluation: { images: 32 } },
};
const hasResumeState = async (runId: number) =>
  (await lab.database.prisma.stage.findFirstOrThrow({ where: { runId } })).resumeSha256 !== null;
const lost = 'CUDA failure 700: an illegal memory access was encountered ; GPU=0';

describe('a device that is lost', () => {
  it('is tested again, and goes on with the run when it is well', async () => {
    const [when, once] = [join(lab.data, 'lost-when'), join(lab.data, 'lost-once')];
    lab.startWorker('flaky', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text: lost, when, once }) });
    const id = await queueRun(lab.database, lab.queue, training);
    await waitUntil(() => hasResumeState(id));
    await writeFile(when, '');
    await waitForRun(lab.database, id, ['FINISHED']);
    expect(existsSync(once)).toBe(true);
    const lines = await linesOf(id);
    const loss = lines.findIndex((line) => /^warning: .*CUDA failure 700.*goes back to the queue/.test(line));
    expect(loss).toBeGreaterThan(0);
    expect(lines.slice(loss).join('\n')).toMatch(/going on after epoch \d/);
    expect(await deviceOf('flaky')).toMatchObject({ problem: null, selfTest: expect.stringMatching(/^passed/) });
  });

  it('is failed when it does not pass its self-test, and another worker goes on with the run', async () => {
    const when = join(lab.data, 'broken-when');
    lab.startWorker('broken', {
      environment: faultyDevice(
        { within: 'tasks/engine-main', what: 'error', text: lost, when },
        { within: 'devices/main', what: 'crash', when },
      ),
    });
    const id = await queueRun(lab.database, lab.queue, training);
    await waitUntil(() => hasResumeState(id));
    await writeFile(when, '');
    await waitUntil(async () => (await deviceOf('broken'))?.state === 'failed');
    expect(await deviceOf('broken')).toMatchObject({
      problem: expect.stringMatching(/its process ended \(SIGSEGV\)/),
      selfTest: 'failed',
      runId: null,
    });
    expect((await waitForRun(lab.database, id, ['QUEUED'])).stages[0]?.resumeSha256).not.toBeNull();
    lab.startWorker('healthy');
    await waitForRun(lab.database, id, ['FINISHED']);
    const { deviceId } = await lab.database.prisma.run.findUniqueOrThrow({ where: { id } });
    expect(deviceId).toBe((await deviceOf('healthy'))?.id);
    expect((await linesOf(id)).join('\n')).toMatch(/going on after epoch \d/);
  });

  it('again and again ends the run with what the device said', async () => {
    lab.startWorker('cursed', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text: lost }) });
    const id = await queueRun(lab.database, lab.queue, training);
    const run = await waitForRun(lab.database, id, ['FAILED']);
    expect(run.errorMessage).toMatch(/CUDA failure 700/);
    expect((await linesOf(id)).filter((line) => line.includes('goes back to the queue')).length).toBe(2);
  });
});

describe('a run whose batches do not fit', () => {
  const text = 'Failed to allocate memory for requested buffer of size 134217728';

  it('goes on in halves, with a warning in its log and what changes its results among its params', async () => {
    lab.startWorker('small', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text, images: 16 }) });
    const config = { training: { ...smallTraining, architecture: 'RESNET8', variant: 'STANDARD', batchSize: 64, epochs: 1 } };
    const id = await queueRun(lab.database, lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING'] });
    await waitForRun(lab.database, id, ['FINISHED']);
    const lines = await linesOf(id);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^warning: training step of RESNET8: memory ran out with 64 images at once; the run goes on with 32 at a time\. .*changes results/,
      ),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^warning: training step of RESNET8: .* 16 at a time/));
    const params = await lab.database.prisma.runParam.findMany({ where: { runId: id, key: 'statisticsImages' } });
    expect(params).toMatchObject([{ value: '16' }]);
  });
});

describe('a process that ends for its memory', () => {
  it('is followed by one with half as many images at once', async () => {
    lab.startWorker('tight', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'exhaust', images: 32 }) });
    const training = { ...smallTraining, architecture: 'RESNET8', variant: 'STANDARD', batchSize: 64, epochs: 1 };
    const config = { training, evaluation: { images: 64 } };
    const id = await queueRun(lab.database, lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING'] });
    await waitForRun(lab.database, id, ['FINISHED']);
    const lines = await linesOf(id);
    expect(lines).toContainEqual(expect.stringMatching(/memory ran out\. The stage goes back .* with half as many images at once\.$/));
    expect(lines).toContainEqual(expect.stringMatching(/^warning: training step of RESNET8: .*64 images at once.* 32 at a time\./));
  });
});

describe('a worker', () => {
  it('shows a device that it was told to use and that is not there, and waits', async () => {
    const worker = lab.startWorker('wishful', { device: 'cuda:63' });
    await waitUntil(async () => (await deviceOf('wishful'))?.state === 'failed');
    expect(await deviceOf('wishful')).toMatchObject({
      label: 'cuda:63',
      backend: 'onnx',
      kind: 'cuda',
      problem: expect.stringMatching(/^There is no cuda:63 here\. ./),
      hint: expect.any(String),
    });
    await waitUntil(async () => /no device passes its self-test; trying again in 5 s/.test(worker.output()));
  });

  it('takes the fastest device by itself, keeps its speed, and says what else there is', async () => {
    const { prisma } = lab.database;
    lab.startWorker('automatic', { device: 'auto' });
    await waitUntil(async () => (await deviceOf('automatic')) !== null);
    await waitUntil(async () => (await prisma.device.findFirst({ where: { worker: { endsWith: '/automatic' }, state: 'idle' } })) !== null);
    const devices = await prisma.device.findMany({ where: { worker: { endsWith: '/automatic' } } });
    const taken = devices.find(({ state }) => state === 'idle');
    const worth = (one: (typeof devices)[number] | undefined) => (one?.imagesPerSecond ?? 0) * (one?.backend === 'onnx' ? 1.5 : 1);
    expect(worth(taken)).toBe(Math.max(...devices.map(worth)));
    expect(worth(taken)).toBeGreaterThan(1);
    expect(devices.filter(({ state }) => state !== 'idle').every(({ state }) => state === 'standby' || state === 'failed')).toBe(true);
    expect(Number(taken?.memoryBytes)).toBeGreaterThan(2 ** 28);
  });
});
