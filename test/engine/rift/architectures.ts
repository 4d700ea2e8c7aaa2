/**
 * All of RiFT, from training to the last measurement, of networks of every kind on a slice of CIFAR-10, and from a public network
 * that was trained on clean images. The numbers are of a few images: what is checked is that each step does what it is for.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  type SelectionProtocol,
  trainingConfig,
} from '../../../engine/config.ts';
import type { NetworkForm } from '../../../engine/models/form.ts';
import { modulesOf } from '../../../engine/models/modules.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import { runEvaluation } from '../../../engine/stages/evaluation.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import { prepareModel } from '../../../engine/stages/prepare.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import type { Model } from '../../../engine/stages.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { describeGoldens } from '../../golden/describe.ts';
import { loadPublicCheckpoint, publicCheckpoints } from '../../helpers/public-checkpoints.ts';
import { oneThread } from '../one-thread.ts';
import { contextOf, Recording } from '../recording.ts';

/** How many images, and which modules are scored where it is not all. */
export type Slice = [form: NetworkForm, images: number, scored?: string[]];

/** Owners of the tensors that differ. */
const changedModules = (before: Weights, after: Weights) => [
  ...new Set(
    Object.entries(before)
      .filter(([name, { data }]) => data.some((value, index) => value !== after[name]?.data[index]))
      .map(([name]) => name.slice(0, name.lastIndexOf('.'))),
  ),
];

const attack = pgdConfig.parse({ epsilon: 2 / 255, stepSize: 1 / 255, steps: 2 });

/** The tests, for networks of these forms that are trained here, and for a public one of which these modules are scored. */
export function describeRift(forms: Slice[], scoredOfPublic?: string[]): void {
  describeGoldens('RiFT', () => {
    let backend: Backend;
    const recording = new Recording();
    const context = () => contextOf(backend, recording, { datasetsFolder: process.env.RIFTLAB_DATASETS as string });
    beforeAll(async () => {
      backend = await oneThread();
    });
    afterAll(() => backend.dispose());

    /** Steps 1 to 3 and the measurement of what they chose. */
    async function rift(model: Model, images: number, scored?: string[]) {
      const protocol: SelectionProtocol = 'HOLD_OUT';
      const measure = measureConfig.parse({ images, attack });
      const criticality = criticalityConfig.parse({ images, iterations: 2, batchSize: images, modules: scored, attack });
      const scores = await measureCriticality(context(), { model, criticality, protocol, done: [] });
      const modules = scored ?? modulesOf(prepareModel(model).network).map(({ name }) => name);
      expect(scores.map(({ module }) => module)).toEqual(modules);
      for (const { module, score } of scores) expect(score, module).toBeGreaterThanOrEqual(0);

      const fineTune = fineTuneConfig.parse({ epochs: 1, batchSize: 32, learningRate: 0.01 });
      const tuned = await runFineTune(context(), { model, fineTune, scores, protocol, measure, trainImages: 2 * images });
      const least = scores.reduce((lower, one) => (one.score < lower.score ? one : lower));
      expect(tuned.modules).toEqual([least.module]);
      expect(changedModules(model.weights, tuned.weights)).toEqual([least.module]);

      const interpolation = interpolationConfig.parse({ alphas: [0, 0.5, 1], tolerance: 0.05 });
      const swept = await measureInterpolation(context(), {
        base: model,
        tuned: tuned.weights,
        interpolation,
        measure,
        protocol,
        done: [],
      });
      const [start] = swept.points as [(typeof swept.points)[number]];
      expect(swept.points.map(({ alpha }) => alpha)).toEqual([0, 0.5, 1]);
      expect(swept.selected.robust).toBeGreaterThanOrEqual((start.robust as number) - 0.05 - 1e-9);
      expect(swept.selected.standard).toBeGreaterThanOrEqual(start.standard);

      recording.evaluations = [];
      await runEvaluation(context(), { model: { ...model, weights: swept.weights }, measure, protocol });
      expect(recording.evaluations.map(({ suite, split }) => [suite, split])).toEqual([
        ['STANDARD', 'test'],
        ['ADVERSARIAL', 'test'],
      ]);
      const [standard, robust] = recording.evaluations.map(({ correct }) => correct) as [number, number];
      expect(robust).toBeLessThanOrEqual(standard);
      return { scores, standard };
    }

    it.each(forms)('%j is trained and goes all the way', async (form, images, scored) => {
      const training = trainingConfig.parse({
        ...{ ...form, dataset: 'cifar10', attack },
        ...{ trainImages: images, epochs: 2, batchSize: 32, learningRate: 0.05, milestones: [] },
      });
      const measure = measureConfig.parse({ images, attack });
      const { weights } = await runTraining(context(), { training, protocol: 'HOLD_OUT', measure });
      const losses = recording.valuesOf('train.loss').slice(-2);
      for (const loss of losses) expect(loss).toBeLessThan(10);
      await rift({ ...form, dataset: 'cifar10', weights, trainedHere: true }, images, scored);
    });

    it('goes from a public ResNet-20 that was trained on clean images, in its own normalisation', async () => {
      const file = 'akamaster_resnet20-12fca82f.th';
      const { architecture, options, mean, sd } = publicCheckpoints[file];
      const { weights } = loadPublicCheckpoint(file);
      const form = { architecture, architectureOptions: options, normalisation: { mean, deviation: sd } };
      const { standard, scores } = await rift({ ...form, dataset: 'cifar10', weights, trainedHere: false }, 32, scoredOfPublic);
      expect(standard).toBeGreaterThan(25);
      expect(scores).toHaveLength(scoredOfPublic?.length ?? 20);
    });
  });
}
