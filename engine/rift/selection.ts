/** Which modules a fine-tuning trains. */
import type { FineTuneConfig } from '../config.ts';
import { EngineError } from '../errors.ts';
import { modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { MrcScore } from '../recorder.ts';

export type Choice = Pick<FineTuneConfig, 'select' | 'k' | 'modules'>;

function byScore(scores: readonly MrcScore[]): string[] {
  if (scores.length === 0)
    throw new EngineError('There are no MRC scores to choose a module by.', 'Run a criticality stage first, or name the modules.');
  return scores.toSorted((first, second) => first.score - second.score).map(({ module }) => module);
}

/** Throws EngineError where a lower bound stands among what is chosen by score. */
function known(modules: string[], scores: readonly MrcScore[]): string[] {
  const open = scores.find(({ module, complete }) => !complete && modules.includes(module));
  if (!open) return modules;
  throw new EngineError(`Of ${open.module} only a lower bound of the score is known.`, 'Score all modules: criticality.until ALL.');
}

function lowest(scores: readonly MrcScore[], count: number | undefined): string[] {
  const ranked = byScore(scores);
  if (count === undefined || count > ranked.length)
    throw new EngineError(`k is ${count}, but ${ranked.length} modules have a score.`, `Give k from 1 to ${ranked.length}.`);
  return ranked.slice(0, count);
}

function chosen({ select, k, modules = [] }: Choice, scores: readonly MrcScore[], names: string[]): string[] {
  switch (select) {
    case 'NON_ROBUST_CRITICAL':
      return known(byScore(scores).slice(0, 1), scores);
    case 'ROBUST_CRITICAL':
      return known(byScore(scores), scores).slice(-1);
    case 'TOP_K':
      return known(lowest(scores, k), scores);
    case 'LAST':
      return names.slice(-1);
    case 'ALL':
      return names;
    case 'NAMED':
      return modules;
  }
}

/** Names of the modules to train, in network order. Throws EngineError when a name, k or the scores do not fit. */
export function selectModules(network: Network, choice: Choice, scores: readonly MrcScore[]): string[] {
  const names = modulesOf(network).map(({ name }) => name);
  const wanted = chosen(choice, scores, names);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new EngineError(`${network.architecture} has no module "${unknown}".`, `Its modules: ${names.join(', ')}.`);
  return names.filter((name) => wanted.includes(name));
}
