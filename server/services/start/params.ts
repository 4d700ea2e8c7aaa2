/** A configuration as flat params that filters and tables can use. */

import type { About } from '../networks.ts';

export interface FlatParam {
  key: string;
  value: string;
}

/** Not the experiment's own: columns, ids and labels that runs have anyway. */
const left = new Set(['project', 'name', 'tags', 'device', 'model.checkpoint', 'checkpoint', 'base', 'tuned', 'merge']);

/**
 * Every leaf of the configuration under its path (criticality.epsilon), the training's own settings without their prefix as
 * well as with it, and what the run is about (architecture, network, dataset, variant).
 */
export function flatten(config: object, about: About): FlatParam[] {
  const params = new Map<string, FlatParam>();
  const add = (key: string, value: unknown) => params.set(key, paramOf(key, value));
  for (const [key, value] of leaves(config)) add(key.replace(/^model\.training\./, 'training.'), value);
  for (const [key, value] of Object.entries(about)) if (value !== null) add(key, value);
  const epsilon =
    params.get('evaluation.attack.epsilon') ?? params.get('criticality.attack.epsilon') ?? params.get('training.attack.epsilon');
  if (epsilon) params.set('epsilon', { ...epsilon, key: 'epsilon' });
  return [...params.values()];
}

function* leaves(value: object, prefix = ''): Generator<[string, unknown]> {
  for (const [name, inner] of Object.entries(value)) {
    const key = prefix + name;
    if (left.has(key) || inner === undefined || inner === null) continue;
    if (typeof inner === 'object' && !Array.isArray(inner)) yield* leaves(inner, `${key}.`);
    else yield [key, inner];
  }
}

const listed = (values: unknown[]) => (values.some((value) => typeof value === 'object') ? JSON.stringify(values) : values.join(', '));

function paramOf(key: string, value: unknown): FlatParam {
  return { key, value: Array.isArray(value) ? listed(value) : String(value) };
}
