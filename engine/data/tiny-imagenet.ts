/**
 * Tiny-ImageNet-200 in its official folder. Its test images have no labels: test is the official validation part, whose labels
 * stand in val_annotations.txt and not in the names of folders. Classes are in alphabetical order of their WordNet ids.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import type { DataState, Dataset } from './dataset.ts';
import { fetchHint } from './files.ts';
import { type Found, foldersIn, foundBelow, imagesIn, openImageFolder } from './image-folder.ts';
import { openProblem } from './open-problem.ts';
import { tinyImageNetC } from './tiny-imagenet-c.ts';

const rootOf = (folder: string) => join(folder, 'tiny-imagenet-200');
const shape = [64, 64, 3] as const;
const classCount = 200;

const hint = (folder: string) =>
  fetchHint(folder, {
    name: 'tiny-imagenet',
    archive: 'tiny-imagenet-200.zip (cs231n.stanford.edu)',
    paths: [join(rootOf(folder), 'val', 'val_annotations.txt')],
  });

const about = {
  name: 'tinyimagenet',
  label: 'Tiny-ImageNet',
  hint,
  shape,
  augmentation: { padding: 8 },
  normalisation: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
};

/** The label of each validation image, by file name. */
async function annotations(path: string, classes: readonly string[]): Promise<Map<string, number>> {
  const places = new Map(classes.map((name, place) => [name, place]));
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new DataError(openProblem(path, error));
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const labels = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const [file, name] = line.split('\t');
    const label = places.get(name ?? '');
    const wrong = (problem: string) => new DataError(`${path} is wrong in line ${index + 1}: ${problem}.`);
    if (!file || label === undefined) throw wrong(`${JSON.stringify(name ?? line.slice(0, 40))} is no class of the training images`);
    if (labels.has(file) && labels.get(file) !== label) throw wrong(`${file} has another class in a line before`);
    labels.set(file, label);
  }
  return labels;
}

async function find(root: string): Promise<Found> {
  const classes = await foldersIn(join(root, 'train'));
  if (classes.length !== classCount) throw new DataError(`${join(root, 'train')} has ${classes.length} classes; expected ${classCount}.`);
  const trainFolders = classes.map((name) => join(root, 'train', name, 'images'));
  const validation = join(root, 'val', 'images');
  const list = join(root, 'val', 'val_annotations.txt');
  const paths = [join(root, 'train'), ...trainFolders, validation, list];
  return foundBelow(root, paths, () => findImages({ classes, trainFolders, validation, list }));
}

interface Places {
  classes: string[];
  trainFolders: string[];
  validation: string;
  list: string;
}

async function findImages({ classes, trainFolders, validation, list }: Places): Promise<Omit<Found, 'mark'>> {
  const labels = await annotations(list, classes);
  const train = await Promise.all(trainFolders.map(async (folder, label) => (await imagesIn(folder)).map((path) => ({ path, label }))));
  const test = (await imagesIn(validation)).map((path) => {
    const file = path.slice(validation.length + 1);
    const label = labels.get(file);
    if (label === undefined) throw new DataError(`${list} has no line for ${file}.`);
    return { path, label };
  });
  const missing = labels.size - test.length;
  if (missing > 0) throw new DataError(`${validation} has ${test.length} images; ${list} names ${labels.size}.`);
  const parts = { train: train.flat(), test: test.sort((one, other) => numberOf(one.path) - numberOf(other.path)) };
  const empty = train.findIndex((images) => images.length === 0);
  if (empty >= 0) throw new DataError(`${trainFolders[empty]} has no images.`);
  return { classes, parts };
}

/** val_12.JPEG comes before val_100.JPEG. */
const numberOf = (path: string) => Number(/(\d+)\.\w+$/.exec(path)?.[1] ?? 0);

const official = { train: 100_000, test: 10_000 };

function unusable(state: DataState): Dataset {
  const refuse = (folder: string) => Promise.reject(new DataError('Tiny-ImageNet cannot be used.', hint(folder)));
  return { ...about, classes: classCount, images: official, state: async () => state, content: refuse, read: refuse };
}

/** As its authors published it; no folder was looked into. */
export const tinyImageNet = unusable({ state: 'MISSING' });

/** As the folder has it; a part of its images will do. */
export async function tinyImageNetIn(folder: string): Promise<Dataset> {
  const root = rootOf(folder);
  if (!existsSync(root)) return tinyImageNet;
  try {
    const found = await find(root);
    const isWhole = found.parts.train.length === official.train && found.parts.test.length === official.test;
    const published: Dataset['published'] = (place, cell, positions) =>
      tinyImageNetC(
        place,
        cell,
        Array.from(positions, (position) => found.parts.test[position] as (typeof found.parts.test)[number]),
        found.classes,
      );
    return await openImageFolder({ ...about, root, published }, folder, found, () => (isWhole ? null : false));
  } catch (error) {
    return unusable({ state: 'FAILED', problem: (error as Error).message });
  }
}
