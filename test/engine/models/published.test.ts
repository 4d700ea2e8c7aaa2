/**
 * Architectures of published checkpoints against the classes that their authors published: number of parameters, and the output on
 * fixed weights and a fixed image, computed by PyTorch in float64 with RobustBench's classes (ResNet-20: akamaster's).
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import type { ArchitectureName } from '../../../engine/config.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { type ArchitectureOptions, architectureNames, architectureOf, buildNetwork } from '../../../engine/models/architectures.ts';
import { parametersOfNetwork } from '../../../engine/models/describe.ts';
import { logits, parametersOf } from '../../../engine/models/network.ts';
import { sizeOf } from '../../../engine/ops/arrays.ts';
import { fromOfficial, officialShape } from '../../../engine/weights/state-dict.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { distance } from '../arrays.ts';

/** A number in [-1, 1) that PyTorch makes too. */
function numberAt(index: number, phase: number): number {
  const value = Math.sin(index * 12.9898 + phase * 78.233) * 43758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

/** Numbers by the name of their tensor: millions of sines, of which networks share many. */
const drawn = new Map<string, Float64Array>();

function numbersFor(name: string, count: number): Float64Array {
  const known = drawn.get(name);
  if (known?.length === count) return known;
  const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) numbers[index] = numberAt(index, phase);
  drawn.set(name, numbers);
  return numbers;
}

function scaleOf(name: string, shape: readonly number[]): { offset: number; factor: number } {
  if (shape.length > 1) return { offset: 0, factor: Math.sqrt(2 / sizeOf(shape.slice(1))) };
  if (name.endsWith('running_var')) return { offset: 1, factor: 0.5 };
  return name.endsWith('weight') ? { offset: 1, factor: 0.2 } : { offset: 0, factor: 0.1 };
}

/** Filled in PyTorch's layout, each tensor by its name. */
function fixedWeights(architecture: ArchitectureName, options: ArchitectureOptions): Weights {
  const entries = parametersOf(buildNetwork(architecture, options, cifar10)).map(({ name, shape }) => {
    const official = officialShape(shape);
    const { offset, factor } = scaleOf(name, official);
    const numbers = numbersFor(name, sizeOf(shape));
    const data = new Float32Array(numbers.length);
    for (let index = 0; index < data.length; index++) data[index] = offset + factor * (numbers[index] as number);
    return [name, fromOfficial(name, { dtype: 'F32', shape: official, bytes: new Uint8Array(data.buffer) })] as const;
  });
  return Object.fromEntries(entries);
}

const image: HostArray = (() => {
  const official = Float32Array.from({ length: 3 * 32 * 32 }, (_, index) => Math.sin(index * 0.37) * 0.5 + 0.5);
  const data = Float32Array.from({ length: official.length }, (_, index) => official[(index % 3) * 1024 + Math.floor(index / 3)] as number);
  return { shape: [1, 32, 32, 3], dtype: 'float32', data };
})();

const published: [ArchitectureName, ArchitectureOptions, number, number[]][] = [
  [
    'WIDE_RESNET',
    { depth: 16, widenFactor: 2 },
    691674,
    [-0.8672, -0.01845, 0.83102, -0.67222, -0.30357, -0.4482, -0.00288, 0.62167, 0.01467, -0.14095],
  ],
  [
    'WIDE_RESNET',
    { depth: 16, widenFactor: 2, layout: 'DEEPMIND', activation: 'silu' },
    691674,
    [-0.22108, -0.04652, 0.11561, -0.13462, -0.01439, -0.0336, 0.16141, -0.01576, 0.10383, -0.05303],
  ],
  ['RESNET18', {}, 11173962, [0.21766, 0.07741, -0.36634, -0.02321, -0.01877, 0.81965, -0.63202, -0.00908, 0.01976, 0.04548]],
  ['PREACT_RESNET18', {}, 11172170, [0.39345, 0.04624, -0.39204, 0.14636, -0.08872, 0.62235, -0.5059, -0.07727, 0.07051, -0.01603]],
  [
    'PREACT_RESNET18',
    { finalNormalisation: false, shortcutOf: 'RAW' },
    11171146,
    [0.24171, 0.02881, -0.01895, 0.7013, -0.02557, 0.63996, 0.29122, -0.08137, 0.1974, -0.13555],
  ],
  [
    'PREACT_RESNET18',
    { layout: 'DEEPMIND', activation: 'silu' },
    12548426,
    [-0.14489, 0.31365, 0.1837, -0.06245, -0.23452, -0.40971, -0.08106, -0.01947, 0.13875, 0.12431],
  ],
  ['RESNET_CIFAR', { depth: 20 }, 269722, [0.54312, 0.13083, -0.53056, 0.73882, -0.60692, 1.16854, -0.05555, 0.38941, 0.84748, -0.37819]],
];

describe('a published architecture', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await chooseBackend();
  });
  afterAll(() => {
    drawn.clear();
    return backend.dispose();
  });

  it.each(published)('%s %j has %i parameters and the output of its class', async (architecture, options, parameters, expected) => {
    expect(parametersOfNetwork({ architecture, architectureOptions: options }, cifar10)).toBe(parameters);
    const network = buildNetwork(architecture, options, cifar10);
    const step = backend.compile('logits', (inputs) => ({ out: logits(network, inputs, inputs.images as Tensor, 'evaluation') }), {
      parallelism: 'threads',
      constants: { ...fixedWeights(architecture, options) },
    });
    const { out } = await step.run({ images: image });
    await step.dispose();
    expect(distance(out as HostArray, { shape: [1, 10], dtype: 'float32', data: Float32Array.from(expected) })).toBeLessThan(1e-4);
  });

  it.each<[ArchitectureName, ArchitectureOptions, number]>([
    ['WIDE_RESNET', { depth: 28, widenFactor: 10 }, 36_479_194],
    ['WIDE_RESNET', { depth: 34, widenFactor: 10, layout: 'DEEPMIND' }, 46_160_474],
    ['WIDE_RESNET', { depth: 34, widenFactor: 20 }, 184_531_674],
    ['WIDE_RESNET', { depth: 70, widenFactor: 16, layout: 'DEEPMIND' }, 266_796_506],
    ['RESNET_CIFAR', { depth: 32 }, 464_154],
    ['RESNET_CIFAR', { depth: 44 }, 658_586],
    ['RESNET_CIFAR', { depth: 56 }, 853_018],
    ['RESNET_CIFAR', { depth: 110 }, 1_727_962],
    ['VIT_TINY', {}, 5_362_762],
  ])('%s %j has %i parameters', (architecture, architectureOptions, parameters) => {
    expect(parametersOfNetwork({ architecture, architectureOptions }, cifar10)).toBe(parameters);
  });

  it('builds from the example that pages show', () => {
    for (const name of architectureNames) {
      const { example, description } = architectureOf(name);
      expect(() => buildNetwork(name, example ?? {}, cifar10), name).not.toThrow();
      for (const option of Object.keys(example ?? {})) expect(description).toContain(option);
    }
  });
});
