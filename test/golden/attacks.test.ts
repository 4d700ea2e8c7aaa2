/** The trap of ../shared/goldens/attacks.json, made of a network that is at hand: the same predictions, a hidden gradient. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { measureConfig } from '../../engine/config.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { type ImageSet, loadSplit } from '../../engine/data/splits.ts';
import { count, Meter } from '../../engine/evaluation/meter.ts';
import { unwatched } from '../../engine/watch.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { scaled } from '../engine/arrays.ts';
import { describeGoldens } from './describe.ts';
import { Goldens } from './goldens.ts';

describeGoldens('a network that hides its gradient', () => {
  let backend: Backend;
  let goldens: Goldens;
  let set: ImageSet;
  beforeAll(async () => {
    backend = await chooseBackend();
    goldens = new Goldens('resnet8');
    set = await loadSplit(cifar10, process.env.RIFTLAB_DATASETS as string, {
      split: 'test',
      protocol: 'PAPER',
      trainedHere: true,
      images: 200,
    });
  });
  afterAll(() => backend.dispose());

  async function measured(weights: Weights, levels: number) {
    const epsilon = levels / 255;
    const attack = { epsilon, stepSize: epsilon / 4, steps: 20, randomStart: false };
    const measure = measureConfig.parse({ attack, rule: 'LAST_STEP' });
    const meter = new Meter(backend, goldens.network, weights, { measure, seed: 0, adversarial: true });
    const { standard, robust, verdict } = await meter.take(set, unwatched);
    await meter.dispose();
    return { standard: count(standard), robust: count(robust as Uint8Array), trust: verdict?.trust };
  }

  it.each([1, 2])('is as robust at %i/255 as it was, within two points, and its number alone is SUSPECT', async (levels) => {
    const before = await measured(goldens.weights, levels);
    const after = await measured(scaled(goldens.weights, ['linear.weight', 'linear.bias'], 1e4), levels);
    expect(after.standard).toBe(before.standard);
    expect(before.robust).toBeLessThan(before.standard);
    expect(Math.abs(after.robust - before.robust)).toBeLessThanOrEqual(4);
    expect([before.trust, after.trust]).toEqual(['CHECKED', 'SUSPECT']);
  });
});
