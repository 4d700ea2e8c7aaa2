/** Whole training steps of variants, attack and optimiser included, beside the official codes' in PyTorch. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Backend } from '../../../engine/backends/backend.ts';
import { pgdConfig, type Variant } from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { chooseBackend } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { trainedNames } from '../../../engine/models/network.ts';
import { RandomStream } from '../../../engine/random.ts';
import { Sgd } from '../../../engine/training/sgd.ts';
import { createObjective } from '../../../engine/training/variants/variants.ts';
import { unwatched } from '../../../engine/watch.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { clockOf, environmentOf } from './clock.ts';
import { middle, rate, type StepSettings } from './steps.ts';
import type { Row } from './table.ts';
import { modelOf, type Yardstick } from './yardstick.ts';

const measured: [Variant, string][] = [
  ['TRADES', 'TRADES step'],
  ['AWP', 'AT-AWP step'],
];

const weightDecay = 5e-4;

async function openStep(backend: Backend, variant: Variant, { architecture, batch: count, datasets }: StepSettings) {
  const dataset = findDataset('cifar10');
  const network = buildNetwork(architecture, {}, dataset);
  const set = await loadSplit(dataset, datasets, { split: 'test', protocol: 'PAPER', trainedHere: true, images: count });
  const clean = batchOf(set, inOrder(count));
  let weights = initialWeights(network, 0);
  const work = { backend, network, weights, names: trainedNames(network), batchNorm: 'UPDATE' as const, weightDecay };
  const objective = createObjective({ variant }, { ...work, attack: pgdConfig.parse({}) });
  const optimiser = new Sgd({ momentum: 0.9, weightDecay });
  let steps = 0;
  return {
    async step() {
      steps += 1;
      const batch = objective.prepare(clean, (purpose, row) => new RandomStream(0, purpose, steps, row));
      const { gradients, statistics } = await objective.gradients(batch, weights, 0, unwatched);
      weights = { ...optimiser.step(weights, gradients, 0.01), ...statistics };
      weights = { ...weights, ...(await objective.settle?.(batch, weights)) };
    },
    dispose: () => objective.dispose(),
  };
}

async function pytorchRates(
  { python, file, datasets, threads }: Yardstick,
  { architecture, batch, seconds, clock = 'wall' }: StepSettings,
) {
  const numbers = [batch, threads, seconds].map(String);
  const options = [join(import.meta.dirname, 'variants.py'), dirname(file), datasets, modelOf(architecture), ...numbers];
  return JSON.parse((await promisify(execFile)(python, options, { env: environmentOf(clock, threads) })).stdout) as Partial<
    Record<Variant, number>
  >;
}

/** Images a second; both sides in turn, so that what else the machine does meets both. */
export async function compareVariants(settings: StepSettings, yardstick: Yardstick | undefined): Promise<Row[]> {
  const now = clockOf(settings.clock ?? 'wall', settings.threads);
  const backend = await chooseBackend({ name: settings.backend, threads: settings.threads });
  const rows: Row[] = [];
  try {
    for (let round = 0; round < settings.rounds; round++) {
      const answer = yardstick && (await pytorchRates(yardstick, settings));
      for (const [variant, name] of measured) {
        const { step, dispose } = await openStep(backend, variant, settings);
        const engine = await rate(settings.batch, settings.seconds, step, now);
        await dispose();
        const pytorch = answer?.[variant];
        rows.push({ name, engine, pytorch, speedup: pytorch && engine / pytorch });
      }
    }
  } finally {
    await backend.dispose();
  }
  return measured.map(([, name]) =>
    middle(
      name,
      rows.filter((row) => row.name === name),
    ),
  );
}
