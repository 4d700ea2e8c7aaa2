/** PyTorch's files: what is read of them, and that nothing of a hostile one is ever run or believed. */
import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { RandomStream } from '../../../engine/random.ts';
import { openCheckpointFile } from '../../../engine/weights/foreign-file.ts';
import { fileSource, memorySource } from '../../../engine/weights/pytorch/source.ts';
import { hostileFiles } from '../../helpers/hostile-files.ts';
import { Call, floats, Raw, Tensor, type TensorAbout, torchLegacy, torchZip } from '../../helpers/torch-file.ts';

const storages = { w: floats(1, 2, 3, 4, 5, 6), b: floats(0.5, -0.5) };
const weight = (about: Partial<TensorAbout> = {}) => new Tensor({ storage: 'w', shape: [2, 3], ...about });
const bias = new Tensor({ storage: 'b', shape: [2] });
const linear = { 'fc.weight': weight(), 'fc.bias': bias };

const open = (file: Uint8Array, path?: string) => openCheckpointFile(memorySource(new Uint8Array(file)), path);
const valuesOf = (file: Uint8Array, path?: string) =>
  Object.fromEntries(
    [...open(file, path).tensors].map(([name, tensor]) => [name, { shape: [...tensor.shape], values: [...tensor.floats()] }]),
  );

