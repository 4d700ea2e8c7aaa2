'use client';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { type Client, useClient, useQuery } from 'urql';
import { noRecords, type RecordsAction, reduceRecords } from '../../lib/records.ts';
import { continued, type Series } from '../../lib/series.ts';
import { type LogLine, type RunPageRun, runLog, runPage, runRecords, runSeries, runUpdates } from '../../queries/run.ts';

/** A run with everything recorded of it, as it is now; changes arrive by themselves. */
export function useRun(id: string) {
  const client = useClient();
  const [{ data, error, fetching }] = useQuery({ query: runPage, variables: { id } });
  const [records, dispatch] = useReducer(reduceRecords, noRecords);
  const [recordsRead, setRecordsRead] = useState(false);
  /** Counts the snapshots: each but the first follows an interruption, after which everything is read again. */
  const [snapshots, setSnapshots] = useState(0);

  const read = useCallback(async () => {
    await readRecords(client, id, dispatch);
    setRecordsRead(true);
  }, [client, id]);

  useEffect(() => {
    void read();
    const { unsubscribe } = client.subscription(runUpdates, { id }).subscribe(({ data: live }) => {
      const update = live?.runUpdated;
      if (!update) return;
      dispatch({ type: 'update', update });
      if (update.__typename !== 'RunSnapshot') return;
      setSnapshots((before) => before + 1);
      void read();
    });
    return unsubscribe;
  }, [client, id, read]);

  useLog(client, id, snapshots, dispatch);
  const run = data?.run ?? null;
  const state = run?.state;
  useEffect(() => {
    if (state && state !== 'QUEUED' && state !== 'RUNNING') void read();
  }, [state, read]);
  const series = useSeries(run, snapshots, records.metrics);
  return { run, error, fetching, records, recordsRead, series };
}

async function readRecords(client: Client, id: string, dispatch: (action: RecordsAction) => void) {
  const { data } = await client.query(runRecords, { id }, { requestPolicy: 'network-only' }).toPromise();
  if (data?.run) dispatch({ type: 'read', read: data.run });
}

const linesAtOnce = 1000;

async function readLines(client: Client, id: string, after: number | null): Promise<LogLine[]> {
  const { data } = await client.query(runLog, { id, after }, { requestPolicy: 'network-only' }).toPromise();
  return data?.run?.log ?? [];
}

/** Reads the log to its end; live lines follow. Again after an interruption. */
function useLog(client: Client, id: string, snapshots: number, dispatch: (action: RecordsAction) => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a snapshot is the reason to read again
  useEffect(() => {
    let wanted = true;
    const read = async () => {
      let after: number | null = null;
      while (wanted) {
        const lines = await readLines(client, id, after);
        if (wanted && lines.length > 0) dispatch({ type: 'lines', lines });
        if (lines.length < linesAtOnce) return;
        after = lines.at(-1)?.seq ?? null;
      }
    };
    void read();
    return () => {
      wanted = false;
    };
  }, [client, id, snapshots, dispatch]);
}

function useSeries(run: RunPageRun | null, snapshots: number, live: Parameters<typeof continued>[1]): Series[] {
  const keys = (run?.metrics ?? []).filter(({ count }) => count > 1).map(({ key }) => key);
  const variables = { id: run?.id ?? '', keys: keys.slice(0, 100) };
  const [{ data }, refresh] = useQuery({ query: runSeries, variables, pause: keys.length === 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a snapshot is the reason to read again
  useEffect(() => {
    if (snapshots > 1 && keys.length > 0) refresh({ requestPolicy: 'network-only' });
  }, [snapshots]);
  return continued(data?.run?.series ?? [], live);
}
