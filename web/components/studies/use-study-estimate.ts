'use client';
import type { Client } from 'urql';
import { objectionsOf } from '../../lib/errors.ts';
import { estimateStudy } from '../../queries/studies.ts';
import { useAsked } from '../new/use-asked.ts';

export interface StudyInput {
  name: string;
  project: string;
  seeds: number[];
  scale: number;
}

/** request: the input as text. */
export async function askStudyEstimate(client: Client, request: string) {
  const { data, error } = await client.mutation(estimateStudy, { input: JSON.parse(request) as StudyInput }).toPromise();
  return { estimate: data?.estimateStudy, devices: data?.estimateStudy.devices ?? [], problems: objectionsOf(error) };
}

/** What the study would take, and what is wrong with its input. */
export const useStudyEstimate = (input: StudyInput, complete: boolean) =>
  useAsked(complete ? JSON.stringify(input) : null, askStudyEstimate);
