import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import type { ArchitectureName } from '../../../engine/config.ts';
import { batchOf } from '../../../engine/data/batches.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { mnist } from '../../../engine/data/mnist.ts';
import { buildNetwork, networkLabel } from '../../../engine/models/architectures.ts';
import { modules, parametersOfNetwork } from '../../../engine/models/describe.ts';
import { moduleParameters } from '../../../engine/models/modules.ts';
import { forward, logits, type Network, parametersOf } from '../../../engine/models/network.ts';
import { resnet } from '../../../engine/models/resnet.ts';
import { wideResnet } from '../../../engine/models/wide-resnet.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { syntheticSet } from '../synthetic.ts';

describe('a network in words', () => {
  it.each([
    ['RESNET18', {}, 'ResNet18'],
    ['RESNET_CIFAR', { depth: 56 }, 'ResNet-56 (CIFAR)'],
    ['WIDE_RESNET', { depth: 70, widenFactor: 16 }, 'WRN70-16'],
    ['WIDE_RESNET', { depth: 28, widenFactor: 10, layout: 'DEEPMIND', activation: 'silu' }, 'WRN28-10 (silu)'],
    ['PREACT_RESNET18', { activation: 'silu' }, 'PreActResNet18 (silu)'],
    ['VIT', { patch: 4, dim: 192, depth: 6, heads: 3 }, 'ViT/4 (6 × 192)'],
    [
      'SEQUENTIAL',
      {
        layers: [
          { type: 'conv', filters: 8 },
          { type: 'residual', layers: [{ type: 'conv', filters: 8, padding: 1 }], shortcut: [{ type: 'conv', filters: 8, kernel: 1 }] },
          { type: 'flatten' },
          { type: 'linear' },
        ],
      },
      'Sequential (3 conv, 1 linear)',
    ],
    ['RESNET_CIFAR', {}, 'ResNet-d (CIFAR)'],
    ['WideResNet-94-16', {}, 'WideResNet-94-16'],
  ])('%s with %j is %s', (name, options, words) => {
    expect(networkLabel(name, options)).toBe(words);
  });
});

describe('parameter counts', () => {
  const published: [ArchitectureName, number][] = [
    ['RESNET18', 11_173_962],
    ['RESNET34', 21_282_122],
    ['WRN28_10', 36_479_194],
    ['WRN34_10', 46_160_474],
    ['RESNET8', 78_042],
  ];
  it.each(published)('%s has %i for ten classes', (architecture, parameters) => {
    expect(parametersOfNetwork({ architecture }, cifar10)).toBe(parameters);
  });

  it('SMALL_CNN has that of TRADES on MNIST, and takes CIFAR-10', () => {
    expect(parametersOfNetwork({ architecture: 'SMALL_CNN' }, mnist)).toBe(312_202);
    expect(modules({ architecture: 'SMALL_CNN' }, cifar10).find(({ name }) => name === 'classifier.fc1')?.shape).toEqual([200, 64 * 5 * 5]);
  });
});

describe('modules', () => {
  it('are the convolutions and linear modules in network order, with PyTorch shapes', () => {
    const listed = modules({ architecture: 'RESNET8' }, cifar10);
    expect(listed.map(({ name }) => name)).toEqual([
      'conv1',
      'layer1.0.conv1',
      'layer1.0.conv2',
      'layer2.0.conv1',
      'layer2.0.conv2',
      'layer2.0.shortcut.0',
      'layer3.0.conv1',
      'layer3.0.conv2',
      'layer3.0.shortcut.0',
      'linear',
    ]);
    expect(listed[3]).toEqual({ name: 'layer2.0.conv1', shape: [32, 16, 3, 3], parameters: 4608, block: 2 });
    expect(listed[9]).toEqual({ name: 'linear', shape: [10, 64], parameters: 650, block: 4 });
  });

  it('bear the official names', () => {
    const names = (architecture: ArchitectureName) => parametersOf(buildNetwork(architecture, {}, cifar10)).map(({ name }) => name);
    expect(names('WRN34_10')).toEqual(
      expect.arrayContaining([
        'conv1.weight',
        'block1.layer.0.convShortcut.weight',
        'block3.layer.4.bn2.running_var',
        'bn1.bias',
        'fc.weight',
      ]),
    );
    expect(names('WRN34_10')).not.toContain('block1.layer.1.convShortcut.weight');
    expect(names('RESNET18')).toEqual(expect.arrayContaining(['layer4.1.conv2.weight', 'layer2.0.shortcut.1.running_mean']));
    expect(names('SMALL_CNN').slice(0, 2)).toEqual(['feature_extractor.conv1.weight', 'feature_extractor.conv1.bias']);
  });

  it('own their weight and bias, and nothing else of the same beginning', () => {
    const network = buildNetwork('RESNET8', {}, cifar10);
    expect(moduleParameters(network, ['linear', 'conv1'])).toEqual(['conv1.weight', 'linear.weight', 'linear.bias']);
    expect(() => moduleParameters(network, ['layer9'])).toThrow('RESNET8 has no module "layer9".');
  });
});

describe('forward passes', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await chooseBackend();
  });
  afterAll(() => backend.dispose());

  const input = { shape: [16, 16, 3] as const, classes: 3, normalisation: cifar10.normalisation };
  const networks: [string, Network][] = [
    ['a ResNet', resnet('tiny', input, [2, 1], 4)],
    ['a wide ResNet', wideResnet('tiny', input, { depth: 10, widenFactor: 1 })],
    ['the small CNN', buildNetwork('SMALL_CNN', {}, input)],
  ];

  async function run(network: Network, images: HostArray, compute: (images: Tensor, weights: Record<string, Tensor>) => Tensor) {
    const step = backend.compile('pass', (inputs) => ({ out: compute(inputs.images as Tensor, inputs) }), {
      parallelism: 'threads',
      constants: { ...initialWeights(network, 3) },
    });
    const { out } = await step.run({ images });
    await step.dispose();
    return out as HostArray;
  }

  it.each(networks)('of %s may stop and start before any block', async (_name, network) => {
    const { images } = batchOf(syntheticSet(4, [16, 16, 3]), [0, 1, 2, 3]);
    const whole = await run(network, images, (x, weights) => logits(network, weights, x, 'evaluation'));
    expect(whole.shape).toEqual([4, 3]);
    for (let block = 1; block < network.blocks.length; block++) {
      const hidden = await run(network, images, (x, weights) => forward(network, weights, x, 'evaluation', { to: block }));
      const rest = await run(network, hidden, (x, weights) => logits(network, weights, x, 'evaluation', block));
      for (const [index, value] of rest.data.entries()) expect(value).toBeCloseTo(whole.data[index] as number, 5);
    }
  });

  it('take single channels and other sizes', async () => {
    const grey = resnet('tiny', mnist, [1, 1], 4);
    const { images } = batchOf(syntheticSet(2, mnist.shape), [0, 1]);
    expect((await run(grey, images, (x, weights) => logits(grey, weights, x, 'evaluation'))).shape).toEqual([2, 10]);
  });
});
