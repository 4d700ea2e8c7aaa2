/** Zooming into the centre, linearly, as SciPy's zoom does it. */
import type { Picture } from './picture.ts';

/** The even one of two neighbours that are equally near, as Python rounds. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

interface Line {
  /** Of the new line's entries that are kept: the old entry before it, and the share of the one after. */
  before: Int32Array;
  share: Float64Array;
}

/** A line of `length` entries: its centre is cut out, stretched, and cut to `length` again. */
function lineOf(length: number, factor: number): Line {
  const cut = Math.ceil(length / factor);
  const first = Math.floor((length - cut) / 2);
  const stretched = roundHalfEven(cut * factor);
  const step = (cut - 1) / (stretched - 1);
  const trim = Math.floor((stretched - length) / 2);
  const places = Float64Array.from({ length }, (_, index) => Math.min((index + trim) * step, cut - 1));
  const before = Int32Array.from(places, (place) => Math.min(Math.floor(place), cut - 2));
  return { before: before.map((index) => index + first), share: places.map((place, index) => place - (before[index] as number)) };
}

const kept = new Map<string, Line>();

function knownLine(length: number, factor: number): Line {
  const key = `${length} ${factor}`;
  const line = kept.get(key) ?? lineOf(length, factor);
  kept.set(key, line);
  return line;
}

/** The picture's centre, enlarged by the factor to the picture's own size. */
export function zoomed({ data, height, width, channels }: Picture, factor: number): Float64Array {
  if (factor === 1) return data;
  const rows = knownLine(height, factor);
  const columns = knownLine(width, factor);
  const result = new Float64Array(data.length);
  const line = width * channels;
  let target = 0;
  for (let row = 0; row < height; row++) {
    const top = (rows.before[row] as number) * line;
    const down = rows.share[row] as number;
    for (let column = 0; column < width; column++) {
      const across = columns.share[column] as number;
      let from = top + (columns.before[column] as number) * channels;
      for (const end = from + channels; from < end; from++) {
        const upper = (1 - across) * (data[from] as number) + across * (data[from + channels] as number);
        const lower = (1 - across) * (data[from + line] as number) + across * (data[from + line + channels] as number);
        result[target++] = (1 - down) * upper + down * lower;
      }
    }
  }
  return result;
}
