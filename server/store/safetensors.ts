/** Where the tensors of a stored safetensors file lie. The engine knows the format. */
import { type FileHandle, open } from 'node:fs/promises';
import { formatHeader, headerLength, readHeader, type TensorEntry } from '../../engine/weights/safetensors.ts';

export interface TensorPlace extends Pick<TensorEntry, 'name' | 'dtype' | 'shape'> {
  /** Position in the file, end not included. */
  start: number;
  end: number;
}

export interface SafetensorsLayout {
  /** Everything in front of the first tensor. */
  head: Buffer;
  /** In the order of their bytes. */
  tensors: TensorPlace[];
  metadata: Record<string, string>;
}

/** Throws EngineError saying which claim of the header is wrong. */
export async function readLayout(path: string): Promise<SafetensorsLayout> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = headerLength(await readExactly(file, Math.min(8, size)), size);
    return parseHead(await readExactly(file, 8 + length), size);
  } finally {
    await file.close();
  }
}

/** head: everything in front of the first tensor. fileBytes: length of the whole file. */
export function parseHead(head: Buffer, fileBytes: number): SafetensorsLayout {
  const { tensors, metadata } = readHeader(head.subarray(8), fileBytes - head.length);
  const places = tensors.map(({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    start: head.length + begin,
    end: head.length + end,
  }));
  return { head, tensors: places.sort((one, other) => one.start - other.start), metadata };
}

async function readExactly(file: FileHandle, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
  if (bytesRead < length) throw new Error(`A file of ${length} bytes ended at byte ${bytesRead} while it was read.`);
  return buffer;
}

/** The head of a file that holds these tensors, one after the other. */
export const writeHead = (tensors: readonly TensorPlace[]): Buffer =>
  Buffer.from(
    formatHeader(
      tensors.map(({ name, dtype, shape, start, end }) => ({ name, dtype, shape, bytes: end - start })),
      {},
    ),
  );
