/** The three steps on small images: as one function beside the paper, and as the stages that a worker runs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { criticalityConfig, fineTuneConfig, interpolationConfig, measureConfig, pgdConfig } from '../../../engine/config.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { moduleParameters, modulesOf } from '../../../engine/models/modules.ts';
import { type RiftResult, rift } from '../../../engine/rift/rift.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import type { Model } from '../../../engine/stages.ts';
import { unwatched } from '../../../engine/watch.ts';
import { interpolate } from '../../../engine/weights/interpolation.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { changedEntries } from '../changed.ts';
import { oneThread } from '../one-thread.ts';
import { patternNetwork as network, patternModel, patterns, trainedPatterns } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.03, steps: 3 });
const measure = measureConfig.parse({ images: 50, attack });
const criticality = criticalityConfig.parse({ images: 50, iterations: 2, batchSize: 30, attack });
const interpolation = interpolationConfig.parse({ alphas: [0.5, 1], tolerance: 0.02 });

let backend: Backend;
let base: Weights;
let model: Model;
beforeAll(async () => {
  backend = await oneThread();
  base = await trainedPatterns(backend);
  model = patternModel(base);
});
afterAll(() => backend.dispose());

describe.each(['FROZEN', 'UPDATE'] as const)('RiFT with batch normalisation %s', (batchNorm) => {
  const fineTune = fineTuneConfig.parse({ epochs: 2, learningRate: 0.01, batchNorm });
  const recording = new Recording();
  let result: RiftResult;

  beforeAll(async () => {
    const set = { protocol: 'HOLD_OUT', trainedHere: true } as const;
    const train = await loadSplit(patterns, '', { ...set, split: 'train', images: 150 });
    const selection = await loadSplit(patterns, '', { ...set, split: 'holdout', images: 50 });
    const work = { criticality, fineTune, interpolation, measure, seed: 0, recorder: recording, watch: unwatched };
    result = await rift({ backend, network, base, train, augmentation: undefined, selection, ...work });
  });

  it('scores every module and trains the least critical alone', () => {
    expect(result.scores.map(({ module }) => module)).toEqual(modulesOf(network).map(({ name }) => name));
    expect(recording.scores).toEqual(result.scores);
    const least = result.scores.toSorted((first, second) => first.score - second.score)[0]?.module;
    expect(result.modules).toEqual([least]);
    const changed = changedEntries(base, result.tuned);
    const ofModule = moduleParameters(network, result.modules);
    expect(changed.filter((name) => !name.includes('running_'))).toEqual(ofModule);
    const moved = changed.some((name) => name.includes('running_'));
    expect(moved).toBe(batchNorm === 'UPDATE');
  });

  it('sweeps from the base to the tuned weights and takes a point within the tolerance', () => {
    expect(result.points.map(({ alpha }) => alpha)).toEqual([0, 0.5, 1]);
    expect(recording.sweep).toEqual(result.points);
    const { alpha, robust } = result.selected;
    expect(robust).toBeGreaterThanOrEqual((result.points[0]?.robust as number) - 0.02);
    expect(result.weights).toEqual(interpolate(base, result.tuned, alpha));
  });

  it('is what the stages do one by one, bit for bit', async () => {
    const context = contextOf(backend, new Recording());
    const scores = await measureCriticality(context, { model, criticality, protocol: 'HOLD_OUT', done: [] });
    expect(scores).toEqual(result.scores);
    const tuned = await runFineTune(context, { model, fineTune, scores, protocol: 'HOLD_OUT', measure, trainImages: 150 });
    expect(tuned.modules).toEqual(result.modules);
    expect(tuned.weights).toEqual(result.tuned);
    const request = { base: model, tuned: tuned.weights, interpolation, measure, protocol: 'HOLD_OUT', done: [] } as const;
    const outcome = await measureInterpolation(context, { ...request, done: [] });
    expect(outcome.points).toEqual(result.points);
    expect(outcome.selected).toEqual(result.selected);
    expect(outcome.weights).toEqual(result.weights);
  });
});
