/** Settings as nested objects, and places in them as field paths: fineTune.select. */
import type { Settings } from './presets.ts';

const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The second over the first, field by field; lists are replaced whole. */
export function merged(first: Settings, second: Settings): Settings {
  const result = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const before = result[name];
    result[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

/** Undefined where nothing is there. */
export function valueAt(settings: Settings, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), settings);
}

/** The settings of one value. */
export function settingAt(path: string, value: unknown): Settings {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Settings;
}

export const withValue = (settings: Settings, path: string, value: unknown): Settings => merged(settings, settingAt(path, value));

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
