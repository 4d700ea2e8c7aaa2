/** Ids as clients see them: Run-12. */
import { BadInputError } from '../errors.ts';
import type { Path } from './input.ts';

export type NodeType = 'User' | 'ApiToken' | 'Project' | 'Run' | 'Checkpoint' | 'InterpolationSweep' | 'Evaluation' | 'Device';

export const globalId = (type: string, id: string | number | bigint) => `${type}-${id}`;

export function splitGlobalId(id: string): { typename: string; id: string } {
  const dash = id.indexOf('-');
  return dash < 1 ? { typename: '', id } : { typename: id.slice(0, dash), id: id.slice(dash + 1) };
}

const largestRow = 2_147_483_647;

/** The row of an id of this type; null for what no row can have. Throws BadInputError for the id of something else. */
export function rowOf(type: NodeType, id: string, path: Path = ['id']): number | null {
  const { typename, id: row } = splitGlobalId(id);
  if (typename && typename !== type && /^[A-Z]/.test(typename)) {
    throw new BadInputError(`${id} is the id of a ${typename}; this takes the id of a ${type}.`, path);
  }
  if (typename !== type || !/^\d{1,10}$/.test(row) || Number(row) > largestRow) return null;
  return Number(row);
}
