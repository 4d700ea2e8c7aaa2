/** Single steps on real images at one batch size: an attack step, and a training step with the optimiser's. */
import { Ascent } from '../../../engine/attacks/ascent.ts';
import type { Backend } from '../../../engine/backends/backend.ts';
import { type ArchitectureName, pgdConfig } from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { chooseBackend } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { parametersOf } from '../../../engine/models/network.ts';
import { TrainingGradients } from '../../../engine/training/gradients.ts';
import { Sgd } from '../../../engine/training/sgd.ts';
import { unwatched } from '../../../engine/watch.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { type Clock, clockOf } from './clock.ts';
import { median, type Row } from './table.ts';
import { modelOf, runYardstick, type Yardstick } from './yardstick.ts';

export interface StepSettings {
  backend?: string;
  architecture: ArchitectureName;
  batch: number;
  rounds: number;
  seconds: number;
  threads: number;
  datasets: string;
  /** The wall's when absent; of variants and attack-steps. */
  clock?: Clock;
}

/** Median images a second of calls made for so long, after two that do not count. */
export async function rate(images: number, seconds: number, call: () => Promise<unknown>, now = clockOf('wall', 1)): Promise<number> {
  await call();
  await call();
  const laps: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end || laps.length < 3; ) {
    const began = now();
    await call();
    laps.push(now() - began);
  }
  return (1000 * images) / median(laps);
}

export async function openSteps(backend: Backend, { architecture, batch: count, datasets }: StepSettings) {
  const dataset = findDataset('cifar10');
  const network = buildNetwork(architecture, {}, dataset);
  const set = await loadSplit(dataset, datasets, { split: 'test', protocol: 'PAPER', trainedHere: true, images: count });
  const batch = batchOf(set, inOrder(count));
  let weights = initialWeights(network, 0);
  const names = parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
  const pgd = new Ascent(backend, network, pgdConfig.parse({ randomStart: false }), weights);
  const source = new TrainingGradients(backend, network, names);
  const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
  return {
    pgd: () => pgd.advance(batch, batch.images),
    attack: () => pgd.perturb(batch, batch.images, unwatched),
    async train() {
      const { gradients, statistics } = await source.gradients(batch, weights);
      weights = { ...optimiser.step(weights, gradients, 0.01), ...statistics };
    },
    dispose: () => Promise.all([pgd.dispose(), source.dispose()]),
  };
}

/** The medians of rows of one name. */
export function middle(name: string, all: readonly Row[]): Row {
  const of = (key: 'engine' | 'pytorch' | 'speedup') => {
    const values = all.flatMap((row) => (row[key] === undefined ? [] : [row[key]]));
    return values.length > 0 ? median(values) : undefined;
  };
  return { name, engine: of('engine') as number, pytorch: of('pytorch'), speedup: of('speedup') };
}

/** Images a second; both sides in turn, so that what else the machine does meets both. */
export async function compareSteps(settings: StepSettings, yardstick: Yardstick | undefined): Promise<Row[]> {
  const { architecture, batch, rounds, seconds, threads } = settings;
  const backend = await chooseBackend({ name: settings.backend, threads });
  const steps = await openSteps(backend, settings);
  const rows = { pgd_step: [] as Row[], train_step: [] as Row[] };
  try {
    for (let round = 0; round < rounds; round++) {
      const options = ['--model', modelOf(architecture), '--batch', String(batch), '--seconds', String(seconds)];
      const answer = yardstick && (await runYardstick(yardstick, 'steps', options)).steps;
      for (const [name, call] of [['pgd_step', steps.pgd] as const, ['train_step', steps.train] as const]) {
        const engine = await rate(batch, seconds, call);
        const pytorch = answer?.[name]?.img_per_s;
        rows[name].push({ name, engine, pytorch, speedup: pytorch && engine / pytorch });
      }
    }
  } finally {
    await steps.dispose();
    await backend.dispose();
  }
  return [middle('PGD step', rows.pgd_step), middle('training step', rows.train_step)];
}
