/** The onnx backend on WebGPU, on a driver in software, and constants that change there; training is in webgpu.long.test.ts. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { HostArray, Step } from '../../../engine/backends/backend.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { hasSoftwareGpu, useSoftwareGpu } from '../../helpers/software-gpu.ts';
import { distance, randomArray } from '../arrays.ts';
import { describeWebgpu, images } from './webgpu.ts';

describeWebgpu({ trains: false });

describe('constants on a GPU', () => {
  it.runIf(hasSoftwareGpu)('take new values, whether they are built in or sent along', async () => {
    const remove = useSoftwareGpu();
    const [gpu, cpu] = [new OnnxBackend({ kind: 'webgpu' }), new OnnxBackend({ threads: 1 })];
    const constantsOf = (seed: number) => ({ stem: randomArray([3, 3, 3, 16], seed) });
    const options = { parallelism: 'images', constants: constantsOf(7) } as const;
    const stem: Step = (inputs) => ({ y: convolution(inputs.images as Tensor4D, inputs.stem as Tensor4D, 1, 1) });
    const [step, expected] = [gpu.compile('stem', stem, options), cpu.compile('stem', stem, options)];
    for (const seed of [7, 20, 30, 40]) {
      await Promise.all([step.setConstants(constantsOf(seed)), expected.setConstants(constantsOf(seed))]);
      const [actual, wanted] = await Promise.all([step.run({ images }), expected.run({ images })]);
      expect(distance(actual.y as HostArray, wanted.y as HostArray)).toBeLessThan(1e-5);
    }
    expect(gpu.sessions).toBe(1);
    await step.dispose();
    expect(gpu.sessions).toBe(0);
    await Promise.all([gpu.dispose(), cpu.dispose()]);
    remove();
  });
});
