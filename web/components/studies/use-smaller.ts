'use client';
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { smallerScale } from '../../lib/studies.ts';
import { longSeconds } from '../display/TakesLong.tsx';
import { askStudyEstimate, type StudyInput } from './use-study-estimate.ts';

/** The same study at a scale at which it takes about a day at the most, and what it then takes; undefined until that is known. */
export function useSmaller(input: StudyInput, seconds: number): { scale: number; seconds: number } | undefined {
  const client = useClient();
  const [smaller, setSmaller] = useState<{ scale: number; seconds: number }>();
  const scale = smallerScale(input.scale, seconds, longSeconds);
  const request = JSON.stringify({ ...input, scale });
  useEffect(() => {
    let wanted = true;
    void askStudyEstimate(client, request).then(({ devices: [quickest] }) => {
      if (wanted && quickest) setSmaller({ scale, seconds: quickest.seconds });
    });
    return () => {
      wanted = false;
    };
  }, [client, request, scale]);
  return smaller && smaller.scale === scale && smaller.seconds < seconds ? smaller : undefined;
}
