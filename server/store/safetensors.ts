/** Where the tensors of a safetensors file lie: an 8-byte little-endian header length, the header as JSON, the bytes. */
import { type FileHandle, open } from 'node:fs/promises';

export interface TensorPlace {
  name: string;
  dtype: string;
  shape: number[];
  /** Position in the file, end not included. */
  start: number;
  end: number;
}

export interface SafetensorsLayout {
  /** Everything in front of the first tensor. */
  head: Buffer;
  /** In the order of their bytes. */
  tensors: TensorPlace[];
}

const longestHeader = 100_000_000;

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] } | undefined>;

export async function readLayout(path: string): Promise<SafetensorsLayout> {
  const file = await open(path, 'r');
  try {
    const length = await readExactly(file, 0, 8);
    const headerLength = Number(length.readBigUInt64LE());
    if (headerLength > longestHeader) throw new Error(`${path} is not a safetensors file: it claims a header of ${headerLength} bytes.`);
    return parseHead(Buffer.concat([length, await readExactly(file, 8, headerLength)]));
  } finally {
    await file.close();
  }
}

/** head: everything in front of the first tensor. */
export function parseHead(head: Buffer): SafetensorsLayout {
  return { head, tensors: placesOf(JSON.parse(head.subarray(8).toString()) as Header, head.length) };
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error(`A safetensors file ends at byte ${position + bytesRead}, inside its header.`);
  return buffer;
}

function placesOf(header: Header, dataStart: number): TensorPlace[] {
  return Object.entries(header)
    .flatMap(([name, entry]) => {
      if (name === '__metadata__' || !entry) return [];
      const [start, end] = entry.data_offsets;
      return [{ name, dtype: entry.dtype, shape: entry.shape, start: dataStart + start, end: dataStart + end }];
    })
    .sort((one, other) => one.start - other.start);
}

/** The head of a file that holds these tensors, one after the other. */
export function writeHead(tensors: readonly TensorPlace[]): Buffer {
  let position = 0;
  const header: Header = {};
  for (const { name, dtype, shape, start, end } of tensors) {
    header[name] = { dtype, shape, data_offsets: [position, position + end - start] };
    position += end - start;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  return Buffer.concat([length, json, padding]);
}
