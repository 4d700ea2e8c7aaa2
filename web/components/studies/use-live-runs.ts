'use client';
import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import { runsUpdates } from '../../queries/runs.ts';

/** A run that computes changes every second. */
const pause = 1500;

/** Reads again, a moment later, when a run of the project changes, and once more after the last change: all projects where it is null. */
export function useLiveRuns(project: string | null | undefined, refresh: () => void): void {
  const client = useClient();
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    if (project === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current();
      }, pause);
    };
    const { unsubscribe } = client.subscription(runsUpdates, { project }).subscribe(({ data }) => data && soon());
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [client, project]);
}
