/** A dataset of image files by class: what lies in its folder, and its decoding, which happens once and in the background. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import type { DataState, Dataset, Part } from './dataset.ts';
import { describeImage, isImageName, isOtherImageName } from './decode.ts';
import { contentOfDecoded, type Decoded, decodeFolder, findDecoded, type Item, type Plan, readDecoded } from './decoded-folder.ts';
import type { ImageShape } from './pixels.ts';
import { type Preparation, prepareOnce, stateOfPreparation } from './preparation.ts';
import { whileUnchanged } from './unchanged.ts';

/** What lies in a folder, before an image was looked into. */
export interface Found {
  /** Changes whenever a file comes, goes or is written. */
  mark: string;
  /** Names of the classes; a label is a place in this list. */
  classes: string[];
  parts: Record<Part, Item[]>;
}

/** Hidden ones are those of a system or an editor: `.ipynb_checkpoints`, `._1.png`. */
const isHidden = (name: string) => name.startsWith('.');

/** Names of folders within a folder, sorted, without hidden ones; none where it is missing. */
export async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => !isHidden(name))
    .sort();
}

/** Image files of a folder, in the order of their names. */
export async function imagesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => []))
    .filter((name) => isImageName(name) && !isHidden(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Throws DataError for what lies among the images of a class and would be missed: folders, and images of formats that are not read. */
export async function checkClassFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter(({ name }) => !isHidden(name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) throw new DataError(`${path} is a folder within a class; the images of a class lie in ${folder} itself.`);
    if (isOtherImageName(entry.name)) throw new DataError(`${path} is an image of a format that is not read; expected JPEG, PNG or WebP.`);
  }
}

/** Files whose times are asked for at once. */
const together = 64;

/** Changes whenever an entry of one of these folders, or one of these files, does. */
async function markOfPaths(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (let first = 0; first < paths.length; first += together) {
    const some = paths.slice(first, first + together);
    const times = await Promise.all(
      some.map((path) =>
        stat(path, { bigint: true }).then(
          ({ mtimeNs, size }) => `${mtimeNs} ${size}`,
          () => '-',
        ),
      ),
    );
    hash.update(JSON.stringify([some, times]));
  }
  return hash.digest('hex');
}

interface Look {
  /** Mark of the folders that the files lie in. */
  folders: string;
  mark: Promise<string>;
  /** When the files are looked at again, as performance.now() counts. */
  again: number;
}

const looks = new Map<string, Look>();

/** Looking at files takes one part in so many of the time. */
const patience = 100;

/** The mark of the image files themselves, some time old where there are very many: a second for a hundred thousand. */
function markOfFiles(root: string, folders: string, paths: readonly string[]): Promise<string> {
  const known = looks.get(root);
  const begun = performance.now();
  if (known?.folders === folders && begun < known.again) return known.mark;
  const look: Look = { folders, mark: markOfPaths(paths), again: Number.POSITIVE_INFINITY };
  looks.set(root, look);
  void look.mark.then(() => {
    look.again = performance.now() + patience * (performance.now() - begun);
  });
  return look.mark;
}

/** What `find` finds below the root; listed again only when the mark of these paths has changed. */
export async function foundBelow(root: string, paths: readonly string[], find: () => Promise<Omit<Found, 'mark'>>): Promise<Found> {
  const folders = await markOfPaths(paths);
  const found = await whileUnchanged(root, folders, find);
  const { train, test } = found.parts;
  const files = await markOfFiles(
    root,
    folders,
    [...train, ...test].map(({ path }) => path),
  );
  return { ...found, mark: createHash('sha256').update(`${folders} ${files}`).digest('hex') };
}

const seen = 64;

/** The shape that the images have, from some of them: they have colours where one of these has. */
async function shapeOf(items: readonly Item[]): Promise<ImageShape> {
  const step = Math.max(1, Math.floor(items.length / seen));
  const some = await Promise.all(items.filter((_, index) => index % step === 0).map(({ path }) => describeImage(path)));
  const [first] = some;
  if (!first) throw new DataError('The folder has no images.');
  return [first.height, first.width, some.some(({ channels }) => channels === 3) ? 3 : 1];
}

interface About extends Pick<Dataset, 'name' | 'label' | 'hint' | 'normalisation' | 'augmentation' | 'published'> {
  /** Where its files lie. */
  root: string;
  shape?: ImageShape;
}

function begin(about: About, datasets: string, { parts, mark }: Found): Preparation<Decoded> {
  return prepareOnce(about.root, mark, parts.train.length + parts.test.length, async (progress) => {
    const shape = about.shape ?? (await shapeOf(parts.train));
    const plan: Plan = { name: about.name, mark, shape, parts, hint: about.hint(datasets) };
    return decodeFolder(datasets, plan, progress);
  });
}

/** The dataset as its folder has it; decoding begins where it is not done yet. */
export async function openImageFolder(
  about: About,
  datasets: string,
  found: Found,
  official: (content: string) => boolean | null,
): Promise<Dataset> {
  const decoded = await findDecoded(datasets, about.name, found.mark);
  const decoding = decoded ? undefined : begin(about, datasets, found);
  const ready = async () => decoded ?? (decoding as Preparation<Decoded>).result;
  const state = async (): Promise<DataState> => {
    if (!decoding) return { state: 'READY' };
    return stateOfPreparation(decoding, `Its images are decoded once: ${decoding.done} of ${decoding.total} so far.`);
  };
  const { root: _, ...rest } = about;
  return {
    ...rest,
    shape: decoded?.shape ?? about.shape ?? [0, 0, 0],
    classes: found.classes.length,
    images: { train: found.parts.train.length, test: found.parts.test.length },
    state,
    async content(folder, part) {
      const sha256 = await contentOfDecoded(await ready(), part, folder);
      return { sha256, official: official(sha256) };
    },
    read: async (folder, part, positions) => readDecoded(await ready(), part, positions, about.hint(folder)),
  };
}
