import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { differentiate } from '../../../engine/models/differentiate.ts';
import { climbableCrossEntropy, crossEntropy, margin } from '../../../engine/ops/losses.ts';

type Loss = (logits: tf.Tensor2D, labels: tf.Tensor1D) => { losses: tf.Tensor1D; vanished?: tf.Tensor1D };

const rows = [
  // An ordinary image, one that is wrong, and one that is wrong by far.
  [1, 2.5, -0.5],
  [3, 1, 0],
  [500, -500, 2],
  // The label's probability rounds to 1; then the others' to 0 as well; then far beyond that.
  [0.5, 21, 1],
  [-40, 90, -41],
  [2e4, 5e4, 1e4],
];

describe.each(['onnx', 'cpu'])('a loss on the %s backend', (name) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await chooseBackend({ name });
  });
  afterAll(() => backend.dispose());

  async function slopes(loss: Loss) {
    const step = backend.compile(
      'slope',
      (inputs) => {
        const logits = inputs.logits as tf.Tensor2D;
        const { gradients, kept } = differentiate({ logits }, () => {
          const { losses, vanished } = loss(logits, inputs.labels as tf.Tensor1D);
          return { loss: tf.sum(losses), kept: { losses, ...(vanished && { vanished }) } };
        });
        return { slope: gradients.logits as tf.Tensor, ...kept };
      },
      { parallelism: 'calls' },
    );
    const outputs = await step.run({
      logits: { shape: [rows.length, 3], dtype: 'float32', data: Float32Array.from(rows.flat()) },
      labels: { shape: [rows.length], dtype: 'int32', data: new Int32Array(rows.length).fill(1) },
    });
    await step.dispose();
    const data = (outputs.slope as HostArray).data;
    return { losses: outputs.losses, vanished: outputs.vanished, slope: rows.map((_, row) => [...data.slice(3 * row, 3 * row + 3)]) };
  }

  it('to climb is the cross-entropy, to the last bit where that has a slope', async () => {
    const plain = await slopes((logits, labels) => ({ losses: crossEntropy(logits, labels) }));
    const climbed = await slopes(climbableCrossEntropy);
    expect(climbed.losses).toEqual(plain.losses);
    expect(climbed.slope.slice(0, 3)).toEqual(plain.slope.slice(0, 3));
  });

  it('to climb says where the cross-entropy has no slope, and points to the best other class there', async () => {
    const { slope, vanished } = await slopes(climbableCrossEntropy);
    expect([...(vanished?.data ?? [])]).toEqual([0, 0, 0, 0, 1, 1]);
    const shares = [1 / (1 + Math.exp(0.5)), 1 / (1 + Math.exp(-0.5))];
    for (const [index, value] of [shares[0], -1, shares[1]].entries()) expect(slope[3]?.[index]).toBeCloseTo(value as number, 6);
    expect(slope[4]?.[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(slope[5]).toEqual([1, -1, 0]);
  });

  it('that is the margin is how far the best other class is above the label', async () => {
    const { losses, slope } = await slopes((logits, labels) => ({ losses: margin(logits, labels) }));
    expect([...(losses?.data ?? [])]).toEqual([-1.5, 2, 1000, -20, -130, -3e4]);
    expect(slope[0]).toEqual([1, -1, 0]);
    expect(slope[5]).toEqual([1, -1, 0]);
  });
});
