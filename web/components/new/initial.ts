/** What a form holds when it opens. */
import { presets, readyDataset, valuesOfPreset } from '../../lib/form/presets.ts';
import { withoutTakenAttacks } from '../../lib/form/taken-attacks.ts';
import type { TypeTable } from '../../lib/form/types.ts';
import { type Values, valuesOf } from '../../lib/form/values.ts';
import type { Dataset } from '../../queries/lab.ts';

interface Address {
  preset: string | null;
  /** Id of the weights to begin with. */
  checkpoint: string | null;
}

/** A preset's settings: the one that is named, or the one that takes minutes. */
export function freshValues(projects: readonly string[], datasets: readonly Dataset[], { preset, checkpoint }: Address): Values {
  const chosen = presets.some(({ name }) => name === preset) ? (preset as string) : 'quick';
  const weights = checkpoint ? { checkpoint, base: checkpoint, 'model?': 'checkpoint', 'model.checkpoint': checkpoint } : {};
  return { project: projects[0] ?? 'first', ...valuesOfPreset(chosen, readyDataset(datasets)), ...weights };
}

/** The settings of an earlier run; its name stays with it. */
export function repeatedValues(types: TypeTable, input: string, config: unknown, project: string): Values {
  return { project, ...valuesOf(types, input, withoutTakenAttacks(config)), name: undefined };
}
