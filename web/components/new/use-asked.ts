'use client';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { type Client, useClient } from 'urql';
import type { RequestProblem } from '../../lib/errors.ts';

interface Answer {
  devices: readonly unknown[];
  /** What the start mutation would refuse. */
  problems: RequestProblem[];
}

/**
 * What the server expects of an input, a moment after the form was changed; undefined until then. request: the input as text, null
 * where it cannot be sent. ask: the same function at every call.
 */
export function useAsked<Given extends Answer>(
  request: string | null,
  ask: (client: Client, request: string) => Promise<Given>,
): Given | undefined {
  const client = useClient();
  const [settled] = useDebouncedValue(request, 400);
  const [answer, setAnswer] = useState<{ request: string; given: Given }>();
  useEffect(() => {
    if (settled === null) return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const given = await ask(client, settled);
      if (!wanted) return;
      setAnswer({ request: settled, given });
      // A device is measured once its worker has started.
      if (given.devices.length + given.problems.length === 0) timer = setTimeout(read, 3000);
    };
    void read();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, settled, ask]);
  return answer && answer.request === request ? answer.given : undefined;
}
