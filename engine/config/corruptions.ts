/** What can be wrong with the corruptions that an evaluation measures. */
import { corruptionNames } from '../corruptions/constants.ts';
import { corruptionLists } from '../corruptions/suites.ts';
import type { Problem } from './fields.ts';

interface Chosen {
  corruptions?: readonly string[];
  severities?: readonly number[];
}

/** Names that nobody knows, and cells that would be measured twice. */
export function problemsOfCorruptions({ corruptions = [], severities = [] }: Chosen): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, name] of corruptions.entries()) {
    const path = ['corruptions', index];
    const isKnown = Object.hasOwn(corruptionLists, name) || (corruptionNames as readonly string[]).includes(name);
    if (!isKnown) {
      const all = [...Object.keys(corruptionLists), ...corruptionNames].join(', ');
      problems.push({ path, message: `There is no corruption ${JSON.stringify(name)}. Known: ${all}.` });
      continue;
    }
    const names = Object.hasOwn(corruptionLists, name) ? (corruptionLists[name] as readonly string[]) : [name];
    const again = names.find((one) => seen.has(one));
    if (again) problems.push({ path, message: `${again} is named twice.` });
    for (const one of names) seen.add(one);
  }
  severities.forEach((severity, index) => {
    if (severities.indexOf(severity) < index) problems.push({ path: ['severities', index], message: `${severity} is named twice.` });
  });
  return problems;
}
