/** The rows of ../shared/goldens/attacks.json, measured again here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Survivors } from '../../engine/attacks/survivors.ts';
import type { Backend } from '../../engine/backends/backend.ts';
import { type AttackName, type ChosenAttack, chosenAttack, measureConfig, pgdConfig } from '../../engine/config.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { type ImageSet, loadSplit, partOf } from '../../engine/data/splits.ts';
import { plannedAttack } from '../../engine/evaluation/measurement.ts';
import { Meter } from '../../engine/evaluation/meter.ts';
import { probe } from '../../engine/evaluation/probes.ts';
import { verdictOf } from '../../engine/evaluation/trust.ts';
import type { Verdict } from '../../engine/recorder.ts';
import { unwatched } from '../../engine/watch.ts';
import { sharedFolder } from '../helpers/datasets.ts';
import { publicNetwork } from './public.ts';

export interface GoldenRow {
  file: string;
  set?: 'trap';
  last_layer_times?: number;
  /** `autoattack-standard`, `apgd-t alone`, `pgd20-ce`, `gradient` ... */
  attack: string;
  norm?: 'Linf' | 'L2';
  eps_255?: number;
  eps?: number;
  step?: number;
  n: number;
  seed?: number;
  /** After each stage, `clean` first. */
  flags?: Record<string, string>;
  seconds?: Record<string, number>;
  /** Of the last iterate. */
  correct?: string;
}

export function goldenRows(): GoldenRow[] {
  const file = process.env.RIFTLAB_GOLDENS || join(sharedFolder ?? '', 'goldens');
  return JSON.parse(readFileSync(join(file, 'attacks.json'), 'utf8')).rows;
}

const losses: Record<string, string> = { ce: '', margin: '_MARGIN', dlr: '_DLR' };
const single: Record<string, AttackName> = {
  'apgd-ce alone': 'APGD_CE',
  'apgd-t alone': 'APGD_T',
  'fab-t alone': 'FAB_T',
  'square alone': 'SQUARE',
  'autoattack-standard': 'AUTO_ATTACK',
};

/** The attack of a row; of PGD without random start, its step as stated. */
export function attackOf({ attack, norm, eps_255, eps, step }: GoldenRow): ChosenAttack {
  const epsilon = eps ?? (eps_255 as number) / 255;
  const name = single[attack];
  if (name) return chosenAttack({ name, epsilon }, pgdConfig.parse({}));
  const [, steps, loss] = /^pgd(\d+)-(\w+)$/.exec(attack) as unknown as [string, string, string];
  const kind = `PGD${norm === 'L2' ? '_L2' : ''}${losses[loss]}` as AttackName;
  const options = { stepSize: step, randomStart: false };
  return chosenAttack({ name: kind, epsilon, steps: Number(steps), options }, pgdConfig.parse({}));
}

const isPgd = ({ attack }: GoldenRow) => attack.startsWith('pgd');

/** So many images of a row from one on. */
export interface Some {
  first: number;
  images: number;
}

export interface Measured extends Survivors {
  clean: Uint8Array;
  verdict: Verdict;
  /** Of the attack, and of the probes of its trustworthiness. */
  spent: Spent;
  probing: Spent;
}

/** Seconds by the wall's clock, and by the processor's over all threads. */
export interface Spent {
  seconds: number;
  processor: number;
}

/** Starts both clocks; gives what they show. */
function stopwatch(): () => Spent {
  const [began, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6 };
  };
}

/** Measures a row's images from first on, all or so many; probed: whether the verdict rests on the probes too. */
export async function measureRow(
  backend: Backend,
  row: GoldenRow,
  { first = 0, images = row.n, seed = 0, probed = false },
): Promise<Measured> {
  const { network, weights } = publicNetwork(row.file, row.last_layer_times);
  const set = partOf(await testImages(row.n), first, Math.min(first + images, row.n));
  const meter = new Meter(backend, network, weights, { measure: measureConfig.parse({}), seed, adversarial: false });
  try {
    const clean = await meter.standard(set, unwatched);
    const planned = plannedAttack(attackOf(row), isPgd(row) ? 'LAST_STEP' : 'ANY_STEP');
    const attacking = stopwatch();
    const survivors = await meter.robust(planned, set, clean, unwatched);
    const spent = attacking();
    const { robust } = survivors;
    const afterwards = stopwatch();
    const doubts = probed ? await probe(planned, { set, clean, robust }, (...tried) => meter.robust(...tried), unwatched) : [];
    const verdict = verdictOf(clean, survivors, planned.attack?.config.epsilon ?? 0, doubts);
    return { clean, ...survivors, verdict, spent, probing: afterwards() };
  } finally {
    await meter.dispose();
  }
}

function testImages(images: number): Promise<ImageSet> {
  return loadSplit(cifar10, process.env.RIFTLAB_DATASETS as string, { split: 'test', protocol: 'PAPER', trainedHere: true, images });
}

/** The reference's flags at the end, one character an image. */
export const expectedFlags = ({ correct, flags }: GoldenRow): string => correct ?? (Object.values(flags ?? {}).at(-1) as string);

/** Images that only one of the two leaves right; expected: of all images, those of what was found from first on. */
export function compared(found: Uint8Array, expected: string, { first } = { first: 0 }): { weaker: number; stronger: number } {
  const differing = (ours: number, theirs: string) =>
    found.filter((flag, image) => flag === ours && expected[first + image] === theirs).length;
  return { weaker: differing(1, '0'), stronger: differing(0, '1') };
}
