/** tfjs keeps one current backend for the whole process; this borrows it for a stretch of synchronous work. */
import * as tf from '@tensorflow/tfjs-core';
import '../ops/gradients/elementwise.ts';
import '../ops/gradients/products.ts';
import '../ops/gradients/reductions.ts';
import '../ops/gradients/shapes.ts';

tf.enableProdMode();

/** Runs the work with the named tfjs backend current, and makes the one before current again. */
export function withCurrentBackend<T>(name: string, work: () => T): T {
  const before = tf.engine().backendName;
  void tf.setBackend(name);
  if (tf.engine().backendName !== name) throw new Error(`The tfjs backend ${name} is not registered.`);
  try {
    return work();
  } finally {
    if (before) void tf.setBackend(before);
  }
}
