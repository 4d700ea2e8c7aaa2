/** The least critical modules without all scores: the choice that all scores make, on small images. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { criticalityConfig, pgdConfig } from '../../../engine/config.ts';
import type { MrcScore } from '../../../engine/recorder.ts';
import { epochsToGo, openScore } from '../../../engine/rift/least.ts';
import { selectModules } from '../../../engine/rift/selection.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import type { Model } from '../../../engine/stages.ts';
import { oneThread } from '../one-thread.ts';
import { patternNetwork as network, patternModel, trainedPatterns } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.03, steps: 3 });
const all = criticalityConfig.parse({ images: 32, iterations: 6, batchSize: 16, attack });
const least = { ...all, until: 'LEAST' as const };

let backend: Backend;
let model: Model;
beforeAll(async () => {
  backend = await oneThread();
  model = patternModel(await trainedPatterns(backend));
});
afterAll(() => backend.dispose());

interface Scored {
  scores: MrcScore[];
  recording: Recording;
}

/** What has been scored from the beginning, by its settings: several tests look at the same. */
const known = new Map<string, Promise<Scored>>();

function scored(criticality: typeof all, seed: number, { count = 1 } = {}): Promise<Scored> {
  const settings = JSON.stringify({ criticality, seed, count });
  const scores = known.get(settings) ?? score(criticality, seed, { count });
  known.set(settings, scores);
  return scores;
}

/** Scores with their recording; seed: of the adversarial examples. */
async function score(
  criticality: typeof all,
  seed: number,
  { count = 1, done = [] as MrcScore[], signal = new AbortController().signal } = {},
): Promise<Scored> {
  const recording = new Recording();
  const context = contextOf(backend, recording, { seed, signal });
  const scores = await measureCriticality(context, { model, criticality, least: count, protocol: 'HOLD_OUT', done });
  return { scores, recording };
}

const epochsOf = (scores: readonly MrcScore[]) => scores.reduce((sum, { losses }) => sum + losses.length, 0);

