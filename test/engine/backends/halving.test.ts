/** Work that does not fit in memory goes on in smaller batches. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { Ascent } from '../../../engine/attacks/ascent.ts';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { faultOf } from '../../../engine/backends/faults.ts';
import { type Halved, halving } from '../../../engine/backends/halving.ts';
import { OnnxBackend } from '../../../engine/backends/onnx/onnx.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { DeviceLostError, OutOfMemoryError } from '../../../engine/errors.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { smallCnn } from '../../../engine/models/small-cnn.ts';
import { FrozenGradients } from '../../../engine/training/frozen-gradients.ts';
import { TrainingGradients } from '../../../engine/training/gradients.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { distance } from '../arrays.ts';
import { syntheticSet } from '../synthetic.ts';
import { tinyAttack, tinyNetwork, tinySet } from '../tiny.ts';

const real = new OnnxBackend({ threads: 2 });
afterAll(() => real.dispose());

/** The real backend, except that calls of more images than these end as they do when memory runs out. */
function shortOfMemory(most: number): Backend {
  return {
    ...{ name: real.name, kind: real.kind, threads: real.threads, sessions: 0 },
    compile(name, step, options) {
      const inner = real.compile(name, step, options);
      return {
        async run(inputs, given) {
          const images = inputs.images?.shape[0] ?? 0;
          if (images > most) throw faultOf(name, `Failed to allocate memory for requested buffer of size ${images}`);
          return inner.run(inputs, given);
        },
        setConstants: (constants) => inner.setConstants(constants),
        dispose: () => inner.dispose(),
      };
    },
    dispose: async () => {},
  };
}

const weights = initialWeights(tinyNetwork, 3);
const batch = batchOf(tinySet, inOrder(48));
const names = parametersOf(tinyNetwork).flatMap(({ name, trained }) => (trained ? [name] : []));

describe('an attack', () => {
  it('gives the same images bit for bit', async () => {
    const halved: Halved[] = [];
    const both = [real, halving(shortOfMemory(12), (one) => halved.push(one))].map(async (backend) => {
      const pgd = new Ascent(backend, tinyNetwork, tinyAttack, weights);
      const first = await pgd.advance(batch, batch.images);
      await pgd.setWeights(initialWeights(tinyNetwork, 4));
      const second = await pgd.advance(batch, first.adversarial);
      await pgd.dispose();
      return [first, second];
    });
    const [whole, parts] = await Promise.all(both);
    const images = (all: typeof whole) => all?.map(({ adversarial, correct, vanished }) => ({ adversarial, correct, vanished }));
    expect(images(parts)).toEqual(images(whole));
    expect(halved).toEqual([
      { step: 'PGD step of tiny', from: 48, to: 24, exact: true },
      { step: 'PGD step of tiny', from: 24, to: 12, exact: true },
    ]);
    expect(real.sessions).toBe(0);
  });

  it('fails with what to do when not even one image fits', async () => {
    const pgd = new Ascent(
      halving(shortOfMemory(0), () => {}),
      tinyNetwork,
      tinyAttack,
      weights,
    );
    const failure = await pgd.advance(batch, batch.images).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutOfMemoryError);
    expect((failure as OutOfMemoryError).hint).toMatch(/device with more memory/);
    await pgd.dispose();
  });
});

describe('gradients in evaluation mode', () => {
  it('are the sums over the parts, with calls side by side', async () => {
    const [name = ''] = names;
    const of = async (backend: Backend) => {
      const source = new FrozenGradients(backend, tinyNetwork, weights, { names: [name], from: 0 });
      const all = await Promise.all([source.gradients(batch, weights), source.gradients(batch, weights)]);
      await source.dispose();
      return all;
    };
    const whole = (await of(real))[0];
    for (const parts of await of(halving(shortOfMemory(10), () => {}))) {
      expect(distance(parts.gradients[name] as HostArray, whole?.gradients[name] as HostArray)).toBeLessThan(1e-5);
      expect(parts.correct).toEqual(whole?.correct);
      expect(parts.losses.length).toBe(48);
    }
  });
});

