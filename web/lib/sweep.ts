/** The choice of a point on the α curve, made again in the page when the tolerance moves. */

const usualTolerance = 0.001;

/** How a run chose its point; whole: whether every point was measured, so that another tolerance can choose too. config: the run's. */
export function choiceOf(config: unknown): { configured: number; whole: boolean } {
  const { tolerance, until } = (config as { interpolation?: { tolerance?: unknown; until?: unknown } } | null)?.interpolation ?? {};
  return { configured: typeof tolerance === 'number' ? tolerance : usualTolerance, whole: until !== 'SELECTED' };
}

export interface CurvePoint {
  alpha: number;
  standard: number | null;
  robust: number | null;
  ood?: number | null;
  images: number;
  split: string;
  trust?: string;
}

/** Robust accuracies are counts over images; their difference may be off the tolerance by rounding alone. */
const rounding = 1e-9;

/** Robust accuracy at α = 0, from which the tolerance counts; null before that point is there. */
export const reference = (points: readonly CurvePoint[]): number | null => points.find(({ alpha }) => alpha === 0)?.robust ?? null;

/**
 * The point of highest standard accuracy among those whose robust accuracy is at most `tolerance` (a fraction) below that of
 * α = 0; of equals the more robust, then the smaller α. A SUSPECT robust accuracy is never good enough, but that of α = 0.
 * Null while α = 0 is not measured.
 */
export function selectPoint<Point extends CurvePoint>(points: readonly Point[], tolerance: number): Point | null {
  const floor = (reference(points) ?? Number.POSITIVE_INFINITY) - tolerance - rounding;
  const allowed = points.filter(
    ({ alpha, standard, robust, trust }) => standard !== null && robust !== null && robust >= floor && (alpha === 0 || trust !== 'SUSPECT'),
  );
  const better = (a: Point, b: Point) => (b.standard ?? 0) - (a.standard ?? 0) || (b.robust ?? 0) - (a.robust ?? 0) || a.alpha - b.alpha;
  return allowed.toSorted(better)[0] ?? null;
}
