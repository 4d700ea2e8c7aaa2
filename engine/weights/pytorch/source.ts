/** Bytes that are read piece by piece, so that a file need not fit into memory. */
import { readSync } from 'node:fs';
import { EngineError } from '../../errors.ts';

export interface ByteSource {
  size: number;
  /** A copy of the bytes from offset on. Throws EngineError when they do not lie within the source. */
  read(offset: number, length: number): Uint8Array;
}

/** file: a descriptor that stays open while the source is used. */
export function fileSource(file: number, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      checkRange(size, offset, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = readSync(file, bytes, done, length - done, offset + done);
        if (count === 0) throw damaged(`it ends at byte ${offset + done}`);
        done += count;
      }
      return bytes;
    },
  };
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      checkRange(bytes.length, offset, length);
      return bytes.slice(offset, offset + length);
    },
  };
}

function checkRange(size: number, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size))
    throw damaged(`bytes ${offset} to ${offset + length} are asked for, it has ${size}`);
}

/** A file that is not what it should be. */
export class DamagedFile extends EngineError {
  /** @param problem what of the file cannot be */
  constructor(readonly problem: string) {
    super(`Not a PyTorch checkpoint that can be read: ${problem}.`, 'Copy the file again, or write it anew with torch.save.');
  }
}

/** problem: what of the file cannot be. */
export const damaged = (problem: string): EngineError => new DamagedFile(problem);
