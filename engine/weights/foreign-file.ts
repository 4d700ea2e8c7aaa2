/** Checkpoints as programs leave them: PyTorch's two formats and safetensors, told apart by their first bytes. */
import { EngineError } from '../errors.ts';
import { isLegacyCheckpoint, readLegacyCheckpoint } from './pytorch/legacy-checkpoint.ts';
import type { ByteSource } from './pytorch/source.ts';
import { chooseStateDict, findStateDicts, PlaceError } from './pytorch/state-dicts.ts';
import { storageTypes } from './pytorch/tensor.ts';
import { readZipCheckpoint } from './pytorch/zip-checkpoint.ts';
import { headerLength, readHeader, type SafetensorsType } from './safetensors.ts';

export type CheckpointFormat = 'pytorch' | 'pytorch-legacy' | 'safetensors';

/** A tensor in PyTorch's layout; its values are read when they are asked for. */
export interface FileTensor {
  shape: readonly number[];
  /** False for counters and masks. */
  holdsFloats: boolean;
  /** Where its values lie, equal for two names of the same values; undefined where each has its own. */
  place?: string;
  /** Row-major. */
  floats(): Float32Array;
}

export interface CheckpointFile {
  format: CheckpointFormat;
  /** Where the tensors are in the file: `state_dict`, or empty at the top. */
  path: string;
  /** Where else there are tensors. */
  otherPaths: string[];
  /** By their names in the file, in its order. */
  tensors: ReadonlyMap<string, FileTensor>;
  /** What a safetensors file says of itself. */
  metadata: Readonly<Record<string, string>>;
}

/** What some other files begin with, and what to do with them. */
const others: { begin: number[]; what: string; hint: string }[] = [
  { begin: [0x1f, 0x8b], what: 'a gzip archive', hint: 'Unpack it first.' },
  { begin: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'an xz archive', hint: 'Unpack it first.' },
  { begin: [0x42, 0x5a, 0x68], what: 'a bzip2 archive', hint: 'Unpack it first.' },
  { begin: [0x89, 0x48, 0x44, 0x46], what: 'an HDF5 file', hint: 'Convert it to safetensors in the names of PyTorch.' },
  {
    begin: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
    what: 'a NumPy array',
    hint: 'A checkpoint has a name for every tensor: use safetensors.',
  },
];

const startsWith = (head: Uint8Array, begin: readonly number[]) => begin.every((byte, index) => head[index] === byte);

/**
 * Opens a checkpoint.
 * @param path of the state dict inside a PyTorch file; a usual place when absent
 * Throws EngineError saying what is wrong with the file; nothing in it is ever run.
 */
export function openCheckpointFile(source: ByteSource, path?: string): CheckpointFile {
  const head = source.read(0, Math.min(source.size, 32));
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return fromPytorch('pytorch', readZipCheckpoint(source), path);
  if (isLegacyCheckpoint(head)) return fromPytorch('pytorch-legacy', readLegacyCheckpoint(source), path);
  const other = others.find(({ begin }) => startsWith(head, begin));
  if (other) throw new EngineError(`The file is ${other.what}, no checkpoint.`, other.hint);
  if (head[8] === 0x7b) return fromSafetensors(source, path);
  throw new EngineError(
    source.size === 0 ? 'The file is empty.' : 'The file is neither a PyTorch checkpoint nor safetensors.',
    'Give what torch.save(model.state_dict(), path) or safetensors wrote.',
  );
}

function fromPytorch(format: CheckpointFormat, saved: Parameters<typeof findStateDicts>[0], path?: string): CheckpointFile {
  const found = findStateDicts(saved);
  const chosen = chooseStateDict(found, path);
  const otherPaths = found.flatMap((one) => (one === chosen ? [] : [one.path]));
  return { format, path: chosen.path, otherPaths, tensors: chosen.tensors, metadata: {} };
}

function fromSafetensors(source: ByteSource, path?: string): CheckpointFile {
  if (path) throw new PlaceError(`A safetensors file has no dict ${JSON.stringify(path.slice(0, 200))} inside.`, 'Leave the path out.');
  const begin = 8 + headerLength(source.read(0, Math.min(source.size, 8)), source.size);
  const { tensors, metadata } = readHeader(source.read(8, begin - 8), source.size - begin);
  const entries = tensors.map((tensor): [string, FileTensor] => {
    const toFloats = storageTypes[storages[tensor.dtype] ?? '']?.toFloats;
    const floats = () => {
      if (!toFloats) throw new EngineError(`Tensor "${tensor.name}" holds ${tensor.dtype}, and no floating-point numbers.`);
      return toFloats(source.read(begin + tensor.begin, tensor.end - tensor.begin));
    };
    return [tensor.name, { shape: tensor.shape, holdsFloats: toFloats !== undefined, floats }];
  });
  return { format: 'safetensors', path: '', otherPaths: [], tensors: new Map(entries), metadata };
}

/** PyTorch's storages for the types of floating-point numbers. */
const storages: Partial<Record<SafetensorsType, string>> = {
  F64: 'DoubleStorage',
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
};
