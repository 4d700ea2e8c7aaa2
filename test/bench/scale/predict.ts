/** Puts measured costs into the model: runs at today's and at a hundred times today's size, fleets of devices, limits. */

import { lineThrough } from './growth.ts';
import type { LargeCosts } from './large.ts';
import type { Measured } from './measure.ts';
import { type ImageCosts, type Limit, type RunShape, type StageSeconds, simulate, stageSeconds } from './model.ts';
import type { ServerCosts } from './server.ts';

/** The run of README's table of speed: RESNET8 on 5,000 images of CIFAR-10. */
const todaysRun: RunShape = {
  trainImages: 5000,
  trainEpochs: 2,
  fineTuneEpochs: 5,
  selectionImages: 1000,
  testImages: 500,
  modules: 10,
  iterations: 10,
  alphas: 11,
  attackSteps: 10,
};

/** ResNet50 on ImageNet, with the paper's numbers of epochs; module, epoch and α are chosen on 5,000 images. */
const largeRun: RunShape = {
  trainImages: 1_153_050,
  trainEpochs: 110,
  fineTuneEpochs: 10,
  selectionImages: 5000,
  testImages: 50_000,
  modules: 54,
  iterations: 10,
  alphas: 11,
  attackSteps: 10,
};

const largePixels = 224 * 224 * 3;
const largeImages = 1_281_167;
const largeClasses = 1000;
const largeParameters = 25_557_032;
const devices = 64;
/** A tenth of the training images: what MRC is measured on unless a number of images is given. */
const largeHoldout = 128_117;
/** The first stage of ResNet50 leaves 56 x 56 x 256 values of an image. */
const largeActivations = 56 * 56 * 256 * 4;
const prefixBytes = 512 * 2 ** 20;
/** Images that an attack has in flight: 32 rows a thread where the weights do not fit a core's cache. */
const attackRows = 32;
const trainingBatch = 128;

/** Assumed, not measured: what shared storage gives, and how many times as fast as two cores a GPU is. */
export const assumed = { storageBytesPerSecond: 1e9, deviceSpeed: 500 };

interface Measurement {
  name: string;
  sizes: readonly number[];
  measured: Measured[];
}

export interface Prediction {
  today: { image: ImageCosts; stages: StageSeconds };
  large: { image: ImageCosts; stages: StageSeconds };
  /** Speed with so many workers over the speed with one. */
  fleets: { name: string; points: [workers: number, speedup: number][] }[];
  limits: Limit[];
}

const seconds = (stages: StageSeconds) => Object.values(stages).reduce((sum, value) => sum + value, 0);

/** Seconds of an image from three works of a known make-up; see works.ts. */
function todaysImage(axes: readonly Measurement[]): ImageCosts {
  const slope = (part: string) => {
    const { sizes, measured } = axes.find(({ name }) => name.includes(part)) as Measurement;
    return lineThrough(
      sizes,
      measured.map((one) => one.seconds),
    ).perUnit;
  };
  const attack = slope('PGD evaluation') / (4 + 2 / 3);
  return { attack, training: slope('PGD-AT') - 2 * attack, module: (slope('MRC of 2') - attack) / 2 };
}

const counts = [1, 2, 4, 8, 16, 32, devices];

function fleetOf(
  name: string,
  runs: readonly (readonly number[])[],
  startSeconds: number,
  stageBytes: number,
): Prediction['fleets'][number] {
  const { storageBytesPerSecond } = assumed;
  const times = counts.map((workers) => simulate(runs, { workers, startSeconds, stageBytes, storageBytesPerSecond }));
  return { name, points: counts.map((workers, index) => [workers, (times[0] as number) / (times[index] as number)]) };
}

