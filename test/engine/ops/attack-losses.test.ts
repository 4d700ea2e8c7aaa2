import type * as tf from '@tensorflow/tfjs-core';
import { sum } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttackLoss } from '../../../engine/attacks/losses.ts';
import { differenceLoss, divergenceLoss, dlrLoss, targetedDlrLoss } from '../../../engine/attacks/losses.ts';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { differentiate } from '../../../engine/models/differentiate.ts';

const label = 1;
const aim = 3;
const rows = [
  [1, 2.5, -0.5, 0.25, 1.5],
  [3, 1, 0, -0.5, -1],
  [0.5, -2, 4, 1, 3],
  [2e4, 5e4, 1e4, 3e4, -2e4],
];
const reference = [0.2, 1.7, -0.3, 0.9, 0.4];

const sorted = (logits: number[]) => logits.toSorted((first, second) => second - first) as [number, number, number, number, number];
const softmax = (logits: number[]) => {
  const shares = logits.map((value) => Math.exp(value - Math.max(...logits)));
  return shares.map((share) => share / shares.reduce((total, one) => total + one, 0));
};

/** As the papers write them. */
const formulas: [AttackLoss, (logits: number[]) => number][] = [
  [
    dlrLoss,
    (logits) => {
      const [first, , third] = sorted(logits);
      const other = Math.max(...logits.filter((_, index) => index !== label));
      return -((logits[label] as number) - other) / (first - third);
    },
  ],
  [
    targetedDlrLoss,
    (logits) => {
      const [first, , third, fourth] = sorted(logits);
      return -((logits[label] as number) - (logits[aim] as number)) / (first - (third + fourth) / 2);
    },
  ],
  [differenceLoss, (logits) => (logits[aim] as number) - (logits[label] as number)],
  [
    divergenceLoss,
    (logits) => {
      const [from, to] = [softmax(reference), softmax(logits)];
      return from.reduce((total, share, index) => total + share * Math.log(share / Math.max(to[index] as number, 1e-300)), 0);
    },
  ],
];

const filled = (value: number): HostArray => ({ shape: [rows.length], dtype: 'int32', data: new Int32Array(rows.length).fill(value) });

describe.each(['onnx', 'cpu'])('on the %s backend', (name) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await chooseBackend({ name });
  });
  afterAll(() => backend.dispose());

  it.each(formulas.map(([loss, formula]) => [loss.name, loss, formula] as const))(
    'the loss %s and its slope are those of its formula',
    async (_name, loss, formula) => {
      const step = backend.compile(
        'slope',
        (inputs) => {
          const logits = inputs.logits as tf.Tensor2D;
          const { gradients, kept } = differentiate({ logits }, () => {
            const { losses, vanished } = loss.of(logits, inputs.labels as tf.Tensor1D, loss.beside && inputs[loss.beside]);
            return { loss: sum(losses), kept: { losses, vanished } };
          });
          // Every loss reads what it is given; one ignores the labels.
          return { slope: gradients.logits as tf.Tensor, labels: inputs.labels as tf.Tensor, ...kept };
        },
        { parallelism: 'calls' },
      );
      const beside: Record<string, HostArray> = {
        aims: filled(aim),
        reference: { shape: [rows.length, 5], dtype: 'float32', data: Float32Array.from(rows.flatMap(() => reference)) },
      };
      const logits: HostArray = { shape: [rows.length, 5], dtype: 'float32', data: Float32Array.from(rows.flat()) };
      const found = await step.run({
        logits,
        labels: filled(label),
        ...(loss.beside && { [loss.beside]: beside[loss.beside] as HostArray }),
      });
      await step.dispose();
      expect([...(found.vanished?.data ?? [])]).toEqual(rows.map(() => 0));
      // The last row is too far out for the logarithms of the divergence.
      for (const [row, values] of rows.slice(0, loss === divergenceLoss ? 3 : 4).entries()) {
        const expected = formula(values);
        expect((found.losses?.data[row] as number) / expected).toBeCloseTo(1, 4);
        const size = Math.max(...values.map(Math.abs));
        for (const [index, value] of values.entries()) {
          const reach = 1e-4 * size;
          const moved = (by: number) => formula(values.map((one, at) => (at === index ? value + by : one)));
          const slope = (moved(reach) - moved(-reach)) / (2 * reach);
          expect((found.slope?.data[5 * row + index] as number) * size).toBeCloseTo(slope * size, 2);
        }
      }
    },
  );
});
