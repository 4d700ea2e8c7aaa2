/** Pre-activation ResNets (He et al., 2016) in their CIFAR form, in the names of published files. */
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activations } from '../ops/activation.ts';
import { globalAveragePooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolve, convolveNormalised, normalise, normalisePixels, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { kernel, linearParameters, normalisationParameters } from './parameters.ts';
import { type PaddingOption, spatial } from './spatial.ts';

/** What a shortcut with weights takes in: the block's input as it is, or normalised and activated. */
export const shortcutInputs = ['ACTIVATED', 'RAW'] as const;

interface Layout {
  stem: string;
  /** Prefix of a stage, which counts from 0. */
  stage(index: number): string;
  normalisations: readonly [string, string];
  convolutions: readonly [string, string];
  shortcut: string;
  /** Side of the shortcut's kernel. */
  shortcutKernel: 1 | 3;
  shortcutOf: (typeof shortcutInputs)[number];
  lastNormalisation: string;
  head: string;
  padding: PaddingOption;
}

export const preactLayouts = {
  /** The usual PyTorch code, which RobustBench took over. */
  PYTORCH: {
    stem: 'conv1',
    stage: (index) => `layer${index + 1}`,
    normalisations: ['bn1', 'bn2'],
    convolutions: ['conv1', 'conv2'],
    shortcut: 'shortcut.0',
    shortcutKernel: 1,
    shortcutOf: 'ACTIVATED',
    lastNormalisation: 'bn',
    head: 'linear',
    padding: 'EVEN',
  },
  /** Code of Rebuffi et al. (2021). */
  DEEPMIND: {
    stem: 'conv_2d',
    stage: (index) => `layer_${index}`,
    normalisations: ['batchnorm_0', 'batchnorm_1'],
    convolutions: ['conv_2d_1', 'conv_2d_2'],
    shortcut: 'shortcut',
    shortcutKernel: 3,
    shortcutOf: 'RAW',
    lastNormalisation: 'batchnorm',
    head: 'logits',
    padding: 'END',
  },
} satisfies Record<string, Layout>;

export interface PreactOptions {
  layout: keyof typeof preactLayouts;
  activation: ActivationName;
  /** Whether the last maps are normalised and activated before they are averaged. */
  finalNormalisation: boolean;
  /** By its layout when absent. */
  shortcutOf?: (typeof shortcutInputs)[number] | undefined;
}

interface Style extends Omit<PreactOptions, 'layout' | 'activation'> {
  layout: Layout;
  activation: <T extends tf.Tensor>(x: T) => T;
}

function block(
  { layout, activation, shortcutOf = layout.shortcutOf }: Style,
  name: string,
  inputs: number,
  outputs: number,
  stride: number,
): Block {
  const [first, second] = layout.convolutions.map((part) => `${name}.${part}`) as [string, string];
  const [before, between] = layout.normalisations.map((part) => `${name}.${part}`) as [string, string];
  const shortcut = `${name}.${layout.shortcut}`;
  const changesShape = stride !== 1 || inputs !== outputs;
  const shortcutGeometry = layout.shortcutKernel === 1 ? { stride, padding: 0 } : spatial(stride, layout.padding);
  return {
    name,
    parameters: [
      ...normalisationParameters(before, inputs),
      kernel(first, 3, inputs, outputs),
      ...normalisationParameters(between, outputs),
      kernel(second, 3, outputs, outputs),
      ...(changesShape ? [kernel(shortcut, layout.shortcutKernel, inputs, outputs)] : []),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const activated = activation(normalise(weights, before, x, mode));
      const middle = activation(convolveNormalised(weights, first, between, activated, spatial(stride, layout.padding), mode));
      const convolved = convolve(weights, second, middle, spatial(1));
      if (!changesShape) return tf.add(convolved, x);
      return tf.add(convolved, convolve(weights, shortcut, shortcutOf === 'RAW' ? x : activated, shortcutGeometry));
    },
  };
}

/**
 * A pre-activation ResNet of four stages, 64 to 512 channels.
 * @param blocks blocks of each stage
 */
export function preactResnet(architecture: string, input: Input, blocks: number[], options: PreactOptions): Network {
  const style: Style = { ...options, layout: preactLayouts[options.layout], activation: activations[options.activation] };
  const { layout, activation, finalNormalisation } = style;
  const first: Block = {
    name: layout.stem,
    parameters: [kernel(layout.stem, 3, input.shape[2], 64)],
    apply: (weights, images) => convolve(weights, layout.stem, normalisePixels(images as tf.Tensor4D, input.normalisation), spatial(1)),
  };
  const stages = blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const outputs = 64 * 2 ** stage;
      const inputs = index > 0 || stage === 0 ? outputs : outputs / 2;
      return block(style, `${layout.stage(stage)}.${index}`, inputs, outputs, index === 0 && stage > 0 ? 2 : 1);
    }),
  );
  const width = 64 * 2 ** (blocks.length - 1);
  const last: Block = {
    name: layout.head,
    parameters: [
      ...(finalNormalisation ? normalisationParameters(layout.lastNormalisation, width) : []),
      ...linearParameters(layout.head, width, input.classes),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const maps = finalNormalisation ? activation(normalise(weights, layout.lastNormalisation, x, mode)) : x;
      return transform(weights, layout.head, globalAveragePooling(maps));
    },
  };
  return { architecture, inputShape: input.shape, classes: input.classes, blocks: [first, ...stages, last] };
}
