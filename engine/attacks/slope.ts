/** How an attack's loss rises at points: one pass forward and one back. */
import * as tf from '@tensorflow/tfjs-core';
import type { CompiledStep, HostArray, HostArrays, Step } from '../backends/backend.ts';
import { differentiate } from '../models/differentiate.ts';
import { logits, type Network } from '../models/network.ts';
import { topOneCorrect } from '../ops/losses.ts';
import type { Weights } from '../weights/weights.ts';
import type { AttackTools } from './attack.ts';
import type { AttackLoss } from './losses.ts';

function slopeStep(network: Network, loss: AttackLoss): Step {
  return (inputs) => {
    const points = inputs.points as tf.Tensor;
    const labels = inputs.labels as tf.Tensor1D;
    const { gradients, kept } = differentiate({ points }, () => {
      const output = logits(network, inputs, points, 'evaluation');
      const { losses, vanished } = loss.of(output, labels, loss.beside && inputs[loss.beside]);
      return { loss: tf.sum(losses), kept: { correct: topOneCorrect(output, labels), losses, vanished } };
    });
    return { gradient: gradients.points as tf.Tensor, ...kept };
  };
}

/** Of every point: the gradient of its loss, its loss, whether it is classified correctly, and whether the loss has no gradient. */
export interface Slopes {
  /** One row a point. */
  gradient: Float32Array;
  losses: Float32Array;
  correct: Int32Array;
  vanished: Int32Array;
}

export class Slope {
  private readonly step: CompiledStep;

  constructor({ backend, network, weights }: AttackTools, loss: AttackLoss) {
    const step = slopeStep(network, loss);
    this.step = backend.compile(`${loss.name} slope of ${network.architecture}`, step, {
      parallelism: 'images',
      constants: { ...weights },
    });
  }

  /** points [rows, height, width, channels] in [0, 1], labels int32 [rows]; beside: what the loss depends on, under its name. */
  async at(points: HostArray, labels: HostArray, beside: HostArrays = {}): Promise<Slopes> {
    const outputs = await this.step.run({ points, labels, ...beside });
    return {
      gradient: outputs.gradient?.data as Float32Array,
      losses: outputs.losses?.data as Float32Array,
      correct: outputs.correct?.data as Int32Array,
      vanished: outputs.vanished?.data as Int32Array,
    };
  }

  setWeights(weights: Weights): Promise<void> {
    return this.step.setConstants({ ...weights });
  }

  dispose(): Promise<void> {
    return this.step.dispose();
  }
}
