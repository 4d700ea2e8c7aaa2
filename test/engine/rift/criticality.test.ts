import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import type { WeightNorm } from '../../../engine/config.ts';
import type { Batch } from '../../../engine/data/batches.ts';
import { modulesOf } from '../../../engine/models/modules.ts';
import type { MrcScore } from '../../../engine/recorder.ts';
import { advanceInputs } from '../../../engine/rift/block-inputs.ts';
import { scoreModules } from '../../../engine/rift/criticality.ts';
import { adversarialExamples } from '../../../engine/rift/examples.ts';
import { FrozenGradients, sliced } from '../../../engine/training/frozen-gradients.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { scaled } from '../arrays.ts';
import { oneThread } from '../one-thread.ts';
import { syntheticSet } from '../synthetic.ts';
import { tinyAttack, tinyNetwork, tinyShape, tinyWeights } from '../tiny.ts';

const set = syntheticSet(150, tinyShape);
const modules = modulesOf(tinyNetwork);
let backend: Backend;
let weights: Weights;
let examples: Batch[];
/** Of all modules, as they are by default. */
let all: MrcScore[];
beforeAll(async () => {
  backend = await oneThread();
  weights = await tinyWeights(backend);
  examples = await made(70);
  all = await scores();
});
afterAll(() => backend.dispose());

const made = (batchSize: number) =>
  adversarialExamples({ backend, network: tinyNetwork, weights, set, attack: tinyAttack, batchSize, seed: 1, watch: unwatched });

async function scores(changes: { epsilon?: number; norm?: WeightNorm; iterations?: number } = {}, chosen = modules) {
  const config = { epsilon: 0.1, norm: 'L2' as const, iterations: 3, learningRate: 1, ...changes };
  return scoreModules({ backend, network: tinyNetwork, weights, examples, config, watch: unwatched }, chosen, async () => {});
}

describe('adversarial examples', () => {
  it('are all images once, in batches of the asked size', () => {
    expect(examples.map(({ count }) => count)).toEqual([70, 70, 10]);
    const labels = examples.flatMap((batch) => [...batch.labels.data]);
    expect(labels.toSorted()).toEqual([...set.labels].toSorted());
    expect(labels).not.toEqual([...set.labels]);
  });

  it('do not depend on the size of the batches', async () => {
    const other = await made(33);
    const pixels = (batches: Batch[]) => batches.flatMap(({ images }) => [...images.data]);
    expect(pixels(other)).toEqual(pixels(examples));
  });
});

