import { type Scalar, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { batchOf } from '../../../engine/data/batches.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { differentiate } from '../../../engine/models/differentiate.ts';
import { modulesOf } from '../../../engine/models/modules.ts';
import { logits, type Mode, parametersOf } from '../../../engine/models/network.ts';
import { OptionsError } from '../../../engine/models/options-error.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { syntheticSet } from '../synthetic.ts';

const input = { shape: [12, 12, 3] as const, classes: 3, normalisation: { mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.25, 0.3] } };
const build = (layers: unknown[]) => buildNetwork('SEQUENTIAL', { layers }, input);

/** A network with a layer of every kind. */
const everything = [
  { type: 'conv', filters: 16, kernel: 4, stride: 2, padding: [1, 2, 1, 2] },
  { type: 'batchNorm' },
  { type: 'silu' },
  { type: 'conv', filters: 8, padding: 1, bias: false },
  { type: 'leakyRelu', slope: 0.1 },
  { type: 'maxPool', size: 3, stride: 2, padding: 1 },
  {
    type: 'residual',
    name: 'block',
    layers: [
      { type: 'conv', name: 'conv1', filters: 16, padding: 1 },
      { type: 'batchNorm', name: 'bn1' },
      { type: 'gelu' },
      { type: 'conv', filters: 16, padding: 1 },
    ],
    shortcut: [{ type: 'conv', filters: 16, kernel: 1 }],
  },
  { type: 'elu' },
  { type: 'residual', layers: [{ type: 'batchNorm' }, { type: 'tanh' }] },
  { type: 'averagePool', size: 2, stride: 1 },
  { type: 'softplus' },
  { type: 'flatten' },
  { type: 'linear', outputs: 6, bias: false },
  { type: 'batchNorm' },
  { type: 'sigmoid' },
  { type: 'linear' },
];

