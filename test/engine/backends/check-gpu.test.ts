/** The rehearsal of `npm run check:gpu`: the bundle that other machines get, on the CPU from its beginning to its end. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../gpu/pack.ts';
import type { Line } from '../../gpu/report.ts';
import { planRun } from '../../gpu/sections/full.ts';
import { sharedFolder } from '../../helpers/datasets.ts';

const folder = mkdtempSync(join(tmpdir(), 'riftlab-check-'));
const out = join(folder, 'table.json');
const goldens = sharedFolder ? ['--goldens', join(sharedFolder, 'goldens')] : [];

function check(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'check.mjs'), '--out', out, ...goldens, ...options], {
    encoding: 'utf8',
    cwd: tmpdir(),
  });
  const lines = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')).lines as Line[]) : [];
  return { status, said: stdout + stderr, lines };
}

describe('check:gpu', () => {
  beforeAll(() => bundle(folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('comes to its end on the CPU, and says of every part how it went', () => {
    const { status, said, lines } = check('--device', 'cpu', '--quick');
    expect(lines.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(status).toBe(0);
    const parts = ['devices', 'self-test', 'goldens', 'goldens-tf32', 'operators', 'memory', 'speed', 'full'];
    expect([...new Set(lines.map(({ section }) => section))]).toEqual(parts);
    for (const name of ['start-up self-test', 'a call that is too large', 'PGD-2, RESNET8, batch 16', 'training step, RESNET8, batch 16'])
      expect(lines.find((line) => line.name === name)?.state, name).toBe('ok');
    for (const { text } of lines) expect(said).toContain(text);
    expect(said).toContain('0 failed');
  });

  it.skipIf(existsSync('/dev/nvidiactl'))('fails with the reason where the GPU is not there, part by part', () => {
    const { status, lines } = check('--device', 'cuda:0', '--quick', '--only', 'self-test');
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
    const { status, said } = check('--device', 'abacus');
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
