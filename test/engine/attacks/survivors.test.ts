import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ascent, startingPoints } from '../../../engine/attacks/ascent.ts';
import { attackKinds } from '../../../engine/attacks/attacks.ts';
import { findSurvivors } from '../../../engine/attacks/survivors.ts';
import { AttackTools } from '../../../engine/attacks/tools.ts';
import type { Backend } from '../../../engine/backends/backend.ts';
import type { PgdConfig, RobustnessRule } from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import type { ImageSet } from '../../../engine/data/splits.ts';
import { count } from '../../../engine/evaluation/flags.ts';
import { Predictor } from '../../../engine/evaluation/predictor.ts';
import { RandomStream } from '../../../engine/random.ts';
import { unwatched, type Watch } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { oneThread } from '../one-thread.ts';
import { tinyAttack, tinyNetwork, tinySet, tinyWeights } from '../tiny.ts';

let backend: Backend;
let weights: Weights;
beforeAll(async () => {
  backend = await oneThread();
  weights = await tinyWeights(backend);
});
afterAll(() => backend.dispose());

/** The images of a set from begin to end, as a set. */
function part(set: ImageSet, begin: number, end: number): ImageSet {
  return {
    ...set,
    count: end - begin,
    pixels: { ...set.pixels, copy: (image, target, offset) => set.pixels.copy(begin + image, target, offset) },
    labels: set.labels.slice(begin, end),
    positions: set.positions.slice(begin, end),
  };
}

async function flags(config: PgdConfig, rule: RobustnessRule, set = tinySet, watch: Watch = unwatched) {
  const tools = new AttackTools(backend, tinyNetwork, weights);
  const attack = attackKinds.PGD.create(tools, config, rule);
  const passes = attackKinds.PGD.passes(config);
  const { correct: clean } = await tools.predictor.predictAll(set, unwatched);
  const found = await findSurvivors({ attack, passes, set, clean, rule, seed: 3, watch });
  await tools.dispose();
  return { clean, ...found };
}

