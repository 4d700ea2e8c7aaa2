import * as tf from '@tensorflow/tfjs-core';
import { after } from './order.ts';

/** max(x, 0); the gradient at 0 is 0, as in PyTorch. Any shape. */
export const relu = <T extends tf.Tensor>(x: T): T => tf.relu(x);

/** x / (1 + exp(-x)), also called swish. Any shape. */
export const silu = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sigmoid(x)) as T;

/**
 * x times the probability that a standard normal variable is below x, exactly (by erf), as PyTorch's default. Any shape. With
 * v = x / sqrt(2) it is v (1 + erf(v)) / sqrt(2), and its gradient (1 + erf(v) + 2 v exp(-v^2) / sqrt(pi)) / 2: the factors in
 * front are taken by the products beside it, and the one within by the exponent, in few passes over memory.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const weighed = tf.customGrad((_x, save) => {
    const v = tf.mul(x, Math.SQRT1_2);
    const share = tf.add(tf.erf(v), 1);
    const density = tf.exp(tf.sub(Math.log(2 / Math.sqrt(Math.PI)), tf.square(v)));
    const slope = tf.add(share, tf.mul(v, density));
    (save as tf.GradSaveFunc)([slope]);
    const gradFunc = (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(tf.mul(tf.mul(dy, Math.SQRT1_2), kept as tf.Tensor), Math.SQRT1_2);
    return { value: tf.mul(after(tf.mul(v, share), slope), Math.SQRT1_2), gradFunc };
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