describe('a training step', () => {
  it('is the mean of its halves, and says that batch statistics make it another', async () => {
    const halved: Halved[] = [];
    const source = new TrainingGradients(
      halving(shortOfMemory(24), (one) => halved.push(one)),
      tinyNetwork,
      names,
    );
    const parts = await source.gradients(batch, weights);
    const alone = new TrainingGradients(real, tinyNetwork, names);
    const halves = await Promise.all(
      [0, 24].map((begin) => alone.gradients(batchOf(tinySet, inOrder(48).slice(begin, begin + 24)), weights)),
    );
    await Promise.all([source.dispose(), alone.dispose()]);
    expect(halved).toEqual([{ step: 'training step of tiny', from: 48, to: 24, exact: false }]);
    for (const kind of ['gradients', 'statistics'] as const)
      for (const [name, array] of Object.entries(parts[kind])) {
        const [one, other] = halves.map((half) => half[kind][name] as HostArray);
        const mean = (one as HostArray).data.map((value, index) => (value + (other?.data[index] as number)) / 2);
        expect(distance(array, { ...array, data: Float32Array.from(mean) }), name).toBeLessThan(1e-5);
      }
    expect([...parts.losses]).toEqual(halves.flatMap(({ losses }) => [...losses]));
  });

  it('is that of the whole batch where there is no batch normalisation', async () => {
    const network = smallCnn('plain', { shape: [16, 16, 3], classes: 3, normalisation: undefined });
    const larger = batchOf(syntheticSet(48, [16, 16, 3]), inOrder(48));
    const all = parametersOf(network).map(({ name }) => name);
    const some = Object.fromEntries(
      Object.entries(initialWeights(network, 2)).map(([name, array]) => [
        name,
        { ...array, data: array.data.map((value) => value + 0.01) },
      ]),
    );
    const halved: Halved[] = [];
    const gradientsOn = async (backend: Backend) => {
      const source = new TrainingGradients(backend, network, all);
      const { gradients } = await source.gradients(larger, some);
      await source.dispose();
      return gradients;
    };
    const whole = await gradientsOn(real);
    const parts = await gradientsOn(halving(shortOfMemory(13), (one) => halved.push(one)));
    expect(halved.map(({ exact }) => exact)).toEqual([true]);
    for (const name of all) expect(distance(parts[name] as HostArray, whole[name] as HostArray), name).toBeLessThan(1e-4);
  });

  it('stops at 8 images where statistics of fewer would be needed', async () => {
    const source = new TrainingGradients(
      halving(shortOfMemory(5), () => {}),
      tinyNetwork,
      names,
    );
    await expect(source.gradients(batch, weights)).rejects.toBeInstanceOf(OutOfMemoryError);
    await source.dispose();
  });
});

describe('a process that really runs out of memory', () => {
  it.runIf(process.platform === 'linux')('halves until the batch fits, and computes the same', async () => {
    const script = join(import.meta.dirname, 'short-of-memory.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, '400', '512'], { timeout: 60_000 });
    const { raw, halved, shape, same } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
    expect(raw).toMatch(/^OutOfMemoryError: prediction: .*Failed to allocate memory/s);
    expect(halved.length).toBeGreaterThan(0);
    expect({ shape, same }).toEqual({ shape: [512, 64], same: true });
  });
});

describe('what runtimes say', () => {
  it.each([
    'CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size)',
    'std::bad_alloc',
    'ResourceExhaustedError: OOM when allocating tensor with shape[128,64,32,32]',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
  ])('is known as a lack of memory: %s', (text) => expect(faultOf('step', text)).toBeInstanceOf(OutOfMemoryError));

  it.each([
    'CUDA failure 700: an illegal memory access was encountered ; GPU=0',
    'CUDA failure 719: unspecified launch failure',
    'WebGPU: Device was lost',
  ])('is known as a lost device: %s', (text) => expect(faultOf('step', text)).toBeInstanceOf(DeviceLostError));

  it('is anything else otherwise, and names the step once', () => {
    const error = faultOf('step', 'step: Got invalid dimensions for input');
    expect([error.constructor.name, error.message]).toEqual(['EngineError', 'step: Got invalid dimensions for input']);
  });
});
