/**
 * The modules of least criticality without the scores of all: the same choice for a fraction of the passes.
 * The largest loss that an ascent has found never falls, so it bounds its module's score from below. The ascent of the least
 * bound goes on; once the k least are followed to their end, no other score can come below them.
 */
import type { NetworkModule } from '../models/modules.ts';
import type { MrcScore } from '../recorder.ts';
import { mostInputBytes } from './block-inputs.ts';
import { ascend, beginAscents, type CriticalityWork, inNetworkOrder, type ModuleAscent, scoreOf } from './criticality.ts';
import type { ModuleLoss } from './robust-loss.ts';

/** The `count` lowest scores and bounds, equal ones in network order, as a choice takes them. */
const lowest = (scores: readonly MrcScore[], count: number) =>
  scores.toSorted((first, second) => first.score - second.score).slice(0, count);

/** The score that must be followed before the choice is made; undefined when it is. scores: in network order. */
export const openScore = (scores: readonly MrcScore[], count: number) => lowest(scores, count).find(({ complete }) => !complete);

/** Epochs that the choice takes at least from here. */
export function epochsToGo(scores: readonly MrcScore[], count: number, iterations: number): number {
  const followed = lowest(scores, count);
  const rest = followed.reduce((sum, { losses }) => sum + iterations - losses.length, 0);
  return rest + scores.filter((score) => score.losses.length === 0 && !followed.includes(score)).length;
}

/**
 * Follows the ascents until the `count` modules of least score are known; `scored` is awaited after every epoch that finds
 * something new, and at the end for modules that were never begun, whose bound is 0. Returns all scores in network order; those
 * that are not complete are lower bounds.
 * @param known scores and bounds that are recorded already; a bound's ascent begins again only when the choice needs it
 */
export async function leastModules(
  work: CriticalityWork,
  modules: readonly NetworkModule[],
  { count, known }: { count: number; known: readonly MrcScore[] },
  scored: (score: MrcScore) => Promise<void>,
): Promise<MrcScore[]> {
  const { config, watch } = work;
  const ordered = inNetworkOrder(modules);
  const { robustLoss, begin, lossOf } = await beginAscents(work, ordered, mostInputBytes);
  const ascents = new Map(ordered.map((module) => [module.name, begin(module)]));
  const images = work.examples.reduce((sum, batch) => sum + batch.count, 0);
  const scores = ordered.map(
    ({ name }) => known.find(({ module }) => module === name) ?? scoreOf(ascents.get(name) as ModuleAscent, robustLoss, config),
  );
  let loss: ModuleLoss | undefined;
  try {
    for (let open = openScore(scores, count); open; open = openScore(scores, count)) {
      watch.expect(images * epochsToGo(scores, count, config.iterations));
      const ascent = ascents.get(open.module) as ModuleAscent;
      if (loss?.module !== open.module) {
        await leave(loss, ascents);
        loss = undefined;
        loss = await lossOf(ascent);
      }
      await ascend(ascent, loss, config);
      if (ascent.losses.length <= open.losses.length) continue;
      const score = scoreOf(ascent, robustLoss, config);
      scores[scores.indexOf(open)] = score;
      await scored(score);
    }
  } finally {
    await loss?.dispose();
  }
  const untouched = scores.filter((score) => score.losses.length === 0 && !known.includes(score));
  for (const bound of untouched) await scored(bound);
  return scores;
}

/** Another ascent goes on: what this one has begun stays with it. */
async function leave(loss: ModuleLoss | undefined, ascents: ReadonlyMap<string, ModuleAscent>): Promise<void> {
  const ascent = loss && ascents.get(loss.module);
  if (ascent) ascent.begun = loss.begun;
  await loss?.dispose();
}
