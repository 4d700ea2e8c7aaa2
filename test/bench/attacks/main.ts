/** `npm run bench -- attacks`: every row of the reference implementation's goldens, image by image, with its time beside theirs. */
import { chooseBackend } from '../../../engine/index.ts';
import { compared, expectedFlags, type GoldenRow, goldenRows, measureRow } from '../../golden/attack-rows.ts';
import { measureReference, type Reference } from './reference.ts';

export interface AttackRow {
  name: string;
  images: number;
  /** Images left right, here and there; and those that only one of the two leaves right. */
  robust: number;
  expected: number;
  weaker: number;
  stronger: number;
  seconds: number;
  /** Of the reference: measured here, or as stored with the goldens (one shared core), where that was on as many images. */
  theirs?: number;
  trust: string;
}

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

const total = (seconds: Record<string, number>) => Object.values(seconds).reduce((sum, one) => sum + one, 0);

export async function benchAttacks({ only, images, threads, reference }: AttacksAsked): Promise<AttackRow[]> {
  const backend = await chooseBackend({ threads });
  const rows: AttackRow[] = [];
  try {
    for (const row of goldenRows()) {
      const name = nameOf(row);
      if (row.attack === 'gradient' || !new RegExp(only).test(name)) continue;
      const count = Math.min(images ?? row.n, row.n);
      const { robust, seconds, verdict } = await measureRow(backend, row, { images: count, seed: row.seed });
      const expected = expectedFlags(row).slice(0, count);
      const measured = reference && (await measureReference(reference, row, count))?.seconds;
      const stored = count === row.n && !reference ? row.seconds : undefined;
      const theirs = (measured ?? stored) && total((measured ?? stored) as Record<string, number>);
      const left = robust.reduce((sum, flag) => sum + flag, 0);
      rows.push({
        ...{ name, images: count, robust: left, expected: ones(expected), ...compared(robust, expected), seconds, trust: verdict.trust },
        ...(theirs !== undefined && { theirs }),
      });
      console.log(lineOf(rows.at(-1) as AttackRow));
    }
  } finally {
    await backend.dispose();
  }
  return rows;
}

export const heading = `${''.padEnd(62)}${['images', 'right', 'theirs', 'weaker', 'stronger', 'seconds', 'theirs', 'faster'].map((word) => word.padStart(9)).join('')}`;

function lineOf({ name, images, robust, expected, weaker, stronger, seconds, theirs, trust }: AttackRow): string {
  const times = theirs === undefined ? ['', ''] : [theirs.toFixed(1), `${(theirs / seconds).toFixed(2)}x`];
  const cells = [images, robust, expected, weaker, stronger, seconds.toFixed(1), ...times].map((cell) => String(cell).padStart(9));
  return `${name.padEnd(62)}${cells.join('')}  ${trust}`;
}
