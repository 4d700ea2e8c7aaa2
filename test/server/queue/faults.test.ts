/** Devices that break under real workers: the run goes on, here or elsewhere, and says what happened. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patternForm, patterns } from '../../engine/patterns.ts';
import { faultyDevice } from '../../helpers/faulty-device.ts';
import { queueRun, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { lost, openFaultyLab, training } from './faulty-lab.ts';

const faulty = openFaultyLab();
const { deviceOf, linesOf, hasResumeState } = faulty;

describe('a device that is lost', () => {
  it('is tested again, and goes on with the run when it is well', async () => {
    const [when, once] = [join(faulty.lab.data, 'lost-when'), join(faulty.lab.data, 'lost-once')];
    faulty.lab.startWorker('flaky', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text: lost, when, once }) });
    const id = await queueRun(faulty.lab.database, faulty.lab.queue, training);
    await waitUntil(() => hasResumeState(id));
    await writeFile(when, '');
    await waitForRun(faulty.lab.database, id, ['FINISHED']);
    expect(existsSync(once)).toBe(true);
    const lines = await linesOf(id);
    const loss = lines.findIndex((line) => /^warning: .*CUDA failure 700.*goes back to the queue/.test(line));
    expect(loss).toBeGreaterThan(0);
    expect(lines.slice(loss).join('\n')).toMatch(/going on after epoch \d/);
    expect(await deviceOf('flaky')).toMatchObject({ problem: null, selfTest: expect.stringMatching(/^passed/) });
  });
});

describe('a run whose batches do not fit', () => {
  const text = 'Failed to allocate memory for requested buffer of size 134217728';

  it('goes on in halves, with a warning in its log and what changes its results among its params', async () => {
    faulty.lab.startWorker('small', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text, images: 16 }) });
    const training = { ...smallTraining, ...patternForm, dataset: patterns.name, variant: 'STANDARD', batchSize: 64, epochs: 1 };
    const config = { dataset: patterns.name, training };
    const id = await queueRun(faulty.lab.database, faulty.lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING'] });
    await waitForRun(faulty.lab.database, id, ['FINISHED']);
    const lines = await linesOf(id);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^warning: training step of SEQUENTIAL: memory ran out with 64 images at once; the run goes on with 32 at a time\. .*changes results/,
      ),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^warning: training step of SEQUENTIAL: .* 16 at a time/));
    const params = await faulty.lab.database.prisma.runParam.findMany({ where: { runId: id, key: 'statisticsImages' } });
    expect(params).toMatchObject([{ value: '16' }]);
  });
});

describe('a worker', () => {
  it('shows a device that it was told to use and that is not there, and waits', async () => {
    const worker = faulty.lab.startWorker('wishful', { device: 'cuda:63' });
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
    const { prisma } = faulty.lab.database;
    faulty.lab.startWorker('automatic', { device: 'auto' });
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
