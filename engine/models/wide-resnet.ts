/** Wide residual networks (Zagoruyko and Komodakis, 2016) of pre-activation blocks, without dropout, in the official names. */
import * as tf from '@tensorflow/tfjs-core';
import { relu } from '../ops/activation.ts';
import { globalAveragePooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolve, convolveNormalised, normalise, normalisePixels, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { kernel, linearParameters, normalisationParameters } from './parameters.ts';

const spatial = { padding: 1, stride: 1 };

/** A kernel with the initialisation of the official code: normal, variance 2 / (kernel area x filters). */
function wideKernel(module: string, size: number, inputs: number, filters: number) {
  return kernel(module, size, inputs, filters, { normal: Math.sqrt(2 / (size * size * filters)) });
}

function stem({ shape, normalisation }: Input): Block {
  return {
    name: 'conv1',
    parameters: [wideKernel('conv1', 3, shape[2], 16)],
    apply: (weights, images) => convolve(weights, 'conv1', normalisePixels(images as tf.Tensor4D, normalisation), spatial),
  };
}

/** bn-relu-conv-bn-relu-conv plus the shortcut; where the width changes, the shortcut is a 1 x 1 convolution after the first relu. */
function preActivationBlock(name: string, inputs: number, outputs: number, stride: number): Block {
  const changesWidth = inputs !== outputs;
  return {
    name,
    parameters: [
      ...normalisationParameters(`${name}.bn1`, inputs),
      wideKernel(`${name}.conv1`, 3, inputs, outputs),
      ...normalisationParameters(`${name}.bn2`, outputs),
      wideKernel(`${name}.conv2`, 3, outputs, outputs),
      ...(changesWidth ? [wideKernel(`${name}.convShortcut`, 1, inputs, outputs)] : []),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const activated = relu(normalise(weights, `${name}.bn1`, x, mode));
      const first = relu(convolveNormalised(weights, `${name}.conv1`, `${name}.bn2`, activated, { stride, padding: 1 }, mode));
      const second = convolve(weights, `${name}.conv2`, first, spatial);
      return tf.add(second, changesWidth ? convolve(weights, `${name}.convShortcut`, activated, { stride, padding: 0 }) : x);
    },
  };
}

function head(inputs: number, classes: number): Block {
  return {
    name: 'fc',
    parameters: [...normalisationParameters('bn1', inputs), ...linearParameters('fc', inputs, classes, { bias: { constant: 0 } })],
    apply: (weights, hidden, mode) =>
      transform(weights, 'fc', globalAveragePooling(relu(normalise(weights, 'bn1', hidden as tf.Tensor4D, mode)))),
  };
}

/**
 * A wide residual network of three stages.
 * @param depth number of convolutions, 6 n + 4
 * @param widen factor on the channels 16, 32, 64
 */
export function wideResnet(architecture: string, input: Input, depth: number, widen: number): Network {
  const widths = [16, 16 * widen, 32 * widen, 64 * widen] as const;
  const stage = (name: string, inputs: number, outputs: number, stride: number) =>
    Array.from({ length: (depth - 4) / 6 }, (_, index) =>
      preActivationBlock(`${name}.layer.${index}`, index === 0 ? inputs : outputs, outputs, index === 0 ? stride : 1),
    );
  const blocks = [
    stem(input),
    ...stage('block1', widths[0], widths[1], 1),
    ...stage('block2', widths[1], widths[2], 2),
    ...stage('block3', widths[2], widths[3], 2),
    head(widths[3], input.classes),
  ];
  const unused = stage('sub_block1', widths[0], widths[1], 1).flatMap(({ parameters }) => parameters);
  return { architecture, inputShape: input.shape, classes: input.classes, blocks, unused: { prefix: 'sub_block1.', parameters: unused } };
}
