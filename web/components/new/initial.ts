/** What a form holds when it opens. */
import type { TypeTable } from '../../lib/form/types.ts';
import { type Values, valuesOf } from '../../lib/form/values.ts';
import type { Dataset } from '../../queries/lab.ts';

const preferred = ['cifar10', 'mnist'];

/** The paper's network on the paper's data, as far as it is here. */
export function freshValues(projects: readonly string[], datasets: readonly Dataset[]): Values {
  const ready = datasets.filter(({ state }) => state === 'READY').map(({ name }) => name);
  const dataset = preferred.find((name) => ready.includes(name)) ?? ready[0];
  const training = { architecture: 'RESNET18', dataset };
  const at = (prefix: string) => Object.fromEntries(Object.entries(training).map(([name, value]) => [`${prefix}.${name}`, value]));
  return { project: projects[0] ?? 'first', ...at('training'), ...at('model.training') };
}

/** The settings of an earlier run; its name stays with it. */
export function repeatedValues(types: TypeTable, input: string, config: unknown, project: string): Values {
  return { project, ...valuesOf(types, input, config), name: undefined };
}
