/** Where a training loop's gradients come from. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, HostArrays, Rows, Step, Tensors } from '../backends/backend.ts';
import { cutInputs, Joined } from '../backends/parts.ts';
import type { Batch } from '../data/batches.ts';
import { differentiate } from '../models/differentiate.ts';
import { hasBatchStatistics, type Network, trainedNames } from '../models/network.ts';
import { crossEntropy, topOneCorrect } from '../ops/losses.ts';
import type { Weights } from '../weights/weights.ts';
import { Passes, type PassMode } from './passes.ts';

/** What one batch gives. */
export interface BatchGradients {
  /** Mean over the batch, of every trained tensor. */
  gradients: Weights;
  /** Running statistics after the batch; empty in evaluation mode. */
  statistics: Weights;
  /** Loss of every image. */
  losses: Float32Array;
  /** 1 where an image was classified correctly, in this pass. */
  correct: Int32Array;
}

export interface GradientSource {
  gradients(batch: Batch, weights: Weights): Promise<BatchGradients>;
  dispose(): Promise<void>;
}

const prefixed = (prefix: string, tensors: Tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

/** The outputs whose names begin with the prefix, without it. */
function withPrefix(prefix: string, outputs: Weights): Weights {
  const chosen = Object.entries(outputs).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(chosen.map(([name, array]) => [name.slice(prefix.length), array]));
}

/** What a step minimises the mean of. */
export interface StepLoss {
  /** Arrays of the batch that it takes, one row an image. */
  takes: readonly string[];
  /** Loss of every image, and whether the label wins: [images] each. */
  of(taken: Tensors, passes: Passes): { losses: tf.Tensor1D; correct: tf.Tensor1D };
}

/** Cross-entropy of the images as the batch has them. */
export const classification: StepLoss = {
  takes: ['images', 'labels'],
  of({ images, labels }, passes) {
    const output = passes.logits(images as tf.Tensor);
    return { losses: crossEntropy(output, labels as tf.Tensor1D), correct: topOneCorrect(output, labels as tf.Tensor1D) };
  },
};

/** The mean loss of a batch, its gradients, and the moved running statistics. */
function trainingStep(network: Network, names: readonly string[], { of }: StepLoss, mode: PassMode): Step {
  return (inputs) => {
    const variables = Object.fromEntries(names.map((name) => [name, inputs[name] as tf.Tensor]));
    const { gradients, kept } = differentiate(variables, () => {
      const passes = new Passes(network, inputs, mode);
      const { losses, correct } = of(inputs, passes);
      return { loss: tf.mean(losses), kept: { ...prefixed('statistics/', passes.statistics), losses, correct } };
    });
    return { ...prefixed('gradient/', gradients), ...kept };
  };
}

/** Images of a part where the images of a batch do not depend on each other: the same whatever the number of threads. */
const partImages = 16;

/** A batch with what its loss takes besides images and labels. */
export type StepBatch = Batch & Partial<Record<'adversarial', HostArray>>;

export interface GradientOptions {
  loss?: StepLoss;
  /** Given: batch normalisation by the running statistics, and all tensors but those to train stay as they are here. */
  frozen?: Weights;
}

/**
 * Gradients of a step. Where batch normalisation uses the batch's statistics, a batch is one call of all cores. Elsewhere a
 * CPU takes it in parts side by side, one core each, so that the number of cores does not change the order of any sum.
 */
export class TrainingGradients implements GradientSource {
  private readonly step: CompiledStep;
  private readonly rows: Rows;
  private readonly inParts: boolean;
  private readonly constant: ReadonlySet<string>;

  /** names: the tensors to train; the backward pass ends at them. */
  constructor(
    backend: Backend,
    network: Network,
    names: readonly string[] = trainedNames(network),
    { loss = classification, frozen }: GradientOptions = {},
  ) {
    this.rows = {
      inputs: loss.takes,
      outputs: (output) => (output === 'losses' || output === 'correct' ? 'rows' : 'mean'),
      exact: frozen !== undefined || !hasBatchStatistics(network),
    };
    const constants = Object.fromEntries(Object.entries(frozen ?? {}).filter(([name]) => !names.includes(name)));
    this.constant = new Set(Object.keys(constants));
    this.inParts = this.rows.exact && backend.kind === 'cpu';
    const step = trainingStep(network, names, loss, frozen ? 'evaluation' : 'training');
    this.step = backend.compile(`training step of ${network.architecture}`, step, {
      parallelism: this.inParts ? 'calls' : 'threads',
      constants,
      rows: this.rows,
    });
  }

  async gradients(batch: StepBatch, weights: Weights): Promise<BatchGradients> {
    const taken = Object.fromEntries(this.rows.inputs.map((name) => [name, batch[name as keyof StepBatch] as HostArray]));
    const inputs = { ...Object.fromEntries(Object.entries(weights).filter(([name]) => !this.constant.has(name))), ...taken };
    const outputs = this.inParts ? await this.runParts(inputs, batch.count) : await this.step.run(inputs);
    return {
      gradients: withPrefix('gradient/', outputs),
      statistics: withPrefix('statistics/', outputs),
      losses: (outputs.losses as HostArray).data as Float32Array,
      correct: (outputs.correct as HostArray).data as Int32Array,
    };
  }

  private async runParts(inputs: HostArrays, count: number): Promise<HostArrays> {
    const parts = cutInputs(inputs, this.rows, count, partImages);
    const results = await Promise.all(parts.map((part) => this.step.run(part)));
    const joined = new Joined(count, this.rows);
    for (const [index, result] of results.entries()) joined.add(result, parts[index]?.labels?.shape[0] as number);
    return joined.outputs;
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
