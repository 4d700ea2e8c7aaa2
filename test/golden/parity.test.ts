/** The engine against PyTorch, at the tolerances of ../shared/goldens/README.md. */
import { mean as meanOf, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ascent } from '../../engine/attacks/ascent.ts';
import type { Backend, HostArray } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { type PgdConfig, pgdConfig } from '../../engine/config.ts';
import { classify, differentiate } from '../../engine/models/differentiate.ts';
import { logits, type Mode, parametersOf } from '../../engine/models/network.ts';
import { FrozenGradients } from '../../engine/training/frozen-gradients.ts';
import { TrainingGradients } from '../../engine/training/gradients.ts';
import { Sgd } from '../../engine/training/sgd.ts';
import { unwatched } from '../../engine/watch.ts';
import { interpolate } from '../../engine/weights/interpolation.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { describeBackends } from '../helpers/backends.ts';
import { describeGoldens } from './describe.ts';
import { channelsFirst, distance, type GoldenName, Goldens, type Probe, probeDistance } from './goldens.ts';

const values = 1e-4;
const gradients = 1e-3;
const mean = (losses: ArrayLike<number>) => Array.from(losses).reduce((sum, loss) => sum + loss, 0) / losses.length;
const largest = (distances: Record<string, number>) => Math.max(...Object.values(distances));