describe('a network described layer by layer', () => {
  it('has names of its own or those of positions, as torch.nn has them', () => {
    const network = build(everything);
    expect(modulesOf(network).map(({ name, shape, block }) => [name, shape.join('x'), block])).toEqual([
      ['0', '16x3x4x4', 0],
      ['3', '8x16x3x3', 1],
      ['block.conv1', '16x8x3x3', 2],
      ['block.3', '16x16x3x3', 2],
      ['block.shortcut.0', '16x8x1x1', 2],
      ['12', '6x64', 3],
      ['15', '3x6', 4],
    ]);
    const names = parametersOf(network).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['0.bias', '1.running_var', 'block.bn1.weight', '8.layers.0.bias', '13.weight', '15.bias']),
    );
    expect(names).not.toContain('3.bias');
    expect(names).not.toContain('12.bias');
  });

  const conv = { type: 'conv', filters: 4 };
  const end = [{ type: 'flatten' }, { type: 'linear' }];
  const refused: [string, unknown[], RegExp, (string | number)[]][] = [
    ['no layers', [], /must be/i, ['layers']],
    ['a layer of no kind', [{ type: 'lstm' }], /^Must be one of conv, linear/, ['layers', 0, 'type']],
    ['a setting of no layer', [{ ...conv, dilation: 2 }], /dilation/, ['layers', 0, 'dilation']],
    ['padding of no kind', [{ ...conv, padding: 'same' }], /^Must be a number$/, ['layers', 0, 'padding']],
    ['a kernel of no size', [{ ...conv, kernel: 0 }], /must be/i, ['layers', 0, 'kernel']],
    [
      'a fault inside a residual',
      [{ type: 'residual', layers: [{ ...conv, filters: -1 }] }],
      /must be/i,
      ['layers', 0, 'layers', 0, 'filters'],
    ],
    ['a kernel larger than the image', [{ ...conv, kernel: 13 }], /13×13 does not fit on maps of 12×12×3/, ['layers', 0, 'kernel']],
    [
      'a window larger than the image',
      [conv, { type: 'maxPool', size: 12 }],
      /12×12 does not fit on maps of 10×10×4/,
      ['layers', 1, 'size'],
    ],
    ['a linear layer on maps', [conv, { type: 'linear' }], /gets maps of 10×10×4/, ['layers', 1]],
    ['a convolution of a row', [{ type: 'flatten' }, conv], /needs maps, and gets 432 numbers/, ['layers', 1]],
    ['a shortcut of another shape', [{ type: 'residual', layers: [conv] }, ...end], /10×10×4.*12×12×3/, ['layers', 0, 'shortcut']],
    [
      'logits of other classes',
      [{ type: 'flatten' }, { type: 'linear', outputs: 4 }],
      /gives \[4\]; the dataset has 3 classes/,
      ['layers', 1],
    ],
    ['names given twice', [{ ...conv, name: '1' }, { ...conv }, ...end], /the name 1\.weight/, ['layers']],
    ['a name that is none', [{ ...conv, name: '../a' }, ...end], /A name consists of/, ['layers', 0, 'name']],
    ['no weights', [{ type: 'globalAveragePool' }], /needs a conv or linear layer/, ['layers']],
    [
      'more parameters than memory',
      [{ type: 'flatten' }, { type: 'linear', outputs: 1e6 }, { type: 'linear', outputs: 1000 }, { type: 'linear' }],
      /at most/,
      [],
    ],
  ];
  it.each(refused)('is refused with %s, and says where', (_, layers, message, path) => {
    const attempt = () => build(layers);
    expect(attempt).toThrow(OptionsError);
    expect(attempt).toThrow(message);
    try {
      attempt();
    } catch (error) {
      expect((error as OptionsError).path).toEqual(path);
    }
  });

  it('may be nested as deep as is useful, not deeper', () => {
    const nest = (depth: number): unknown => (depth === 0 ? { type: 'relu' } : { type: 'residual', layers: [nest(depth - 1)] });
    expect(() => build([nest(4), ...end])).not.toThrow();
    expect(() => build([nest(5), ...end])).toThrow(OptionsError);
    expect(() => build([nest(3000), ...end])).toThrow(OptionsError);
  });

  describe.each(['evaluation', 'training'] as const)('in %s mode', (mode) => {
    const network = build(everything);
    const weights = initialWeights(network, 3);
    const results = new Map<string, Record<string, HostArray>>();
    let backends: Backend[];
    beforeAll(async () => {
      backends = await Promise.all([chooseBackend(), chooseBackend({ name: 'cpu' })]);
      const { images } = batchOf(syntheticSet(6, [12, 12, 3]), [0, 1, 2, 3, 4, 5]);
      for (const backend of backends) {
        const names = parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
        const step = backend.compile(
          'gradients',
          (inputs) => {
            const variables = Object.fromEntries(['images', ...names].map((name) => [name, inputs[name] as Tensor]));
            const run: Mode = mode === 'evaluation' ? mode : { statistics: {} };
            const compute = () => {
              const output = logits(network, inputs, inputs.images as Tensor, run);
              return { loss: sum(square(output)) as Scalar, kept: { output } };
            };
            const { gradients, kept } = differentiate(variables, compute);
            return { ...gradients, ...kept };
          },
          { parallelism: 'threads' },
        );
        results.set(backend.name, await step.run({ ...weights, images }));
        await step.dispose();
      }
    });
    afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

    it('has the outputs and gradients that tfjs alone gives', () => {
      const [onnx, cpu] = ['onnx', 'cpu'].map((name) => results.get(name)) as [Record<string, HostArray>, Record<string, HostArray>];
      expect(Object.keys(onnx)).toHaveLength(2 + parametersOf(network).filter(({ trained }) => trained).length);
      for (const [name, { data }] of Object.entries(cpu)) {
        const found = (onnx[name] as HostArray).data;
        // The gradient of a bias in front of a normalisation is 0 but for rounding.
        const largest = Math.max(0.02, ...data.map(Math.abs));
        const apart = Math.max(...Array.from(data, (value, index) => Math.abs(value - (found[index] as number))));
        expect(apart / largest, name).toBeLessThan(2e-4);
      }
    });
  });
});
