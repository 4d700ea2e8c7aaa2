'use client';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from 'urql';
import { nameFilter } from '../../lib/filter.ts';
import { type CheckpointChoice, checkpointChoice, checkpointChoices } from '../../queries/checkpoints.ts';

/** As the picker shows it, and as its field does once it is chosen. */
export const labelOf = ({ id, name }: CheckpointChoice) => `${name} (${id})`;

/** The checkpoint of this id. */
export function useCheckpoint(id: string | null): CheckpointChoice | null {
  const [{ data }] = useQuery({ query: checkpointChoice, variables: { id: id ?? '' }, pause: id === null, requestPolicy: 'cache-first' });
  return (id !== null && data?.checkpoint) || null;
}

/** The newest checkpoints whose name contains the text, the chosen one among them; cut: how many more there are. */
export function useCheckpoints(text: string, chosen: string | null) {
  const own = useCheckpoint(chosen);
  const [search] = useDebouncedValue(own && text === labelOf(own) ? '' : text, 200);
  const [{ data }] = useQuery({ query: checkpointChoices, variables: { filter: nameFilter(search) } });
  const found = data?.checkpoints.nodes ?? [];
  const isListed = !own || found.some(({ id }) => id === own.id);
  return {
    checkpoints: isListed ? found : [own, ...found],
    cut: Math.max(0, (data?.checkpoints.totalCount ?? 0) - found.length),
  };
}
