/** A network: a list of blocks, each a pure function of weights and activations, so that a pass can start or stop before any. */
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensors } from '../backends/backend.ts';
import type { ImageShape } from '../data/dataset.ts';
import type { Parameter } from './parameters.ts';

/**
 * How batch normalisation works: with the running statistics, or with those of the batch. In training the running statistics
 * after the batch are put into `statistics` under their names.
 */
export type Mode = 'evaluation' | { statistics: Tensors };

export interface Block {
  /** Prefix of the official parameter names. */
  name: string;
  parameters: Parameter[];
  apply(weights: Tensors, hidden: Tensor, mode: Mode): Tensor;
}

export interface Network {
  architecture: string;
  inputShape: ImageShape;
  classes: number;
  blocks: Block[];
  /** Entries that the official class has and never uses: files have them, under names with this prefix. */
  unused?: { prefix: string; parameters: Parameter[] };
}

/** Blocks from `from` up to but not including `to` run; all when absent. */
export interface Range {
  from?: number;
  to?: number;
}

/**
 * Runs blocks one after another.
 * @param hidden images [count, height, width, channels] in [0, 1], or what the block before `from` gave
 * @returns logits [count, classes], or the input of block `to`
 */
export function forward(network: Network, weights: Tensors, hidden: Tensor, mode: Mode, { from, to }: Range = {}): Tensor {
  return network.blocks.slice(from, to).reduce((value, block) => block.apply(weights, value, mode), hidden);
}

/** Logits [count, classes] of images [count, height, width, channels] in [0, 1]; `from` as in forward. */
export function logits(network: Network, weights: Tensors, images: Tensor, mode: Mode, from = 0): Tensor2D {
  return forward(network, weights, images as Tensor4D, mode, { from }) as Tensor2D;
}

/** All parameters and running statistics in the order of PyTorch's state dict. */
export function parametersOf(network: Network): Parameter[] {
  return network.blocks.flatMap(({ parameters }) => parameters);
}

/** Names of the tensors that training changes. */
export function trainedNames(network: Network): string[] {
  return parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
}

/** Whether the images of a batch depend on each other in training mode. */
export function hasBatchStatistics(network: Network): boolean {
  return parametersOf(network).some(({ trained }) => !trained);
}
