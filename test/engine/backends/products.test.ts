/** Products of many matrices, whose rows may lie apart. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostArray, Step } from '../../../engine/backends/backend.ts';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { distance, randomArray } from '../arrays.ts';

const [oracle, blocked, plain] = [new CpuBackend(), new OnnxBackend(), new OnnxBackend({ block: 1 })];
afterAll(() => Promise.all([blocked.dispose(), plain.dispose()]));

const either = [false, true];
const cases = either.flatMap((transposeA) =>
  either.flatMap((transposeB) => either.flatMap((apartA) => either.map((apartB) => [transposeA, transposeB, apartA, apartB] as const))),
);

/** Of [3, 2] matrices of so many rows and columns: as they are multiplied, or with their rows' axis in front. */
const shapeOf = (rows: number, columns: number, apart: boolean) => (apart ? [rows, 3, 2, columns] : [3, 2, rows, columns]);

describe.each(cases)('a product, transposed %s and %s, of rows that lie apart %s and %s', (transposeA, transposeB, apartA, apartB) => {
  const inputs = {
    a: randomArray(transposeA ? shapeOf(5, 4, apartA) : shapeOf(4, 5, apartA), 1, 1),
    b: randomArray(transposeB ? shapeOf(7, 5, apartB) : shapeOf(5, 7, apartB), 2, 1),
  };
  const matrices = (x: tf.Tensor, apart: boolean) => (apart ? tf.transpose(x, [1, 2, 0, 3]) : x);
  const step: Step = ({ a, b }) => ({
    y: tf.matMul(matrices(a as tf.Tensor, apartA), matrices(b as tf.Tensor, apartB), transposeA, transposeB),
  });
  it('is what plain arithmetic gives', async () => {
    const [wanted, ...found] = await Promise.all(
      [oracle, blocked, plain].map((backend) => backend.compile('product', step, { parallelism: 'calls' }).run(inputs)),
    );
    for (const outputs of found) expect(distance(outputs.y as HostArray, wanted?.y as HostArray)).toBeLessThan(1e-5);
  });
});
