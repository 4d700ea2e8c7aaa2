'use client';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { type Client, useClient } from 'urql';
import { problemsOf, type RequestProblem } from '../../lib/errors.ts';
import { type DeviceEstimate, estimate } from '../../queries/start.ts';

export interface Estimated {
  devices: DeviceEstimate[];
  /** What the start mutation would refuse. */
  problems: RequestProblem[];
}

/** Asks the server; a server that does not answer says nothing. */
export async function askEstimate(client: Client, kind: string, input: object): Promise<Estimated> {
  const { data, error } = await client.mutation(estimate, { kind: kind as 'RIFT', input }).toPromise();
  const problems = problemsOf(error).filter(({ code }) => code !== 'NETWORK' && code !== 'UNAVAILABLE');
  return { devices: data?.estimate.devices ?? [], problems };
}

/** What the run would take, and what is wrong with its input, a moment after the form was changed; undefined until then. */
export function useEstimate(kind: string, input: object, complete: boolean): Estimated | undefined {
  const client = useClient();
  const request = complete ? JSON.stringify([kind, input]) : null;
  const [settled] = useDebouncedValue(request, 400);
  const [answer, setAnswer] = useState<{ request: string; estimated: Estimated }>();
  useEffect(() => {
    if (settled === null) return;
    let wanted = true;
    const [of, what] = JSON.parse(settled) as [string, object];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const estimated = await askEstimate(client, of, what);
      if (!wanted) return;
      setAnswer({ request: settled, estimated });
      // A device is measured once its worker has started.
      if (estimated.devices.length + estimated.problems.length === 0) timer = setTimeout(ask, 3000);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, settled]);
  return answer && answer.request === request ? answer.estimated : undefined;
}
