/** Files of other people's programs: their networks are found from names and shapes, and what these leave open is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchitectureName } from '../../../engine/config.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import type { TensorAbout } from '../../../engine/imports/family.ts';
import { normalisationIn, withoutNormalisation } from '../../../engine/imports/normalisation.ts';
import { recognise } from '../../../engine/imports/recognise.ts';
import { type ArchitectureOptions, buildNetwork, checkOptions } from '../../../engine/models/architectures.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { openCheckpointFile } from '../../../engine/weights/foreign-file.ts';
import { memorySource } from '../../../engine/weights/pytorch/source.ts';
import { officialShape } from '../../../engine/weights/state-dict.ts';
import { sharedFolder } from '../../helpers/datasets.ts';
import { loadPublicCheckpoint, type PublicCheckpointName, publicCheckpoints } from '../../helpers/public-checkpoints.ts';
import { refusalOf } from './refusal.ts';

type File = Map<string, TensorAbout>;

/** A file of these entries, given as `name 16x3x4x4`. */
const fileOf = (...entries: string[]): File =>
  new Map(
    entries.map((entry) => {
      const [name = '', shape = ''] = entry.split(' ');
      return [name, { shape: shape.split('x').map(Number), holdsFloats: true }];
    }),
  );

const conv = (name: string, shape: string) => [`${name}.weight ${shape}`, `${name}.bias ${shape.split('x')[0]}`];
const linear = conv;
const bareConv = (name: string, shape: string) => [`${name}.weight ${shape}`];
const norm = (name: string, channels: number) =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part} ${channels}`);

function networkFile(architecture: ArchitectureName, options: ArchitectureOptions, prefix = ''): File {
  const network = buildNetwork(architecture, options, cifar10);
  return new Map(parametersOf(network).map(({ name, shape }) => [prefix + name, { shape: officialShape(shape), holdsFloats: true }]));
}

/** Type, stride, padding and size of the layers. */
const shortly = (options: ArchitectureOptions) =>
  (options.layers as Record<string, unknown>[])
    .map(({ type, stride, padding }) => (type === 'conv' ? `conv/${stride}+${padding}` : type))
    .join(' ');

describe.skipIf(!sharedFolder)('a public checkpoint', () => {
  it.each(Object.keys(publicCheckpoints) as PublicCheckpointName[])('%s is the network that it is', (file) => {
    const bytes = new Uint8Array(readFileSync(join(sharedFolder as string, 'data/checkpoints', file)));
    const found = recognise(openCheckpointFile(memorySource(bytes)).tensors, {});
    const { architecture, options, dataset } = publicCheckpoints[file];
    expect(found).toMatchObject({ architecture, dataset: { name: dataset } });
    const { network } = loadPublicCheckpoint(file);
    expect(parametersOf(found.network)).toEqual(parametersOf(network));
    const checked = (given: ArchitectureOptions) => checkOptions(architecture, given);
    expect(JSON.stringify(checked(found.architectureOptions)).replaceAll(/"name":"[^"]*",/g, '')).toBe(
      JSON.stringify(checked(options)).replaceAll(/"name":"[^"]*",/g, ''),
    );
  });
});

describe("a network of RobustBench's", () => {
  it.each<[ArchitectureName, ArchitectureOptions, ArchitectureName, object]>([
    ['WIDE_RESNET', { depth: 28, widenFactor: 10 }, 'WRN28_10', {}],
    ['WIDE_RESNET', { depth: 34, widenFactor: 20 }, 'WIDE_RESNET', { depth: 34, widenFactor: 20, layout: 'TRADES', activation: 'relu' }],
    ['WIDE_RESNET', { depth: 40, widenFactor: 2 }, 'WIDE_RESNET', { depth: 40, widenFactor: 2 }],
    [
      'WIDE_RESNET',
      { depth: 70, widenFactor: 16, layout: 'DEEPMIND' },
      'WIDE_RESNET',
      { depth: 70, widenFactor: 16, layout: 'DEEPMIND', activation: 'silu' },
    ],
    ['PREACT_RESNET18', {}, 'PREACT_RESNET18', {}],
    ['PREACT_RESNET18', { finalNormalisation: false }, 'PREACT_RESNET18', { finalNormalisation: false, shortcutOf: 'RAW' }],
    ['PREACT_RESNET18', { layout: 'DEEPMIND' }, 'PREACT_RESNET18', { layout: 'DEEPMIND', activation: 'silu' }],
    ['RESNET18', {}, 'RESNET18', {}],
    ['RESNET_CIFAR', { depth: 56 }, 'RESNET_CIFAR', { depth: 56 }],
  ])('%s %j is found', (architecture, options, found, foundOptions) => {
    for (const prefix of ['', 'module.'])
      expect(recognise(networkFile(architecture, options, prefix), {})).toMatchObject({
        architecture: found,
        architectureOptions: foundOptions,
        dataset: { name: 'cifar10' },
      });
  });

  it('says what it took for granted, and takes what the caller says instead', () => {
    const file = networkFile('WIDE_RESNET', { depth: 10, widenFactor: 1, layout: 'DEEPMIND' });
    expect(recognise(file, {}).assumed).toEqual([expect.stringContaining('activation silu')]);
    const wish = { architecture: 'WIDE_RESNET' as const, architectureOptions: { activation: 'relu' } };
    expect(recognise(file, wish).architectureOptions).toMatchObject({ depth: 10, layout: 'DEEPMIND', activation: 'relu' });
  });

  it.each<[string, (name: string) => string, string[]]>([
    ['a head fc', (name) => name.replace('linear.', 'fc.'), []],
    [
      'a head of another name and downsample',
      (name) => name.replace('linear.', 'classifier.').replace('.shortcut.', '.downsample.'),
      ['no pooling'],
    ],
  ])('ResNet18 may have %s', (_what, rename, assumed) => {
    const file = new Map([...networkFile('RESNET18', {})].map(([name, about]) => [rename(name), about]));
    const found = recognise(file, {});
    expect(found.architecture).toBe('RESNET18');
    expect(found.assumed).toEqual(assumed.map((words) => expect.stringContaining(words)));
    expect(found.sources.get('linear.weight')).toBe(rename('linear.weight'));
    expect(found.sources.get('layer2.0.shortcut.0.weight')).toBe(rename('layer2.0.shortcut.0.weight'));
  });

  it('may be a pre-activation ResNet with a head fc', () => {
    const file = new Map([...networkFile('PREACT_RESNET18', {})].map(([name, about]) => [name.replace(/^linear\./, 'fc.'), about]));
    expect(recognise(file, {}).sources.get('linear.weight')).toBe('fc.weight');
  });

  it("with torchvision's first convolution of 7 x 7 goes on with its maximum", () => {
    const file = new Map([...networkFile('RESNET18', {})].map(([name, about]) => [name.replace('.shortcut.', '.downsample.'), about]));
    file.set('conv1.weight', { shape: [64, 3, 7, 7], holdsFloats: true });
    const { architectureOptions, assumed } = recognise(file, {});
    expect(architectureOptions.layers).toMatchObject([
      { type: 'conv', kernel: 7, stride: 2, padding: 3 },
      { type: 'batchNorm' },
      { type: 'relu' },
      { type: 'maxPool', size: 3, stride: 2, padding: 1 },
      ...Array(16).fill({}),
      { type: 'globalAveragePool' },
      { type: 'linear' },
    ]);
    expect(assumed).toEqual([expect.stringContaining('torchvision')]);
  });

  it('may be held twice by what attacks it, and is taken once', () => {
    const file = new Map(
      ['module.model.', 'module.attacker.model.'].flatMap((prefix) =>
        [...networkFile('RESNET18', {})].map(([name, about]) => [prefix + name, { ...about, place: name }]),
      ),
    );
    for (const name of ['module.normalizer.new_', 'module.attacker.normalize.new_'])
      for (const part of ['mean', 'std']) file.set(name + part, { shape: [3, 1, 1], holdsFloats: true, place: part });
    const found = recognise(file, {});
    expect(found).toMatchObject({ architecture: 'RESNET18', normalisation: { mean: 'module.normalizer.new_mean' } });
    expect(found.sources.get('conv1.weight')).toBe('module.model.conv1.weight');
    file.set('module.attacker.model.conv1.weight', { shape: [64, 3, 3, 3], holdsFloats: true, place: 'elsewhere' });
    expect(refusalOf(() => recognise(file, {})).fault).toBe('architecture');
  });

  it('may have counters beside its weights, and no number that could change what it computes', () => {
    const file = networkFile('RESNET18', {}, 'module.');
    file.set('n_averaged', { shape: [], holdsFloats: false });
    expect(recognise(file, {}).architecture).toBe('RESNET18');
    file.set('temperature', { shape: [], holdsFloats: true });
    expect(refusalOf(() => recognise(file, {}))).toMatchObject({ message: expect.stringContaining('temperature [] is there') });
  });

  it('may have its unused first stage, and its normalisation', () => {
    const file = networkFile('WIDE_RESNET', { depth: 34, widenFactor: 10 }, 'module.');
    for (const { name, shape } of buildNetwork('WRN34_10', {}, cifar10).unused?.parameters ?? [])
      file.set(`module.${name}`, { shape: officialShape(shape), holdsFloats: true });
    file.set('module.mu', { shape: [1, 3, 1, 1], holdsFloats: true });
    file.set('module.sigma', { shape: [1, 3, 1, 1], holdsFloats: true });
    const found = recognise(file, {});
    expect(found).toMatchObject({ architecture: 'WRN34_10', normalisation: { mean: 'module.mu', deviation: 'module.sigma' } });
    expect(found.sources.get('conv1.weight')).toBe('module.conv1.weight');
  });
});

describe('a normalisation in a file', () => {
  const tensor = (...values: number[]) => ({ shape: [values.length], holdsFloats: true, floats: () => Float32Array.from(values) });
  it('is read for pixels in [0, 1], and refused for others', () => {
    const file = new Map([
      ['0.mean', tensor(0.485, 0.456, 0.406)],
      ['0.std', tensor(0.229, 0.224, 0.225)],
    ]);
    const { normalisation } = withoutNormalisation(file);
    expect(normalisationIn(file, normalisation, 3)).toEqual({ mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] });
    file.set('0.mean', tensor(0.5));
    expect(normalisationIn(file, normalisation, 3)?.mean).toEqual([0.5, 0.5, 0.5]);
    file.set('0.mean', tensor(123.7, 116.3, 103.5));
    expect(refusalOf(() => normalisationIn(file, normalisation, 3))).toMatchObject({ fault: 'normalisation' });
    for (const [mean, deviation] of [
      ['means', 'sds'],
      ['_mean', '_std'],
    ])
      expect(withoutNormalisation(fileOf(`n.${mean} 3`, `n.${deviation} 3`)).normalisation).toEqual({
        mean: `n.${mean}`,
        deviation: `n.${deviation}`,
      });
    expect(withoutNormalisation(fileOf(...norm('bn', 3))).normalisation).toBeUndefined();
  });
});

describe('a small ResNet', () => {
  const block = (name: string, inputs: number, outputs: number, normalised: boolean, shortcut = false) => {
    const one = normalised ? bareConv : conv;
    const behind = (module: string) => (normalised ? norm(module, outputs) : []);
    return [
      ...one(`${name}.conv1`, `${outputs}x${inputs}x3x3`),
      ...behind(`${name}.bn1`),
      ...one(`${name}.conv2`, `${outputs}x${outputs}x3x3`),
      ...behind(`${name}.bn2`),
      ...(shortcut ? [...one(`${name}.shortcut.0`, `${outputs}x${inputs}x1x1`), ...behind(`${name}.shortcut.1`)] : []),
    ];
  };
  const stage = (name: string, inputs: number, outputs: number, normalised: boolean) => [
    ...block(`${name}.0`, inputs, outputs, normalised, true),
    ...block(`${name}.1`, outputs, outputs, normalised),
  ];

  it.each([
    [
      'of one stage without batch normalisation',
      false,
      4,
      1,
      [...linear('linear1', '100x512'), ...linear('linear2', '10x100')],
      'flatten linear relu linear',
    ],
    [
      'of one stage with batch normalisation',
      true,
      16,
      1,
      [...linear('linear1', '100x2048'), ...linear('linear2', '10x100')],
      'flatten linear relu linear',
    ],
    ['of one stage, averaged by fours', true, 8, 1, linear('linear', '10x64'), 'averagePool flatten linear'],
    ['of two stages, averaged by fours', false, 8, 2, linear('linear', '10x16'), 'globalAveragePool linear'],
  ] as const)('%s is found at any width', (_what, normalised, width, stages, heads, end) => {
    const stem = normalised ? [...bareConv('conv1', `${width}x3x3x3`), ...norm('bn1', width)] : conv('conv1', `${width}x3x3x3`);
    const second = stages === 2 ? stage('layer2', 2 * width, 2 * width, normalised) : [];
    const file = fileOf(...stem, ...stage('layer1', width, 2 * width, normalised), ...second, ...heads);
    const found = recognise(file, {});
    expect(found).toMatchObject({ architecture: 'SEQUENTIAL', dataset: { name: 'cifar10' } });
    expect(shortly(found.architectureOptions)).toMatch(new RegExp(`^conv/2\\+1 (batchNorm )?relu (residual relu )+${end}$`));
    expect([...found.sources.values()].toSorted()).toEqual([...file.keys()].toSorted());
  });

  it('whose first convolution keeps its maps is told by its linear layer, and by a mean not at all', () => {
    const stem = conv('conv1', '8x3x3x3');
    const heads = [...linear('linear1', '100x4096'), ...linear('linear2', '10x100')];
    const found = recognise(fileOf(...stem, ...stage('layer1', 8, 16, false), ...heads), {});
    expect(shortly(found.architectureOptions)).toMatch(/^conv\/1\+1 relu (residual relu )+flatten linear/);
    const more = [...stage('layer2', 16, 32, false), ...stage('layer3', 32, 64, false)];
    const mean = fileOf(...stem, ...stage('layer1', 8, 16, false), ...more, ...linear('linear', '10x64'));
    expect(refusalOf(() => recognise(mean, {}))).toMatchObject({
      ...{ fault: 'architectureOptions', message: expect.stringContaining('stride of 1 or 2') },
    });
  });

  it('of four stages keeps its maps in the first', () => {
    const widths = [2, 4, 8, 16];
    const stages = widths.flatMap((width, index) => [
      ...block(`layer${index + 1}.0`, index === 0 ? 2 : width / 2, width, true, index > 0),
      ...block(`layer${index + 1}.1`, width, width, true),
    ]);
    const file = fileOf(...bareConv('conv1', '2x3x3x3'), ...norm('bn1', 2), ...stages, ...linear('linear', '10x16'));
    const layers = recognise(file, {}).architectureOptions.layers as { type: string; layers?: { stride: number }[] }[];
    const strides = layers.filter(({ type }) => type === 'residual').map(({ layers: inner }) => inner?.[0]?.stride);
    expect(strides).toEqual([1, 1, 2, 1, 2, 1, 2, 1]);
  });
});

describe('a chain of layers', () => {
  it.each([
    [
      'conv_big of ERAN',
      [
        ...conv('0', '32x3x3x3'),
        ...conv('2', '32x32x4x4'),
        ...conv('4', '64x32x3x3'),
        ...conv('6', '64x64x4x4'),
        ...linear('9', '512x4096'),
        ...linear('11', '512x512'),
        ...linear('13', '10x512'),
      ],
      'conv/1+1 relu conv/2+1 relu conv/1+1 relu conv/2+1 relu flatten linear relu linear relu linear',
    ],
    [
      'CNN-B, behind a frame of zeros',
      [...conv('1', '32x3x5x5'), ...conv('3', '128x32x4x4'), ...linear('6', '250x8192'), ...linear('8', '10x250')],
      'conv/2+1,2,1,2 relu conv/2+1 relu flatten linear relu linear',
    ],
    [
      'named layers',
      [...conv('conv1', '16x3x4x4'), ...conv('conv2', '32x16x4x4'), ...linear('fc1', '100x2048'), ...linear('fc2', '10x100')],
      'conv/2+1 relu conv/2+1 relu flatten linear relu linear',
    ],
    [
      'batch normalisation behind every convolution',
      [...bareConv('0', '16x3x4x4'), ...norm('1', 16), ...conv('3', '32x16x4x4'), ...norm('4', 32), ...linear('7', '10x1152')],
      'conv/2+0 batchNorm relu conv/2+0 batchNorm relu flatten linear',
    ],
    [
      'pooling between, by its numbers',
      [...conv('0', '8x3x3x3'), ...conv('3', '16x8x3x3'), ...linear('7', '10x1024')],
      'conv/1+1 relu maxPool conv/1+1 relu maxPool flatten linear',
    ],
    [
      'cnn_7layer_bn of alpha-beta-CROWN, which becomes smaller where it becomes wider',
      [
        ...[...conv('0', '8x3x3x3'), ...norm('1', 8), ...conv('3', '8x8x3x3'), ...norm('4', 8), ...conv('6', '16x8x3x3'), ...norm('7', 16)],
        ...[...conv('9', '16x16x3x3'), ...norm('10', 16), ...conv('12', '16x16x3x3'), ...norm('13', 16)],
        ...[...linear('16', '32x4096'), ...norm('17', 32), ...linear('19', '10x32')],
      ],
      'conv/1+1 batchNorm relu conv/1+1 batchNorm relu conv/2+1 batchNorm relu conv/1+1 batchNorm relu conv/1+1 batchNorm relu flatten linear batchNorm relu linear',
    ],
    ['linear layers alone', [...linear('1', '20x3072'), ...linear('3', '10x20')], 'flatten linear relu linear'],
    [
      'twelve layers, whose numbers the alphabet has in another order',
      [...conv('0', '8x3x3x3'), ...conv('2', '16x8x4x4'), ...conv('10', '16x16x4x4'), ...linear('13', '10x1024')],
      'conv/1+1 relu conv/2+1 relu conv/2+1 relu flatten linear',
    ],
    [
      'two lists, of which the alphabet has the last first',
      [...conv('features.0', '8x3x4x4'), ...conv('features.2', '16x8x4x4'), ...linear('classifier.1', '10x1024')],
      'conv/2+1 relu conv/2+1 relu flatten linear',
    ],
    [
      "the one of PyTorch's tutorial, without padding",
      [...conv('conv1', '6x3x5x5'), ...conv('conv2', '16x6x5x5'), ...linear('fc1', '120x400'), ...linear('fc2', '10x120')],
      'conv/1+0 relu maxPool conv/1+0 relu maxPool flatten linear relu linear',
    ],
    [
      "Carlini and Wagner's",
      [
        ...[...conv('0', '8x3x3x3'), ...conv('2', '8x8x3x3'), ...conv('5', '16x8x3x3'), ...conv('7', '16x16x3x3')],
        ...[...linear('11', '32x400'), ...linear('13', '10x32')],
      ],
      'conv/1+0 relu conv/1+0 relu maxPool conv/1+0 relu conv/1+0 relu maxPool flatten linear relu linear',
    ],
    [
      'a VGG, which halves its maps down to one position',
      [
        ...[...bareConv('features.0', '8x3x3x3'), ...norm('features.1', 8), ...bareConv('features.4', '8x8x3x3'), ...norm('features.5', 8)],
        ...[
          ...bareConv('features.8', '8x8x3x3'),
          ...norm('features.9', 8),
          ...bareConv('features.12', '8x8x3x3'),
          ...norm('features.13', 8),
        ],
        ...[...bareConv('features.15', '8x8x3x3'), ...norm('features.16', 8), ...bareConv('features.19', '8x8x3x3')],
        ...[...norm('features.20', 8), ...linear('classifier', '10x8')],
      ],
      `${'conv/1+1 batchNorm relu maxPool '.repeat(3)}conv/1+1 batchNorm relu conv/1+1 batchNorm relu maxPool conv/1+1 batchNorm relu maxPool globalAveragePool linear`,
    ],
    [
      'a batch normalisation in front, and no room for an activation behind it',
      [...norm('0', 3), ...conv('1', '8x3x4x4'), ...conv('3', '16x8x4x4'), ...linear('6', '10x1024')],
      'batchNorm conv/2+1 relu conv/2+1 relu flatten linear',
    ],
    [
      "TRADES' SmallCNN of another width",
      [
        ...[...conv('feature_extractor.conv1', '16x3x3x3'), ...conv('feature_extractor.conv2', '16x16x3x3')],
        ...[...conv('feature_extractor.conv3', '32x16x3x3'), ...conv('feature_extractor.conv4', '32x32x3x3')],
        ...[...linear('classifier.fc1', '50x800'), ...linear('classifier.fc2', '10x50')],
      ],
      'conv/1+0 relu conv/1+0 relu maxPool conv/1+0 relu conv/1+0 relu maxPool flatten linear relu linear',
    ],
  ])('is solved for %s', (_what, entries, expected) => {
    for (const prefix of ['', 'model.', 'module.', 'alphabetic.']) {
      const named = entries.map((entry) => prefix + entry);
      const found = recognise(fileOf(...(prefix === 'alphabetic.' ? named.toSorted() : named)), {});
      expect(found).toMatchObject({ architecture: 'SEQUENTIAL', dataset: { name: 'cifar10' } });
      expect(shortly(found.architectureOptions)).toBe(expected);
    }
  });

  it('that may move in several ways is refused with them, and taken when its layers are given', () => {
    const file = fileOf(...conv('0', '8x3x3x3'), ...conv('2', '8x8x3x3'), ...linear('5', '10x2048'));
    const refused = refusalOf(() => recognise(file, {}));
    expect(refused.fault).toBe('architectureOptions');
    expect(refused.message).toMatch(/stride 1, padding 1 \| stride 2, padding 1.*stride 2, padding 1 \| stride 1, padding 1.*layers/);
    const first = { type: 'conv', filters: 8, padding: 1, stride: 2 };
    const layers = [first, { type: 'relu' }, { ...first, stride: 1 }, { type: 'relu' }, { type: 'flatten' }, { type: 'linear' }];
    const given = { architecture: 'SEQUENTIAL' as const, architectureOptions: { layers } };
    expect(recognise(file, given)).toMatchObject(given);
  });

  it('that ends in a mean does not show how it moves, and is refused', () => {
    const file = fileOf(...conv('0', '8x3x3x3'), ...conv('2', '16x8x3x3'), ...linear('6', '10x16'));
    expect(refusalOf(() => recognise(file, { dataset: 'cifar10' }))).toMatchObject({
      ...{ fault: 'architectureOptions', message: expect.stringContaining('mean over maps of any size') },
    });
    const deep = Array.from({ length: 20 }, (_, index) => conv(`conv${index}`, `8x${index === 0 ? 3 : 8}x3x3`)).flat();
    expect(refusalOf(() => recognise(fileOf(...deep, ...linear('fc', '10x8')), { dataset: 'cifar10' })).fault).toBe('architectureOptions');
  });

  it('that no stride and padding make fit is refused with what was found and expected', () => {
    const file = fileOf(...conv('0', '16x3x4x4'), ...conv('2', '32x16x4x4'), ...linear('5', '10x999'));
    expect(refusalOf(() => recognise(file, { dataset: 'cifar10' })).message).toMatch(/5\.weight is \[10, 999\], expected \[10, \d+\]/);
  });
});

describe('a transformer', () => {
  it('is asked for its heads, which no shape shows', () => {
    const options = { patch: 4, dim: 48, depth: 2, heads: 3, mlpRatio: 2 };
    const file = networkFile('VIT', options);
    expect(refusalOf(() => recognise(file, { dataset: 'cifar10' })).message).toContain('heads');
    const given = { architecture: 'VIT' as const, architectureOptions: { heads: 3 } };
    expect(recognise(file, given).architectureOptions).toEqual(options);
    const timm = new Map(
      [...file].map(([name, about]) => [
        name
          .replace('patch_embed.', 'patch_embed.proj.')
          .replace('norm_out.', 'norm.')
          .replace(/(\d)\.(qkv|proj)\./, '$1.attn.$2.')
          .replace(/(\d)\.(fc\d)\./, '$1.mlp.$2.'),
        about,
      ]),
    );
    expect(recognise(timm, given).architectureOptions).toEqual(options);
  });
});
