import * as tf from '@tensorflow/tfjs-core';

/** Kernel name, besides tfjs' own, for backends that have it. inputs: x, first; output: x. */
export const orderedAfter = 'After';

/**
 * x, which a backend that plans ahead makes after another tensor of its shape where it makes both, though it needs it only later: what
 * both are made of is then used for the last time while it is in the cache, and need not be kept.
 */
export function after<T extends tf.Tensor>(x: T, first: tf.Tensor): T {
  if (!tf.getKernel(orderedAfter, tf.getBackend())) return x;
  return tf.engine().runKernel(orderedAfter, { x, first }) as T;
}
