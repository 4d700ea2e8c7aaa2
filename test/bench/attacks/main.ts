/** `npm run bench -- attacks`: every row of the reference implementation's goldens, image by image, with its time beside theirs. */
import { chooseBackend } from '../../../engine/index.ts';
import { compared, expectedFlags, type GoldenRow, goldenRows, measureRow, type Spent } from '../../golden/attack-rows.ts';
import { measureReference, type Reference, total } from './reference.ts';

export interface AttackRow {
  name: string;
  images: number;
  /** Images left right, here and there; and those that only one of the two leaves right. */
  robust: number;
  expected: number;
  weaker: number;
  stronger: number;
  spent: Spent;
  /** Of the reference: measured here, or the seconds stored with the goldens (one shared core), where that was on as many images. */
  theirs?: Partial<Spent>;
  trust: string;
}

/** The row that the reference is compared on where no other is asked for: about three minutes of both on a quiet core. */
export const comparedRow = '^autoattack-standard Linf 8/255 oval_cifar_wide$';

const nameOf = ({ file, attack, norm, eps_255, eps, last_layer_times = 1, seed }: GoldenRow) =>
  [
    attack,
    norm,
    eps_255 === undefined ? eps : `${eps_255}/255`,
    file.replace(/^abcrown_|\.pth$|-12fca82f\.th$/g, ''),
    last_layer_times > 1 && 'trap',
    seed && `seed ${seed}`,
  ]
    .filter(Boolean)
    .join(' ');

const ones = (flags: string) => flags.replaceAll('0', '').length;

export interface AttacksAsked {
  /** A pattern of rows' names. */
  only: string;
  /** Of each row; all when absent. */
  images?: number | undefined;
  threads: number;
  /** Measured after each row, where it can take it; its stored seconds stand for it when absent. */
  reference?: Reference | undefined;
}

const storedSeconds = ({ n, seconds }: GoldenRow, images: number): Partial<Spent> | undefined =>
  images === n && seconds ? { seconds: total(seconds) } : undefined;

export async function benchAttacks({ only, images, threads, reference }: AttacksAsked): Promise<AttackRow[]> {
  const backend = await chooseBackend({ threads });
  const rows: AttackRow[] = [];
  try {
    for (const row of goldenRows()) {
      const name = nameOf(row);
      if (row.attack === 'gradient' || !new RegExp(only).test(name)) continue;
      const count = Math.min(images ?? row.n, row.n);
      const { robust, spent, verdict } = await measureRow(backend, row, { images: count, seed: row.seed });
      const expected = expectedFlags(row).slice(0, count);
      const theirs = reference ? await measureReference(reference, row, count) : storedSeconds(row, count);
      const left = robust.reduce((sum, flag) => sum + flag, 0);
      rows.push({
        ...{ name, images: count, robust: left, expected: ones(expected), ...compared(robust, expected), spent, trust: verdict.trust },
        ...(theirs && { theirs }),
      });
      console.log(lineOf(cellsOf(rows.at(-1) as AttackRow)));
    }
  } finally {
    await backend.dispose();
  }
  return rows;
}

const widths = [62, 6, 5, 6, 6, 8, 7, 6, 6, 9, 6, 6, 7];
const lineOf = (cells: readonly (string | number)[]) =>
  `| ${cells.map((cell, at) => String(cell)[at === 0 ? 'padEnd' : 'padStart'](widths[at] as number)).join(' | ')} |`;

/** Seconds of both by one clock, and how many times as fast this is; empty where the other did not run. */
const besides = (ours: number, theirs: number | undefined) =>
  theirs === undefined ? [ours.toFixed(1), '', ''] : [ours.toFixed(1), theirs.toFixed(1), `${(theirs / ours).toFixed(2)}x`];

const cellsOf = ({ name, images, robust, expected, weaker, stronger, spent, theirs = {}, trust }: AttackRow) => [
  ...[name, images, robust, expected, weaker, stronger],
  ...[...besides(spent.seconds, theirs.seconds), ...besides(spent.processor, theirs.processor), trust],
];

const faster = ['theirs', 'faster'];
const columns = ['attack', 'images', 'right', 'theirs', 'weaker', 'stronger', 'seconds', ...faster, 'processor', ...faster, 'trust'];
export const heading = `${lineOf(columns)}\n|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
