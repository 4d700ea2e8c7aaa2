/** Image files of a folder, decoded once into a file that opens at once: the images of a part as one array, then their labels. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors.ts';
import { formatHeader, headerLength, readHeader } from '../weights/safetensors.ts';
import { cacheFolder, cacheFor } from './cache-folder.ts';
import type { Part, Records } from './dataset.ts';
import { decodeImage } from './decode.ts';
import { draftOf, publish } from './drafts.ts';
import { hashesOf } from './hashes.ts';
import { keepFiles, signOfUse } from './old-files.ts';
import { openProblem } from './open-problem.ts';
import { type ImageShape, inMemoryWhereItFits, pixelsInFile } from './pixels.ts';

/** The images of a part, in order. */
export interface Item {
  path: string;
  label: number;
}

export interface Plan {
  /** Names the files in the cache. */
  name: string;
  /** Changes whenever a file comes, goes or is written. */
  mark: string;
  shape: ImageShape;
  parts: Record<Part, Item[]>;
  hint: string;
}

const manifest = z.object({
  mark: z.string(),
  images: z.object({ train: z.int(), test: z.int() }),
  files: z.object({ train: z.string(), test: z.string() }),
  shape: z.tuple([z.int(), z.int(), z.int()]),
});
/** What was decoded. */
export type Decoded = z.infer<typeof manifest> & { folder: string };

const manifestOf = (folder: string, name: string) => join(folder, `${name}.json`);
const together = 16;

/** What is there of this mark; undefined where the images have to be decoded. */
export async function findDecoded(datasets: string, name: string, mark: string): Promise<Decoded | undefined> {
  const folder = await cacheFolder(datasets);
  if (folder === undefined) return undefined;
  const text = await readFile(manifestOf(folder, name), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : manifest.safeParse(JSON.parse(text));
  if (parsed?.data?.mark !== mark) return undefined;
  const files = Object.values(parsed.data.files);
  if (!files.every((file) => existsSync(join(folder, file)))) return undefined;
  await keepFiles(folder, name, files);
  return { ...parsed.data, folder };
}

/** Decodes all images. Throws DataError naming the first file that is not right; nothing is left behind then. */
export async function decodeFolder(datasets: string, plan: Plan, progress: (done: number, total: number) => void): Promise<Decoded> {
  const folder = await cacheFor(datasets);
  const total = plan.parts.train.length + plan.parts.test.length;
  let before = 0;
  const files = { train: '', test: '' };
  for (const part of ['train', 'test'] as const) {
    files[part] = await decodePart(folder, plan, part, (done) => progress(before + done, total));
    before += plan.parts[part].length;
  }
  const { mark, shape, parts } = plan;
  const found = {
    mark,
    files,
    shape: [...shape] as [number, number, number],
    images: { train: parts.train.length, test: parts.test.length },
  };
  const draft = draftOf(manifestOf(folder, plan.name));
  await writeFile(draft, JSON.stringify(found));
  await rename(draft, manifestOf(folder, plan.name));
  return { ...found, folder };
}

async function decodePart(
  folder: string,
  { name, mark, shape, parts }: Plan,
  part: Part,
  progress: (done: number) => void,
): Promise<string> {
  const items = parts[part];
  const imageBytes = shape[0] * shape[1] * shape[2];
  const file = `${name}-${part}-${createHash('sha256').update(mark).digest('hex').slice(0, 16)}.safetensors`;
  const draft = draftOf(join(folder, file));
  const handle = await open(draft, 'w');
  try {
    const entries = [
      { name: 'images', dtype: 'U8' as const, shape: [items.length, ...shape], bytes: items.length * imageBytes },
      { name: 'labels', dtype: 'I32' as const, shape: [items.length], bytes: 4 * items.length },
    ];
    // Nothing else is in the file: its hash is that of the images and labels, whenever and wherever they were decoded.
    await handle.write(formatHeader(entries, {}));
    for (let first = 0; first < items.length; first += together) {
      const images = await Promise.all(items.slice(first, first + together).map(({ path }) => decodeImage(path, shape)));
      await handle.write(Buffer.concat(images));
      progress(first + images.length);
    }
    await handle.write(new Uint8Array(Int32Array.from(items, ({ label }) => label).buffer));
    await handle.close();
    await publish(draft, join(folder, file));
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
  return file;
}

/** The records of a part at these positions. */
export async function readDecoded({ folder, files, shape }: Decoded, part: Part, positions: Int32Array, hint: string): Promise<Records> {
  const path = join(folder, files[part]);
  const used = await signOfUse(path);
  const handle = await open(path).catch((error: unknown) => {
    throw new DataError(openProblem(path, error), hint);
  });
  try {
    const { size } = await handle.stat();
    const start = new Uint8Array(8);
    await handle.read(start, 0, 8, 0);
    const header = new Uint8Array(headerLength(start, size));
    await handle.read(header, 0, header.length, 8);
    const begin = 8 + header.length;
    const entry = readHeader(header, size - begin).tensors.find(({ name }) => name === 'labels');
    if (!entry) throw new DataError(`${path} has no labels.`, hint);
    const all = new Int32Array((entry.end - entry.begin) / 4);
    await handle.read(new Uint8Array(all.buffer), 0, all.byteLength, begin + entry.begin);
    const imageBytes = shape[0] * shape[1] * shape[2];
    const offsets = Float64Array.from(positions, (position) => begin + position * imageBytes);
    const pixels = inMemoryWhereItFits(pixelsInFile({ path, shape, offsets, hint, used }), positions.length);
    return {
      pixels,
      labels: Int32Array.from(positions, (position) => all[position] as number),
    };
  } finally {
    await handle.close();
  }
}

/** SHA-256 of the decoded images and labels. */
export async function contentOfDecoded({ folder, files }: Decoded, part: Part, datasets: string): Promise<string> {
  return (await hashesOf(join(folder, files[part]), datasets)).sha256;
}
