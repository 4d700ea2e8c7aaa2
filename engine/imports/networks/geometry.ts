/** How the convolutions of a chain may move, so that as many positions come out as the linear layer behind them takes in. */
import type { ImageShape } from '../../data/dataset.ts';

export interface ConvolutionAbout {
  /** Side of its kernel. */
  kernel: number;
  /** Of a 2 x 2 maximum behind it: impossible, possible, or likely because the numbers of layers leave room for one. */
  pooling: 'NONE' | 'ANY' | 'LIKELY';
  /** Whether it gives more channels than it takes, the image's own aside: networks become smaller where they become wider. */
  widens: boolean;
  /** Behind a layer without weights at the beginning, which is a frame of zeros. */
  framed: boolean;
}

export interface Geometry {
  stride: number;
  /** On each side, or at the left, right, top and bottom. */
  padding: number | readonly [number, number, number, number];
  /** Whether a 2 x 2 maximum is taken behind it. */
  pooled: boolean;
}

/** Why it stays open how they move: several ways are about as likely, or a mean hides them. */
export type Open = 'SEVERAL' | 'MEAN';

export interface Solved {
  /** The likeliest; where nothing fits, what is usual. */
  best: Geometry[];
  /** All that fit and are about as likely as the best. */
  likely: Geometry[][];
  open: Open | undefined;
  reduction: 'flatten' | 'globalAveragePool';
}

/** Stride and padding that networks have with a kernel of this side, the likeliest first, each with what it costs. */
const usual: Record<number, readonly (readonly [stride: number, padding: number, cost: number])[]> = {
  1: [
    [1, 0, 0],
    [2, 0, 1],
  ],
  2: [
    [2, 0, 0],
    [1, 0, 1],
  ],
  3: [
    [1, 1, 0],
    [2, 1, 1],
    [1, 0, 1],
    [2, 0, 3],
  ],
  4: [
    [2, 1, 0],
    [2, 0, 1],
    [1, 0, 2],
  ],
  5: [
    [1, 2, 0],
    [1, 0, 0],
    [2, 2, 2],
    [2, 0, 2],
    [2, 1, 3],
  ],
  7: [
    [1, 3, 0],
    [2, 3, 1],
    [1, 0, 2],
    [2, 0, 3],
  ],
};

const costs = { mixed: 3, narrow: 1.5, stridedAndPooled: 2 };
/** Of a pooling that is there, and of one that is not. */
const poolingCosts = { NONE: { there: 0, absent: 0 }, ANY: { there: 0.5, absent: 0 }, LIKELY: { there: 0, absent: 2 } };
/** What costs no more beyond the best may be meant as well. */
const margin = 1;
/** Places that are looked at; a chain with more is not solved. */
const mostPlaces = 100_000;
/** Beyond all that a chain of usual layers costs. */
const mostCost = 100;
/** Of a chain that comes to one position by its usual layers; what costs more may as well be a mean over maps of any size. */
const mostCostToOne = 1;

interface Choice extends Geometry {
  cost: number;
}

function choicesOf({ kernel, pooling, framed, widens }: ConvolutionAbout): Choice[] {
  const moves = usual[kernel] ?? [[1, Math.floor(kernel / 2), 0] as const, [1, 0, 1] as const];
  const frames = framed && kernel === 5 ? [{ stride: 2, padding: [1, 2, 1, 2] as const, cost: 0 }] : [];
  const plain = moves.map(([stride, padding, cost]) => ({ stride, padding, cost: cost + (stride > 1 && !widens ? costs.narrow : 0) }));
  const { there, absent } = poolingCosts[pooling];
  return (frames.length > 0 ? frames : plain)
    .flatMap((move): Choice[] => [
      { ...move, pooled: false, cost: move.cost + absent },
      ...(pooling === 'NONE' ? [] : [{ ...move, pooled: true, cost: move.cost + there + (move.stride > 1 ? costs.stridedAndPooled : 0) }]),
    ])
    .toSorted((one, other) => one.cost - other.cost);
}

function after(side: number, kernel: number, { stride, padding, pooled }: Geometry): number {
  const zeros = typeof padding === 'number' ? 2 * padding : padding[0] + padding[1];
  const convolved = Math.floor((side + zeros - kernel) / stride) + 1;
  return pooled ? Math.floor(convolved / 2) : convolved;
}

