/** A query of the Square attack. Points are [count, channels x height x width], numbers [count]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Step } from '../backends/backend.ts';
import { logits, type Network } from '../models/network.ts';
import { margin, topOneCorrect } from '../ops/losses.ts';
import { remember } from './course.ts';
import { either, imagesOf, ofImage } from './planes.ts';
import type { AttackStep } from './tools.ts';

/** Squares that a call can be given. */
export const mostSquares = 64;

/** What comes before the colours of a square: its upper edge, its left one, and its side, in pixels. */
export const placeOfSquare = 3;

/** 1 for the pixels of a line of this length that lie in a square that begins at `edges`: [count, length]. */
function within(edges: tf.Tensor, sides: tf.Tensor, length: number): tf.Tensor {
  const positions = tf.tensor2d(
    Array.from({ length }, (_, position) => position),
    [1, length],
  );
  return tf.cast(tf.logicalAnd(tf.greaterEqual(positions, edges), tf.less(positions, tf.add(edges, sides))), 'float32');
}

/** inputs: images and best, points; squares [count, mostSquares, 3 + channels], of which `next` [count] is tried; epsilon; margins. */
function squareStep(network: Network): Step {
  const [height, width, channels] = network.inputShape;
  return (inputs) => {
    const { images, best, squares, next, margins } = inputs as Record<string, tf.Tensor>;
    const count = (images as tf.Tensor).shape[0] as number;
    const chosen = tf.expandDims(tf.cast(tf.oneHot(tf.cast(next as tf.Tensor, 'int32'), mostSquares), 'float32'), 1);
    const square = tf.squeeze(tf.matMul(chosen, squares as tf.Tensor), [1]);
    const of = (at: number) => tf.slice(square, [0, at], [count, 1]);
    const rows = tf.reshape(within(of(0), of(2), height), [count, 1, height, 1]);
    const columns = tf.reshape(within(of(1), of(2), width), [count, 1, 1, width]);
    const planes = (points: tf.Tensor) => tf.reshape(points, [count, channels, height, width]);
    const signs = tf.reshape(tf.slice(square, [0, placeOfSquare], [count, channels]), [count, channels, 1, 1]);
    const colours = tf.mul(signs, tf.reshape(inputs.epsilon as tf.Tensor, [count, 1, 1, 1]));
    const painted = tf.clipByValue(tf.add(planes(images as tf.Tensor), colours), 0, 1);
    const candidate = tf.reshape(either(tf.mul(rows, columns), painted, planes(best as tf.Tensor)), [count, -1]);
    const labels = inputs.labels as tf.Tensor1D;
    const output = logits(network, inputs, imagesOf(candidate, network.inputShape), 'evaluation');
    const losses = margin(output, labels);
    const isBetter = tf.greater(losses, margins as tf.Tensor);
    return {
      best: either(ofImage(tf.cast(isBetter, 'float32')), candidate, best as tf.Tensor),
      margins: tf.where(isBetter, losses, margins as tf.Tensor),
      next: tf.add(next as tf.Tensor, 1),
      ...remember(inputs, {
        fooled: tf.sub(1, tf.cast(topOneCorrect(output, labels), 'float32')),
        vanished: tf.zerosLike(losses),
        losses,
      }),
    };
  };
}

/** Puts a square, which stays where it raises the margin by which another class is above the label. */
export const squareStepOf: AttackStep = { name: 'Square query', of: squareStep };
