'use client';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import { runsUpdates } from '../../queries/runs.ts';

/** Reads again, a moment later, when a run of the project changes: all projects where it is null. */
export function useLiveRuns(project: string | null | undefined, refresh: () => void): void {
  const client = useClient();
  const soon = useDebouncedCallback(refresh, { delay: 1500, leading: true });
  const latest = useRef(soon);
  latest.current = soon;
  useEffect(() => {
    if (project === undefined) return;
    const { unsubscribe } = client.subscription(runsUpdates, { project }).subscribe(({ data }) => data && latest.current());
    return unsubscribe;
  }, [client, project]);
}
