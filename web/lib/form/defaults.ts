/** What a field has that is left empty. */
import type { InputField } from '../../queries/start.ts';
import { hints } from './hints.ts';
import { writtenNumber } from './numbers.ts';
import { defaultOf } from './types.ts';

/**
 * An attack that is left out whole is that of another part of the request, except a training's own: the defaults of its fields hold
 * only beside others that are given.
 */
const isTaken = (owner: string, path: string) => owner === 'PgdInput' && !/(^|\.)training\.attack\.\w+$|\.randomStart$/.test(path);

/** A field's default whatever the others say; undefined where there is none. */
export const ownDefault = (owner: string, field: InputField, path: string): unknown =>
  isTaken(owner, path) ? undefined : defaultOf(field);

export function valueAt(config: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown> | null | undefined)?.[name], config);
}

function written(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.every((item) => typeof item !== 'object') ? value.map(written).join(', ') : undefined;
  if (typeof value === 'object') return undefined;
  return typeof value === 'number' ? writtenNumber(value) : value === undefined ? undefined : String(value);
}

/** What an empty field will be: as the server has decided it, or else as its default says. resolved: the settings of the run. */
export const defaultWord = (owner: string, field: InputField, path: string, resolved: unknown): string | undefined =>
  written(valueAt(resolved, path)) ?? hints[`${owner}.${field.name}`]?.placeholder ?? written(ownDefault(owner, field, path));
