/** Ids as clients see them: Run-12. */
import { BadInputError } from '../errors.ts';
import type { Path } from './input.ts';

export type NodeType =
  | 'User'
  | 'ApiToken'
  | 'Project'
  | 'Run'
  | 'Checkpoint'
  | 'InterpolationSweep'
  | 'Evaluation'
  | 'Device'
  | 'Upload'
  | 'Study';

export const globalId = (type: string, id: string | number | bigint) => `${type}-${id}`;

export function splitGlobalId(id: string): { typename: string; id: string } {
  const dash = id.indexOf('-');
  return dash < 1 ? { typename: '', id } : { typename: id.slice(0, dash), id: id.slice(dash + 1) };
}

const largestRow = 2_147_483_647;

function checkType(type: NodeType, id: string, path: Path): void {
  const { typename } = splitGlobalId(id);
  if (!typename || typename === type || !/^[A-Z]/.test(typename)) return;
  throw new BadInputError(`${id} is the id of a ${typename}; this takes the id of a ${type}.`, path);
}

/** A user's id in the database, of which nothing is known but its letters; null for what none can have. Throws as rowOf does. */
export function userIdOf(id: string, path: Path): string | null {
  checkType('User', id, path);
  const { typename, id: row } = splitGlobalId(id);
  return typename === 'User' && /^[\w-]{1,64}$/.test(row) ? row : null;
}

/** The row of an id of this type; null for what no row can have. Throws BadInputError for the id of something else. */
export function rowOf(type: NodeType, id: string, path: Path = ['id']): number | null {
  checkType(type, id, path);
  const { typename, id: row } = splitGlobalId(id);
  if (typename !== type || !/^\d{1,10}$/.test(row) || Number(row) > largestRow) return null;
  return Number(row);
}

/** The record that an id of this type stands for; null where there is none. Throws as rowOf does. */
export function recordOf<Row>(type: NodeType, id: string, loader: { load(row: number): Promise<Row | null> }): Promise<Row | null> | null {
  const row = rowOf(type, id);
  return row === null ? null : loader.load(row);
}
