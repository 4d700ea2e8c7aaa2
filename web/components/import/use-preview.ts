'use client';
import { useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { type ImportInput, type Preview, previewImport } from '../../queries/import.ts';

export interface Previewed {
  /** Of the last answer, which may be to other settings. */
  preview: Preview | null;
  error: CombinedError | undefined;
  /** Whether the answer is to what is asked. */
  settled: boolean;
}

const pauseMilliseconds = 350;

/** What the lab would make of the input; asked again a moment after every change. key: changes with what matters. */
export function usePreview(input: ImportInput | null, key: string): Previewed {
  const client = useClient();
  const [answer, setAnswer] = useState<{ key: string; preview: Preview | null; error: CombinedError | undefined } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when the input is another
  useEffect(() => {
    if (!input) return;
    let wanted = true;
    const timer = setTimeout(async () => {
      const { data, error } = await client.query(previewImport, { input }, { requestPolicy: 'network-only' }).toPromise();
      if (wanted) setAnswer({ key, preview: data?.previewImport ?? null, error });
    }, pauseMilliseconds);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [key, input === null]);
  return { preview: answer?.preview ?? null, error: answer?.error, settled: answer?.key === key };
}
