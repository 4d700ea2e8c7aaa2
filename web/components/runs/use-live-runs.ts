'use client';
import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import type { ResultOf } from '../../lib/graphql.ts';
import { runsUpdates } from '../../queries/runs.ts';

/** A run that computes changes every second. */
const pause = 1500;

type Changed = ResultOf<typeof runsUpdates>['runsUpdated'];

const always = () => true;

/**
 * Reads again, a moment later, when a run of the project changes, and once more after the last change: all projects where it is null.
 * matters: which changes do; the same function at every call.
 */
export function useLiveRuns(project: string | null | undefined, refresh: () => void, matters: (run: Changed) => boolean = always): void {
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
    const { unsubscribe } = client
      .subscription(runsUpdates, { project })
      .subscribe(({ data }) => data && matters(data.runsUpdated) && soon());
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [client, project, matters]);
}
