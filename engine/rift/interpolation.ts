/** The way back to robustness (paper, section 4.3): accuracies along (1 - alpha) base + alpha tuned, and the point to take. */
import type { Backend } from '../backends/backend.ts';
import type { MeasureConfig, Trust } from '../config.ts';
import type { ImageSet } from '../data/splits.ts';
import { EngineError } from '../errors.ts';
import { accuracy } from '../evaluation/flags.ts';
import { Meter } from '../evaluation/meter.ts';
import type { Network } from '../models/network.ts';
import type { SweepPoint } from '../recorder.ts';
import type { Watch } from '../watch.ts';
import { interpolate } from '../weights/interpolation.ts';
import type { Weights } from '../weights/weights.ts';

/** Accuracies that differ by less are equal: far less than one image. */
const rounding = 1e-9;

interface Point {
  alpha: number;
  standard?: number | null;
  robust?: number | null;
  trust?: Trust;
}

/**
 * The point of highest standard accuracy among those whose robust accuracy is at most `tolerance` (a fraction) below that of
 * alpha 0; of equals the more robust, then the smaller alpha. A SUSPECT robust accuracy is never taken for good enough, but
 * that of alpha 0, which is what there was. Undefined without a measured alpha 0.
 */
export function selectPoint<T extends Point>(points: readonly T[], tolerance: number): T | undefined {
  const measured = points.filter(({ standard, robust }) => typeof standard === 'number' && typeof robust === 'number');
  const floor = (measured.find(({ alpha }) => alpha === 0)?.robust ?? Number.NaN) - tolerance - rounding;
  return measured
    .filter(({ alpha, robust, trust }) => (robust as number) >= floor && (alpha === 0 || trust !== 'SUSPECT'))
    .toSorted(
      (first, second) =>
        (second.standard as number) - (first.standard as number) ||
        (second.robust as number) - (first.robust as number) ||
        first.alpha - second.alpha,
    )[0];
}

/** Robust images that a point needs at least: the fewest whose share is within the tolerance of that of alpha 0. */
export function leastRobust(points: readonly Point[], tolerance: number, images: number): number {
  const robust = points.find(({ alpha }) => alpha === 0)?.robust ?? 0;
  return Math.max(0, Math.ceil((robust - tolerance - rounding) * images));
}

/** Alphas to measure, each once, in order, 0 among them. */
export function sweepAlphas(alphas: readonly number[]): number[] {
  return [...new Set([0, ...alphas])].toSorted((first, second) => first - second);
}

export interface SweepWork {
  backend: Backend;
  network: Network;
  base: Weights;
  tuned: Weights;
  alphas: readonly number[];
  set: ImageSet;
  /** The set under each corruption and severity whose mean is measured too; none where that is not asked for. */
  corrupted: readonly ImageSet[];
  measure: MeasureConfig;
  seed: number;
  /** Points that are known already. */
  done: readonly SweepPoint[];
  /** Advances by images x (measurementPasses + corrupted sets) for every point. */
  watch: Watch;
}

/** Measures the points in the order of `alphas`; `measured` is awaited after each new one. Returns all points, the known ones too. */
export async function sweep(work: SweepWork, measured: (point: SweepPoint) => Promise<void>): Promise<SweepPoint[]> {
  const { backend, network, base, tuned, set, measure, seed, watch } = work;
  const meter = new Meter(backend, network, base, { measure, seed, adversarial: true });
  const points: SweepPoint[] = [];
  try {
    for (const alpha of work.alphas) {
      const known = work.done.find((point) => point.alpha === alpha);
      if (known) {
        points.push(known);
        continue;
      }
      await meter.setWeights(interpolate(base, tuned, alpha));
      const { standard, robust, verdict } = await meter.take(set, watch);
      const point: SweepPoint = {
        alpha,
        standard: accuracy(standard),
        robust: accuracy(robust as Uint8Array),
        ood: await meter.meanAccuracy(work.corrupted, watch),
        images: set.count,
        split: set.split,
        ...verdict,
      };
      points.push(point);
      await measured(point);
    }
  } finally {
    await meter.dispose();
  }
  return points;
}

/** The selected point and its weights. */
export function selectedWeights(base: Weights, tuned: Weights, points: readonly SweepPoint[], tolerance: number) {
  const selected = selectPoint(points, tolerance);
  if (!selected) throw new EngineError('The sweep has no point at alpha 0 to compare with.', 'Measure alpha 0 too.');
  return { selected, weights: interpolate(base, tuned, selected.alpha) };
}
