/**
 * Gradients of the tfjs kernels that the engine's operations use, registered for every backend. (The core package
 * brings none of its own.) They are written so that a traced graph stays small.
 */
import * as tf from '@tensorflow/tfjs-core';

export type Gradients = Record<string, () => tf.Tensor>;

/** What a gradient function sees: inputs and outputs that were asked for, and the kernel's attributes. */
export interface Saved {
  inputs: tf.Tensor[];
  outputs: tf.Tensor[];
  attributes: Record<string, unknown>;
}

interface Needs {
  inputs?: string[];
  output?: boolean;
}

/** Registers the gradient of one kernel; dy is the gradient of its only output. */
export function gradientOf(kernelName: string, needs: Needs, gradient: (dy: tf.Tensor, saved: Saved) => Gradients): void {
  const inputsToSave = needs.inputs ?? [];
  tf.registerGradient({
    kernelName,
    inputsToSave,
    outputsToSave: [needs.output ?? false],
    gradFunc: (dy, saved, attributes) =>
      gradient(dy as tf.Tensor, {
        inputs: saved.slice(0, inputsToSave.length),
        outputs: saved.slice(inputsToSave.length),
        attributes: attributes as unknown as Record<string, unknown>,
      }),
  });
}

/** Sums a gradient over the axes along which an input of the given shape was broadcast. */
export function reduceTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}
