/** The page chooses the same point as the engine, for any tolerance. */
import { describe, expect, it } from 'vitest';
import { selectPoint as engineChoice } from '../../engine/rift/interpolation.ts';
import { choiceOf, selectPoint } from '../../web/lib/sweep.ts';

const curve = (standard: number[], robust: number[]) =>
  standard.map((value, index) => ({ alpha: index / 10, standard: value, robust: robust[index] ?? 0, images: 1000, split: 'holdout' }));

const points = curve([0.8, 0.82, 0.85, 0.87, 0.88], [0.5, 0.5, 0.499, 0.49, 0.45]);

describe('the selected point', () => {
  it('is the best standard accuracy within the tolerance', () => {
    expect(selectPoint(points, 0)?.alpha).toBe(0.1);
    expect(selectPoint(points, 0.001)?.alpha).toBe(0.2);
    expect(selectPoint(points, 0.01)?.alpha).toBe(0.3);
    expect(selectPoint(points, 1)?.alpha).toBe(0.4);
  });

  it('waits for alpha 0 and passes over what is not measured', () => {
    expect(selectPoint(points.slice(1), 1)).toBeNull();
    expect(
      selectPoint(
        [
          { alpha: 0, standard: 0.5, robust: 0.4, images: 1, split: 'test' },
          { ...points[3], alpha: 1, robust: null, standard: 1, images: 1, split: 'test' },
        ],
        1,
      )?.alpha,
    ).toBe(0);
    expect(selectPoint([], 0.1)).toBeNull();
  });

  it('is none whose robust accuracy is suspect, but for alpha 0, here as in the engine', () => {
    const marked = (trust: 'SUSPECT' | 'CHECKED') => points.map((point) => ({ ...point, trust }));
    const suspect = marked('SUSPECT');
    type Choose = (from: ReturnType<typeof marked>, tolerance: number) => { alpha: number } | null | undefined;
    for (const choose of [selectPoint, engineChoice] as Choose[]) {
      expect(choose([...marked('CHECKED').slice(0, 3), ...suspect.slice(3)], 1)?.alpha).toBe(0.2);
      expect(choose(suspect, 1)?.alpha).toBe(0);
    }
  });

  it("equals the engine's on curves with many ties", () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return Math.round((state / 2_147_483_647) * 12) / 12;
    };
    for (let trial = 0; trial < 300; trial++) {
      const some = curve(Array.from({ length: 11 }, random), Array.from({ length: 11 }, random));
      const tolerance = random() / 3;
      expect(selectPoint(some, tolerance)?.alpha).toBe(engineChoice(some, tolerance)?.alpha);
    }
  });
});

it('a run chooses by its own tolerance, or by the usual one', () => {
  expect(choiceOf({ interpolation: { tolerance: 0.02 } })).toEqual({ configured: 0.02, whole: true });
  expect(choiceOf({ interpolation: { until: 'SELECTED' } })).toEqual({ configured: 0.001, whole: false });
  expect(choiceOf(null)).toEqual({ configured: 0.001, whole: true });
});
