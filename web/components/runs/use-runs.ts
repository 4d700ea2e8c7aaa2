'use client';
import { useDebouncedCallback } from '@mantine/hooks';
import type { SortingState } from '@tanstack/react-table';
import { useEffect, useRef } from 'react';
import { useClient, useQuery } from 'urql';
import { runs, runsBefore, runsUpdates } from '../../queries/runs.ts';
import { useAddress } from '../display/address.ts';
import { firstPage, placeBefore, usePaging } from '../display/paging.ts';

export const pageLength = 50;

const orders = /^(.+)\.(asc|desc)$/;

/** What goes on stands above what has ended. */
const goingOnFirst = [
  { by: 'activity', direction: 'DESC' as const },
  { by: 'created', direction: 'DESC' as const },
];

/** The runs that the address names, one page of them, kept up to date. */
export function useRuns() {
  const { read, write } = useAddress();
  const [project, filter, order] = [read('project'), read('filter') ?? '', read('order')];
  const deleted = read('deleted') !== null;
  const [, by = 'created', direction = 'desc'] = orders.exec(order ?? '') ?? [];
  const choice = {
    project,
    filter: filter || null,
    deleted,
    orderBy: order === null ? goingOnFirst : [{ by, direction: direction === 'asc' ? ('ASC' as const) : ('DESC' as const) }],
  };
  const client = useClient();
  const paging = usePaging([project, filter, order, deleted].join('\n'), async (before) => {
    const answer = await client.query(runsBefore, { ...choice, last: pageLength, before }).toPromise();
    return placeBefore(
      answer.data?.runs.edges.map(({ cursor }) => cursor),
      pageLength,
    );
  });
  const variables = { ...choice, first: pageLength, after: paging.after };
  const [{ data, error, fetching, operation }, refresh] = useQuery({ query: runs, variables });
  const page = data?.runs;
  useLiveRows(
    project,
    deleted,
    page?.nodes.map(({ id }) => id),
    () => refresh({ requestPolicy: 'network-only' }),
  );
  return {
    ...{ page, error, fetching, project, filter, deleted, paging },
    /** The page that the address names, and no longer the one before it. */
    settled: operation?.variables.after === paging.after,
    sorting: [{ id: by, desc: direction === 'desc' }] satisfies SortingState,
    sort: ([first]: SortingState) => first && write({ values: { order: `${first.id}.${first.desc ? 'desc' : 'asc'}`, ...firstPage } }),
    chooseProject: (name: string | null) => write({ values: { project: name, ...firstPage } }),
    showDeleted: (shown: boolean) => write({ values: { deleted: shown ? 'yes' : null, ...firstPage } }),
    /** continued: the same filter is still being written. */
    chooseFilter: (text: string, continued: boolean) => write({ values: { filter: text, ...firstPage }, replace: continued }),
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
