/** Networks that a wrapper holds twice: `model.` and `attacker.model.` of the robustness library are the same tensors. */
import type { StateDictAbout } from './family.ts';

/** Fewer tensors are tied weights of one network. */
const leastCopied = 4;

/** The state dict without what lies under a prefix where all of it is also there under shorter names. */
export function withoutCopies(all: StateDictAbout): StateDictAbout {
  const originals = new Map<string, string>();
  const prefixOf = new Map<string, string>();
  for (const [name, { place }] of all) {
    const original = place === undefined ? name : (originals.get(place) ?? name);
    if (place !== undefined) originals.set(place, original);
    if (original !== name && original.length < name.length) prefixOf.set(name, prefix(original, name));
  }
  const holdsOnlyCopies = (begin: string) => [...all].every(([name]) => !name.startsWith(begin) || prefixOf.has(name));
  const whole = new Set([...new Set(prefixOf.values())].filter((begin) => begin !== '' && holdsOnlyCopies(begin)));
  const kept = [...all].filter(([name]) => !whole.has(prefixOf.get(name) ?? ''));
  return all.size - kept.length < leastCopied ? all : new Map(kept);
}

/** What a name begins with, its dot included, before the parts at its end that are also the end of another. */
function prefix(other: string, name: string): string {
  const [others, parts] = [other.split('.'), name.split('.')];
  while (others.length > 0 && parts.length > 0 && others.at(-1) === parts.at(-1)) {
    others.pop();
    parts.pop();
  }
  return parts.map((part) => `${part}.`).join('');
}
