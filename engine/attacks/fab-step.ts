/** A step of the targeted FAB attack. Points are [count, channels x height x width], numbers [count]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Step } from '../backends/backend.ts';
import { logits, type Network } from '../models/network.ts';
import { dot, toHyperplane } from '../ops/hyperplanes.ts';
import { topOneCorrect } from '../ops/losses.ts';
import { remember } from './course.ts';
import { differenceLoss } from './losses.ts';
import { imagesOf, ofImage } from './planes.ts';
import { slopeOf } from './slope.ts';
import type { AttackStep } from './tools.ts';

/** The published constants: how far a step goes beyond the boundary, how much it leans to the image at most, and how far it goes back. */
const [overshoot, mostBias, backward] = [1.05, 0.1, 0.9];

/** Distances below this are taken for this. */
const leastDistance = 1e-8;

/** Beyond the boundary as it looks from the points, linearised: from the points, and a little from the images. */
function walked(points: tf.Tensor, images: tf.Tensor, slope: tf.Tensor, difference: tf.Tensor): tf.Tensor {
  const near = toHyperplane(points, slope, difference);
  const far = toHyperplane(images, slope, tf.add(difference, dot(slope, tf.sub(images, points))));
  const [nearest, farthest] = [tf.maximum(near.lengths, leastDistance), tf.maximum(far.lengths, leastDistance)];
  const bias = tf.minimum(tf.div(nearest, tf.add(nearest, farthest)), mostBias);
  const along = tf.add(points, tf.mul(near.offsets, overshoot));
  const direct = tf.add(images, tf.mul(far.offsets, overshoot));
  return tf.clipByValue(tf.add(along, tf.mul(tf.sub(direct, along), bias)), 0, 1);
}

function fabStep(network: Network): Step {
  return (inputs) => {
    const [images, point, labels] = [inputs.images as tf.Tensor, inputs.point as tf.Tensor, inputs.labels as tf.Tensor1D];
    const asImages = (points: tf.Tensor) => imagesOf(points, network.inputShape);
    const { gradient, seen } = slopeOf(network, inputs, point, differenceLoss, asImages);
    const next = walked(point, images, gradient, ofImage(seen.losses));
    const wrong = tf.sub(1, tf.cast(topOneCorrect(logits(network, inputs, asImages(next), 'evaluation'), labels), 'float32'));
    const away = tf.sub(next, images);
    const isNear = tf.lessEqual(tf.max(tf.abs(away), 1), inputs.epsilon as tf.Tensor);
    const kept = tf.sub(1, tf.mul(ofImage(wrong), 1 - backward));
    return {
      point: tf.add(images, tf.mul(away, kept)),
      ...remember(inputs, {
        fooled: tf.mul(wrong, tf.cast(isNear, 'float32')),
        vanished: tf.cast(tf.equal(tf.max(tf.abs(gradient), 1), 0), 'float32'),
        losses: seen.losses,
      }),
    };
  };
}

/** Walks to the boundary and beyond, and looks there: two passes. */
export const fabStepOf: AttackStep = { name: 'FAB step', of: fabStep };