describe('scoring until the least are known', () => {
  it.each([0, 1, 2])('chooses what all scores choose, for less work (seed %i)', async (seed) => {
    const { scores: whole } = await scored(all, seed);
    for (const count of [1, 3]) {
      const { scores, recording } = await scored(least, seed, { count });
      expect(scores.map(({ module }) => module)).toEqual(whole.map(({ module }) => module));
      const choice = count === 1 ? ({ select: 'NON_ROBUST_CRITICAL' } as const) : ({ select: 'TOP_K', k: count } as const);
      expect(selectModules(network, choice, scores)).toEqual(selectModules(network, choice, whole));
      for (const [index, score] of scores.entries()) {
        const other = whole[index] as MrcScore;
        expect(score.losses).toEqual(other.losses.slice(0, score.losses.length));
        if (score.complete) expect(score).toEqual(other);
        else expect(score.score).toBeLessThanOrEqual(other.score);
      }
      expect(scores.filter(({ complete }) => complete).length).toBeGreaterThanOrEqual(count);
      expect(epochsOf(scores)).toBeLessThan(count === 1 ? 0.45 * epochsOf(whole) : epochsOf(whole));
      expect(recording.lines).toContainEqual(expect.stringMatching(/scores are lower bounds\.$/));
    }
  });

  it('chooses the same in the ball of another norm', async () => {
    const ball = { norm: 'LINF', epsilon: 0.05 } as const;
    const { scores: whole } = await scored({ ...all, ...ball }, 3);
    for (const count of [1, 3]) {
      const { scores } = await scored({ ...least, ...ball }, 3, { count });
      const choice = { select: 'TOP_K', k: count } as const;
      expect(selectModules(network, choice, scores)).toEqual(selectModules(network, choice, whole));
      expect(scores.filter(({ complete }) => !complete).length).toBeGreaterThan(0);
      expect(scores.every(({ norm }) => norm === 'LINF')).toBe(true);
    }
  });

  it('takes the first of modules that are equal, as all scores do', async () => {
    const still = { epsilon: 0, images: 16 };
    const { scores: whole } = await scored({ ...all, ...still }, 0);
    const { scores, recording } = await scored({ ...least, ...still }, 0, { count: 2 });
    const recorded = new Set(recording.scores.map(({ module }) => module));
    expect([...recorded].sort()).toEqual(whole.map(({ module }) => module).sort());
    const choice = { select: 'TOP_K', k: 2 } as const;
    expect(new Set(whole.map(({ score }) => score)).size).toBeLessThan(whole.length);
    expect(selectModules(network, choice, scores)).toEqual(selectModules(network, choice, whole));
  });

  it('follows a module that is alone to its end', async () => {
    const { scores } = await scored({ ...least, modules: ['linear'] }, 0);
    expect(scores).toMatchObject([{ module: 'linear', complete: true, losses: { length: 6 } }]);
    const { scores: none } = await scored({ ...least, modules: ['linear'] }, 0, { count: 5 });
    expect(none).toEqual(scores);
    expect(() => selectModules(network, { select: 'TOP_K', k: 5 }, none)).toThrow('k is 5, but 1 modules have a score.');
  });

  it('stops, with the module, where a loss is no number: a bound that is none chooses nothing', async () => {
    await expect(scored({ ...least, learningRate: 1e38, epsilon: 10 }, 0)).rejects.toThrow(
      /The robust loss is (NaN|Infinity) after epoch 1 of the ascent on \S+\./,
    );
  });

  it('goes on from what was kept when it is interrupted, to the same scores', async () => {
    const { scores: whole, recording } = await scored(least, 0);
    const kept = recording.scores.slice(0, Math.ceil(recording.scores.length / 2));
    const done = [...new Map(kept.map((score) => [score.module, score])).values()];
    const { scores, recording: rest } = await score(least, 0, { done });
    expect(scores).toEqual(whole);
    expect(rest.scores.length).toBeLessThan(recording.scores.length);
    const nothing = await score(least, 0, { done: whole });
    expect(nothing.scores).toEqual(whole);
    expect(nothing.recording.scores).toEqual([]);
    expect(nothing.recording.lines).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('cancelled')), 50);
    await expect(score({ ...least, iterations: 200 }, 0, { signal: abort.signal })).rejects.toThrow('cancelled');
  });

  it('is all scores when as many are wanted', async () => {
    const short = { iterations: 2 };
    const { scores: whole } = await scored({ ...all, ...short }, 0);
    const { scores } = await scored({ ...least, ...short }, 0, { count: whole.length });
    expect(scores).toEqual(whole);
  });

  it('says how far it is, and never that it is nearer than it was', async () => {
    const { recording } = await scored(least, 1);
    const passes = recording.progressed.map(({ done }) => done);
    expect(passes).toEqual(passes.toSorted((first, second) => first - second));
    const last = recording.progressed.at(-1);
    expect(last?.done).toBe(last?.total);
  });

  it('refuses to choose the highest', async () => {
    const { scores } = await scored(least, 0);
    expect(() => selectModules(network, { select: 'ROBUST_CRITICAL' }, scores)).toThrow(/only a lower bound/);
  });
});

describe('the score to follow next', () => {
  const scoreOf = (module: string, value: number, losses: number, complete = false): MrcScore => ({
    ...{ module, complete, score: value, robustLoss: 1, perturbedLoss: 1 + value, epsilon: 0.1, norm: 'L2' as const },
    losses: Array.from({ length: losses }, () => 1 + value),
  });

  it('is the least bound; a bound that equals a score is followed where it comes first', () => {
    expect(openScore([scoreOf('a', 2, 1), scoreOf('b', 1, 1), scoreOf('c', 3, 0)], 1)?.module).toBe('b');
    expect(openScore([scoreOf('a', 1, 1), scoreOf('b', 1, 3, true)], 1)?.module).toBe('a');
    expect(openScore([scoreOf('a', 1, 3, true), scoreOf('b', 1, 1)], 1)).toBeUndefined();
    expect(openScore([scoreOf('a', 1, 3, true), scoreOf('b', 1, 1)], 2)?.module).toBe('b');
  });

  it('takes at least one epoch of every module, and the least to its end', () => {
    expect(epochsToGo([scoreOf('a', 0, 0), scoreOf('b', 0, 0), scoreOf('c', 0, 0)], 1, 10)).toBe(12);
    expect(epochsToGo([scoreOf('a', 2, 1), scoreOf('b', 1, 4), scoreOf('c', 0.5, 10, true)], 1, 10)).toBe(0);
    expect(epochsToGo([scoreOf('a', 2, 1), scoreOf('b', 1, 4), scoreOf('c', 3, 1)], 2, 10)).toBe(15);
  });
});
