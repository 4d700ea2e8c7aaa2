/** What pre-activation residual networks (He et al., 2016) in their CIFAR form are made of, in the names of published files. */
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activations } from '../ops/activation.ts';
import { globalAveragePooling } from '../ops/pooling.ts';
import type { Input } from './input.ts';
import { convolve, convolveNormalised, normalise, normalisePixels, transform } from './layers.ts';
import type { Block } from './network.ts';
import { type Initialisation, type kernel, linearParameters, normalisationParameters } from './parameters.ts';
import { type PaddingOption, spatial } from './spatial.ts';

/** Names, and what goes with them: which published code a file is of. */
export interface PreActivationLayout {
  stem: string;
  normalisations: readonly [string, string];
  convolutions: readonly [string, string];
  shortcut: string;
  lastNormalisation: string;
  head: string;
  padding: PaddingOption;
}

/** What a shortcut with weights takes in: the block's input as it is, or normalised and activated. */
export const shortcutInputs = ['ACTIVATED', 'RAW'] as const;
export type ShortcutInput = (typeof shortcutInputs)[number];

export interface PreActivationStyle {
  layout: PreActivationLayout;
  activation: ActivationName;
  /** A kernel with its initialisation. */
  kernel: typeof kernel;
  /** Side of the shortcut's kernel. */
  shortcutKernel: 1 | 3;
  shortcutOf: ShortcutInput;
}

export function preActivationStem({ layout, kernel }: PreActivationStyle, { shape, normalisation }: Input, width: number): Block {
  return {
    name: layout.stem,
    parameters: [kernel(layout.stem, 3, shape[2], width)],
    apply: (weights, images) => convolve(weights, layout.stem, normalisePixels(images as tf.Tensor4D, normalisation), spatial(1)),
  };
}

/** Normalised, activated, convolved, twice, plus the shortcut: a convolution where the shape changes. */
export function preActivationBlock(style: PreActivationStyle, name: string, inputs: number, outputs: number, stride: number): Block {
  const { layout, kernel, shortcutKernel, shortcutOf } = style;
  const activation = activations[style.activation];
  const [first, second] = layout.convolutions.map((part) => `${name}.${part}`) as [string, string];
  const [before, between] = layout.normalisations.map((part) => `${name}.${part}`) as [string, string];
  const shortcut = `${name}.${layout.shortcut}`;
  const changesShape = stride !== 1 || inputs !== outputs;
  const shortcutGeometry = shortcutKernel === 1 ? { stride, padding: 0 } : spatial(stride, layout.padding);
  return {
    name,
    parameters: [
      ...normalisationParameters(before, inputs),
      kernel(first, 3, inputs, outputs),
      ...normalisationParameters(between, outputs),
      kernel(second, 3, outputs, outputs),
      ...(changesShape ? [kernel(shortcut, shortcutKernel, inputs, outputs)] : []),
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

/** normalised: whether the last maps are normalised and activated before they are averaged; bias: how that of the head begins. */
export function preActivationHead(
  { layout, activation }: PreActivationStyle,
  inputs: number,
  classes: number,
  { normalised, bias }: { normalised: boolean; bias?: Initialisation },
): Block {
  const { lastNormalisation, head } = layout;
  return {
    name: head,
    parameters: [
      ...(normalised ? normalisationParameters(lastNormalisation, inputs) : []),
      ...linearParameters(head, inputs, classes, { bias }),
    ],
    apply(weights, hidden, mode) {
      const x = hidden as tf.Tensor4D;
      const maps = normalised ? activations[activation](normalise(weights, lastNormalisation, x, mode)) : x;
      return transform(weights, head, globalAveragePooling(maps));
    },
  };
}