function fleets(today: StageSeconds, large: StageSeconds, { stageStartSeconds }: ServerCosts): Prediction['fleets'] {
  // A worker looks for work twice a second.
  const start = 0.25 + stageStartSeconds;
  const { TRAINING: _, ...rift } = large;
  const many = (stages: readonly number[]) => Array.from({ length: devices }, () => stages);
  const onDevices = Object.values(rift).map((value) => value / assumed.deviceSpeed);
  return [
    fleetOf('64 runs', many(Object.values(today)), start, 0),
    fleetOf('64 large runs, GPUs', many(onDevices), start, largeImages * largePixels),
    fleetOf('1 run', [Object.values(today)], start, 0),
  ];
}

function limitsOf(axes: readonly Measurement[], server: ServerCosts, large: LargeCosts, memory: number): Limit[] {
  const mrc = axes.find(({ name }) => name.includes('MRC of 2')) as Measurement;
  const { perUnit: mrcBytes } = lineThrough(
    mrc.sizes,
    mrc.measured.map(({ addedBytes }) => addedBytes),
  );
  const bytesOf = (name: string) => large.steps.find((step) => step.name === `ResNet50 ${name}`)?.bytes as number;
  const GB = (bytes: number) => bytes / 1e9;
  const floats = 3 * 4 + 1;
  const list: [string, number, number, number, string, Limit['source'], string][] = [
    ['devices for one run', 1, 1, devices, 'devices', 'modelled', 'a stage is one task: more devices serve more runs, none is faster'],
    ['classes', 10, 256, largeClasses, 'classes', 'modelled', 'a label is one byte: class 256 would be taken for class 0'],
    [
      'pixels of a split',
      45_000 * 3072,
      large.arrayEntries,
      largeRun.trainImages * largePixels,
      'bytes',
      'measured',
      'one array holds them all; a longer one is refused',
    ],
    [
      'workers on one Postgres',
      1,
      server.mostWorkers.workers,
      devices,
      'workers',
      'measured',
      `six connections each: ${server.mostWorkers.problem}`,
    ],
    [
      'memory of MRC, whole holdout',
      GB(5000 * mrcBytes),
      GB(memory),
      GB(largeHoldout * largePixels * floats),
      'GB',
      'modelled',
      'images as bytes and three times as float32',
    ],
    [
      'memory of an attack',
      GB(axes.find(({ name }) => name.startsWith('side'))?.measured[0]?.addedBytes ?? 0),
      GB(memory),
      GB(2 * attackRows * bytesOf('attack')),
      'GB',
      'modelled',
      'two threads with 32 images each; halved when the process is killed',
    ],
    [
      'memory of a training batch',
      GB(0.5e9),
      GB(memory),
      GB(trainingBatch * bytesOf('training')),
      'GB',
      'modelled',
      'batch statistics need the whole batch at once',
    ],
    [
      'activations kept for MRC',
      GB(1000 * 65_536),
      GB(prefixBytes),
      GB(largeRun.selectionImages * largeActivations),
      'GB',
      'modelled',
      'every pass begins at the images again: slower, not broken',
    ],
    ['load of Postgres, one core', 1, 1 / server.postgresSeconds, devices, 'devices', 'modelled', 'messages wait'],
    [
      'weights in one graph',
      GB(server.checkpoint.whole),
      GB(2 ** 31),
      GB(4 * largeParameters),
      'GB',
      'modelled',
      'a graph with its constants is one message of at most 2 GiB',
    ],
    ['keys of one notification', 5, server.mostKeys.keys, 500, 'keys', 'measured', server.mostKeys.problem],
  ];
  return list.map(([name, today, most, wanted, unit, source, effect]) => ({ name, today, most, wanted, unit, source, effect }));
}

/** @param memory bytes of this machine */
export function predict(axes: readonly Measurement[], server: ServerCosts, large: LargeCosts, memory: number): Prediction {
  const image = todaysImage(axes);
  const today = { image, stages: stageSeconds(todaysRun, image) };
  const big = { image: large.image, stages: stageSeconds(largeRun, large.image) };
  return { today, large: big, fleets: fleets(today.stages, big.stages, server), limits: limitsOf(axes, server, large, memory) };
}

export const total = seconds;
