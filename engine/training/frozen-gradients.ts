/**
 * Gradients of some modules in evaluation mode, from the block on that owns the first of them.
 * Images do not depend on each other there, so a batch is cut into slices that run side by side, and what lies in front of
 * the modules needs no backward pass: it may even be computed once beforehand.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, HostArrays, Step } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { classify, differentiate } from '../models/differentiate.ts';
import type { Network } from '../models/network.ts';
import { rowsOf } from '../ops/arrays.ts';
import type { Weights } from '../weights/weights.ts';
import type { BatchGradients, GradientSource } from './gradients.ts';

/** Most images of a slice: few enough that a slice takes well under a second and little memory. */
const sliceImages = 64;

function lossStep(network: Network, from: number): Step {
  return (inputs) => {
    const { losses, correct } = classify(network, {
      hidden: inputs.images as tf.Tensor,
      labels: inputs.labels as tf.Tensor1D,
      weights: inputs,
      mode: 'evaluation',
      from,
    });
    return { losses, correct };
  };
}

/** Gradients of the sum of the losses. */
function gradientStep(network: Network, names: readonly string[], from: number): Step {
  const forwardStep = lossStep(network, from);
  return (inputs) => {
    const variables = Object.fromEntries(names.map((name) => [name, inputs[name] as tf.Tensor]));
    const { gradients, kept } = differentiate(variables, () => {
      const { losses, correct } = forwardStep(inputs) as { losses: tf.Tensor; correct: tf.Tensor };
      return { loss: tf.sum(losses), kept: { losses, correct } };
    });
    return { ...gradients, ...kept };
  };
}

/** The batch in slices, in order, as even as they can be: threads that share them wait for each other at the end. */
export function sliced({ images, labels, count }: Batch): Batch[] {
  const slices: Batch[] = [];
  const size = Math.ceil(count / Math.ceil(count / sliceImages));
  for (let begin = 0; begin < count; begin += size) {
    const end = Math.min(count, begin + size);
    slices.push({ images: rowsOf(images, begin, end), labels: rowsOf(labels, begin, end), count: end - begin });
  }
  return slices;
}

function addTo(sum: Float32Array, values: ArrayLike<number>, factor: number): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + factor * (values[index] as number);
}

export class FrozenGradients implements GradientSource {
  private readonly names: readonly string[];
  private readonly gradientStep: CompiledStep;
  private readonly lossStep: CompiledStep;

  /**
   * names: the tensors to differentiate; from: the block whose inputs the batches hold (0: images), not after the block of
   * any of the tensors; weights: everything else, which stays as it is.
   */
  constructor(backend: Backend, network: Network, weights: Weights, { names, from }: { names: readonly string[]; from: number }) {
    const constants = Object.fromEntries(Object.entries(weights).filter(([name]) => !names.includes(name)));
    const outputs = (name: string) => (names.includes(name) ? ('sum' as const) : ('rows' as const));
    const rows = { inputs: ['images', 'labels'], outputs, exact: true };
    const options = { parallelism: 'calls', constants, rows } as const;
    this.names = names;
    this.gradientStep = backend.compile(`gradient of ${names[0]}`, gradientStep(network, names, from), options);
    this.lossStep = backend.compile(`loss by ${names[0]}`, lossStep(network, from), options);
  }

  private inputs({ images, labels }: Batch, weights: Weights): HostArrays {
    return { ...Object.fromEntries(this.names.map((name) => [name, weights[name] as HostArray])), images, labels };
  }

  gradients(batch: Batch, weights: Weights): Promise<BatchGradients> {
    return this.gradientsOfSlices(sliced(batch), weights);
  }

  /** Gradients of a batch that is cut already; the sum over slices is taken in their order. */
  async gradientsOfSlices(slices: readonly Batch[], weights: Weights): Promise<BatchGradients> {
    const parts = await Promise.all(slices.map((slice) => this.gradientStep.run(this.inputs(slice, weights))));
    const count = slices.reduce((sum, slice) => sum + slice.count, 0);
    const mean = (name: string) => {
      const { shape, data } = weights[name] as HostArray;
      const sum = new Float32Array(data.length);
      for (const part of parts) addTo(sum, (part[name] as HostArray).data, 1 / count);
      return [name, { shape, dtype: 'float32', data: sum }] as const;
    };
    return {
      gradients: Object.fromEntries(this.names.map(mean)),
      statistics: {},
      losses: Float32Array.from(parts.flatMap(({ losses }) => [...(losses as HostArray).data])),
      correct: Int32Array.from(parts.flatMap(({ correct }) => [...(correct as HostArray).data])),
    };
  }

  /** Loss of every image, and whether the label wins, slice by slice. */
  async predictions(slices: readonly Batch[], weights: Weights): Promise<Pick<BatchGradients, 'losses' | 'correct'>[]> {
    const parts = await Promise.all(slices.map((slice) => this.lossStep.run(this.inputs(slice, weights))));
    return parts.map(({ losses, correct }) => ({
      losses: (losses as HostArray).data as Float32Array,
      correct: (correct as HostArray).data as Int32Array,
    }));
  }

  /** Sum of the losses over slices. */
  async loss(slices: readonly Batch[], weights: Weights): Promise<number> {
    let sum = 0;
    for (const { losses } of await this.predictions(slices, weights)) for (const loss of losses) sum += loss;
    return sum;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.gradientStep.dispose(), this.lossStep.dispose()]);
  }
}