const expected = {
  'fc.weight': { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  'fc.bias': { shape: [2], values: [0.5, -0.5] },
};

describe('a PyTorch file', () => {
  it.each([
    ['of today', torchZip(linear, storages), 'pytorch'],
    ['of before 1.6', torchLegacy(linear, storages), 'pytorch-legacy'],
  ])('%s gives its tensors by name, in its order', (_, file, format) => {
    const { tensors, ...about } = open(file);
    expect(about).toEqual({ format, path: '', otherPaths: [], metadata: {} });
    expect([...tensors.keys()]).toEqual(['fc.weight', 'fc.bias']);
    expect(valuesOf(file)).toEqual(expected);
  });

  it.each([
    [{ state_dict: linear, epoch: 7 }, undefined, 'state_dict', []],
    [{ net: linear, acc: 91.5, epoch: 3 }, undefined, 'net', []],
    [{ model: linear, ema: { state_dict: linear }, optimizer: { state: {} } }, undefined, 'model', ['ema.state_dict']],
    [{ model: linear, ema: { state_dict: linear } }, 'ema.state_dict', 'ema.state_dict', ['model']],
    [{ acc: bias, state_dict: [linear] }, undefined, 'state_dict.0', []],
    [{ anything: { else: linear } }, undefined, 'anything.else', []],
  ])('has its weights where programs put them: %j', (saved, path, found, otherPaths) => {
    expect(open(torchZip(saved, storages), path)).toMatchObject({ path: found, otherPaths });
    expect(valuesOf(torchZip(saved, storages), path)).toEqual(expected);
  });

  it('may hold other things, which are left out', () => {
    const more = {
      args: new Call('argparse.Namespace', []),
      acc: new Call('numpy.core.multiarray.scalar', [new Call('numpy.dtype', ['f8', false, true]), 'bytes']),
      device: new Call('torch.device', ['cuda', 0]),
      sizes: new Call('torch.Size', [[1, 2]]),
      names: new Call('__builtin__.set', [[]]),
      log: new Call('collections.defaultdict', []),
      last: new Call('collections.deque', []),
      since: new Call('datetime.timedelta', [1, 0, 0]),
      where: new Call('pathlib._local.PosixPath', ['a', 'b']),
      big: new Raw([0x8a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    };
    expect(valuesOf(torchZip({ ...more, state_dict: linear }, storages))).toEqual(expected);
  });

  it('holds numbers of every type', () => {
    const half = (...bits: number[]) => new Uint8Array(Uint16Array.from(bits).buffer);
    const kept = {
      d: new Uint8Array(Float64Array.from([0.1, -2]).buffer),
      h: half(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000),
      f: half(0x3f80, 0xc040),
      n: new Uint8Array(BigInt64Array.from([7n]).buffer),
      ...storages,
    };
    const file = torchZip(
      {
        double: new Tensor({ storage: 'd', type: 'DoubleStorage', shape: [2] }),
        half: new Tensor({ storage: 'h', type: 'HalfStorage', shape: [6] }),
        brain: new Tensor({ storage: 'f', type: 'BFloat16Storage', shape: [2] }),
        'bn.num_batches_tracked': new Tensor({ storage: 'n', type: 'LongStorage', shape: [] }),
        weight: weight(),
      },
      kept,
    );
    const { tensors } = open(file);
    expect([...(tensors.get('double')?.floats() ?? [])]).toEqual([Math.fround(0.1), -2]);
    expect([...(tensors.get('half')?.floats() ?? [])]).toEqual([1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, -0]);
    expect([...(tensors.get('brain')?.floats() ?? [])]).toEqual([1, -3]);
    expect(tensors.get('bn.num_batches_tracked')).toMatchObject({ holdsFloats: false, shape: [] });
    expect(() => tensors.get('bn.num_batches_tracked')?.floats()).toThrow(EngineError);
  });

  it('may have its axes in another order, share storages side by side, and tie weights', () => {
    const turned = weight({ stride: [1, 2] });
    const half = (offset: number) => new Tensor({ storage: 'b', shape: [1, 1], stride: [77, 1], offset });
    const { tensors } = open(torchZip({ turned, tied: turned, front: half(0), back: half(1) }, storages));
    const values = Object.fromEntries([...tensors].map(([name, tensor]) => [name, [...tensor.floats()]]));
    expect(values).toEqual({ turned: [1, 3, 5, 2, 4, 6], tied: [1, 3, 5, 2, 4, 6], front: [0.5], back: [-0.5] });
  });

  const shared = join(import.meta.dirname, '../../../../shared/data/checkpoints');
  it.skipIf(!existsSync(shared))('from a public repository is read, whatever its family', () => {
    const parameters: Record<string, number> = {};
    for (const name of readdirSync(shared)) {
      const path = join(shared, name);
      const file = openSync(path, 'r');
      const { tensors } = openCheckpointFile(fileSource(file, statSync(path).size));
      let count = 0;
      for (const tensor of [...tensors.values()].filter(({ holdsFloats }) => holdsFloats)) {
        const values = tensor.floats();
        expect(values.every(Number.isFinite)).toBe(true);
        count += values.length;
      }
      closeSync(file);
      parameters[name] = count;
    }
    expect(parameters).toEqual({
      'TRADES_model_mnist_smallcnn.pt': 312_202,
      'abcrown_cifar10_resnet_resnet2b.pth': 112_006,
      'abcrown_cifar10_resnet_resnet4b.pth': 123_734,
      'abcrown_eran_cifar_conv_small_pgd.pth': 125_318,
      'abcrown_oval_cifar_wide.pth': 214_918,
      'akamaster_resnet20-12fca82f.th': 271_098,
    });
  });
});

describe('a PyTorch file of before 1.6', () => {
  it.each([3, 4])('may have been pickled by protocol %i', (protocol) => {
    const file = torchLegacy(linear, storages);
    const number = file.subarray(2, 14);
    const frame = Buffer.from([0x95, 13, 0, 0, 0, 0, 0, 0, 0]);
    const head = Buffer.concat([Buffer.from([0x80, protocol]), ...(protocol > 3 ? [frame] : []), number]);
    expect(valuesOf(Buffer.concat([head, file.subarray(14)]))).toEqual(expected);
  });
});

describe('tensors that cannot be read', () => {
  it.each<[string, unknown, RegExp, RegExp]>([
    ['quantised ones', { fc: new Call('torch._utils._rebuild_qtensor', []) }, /holds quantised tensors/, /dequantize/],
    ['sparse ones', { fc: new Call('torch._utils._rebuild_sparse_tensor', []) }, /holds sparse tensors/, /to_dense/],
    ['a slice', { fc: weight({ shape: [1, 3], stride: [6, 2] }) }, /strides \[6, 2\]/, /contiguous/],
    ['a whole network', new Call('torch.nn.modules.container.Sequential', []), /Python object.*not run/, /state_dict/],
  ])('are refused with how to save them: %s', (_what, saved, message, hint) => {
    const read = () => open(torchZip(saved as Record<string, unknown>, storages));
    expect(read).toThrow(expect.objectContaining({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) }));
  });
});

describe('a hostile file', () => {
  it.each(hostileFiles)('with or as %s is refused', (_, file, problem) => {
    const read = () => {
      for (const tensor of open(file).tensors.values()) if (tensor.holdsFloats) tensor.floats();
    };
    expect(read).toThrow(EngineError);
    expect(read).toThrow(problem);
  });

  it.each([
    ['of today', torchZip(linear, storages)],
    ['of before 1.6', torchLegacy(linear, storages)],
  ])('%s that is cut off or changed anywhere is refused or read, and never breaks the reader', (_, file) => {
    const read = (bytes: Uint8Array) => {
      try {
        for (const tensor of open(bytes).tensors.values()) if (tensor.holdsFloats) tensor.floats();
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    };
    for (let end = 0; end < file.length; end++) read(file.subarray(0, end));
    const random = new RandomStream(1, 'changes');
    for (let round = 0; round < 4000; round++) {
      const changed = Buffer.from(file);
      for (let change = 0; change < 1 + (round % 3); change++) changed[random.below(file.length)] = random.below(256);
      read(changed);
    }
  });
});
