'use client';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { type Client, type CombinedError, useClient, useQuery } from 'urql';
import { noRecords, type RecordsAction, reduceRecords } from '../../lib/records.ts';
import { continued, isCurve, type Series } from '../../lib/series.ts';
import { type RunPageRun, runLog, runPage, runRecords, runSeries, runUpdates } from '../../queries/run.ts';
import type { Reading } from './Waiting.tsx';

/** A run with everything recorded of it, as it is now; changes arrive by themselves. */
export function useRun(id: string) {
  const client = useClient();
  const [{ data, error, fetching }, refresh] = useQuery({ query: runPage, variables: { id } });
  const [records, dispatch] = useReducer(reduceRecords, noRecords);
  const [recordsRead, setRecordsRead] = useState(false);
  const { problems, note } = useProblems();
  /** Counts the snapshots: each but the first follows an interruption, after which everything is read again. */
  const [snapshots, setSnapshots] = useState(0);

  const read = useCallback(async () => {
    const { data: now, error: refused } = await client.query(runRecords, { id }, { requestPolicy: 'network-only' }).toPromise();
    if (now?.run) dispatch({ type: 'read', read: now.run });
    note('records', refused);
    if (!refused) setRecordsRead(true);
  }, [client, id, note]);

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

  const logRead = useLog({ client, id, snapshots, dispatch, note });
  const run = data?.run ?? null;
  const state = run?.state;
  // Runs ahead of it end without a word to this one.
  useEffect(() => {
    if (state !== 'QUEUED') return;
    const timer = setInterval(() => refresh({ requestPolicy: 'network-only' }), 5000);
    return () => clearInterval(timer);
  }, [state, refresh]);
  useEffect(() => {
    if (state && state !== 'QUEUED' && state !== 'RUNNING') void read();
  }, [state, read]);
  const curves = useSeries(run, snapshots, records.metrics, note);
  const readAgain = () => {
    setSnapshots((before) => before + 1);
    void read();
  };
  const reading = (part: Part, isRead: boolean): Reading => (isRead ? 'read' : problems[part] ? 'failed' : 'reading');
  return {
    ...{ run, error, fetching, records, curves, readAgain },
    recordsRead: reading('records', recordsRead),
    logRead: reading('log', logRead),
    /** Why something recorded is not shown, where that is so. */
    problem: problems.records ?? problems.log ?? problems.series,
  };
}

type Part = 'records' | 'log' | 'series';
type Note = (part: Part, error: CombinedError | undefined) => void;

/** What could not be read, until it is read after all. */
function useProblems() {
  const [problems, setProblems] = useState<Readonly<Partial<Record<Part, CombinedError>>>>({});
  const note: Note = useCallback(
    (part, error) => setProblems((before) => (before[part] === error ? before : { ...before, [part]: error })),
    [],
  );
  return { problems, note };
}

const linesAtOnce = 1000;

interface LogReader {
  client: Client;
  id: string;
  snapshots: number;
  dispatch(action: RecordsAction): void;
  note: Note;
}

/** Reads the log to its end; live lines follow. Again after an interruption. Returns whether the end was reached. */
function useLog({ client, id, snapshots, dispatch, note }: LogReader): boolean {
  const [done, setDone] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a snapshot is the reason to read again
  useEffect(() => {
    let wanted = true;
    const read = async () => {
      let after: number | null = null;
      while (wanted) {
        const { data, error } = await readLines(client, id, after);
        if (!wanted) return;
        note('log', error);
        if (error) return;
        const lines = data?.run?.log ?? [];
        if (lines.length > 0) dispatch({ type: 'lines', lines });
        if (lines.length < linesAtOnce) return setDone(true);
        after = lines.at(-1)?.seq ?? null;
      }
    };
    void read();
    return () => {
      wanted = false;
    };
  }, [client, id, snapshots, dispatch, note]);
  return done;
}

const readLines = (client: Client, id: string, after: number | null) =>
  client.query(runLog, { id, after }, { requestPolicy: 'network-only' }).toPromise();

/** Metrics that are read at once. */
const keysAtOnce = 60;

/** The series of the run's metrics, the first of them; more() reads on. */
function useSeries(run: RunPageRun | null, snapshots: number, live: Parameters<typeof continued>[1], note: Note) {
  const [pages, setPages] = useState(1);
  const all = (run?.metrics ?? []).map(({ key }) => key).filter((key) => isCurve(key, run?.kind === 'EXTERNAL'));
  const known = new Set(all);
  const keys = all.slice(0, pages * keysAtOnce);
  const client = useClient();
  const [read, setRead] = useState<Series[]>([]);
  const wanted = keys.join('\n');
  const id = run?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a snapshot is the reason to read again
  useEffect(() => {
    if (!id || !wanted) return;
    let current = true;
    void readSeries(client, id, wanted.split('\n')).then(({ series, error }) => {
      if (!current) return;
      note('series', error);
      if (!error) setRead(series);
    });
    return () => {
      current = false;
    };
  }, [client, id, wanted, snapshots, note]);
  const shown = Object.fromEntries(Object.entries(live).filter(([key]) => keys.includes(key) || !known.has(key)));
  return { series: continued(read, shown), more: all.length - keys.length, showMore: () => setPages(pages + 1) };
}

async function readSeries(client: Client, id: string, keys: readonly string[]) {
  const parts = Array.from({ length: Math.ceil(keys.length / keysAtOnce) }, (_, part) =>
    keys.slice(part * keysAtOnce, (part + 1) * keysAtOnce),
  );
  const answers = await Promise.all(
    parts.map((part) => client.query(runSeries, { id, keys: part }, { requestPolicy: 'network-only' }).toPromise()),
  );
  return {
    series: answers.flatMap(({ data }): Series[] => data?.run?.series ?? []),
    error: answers.find(({ error }) => error)?.error,
  };
}
