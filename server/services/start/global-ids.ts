/** Row ids of a request as clients write them, so that the recorded configuration starts the run again. */
import { globalId } from '../identity.ts';

const types: Record<string, 'Checkpoint' | 'Device'> = {
  checkpoint: 'Checkpoint',
  base: 'Checkpoint',
  tuned: 'Checkpoint',
  merge: 'Checkpoint',
  device: 'Device',
};

export function globalIds(value: object): object {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      const type = types[key];
      if (type && typeof inner === 'number') return [key, globalId(type, inner)];
      if (type && Array.isArray(inner)) return [key, inner.map((id) => globalId(type, id))];
      return [key, typeof inner === 'object' && !Array.isArray(inner) ? globalIds(inner) : inner];
    }),
  );
}
