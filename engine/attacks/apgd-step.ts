/** A step of Auto-PGD between two checkpoints. Points and gradients are [count, channels x height x width], numbers [count]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Step, Tensors } from '../backends/backend.ts';
import type { Network } from '../models/network.ts';
import { remember } from './course.ts';
import type { AttackLoss } from './losses.ts';
import { either, imagesOf, ofImage } from './planes.ts';
import { slopeOf } from './slope.ts';
import type { AttackStep } from './tools.ts';

/** What a step changes of an image. `best` and `last` are losses, `rises` counts steps that raised the loss. */
export const walkedPoints = ['point', 'previous', 'gradient', 'bestPoint', 'bestGradient'] as const;
export const walkedNumbers = ['best', 'last', 'rises'] as const;

/** project(x + kept (project(x + stepSize sign(gradient)) - x) + (1 - kept) (x - previous)), within the ball and the pixels. */
function moved(inputs: Tensors): tf.Tensor {
  const { images, point, previous, gradient } = inputs as Record<string, tf.Tensor>;
  const [epsilon, stepSize, kept] = ['epsilon', 'stepSize', 'kept'].map((name) => ofImage(inputs[name] as tf.Tensor));
  const low = tf.relu(tf.sub(images as tf.Tensor, epsilon as tf.Tensor));
  const high = tf.minimum(tf.add(images as tf.Tensor, epsilon as tf.Tensor), 1);
  const within = (points: tf.Tensor) => tf.minimum(tf.maximum(points, low), high);
  const x = point as tf.Tensor;
  const stepped = within(tf.add(x, tf.mul(tf.sign(gradient as tf.Tensor), stepSize as tf.Tensor)));
  const drift = tf.mul(tf.sub(x, previous as tf.Tensor), tf.sub(1, kept as tf.Tensor));
  return within(tf.add(x, tf.add(tf.mul(tf.sub(stepped, x), kept as tf.Tensor), drift)));
}

function apgdStep(network: Network, loss: AttackLoss): Step {
  return (inputs) => {
    const point = moved(inputs);
    const { gradient, seen } = slopeOf(network, inputs, point, loss, (points) => imagesOf(points, network.inputShape));
    const { losses } = seen;
    const isBetter = tf.greater(losses, inputs.best as tf.Tensor);
    const better = ofImage(tf.cast(isBetter, 'float32'));
    return {
      ...{ point, previous: inputs.point as tf.Tensor, gradient },
      best: tf.where(isBetter, losses, inputs.best as tf.Tensor),
      bestPoint: either(better, point, inputs.bestPoint as tf.Tensor),
      bestGradient: either(better, gradient, inputs.bestGradient as tf.Tensor),
      rises: tf.add(inputs.rises as tf.Tensor, tf.cast(tf.greater(losses, inputs.last as tf.Tensor), 'float32')),
      last: losses,
      ...remember(inputs, {
        fooled: tf.sub(1, tf.cast(seen.correct, 'float32')),
        vanished: tf.cast(seen.vanished, 'float32'),
        losses,
      }),
    };
  };
}

/** Moves and looks: a step of length 0 looks at the point itself. */
export const apgdStepOn = (loss: AttackLoss): AttackStep => ({
  name: `APGD step on ${loss.name}`,
  of: (network) => apgdStep(network, loss),
});
