/** Puts measured costs into the model: runs at today's and at a hundred times today's size, fleets of devices, limits. */

import { lineThrough } from './growth.ts';
import type { LargeCosts } from './large.ts';
import { largeImages, largePixels, largeTrain, limitsOf } from './limits.ts';
import type { Measured } from './measure.ts';
import { type ImageCosts, type Limit, type RunShape, type SimulatedStage, type StageSeconds, simulate, stageSeconds } from './model.ts';
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
  trainImages: largeTrain,
  trainEpochs: 110,
  fineTuneEpochs: 10,
  selectionImages: 5000,
  testImages: 50_000,
  modules: 54,
  iterations: 10,
  alphas: 11,
  attackSteps: 10,
};

const devices = 64;

/** Assumed, not measured: what shared storage gives, and how many times as fast as two cores a GPU is. */
export const assumed = { storageBytesPerSecond: 1e9, deviceSpeed: 500 };

export interface Measurement {
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

/** Processor seconds of an image over the threads, from three works of a known make-up; see works.ts. */
function todaysImage(axes: readonly Measurement[], threads: number): ImageCosts {
  const slope = (part: string) => {
    const { sizes, measured } = axes.find(({ name }) => name.includes(part)) as Measurement;
    return lineThrough(
      sizes,
      measured.map((one) => one.cpuSeconds / threads),
    ).perUnit;
  };
  const attack = slope('PGD evaluation') / 5;
  return { attack, training: slope('PGD-AT') - 2 * attack, module: (slope('MRC of 2') - attack) / 2 };
}

/** Stages whose slices idle devices take. */
const sharedStages = ['CRITICALITY', 'INTERPOLATION', 'EVALUATION'];

const counts = [1, 2, 4, 8, 16, 32, devices];

function fleetOf(
  name: string,
  runs: readonly (readonly SimulatedStage[])[],
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
  const many = (stages: readonly SimulatedStage[]) => Array.from({ length: devices }, () => stages);
  const stagesOf = (seconds: Partial<StageSeconds>, speed = 1) =>
    Object.entries(seconds).map(([name, value]) => ({ seconds: value / speed, shared: sharedStages.includes(name) }));
  const onDevices = stagesOf(rift, assumed.deviceSpeed);
  return [
    fleetOf('64 runs', many(stagesOf(today)), start, 0),
    fleetOf('64 large runs, GPUs', many(onDevices), start, largeImages * largePixels),
    fleetOf('1 run', [stagesOf(today)], start, 0),
    fleetOf('1 large run, GPUs', [onDevices], start, largeImages * largePixels),
  ];
}

/** machine: its memory in bytes, and the threads that were measured with. */
export function predict(
  axes: readonly Measurement[],
  server: ServerCosts,
  large: LargeCosts,
  machine: { memory: number; threads: number },
): Prediction {
  const image = todaysImage(axes, machine.threads);
  const today = { image, stages: stageSeconds(todaysRun, image) };
  const big = { image: large.image, stages: stageSeconds(largeRun, large.image) };
  return { today, large: big, fleets: fleets(today.stages, big.stages, server), limits: limitsOf(axes, server, large, machine) };
}
