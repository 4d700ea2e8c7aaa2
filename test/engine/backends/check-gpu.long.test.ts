/** The rehearsal of `npm run check:gpu`: all of it on the CPU. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledCheck } from './check-gpu.ts';

let bundled: Awaited<ReturnType<typeof bundledCheck>>;
beforeAll(async () => {
  bundled = await bundledCheck();
});
afterAll(() => bundled.remove());

it('check:gpu comes to its end on the CPU, and says of every part how it went', () => {
  const { status, said, lines } = bundled.check('--device', 'cpu', '--quick');
  expect(lines.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(status).toBe(0);
  const parts = ['devices', 'self-test', 'goldens', 'goldens-tf32', 'operators', 'memory', 'speed', 'full'];
  expect([...new Set(lines.map(({ section }) => section))]).toEqual(parts);
  for (const name of ['start-up self-test', 'a call that is too large', 'PGD-2, RESNET8, batch 16', 'training step, RESNET8, batch 16'])
    expect(lines.find((line) => line.name === name)?.state, name).toBe('ok');
  for (const { text } of lines) expect(said).toContain(text);
  expect(said).toContain('0 failed');
});
