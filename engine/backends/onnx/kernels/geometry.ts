import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';

export type Pair = [number, number];
export type Shape4 = [number, number, number, number];

/** Sizes of a convolution. */
export interface Geometry {
  strides: Pair;
  dilations: Pair;
  /** top, left, bottom, right. */
  pads: [number, number, number, number];
  kernel: Pair;
  /** Shapes with channels first. */
  input: Shape4;
  output: Shape4;
}

/** Sizes from what tfjs hands to a convolution's kernels. */
export function geometry(inputShape: number[], filterShape: number[], attributes: Record<string, unknown>): Geometry {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes;
  if (dataFormat !== undefined && dataFormat !== 'NHWC')
    throw new EngineError(`A convolution in the layout ${dataFormat} is not known; use NHWC.`);
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides as Pair,
    (dilations ?? 1) as number,
    pad as number,
    dimRoundingMode as 'floor' | undefined,
  );
  const { padInfo, batchSize } = info;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
    kernel: [info.filterHeight, info.filterWidth],
    input: [batchSize, info.inChannels, info.inHeight, info.inWidth],
    output: [batchSize, info.outChannels, info.outHeight, info.outWidth],
  };
}
