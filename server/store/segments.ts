/** A file put together from stretches of other files, read without copying it first. */
import { createReadStream } from 'node:fs';
import { parseHead, readLayout, type SafetensorsLayout } from './safetensors.ts';

/** A stretch of bytes of one file, or bytes in memory. */
export type Segment = { length: number } & ({ bytes: Buffer } | { path: string; start: number });

/** A whole safetensors file `base` with the tensors of the file at `path` in the places of the same name. */
export async function overlay(base: Segment[], path: string, changes: SafetensorsLayout): Promise<Segment[]> {
  const layout = await layoutOf(base);
  const changed = new Map(changes.tensors.map((tensor) => [tensor.name, tensor]));
  const pieces: Segment[] = [{ bytes: layout.head, length: layout.head.length }];
  for (const { name, start, end } of layout.tensors) {
    const change = changed.get(name);
    if (change) pieces.push({ path, start: change.start, length: change.end - change.start });
    else pieces.push(...cut(base, start, end));
  }
  return pieces;
}

/** Bytes start to end of the whole, end not included. */
export async function* readSegments(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
  for (const segment of cut(segments, start, end)) {
    if ('bytes' in segment) yield segment.bytes;
    else yield* createReadStream(segment.path, { start: segment.start, end: segment.start + segment.length - 1, highWaterMark: 1 << 20 });
  }
}

function cut(segments: readonly Segment[], start: number, end: number): Segment[] {
  const pieces: Segment[] = [];
  let position = 0;
  for (const segment of segments) {
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, segment.length);
    position += segment.length;
    if (from >= to) continue;
    if ('bytes' in segment) pieces.push({ bytes: segment.bytes.subarray(from, to), length: to - from });
    else pieces.push({ path: segment.path, start: segment.start + from, length: to - from });
  }
  return pieces;
}

async function layoutOf(segments: readonly Segment[]): Promise<SafetensorsLayout> {
  const [first] = segments;
  if (!first) throw new Error('A checkpoint has no bytes.');
  const fileBytes = segments.reduce((sum, { length }) => sum + length, 0);
  return 'bytes' in first ? parseHead(first.bytes, fileBytes) : readLayout(first.path);
}
