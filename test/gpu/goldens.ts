/** How far a device is from PyTorch's float64 values: the goldens as numbers, each with what is allowed. */
import { mean as meanOf, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { Ascent } from '../../engine/attacks/ascent.ts';
import type { Backend, HostArray } from '../../engine/backends/backend.ts';
import { pgdConfig } from '../../engine/config.ts';
import { classify, differentiate } from '../../engine/models/differentiate.ts';
import { logits, type Mode, parametersOf } from '../../engine/models/network.ts';
import { FrozenGradients } from '../../engine/training/frozen-gradients.ts';
import { TrainingGradients } from '../../engine/training/gradients.ts';
import { Sgd } from '../../engine/training/sgd.ts';
import { unwatched } from '../../engine/watch.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { distance, type GoldenName, Goldens } from '../golden/goldens.ts';

export interface Measured {
  name: string;
  /** A relative l2 distance, or a share of pixels. */
  distance: number;
  allowed: number;
}

/** Relative l2 distances of values and of gradients, and the share of an attack's pixels that may go another way. */
export interface Tolerances {
  values: number;
  gradients: number;
  pixels: number;
}

/** Those of the goldens. */
export const float32: Tolerances = { values: 1e-4, gradients: 1e-3, pixels: 0.03 };

/**
 * TensorFloat-32 rounds factors to 11 bits, 2,000 times coarser than float32's 24 but averaged over hundreds of products;
 * ReLUs near zero and signs of small gradients go another way.
 */
export const tf32: Tolerances = { values: 5e-3, gradients: 5e-2, pixels: 0.15 };

const largest = (distances: Record<string, number>) => Math.max(...Object.values(distances));

class Comparison {
  readonly measured: Measured[] = [];

  constructor(
    private readonly backend: Backend,
    private readonly goldens: Goldens,
    private readonly allowed: Tolerances,
  ) {}

  private note(name: string, value: number, kind: keyof Tolerances): void {
    this.measured.push({ name, distance: value, allowed: this.allowed[kind] });
  }

  private names(): string[] {
    return parametersOf(this.goldens.network).flatMap(({ name, trained }) => (trained ? [name] : []));
  }

  private async logitsOf(images: HostArray, training: boolean): Promise<Float32Array> {
    const { network, weights } = this.goldens;
    const mode = (): Mode => (training ? { statistics: {} } : 'evaluation');
    const step = this.backend.compile('logits', (inputs) => ({ logits: logits(network, inputs, inputs.images as Tensor, mode()) }), {
      parallelism: 'threads',
      constants: { ...weights },
    });
    const outputs = await step.run({ images });
    await step.dispose();
    return outputs.logits?.data as Float32Array;
  }

  async forward(): Promise<void> {
    const { batch8, goldens } = { batch8: this.goldens.batch8, goldens: this.goldens };
    this.note('logits, evaluation mode', distance(await this.logitsOf(batch8.images, false), goldens.matrix('eval.logits')), 'values');
    this.note('logits, training mode', distance(await this.logitsOf(batch8.images, true), goldens.matrix('train.logits')), 'values');
  }

  async imageGradient(): Promise<void> {
    const { network, weights, batch8 } = this.goldens;
    const step = this.backend.compile(
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
    const expected = this.goldens.images('eval.grad_input')?.data as Float32Array;
    this.note('gradient of the images', distance((gradient as HostArray).data, expected), 'gradients');
  }

  async weightGradients(): Promise<void> {
    const { network, weights, batch8 } = this.goldens;
    const source = new FrozenGradients(this.backend, network, weights, { names: this.names(), from: 0 });
    const { gradients } = await source.gradients(batch8, weights);
    await source.dispose();
    this.note('gradients, evaluation mode', largest(this.goldens.distances('eval.grad.', gradients)), 'gradients');
  }

  async training(): Promise<void> {
    const { network, weights, batch8 } = this.goldens;
    const source = new TrainingGradients(this.backend, network, this.names());
    const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
    const first = await source.gradients(batch8, weights);
    this.note('gradients, training mode', largest(this.goldens.distances('train.grad.', first.gradients)), 'gradients');
    this.note('running statistics', largest(this.goldens.distances('train.stats.', first.statistics)), 'values');
    const afterOne = { ...optimiser.step(weights, first.gradients, 0.1), ...first.statistics };
    const second = await source.gradients(batch8, afterOne);
    await source.dispose();
    const afterTwo = optimiser.step(afterOne, second.gradients, 0.1);
    const trained = (all: Weights) => Object.fromEntries(this.names().map((name) => [name, all[name] as HostArray]));
    this.note('weights after two steps', largest(this.goldens.distances('sgd.step2.', trained(afterTwo))), 'values');
  }

  async attack(): Promise<void> {
    const { network, weights, batch8 } = this.goldens;
    const pgd = new Ascent(this.backend, network, pgdConfig.parse({ randomStart: false }), weights);
    const found = await pgd.perturb(batch8, batch8.images, unwatched);
    await pgd.dispose();
    const expected = this.goldens.images('pgd10.adv')?.data;
    if (expected === undefined) return;
    const off = found.data.filter((pixel, index) => Math.abs(pixel - (expected[index] as number)) > 1e-4).length;
    this.note('pixels of PGD-10', off / found.data.length, 'pixels');
  }
}

/** Everything that is compared of one network; throws what the backend throws. */
export async function compareGoldens(backend: Backend, name: GoldenName, allowed: Tolerances): Promise<Measured[]> {
  const comparison = new Comparison(backend, new Goldens(name), allowed);
  await comparison.forward();
  await comparison.imageGradient();
  await comparison.weightGradients();
  await comparison.training();
  await comparison.attack();
  return comparison.measured;
}
