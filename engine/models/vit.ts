/**
 * Vision transformers (Dosovitskiy et al., 2021) in pre-normalisation form: patches, a class token, learned positions, exact GELU.
 * Names as in the usual PyTorch code, without its `attn.` and `mlp.`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Tensors } from '../backends/backend.ts';
import { gelu } from '../ops/activation.ts';
import { selfAttention } from '../ops/attention.ts';
import { layerNormalisation } from '../ops/layer-normalisation.ts';
import type { Input } from './input.ts';
import { convolve, normalisePixels, transform } from './layers.ts';
import type { Block, Network } from './network.ts';
import { OptionsError } from './options-error.ts';
import { bias, kernel, linearParameters, type Parameter } from './parameters.ts';

export const vitOptions = z.strictObject({
  patch: z.int().min(1).max(256).describe('Side of a patch in pixels; it divides the sides of the images.'),
  dim: z.int().min(1).max(8192).describe('Features of a token; a multiple of heads.'),
  depth: z.int().min(1).max(256).describe('Number of blocks.'),
  heads: z.int().min(1).max(256).describe('Heads of the attention.'),
  mlpRatio: z.number().min(0.1).max(64).default(4).describe('Hidden features of the MLP, as a multiple of dim.'),
});
export type VitOptions = z.output<typeof vitOptions>;

/** Added to the variance of layer normalisation. */
const epsilon = 1e-6;

/** As usual for transformers: small normal weights, no bias. */
const small = { normal: 0.02 };
const linearOf = (module: string, inputs: number, outputs: number) =>
  linearParameters(module, inputs, outputs, { weight: small, bias: { constant: 0 } });
const vector = (name: string, shape: number[], initialisation: Parameter['initialisation']): Parameter => ({
  name,
  shape,
  initialisation,
  trained: true,
});
const layerParameters = (module: string, features: number) => [
  vector(`${module}.weight`, [features], { constant: 1 }),
  vector(`${module}.bias`, [features], { constant: 0 }),
];

const normalise = <T extends tf.Tensor>(weights: Tensors, module: string, x: T): T =>
  layerNormalisation(x, weights[`${module}.weight`] as tf.Tensor1D, weights[`${module}.bias`] as tf.Tensor1D, epsilon);

/** A linear module of every token: [images, tokens, inputs]. */
function ofTokens(weights: Tensors, module: string, x: tf.Tensor3D): tf.Tensor3D {
  const [images, tokens, features] = x.shape;
  const rows = transform(weights, module, tf.reshape(x, [images * tokens, features]));
  return tf.reshape(rows, [images, tokens, rows.shape[1]]);
}

/** Images to tokens: the class token, then the patches row by row, each with its position added. */
function embedding({ shape, normalisation }: Input, { patch, dim }: VitOptions): Block {
  const patches = (shape[0] / patch) * (shape[1] / patch);
  const within = { uniform: 1 / Math.sqrt(patch * patch * shape[2]) };
  return {
    name: 'patch_embed',
    parameters: [
      vector('cls_token', [1, 1, dim], small),
      vector('pos_embed', [1, 1 + patches, dim], small),
      kernel('patch_embed', patch, shape[2], dim),
      bias('patch_embed', dim, within),
    ],
    apply(weights, images) {
      const pixels = normalisePixels(images as tf.Tensor4D, normalisation);
      const maps = convolve(weights, 'patch_embed', pixels, { stride: patch, padding: 0, biased: true });
      const tokens = tf.reshape(maps, [pixels.shape[0], patches, dim]);
      const classTokens = tf.tile(weights.cls_token as tf.Tensor3D, [pixels.shape[0], 1, 1]);
      return tf.add(tf.concat([classTokens, tokens], 1), weights.pos_embed as tf.Tensor3D);
    },
  };
}

function attentionBlock(name: string, { dim, heads }: VitOptions): Block {
  return {
    name,
    parameters: [...layerParameters(`${name}.norm1`, dim), ...linearOf(`${name}.qkv`, dim, 3 * dim), ...linearOf(`${name}.proj`, dim, dim)],
    apply(weights, hidden) {
      const x = hidden as tf.Tensor3D;
      const projected = ofTokens(weights, `${name}.qkv`, normalise(weights, `${name}.norm1`, x));
      return tf.add(x, ofTokens(weights, `${name}.proj`, selfAttention(projected, heads)));
    },
  };
}

function mlpBlock(name: string, { dim, mlpRatio }: VitOptions): Block {
  const width = Math.round(dim * mlpRatio);
  return {
    name,
    parameters: [...layerParameters(`${name}.norm2`, dim), ...linearOf(`${name}.fc1`, dim, width), ...linearOf(`${name}.fc2`, width, dim)],
    apply(weights, hidden) {
      const x = hidden as tf.Tensor3D;
      const widened = gelu(ofTokens(weights, `${name}.fc1`, normalise(weights, `${name}.norm2`, x)));
      return tf.add(x, ofTokens(weights, `${name}.fc2`, widened));
    },
  };
}

/** The class token alone decides. */
function head({ dim }: VitOptions, classes: number): Block {
  return {
    name: 'head',
    parameters: [...layerParameters('norm_out', dim), ...linearOf('head', dim, classes)],
    apply(weights, hidden) {
      const first = tf.slice(hidden as tf.Tensor3D, [0, 0, 0], [hidden.shape[0] as number, 1, dim]);
      return transform(weights, 'head', normalise(weights, 'norm_out', tf.reshape(first, [hidden.shape[0] as number, dim])));
    },
  };
}

/** Throws OptionsError where patch or heads do not divide what they are to divide. */
export function vit(architecture: string, input: Input, options: VitOptions): Network {
  const [height, width] = input.shape;
  const { patch, dim, depth, heads } = options;
  if (height % patch !== 0 || width % patch !== 0)
    throw new OptionsError(`Patches of ${patch}×${patch} do not fill images of ${height}×${width}.`, ['patch']);
  if (dim % heads !== 0) throw new OptionsError(`${dim} features cannot be shared between ${heads} heads.`, ['heads']);
  const blocks = Array.from({ length: depth }, (_, index) => `blocks.${index}`).flatMap((name) => [
    attentionBlock(name, options),
    mlpBlock(name, options),
  ]);
  return {
    architecture,
    inputShape: input.shape,
    classes: input.classes,
    blocks: [embedding(input, options), ...blocks, head(options, input.classes)],
  };
}
