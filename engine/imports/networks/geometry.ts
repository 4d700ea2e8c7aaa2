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

export interface Solved {
  /** The likeliest; where nothing fits, what is usual. */
  best: Geometry[];
  /** All that fit and are as likely as the best. */
  tied: Geometry[][];
  /** How many fit in all. */
  fitting: number;
  reduction: 'flatten' | 'globalAveragePool';
}

/** Stride and padding that networks have with a kernel of this side, the usual first. */
const usual: Record<number, readonly (readonly [stride: number, padding: number])[]> = {
  1: [
    [1, 0],
    [2, 0],
  ],
  2: [
    [2, 0],
    [1, 0],
  ],
  3: [
    [1, 1],
    [2, 1],
    [1, 0],
    [2, 0],
  ],
  4: [
    [2, 1],
    [2, 0],
    [1, 0],
  ],
  5: [
    [1, 2],
    [2, 2],
    [1, 0],
    [2, 0],
    [2, 1],
  ],
  7: [
    [1, 3],
    [2, 3],
    [1, 0],
    [2, 0],
  ],
};

const costs = { unusual: 1, mixed: 3, narrow: 0.5 };
/** Of a pooling that is there, and of one that is not. */
const poolingCosts = { NONE: { there: 0, absent: 0 }, ANY: { there: 1, absent: 0 }, LIKELY: { there: 0, absent: 2 } };
/** Choices that are looked at; a chain with more is not solved. */
const mostChoices = 2_000_000;

function choicesOf({ kernel, pooling, framed, widens }: ConvolutionAbout): (Geometry & { cost: number })[] {
  const moves = usual[kernel] ?? [[1, Math.floor(kernel / 2)] as const, [1, 0] as const];
  const frames = framed && kernel === 5 ? [{ stride: 2, padding: [1, 2, 1, 2] as const, cost: 0 }] : [];
  const plain = moves.map(([stride, padding], rank) => ({
    stride,
    padding,
    cost: rank * costs.unusual + (stride > 1 && !widens ? costs.narrow : 0),
  }));
  const { there, absent } = poolingCosts[pooling];
  return (frames.length > 0 ? frames : plain).flatMap((move) => [
    { ...move, pooled: false, cost: move.cost + absent },
    ...(pooling === 'NONE' ? [] : [{ ...move, pooled: true, cost: move.cost + there }]),
  ]);
}

function after(side: number, kernel: number, { stride, padding, pooled }: Geometry): number {
  const zeros = typeof padding === 'number' ? 2 * padding : padding[0] + padding[1];
  const convolved = Math.floor((side + zeros - kernel) / stride) + 1;
  return pooled ? Math.floor(convolved / 2) : convolved;
}

/** How many kernels of one side move in more than one way, in points. */
function mixture(convolutions: readonly ConvolutionAbout[], chosen: readonly Geometry[]): number {
  const kinds = new Map<number, Set<string>>();
  for (const [index, { stride, padding }] of chosen.entries()) {
    const { kernel } = convolutions[index] as ConvolutionAbout;
    kinds.set(kernel, (kinds.get(kernel) ?? new Set()).add(`${stride} ${padding}`));
  }
  return [...kinds.values()].reduce((sum, { size }) => sum + costs.mixed * (size - 1), 0);
}

/** positions: of the maps that the linear layer takes in; 1 may also be their mean. */
export function geometries(convolutions: readonly ConvolutionAbout[], [height, width]: ImageShape, positions: number): Solved {
  const choices = convolutions.map(choicesOf);
  const fallback = choices.map(([first]) => first as Geometry);
  const count = choices.reduce((product, { length }) => product * length, 1);
  const fits: { chosen: Geometry[]; cost: number }[] = [];
  const isMean = positions === 1 && height > 1;
  const walk = (index: number, [tall, wide]: readonly [number, number], chosen: Geometry[], cost: number): void => {
    if (tall < 1 || wide < 1) return;
    const convolution = convolutions[index];
    if (!convolution) {
      if (tall * wide === positions || isMean) fits.push({ chosen, cost: cost + mixture(convolutions, chosen) });
      return;
    }
    for (const { cost: own, ...choice } of choices[index] as (Geometry & { cost: number })[])
      walk(index + 1, [after(tall, convolution.kernel, choice), after(wide, convolution.kernel, choice)], [...chosen, choice], cost + own);
  };
  if (count <= mostChoices) walk(0, [height, width], [], 0);
  const least = Math.min(...fits.map(({ cost }) => cost));
  // A mean takes maps of any size: how the convolutions move shows nowhere.
  const tied = fits.filter(({ cost }) => cost === least || isMean).map(({ chosen }) => chosen);
  return { best: tied[0] ?? fallback, tied, fitting: fits.length, reduction: isMean ? 'globalAveragePool' : 'flatten' };
}
