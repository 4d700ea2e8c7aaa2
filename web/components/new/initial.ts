/** What a form holds when it opens. */
import { presets, valuesOfPreset } from '../../lib/form/presets.ts';
import type { TypeTable } from '../../lib/form/types.ts';
import { type Values, valuesOf } from '../../lib/form/values.ts';
import type { Dataset } from '../../queries/lab.ts';

const preferred = ['cifar10', 'mnist'];

/** The paper's data, as far as it is here. */
export function presetDataset(datasets: readonly Dataset[]): string | undefined {
  const ready = datasets.filter(({ state }) => state === 'READY').map(({ name }) => name);
  return preferred.find((name) => ready.includes(name)) ?? ready[0];
}

/** A preset's settings: the one that is named, or the one that takes minutes. */
export function freshValues(projects: readonly string[], datasets: readonly Dataset[], preset: string | null): Values {
  const chosen = presets.some(({ name }) => name === preset) ? (preset as string) : 'quick';
  return { project: projects[0] ?? 'first', ...valuesOfPreset(chosen, presetDataset(datasets)) };
}

/** The settings of an earlier run; its name stays with it. */
export function repeatedValues(types: TypeTable, input: string, config: unknown, project: string): Values {
  return { project, ...valuesOf(types, input, config), name: undefined };
}
