/** The training variants against PyTorch, at the tolerances of ../shared/goldens/README.md. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { pgdConfig, variants } from '../../engine/config.ts';
import { logits } from '../../engine/models/network.ts';
import { classification, type StepBatch, type StepLoss, TrainingGradients } from '../../engine/training/gradients.ts';
import { InnerAttack } from '../../engine/training/inner-attack.ts';
import { perturbation } from '../../engine/training/variants/awp.ts';
import { martLoss } from '../../engine/training/variants/mart.ts';
import { boundOf, scoreLoss } from '../../engine/training/variants/score.ts';
import { climbDivergence, tradesLoss } from '../../engine/training/variants/trades.ts';
import { unwatched } from '../../engine/watch.ts';
import { describeBackends } from '../helpers/backends.ts';
import { describeGoldens } from './describe.ts';
import { channelsFirst, type GoldenName, Goldens, type Probe, probeDistance } from './goldens.ts';

const values = 1e-4;
const gradients = 1e-3;
const mean = (losses: ArrayLike<number>) => Array.from(losses).reduce((sum, loss) => sum + loss, 0) / losses.length;
const largest = (distances: Record<string, number>) => Math.max(...Object.values(distances));

const options = variants.SCORE.options.parse({ form: 'DDPM' });
const clipped = (form: 'LSE' | 'KL') => variants.SCORE.options.parse({ form, clip: 0.4 });
const losses: [string, StepLoss][] = [
  ['trades', tradesLoss(6)],
  ['mart', martLoss(6)],
  ['score_ddpm', scoreLoss(options)],
  ['score_ddpm_clip', scoreLoss({ ...options, clip: 0.02 })],
  ['score_lse_clip', scoreLoss(clipped('LSE'))],
  ['score_kl_clip', scoreLoss(clipped('KL'))],
];

/** The clean batch and then the attacked one, without the clean one again. */
const twoPasses: StepLoss = {
  takes: ['images', 'adversarial', 'labels'],
  of({ images, adversarial, labels }, passes) {
    passes.logits(images as Tensor);
    return classification.of({ images: adversarial as Tensor, labels: labels as Tensor }, passes);
  },
};

/** Rows of the logarithm of the softmax. */
function logProbabilities({ shape, data }: HostArray): number[][] {
  const [count, classes] = shape as [number, number];
  return Array.from({ length: count }, (_, row) => {
    const values = [...data.subarray(row * classes, (row + 1) * classes)];
    const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
    return values.map((value) => value - total);
  });
}

describeGoldens('training variants as PyTorch computes them', () => {
  const cases: [Backend['name'], GoldenName][] = [
    ['onnx', 'resnet8'],
    ['onnx', 'wrn10-1'],
    ['tensorflow', 'resnet8'],
    ['tensorflow', 'wrn10-1'],
  ];
  describeBackends(cases, '%s backend, %s', (backendName, name) => {
    let backend: Backend;
    let goldens: Goldens;
    let batch: StepBatch;
    beforeAll(async () => {
      backend = await chooseBackend({ name: backendName });
      goldens = new Goldens(name);
      batch = { ...goldens.batch8, adversarial: goldens.images('given.adv8') as HostArray };
    });
    afterAll(() => backend.dispose());

    async function stepOf(loss?: StepLoss, given: StepBatch = batch) {
      const source = new TrainingGradients(backend, goldens.network, undefined, { loss });
      const result = await source.gradients(given, goldens.weights);
      await source.dispose();
      return result;
    }

    it.each(losses)('%s: loss and gradients', async (key, loss) => {
      const result = await stepOf(loss);
      expect(Math.abs(mean(result.losses) / goldens.scalar(`${key}.loss`) - 1)).toBeLessThan(values);
      expect(largest(goldens.distances(`${key}.grad.`, result.gradients))).toBeLessThan(gradients);
    });

    it('clips SCORE at the bound of the golden', () => {
      for (const form of ['LSE', 'KL'] as const)
        expect(boundOf(clipped(form), 10)).toBeCloseTo(goldens.scalar(`score_${form.toLowerCase()}_clip.bound`), 6);
    });

    it('moves running statistics three times in TRADES, as the published code does', async () => {
      const { statistics } = await stepOf(tradesLoss(6));
      expect(largest(goldens.distances('trades.stats_published.', statistics))).toBeLessThan(values);
      expect(largest(goldens.distances('trades.stats.', statistics))).toBeGreaterThan(values);
    });

    it('moves running statistics pass by pass', async () => {
      const { statistics } = await stepOf(twoPasses);
      expect(largest(goldens.distances('trades.stats.', statistics))).toBeLessThan(values);
    });

    it('perturbs weights as AWP does', async () => {
      const { weights } = goldens;
      const step = await stepOf(undefined, { ...batch, images: batch.adversarial as HostArray });
      const moved = Object.entries(perturbation(weights, step.gradients, 0.01)).map(([tensor, change]) => {
        const { data, ...rest } = weights[tensor] as HostArray;
        return [tensor, { ...rest, data: data.map((value, index) => value + (change.data[index] as number)) }] as const;
      });
      expect(largest(goldens.distances('awp.weights.', Object.fromEntries(moved)))).toBeLessThan(gradients);
      expect(moved.map(([tensor]) => tensor).sort()).toEqual(goldens.names('awp.weights.').sort());
    });

    it('opens the divergence as the attack of TRADES does', async () => {
      const { network, weights, batch8, klNoise } = goldens;
      const config = pgdConfig.parse({});
      const attack = new InnerAttack(backend, network, config, weights, { climb: climbDivergence, mode: 'evaluation' });
      const start = { ...batch8.images, data: batch8.images.data.map((pixel, index) => pixel + (klNoise.data[index] as number)) };
      const { adversarial, statistics } = await attack.perturb(batch8, start, weights, unwatched);
      await attack.dispose();
      expect(statistics).toEqual({});
      const expected = goldens.images('kl_attack.adv')?.data;
      if (expected) {
        const off = adversarial.data.filter((pixel, index) => Math.abs(pixel - (expected[index] as number)) > 1e-4).length;
        expect(off / adversarial.data.length).toBeLessThanOrEqual(0.15);
      } else expect(probeDistance(channelsFirst(adversarial), goldens.scalars.probes['kl_attack.adv'] as Probe)).toBeLessThan(0.02);
      expect(Math.abs((await reached(batch8.images, adversarial)) / goldens.scalar('kl_attack.kl') - 1)).toBeLessThan(0.01);
    });

    /** Mean divergence of the predictions for the second images from those for the first. */
    async function reached(clean: HostArray, attacked: HostArray): Promise<number> {
      const step = backend.compile(
        'logits',
        (inputs) => ({ logits: logits(goldens.network, inputs, inputs.images as Tensor, 'evaluation') }),
        { parallelism: 'threads', constants: { ...goldens.weights } },
      );
      const [first, second] = await Promise.all(
        [clean, attacked].map(async (images) => logProbabilities((await step.run({ images })).logits as HostArray)),
      );
      await step.dispose();
      const rows = (first as number[][]).map((row, image) =>
        row.reduce((sum, value, label) => sum + Math.exp(value) * (value - (second?.[image]?.[label] as number)), 0),
      );
      return mean(rows);
    }
  });
});
