/**
 * A lab's own datasets: folders of the datasets folder that hold train and test as folders of images by class, or as arrays
 * (train.npz, train.safetensors, or train_images.npy with train_labels.npy; test likewise). The folder's name is the dataset's.
 */
import { join } from 'node:path';
import { DataError, EngineError } from '../errors.ts';
import { type ArrayPart, openArrays, readArrays } from './arrays.ts';
import type { Dataset } from './dataset.ts';
import { contentOfFiles } from './files.ts';
import { checkClassFolder, type Found, foldersIn, foundBelow, imagesIn, openImageFolder } from './image-folder.ts';
import { type Preparation, stateOfPreparation } from './preparation.ts';
import { unpackedArrays } from './unpack-npz.ts';

/** Folders that belong to datasets that are known by name. */
const taken = ['cifar-10-batches-bin', 'cifar-100-binary', 'tiny-imagenet-200', 'CIFAR-10-C', 'CIFAR-100-C', 'Tiny-ImageNet-C'];

/** A name as it is compared: case, hyphens, underscores and spaces do not matter. */
export const canonicalName = (name: string) => name.toLowerCase().replaceAll(/[-_\s]/g, '');

const mostClasses = 100_000;

const hintOf = (root: string) => () =>
  `A dataset of your own lies in ${root} as train/CLASS/*.png and test/CLASS/*.png, or as arrays: train.npz and test.npz with images and labels.`;

async function findImages(root: string): Promise<Found | undefined> {
  const classes = await foldersIn(join(root, 'train'));
  if (classes.length === 0) return undefined;
  const test = await foldersIn(join(root, 'test'));
  const unknown = test.find((name) => !classes.includes(name));
  if (unknown) throw new DataError(`${join(root, 'test', unknown)} is a class that ${join(root, 'train')} has not.`);
  if (classes.length < 2) throw new DataError(`${join(root, 'train')} has one class, ${classes[0]}; expected two or more.`);
  const itemsOf = async (part: 'train' | 'test') => {
    const found = await Promise.all(
      classes.map(async (name, label) => {
        await checkClassFolder(join(root, part, name));
        return (await imagesIn(join(root, part, name))).map((path) => ({ path, label }));
      }),
    );
    if (found.flat().length === 0) throw new DataError(`${join(root, part)} has no images (JPEG, PNG or WebP).`);
    const empty = classes.find((_, label) => part === 'train' && found[label]?.length === 0);
    if (empty) throw new DataError(`The class ${join(root, part, empty)} has no images (JPEG, PNG or WebP).`);
    return found.flat();
  };
  const folders = [...classes.map((name) => join(root, 'train', name)), ...test.map((name) => join(root, 'test', name))];
  return foundBelow(root, [join(root, 'train'), join(root, 'test'), ...folders], async () => ({
    classes,
    parts: { train: await itemsOf('train'), test: await itemsOf('test') },
  }));
}

const nothing = { shape: [0, 0, 0] as const, classes: 0, images: { train: 0, test: 0 } };

/** While compressed arrays are being unpacked. */
function packedDataset(name: string, label: string, root: string, preparation: Preparation<void>): Dataset {
  const { done, total, result } = preparation;
  const how = `Its arrays are unpacked once: ${Math.floor(done / 1e6)} of ${Math.ceil(total / 1e6)} MB so far.`;
  const wait = () => result.then(() => Promise.reject(new DataError(`${label} was being unpacked.`, 'Try again.')));
  return {
    ...{ name, label, ...nothing },
    hint: hintOf(root),
    state: async () => stateOfPreparation(preparation, how),
    content: wait,
    read: wait,
  };
}

async function arrayDataset(datasets: string, name: string, label: string, root: string): Promise<Dataset | undefined> {
  const { unpacked, preparation } = await unpackedArrays(datasets, name, root);
  if (preparation) return packedDataset(name, label, root, preparation);
  const parts = { train: await openArrays(root, 'train', unpacked), test: await openArrays(root, 'test', unpacked) };
  const { train, test } = parts;
  if (!train && !test) return undefined;
  if (!train || !test) throw new DataError(`${root} has arrays of ${train ? 'train' : 'test'} only.`);
  if (train.shape.join() !== test.shape.join())
    throw new DataError(`Images of train are ${train.shape.join(' x ')} in ${root}, those of test ${test.shape.join(' x ')}.`);
  if (train.labels.length < 10 || test.labels.length < 2)
    throw new DataError(`${root} has ${train.labels.length} and ${test.labels.length} images: too few.`);
  const { classes } = train;
  if (test.classes > classes)
    throw new DataError(`The labels of test in ${root} reach ${test.classes - 1}, those of train only ${classes - 1}.`);
  if (!train.labels.includes(0) && !test.labels.includes(0))
    throw new DataError(`No label in ${root} is 0; the first class is 0, so subtract 1 from labels that count from 1.`);
  if (classes < 2 || classes > mostClasses)
    throw new DataError(`The labels in ${root} reach ${classes - 1}; expected 2 to ${mostClasses} classes.`);
  const hint = hintOf(root);
  return {
    ...{ name, label, shape: train.shape, classes, images: { train: train.labels.length, test: test.labels.length }, hint },
    state: async () => ({ state: 'READY' }),
    content: (folder, part) => contentOfFiles(parts[part]?.files.map((path) => ({ path })) ?? [], folder, hint()),
    read: async (_folder, part, positions) => readArrays(parts[part] as ArrayPart, positions, hint()),
  };
}

async function open(folder: string, label: string): Promise<Dataset | undefined> {
  const root = join(folder, label);
  const name = canonicalName(label);
  const hint = hintOf(root);
  try {
    if (!/^[a-z0-9.]{1,60}$/.test(name))
      throw new DataError(`The name ${JSON.stringify(label)} is no dataset's: letters, digits, hyphens and underscores are.`);
    const arrays = await arrayDataset(folder, name, label, root);
    if (arrays) return arrays;
    const found = await findImages(root);
    return found && (await openImageFolder({ name, label, hint, root }, folder, found, () => null));
  } catch (error) {
    const problem = (error as Error).message;
    const advice = (error instanceof EngineError && error.hint) || hint();
    const refuse = () => Promise.reject(new DataError(problem, advice));
    return {
      name,
      label,
      hint: () => advice,
      ...nothing,
      state: async () => ({ state: 'FAILED', problem }),
      content: refuse,
      read: refuse,
    };
  }
}

/** Those of the folder whose canonical names are wanted, by the order of their folders. */
export async function ownDatasets(folder: string, isWanted: (name: string) => boolean): Promise<Dataset[]> {
  if (folder === '') return [];
  const names = (await foldersIn(folder)).filter((name) => !name.startsWith('.') && !taken.includes(name) && isWanted(canonicalName(name)));
  const found = await Promise.all(names.map((name) => open(folder, name)));
  return found.filter((dataset) => dataset !== undefined);
}
