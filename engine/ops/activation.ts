import * as tf from '@tensorflow/tfjs-core';

/** max(x, 0); the gradient at 0 is 0, as in PyTorch. Any shape. */
export const relu = <T extends tf.Tensor>(x: T): T => tf.relu(x);

/** x / (1 + exp(-x)), also called swish. Any shape. */
export const silu = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sigmoid(x)) as T;

/** The density of a standard normal variable. */
const density = (x: tf.Tensor) => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/**
 * x times the probability P(x) that a standard normal variable is below x, exactly (by erf), as PyTorch's default. Any shape. Its
 * gradient is P(x) + x density(x), in half the passes over memory of one by erf, product and sum.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const weighed = tf.customGrad((_x, save) => {
    const below = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
    (save as tf.GradSaveFunc)([x, below]);
    const gradFunc = (dy: tf.Tensor, [at, share]: tf.Tensor[]) =>
      tf.mul(dy, tf.add(share as tf.Tensor, tf.mul(at as tf.Tensor, density(at as tf.Tensor))));
    return { value: tf.mul(x, below), gradFunc };
  });
  return weighed(x) as T;
}

/** log(1 + exp(x)), without overflow. Any shape. */
export const softplus = <T extends tf.Tensor>(x: T): T => tf.add(tf.relu(x), tf.log(tf.add(tf.exp(tf.neg(tf.abs(x))), 1))) as T;

/** x above 0, else slope times x. Any shape. */
export const leakyRelu = <T extends tf.Tensor>(x: T, slope: number): T => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), slope)) as T;

/** x above 0, else exp(x) - 1. Any shape. */
export const elu = <T extends tf.Tensor>(x: T): T => tf.add(tf.relu(x), tf.sub(tf.exp(tf.minimum(x, 0)), 1)) as T;

/** The activations without settings, by the names that options use. */
export const activations = { relu, silu, gelu, tanh: tf.tanh, sigmoid: tf.sigmoid, softplus, elu };
export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as [ActivationName, ...ActivationName[]];