interface Way {
  chosen: Geometry[];
  cost: number;
}

/** What a chain still costs at least from one of its convolutions on, its mixture aside; infinite where it cannot end as it is to. */
function leastCosts(convolutions: readonly ConvolutionAbout[], choices: readonly Choice[][], positions: number) {
  const known = new Map<string, number>();
  const least = (index: number, tall: number, wide: number): number => {
    if (tall < 1 || wide < 1) return Number.POSITIVE_INFINITY;
    const convolution = convolutions[index];
    if (!convolution) return tall * wide === positions ? 0 : Number.POSITIVE_INFINITY;
    const place = `${index} ${tall} ${wide}`;
    const found =
      known.get(place) ??
      Math.min(
        ...(choices[index] as Choice[]).map(
          (choice) => choice.cost + least(index + 1, after(tall, convolution.kernel, choice), after(wide, convolution.kernel, choice)),
        ),
      );
    known.set(place, found);
    return found;
  };
  return least;
}

/** Finds the ways to as many positions that cost no more than a bound; undefined where there are too many to look at. */
function finder(convolutions: readonly ConvolutionAbout[], [height, width]: ImageShape, positions: number) {
  const choices = convolutions.map(choicesOf);
  const leastFrom = leastCosts(convolutions, choices, positions);
  const waysWithin = (bound: number): Way[] | undefined => {
    const found: Way[] = [];
    let places = 0;
    /** moved: by kernel, how its convolutions move so far; kernels that move in several ways are unusual. */
    const walk = (tall: number, wide: number, chosen: readonly Choice[], moved: ReadonlyMap<number, ReadonlySet<string>>, cost: number) => {
      if (cost + leastFrom(chosen.length, tall, wide) > bound || ++places > mostPlaces) return;
      const convolution = convolutions[chosen.length];
      if (!convolution) {
        found.push({ chosen: chosen.map(({ stride, padding, pooled }) => ({ stride, padding, pooled })), cost });
        return;
      }
      const { kernel } = convolution;
      const seen = moved.get(kernel) ?? new Set();
      for (const choice of choices[chosen.length] as Choice[]) {
        const move = `${choice.stride} ${choice.padding}`;
        const isMixed = seen.size > 0 && !seen.has(move);
        const next = seen.has(move) ? moved : new Map([...moved, [kernel, new Set([...seen, move])]]);
        const sum = cost + choice.cost + (isMixed ? costs.mixed : 0);
        walk(after(tall, kernel, choice), after(wide, kernel, choice), [...chosen, choice], next, sum);
      }
    };
    walk(height, width, [], new Map(), 0);
    return places > mostPlaces ? undefined : found;
  };
  return { least: leastFrom(0, height, width), waysWithin };
}

/** positions: of the maps that the linear layer takes in; 1 may also be their mean. */
export function geometries(convolutions: readonly ConvolutionAbout[], shape: ImageShape, positions: number): Solved {
  const usualOnes = convolutions.map((one) => choicesOf(one)[0] as Geometry);
  const isMean = positions === 1 && shape[0] > 1;
  const reduction = isMean ? 'globalAveragePool' : 'flatten';
  const { least: bottom, waysWithin } = finder(convolutions, shape, positions);
  const top = isMean ? mostCostToOne : mostCost;
  for (let bound = bottom; bound <= top; bound = Math.min(2 * bound + 1, bound === top ? Number.POSITIVE_INFINITY : top)) {
    const ways = waysWithin(bound + margin);
    if (!ways) break;
    const least = Math.min(...ways.map(({ cost }) => cost));
    if (least > bound) continue;
    const likely = ways.filter(({ cost }) => cost <= least + margin).toSorted((one, other) => one.cost - other.cost);
    const [best] = likely as [Way];
    const open = likely.length > 1 ? 'SEVERAL' : undefined;
    return { best: best.chosen, likely: likely.map(({ chosen }) => chosen), open, reduction };
  }
  return { best: usualOnes, likely: [], open: isMean ? 'MEAN' : undefined, reduction };
}
