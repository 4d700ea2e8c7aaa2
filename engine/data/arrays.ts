/** Images and labels that lie as arrays in .npy, .npz or safetensors files: read where they are, never wholly. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { headerLength, readHeader } from '../weights/safetensors.ts';
import { arraysHint, checkSize, pick, type Role, refuse, roles } from './array-rules.ts';
import type { Part, Records } from './dataset.ts';
import { markOf } from './hashes.ts';
import { bytesOfInteger, labelsOfType, mostHeaderBytes, type NpyHeader, readNpyHeader } from './npy.ts';
import { arraysInNpz, type Unpacked } from './npz.ts';
import { signOfUse } from './old-files.ts';
import { type ImageShape, inMemoryWhereItFits, pixelsInFile } from './pixels.ts';
import { whileUnchanged } from './unchanged.ts';

/** An array of a file: its values begin at a byte of it. */
interface Stored extends NpyHeader {
  path: string;
}

/** A part of a dataset in arrays. */
export interface ArrayPart {
  images: Stored;
  labels: Int32Array;
  /** One more than the largest label. */
  classes: number;
  shape: ImageShape;
  planar: boolean;
  files: string[];
  /** Whether the images lie in the cache, where others may clear up. */
  isUnpacked: boolean;
}

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
  const header = readNpyHeader(source, read(file, offset, Math.min(mostHeaderBytes, end - offset)), arraysHint);
  checkSize(source, header, end - offset);
  return { ...header, path, begin: offset + header.begin };
}

function inNpz(path: string, role: Role): Stored {
  return withFile(path, (file, size) => {
    const { name, offset, length } = pick(path, arraysInNpz(path, file, size), role);
    return npyAt(path, file, offset, offset + length, `${name} of ${path}`);
  });
}

const npyTypes: Record<string, string> = { U8: 'u1', I8: 'i1', I16: 'i2', I32: 'i4', I64: 'i8' };

function inSafetensors(path: string, role: Role): Stored {
  return withFile(path, (file, size) => {
    const length = headerLength(read(file, 0, 8), size);
    const { tensors } = readHeader(read(file, 8, length), size - 8 - length);
    const { name, dtype, shape, begin, end } = pick(path, new Map(tensors.map((tensor) => [tensor.name, tensor])), role);
    const header = { type: npyTypes[dtype] ?? dtype, bigEndian: false, shape, begin: 8 + length + begin };
    checkSize(`${name} of ${path}`, header, 8 + length + end);
    return { ...header, path };
  });
}

const togetherForms = [
  ['npz', inNpz],
  ['safetensors', inSafetensors],
] as const;

const togetherPath = (folder: string, part: Part, ending: string) => join(folder, `${part}.${ending}`);

const alonePath = (folder: string, part: Part, unpacked: Unpacked) => (role: Role) =>
  unpacked[part]?.[role] ?? join(folder, `${part}_${role}.npy`);

/** Changes whenever a file of the part comes, goes or becomes another. */
async function markOfPart(folder: string, part: Part, unpacked: Unpacked): Promise<string> {
  const paths = [...togetherForms.map(([ending]) => togetherPath(folder, part, ending)), ...roles.map(alonePath(folder, part, unpacked))];
  return JSON.stringify(await Promise.all(paths.map(async (path) => [path, await markOf(path).catch(() => null)])));
}

/** Where the arrays of a part lie in a folder; undefined where there are none. */
function find(folder: string, part: Part, unpacked: Unpacked): Record<Role, Stored> | undefined {
  for (const [ending, place] of togetherForms) {
    const path = togetherPath(folder, part, ending);
    if (existsSync(path) && !unpacked[part]) return { images: place(path, 'images'), labels: place(path, 'labels') };
  }
  const path = alonePath(folder, part, unpacked);
  if (!existsSync(path('images'))) return undefined;
  if (!existsSync(path('labels'))) refuse(`${path('labels')} is missing.`);
  const open = (role: Role) => withFile(path(role), (file, size) => npyAt(path(role), file, 0, size));
  return { images: open('images'), labels: open('labels') };
}

const isChannels = (side: number | undefined): side is 1 | 3 => side === 1 || side === 3;
const mostSide = 4096;
const mostImages = 20_000_000;

function layoutOf({ path, type, shape }: Stored): { shape: ImageShape; planar: boolean } {
  if (type !== 'u1') refuse(`The images of ${path} are of the type ${type}; expected uint8, from 0 to 255.`);
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
    return refuse(`The images of ${path} have the shape (${shape.join(', ')}), which is none of grey or colour images.`);
  return found;
}

/** Opens the arrays of a part, once for the same files. Throws DataError for what cannot be images and their labels. */
export async function openArrays(folder: string, part: Part, unpacked: Unpacked): Promise<ArrayPart | undefined> {
  const mark = await markOfPart(folder, part, unpacked);
  return whileUnchanged(`arrays of ${join(folder, part)}`, mark, () => open(folder, part, unpacked));
}

function open(folder: string, part: Part, unpacked: Unpacked): ArrayPart | undefined {
  const found = find(folder, part, unpacked);
  if (!found) return undefined;
  const { images, labels: stored } = found;
  const layout = layoutOf(images);
  const count = images.shape[0] ?? 0;
  if (count > mostImages) refuse(`${images.path} has ${count} images; ${mostImages} are the most.`);
  const isColumn = stored.shape.length === 1 || (stored.shape.length === 2 && stored.shape[1] === 1);
  if (!isColumn || stored.shape[0] !== count)
    refuse(`The labels of ${stored.path} have the shape (${stored.shape.join(', ')}); expected (${count}).`);
  const bytes = withFile(stored.path, (file) => read(file, stored.begin, count * (bytesOfInteger(stored.type) as number)));
  const labels = labelsOfType(stored, bytes) as Int32Array;
  const wrong = labels.indexOf(-1);
  if (wrong >= 0) refuse(`Label ${wrong} of ${stored.path} is below 0 or beyond 2,147,483,647.`);
  const classes = 1 + labels.reduce((most, label) => Math.max(most, label), -1);
  return { images, labels, classes, ...layout, files: [...new Set([images.path, stored.path])], isUnpacked: part in unpacked };
}

export async function readArrays(part: ArrayPart, positions: Int32Array, what: string): Promise<Records> {
  const { images, labels, shape, planar, isUnpacked } = part;
  const imageBytes = shape[0] * shape[1] * shape[2];
  const offsets = Float64Array.from(positions, (position) => images.begin + position * imageBytes);
  const used = isUnpacked ? await signOfUse(images.path) : undefined;
  return {
    pixels: inMemoryWhereItFits(pixelsInFile({ path: images.path, shape, offsets, planar, hint: what, used }), positions.length),
    labels: Int32Array.from(positions, (position) => labels[position] as number),
  };
}