describeGoldens('parity with PyTorch', () => {
  const cases: [Backend['name'], GoldenName][] = [
    ['onnx', 'resnet8'],
    ['onnx', 'wrn10-1'],
    ['tensorflow', 'resnet8'],
    ['tensorflow', 'wrn10-1'],
    ['cpu', 'resnet8'],
  ];
  describeBackends(cases, '%s backend, %s', (backendName, name) => {
    let backend: Backend;
    let goldens: Goldens;
    beforeAll(async () => {
      backend = await chooseBackend({ name: backendName });
      goldens = new Goldens(name);
    });
    afterAll(() => backend.dispose());

    /** The cpu backend would take a minute. The onnx backend is held to it step by step (test/engine/backends), and here to PyTorch. */
    const everything = backendName !== 'cpu';
    const trainedNames = () => parametersOf(goldens.network).flatMap(({ name: tensor, trained }) => (trained ? [tensor] : []));

    async function logitsOf(weights: Weights, images: HostArray, training = false): Promise<Float32Array> {
      const step = backend.compile(
        'logits',
        (inputs) => {
          const mode: Mode = training ? { statistics: {} } : 'evaluation';
          return { logits: logits(goldens.network, inputs, inputs.images as Tensor, mode) };
        },
        { parallelism: 'threads', constants: { ...weights } },
      );
      const outputs = await step.run({ images });
      await step.dispose();
      return outputs.logits?.data as Float32Array;
    }

    it.runIf(everything)('gives the logits, loss and gradients of evaluation mode', async () => {
      const { network, weights, batch8 } = goldens;
      expect(distance(await logitsOf(weights, batch8.images), goldens.matrix('eval.logits'))).toBeLessThan(values);
      const source = new FrozenGradients(backend, network, weights, { names: trainedNames(), from: 0 });
      const result = await source.gradients(batch8, weights);
      await source.dispose();
      expect(mean(result.losses)).toBeCloseTo(goldens.scalar('eval.loss'), 4);
      expect(Object.keys(result.gradients)).toHaveLength(trainedNames().length);
      expect(largest(goldens.distances('eval.grad.', result.gradients))).toBeLessThan(gradients);
    });

    it('gives the gradient of the images', async () => {
      const { network, weights, batch8 } = goldens;
      const step = backend.compile(
        'input gradient',
        (inputs) => {
          const hidden = inputs.images as Tensor;
          const compute = () => {
            const { losses } = classify(network, { hidden, labels: inputs.labels as Tensor1D, weights: inputs, mode: 'evaluation' });
            return { loss: meanOf(losses) as Scalar, kept: {} };
          };
          return { gradient: differentiate({ hidden }, compute).gradients.hidden as Tensor };
        },
        { parallelism: 'threads', constants: { ...weights } },
      );
      const { gradient } = await step.run({ images: batch8.images, labels: batch8.labels });
      await step.dispose();
      expect(distance((gradient as HostArray).data, goldens.images('eval.grad_input')?.data as Float32Array)).toBeLessThan(gradients);
    });

    it.runIf(everything)('trains two steps like PyTorch', async () => {
      const { network, weights, batch8 } = goldens;
      expect(distance(await logitsOf(weights, batch8.images, true), goldens.matrix('train.logits'))).toBeLessThan(values);
      const source = new TrainingGradients(backend, network, trainedNames());
      const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
      const first = await source.gradients(batch8, weights);
      expect(mean(first.losses)).toBeCloseTo(goldens.scalar('train.loss'), 4);
      expect(largest(goldens.distances('train.grad.', first.gradients))).toBeLessThan(gradients);
      expect(largest(goldens.distances('train.stats.', first.statistics))).toBeLessThan(values);
      const afterOne = { ...optimiser.step(weights, first.gradients, 0.1), ...first.statistics };
      const second = await source.gradients(batch8, afterOne);
      expect(mean(second.losses)).toBeCloseTo(goldens.scalar('sgd.loss2'), 4);
      const afterTwo = optimiser.step(afterOne, second.gradients, 0.1);
      await source.dispose();
      const trained = (all: Weights) => Object.fromEntries(trainedNames().map((tensor) => [tensor, all[tensor] as HostArray]));
      expect(largest(goldens.distances('sgd.step1.', trained(afterOne)))).toBeLessThan(values);
      expect(largest(goldens.distances('sgd.step2.', trained(afterTwo)))).toBeLessThan(values);
    });

    it.runIf(everything)('fine-tunes one module and blends the result', async () => {
      const { network, weights, batch8 } = goldens;
      const tensor = `${goldens.scalars.module_finetuned}.weight`;
      const source = new TrainingGradients(backend, network, [tensor]);
      const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
      let tuned = weights;
      for (const step of [1, 2, 3]) {
        const result = await source.gradients(batch8, tuned);
        expect(mean(result.losses)).toBeCloseTo(goldens.scalar(`finetune.loss${step}`), 4);
        tuned = { ...optimiser.step(tuned, result.gradients, 0.05), ...result.statistics };
      }
      await source.dispose();
      const statistics = (all: Weights) => Object.fromEntries(Object.entries(all).filter(([key]) => key.includes('running_')));
      const blended = interpolate(weights, tuned, 0.3);
      for (const [prefix, all] of [
        ['finetune.', tuned],
        ['blend.', blended],
      ] as const) {
        expect(largest(goldens.distances(prefix, { [tensor]: all[tensor] as HostArray }))).toBeLessThan(values);
        expect(largest(goldens.distances(`${prefix}stats.`, statistics(all)))).toBeLessThan(values);
      }
      expect(distance(await logitsOf(blended, batch8.images), goldens.matrix('blend.logits'))).toBeLessThan(values);
    });

    const attacks: [string, Partial<PgdConfig>, boolean][] = [
      ['pgd10', {}, false],
      ['pgd10_start', {}, true],
      ['pgd10_225', { stepSize: 2 / 225 }, false],
    ];
    it.runIf(everything).each(attacks)('attacks like %s', async (key, changes, withNoise) => {
      const { network, weights, batch8, startNoise } = goldens;
      const config = pgdConfig.parse({ randomStart: false, ...changes });
      const noisy = batch8.images.data.map((pixel, index) => Math.min(1, Math.max(0, pixel + (startNoise.data[index] as number))));
      const start = withNoise ? { ...batch8.images, data: noisy } : batch8.images;
      const pgd = new Ascent(backend, network, config, weights);
      const found = await pgd.perturb(batch8, start, unwatched);
      await pgd.dispose();
      for (const [index, pixel] of found.data.entries()) {
        const distanceToImage = Math.abs(pixel - (batch8.images.data[index] as number));
        if (pixel < 0 || pixel > 1 || distanceToImage > config.epsilon + 1e-6) throw new Error(`pixel ${index} is outside: ${pixel}`);
      }
      const expected = goldens.images(`${key}.adv`)?.data;
      if (expected) {
        const off = found.data.filter((pixel, index) => Math.abs(pixel - (expected[index] as number)) > 1e-4).length;
        expect(off / found.data.length).toBeLessThanOrEqual(0.03);
      } else expect(probeDistance(channelsFirst(found), goldens.scalars.probes[`${key}.adv`] as Probe)).toBeLessThan(0.02);
      const reached = await logitsOf(weights, found);
      const expectedLogits = goldens.matrix(`${key}.logits`);
      expect(Math.max(...reached.map((value, index) => Math.abs(value - (expectedLogits[index] as number))))).toBeLessThan(0.02);
    });
  });
});
