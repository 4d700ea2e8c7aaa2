/** Where a training loop's gradients come from. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, HostArrays, Rows, Step, Tensors } from '../backends/backend.ts';
import { cutInputs, Joined } from '../backends/parts.ts';
import type { Batch } from '../data/batches.ts';
import { classify, differentiate } from '../models/differentiate.ts';
import { hasBatchStatistics, type Network, trainedNames } from '../models/network.ts';
import type { Weights } from '../weights/weights.ts';

/** What one batch gives. */
export interface BatchGradients {
  /** Mean over the batch, of every trained tensor. */
  gradients: Weights;
  /** Running statistics after the batch; empty in evaluation mode. */
  statistics: Weights;
  /** Cross-entropy of every image. */
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

/** Mean cross-entropy of a batch in training mode, its gradients, and the moved running statistics. */
function trainingStep(network: Network, names: readonly string[]): Step {
  return (inputs) => {
    const statistics: Tensors = {};
    const variables = Object.fromEntries(names.map((name) => [name, inputs[name] as tf.Tensor]));
    const { gradients, kept } = differentiate(variables, () => {
      const { losses, correct } = classify(network, {
        hidden: inputs.images as tf.Tensor,
        labels: inputs.labels as tf.Tensor1D,
        weights: inputs,
        mode: { statistics },
      });
      return { loss: tf.mean(losses), kept: { ...prefixed('statistics/', statistics), losses, correct } };
    });
    return { ...prefixed('gradient/', gradients), ...kept };
  };
}

/** Images of a part where the images of a batch do not depend on each other: the same whatever the number of threads. */
const partImages = 16;

/**
 * Gradients in training mode. Where batch normalisation uses the batch's statistics, a batch is one call of all cores. Elsewhere a
 * CPU takes it in parts side by side, one core each, so that the number of cores does not change the order of any sum.
 */
export class TrainingGradients implements GradientSource {
  private readonly step: CompiledStep;
  private readonly rows: Rows;
  private readonly inParts: boolean;

  /** names: the tensors to train; the backward pass ends at them. */
  constructor(backend: Backend, network: Network, names: readonly string[] = trainedNames(network)) {
    this.rows = {
      inputs: ['images', 'labels'],
      outputs: (output) => (output === 'losses' || output === 'correct' ? 'rows' : 'mean'),
      exact: !hasBatchStatistics(network),
    };
    this.inParts = this.rows.exact && backend.kind === 'cpu';
    this.step = backend.compile(`training step of ${network.architecture}`, trainingStep(network, names), {
      parallelism: this.inParts ? 'calls' : 'threads',
      rows: this.rows,
    });
  }

  async gradients({ images, labels, count }: Batch, weights: Weights): Promise<BatchGradients> {
    const inputs = { ...weights, images, labels };
    const outputs = this.inParts ? await this.runParts(inputs, count) : await this.step.run(inputs);
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
