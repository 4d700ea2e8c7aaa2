/** Steps of attacks on real images at one batch size: Auto-PGD with its momentum and what goes to and fro, and PGD on a transformer. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createAttack } from '../../../engine/attacks/attacks.ts';
import { rowOf } from '../../../engine/attacks/rows.ts';
import { AttackTools } from '../../../engine/attacks/tools.ts';
import type { Backend } from '../../../engine/backends/backend.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { chooseBackend } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { RandomStream } from '../../../engine/random.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { clockOf, environmentOf } from './clock.ts';
import { middle, openSteps, rate, type StepSettings } from './steps.ts';
import type { Row } from './table.ts';
import { modelOf, type Yardstick } from './yardstick.ts';

/** So small that no image is fooled, and every one takes every step. */
const epsilon = 1e-9;
const steps = 100_000;

/** The pass that an image of some steps takes where a call is quick enough. */
const takenAtOnce = '4';

interface Attacked {
  /** A call, and how many steps of every image it takes. */
  call(): Promise<unknown>;
  stepsOfCall: number;
  dispose(): Promise<unknown>;
}

async function openApgd(backend: Backend, { architecture, batch, datasets }: StepSettings): Promise<Attacked> {
  const dataset = findDataset('cifar10');
  const network = buildNetwork(architecture, {}, dataset);
  const set = await loadSplit(dataset, datasets, { split: 'test', protocol: 'PAPER', trainedHere: true, images: batch });
  const tools = new AttackTools(backend, network, initialWeights(network, 0));
  const attack = createAttack(tools, { name: 'APGD_CE', config: { epsilon, steps, restarts: 1 } }, 'ANY_STEP');
  const { images, labels } = batchOf(set, inOrder(batch));
  const { logits } = await tools.predictor.predict(images, labels);
  const states = Array.from({ length: batch }, (_, image) => {
    const row = rowOf(logits, image);
    return attack.begin({
      image: rowOf(images, image).slice(),
      label: row.indexOf(Math.max(...row)),
      streamOf: (purpose, ...indices) => new RandomStream(0, purpose, image, ...indices),
    });
  });
  for (const pass of ['1', '1']) await attack.advance(pass, states);
  return { call: () => attack.advance(takenAtOnce, states), stepsOfCall: Number(takenAtOnce), dispose: () => tools.dispose() };
}

async function openVit(backend: Backend, settings: StepSettings): Promise<Attacked> {
  const { pgd, dispose } = await openSteps(backend, { ...settings, architecture: 'VIT_TINY' });
  return { call: pgd, stepsOfCall: 1, dispose };
}

const measured = { apgd: { name: 'APGD step', open: openApgd }, vit: { name: 'PGD step of ViT-Ti/4', open: openVit } };

async function pytorchRate(
  what: string,
  { python, file, datasets, threads }: Yardstick,
  { architecture, batch, seconds, clock = 'wall' }: StepSettings,
) {
  const numbers = [batch, threads, seconds].map(String);
  const options = [join(import.meta.dirname, 'attack-steps.py'), dirname(file), datasets, what, modelOf(architecture), ...numbers];
  return (JSON.parse((await promisify(execFile)(python, options, { env: environmentOf(clock, threads) })).stdout) as { img_per_s: number })
    .img_per_s;
}

/** Images a second; both sides in turn, so that what else the machine does meets both. */
export async function compareAttackSteps(settings: StepSettings, yardstick: Yardstick | undefined): Promise<Row[]> {
  const { batch, rounds, seconds, clock = 'wall', threads } = settings;
  const now = clockOf(clock, threads);
  const backend = await chooseBackend({ name: settings.backend, threads: settings.threads });
  const rows: Row[] = [];
  try {
    for (const [what, { name, open }] of Object.entries(measured)) {
      const { call, stepsOfCall, dispose } = await open(backend, settings);
      const found: Row[] = [];
      for (let round = 0; round < rounds; round++) {
        const pytorch = yardstick && (await pytorchRate(what, yardstick, settings));
        const engine = await rate(batch * stepsOfCall, seconds, call, now);
        found.push({ name, engine, pytorch, speedup: pytorch && engine / pytorch });
      }
      await dispose();
      rows.push(middle(name, found));
    }
  } finally {
    await backend.dispose();
  }
  return rows;
}
