/** Writes a network's entries as a checkpoint's file, one tensor in memory at a time. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Network, parametersOf } from '../models/network.ts';
import type { Parameter } from '../models/parameters.ts';
import { type CheckpointAbout, checkpointMetadata, fillerOf } from '../weights/checkpoint-file.ts';
import type { FileTensor } from '../weights/foreign-file.ts';
import { formatHeader } from '../weights/safetensors.ts';
import { officialShape } from '../weights/state-dict.ts';
import { ImportRefusal } from './refusal.ts';

export interface Written {
  /** Of the file's bytes. */
  sha256: string;
  bytes: number;
}

interface Source {
  network: Network;
  tensors: ReadonlyMap<string, FileTensor>;
  /** Name in `tensors` of every entry of the network. */
  sources: ReadonlyMap<string, string>;
}

/**
 * Writes the file that writeCheckpoint would make of these weights. path: of a new file.
 * Throws ImportRefusal for weights that are not finite.
 */
export function convert({ network, tensors, sources }: Source, about: CheckpointAbout, path: string): Written {
  const own = parametersOf(network);
  const entries = [...own, ...(network.unused?.parameters ?? [])];
  const sizes = entries.map((entry) => ({
    name: entry.name,
    dtype: 'F32' as const,
    shape: officialShape(entry.shape),
    bytes: bytesOf(entry),
  }));
  const file = openSync(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  const write = (chunk: Uint8Array) => {
    hash.update(chunk);
    for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done, chunk.length - done);
    bytes += chunk.length;
  };
  try {
    write(formatHeader(sizes, checkpointMetadata(about)));
    for (const entry of entries) {
      const source = sources.get(entry.name);
      const values = source === undefined ? fillerOf(entry) : finite(source, (tensors.get(source) as FileTensor).floats());
      write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    closeSync(file);
  }
  return { sha256: hash.digest('hex'), bytes };
}

const bytesOf = ({ shape }: Parameter) => shape.reduce((product, length) => product * length, 4);

function finite(name: string, values: Float32Array): Float32Array {
  for (let index = 0; index < values.length; index++)
    if (!Number.isFinite(values[index]))
      throw new ImportRefusal(
        'file',
        `${name} holds ${values[index]} at entry ${index} of ${values.length}; weights must be finite.`,
        'Take a checkpoint from before the training diverged.',
      );
  return values;
}
