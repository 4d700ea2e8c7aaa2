/** A device is trusted only after it has computed stored numbers, whatever it does instead. */
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { EngineDevice } from '../../../engine/backends/devices.ts';
import { labelOf } from '../../../engine/backends/devices.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { checkDevice, findDevices } from '../../../engine/devices/check.ts';
import { cpuDevice } from '../../../engine/devices/cpu-device.ts';
import { compareSamples, sampled, selfTest, storedSamples, tolerances } from '../../../engine/devices/self-test.ts';
import { selfTestValues } from '../../../engine/devices/self-test-values.ts';
import { type DeviceFault, faultyDevice } from '../../helpers/faulty-device.ts';

const onnx = new OnnxBackend({ threads: 2 });
afterAll(() => onnx.dispose());

describe('the self-test', () => {
  it('is passed by onnxruntime on a CPU far below its tolerance, and leaves no session', async () => {
    const { passed, error } = await selfTest(onnx);
    expect(passed).toBe(true);
    expect(error).toBeLessThan(1e-5);
    expect(onnx.sessions).toBe(0);
  });

  it('takes the rounding of TF32 for what it is on a GPU', async () => {
    const values = await selfTestValues(onnx, (array) => {
      const data = Float32Array.from(array.data);
      const bits = new Uint32Array(data.buffer);
      for (const [index, word] of bits.entries()) bits[index] = (word + 0x1000) & 0xffffe000;
      return { ...array, data };
    });
    const stored = await storedSamples();
    expect(compareSamples(sampled(values), stored, tolerances.cuda)).toMatchObject({ passed: true });
    expect(compareSamples(sampled(values), stored, tolerances.cpu)).toMatchObject({ passed: false });
  });

  it('is failed by wrong kernels, missing values and numbers that are none', async () => {
    const stored = await storedSamples();
    const turned = await selfTestValues(onnx, (array) =>
      array.shape[0] === 3 && array.shape.length === 4 ? { ...array, data: Float32Array.from(array.data).reverse() } : array,
    );
    const result = compareSamples(sampled(turned), stored, tolerances.cuda);
    expect(result.passed).toBe(false);
    expect(result.error).toBeGreaterThan(0.5);
    const [name = ''] = Object.keys(stored);
    expect(compareSamples({ ...stored, [name]: [] }, stored, 0.1)).toMatchObject({ passed: false, where: name });
    const spoilt = [Number.NaN, ...(stored[name]?.slice(1) ?? [])];
    expect(compareSamples({ ...stored, [name]: spoilt }, stored, 0.1)).toMatchObject({ passed: false, where: name });
  });
});

describe('a device', () => {
  const cpu = cpuDevice(1);
  const breaks = (...faults: DeviceFault[]) => {
    for (const [name, value] of Object.entries(faultyDevice(...faults))) vi.stubEnv(name, value);
  };
  afterEach(() => vi.unstubAllEnvs());

  it('that computes right is measured when asked', async () => {
    const checked = await checkDevice(cpu, { threads: 1, measure: true });
    expect(checked).toMatchObject({ state: 'passed', selfTest: expect.stringMatching(/^passed in \d+\.\d s, largest error \de-\d$/) });
    expect(checked.state === 'passed' && checked.imagesPerSecond).toBeGreaterThan(1);
    expect(await checkDevice(cpu, { threads: 1, measure: false })).toMatchObject({ state: 'passed', imagesPerSecond: undefined });
  });

  it('that ends its process is failed with the signal', async () => {
    breaks({ within: 'devices/main', what: 'crash' });
    const checked = await checkDevice(cpu, { threads: 1, measure: false });
    expect(checked).toMatchObject({ state: 'failed', problem: expect.stringMatching(/its process ended \(SIGSEGV\)/) });
  });

  it('that hangs is failed after the time limit', async () => {
    breaks({ within: 'devices/main', what: 'hang' });
    const checked = await checkDevice(cpu, { threads: 1, measure: false, limitMilliseconds: 3000 });
    expect(checked).toMatchObject({ state: 'failed', problem: 'The self-test failed: it did not answer within 3 seconds.' });
  });

  it('whose runtime refuses is failed with what it says and what to do', async () => {
    breaks({ within: 'devices/main', what: 'error', text: 'CUDA failure 719: unspecified launch failure' });
    expect(await checkDevice(cpu, { threads: 1, measure: false })).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/CUDA failure 719: unspecified launch failure/),
      hint: expect.stringMatching(/another one/),
    });
  });

  it('of an absent kind is failed, not fatal', async () => {
    const gpu: EngineDevice = { ...cpu, kind: 'cuda', index: 7, name: 'no such GPU' };
    expect(await checkDevice(gpu, { threads: 1, measure: false })).toMatchObject({ state: 'failed', hint: expect.any(String) });
  });
});

describe('the devices of this machine', () => {
  it('begin with the CPU, have labels of their own, and come with reasons for what is missing', async () => {
    const { devices, missing } = await findDevices(2);
    expect(devices[0]).toEqual(cpuDevice(2));
    expect(devices[0]?.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(new Set(devices.map(labelOf)).size).toBe(devices.length);
    const kinds = new Set([...devices, ...missing].map(({ backend, kind }) => `${backend} ${kind}`));
    expect([...kinds]).toEqual(expect.arrayContaining(['onnx cpu', 'onnx cuda', 'onnx webgpu', 'tensorflow cpu']));
    for (const { reason, hint } of missing) expect([reason, hint].every((text) => /^[A-Z].*\.$/s.test(text))).toBe(true);
  });
});
