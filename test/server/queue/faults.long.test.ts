/** More devices that break under real workers: for good, again and again, and by taking the whole memory. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultyDevice } from '../../helpers/faulty-device.ts';
import { queueRun, smallTraining, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { lost, openFaultyLab, training } from './faulty-lab.ts';

const faulty = openFaultyLab();
const { deviceOf, linesOf, hasResumeState } = faulty;

describe('a device that is lost', () => {
  it('is failed when it does not pass its self-test, and another worker goes on with the run', async () => {
    const when = join(faulty.lab.data, 'broken-when');
    faulty.lab.startWorker('broken', {
      environment: faultyDevice(
        { within: 'tasks/engine-main', what: 'error', text: lost, when },
        { within: 'devices/main', what: 'crash', when },
      ),
    });
    const id = await queueRun(faulty.lab.database, faulty.lab.queue, training);
    await waitUntil(() => hasResumeState(id));
    await writeFile(when, '');
    await waitUntil(async () => (await deviceOf('broken'))?.state === 'failed');
    expect(await deviceOf('broken')).toMatchObject({
      problem: expect.stringMatching(/its process ended \(SIGSEGV\)/),
      selfTest: 'failed',
      runId: null,
    });
    expect((await waitForRun(faulty.lab.database, id, ['QUEUED'])).stages[0]?.resumeSha256).not.toBeNull();
    faulty.lab.startWorker('healthy');
    await waitForRun(faulty.lab.database, id, ['FINISHED']);
    const { deviceId } = await faulty.lab.database.prisma.run.findUniqueOrThrow({ where: { id } });
    expect(deviceId).toBe((await deviceOf('healthy'))?.id);
    expect((await linesOf(id)).join('\n')).toMatch(/going on after epoch \d/);
  });

  it('again and again ends the run with what the device said', async () => {
    faulty.lab.startWorker('cursed', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'error', text: lost }) });
    const id = await queueRun(faulty.lab.database, faulty.lab.queue, training);
    const run = await waitForRun(faulty.lab.database, id, ['FAILED']);
    expect(run.errorMessage).toMatch(/CUDA failure 700/);
    expect((await linesOf(id)).filter((line) => line.includes('goes back to the queue')).length).toBe(2);
  });
});

describe('a process that ends for its memory', () => {
  it('is followed by one with half as many images at once', async () => {
    faulty.lab.startWorker('tight', { environment: faultyDevice({ within: 'tasks/engine-main', what: 'exhaust', images: 32 }) });
    const training = { ...smallTraining, architecture: 'RESNET8', variant: 'STANDARD', batchSize: 64, epochs: 1 };
    const config = { training, evaluation: { images: 64 } };
    const id = await queueRun(faulty.lab.database, faulty.lab.queue, { kind: 'TRAINING', config, stages: ['TRAINING'] });
    await waitForRun(faulty.lab.database, id, ['FINISHED']);
    const lines = await linesOf(id);
    expect(lines).toContainEqual(expect.stringMatching(/memory ran out\. The stage goes back .* with half as many images at once\.$/));
    expect(lines).toContainEqual(expect.stringMatching(/^warning: training step of RESNET8: .*64 images at once.* 32 at a time\./));
  });
});
