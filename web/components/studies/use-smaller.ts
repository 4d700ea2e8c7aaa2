'use client';
import { useEffect, useState } from 'react';
import { type Client, useClient } from 'urql';
import { smallerScale } from '../../lib/studies.ts';
import { longSeconds } from '../display/TakesLong.tsx';
import { askStudyEstimate, type StudyInput } from './use-study-estimate.ts';

interface Smaller {
  scale: number;
  seconds: number;
}

/** Not everything shrinks with the scale, so that a first guess may still take too long. */
const mostGuesses = 4;

async function findSmaller(client: Client, input: StudyInput, first: Smaller): Promise<Smaller | undefined> {
  let found = first;
  for (let guess = 0; guess < mostGuesses && found.seconds > longSeconds; guess++) {
    const scale = smallerScale(found.scale, found.seconds, longSeconds);
    const { devices } = await askStudyEstimate(client, JSON.stringify({ ...input, scale }));
    if (!devices[0] || devices[0].seconds >= found.seconds) break;
    found = { scale, seconds: devices[0].seconds };
  }
  return found === first ? undefined : found;
}

/** The same study at a scale at which it takes a day at the most, or else as little as was found; undefined until that is known. */
export function useSmaller(input: StudyInput, seconds: number): Smaller | undefined {
  const client = useClient();
  const [smaller, setSmaller] = useState<{ request: string; found: Smaller | undefined }>();
  const request = JSON.stringify(input);
  useEffect(() => {
    let wanted = true;
    const asked = JSON.parse(request) as StudyInput;
    void findSmaller(client, asked, { scale: asked.scale, seconds }).then((found) => wanted && setSmaller({ request, found }));
    return () => {
      wanted = false;
    };
  }, [client, request, seconds]);
  return smaller?.request === request ? smaller.found : undefined;
}
