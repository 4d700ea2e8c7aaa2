/**
 * Vision transformers (Dosovitskiy et al., 2021) in pre-normalisation form: patches, a class token, learned positions, exact GELU.
 * Names as in the usual PyTorch code, without its `attn.` and `mlp.`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Tensors } from '../backends/backend.ts';
import { gelu } from '../ops/activation.ts';
import { attention } from '../ops/attention.ts';
import { foldLayerNormalisation, type Linear, standardise } from '../ops/layer-normalisation.ts';
import { linear } from '../ops/linear.ts';
import type { Input } from './input.ts';
import { convolve, normalisePixels } from './layers.ts';
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

/** A linear module, with the layer normalisation in front of it but for the standardisation. */
function behindNormalisation(weights: Tensors, normalisation: string, module: string): Linear {
  const [scale, offset] = [weights[`${normalisation}.weight`], weights[`${normalisation}.bias`]] as tf.Tensor1D[];
  const own = { weight: weights[`${module}.weight`] as tf.Tensor2D, bias: weights[`${module}.bias`] as tf.Tensor1D };
  return foldLayerNormalisation(own, scale as tf.Tensor1D, offset as tf.Tensor1D);
}

/**
 * All tokens one after another, the images' first ones first: [tokens * images, features]. Between blocks the images come first; within
 * them the tokens, because products of many matrices find the heads of such rows where they lie.
 */
const rowsOf = (x: tf.Tensor) => tf.reshape(tf.transpose(x, [1, 0, 2]), [-1, x.shape[2] as number]) as tf.Tensor2D;
const tokensOf = (rows: tf.Tensor2D, images: number) => tf.reshape(rows, [-1, images, rows.shape[1]]) as tf.Tensor3D;

/** [images, tokens, features], as it is between blocks, of such rows. */
const imagesOf = (rows: tf.Tensor2D, images: number) => tf.transpose(tokensOf(rows, images), [1, 0, 2]);

/** The class tokens among such rows: [images, features]. */
const classTokensOf = (rows: tf.Tensor2D, images: number) => tf.slice(rows, [0, 0], [images, rows.shape[1]]);

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

/** @param isLast behind it the class token alone goes on: no other token's way leads to the logits */
function attentionBlock(name: string, { dim, heads }: VitOptions, isLast: boolean): Block {
  return {
    name,
    parameters: [...layerParameters(`${name}.norm1`, dim), ...linearOf(`${name}.qkv`, dim, 3 * dim), ...linearOf(`${name}.proj`, dim, dim)],
    apply(weights, hidden) {
      const images = hidden.shape[0] as number;
      const x = rowsOf(hidden);
      const normal = standardise(x, epsilon);
      const asking = (rows: tf.Tensor2D) => (isLast ? classTokensOf(rows, images) : rows);
      const { weight, bias } = behindNormalisation(weights, `${name}.norm1`, `${name}.qkv`);
      const [ofQueries, ofKeys, ofValues] = tf.split(weight, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const [queryBias, , valueBias] = tf.split(bias, 3) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
      // A bias of the keys adds the same to all scores of a token, which softmax forgets; that of the values is added whatever the shares.
      const parts = [linear(asking(normal), ofQueries, queryBias), tf.matMul(normal, ofKeys), tf.matMul(normal, ofValues)];
      const [queries, keys, values] = parts.map((rows) => tokensOf(rows as tf.Tensor2D, images)) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      const mixed = attention(queries, keys, values, heads);
      const projection = weights[`${name}.proj.weight`] as tf.Tensor2D;
      const behind = linear(tf.reshape(valueBias, [1, -1]), projection, weights[`${name}.proj.bias`] as tf.Tensor1D);
      const projected = tf.matMul(tf.reshape(mixed, [-1, projection.shape[0]]) as tf.Tensor2D, projection);
      return imagesOf(tf.add(tf.add(asking(x), behind), projected), images);
    },
  };
}

/** Hidden features of an MLP that are computed together: as many as a token has, so that what GELU makes of them stays in a core's cache. */
function groupsOf(width: number, dim: number): number[] {
  return Array.from({ length: Math.ceil(width / dim) }, (_, index) => Math.min(dim, width - index * dim));
}

function mlpBlock(name: string, { dim, mlpRatio }: VitOptions): Block {
  const width = Math.round(dim * mlpRatio);
  return {
    name,
    parameters: [...layerParameters(`${name}.norm2`, dim), ...linearOf(`${name}.fc1`, dim, width), ...linearOf(`${name}.fc2`, width, dim)],
    apply(weights, hidden) {
      const x = rowsOf(hidden);
      const normal = standardise(x, epsilon);
      const { weight, bias } = behindNormalisation(weights, `${name}.norm2`, `${name}.fc1`);
      const groups = groupsOf(width, dim);
      const [first, biases, second] = [
        tf.split(weight, groups, 1),
        tf.split(bias, groups),
        tf.split(weights[`${name}.fc2.weight`] as tf.Tensor2D, groups),
      ];
      const ofGroup = (index: number) =>
        tf.matMul(gelu(linear(normal, first[index] as tf.Tensor2D, biases[index] as tf.Tensor1D)), second[index] as tf.Tensor2D);
      const sum = groups.reduce<tf.Tensor>(
        (before, _, index) => tf.add(before, ofGroup(index)),
        tf.add(x, weights[`${name}.fc2.bias`] as tf.Tensor1D),
      );
      return imagesOf(sum as tf.Tensor2D, hidden.shape[0] as number);
    },
  };
}

/** The class token alone decides. */
function head({ dim }: VitOptions, classes: number): Block {
  return {
    name: 'head',
    parameters: [...layerParameters('norm_out', dim), ...linearOf('head', dim, classes)],
    apply(weights, hidden) {
      const { weight, bias } = behindNormalisation(weights, 'norm_out', 'head');
      return linear(standardise(classTokensOf(rowsOf(hidden), hidden.shape[0] as number), epsilon), weight, bias);
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
  const blocks = Array.from({ length: depth }, (_, index) => [
    attentionBlock(`blocks.${index}`, options, index === depth - 1),
    mlpBlock(`blocks.${index}`, options),
  ]).flat();
  return {
    architecture,
    inputShape: input.shape,
    classes: input.classes,
    blocks: [embedding(input, options), ...blocks, head(options, input.classes)],
  };
}
