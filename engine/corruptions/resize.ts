/** Resizing by boxes as Pillow does it: across, then down, each in fixed point and rounded to bytes. */
import type { Size } from './picture.ts';

const precision = 22;

interface Line {
  first: number;
  weights: number[];
}

/** For each new pixel the old ones under its box. */
function linesOf(from: number, to: number): Line[] {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = 0.5 * filterScale;
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(from, Math.trunc(centre + support + 0.5));
    const inBox = Array.from({ length: last - first }, (_, tap) => {
      const distance = (tap + first - centre + 0.5) / filterScale;
      return distance > -0.5 && distance <= 0.5 ? 1 : 0;
    });
    const sum = inBox.reduce<number>((total, weight) => total + weight, 0);
    return { first, weights: inBox.map((weight) => Math.trunc(0.5 + (weight / sum) * 2 ** precision)) };
  });
}

const kept = new Map<string, Line[]>();

function knownLines(from: number, to: number): Line[] {
  const key = `${from} ${to}`;
  const lines = kept.get(key) ?? linesOf(from, to);
  kept.set(key, lines);
  return lines;
}

/** bytes: blocks of `from` entries that lie `stride` apart. */
function resizeAxis(bytes: Uint8Array, from: number, to: number, stride: number): Uint8Array {
  const lines = knownLines(from, to);
  const blocks = bytes.length / (from * stride);
  const result = new Uint8Array(blocks * to * stride);
  for (let block = 0; block < blocks; block++)
    for (const [index, { first, weights }] of lines.entries())
      for (let inner = 0; inner < stride; inner++) {
        let sum = 1 << (precision - 1);
        for (let tap = 0; tap < weights.length; tap++)
          sum += (bytes[(block * from + first + tap) * stride + inner] as number) * (weights[tap] as number);
        result[(block * to + index) * stride + inner] = Math.min(255, sum >> precision);
      }
  return result;
}

export function boxResize(bytes: Uint8Array, from: Size, to: { height: number; width: number }): Uint8Array {
  const across = resizeAxis(bytes, from.width, to.width, from.channels);
  return resizeAxis(across, from.height, to.height, to.width * from.channels);
}
