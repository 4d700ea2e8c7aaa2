/** Steps that tests run on several backends. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArrays, Step, Tensors } from '../../../engine/backends/backend.ts';
import { relu } from '../../../engine/ops/activation.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { linear } from '../../../engine/ops/linear.ts';
import { crossEntropy, topOneCorrect } from '../../../engine/ops/losses.ts';
import { batchNormalisationTraining, foldBatchNormalisation } from '../../../engine/ops/normalisation.ts';
import { normalisedConvolution } from '../../../engine/ops/normalised-convolution.ts';
import { globalAveragePooling, maxPooling } from '../../../engine/ops/pooling.ts';
import { projectLinf } from '../../../engine/ops/projections.ts';
import { randomArray } from '../arrays.ts';

type Four = tf.Tensor4D;
type One = tf.Tensor1D;

export const classes = 5;

/** Weights of a residual network of three convolutions, one of them with stride 2, for images of three channels. */
export function networkWeights(seed = 7): HostArrays {
  const variance = randomArray([16], seed + 3, 0.4);
  return {
    stem: randomArray([3, 3, 3, 16], seed, 0.3),
    middle: randomArray([3, 3, 16, 16], seed + 1, 0.15),
    shortcut: randomArray([1, 1, 16, 16], seed + 2, 0.3),
    variance: { ...variance, data: (variance.data as Float32Array).map((value) => value + 1) },
    mean: randomArray([16], seed + 4, 0.2),
    scale: randomArray([16], seed + 5),
    offset: randomArray([16], seed + 6, 0.3),
    weight: randomArray([16, classes], seed + 7),
    bias: randomArray([classes], seed + 8, 0.1),
  };
}

/** Logits; training: with the statistics of the batch. */
export function network(inputs: Tensors, images: tf.Tensor, training: boolean): tf.Tensor2D {
  const affine = { scale: inputs.scale as One, offset: inputs.offset as One };
  const normalised = (x: Four, kernel: Four, stride: number, padding: number): Four => {
    if (training && stride === 1) return batchNormalisationTraining(convolution(x, kernel, stride, padding), affine).y;
    if (training) return normalisedConvolution(x, kernel, { stride, padding }, affine).y;
    const folded = foldBatchNormalisation(kernel, { ...affine, mean: inputs.mean as One, variance: inputs.variance as One });
    return tf.add(convolution(x, folded.kernel, stride, padding), folded.bias);
  };
  const centred = tf.div(tf.sub(images as Four, tf.tensor1d([0.5, 0.4, 0.3])), tf.tensor1d([0.25, 0.24, 0.26])) as Four;
  const first = relu(normalised(centred, inputs.stem as Four, 1, 1));
  const second = normalised(first, inputs.middle as Four, 2, 1);
  const joined = relu(tf.add(second, normalised(first, inputs.shortcut as Four, 2, 0))) as Four;
  const pooled = tf.add(globalAveragePooling(joined), globalAveragePooling(maxPooling(joined))) as tf.Tensor2D;
  return linear(pooled, inputs.weight as tf.Tensor2D, inputs.bias as One);
}

/** Logits, losses and correctness of images. */
export const forwardStep: Step = (inputs) => {
  const logits = network(inputs, inputs.images as tf.Tensor, false);
  const labels = inputs.labels as One;
  return { logits, losses: crossEntropy(logits, labels), correct: topOneCorrect(logits, labels) };
};

/** One step of projected gradient descent on `adversarial`, and the gradient that it takes. */
export const attackStep: Step = (inputs) => {
  const loss = (images: tf.Tensor) => tf.sum(crossEntropy(network(inputs, images, false), inputs.labels as One)) as tf.Scalar;
  const adversarial = inputs.adversarial as tf.Tensor;
  const gradient = tf.grad(loss)(adversarial);
  const moved = tf.add(adversarial, tf.mul(tf.sign(gradient), 0.01));
  return { adversarial: tf.clipByValue(projectLinf(moved, inputs.images as tf.Tensor, 0.03), 0, 1), gradient };
};

const trained = ['stem', 'middle', 'shortcut', 'scale', 'offset', 'weight', 'bias'];

/** One step of stochastic gradient descent in training mode: every trained weight after it, and the losses before. */
export const trainingStep: Step = (inputs) => {
  const losses = (variables: Tensors) =>
    crossEntropy(network({ ...inputs, ...variables }, inputs.images as tf.Tensor, true), inputs.labels as One);
  const gradients = tf.grads((...values: tf.Tensor[]) =>
    tf.mean(losses(Object.fromEntries(trained.map((name, at) => [name, values[at] as tf.Tensor])))),
  )(trained.map((name) => inputs[name] as tf.Tensor));
  const moved = trained.map((name, at) => [name, tf.sub(inputs[name] as tf.Tensor, tf.mul(gradients[at] as tf.Tensor, 0.1))]);
  return { ...Object.fromEntries(moved), losses: losses({}) };
};

/** The gradient of one weight in evaluation mode, the others constant. */
export const moduleStep: Step = (inputs) => {
  const loss = (middle: tf.Tensor) =>
    tf.sum(crossEntropy(network({ ...inputs, middle }, inputs.images as tf.Tensor, false), inputs.labels as One));
  return { gradient: tf.grad(loss)(inputs.middle as tf.Tensor) };
};
