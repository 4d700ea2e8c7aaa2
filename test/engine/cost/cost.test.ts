/** What stages are said to cost, against what they do: the work of every step that they run, counted while they run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import {
  criticalityConfig,
  type Experiment,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  trainingConfig,
} from '../../../engine/config.ts';
import { CountingBackend } from '../../../engine/cost/counting-backend.ts';
import { networkWork } from '../../../engine/cost/network-work.ts';
import { type Plan, secondsOfStages, workOfStages } from '../../../engine/cost/stage-work.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { splitCount, splitPositions } from '../../../engine/data/splits.ts';
import { measureSpeed } from '../../../engine/devices/speed.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import { runEvaluation } from '../../../engine/stages/evaluation.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import type { Model } from '../../../engine/stages.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { patterns } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.03, steps: 3 });
const experiment = {
  dataset: patterns.name,
  protocol: 'HOLD_OUT' as const,
  training: trainingConfig.parse({ architecture: 'RESNET8', dataset: patterns.name, trainImages: 256, epochs: 1, batchSize: 64, attack }),
  criticality: criticalityConfig.parse({ images: 256, iterations: 2, batchSize: 128, attack }),
  fineTune: fineTuneConfig.parse({ select: 'NAMED', modules: ['layer2.0.conv1'], epochs: 2, batchSize: 64 }),
  interpolation: interpolationConfig.parse({ alphas: [0, 1] }),
  evaluation: measureConfig.parse({ images: 256, attack, rule: 'LAST_STEP' }),
};
const plan: Plan = {
  stages: ['TRAINING', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'],
  architecture: 'RESNET8',
  trainedHere: true,
  experiment,
  trainImages: 256,
  evaluated: 1,
};

let backend: CountingBackend;
const counted: Record<string, number> = {};
const { protocol } = experiment;

beforeAll(async () => {
  backend = new CountingBackend(await chooseBackend());
  const dataset = findDataset('mnist');
  const weights = initialWeights(buildNetwork('RESNET8', {}, dataset), 1);
  const model: Model = { architecture: 'RESNET8', dataset: patterns.name, weights, trainedHere: true };
  const { training, evaluation: measure, criticality, fineTune, interpolation } = experiment;
  const { trainImages } = plan;
  const context = contextOf(backend, new Recording());
  const stages: Record<string, () => Promise<unknown>> = {
    TRAINING: () => runTraining(context, { training, protocol, measure }),
    CRITICALITY: () => measureCriticality(context, { model, criticality, protocol, done: [] }),
    FINE_TUNE: () => runFineTune(context, { model, fineTune, scores: [], protocol, measure, trainImages }),
    INTERPOLATION: () => measureInterpolation(context, { base: model, tuned: weights, interpolation, measure, protocol, done: [] }),
    EVALUATION: () => runEvaluation(context, { model, measure, protocol }),
  };
  for (const [name, run] of Object.entries(stages)) {
    const before = backend.work;
    await run();
    counted[name] = backend.work - before;
  }
});
afterAll(() => backend.dispose());

describe('the cost of a stage', () => {
  it('is the work of its steps', async () => {
    for (const { name, work } of await workOfStages(plan)) {
      // What training steps lose to waiting is in the estimate and not in the count.
      const most = name === 'TRAINING' ? 1.35 : 1.2;
      expect(work / (counted[name] as number), name).toBeGreaterThan(0.8);
      expect(work / (counted[name] as number), name).toBeLessThan(most);
    }
  });

  it('grows with what is asked for', async () => {
    const total = async (changes: Partial<Experiment>) =>
      (await workOfStages({ ...plan, experiment: { ...experiment, ...changes } })).reduce((sum, { work }) => sum + work, 0);
    const whole = await total({});
    const { training, evaluation, criticality } = experiment;
    expect(await total({ training: { ...training, epochs: 110 } })).toBeGreaterThan(20 * whole);
    expect(await total({ evaluation: { ...evaluation, rule: 'ANY_STEP' } })).toBeLessThan(whole);
    expect(await total({ criticality: { ...criticality, modules: ['linear'] } })).toBeLessThan(whole);
    expect(await total({ criticality: { ...criticality, until: 'LEAST' } })).toBeLessThan(whole);
    const points = { ...experiment.interpolation, alphas: [0, 0.2, 0.4, 0.6, 0.8, 1] };
    expect(await total({ interpolation: { ...points, until: 'SELECTED' } })).toBeLessThan(await total({ interpolation: points }));
    expect(await total({ evaluation: { ...evaluation, images: undefined } })).toBeGreaterThan(whole);
  });

  it('is in seconds what a device of this speed takes', async () => {
    const [one, two] = await Promise.all([100, 200].map((speed) => secondsOfStages([{ name: 'TRAINING', work: 1e13 }], speed)));
    expect(one?.[0]?.seconds).toBeGreaterThan(2 * 0.9 * (two?.[0]?.seconds ?? 0) - 2);
    const { attackStep } = await networkWork({ architecture: 'RESNET18' }, { shape: [32, 32, 3], classes: 10, normalisation: undefined });
    const [{ seconds = 0 } = {}] = await secondsOfStages([{ name: 'TRAINING', work: 1000 * attackStep }], 100);
    expect(seconds).toBeCloseTo(12, 6);
  });

  it('knows how many images a split has', () => {
    const dataset = findDataset('mnist');
    for (const split of ['train', 'holdout', 'test'] as const)
      for (const wanted of ['HOLD_OUT', 'PAPER'] as const)
        for (const trainedHere of [true, false]) {
          const request = { split, protocol: wanted, trainedHere };
          expect(splitCount(dataset, request), JSON.stringify(request)).toBe(splitPositions(dataset, request).positions.length);
        }
  });
});

/** Wall-clock comparison on a quiet machine: RIFTLAB_TIMING=1. */
describe.runIf(process.env.RIFTLAB_TIMING)('the time of a stage', () => {
  it('is within a factor of two of the estimate', async () => {
    const own = await chooseBackend();
    const speed = await measureSpeed(own);
    const dataset = findDataset('mnist');
    const weights = initialWeights(buildNetwork('RESNET8', {}, dataset), 1);
    const longer = {
      ...experiment,
      evaluation: { ...experiment.evaluation, images: 2000 },
      training: { ...experiment.training, trainImages: 3000 },
    };
    const began = performance.now();
    const context = contextOf(own, new Recording());
    await runTraining(context, { training: longer.training, protocol, measure: longer.evaluation });
    await runEvaluation(context, {
      model: { architecture: 'RESNET8', dataset: patterns.name, weights, trainedHere: true },
      measure: longer.evaluation,
      protocol,
    });
    const seconds = (performance.now() - began) / 1000;
    const works = await workOfStages({ ...plan, experiment: longer, stages: ['TRAINING', 'EVALUATION'] });
    const estimated = (await secondsOfStages(works, speed)).reduce((sum, stage) => sum + stage.seconds, 0);
    console.info(`estimated ${estimated.toFixed(1)} s, took ${seconds.toFixed(1)} s at ${speed.toFixed(0)} images/s`);
    expect(estimated / seconds).toBeGreaterThan(0.5);
    expect(estimated / seconds).toBeLessThan(2);
    await own.dispose();
  });
});