describe('module robust criticality', () => {
  it('is not negative and is the largest loss less the robust loss', () => {
    expect(all.map(({ module }) => module)).toEqual(modules.map(({ name }) => name));
    for (const { score, robustLoss, perturbedLoss, losses, epsilon } of all) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(losses).toHaveLength(3);
      expect(perturbedLoss).toBe(Math.max(robustLoss, ...losses));
      expect(score).toBeCloseTo(perturbedLoss - robustLoss, 12);
      expect(epsilon).toBe(0.1);
    }
    expect(new Set(all.map(({ robustLoss }) => robustLoss)).size).toBe(1);
  });

  it.each(['L1', 'L2', 'LINF'] as const)('grows with the ball in %s', async (norm) => {
    const chosen = [0, 2, 6].map((index) => modules[index] as (typeof modules)[number]);
    const smaller = await scores({ norm, epsilon: 0.02 }, chosen);
    const larger = await scores({ norm, epsilon: 0.3 }, chosen);
    expect(new Set(smaller.map((score) => score.norm))).toEqual(new Set([norm]));
    for (const [index, { module, score }] of smaller.entries()) expect(larger[index]?.score, module).toBeGreaterThan(score);
  });

  it.each(['L1', 'L2', 'LINF'] as const)('is zero in a ball of radius zero in %s', async (norm) => {
    for (const { module, score } of await scores({ norm, epsilon: 0 }, modules.slice(0, 2))) expect(score, module).toBeLessThan(1e-6);
  });

  it('leaves the weights as they were', async () => {
    const before = structuredClone(weights);
    await scores({}, modules.slice(-1));
    expect(weights).toEqual(before);
  });

  it('of a module does not depend on which others are scored', async () => {
    const one = await scores({}, [modules[3] as (typeof modules)[number]]);
    expect(one[0]?.module).toBe(all[3]?.module);
    for (const [epoch, loss] of (one[0]?.losses ?? []).entries()) expect(loss).toBeCloseTo(all[3]?.losses[epoch] as number, 4);
  });

  /** Offsets in the ball that are nearest to the given ones, by definitions of their own. */
  const nearest: Record<WeightNorm, (offsets: Float32Array, origin: Float32Array) => Float32Array> = {
    L1(offsets, origin) {
      const radius = 0.1 * origin.reduce((sum, value) => sum + Math.abs(value), 0);
      const left = (loss: number) => offsets.map((value) => Math.sign(value) * Math.max(0, Math.abs(value) - loss));
      const length = (values: Float32Array) => values.reduce((sum, value) => sum + Math.abs(value), 0);
      let [low, high] = [0, Math.max(...offsets.map(Math.abs))];
      for (let halving = 0; halving < 60; halving++) {
        const middle = (low + high) / 2;
        if (length(left(middle)) > radius) low = middle;
        else high = middle;
      }
      return left(high);
    },
    L2(offsets, origin) {
      const factor = Math.min(1, (0.1 * Math.hypot(...origin)) / Math.hypot(...offsets));
      return offsets.map((value) => factor * value);
    },
    LINF(offsets, origin) {
      const radius = 0.1 * Math.max(...origin.map(Math.abs));
      return offsets.map((value) => (value > radius ? radius : value < -radius ? -radius : value));
    },
  };

  it.each(['L1', 'L2', 'LINF'] as const)(
    'has the losses that a plain loop of ascent, projection and evaluation gives in %s',
    async (norm) => {
      const { name } = modules[2] as (typeof modules)[number];
      const tensor = `${name}.weight`;
      const source = new FrozenGradients(backend, tinyNetwork, weights, { names: [tensor], from: 0 });
      const origin = weights[tensor] as Weights[string];
      let current = origin.data.slice();
      const expected: number[] = [];
      for (let epoch = 0; epoch < 3; epoch++) {
        for (const batch of examples) {
          const { gradients } = await source.gradients(batch, { ...weights, [tensor]: { ...origin, data: current } });
          current = current.map((value, index) => value + (gradients[tensor]?.data[index] as number));
        }
        const offsets = nearest[norm](
          current.map((value, index) => value - (origin.data[index] as number)) as Float32Array,
          origin.data as Float32Array,
        );
        current = offsets.map((value, index) => (origin.data[index] as number) + value);
        const moved = { ...weights, [tensor]: { ...origin, data: current } };
        let sum = 0;
        for (const batch of examples) sum += await source.loss(sliced(batch), moved);
        expected.push(sum / set.count);
      }
      await source.dispose();
      const [found] = await scores({ norm }, [modules[2] as (typeof modules)[number]]);
      for (const [epoch, loss] of expected.entries()) expect(found?.losses[epoch]).toBeCloseTo(loss, 3);
    },
  );

  it('stops with module, value and a hint when the loss is no number', async () => {
    const huge = { epsilon: 10, norm: 'L2' as const, iterations: 2, learningRate: 1e38 };
    const work = { backend, network: tinyNetwork, weights, examples, config: huge, watch: unwatched };
    const failure = scoreModules(work, modules.slice(0, 1), async () => {});
    await expect(failure).rejects.toThrow(/The robust loss is (NaN|Infinity) after epoch \d of the ascent on conv1\./);
  });
});

describe('weights that are broken before any ascent', () => {
  it('are named as the cause, with example and batch', async () => {
    const broken = scaled(weights, ['linear.weight'], 1e38);
    const config = { epsilon: 0.1, norm: 'L2' as const, iterations: 1, learningRate: 1 };
    const work = { backend, network: tinyNetwork, weights: broken, examples, config, watch: unwatched };
    const failure = scoreModules(work, modules, async () => {});
    await expect(failure).rejects.toThrow(
      /The loss is (NaN|Infinity) at adversarial example \d+ \(image \d+ of batch \d+\), before any ascent\./,
    );
    await expect(failure).rejects.toHaveProperty('hint', expect.stringContaining('The weights themselves'));
  });
});

describe('inputs of a block', () => {
  it('stays where it is when the activations would take too much memory', async () => {
    const start = { block: 0, batches: sliced(examples[0] as Batch) };
    const kept = await advanceInputs(backend, tinyNetwork, weights, start, 1, unwatched, 1000);
    expect(kept).toBe(start);
    const moved = await advanceInputs(backend, tinyNetwork, weights, start, 1, unwatched);
    expect(moved.block).toBe(1);
    expect(moved.batches[0]?.images.shape).toEqual([start.batches[0]?.count, 12, 12, 4]);
  });
});
