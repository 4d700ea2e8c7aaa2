/** The bundle that other machines get, `npm run check:gpu`, with a part of its work. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRun } from '../../gpu/sections/full.ts';
import { bundledCheck } from './check-gpu.ts';

describe('check:gpu', () => {
  let bundled: Awaited<ReturnType<typeof bundledCheck>>;
  beforeAll(async () => {
    bundled = await bundledCheck();
  });
  afterAll(() => bundled.remove());

  it('says how a part went on the CPU', () => {
    const { status, said, lines } = bundled.check('--device', 'cpu', '--quick', '--only', 'self-test');
    expect(lines).toMatchObject([{ section: 'self-test', name: 'start-up self-test', state: 'ok' }]);
    expect(status).toBe(0);
    for (const { text } of lines) expect(said).toContain(text);
    expect(said).toContain('0 failed');
  });

  it.skipIf(existsSync('/dev/nvidiactl'))('fails with the reason where the GPU is not there, part by part', () => {
    const { status, lines } = bundled.check('--device', 'cuda:0', '--quick', '--only', 'self-test');
    expect(status).toBe(1);
    expect(lines).toMatchObject([
      {
        section: 'self-test',
        state: 'failed',
        text: expect.stringMatching(/CUDA provider is not installed|CUDA cannot start: NVIDIA driver/),
      },
    ]);
  });

  it('refuses devices that it does not know', () => {
    const { status, said } = bundled.check('--device', 'abacus');
    expect(status).toBe(2);
    expect(said).toContain('--device abacus is unknown');
  });
});

describe('a run that is cut to the time', () => {
  it('takes all images and epochs when there is time enough, fewer epochs and then fewer images when not', () => {
    expect(planRun(24 * 60, 20_000)).toEqual({ epochs: 110, trainImages: 45_000, images: 2000 });
    const hour = planRun(60, 5_000);
    expect(hour.trainImages).toBe(45_000);
    expect(hour.epochs).toBeGreaterThan(10);
    expect(hour.epochs).toBeLessThan(110);
    expect(planRun(1, 1_000)).toEqual({ epochs: 2, trainImages: 1500, images: 150 });
    expect(planRun(0.1, 10).trainImages).toBe(128);
  });
});
