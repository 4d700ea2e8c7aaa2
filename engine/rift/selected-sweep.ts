/**
 * The selected point of a sweep without the robust accuracy of all: standard accuracy of every point first, then robust accuracy
 * in the order of falling standard accuracy until a point is robust enough. An attack ends once its point cannot be.
 */
import { accuracy } from '../evaluation/flags.ts';
import { Meter, measurementPasses } from '../evaluation/meter.ts';
import type { SweepPoint } from '../recorder.ts';
import { interpolate } from '../weights/interpolation.ts';
import { leastRobust, type SweepWork, selectPoint } from './interpolation.ts';

/** A point whose robust accuracy could make it the selected one: the highest, of equals all, since the more robust is taken. */
function nextPoint(points: readonly SweepPoint[], tolerance: number, hopeless: ReadonlySet<number>): SweepPoint | undefined {
  const start = points.find(({ alpha }) => alpha === 0);
  if (start?.robust === null) return start;
  const best = selectPoint(points, tolerance)?.standard ?? 0;
  return points
    .filter(({ alpha, standard, robust }) => robust === null && standard >= best && !hopeless.has(alpha))
    .toSorted((first, second) => second.standard - first.standard || first.alpha - second.alpha)[0];
}

/** Measures until the point of this tolerance is known; `measured` is awaited after each thing that is new. Returns all points. */
export async function sweepUntilSelected(
  work: Omit<SweepWork, 'corrupted'>,
  tolerance: number,
  measured: (point: SweepPoint) => Promise<void>,
): Promise<SweepPoint[]> {
  const { backend, network, base, measure, seed } = work;
  const meter = new Meter(backend, network, base, { measure, seed, adversarial: true });
  try {
    return await pointsOf(work, tolerance, meter, measured);
  } finally {
    await meter.dispose();
  }
}

async function pointsOf(
  work: Omit<SweepWork, 'corrupted'>,
  tolerance: number,
  meter: Meter,
  measured: (point: SweepPoint) => Promise<void>,
): Promise<SweepPoint[]> {
  const { base, tuned, set, watch, measure } = work;
  const attackPasses = set.count * (measurementPasses(measure, true) - 1);
  const points = new Map(work.done.filter(({ alpha }) => work.alphas.includes(alpha)).map((point) => [point.alpha, point]));
  const keep = async (point: SweepPoint) => {
    points.set(point.alpha, point);
    await measured(point);
  };
  const clean = new Map<number, Uint8Array>();
  const unknown = work.alphas.filter((alpha) => !points.has(alpha));
  // The attacks on alpha 0 and on the point that is likely to be selected.
  watch.expect(set.count * unknown.length + 2 * attackPasses);
  for (const alpha of unknown) {
    await meter.setWeights(interpolate(base, tuned, alpha));
    const standard = await meter.standard(set, watch);
    clean.set(alpha, standard);
    await keep({ alpha, standard: accuracy(standard), robust: null, images: set.count, split: set.split });
  }
  const all = () => work.alphas.map((alpha) => points.get(alpha) as SweepPoint);
  const hopeless = new Set<number>();
  for (let point = nextPoint(all(), tolerance, hopeless); point; point = nextPoint(all(), tolerance, hopeless)) {
    watch.expect(point.alpha === 0 ? 2 * attackPasses : attackPasses);
    await meter.setWeights(interpolate(base, tuned, point.alpha));
    const standard = clean.get(point.alpha) ?? (await meter.standard(set, watch));
    const least = point.alpha === 0 ? 0 : leastRobust(all(), tolerance, set.count);
    const { robust, verdict } = await meter.attacked(set, standard, watch, least);
    if (robust) await keep({ ...point, robust: accuracy(robust), ...verdict });
    else {
      hopeless.add(point.alpha);
      const text = `The attack ended when fewer than ${least} of ${set.count} images could still survive it: too few for the tolerance.`;
      await keep({ ...point, findings: [text] });
    }
  }
  return all();
}
