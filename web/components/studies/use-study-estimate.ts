'use client';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { problemsOf, type RequestProblem } from '../../lib/errors.ts';
import { estimateStudy, type StudyEstimate } from '../../queries/studies.ts';

interface Estimated {
  estimate?: StudyEstimate;
  /** What startStudy would refuse. */
  problems: RequestProblem[];
}

interface StudyInput {
  name: string;
  project: string;
  seeds: number[];
  scale: number;
}

/** What the study would take, and what is wrong with it, a moment after the form was changed; undefined until then. */
export function useStudyEstimate(input: StudyInput, complete: boolean): Estimated | undefined {
  const client = useClient();
  const request = complete ? JSON.stringify(input) : null;
  const [settled] = useDebouncedValue(request, 500);
  const [answer, setAnswer] = useState<{ request: string; estimated: Estimated }>();
  useEffect(() => {
    if (settled === null) return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const { data, error } = await client.mutation(estimateStudy, { input: JSON.parse(settled) as StudyInput }).toPromise();
      const problems = problemsOf(error).filter(({ code }) => code !== 'NETWORK' && code !== 'UNAVAILABLE');
      if (!wanted) return;
      setAnswer({ request: settled, estimated: { estimate: data?.estimateStudy, problems } });
      // A device is measured once its worker has started.
      if (data?.estimateStudy.devices.length === 0) timer = setTimeout(ask, 3000);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, settled]);
  return answer && answer.request === request ? answer.estimated : undefined;
}
