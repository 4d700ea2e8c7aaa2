/**
 * The SmallCNN that TRADES (Zhang et al., 2019) uses on MNIST, in its parameter names, for images of any size.
 * Its dropout between the linear modules is left out: it would be the only chance inside a network.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { relu } from '../ops/activation.ts';
import { maxPooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolve, normalisePixels, rowsOfMaps, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { bias, kernel, linearParameters } from './parameters.ts';

const valid = { stride: 1, padding: 0, biased: true };
const zero = { constant: 0 };

/** 3 x 3 convolution without padding, relu, and max-pooling where asked. */
function convolutionBlock(module: string, inputs: number, filters: number, pooled: boolean, prepare = (x: tf.Tensor4D) => x): Block {
  const he = { normal: Math.sqrt(2 / (9 * inputs)) };
  return {
    name: module,
    parameters: [kernel(module, 3, inputs, filters, he), bias(module, filters, zero)],
    apply(weights, hidden) {
      const activated = relu(convolve(weights, module, prepare(hidden as tf.Tensor4D), valid));
      return pooled ? maxPooling(activated) : activated;
    },
  };
}

function linearBlock(module: string, inputs: number, outputs: number): Block {
  return {
    name: module,
    parameters: linearParameters(module, inputs, outputs),
    apply: (weights, hidden) => relu(transform(weights, module, rowsOfMaps(hidden))),
  };
}

function lastBlock(module: string, inputs: number, classes: number): Block {
  return {
    name: module,
    parameters: linearParameters(module, inputs, classes, { weight: zero, bias: zero }),
    apply: (weights, hidden) => transform(weights, module, hidden as tf.Tensor2D),
  };
}

/** Length of a side after two convolutions and a pooling. */
const shrunk = (side: number) => Math.floor((side - 4) / 2);

export function smallCnn(architecture: string, { shape, classes, normalisation }: Input): Network {
  const [height, width, channels] = shape;
  const flat = shrunk(shrunk(height)) * shrunk(shrunk(width)) * 64;
  return {
    architecture,
    inputShape: shape,
    classes,
    blocks: [
      convolutionBlock('feature_extractor.conv1', channels, 32, false, (images) => normalisePixels(images, normalisation)),
      convolutionBlock('feature_extractor.conv2', 32, 32, true),
      convolutionBlock('feature_extractor.conv3', 32, 64, false),
      convolutionBlock('feature_extractor.conv4', 64, 64, true),
      linearBlock('classifier.fc1', flat, 200),
      linearBlock('classifier.fc2', 200, 200),
      lastBlock('classifier.fc3', 200, classes),
    ],
  };
}
