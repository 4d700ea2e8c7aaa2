/** The onnx backend on WebGPU, on a driver in software: numbers, whole loops, weights that change, what falls to the CPU. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompileOptions, HostArray, HostArrays, RunOptions, Step } from '../../../engine/backends/backend.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { probeWebgpu } from '../../../engine/backends/onnx/probe.ts';
import { hasSoftwareGpu, useSoftwareGpu } from '../../helpers/software-gpu.ts';
import { distance, randomArray, randomLabels } from '../arrays.ts';
import { attackStep, classes, forwardStep, networkWeights, trainingStep } from './steps.ts';

export const images = randomArray([7, 8, 8, 3], 1, 0.5);
for (const [index, value] of images.data.entries()) images.data[index] = value + 0.5;
const labels = randomLabels(7, classes, 2);
const weights = networkWeights();
const { mean, variance, ...trained } = weights;
const attack = { images, adversarial: images, labels };

/** The tests; a training step takes its driver in software as long as all else. */
export function describeWebgpu({ trains }: { trains: boolean }): void {
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

    if (trains)
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
}
