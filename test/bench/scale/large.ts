/** What a hundred times today's size is made of, as far as it can be tried: ResNet50 on images of 224 x 224, a few at a time. */
import { Sgd } from '../../../engine/training/sgd.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { median } from '../engine/table.ts';
import { lineThrough } from './growth.ts';
import { type Measured, measure, type Settings } from './measure.ts';
import type { ImageCosts } from './model.ts';
import { basicResnet, resnet50 } from './networks.ts';

/** A work at some numbers of images: what an image adds. */
export interface Large {
  name: string;
  images: number[];
  measured: Measured[];
  /** Of an image beyond the first: its processor seconds over the threads, as with batches that keep all of them busy. */
  seconds: number;
  cpuSeconds: number;
  bytes: number;
  /** With the fewest images: what sessions and weights take. */
  emptyBytes: number;
}

export interface LargeCosts {
  steps: Large[];
  image: ImageCosts;
  /** Processor seconds of an attack step by ResNet50's image, over what ResNet-8's cost a multiply-accumulate foretells. */
  foretold: number;
  /** Seconds of the optimiser's own arithmetic for a parameter. */
  optimiserSeconds: number;
}

const modulesScored = 2;

async function step(name: 'ResNet50 attack' | 'ResNet50 training' | 'ResNet50 MRC', images: number[], settings: Settings): Promise<Large> {
  const measured = await measure(
    images.map((count) => ({ name, images: count })),
    { ...settings, repetitions: 1 },
  );
  const [first] = measured as [Measured];
  const line = (of: (one: Measured) => number) => lineThrough(images, measured.map(of));
  // With few images the sessions' own making is the peak: the last two counts say what images add.
  const bytes = lineThrough(
    images.slice(-2),
    measured.slice(-2).map(({ addedBytes }) => addedBytes),
  );
  const cpuSeconds = line((one) => one.cpuSeconds).perUnit;
  return {
    name,
    images,
    measured,
    seconds: cpuSeconds / settings.threads,
    cpuSeconds,
    bytes: bytes.perUnit,
    emptyBytes: first.addedBytes,
  };
}

function optimiserSeconds(): number {
  const weights = initialWeights(basicResnet({ blocks: 3, width: 64, side: 32 }).network, 0);
  const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  const sgd = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
  const laps = Array.from({ length: 7 }, () => {
    const began = performance.now();
    sgd.step(weights, weights, 0.1);
    return (performance.now() - began) / 1000;
  });
  return median(laps) / parameters;
}

/** @param macSeconds processor seconds of an attack step of ResNet-8 for an image and multiply-accumulate */
export async function measureLarge(settings: Settings, macSeconds: number): Promise<LargeCosts> {
  const attack = await step('ResNet50 attack', [2, 16, 32], settings);
  const module = await step('ResNet50 MRC', [2, 8, 16], settings);
  const training = await step('ResNet50 training', [2, 8, 16], settings);
  return {
    steps: [attack, module, training],
    image: { attack: attack.seconds, training: training.seconds, module: module.seconds / modulesScored },
    foretold: attack.cpuSeconds / (macSeconds * resnet50(224).macs),
    optimiserSeconds: optimiserSeconds(),
  };
}
