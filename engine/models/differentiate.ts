/** Gradients of a scalar with respect to named tensors, and what else is worth keeping of the same forward pass. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../backends/backend.ts';
import { crossEntropy, topOneCorrect } from '../ops/losses.ts';
import { logits, type Mode, type Network } from './network.ts';

export interface Computed {
  loss: tf.Scalar;
  /** Values of the forward pass that outlive it. */
  kept: Tensors;
}

/** d loss / d variable for every variable, and the kept values. The backward pass ends at the variables. */
export function differentiate(variables: Tensors, compute: () => Computed): { loss: tf.Scalar; gradients: Tensors; kept: Tensors } {
  const names = Object.keys(variables);
  const held: Tensors = {};
  const { value, grads } = tf.engine().gradients(() => {
    const { loss, kept } = compute();
    for (const [name, tensor] of Object.entries(kept)) held[name] = tf.keep(tf.clone(tensor));
    return loss;
  }, Object.values(variables));
  const kept = Object.fromEntries(
    Object.entries(held).map(([name, tensor]) => {
      const released = tf.clone(tensor);
      tensor.dispose();
      return [name, released];
    }),
  );
  return { loss: value as tf.Scalar, gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor])), kept };
}

export interface ClassificationInputs {
  /** What block `from` takes; images when `from` is absent. */
  hidden: tf.Tensor;
  /** int32 [count]. */
  labels: tf.Tensor1D;
  weights: Tensors;
  mode: Mode;
  from?: number;
}

/** Cross-entropy and whether the label wins, of every image: [count] each; and the logits [count, classes]. */
export function classify(network: Network, { hidden, labels, weights, mode, from }: ClassificationInputs) {
  const output = logits(network, weights, hidden, mode, from);
  return { losses: crossEntropy(output, labels), correct: topOneCorrect(output, labels), output };
}
