/** The onnx backend on WebGPU, on a driver in software: numbers, whole loops, weights that change, what falls to the CPU. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompileOptions, HostArray, HostArrays, RunOptions, Step } from '../../../engine/backends/backend.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { probeWebgpu } from '../../../engine/backends/onnx/probe.ts';
import { convolution } from '../../../engine/ops/convolution.ts';
import { hasSoftwareGpu, useSoftwareGpu } from '../../helpers/software-gpu.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, networkWeights, trainingStep } from './steps.ts';

const images = randomArray([7, 8, 8, 3], 1, 0.5);
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(7, classes, 2);
const weights = networkWeights();
const { mean, variance, ...trained } = weights;
const attack = { images, adversarial: images, labels };

describe.runIf(hasSoftwareGpu)('the onnx backend on WebGPU', () => {
  let remove: () => void;
  let cpu: OnnxBackend;
  let gpu: OnnxBackend;
  const profiles = mkdtempSync(join(tmpdir(), 'riftlab-profiles-'));
  beforeAll(() => {
    remove = useSoftwareGpu();
    cpu = new OnnxBackend({ threads: 1 });
    gpu = new OnnxBackend({ kind: 'webgpu', profile: join(profiles, 'step') });
  });
  afterAll(async () => {
    await Promise.all([cpu.dispose(), gpu.dispose()]);
    rmSync(profiles, { recursive: true });
    remove();
  });

  async function expectSame(step: Step, inputs: HostArrays, options: CompileOptions, run: RunOptions = {}) {
    const [actual, expected] = await Promise.all(
      [gpu, cpu].map(async (backend) => {
        const compiled = backend.compile('test', step, options);
        const outputs = await compiled.run(inputs, run);
        await compiled.dispose();
        return outputs;
      }),
    );
    for (const [name, array] of Object.entries(expected as HostArrays))
      expect(distance((actual as HostArrays)[name] as HostArray, array), name).toBeLessThan(1e-5);
  }

  it('is found', async () => {
    const { devices, missing } = await probeWebgpu();
    expect(devices).toMatchObject([{ backend: 'onnx', kind: 'webgpu', index: 0 }]);
    expect(missing).toEqual([]);
  });

  it('computes logits and losses', () => expectSame(forwardStep, { images, labels }, { parallelism: 'images', constants: weights }));

  it('attacks in one loop', () =>
    expectSame(attackStep, attack, { parallelism: 'images', constants: weights }, { times: 4, feed: { adversarial: 'adversarial' } }));

  it('trains', () => {
    const feed = Object.fromEntries(Object.keys(trained).map((name) => [name, name]));
    return expectSame(trainingStep, { ...trained, images, labels }, { parallelism: 'threads' }, { times: 2, feed });
  });

  it('leaves nothing of a step to the CPU but small change', () => {
    const nodes = readdirSync(profiles).flatMap((file) => JSON.parse(readFileSync(join(profiles, file), 'utf8')));
    const onCpu = nodes.filter(({ cat, args }) => cat === 'Node' && args?.provider === 'CPUExecutionProvider');
    expect(nodes.some(({ args }) => args?.provider === 'WebGpuExecutionProvider' && args.op_name === 'Conv')).toBe(true);
    expect([...new Set(onCpu.map(({ args }) => args.op_name))].sort()).toEqual(['Cast', 'Identity', 'Loop']);
  });
});

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
