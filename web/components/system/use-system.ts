'use client';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { type Dataset, system } from '../../queries/lab.ts';

const pauseMilliseconds = 2000;

/** What computes here and what images there are; read again while a dataset is being prepared, until it is ready. */
export function useSystem() {
  const [answer, refresh] = useQuery({ query: system });
  const isPreparing = answer.data?.datasets.some(({ state }) => state === 'PREPARING') ?? false;
  useEffect(() => {
    if (!isPreparing) return;
    const timer = setInterval(() => refresh({ requestPolicy: 'network-only' }), pauseMilliseconds);
    return () => clearInterval(timer);
  }, [isPreparing, refresh]);
  return [answer, refresh] as const;
}

/** The datasets that can be chosen; undefined while they are being read, none where they could not be. */
export function useDatasets(): readonly Dataset[] | undefined {
  const [{ data, error }] = useSystem();
  return data?.datasets ?? (error ? [] : undefined);
}
