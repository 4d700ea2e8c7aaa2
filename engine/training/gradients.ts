/** Where a training loop's gradients come from. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backend, CompiledStep, HostArray, Step, Tensors } from '../backends/backend.ts';
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

/** Gradients in training mode: batch normalisation uses the batch's statistics, so a batch is one call of all cores. */
export class TrainingGradients implements GradientSource {
  private readonly step: CompiledStep;

  /** names: the tensors to train; the backward pass ends at them. */
  constructor(backend: Backend, network: Network, names: readonly string[] = trainedNames(network)) {
    this.step = backend.compile(`training step of ${network.architecture}`, trainingStep(network, names), {
      parallelism: 'threads',
      rows: {
        inputs: ['images', 'labels'],
        outputs: (output) => (output === 'losses' || output === 'correct' ? 'rows' : 'mean'),
        exact: !hasBatchStatistics(network),
      },
    });
  }

  async gradients({ images, labels }: Batch, weights: Weights): Promise<BatchGradients> {
    const outputs = await this.step.run({ ...weights, images, labels });
    return {
      gradients: withPrefix('gradient/', outputs),
      statistics: withPrefix('statistics/', outputs),
      losses: (outputs.losses as HostArray).data as Float32Array,
      correct: (outputs.correct as HostArray).data as Int32Array,
    };
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
