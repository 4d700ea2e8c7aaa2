/** Images and labels that lie as arrays in .npy, .npz (np.savez) or safetensors files: read where they are, never wholly. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { fileSource } from '../weights/pytorch/source.ts';
import { readZip } from '../weights/pytorch/zip.ts';
import { headerLength, readHeader } from '../weights/safetensors.ts';
import type { Part, Records } from './dataset.ts';
import { bytesOfInteger, labelsOfType, mostHeaderBytes, readNpyHeader } from './npy.ts';
import { type ImageShape, inMemoryWhereItFits, pixelsInFile } from './pixels.ts';

/** An array of a file: its values begin at a byte of it. */
interface Stored {
  path: string;
  type: string;
  shape: number[];
  begin: number;
}

/** A part of a dataset in arrays. */
export interface ArrayPart {
  images: Stored;
  labels: Int32Array;
  shape: ImageShape;
  planar: boolean;
  files: string[];
}

const hint =
  'Save images as uint8 of the shape (count, height, width, channels) or (count, channels, height, width), and whole numbers as labels.';
const fail = (problem: string): never => {
  throw new EngineError(problem, hint);
};

function withFile<T>(path: string, body: (file: number, size: number) => T): T {
  const file = openSync(path, 'r');
  try {
    return body(file, statSync(path).size);
  } finally {
    closeSync(file);
  }
}

function read(file: number, begin: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, begin));
}

function npyAt(path: string, file: number, offset: number, end: number, source = path): Stored {
  const { type, shape, begin } = readNpyHeader(source, read(file, offset, Math.min(mostHeaderBytes, end - offset)), hint);
  return checkSize({ path, type, shape, begin: offset + begin }, end);
}

/** Throws EngineError where the values do not end with their file or member. */
function checkSize(stored: Stored, end: number): Stored {
  const { path, type, shape, begin } = stored;
  const bytes = bytesOfInteger(type);
  if (bytes === undefined) return fail(`${path} holds values of the type ${type}; expected whole numbers.`);
  const expected = shape.reduce((product, side) => product * side, bytes);
  if (begin + expected !== end)
    fail(`${path} has ${end - begin} bytes for an array of the shape (${shape.join(', ')}); expected ${expected}.`);
  return stored;
}

const names = { images: ['images', 'x', 'X', 'data'], labels: ['labels', 'y', 'Y', 'targets'] } as const;
type Role = keyof typeof names;

function pick<T>(path: string, members: ReadonlyMap<string, T>, role: Role): T {
  const name = names[role].find((one) => members.has(one));
  return name === undefined
    ? fail(`${path} has no array ${names[role].join(', ')}; it has ${[...members.keys()].slice(0, 10).join(', ') || 'none'}.`)
    : (members.get(name) as T);
}

function inNpz(path: string, role: Role): Stored {
  return withFile(path, (file, size) => {
    const members = zipMembers(path, file, size);
    const { name, offset, length } = pick(path, new Map(members.map((member) => [member.name.replace(/\.npy$/, ''), member])), role);
    return npyAt(path, file, offset, offset + length, `${name} of ${path}`);
  });
}

function zipMembers(path: string, file: number, size: number) {
  try {
    return readZip(fileSource(file, size));
  } catch (error) {
    return fail(`${path} is damaged or compressed; save it with np.savez. ${(error as Error).message}`);
  }
}

const npyTypes: Record<string, string> = { U8: 'u1', I8: 'i1', I16: 'i2', I32: 'i4', I64: 'i8' };

function inSafetensors(path: string, role: Role): Stored {
  return withFile(path, (file, size) => {
    const length = headerLength(read(file, 0, 8), size);
    const { tensors } = readHeader(read(file, 8, length), size - 8 - length);
    const { dtype, shape, begin, end } = pick(path, new Map(tensors.map((tensor) => [tensor.name, tensor])), role);
    return checkSize({ path, type: npyTypes[dtype] ?? dtype, shape, begin: 8 + length + begin }, 8 + length + end);
  });
}

/** Where the arrays of a part lie in a folder; undefined where there are none. */
function find(folder: string, part: Part): Record<Role, Stored> | undefined {
  for (const [ending, place] of [
    ['npz', inNpz],
    ['safetensors', inSafetensors],
  ] as const) {
    const path = join(folder, `${part}.${ending}`);
    if (existsSync(path)) return { images: place(path, 'images'), labels: place(path, 'labels') };
  }
  const path = (role: Role) => join(folder, `${part}_${role}.npy`);
  if (!existsSync(path('images'))) return undefined;
  if (!existsSync(path('labels'))) fail(`${path('labels')} is missing.`);
  const open = (role: Role) => withFile(path(role), (file, size) => npyAt(path(role), file, 0, size));
  return { images: open('images'), labels: open('labels') };
}

const isChannels = (side: number | undefined): side is 1 | 3 => side === 1 || side === 3;
const mostSide = 4096;

function layoutOf({ path, type, shape }: Stored): { shape: ImageShape; planar: boolean } {
  if (type !== 'u1') fail(`The images of ${path} are of the type ${type}; expected uint8, from 0 to 255.`);
  const [, second, third, fourth] = shape;
  const found: { shape: ImageShape; planar: boolean } | undefined =
    shape.length === 3 && second && third
      ? { shape: [second, third, 1], planar: false }
      : shape.length === 4 && second && third && isChannels(fourth)
        ? { shape: [second, third, fourth], planar: false }
        : shape.length === 4 && isChannels(second) && third && fourth
          ? { shape: [third, fourth, second], planar: true }
          : undefined;
  if (!found || found.shape[0] > mostSide || found.shape[1] > mostSide)
    return fail(`The images of ${path} have the shape (${shape.join(', ')}), which is none of grey or colour images.`);
  return found;
}

/** Opens the arrays of a part. Throws EngineError for what cannot be images and their labels. */
export function openArrays(folder: string, part: Part): ArrayPart | undefined {
  const found = find(folder, part);
  if (!found) return undefined;
  const { images, labels: stored } = found;
  const count = images.shape[0] ?? 0;
  if (stored.shape.length !== 1 || stored.shape[0] !== count)
    fail(`The labels of ${stored.path} have the shape (${stored.shape.join(', ')}); expected (${count}).`);
  const bytes = withFile(stored.path, (file) => read(file, stored.begin, count * (bytesOfInteger(stored.type) as number)));
  const labels = labelsOfType(stored.type, bytes) as Int32Array;
  const wrong = labels.indexOf(-1);
  if (wrong >= 0) fail(`Label ${wrong} of ${stored.path} is below 0 or beyond 2,147,483,647.`);
  return { images, labels, ...layoutOf(images), files: [...new Set([images.path, stored.path])] };
}

export function readArrays({ images, labels, shape, planar }: ArrayPart, positions: Int32Array, what: string): Records {
  const imageBytes = shape[0] * shape[1] * shape[2];
  const offsets = Float64Array.from(positions, (position) => images.begin + position * imageBytes);
  return {
    pixels: inMemoryWhereItFits(pixelsInFile({ path: images.path, shape, offsets, planar, hint: what }), positions.length),
    labels: Int32Array.from(positions, (position) => labels[position] as number),
  };
}
