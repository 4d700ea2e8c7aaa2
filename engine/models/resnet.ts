/**
 * ResNets in their CIFAR forms (He et al., 2016): 3 x 3 stem, no max-pool, basic blocks, names of the official RiFT code. Where a
 * block changes the shape, its shortcut is a convolution (option B) or copies every second pixel into the middle channels (option A).
 */
import * as tf from '@tensorflow/tfjs-core';
import { relu } from '../ops/activation.ts';
import { convolution } from '../ops/convolution.ts';
import { globalAveragePooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolveNormalised, normalisePixels, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { kernel, linearParameters, normalisationParameters } from './parameters.ts';
import { spatial } from './spatial.ts';

function stem({ shape, normalisation }: Input, width: number): Block {
  return {
    name: 'stem',
    parameters: [kernel('conv1', 3, shape[2], width), ...normalisationParameters('bn1', width)],
    apply: (weights, images, mode) =>
      relu(convolveNormalised(weights, 'conv1', 'bn1', normalisePixels(images as tf.Tensor4D, normalisation), spatial(1), mode)),
  };
}

export type ShortcutOption = 'A' | 'B';

/** Option A: a convolution of fixed ones, which every backend is quick at. */
function copiedShortcut(x: tf.Tensor4D, outputs: number, stride: number): tf.Tensor4D {
  const inputs = x.shape[3];
  const before = Math.floor((outputs - inputs) / 2);
  const copies = tf.pad(tf.eye(inputs), [
    [0, 0],
    [before, outputs - inputs - before],
  ]);
  return convolution(x, tf.reshape(copies, [1, 1, inputs, outputs]), stride, 0);
}

/** conv-bn-relu-conv-bn, plus the shortcut, then relu. */
function basicBlock(name: string, inputs: number, outputs: number, stride: number, option: ShortcutOption): Block {
  const changesShape = stride !== 1 || inputs !== outputs;
  const isConvolved = changesShape && option === 'B';
  return {
    name,
    parameters: [
      kernel(`${name}.conv1`, 3, inputs, outputs),
      ...normalisationParameters(`${name}.bn1`, outputs),
      kernel(`${name}.conv2`, 3, outputs, outputs),
      ...normalisationParameters(`${name}.bn2`, outputs),
      ...(isConvolved ? [kernel(`${name}.shortcut.0`, 1, inputs, outputs), ...normalisationParameters(`${name}.shortcut.1`, outputs)] : []),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const first = relu(convolveNormalised(weights, `${name}.conv1`, `${name}.bn1`, x, spatial(stride), mode));
      const second = convolveNormalised(weights, `${name}.conv2`, `${name}.bn2`, first, spatial(1), mode);
      if (!changesShape) return relu(tf.add(second, x));
      const shortcut = isConvolved
        ? convolveNormalised(weights, `${name}.shortcut.0`, `${name}.shortcut.1`, x, { stride, padding: 0 }, mode)
        : copiedShortcut(x, outputs, stride);
      return relu(tf.add(second, shortcut));
    },
  };
}

function head(inputs: number, classes: number): Block {
  return {
    name: 'linear',
    parameters: linearParameters('linear', inputs, classes),
    apply: (weights, hidden) => transform(weights, 'linear', globalAveragePooling(hidden as tf.Tensor4D)),
  };
}

/**
 * A ResNet of basic blocks.
 * @param blocks blocks of each stage; every stage after the first doubles the channels and halves the map
 * @param width channels of the stem and the first stage
 */
export function resnet(architecture: string, input: Input, blocks: number[], width: number, option: ShortcutOption = 'B'): Network {
  const list = [stem(input, width)];
  let channels = width;
  for (const [stage, count] of blocks.entries())
    for (let index = 0; index < count; index++) {
      const outputs = width * 2 ** stage;
      list.push(basicBlock(`layer${stage + 1}.${index}`, channels, outputs, stage > 0 && index === 0 ? 2 : 1, option));
      channels = outputs;
    }
  list.push(head(channels, input.classes));
  return { architecture, inputShape: input.shape, classes: input.classes, blocks: list };
}