describe('PGD', () => {
  it('starts inside the ball and the pixels, another way for every image and the same way again', () => {
    const batch = batchOf(tinySet, inOrder(6));
    const start = () => startingPoints(batch.images, tinyAttack, (row) => new RandomStream(0, 'start', row)).data as Float32Array;
    const points = start();
    for (const [index, value] of points.entries()) {
      expect(Math.abs(value - (batch.images.data[index] as number))).toBeLessThanOrEqual(tinyAttack.epsilon + 1e-6);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
    expect(start()).toEqual(points);
    const offset = (row: number) => (points[row * 432] as number) - (batch.images.data[row * 432] as number);
    expect(new Set([0, 1, 2, 3].map(offset)).size).toBe(4);
  });

  it('raises the loss and stays in the ball', async () => {
    const pgd = new Ascent(backend, tinyNetwork, tinyAttack, weights);
    const predictor = new Predictor(backend, tinyNetwork, weights);
    const batch = batchOf(tinySet, inOrder(tinySet.count));
    const adversarial = await pgd.perturb(batch, batch.images, unwatched);
    const before = (await predictor.predict(batch.images, batch.labels)).losses;
    const after = (await predictor.predict(adversarial, batch.labels)).losses;
    await Promise.all([pgd.dispose(), predictor.dispose()]);
    const rises = after.map((loss, index) => loss - (before[index] as number));
    expect(rises.filter((rise) => rise > 0).length).toBeGreaterThan(0.9 * rises.length);
    const reach = adversarial.data.map((value, index) => Math.abs(value - (batch.images.data[index] as number)));
    expect(Math.max(...reach)).toBeLessThanOrEqual(tinyAttack.epsilon + 1e-6);
    expect(Math.max(...reach)).toBeGreaterThan(tinyAttack.epsilon - 1e-6);
  });
});

describe('robust images', () => {
  it('are some, not all, of the images that are right when clean', async () => {
    const { clean, robust } = await flags(tinyAttack, 'ANY_STEP');
    expect(count(clean)).toBeGreaterThan(tinySet.count / 2);
    expect(count(robust)).toBeGreaterThan(0);
    expect(count(robust)).toBeLessThan(count(clean));
    for (const [index, flag] of robust.entries()) expect(flag).toBeLessThanOrEqual(clean[index] as number);
  });

  it('by ANY_STEP are robust by LAST_STEP too', async () => {
    const any = (await flags(tinyAttack, 'ANY_STEP')).robust;
    const last = (await flags(tinyAttack, 'LAST_STEP')).robust;
    for (const [index, flag] of any.entries()) expect(flag).toBeLessThanOrEqual(last[index] as number);
  });

  it('by LAST_STEP are those whose last point is classified correctly', async () => {
    const config = { ...tinyAttack, randomStart: false };
    const pgd = new Ascent(backend, tinyNetwork, config, weights);
    const predictor = new Predictor(backend, tinyNetwork, weights);
    const batch = batchOf(tinySet, inOrder(tinySet.count));
    const adversarial = await pgd.perturb(batch, batch.images, unwatched);
    const { correct } = await predictor.predict(adversarial, batch.labels);
    await Promise.all([pgd.dispose(), predictor.dispose()]);
    expect((await flags(config, 'LAST_STEP')).robust).toEqual(correct);
  });

  it.each(['ANY_STEP', 'LAST_STEP'] as const)('become fewer with restarts, image by image (%s)', async (rule) => {
    const one = (await flags(tinyAttack, rule)).robust;
    const three = (await flags({ ...tinyAttack, restarts: 3 }, rule)).robust;
    for (const [index, flag] of three.entries()) expect(flag).toBeLessThanOrEqual(one[index] as number);
  });

  it('become fewer with epsilon; none is lost at epsilon 0', async () => {
    const accuracies: number[] = [];
    for (const epsilon of [0, 0.02, 0.06, 0.2]) {
      const { clean, robust } = await flags({ ...tinyAttack, epsilon, stepSize: epsilon / 4 }, 'ANY_STEP');
      accuracies.push(count(robust));
      if (epsilon === 0) expect(robust).toEqual(clean);
    }
    expect(accuracies).toEqual(accuracies.toSorted((first, second) => second - first));
    expect(accuracies[3]).toBeLessThan(accuracies[0] as number);
  });

  it('are the same however the images are cut', async () => {
    const whole = (await flags({ ...tinyAttack, restarts: 2 }, 'ANY_STEP')).robust;
    for (const border of [1, 20]) {
      const first = (await flags({ ...tinyAttack, restarts: 2 }, 'ANY_STEP', part(tinySet, 0, border))).robust;
      const rest = (await flags({ ...tinyAttack, restarts: 2 }, 'ANY_STEP', part(tinySet, border, tinySet.count))).robust;
      expect(Uint8Array.of(...first, ...rest)).toEqual(whole);
    }
  });

  it('without steps are those that the start does not fool', async () => {
    const { clean, robust } = await flags({ ...tinyAttack, steps: 0, randomStart: false }, 'ANY_STEP');
    expect(robust).toEqual(clean);
  });

  it.each(['ANY_STEP', 'LAST_STEP'] as const)('tell the watch of every pass (%s)', async (rule) => {
    let passes = 0;
    const advance = (amount: number) => {
      passes += amount;
    };
    const watch = { ...unwatched, advance };
    const config = { ...tinyAttack, restarts: 2 };
    await flags(config, rule, tinySet, watch);
    expect(passes).toBe(tinySet.count * attackKinds.PGD.passes(config));
  });

  it('stop at once when the signal is aborted', async () => {
    const abort = new AbortController();
    const watch = { signal: abort.signal, advance: () => abort.abort(new Error('enough')), expect: () => {} };
    await expect(flags(tinyAttack, 'ANY_STEP', tinySet, watch)).rejects.toThrow('enough');
  });
});
