/** Checkpoints as programs leave them: PyTorch's two formats and safetensors, told apart by their first bytes. */
import { EngineError } from '../errors.ts';
import { legacyBegin, readLegacyCheckpoint } from './pytorch/legacy-checkpoint.ts';
import type { ByteSource } from './pytorch/source.ts';
import { chooseStateDict, findStateDicts } from './pytorch/state-dicts.ts';
import { readZipCheckpoint } from './pytorch/zip-checkpoint.ts';
import { parseSafetensors } from './safetensors.ts';
import { floatsOf } from './state-dict.ts';

export type CheckpointFormat = 'pytorch' | 'pytorch-legacy' | 'safetensors';

/** A tensor in PyTorch's layout; its values are read when they are asked for. */
export interface FileTensor {
  shape: readonly number[];
  /** False for counters and masks. */
  holdsFloats: boolean;
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
  const head = source.read(0, Math.min(source.size, 16));
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return fromPytorch('pytorch', readZipCheckpoint(source), path);
  if (startsWith(head, legacyBegin)) return fromPytorch('pytorch-legacy', readLegacyCheckpoint(source), path);
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
  return { format, path: chosen.path, otherPaths: found.flatMap((one) => (one === chosen ? [] : [one.path])), tensors: chosen.tensors };
}

function fromSafetensors(source: ByteSource, path?: string): CheckpointFile {
  if (path) throw new EngineError(`A safetensors file has no dict ${JSON.stringify(path)} inside.`, 'Leave the path out.');
  const { tensors } = parseSafetensors(source.read(0, source.size));
  const entries = Object.entries(tensors).map(([name, tensor]): [string, FileTensor] => [
    name,
    { shape: tensor.shape, holdsFloats: /^B?F\d/.test(tensor.dtype), floats: () => floatsOf(name, tensor) },
  ]);
  return { format: 'safetensors', path: '', otherPaths: [], tensors: new Map(entries) };
}
