/** What breaks, and where: ResNet50, ImageNet and 64 devices against the code's own limits and this machine's. */
import { lineThrough } from './growth.ts';
import type { LargeCosts } from './large.ts';
import type { Limit } from './model.ts';
import type { Measurement } from './predict.ts';
import type { ServerCosts } from './server.ts';

export const largeImages = 1_281_167;
export const largePixels = 224 * 224 * 3;
/** A tenth is held out: what MRC is measured on unless a number of images is given. */
const largeHoldout = 128_117;
export const largeTrain = largeImages - largeHoldout;
const parameters = 25_557_032;
const devices = 64;
/** The first stage of ResNet50 leaves 56 x 56 x 256 values of an image; they are kept up to this many bytes. */
const activations = 56 * 56 * 256 * 4;
const keptActivations = 512 * 2 ** 20;
const selectionImages = 5000;
/** Images of an attack that a thread has in flight where the weights do not fit its cache. */
const attackRows = 32;
const trainingBatch = 128;
const mostMessage = 2 ** 31;

export function limitsOf(
  axes: readonly Measurement[],
  server: ServerCosts,
  large: LargeCosts,
  { memory, threads }: { memory: number; threads: number },
): Limit[] {
  const examples = axes.find(({ name }) => name.includes('224²')) as Measurement;
  const { perUnit: exampleBytes } = lineThrough(
    examples.sizes,
    examples.measured.map(({ addedBytes }) => addedBytes),
  );
  const step = (name: string) => large.steps.find((step) => step.name === `ResNet50 ${name}`) as LargeCosts['steps'][number];
  const inMemory = (name: string, bytes: number, effect: string): Limit => ({
    name,
    most: memory / 1e9,
    wanted: bytes / 1e9,
    unit: 'GB',
    effect,
    source: 'modelled',
  });
  return [
    {
      name: 'devices for one training',
      most: 1,
      wanted: devices,
      unit: 'devices',
      effect: 'training and fine-tuning stay on one device; MRC, sweeps and evaluations are shared by idle ones',
      source: 'modelled',
    },
    {
      name: 'activations kept for MRC',
      most: keptActivations / 1e9,
      wanted: (selectionImages * activations) / 1e9,
      unit: 'GB',
      effect: 'passes begin at the images again: slower, not broken',
      source: 'modelled',
    },
    inMemory('MRC on the whole holdout', largeHoldout * exampleBytes, 'the process is killed for its memory; give criticality.images'),
    {
      name: 'workers on one Postgres',
      most: server.mostWorkers.workers,
      wanted: devices,
      unit: 'workers',
      effect: `each may hold six of its 100 connections: ${server.mostWorkers.problem}`,
      source: 'measured',
    },
    inMemory(
      'attack in flight',
      step('attack').emptyBytes + threads * attackRows * step('attack').bytes,
      'the process is killed, its batches are halved and the stage goes on',
    ),
    inMemory(
      'training batch of 128',
      step('training').emptyBytes + trainingBatch * step('training').bytes,
      'the process is killed; halves have other batch statistics',
    ),
    {
      name: 'load of Postgres, one core',
      most: 1 / server.postgresSeconds,
      wanted: devices,
      unit: 'devices',
      effect: 'messages wait',
      source: 'modelled',
    },
    {
      name: 'weights in one graph',
      most: mostMessage / 1e9,
      wanted: (4 * parameters) / 1e9,
      unit: 'GB',
      effect: 'a graph with its constants is one message of at most 2 GiB',
      source: 'modelled',
    },
    {
      name: 'series in one message',
      most: server.mostKeys.keys,
      wanted: 500,
      unit: 'keys',
      effect: `the notification names them all: ${server.mostKeys.problem}`,
      source: 'measured',
    },
  ];
}
