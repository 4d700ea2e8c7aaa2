/** Wide residual networks (Zagoruyko and Komodakis, 2016) of pre-activation blocks, without dropout, in the names of published files. */
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activations } from '../ops/activation.ts';
import { globalAveragePooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolve, convolveNormalised, normalise, normalisePixels, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { kernel, linearParameters, normalisationParameters } from './parameters.ts';
import { type PaddingOption, spatial } from './spatial.ts';

/** Names, and what goes with them: which of two kinds of published code a file is of. */
interface Layout {
  stem: string;
  /** Prefix of a block; both count from 0. */
  block(stage: number, index: number): string;
  normalisations: readonly [string, string];
  convolutions: readonly [string, string];
  shortcut: string;
  lastNormalisation: string;
  head: string;
  padding: PaddingOption;
  /** Whether the class has a second first stage that it never uses. */
  hasUnusedStage: boolean;
}

export const wideLayouts = {
  /** TRADES' code, which RobustBench and the official RiFT code took over. */
  TRADES: {
    stem: 'conv1',
    block: (stage, index) => `block${stage + 1}.layer.${index}`,
    normalisations: ['bn1', 'bn2'],
    convolutions: ['conv1', 'conv2'],
    shortcut: 'convShortcut',
    lastNormalisation: 'bn1',
    head: 'fc',
    padding: 'EVEN',
    hasUnusedStage: true,
  },
  /** Code of Gowal et al. (2020) and Rebuffi et al. (2021). */
  DEEPMIND: {
    stem: 'init_conv',
    block: (stage, index) => `layer.${stage}.block.${index}`,
    normalisations: ['batchnorm_0', 'batchnorm_1'],
    convolutions: ['conv_0', 'conv_1'],
    shortcut: 'shortcut',
    lastNormalisation: 'batchnorm',
    head: 'logits',
    padding: 'END',
    hasUnusedStage: false,
  },
} satisfies Record<string, Layout>;
export type WideLayout = keyof typeof wideLayouts;

/** A kernel with the initialisation of the official code: normal, variance 2 / (kernel area x filters). */
function wideKernel(module: string, size: number, inputs: number, filters: number) {
  return kernel(module, size, inputs, filters, { normal: Math.sqrt(2 / (size * size * filters)) });
}

interface Style {
  layout: Layout;
  activation: <T extends tf.Tensor>(x: T) => T;
}

function stem({ layout }: Style, { shape, normalisation }: Input): Block {
  return {
    name: layout.stem,
    parameters: [wideKernel(layout.stem, 3, shape[2], 16)],
    apply: (weights, images) => convolve(weights, layout.stem, normalisePixels(images as tf.Tensor4D, normalisation), spatial(1)),
  };
}

/** Normalised, activated, convolved, twice, plus the shortcut: where the width changes, a 1 x 1 convolution after the first activation. */
function preActivationBlock({ layout, activation }: Style, name: string, inputs: number, outputs: number, stride: number): Block {
  const [first, second] = layout.convolutions.map((part) => `${name}.${part}`) as [string, string];
  const [before, between] = layout.normalisations.map((part) => `${name}.${part}`) as [string, string];
  const shortcut = `${name}.${layout.shortcut}`;
  const changesWidth = inputs !== outputs;
  return {
    name,
    parameters: [
      ...normalisationParameters(before, inputs),
      wideKernel(first, 3, inputs, outputs),
      ...normalisationParameters(between, outputs),
      wideKernel(second, 3, outputs, outputs),
      ...(changesWidth ? [wideKernel(shortcut, 1, inputs, outputs)] : []),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const activated = activation(normalise(weights, before, x, mode));
      const middle = activation(convolveNormalised(weights, first, between, activated, spatial(stride, layout.padding), mode));
      const convolved = convolve(weights, second, middle, spatial(1));
      return tf.add(convolved, changesWidth ? convolve(weights, shortcut, activated, { stride, padding: 0 }) : x);
    },
  };
}

function head({ layout, activation }: Style, inputs: number, classes: number): Block {
  const { lastNormalisation, head: module } = layout;
  return {
    name: module,
    parameters: [
      ...normalisationParameters(lastNormalisation, inputs),
      ...linearParameters(module, inputs, classes, { bias: { constant: 0 } }),
    ],
    apply: (weights, hidden, mode) =>
      transform(weights, module, globalAveragePooling(activation(normalise(weights, lastNormalisation, hidden as tf.Tensor4D, mode)))),
  };
}

export interface WideOptions {
  /** Number of convolutions, 6 n + 4. */
  depth: number;
  /** Factor on the channels 16, 32, 64. */
  widenFactor: number;
  /** TRADES when absent. */
  layout?: WideLayout;
  /** relu when absent. */
  activation?: ActivationName;
}

/** A wide residual network of three stages. */
export function wideResnet(architecture: string, input: Input, options: WideOptions): Network {
  const { depth, widenFactor, layout: name = 'TRADES', activation = 'relu' } = options;
  const style: Style = { layout: wideLayouts[name], activation: activations[activation] };
  const widths = [16, 16 * widenFactor, 32 * widenFactor, 64 * widenFactor] as const;
  const stage = (index: 0 | 1 | 2, prefix = '') =>
    Array.from({ length: (depth - 4) / 6 }, (_, block) => {
      const [inputs, outputs] = [widths[block === 0 ? index : index + 1] as number, widths[index + 1] as number];
      return preActivationBlock(style, prefix + style.layout.block(index, block), inputs, outputs, block === 0 && index > 0 ? 2 : 1);
    });
  const blocks = [stem(style, input), ...stage(0), ...stage(1), ...stage(2), head(style, widths[3], input.classes)];
  const network = { architecture, inputShape: input.shape, classes: input.classes, blocks };
  if (!style.layout.hasUnusedStage) return network;
  return { ...network, unused: { prefix: 'sub_block1.', parameters: stage(0, 'sub_').flatMap(({ parameters }) => parameters) } };
}
