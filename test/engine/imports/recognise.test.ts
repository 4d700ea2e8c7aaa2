/** A state dict is recognised by names and shapes, whatever wraps it; what fits no network is refused with what was found. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchitectureName } from '../../../engine/config.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import type { TensorAbout } from '../../../engine/imports/family.ts';
import { readFile } from '../../../engine/imports/read-file.ts';
import { recognise } from '../../../engine/imports/recognise.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { formatSafetensors } from '../../../engine/weights/safetensors.ts';
import { officialShape } from '../../../engine/weights/state-dict.ts';
import { refusalOf } from './refusal.ts';

/** Names and shapes of an architecture's file, with the entries that its class never uses. */
function fileOf(architecture: ArchitectureName, dataset: string, prefix = ''): Map<string, TensorAbout> {
  const network = buildNetwork(architecture, {}, findDataset(dataset));
  const official = (shape: number[]) => (shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis] as number) : shape.toReversed());
  const entries = [...parametersOf(network), ...(network.unused?.parameters ?? [])];
  return new Map(entries.map(({ name, shape }) => [prefix + name, { shape: official(shape), holdsFloats: true }]));
}

describe('a state dict', () => {
  it.each<[ArchitectureName, string, string[]]>([
    ['SMALL_CNN', 'mnist', []],
    ['SMALL_CNN', 'cifar10', []],
    ['RESNET8', 'cifar10', []],
    ['RESNET18', 'cifar10', []],
    ['WRN28_10', 'cifar10', []],
  ])('of a %s for %s is recognised without being told', (architecture, dataset, otherDatasets) => {
    const found = recognise(fileOf(architecture, dataset), {});
    expect(found).toMatchObject({ architecture, architectureOptions: {}, dataset: { name: dataset }, otherDatasets });
    expect([...found.sources]).toEqual(parametersOf(found.network).map(({ name }) => [name, name]));
  });

  it.each(['module.', 'model.', 'net.', '1.', 'module.model.', '_orig_mod.module.0.'])('is seen through the wrapper %s', (prefix) => {
    const file = fileOf('RESNET8', 'cifar10', prefix);
    file.set(`${prefix}bn1.num_batches_tracked`, { shape: [], holdsFloats: false });
    const { sources } = recognise(file, {});
    expect(sources.get('layer1.0.conv1.weight')).toBe(`${prefix}layer1.0.conv1.weight`);
    expect(sources.size).toBe(file.size - 1);
  });

  it('of another network is refused with what was found beside what was expected', () => {
    const file = fileOf('RESNET8', 'cifar10');
    file.set('linear.weight', { shape: [7, 64], holdsFloats: true });
    file.delete('bn1.bias');
    file.set('extra.weight', { shape: [3, 3], holdsFloats: true });
    file.set('bn1.weight', { shape: [16], holdsFloats: false });
    const { fault, message } = refusalOf(() => recognise(file, {}));
    expect(fault).toBe('architecture');
    expect(message).toContain('Nearest is RESNET8 for cifar10, with 44 of 47 entries');
    expect(message).toContain('linear.weight is [7, 64], expected [10, 64]');
    expect(message).toContain('bn1.bias is missing, expected [16]');
    expect(message).toContain('bn1.weight holds whole numbers');
    expect(message).toContain('extra.weight [3, 3] is there');
  });

  it('is held to what the caller names', () => {
    const file = fileOf('RESNET18', 'cifar10');
    expect(recognise(file, { architecture: 'RESNET18', dataset: 'CIFAR-10' }).architecture).toBe('RESNET18');
    expect(refusalOf(() => recognise(file, { architecture: 'RESNET34' })).message).toContain('not those of RESNET34');
    expect(refusalOf(() => recognise(file, { dataset: 'mnist' })).message).toContain(
      'conv1.weight is [64, 3, 3, 3], expected [64, 1, 3, 3]',
    );
  });

  it('that resembles nothing is refused with its names', () => {
    const file = new Map([['a.b', { shape: [3, 4], holdsFloats: true }]]);
    expect(refusalOf(() => recognise(file, {})).message).toMatch(/not those of any network.*Found: a\.b \[3, 4\]/);
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'riftlab-read-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function written(architecture: ArchitectureName, options: object, metadata: Record<string, string>): string {
    const network = buildNetwork(architecture, { ...options }, findDataset('cifar10'));
    const tensors = parametersOf(network).map(({ name, shape }) => {
      const official = officialShape(shape);
      const bytes = new Uint8Array(4 * official.reduce((product, side) => product * side, 1));
      return [name, { dtype: 'F32' as const, shape: official, bytes }];
    });
    const path = join(folder, 'file');
    writeFileSync(path, formatSafetensors({ tensors: Object.fromEntries(tensors), metadata }));
    return path;
  }
  const read = (file: string, about: object = {}) => readFile({ file, ownDatasets: [], limitBytes: 2 ** 30, ...about });

  it('that says another network of itself is what its weights say', () => {
    const said = { architecture: 'RESNET18', dataset: 'cifar10', normalisation: '{"mean": [0, 0, 0], "sd": [1, 1, 1]}' };
    const { architecture, normalisation } = read(written('RESNET8', {}, said));
    expect({ architecture, normalisation }).toEqual({ architecture: 'RESNET8', normalisation: findDataset('cifar10').normalisation });
  });

  it('takes one option from the caller and the others from its names and shapes, and refuses what is no option', () => {
    const file = written('WIDE_RESNET', { depth: 10, widenFactor: 1 }, {});
    const given = (architectureOptions: object) => ({ architecture: 'WIDE_RESNET', architectureOptions });
    expect(read(file, given({ activation: 'silu' })).architectureOptions).toEqual({
      ...{ depth: 10, widenFactor: 1, layout: 'TRADES', activation: 'silu' },
    });
    for (const [options, place] of [
      [{ activation: 'loud' }, 'activation'],
      [{ colour: 'red' }, 'colour'],
    ] as const)
      expect(refusalOf(() => read(file, given(options)))).toMatchObject({ fault: 'architectureOptions', place: [place] });
  });
});
