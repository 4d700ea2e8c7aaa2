/** A sweep that stops at the selected point selects what the whole sweep selects, on small images. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { fineTuneConfig, interpolationConfig, measureConfig, pgdConfig } from '../../../engine/config.ts';
import type { SweepPoint } from '../../../engine/recorder.ts';
import { leastRobust, selectPoint } from '../../../engine/rift/interpolation.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import type { InterpolationRequest, Model } from '../../../engine/stages.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { oneThread } from '../one-thread.ts';
import { patternModel, trainedPatterns } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const attack = pgdConfig.parse({ epsilon: 0.06, stepSize: 0.02, steps: 4 });
const measure = measureConfig.parse({ images: 60, attack });

let backend: Backend;
let base: Model;
let tuned: Weights;
beforeAll(async () => {
  backend = await oneThread();
  base = patternModel(await trainedPatterns(backend));
  const fineTune = fineTuneConfig.parse({ select: 'LAST', epochs: 3, learningRate: 0.05 });
  const request = { model: base, fineTune, scores: [], protocol: 'HOLD_OUT' as const, measure, trainImages: 640 };
  tuned = (await runFineTune(contextOf(backend, new Recording()), request)).weights;
});
afterAll(() => backend.dispose());

async function swept(until: 'ALL' | 'SELECTED', tolerance: number, seed: number, done: SweepPoint[] = []) {
  const recording = new Recording();
  const interpolation = interpolationConfig.parse({ alphas: [0.2, 0.4, 0.6, 0.8, 1], tolerance, until });
  const request: InterpolationRequest = { base, tuned, interpolation, measure, protocol: 'HOLD_OUT', done };
  return { ...(await measureInterpolation(contextOf(backend, recording, { seed }), request)), recording };
}

describe('a sweep until the selected point', () => {
  it.each([0, 1, 2])('selects the same point for less work, whatever the tolerance (seed %i)', async (seed) => {
    const all = await swept('ALL', 0, seed);
    for (const tolerance of [0, 0.05, 1]) {
      const { points, selected, weights, recording } = await swept('SELECTED', tolerance, seed);
      expect(selected).toEqual(selectPoint(all.points, tolerance));
      expect(weights).toBeDefined();
      expect(points.map(({ alpha, standard }) => [alpha, standard])).toEqual(all.points.map(({ alpha, standard }) => [alpha, standard]));
      for (const [index, { robust, trust, findings = [] }] of points.entries()) {
        if (robust !== null) expect({ robust, trust }).toEqual({ robust: all.points[index]?.robust, trust: all.points[index]?.trust });
        else if (findings.length > 0) expect(all.points[index]?.robust).toBeLessThan((all.points[0]?.robust as number) - tolerance);
      }
      expect(points.some(({ robust }) => robust === null)).toBe(true);
      const last = recording.progressed.at(-1);
      expect(last?.done).toBe(last?.total);
    }
  });

  it('goes on from what was kept, and repeats no attack that has ended well', async () => {
    const whole = await swept('SELECTED', 0.05, 0);
    const standards = whole.recording.sweep.slice(0, 6);
    expect(standards.every(({ robust }) => robust === null)).toBe(true);
    const again = await swept('SELECTED', 0.05, 0, [...whole.recording.sweep.slice(6, 7), ...standards.slice(1)]);
    expect(again.points).toEqual(whole.points);
    expect(again.recording.sweep.map(({ alpha }) => alpha)).not.toContain(0);
  });
});

it('the fewest robust images within a tolerance are counted without rounding', () => {
  const start = (robust: number) => [{ alpha: 0, standard: 0.9, robust }];
  expect(leastRobust(start(0.5), 0.001, 1000)).toBe(499);
  expect(leastRobust(start(0.5), 0, 1000)).toBe(500);
  expect(leastRobust(start(0.1), 0.5, 1000)).toBe(0);
});
