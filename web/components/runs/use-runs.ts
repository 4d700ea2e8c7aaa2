'use client';
import { useDebouncedCallback } from '@mantine/hooks';
import type { SortingState } from '@tanstack/react-table';
import { useEffect, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { runs, runsUpdates } from '../../queries/runs.ts';

const pageLength = 50;

/** One page of the runs that are wanted, kept up to date; previous and next are there when such a page is. */
export function useRuns(project: string | null, filter: string, deleted: boolean) {
  const [sorting, sort] = useState<SortingState>([{ id: 'created', desc: true }]);
  const [cursors, setCursors] = useState<string[]>([]);
  const choice = `${project}\n${filter}\n${deleted}`;
  const [chosen, setChosen] = useState(choice);
  if (chosen !== choice) {
    setChosen(choice);
    setCursors([]);
  }
  const orderBy = sorting.map(({ id, desc }) => ({ by: id, direction: desc ? ('DESC' as const) : ('ASC' as const) }));
  const variables = { project, filter: filter || null, deleted, orderBy, first: pageLength, after: cursors.at(-1) ?? null };
  const [{ data, error, fetching }, refresh] = useQuery({ query: runs, variables });
  const page = data?.runs;
  useLiveRows(
    project,
    deleted,
    page?.nodes.map(({ id }) => id),
    () => refresh({ requestPolicy: 'network-only' }),
  );
  const end = page?.pageInfo.endCursor;
  return {
    page,
    error,
    fetching,
    sorting,
    setSorting: (next: SortingState) => {
      sort(next);
      setCursors([]);
    },
    previous: cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined,
    next: page?.pageInfo.hasNextPage && end ? () => setCursors([...cursors, end]) : undefined,
  };
}

/** Rows that are shown change through the cache; a run that is not among them, or one that ends, has the page read again. */
function useLiveRows(project: string | null, deleted: boolean, shown: string[] | undefined, refresh: () => void) {
  const client = useClient();
  const soon = useDebouncedCallback(refresh, 600);
  const latest = useRef({ shown, soon });
  latest.current = { shown, soon };
  useEffect(() => {
    const states = new Map<string, string>();
    const { unsubscribe } = client.subscription(runsUpdates, { project }).subscribe(({ data }) => {
      if (!data) return;
      const { id, state, deletedAt } = data.runsUpdated;
      const known = latest.current.shown?.includes(id) ?? true;
      const elsewhere = known && (deletedAt !== null) !== deleted;
      if (!known || elsewhere || (states.has(id) && states.get(id) !== state)) latest.current.soon();
      states.set(id, state);
    });
    return unsubscribe;
  }, [client, project, deleted]);
}
