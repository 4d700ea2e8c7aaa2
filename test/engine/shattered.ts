/** A network with the same predictions as another one, nearly, whose gradient points nowhere. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../engine/backends/backend.ts';
import type { Block, Network } from '../../engine/models/network.ts';
import { convolution } from '../../engine/ops/convolution.ts';
import type { Weights } from '../../engine/weights/weights.ts';

/** Pixel values between two turns of the zigzag: no more than a step of an attack. */
const spacing = 2 / 255;
/** Slopes are 1 + this and 1 - this in turn: every other one has the wrong sign. */
const steepness = 2;

const array = (data: Float32Array, shape: number[]): HostArray => ({ shape, dtype: 'float32', data });

/** Every pixel becomes a zigzag about itself that strays by no more than a level, made of rectified lines, before the network sees it. */
export function shattered(network: Network, weights: Weights): { network: Network; weights: Weights } {
  const turns = Math.ceil(1 / spacing);
  const lines = 3 * turns;
  const [into, bias, out] = [new Float32Array(3 * lines), new Float32Array(lines), new Float32Array(lines * 3)];
  for (let colour = 0; colour < 3; colour++)
    for (let turn = 0; turn < turns; turn++) {
      const line = colour * turns + turn;
      into[colour * lines + line] = 1;
      bias[line] = turn === 0 ? 0 : (0.5 - turn) * spacing;
      out[line * 3 + colour] = turn === 0 ? 1 + steepness : (turn % 2 === 0 ? 2 : -2) * steepness;
    }
  const block: Block = {
    name: 'zigzag',
    parameters: [],
    apply(values, hidden) {
      const rectified = tf.relu(
        tf.add(convolution(hidden as tf.Tensor4D, values['zigzag.in'] as tf.Tensor4D, 1, 0), values['zigzag.bias'] as tf.Tensor),
      );
      return convolution(rectified as tf.Tensor4D, values['zigzag.out'] as tf.Tensor4D, 1, 0);
    },
  };
  return {
    network: { ...network, architecture: `${network.architecture} behind a zigzag`, blocks: [block, ...network.blocks] },
    weights: {
      ...weights,
      'zigzag.in': array(into, [1, 1, 3, lines]),
      'zigzag.bias': array(bias, [lines]),
      'zigzag.out': array(out, [1, 1, lines, 3]),
    },
  };
}
