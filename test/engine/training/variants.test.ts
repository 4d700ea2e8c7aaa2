/** Each training variant: what its step does to the network, and a RiFT run of it on small images. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import {
  type BatchNormMode,
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  trainingConfig,
  type Variant,
  variantNames,
} from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { trainedNames } from '../../../engine/models/network.ts';
import { RandomStream } from '../../../engine/random.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import { runEvaluation } from '../../../engine/stages/evaluation.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import { FrozenGradients } from '../../../engine/training/frozen-gradients.ts';
import { createObjective } from '../../../engine/training/variants/variants.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { changedEntries } from '../changed.ts';
import { oneThread } from '../one-thread.ts';
import { patternModel, patternTraining } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';
import { tinyNetwork, tinySet, tinyWeights } from '../tiny.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await oneThread();
});
afterAll(() => backend.dispose());

const steps = 3;
const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.04, steps });
const forms: [Variant, object][] = [
  ...variantNames.map((variant): [Variant, object] => [variant, {}]),
  ['SCORE', { form: 'DDPM' }],
  ['SCORE', { form: 'KL' }],
];

describe('one step', () => {
  let weights: Weights;
  const names = trainedNames(tinyNetwork);
  const clean = batchOf(tinySet, inOrder(16));
  beforeAll(async () => {
    weights = await tinyWeights(backend);
  });

  async function step(
    variant: Variant,
    options: object,
    batchNorm: BatchNormMode,
    changes: { weights?: Weights; weightDecay?: number } = {},
  ) {
    const given = { weights, weightDecay: 0, ...changes };
    const objective = createObjective({ variant, options }, { backend, network: tinyNetwork, names, batchNorm, attack, ...given });
    const batch = objective.prepare(clean, (purpose, row) => new RandomStream(0, purpose, row));
    const result = await objective.gradients(batch, given.weights, 0, unwatched);
    const settled = (await objective.settle?.(batch, { ...given.weights, ...result.statistics })) ?? {};
    await objective.dispose();
    return { ...result, settled };
  }

  /** Passes in training mode whose batches the running statistics took in: each leaves nine tenths of what was there. */
  const moves: Record<Variant, { step: number; settled: number }> = {
    STANDARD: { step: 1, settled: 0 },
    PGD_AT: { step: 1, settled: 0 },
    TRADES: { step: 3, settled: 0 },
    MART: { step: 2, settled: 0 },
    AWP: { step: steps + 1 + 1, settled: 1 },
    SCORE: { step: 2, settled: 0 },
  };

  it.each(forms)('%s %j moves the running statistics as often as the published code', async (variant, options) => {
    const name = 'bn1.running_mean';
    const { data, ...rest } = weights[name] as HostArray;
    const shifted = { ...weights, [name]: { ...rest, data: data.map((value) => value + 1) } };
    const [one, other] = [await step(variant, options, 'UPDATE'), await step(variant, options, 'UPDATE', { weights: shifted })];
    // Attacks in evaluation mode look at the running statistics, so only those that do not are compared by what they found.
    const ratio = (of: 'statistics' | 'settled') =>
      ((other[of][name] as HostArray).data[0] as number) - ((one[of][name] as HostArray).data[0] as number);
    const looks = !['STANDARD', 'AWP'].includes(variant) && !('form' in options && options.form === 'DDPM');
    expect(Math.abs(ratio('statistics') - 0.9 ** moves[variant].step)).toBeLessThan(looks ? 0.02 : 1e-5);
    if (moves[variant].settled === 0) expect(one.settled).toEqual({});
    else expect(ratio('settled')).toBeCloseTo(0.9 ** (moves[variant].step + 1), 5);
  });

  it.each(forms)('%s %j leaves frozen statistics alone, and so do its gradients', async (variant, options) => {
    const { gradients, statistics, settled, losses } = await step(variant, options, 'FROZEN');
    expect([statistics, settled]).toEqual([{}, {}]);
    expect(Object.keys(gradients)).toEqual(names);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(Object.values(gradients).every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  it('with frozen statistics and clean images is that of a fine-tuning', async () => {
    const { gradients } = await step('STANDARD', {}, 'FROZEN');
    const source = new FrozenGradients(backend, tinyNetwork, weights, { names, from: 0 });
    const expected = await source.gradients(clean, weights);
    await source.dispose();
    for (const name of names)
      for (const [index, value] of (gradients[name] as HostArray).data.entries())
        expect(value).toBeCloseTo(expected.gradients[name]?.data[index] as number, 5);
  });

  it('of AWP is taken at the perturbed weights, decay included', async () => {
    const { gradients } = await step('AWP', { gamma: 0.05 }, 'FROZEN', { weightDecay: 0.5 });
    const plain = await step('AWP', { gamma: 0.05 }, 'FROZEN');
    const late = await step('AWP', { gamma: 0.05, warmup: 1 }, 'FROZEN');
    const standard = await step('PGD_AT', {}, 'FROZEN');
    const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
    const name = 'conv1.weight';
    const of = (found: Weights) => (found[name] as HostArray).data;
    const decayed = of(gradients).map((value, index) => value - (of(plain.gradients)[index] as number));
    expect(norm(decayed) / (0.5 * 0.05 * norm((weights[name] as HostArray).data))).toBeCloseTo(1, 4);
    expect(gradients['bn1.weight']).toEqual(plain.gradients['bn1.weight']);
    expect(norm(of(plain.gradients))).not.toBeCloseTo(norm(of(late.gradients)), 3);
    expect(norm(of(late.gradients)) / norm(of(standard.gradients))).toBeCloseTo(1, 3);
    expect(plain.losses.reduce((sum, loss) => sum + loss)).toBeGreaterThan(late.losses.reduce((sum, loss) => sum + loss));
  });

  it('of TRADES with beta 0 is that of standard training', async () => {
    const [none, standard] = [await step('TRADES', { beta: 0 }, 'UPDATE'), await step('STANDARD', {}, 'UPDATE')];
    for (const name of names)
      for (const [index, value] of (none.gradients[name] as HostArray).data.entries())
        expect(value).toBeCloseTo(standard.gradients[name]?.data[index] as number, 5);
  });
});

describe('RiFT of each variant', () => {
  const measure = measureConfig.parse({ images: 24, attack });
  const protocol = 'HOLD_OUT' as const;
  const trainingOf = (variant: Variant) =>
    trainingConfig.parse({
      ...{ ...patternTraining, variant, attack },
      ...{ trainImages: 96, epochs: 2, schedule: 'COSINE', emaDecay: 0.9 },
    });

  it.each(variantNames)('%s trains, resumes bit for bit, is scored, fine-tuned, swept and measured', async (variant) => {
    const whole = new Recording();
    const request = { training: trainingOf(variant), protocol, measure };
    const outcome = await runTraining(contextOf(backend, whole), request);
    const rest = new Recording();
    expect(await runTraining(contextOf(backend, rest), { ...request, resumeState: whole.states[0] as Uint8Array })).toEqual(outcome);
    expect(rest.stateDigests()).toEqual(whole.stateDigests().slice(1));
    const { done, total } = whole.progressed.at(-1) as { done: number; total: number };
    expect(done).toBe(total);

    const model = patternModel(outcome.weights);
    const recording = new Recording();
    const context = contextOf(backend, recording);
    const criticality = criticalityConfig.parse({ images: 16, iterations: 1, modules: ['conv1', 'layer1.conv2', 'linear'], attack });
    const scores = await measureCriticality(context, { model, criticality, protocol, done: [] });
    const fineTune = fineTuneConfig.parse({ epochs: 1, variant, ...(variant !== 'STANDARD' && { attack }) });
    const tuned = await runFineTune(context, { model, fineTune, scores, protocol, measure, trainImages: 64 });
    const changed = changedEntries(model.weights, tuned.weights);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every((name) => tuned.modules.some((module) => name.startsWith(module)))).toBe(true);
    expect(recording.valuesOf(variant === 'STANDARD' ? 'fineTune.holdout.standard' : 'fineTune.holdout.robust')).toHaveLength(1);
    const interpolation = interpolationConfig.parse({ alphas: [1] });
    const sweep = { base: model, tuned: tuned.weights, interpolation, measure, protocol, done: [] };
    const { weights, points } = await measureInterpolation(context, sweep);
    expect(points.map(({ alpha }) => alpha)).toEqual([0, 1]);
    const [standard, robust] = await runEvaluation(context, { model: { ...model, weights }, measure, protocol });
    expect(robust?.correct).toBeLessThanOrEqual(standard?.correct as number);
    expect(backend.sessions).toBe(0);
  });
});
