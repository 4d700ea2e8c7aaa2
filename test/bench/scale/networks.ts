/** Networks of any depth, width and image side, and what a pass through them costs. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../../../engine/data/dataset.ts';
import { convolveNormalised, normalisePixels, transform } from '../../../engine/models/layers.ts';
import type { Block, Network } from '../../../engine/models/network.ts';
import { kernel, linearParameters, normalisationParameters } from '../../../engine/models/parameters.ts';
import { resnet } from '../../../engine/models/resnet.ts';
import { relu } from '../../../engine/ops/activation.ts';
import { globalAveragePooling, maxPooling } from '../../../engine/ops/pooling.ts';

/** A network and the multiply-accumulates of one image's forward pass. */
export interface Sized {
  network: Network;
  macs: number;
}

const normalisation: Dataset['normalisation'] = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** A CIFAR ResNet of three stages with so many basic blocks each; ResNet-8 has 1 and 16 channels. */
export function basicResnet({ blocks, width, side }: { blocks: number; width: number; side: number }): Sized {
  const input = { shape: [side, side, 3] as const, classes: 10, normalisation };
  const network = resnet(`ResNet-${6 * blocks + 2} of width ${width}`, input, [blocks, blocks, blocks], width);
  let macs = side ** 2 * 27 * width;
  for (const stage of [0, 1, 2]) {
    const channels = width * 2 ** stage;
    const positions = Math.ceil(side / 2 ** stage) ** 2;
    macs += positions * channels ** 2 * 9 * 2 * blocks;
    if (stage > 0) macs += positions * channels * (channels / 2) - (positions * channels * channels * 9) / 2;
  }
  return { network, macs: macs + 4 * width * 10 };
}

/** 1 x 1, 3 x 3, 1 x 1 convolutions, the last to four times the channels, and the shortcut. */
function bottleneck(name: string, inputs: number, channels: number, stride: number): Block {
  const outputs = 4 * channels;
  const changesShape = stride !== 1 || inputs !== outputs;
  const layers = [
    { module: 'conv1', normalisation: 'bn1', size: 1, from: inputs, to: channels, stride: 1 },
    { module: 'conv2', normalisation: 'bn2', size: 3, from: channels, to: channels, stride },
    { module: 'conv3', normalisation: 'bn3', size: 1, from: channels, to: outputs, stride: 1 },
    ...(changesShape ? [{ module: 'downsample.0', normalisation: 'downsample.1', size: 1, from: inputs, to: outputs, stride }] : []),
  ];
  return {
    name,
    parameters: layers.flatMap(({ module, normalisation, size, from, to }) => [
      kernel(`${name}.${module}`, size, from, to, { normal: Math.sqrt(2 / (size * size * to)) }),
      ...normalisationParameters(`${name}.${normalisation}`, to),
    ]),
    apply(weights, hidden, mode) {
      const apply = (index: number, x: tf.Tensor4D) => {
        const { module, normalisation, size, stride } = layers[index] as (typeof layers)[number];
        const geometry = { stride, padding: (size - 1) / 2 };
        return convolveNormalised(weights, `${name}.${module}`, `${name}.${normalisation}`, x, geometry, mode);
      };
      const x = hidden as tf.Tensor4D;
      const inner = apply(2, relu(apply(1, relu(apply(0, x)))));
      return relu(tf.add(inner, changesShape ? apply(3, x) : x));
    },
  };
}

/**
 * ResNet50 as torchvision has it (25.6 million parameters, 4.1 thousand million multiply-accumulates at 224 x 224), but for its
 * pooling of 3 x 3 windows that overlap, which the onnx backend has no gradient for: here 2 x 2.
 */
export function resnet50(side: number): Sized {
  const stem: Block = {
    name: 'stem',
    parameters: [kernel('conv1', 7, 3, 64), ...normalisationParameters('bn1', 64)],
    apply: (weights, images, mode) => {
      const x = normalisePixels(images as tf.Tensor4D, normalisation);
      return maxPooling(relu(convolveNormalised(weights, 'conv1', 'bn1', x, { stride: 2, padding: 3 }, mode)));
    },
  };
  const list = [stem];
  let macs = (side / 2) ** 2 * 49 * 3 * 64;
  let inputs = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const channels = 64 * 2 ** stage;
    const positions = (side / 4 / 2 ** stage) ** 2;
    for (let index = 0; index < blocks; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      list.push(bottleneck(`layer${stage + 1}.${index}`, inputs, channels, stride));
      macs += positions * (inputs * channels * stride ** 2 + 9 * channels ** 2 + 4 * channels ** 2);
      if (index === 0) macs += positions * inputs * 4 * channels;
      inputs = 4 * channels;
    }
  }
  list.push({
    name: 'fc',
    parameters: linearParameters('fc', inputs, 1000),
    apply: (weights, hidden) => transform(weights, 'fc', globalAveragePooling(hidden as tf.Tensor4D)),
  });
  return { network: { architecture: 'ResNet50', inputShape: [side, side, 3], classes: 1000, blocks: list }, macs: macs + inputs * 1000 };
}
