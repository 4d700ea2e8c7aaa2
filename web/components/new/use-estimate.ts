'use client';
import { useState } from 'react';
import type { Client } from 'urql';
import { objectionsOf, type RequestProblem } from '../../lib/errors.ts';
import { type DeviceEstimate, estimate } from '../../queries/start.ts';
import { useAsked } from './use-asked.ts';

export interface Estimated {
  devices: DeviceEstimate[];
  /** The input with every default; undefined where the mutation would refuse it. */
  config: unknown;
  /** What the start mutation would refuse. */
  problems: RequestProblem[];
}

export async function askEstimate(client: Client, kind: string, input: object): Promise<Estimated> {
  const { data, error } = await client.mutation(estimate, { kind: kind as 'RIFT', input }).toPromise();
  return { devices: data?.estimate.devices ?? [], config: data?.estimate.config, problems: objectionsOf(error) };
}

function ask(client: Client, request: string): Promise<Estimated> {
  const [kind, input] = JSON.parse(request) as [string, object];
  return askEstimate(client, kind, input);
}

/** What the run would take, and what is wrong with its input. */
export const useEstimate = (kind: string, input: object, complete: boolean): Estimated | undefined =>
  useAsked(complete ? JSON.stringify([kind, input]) : null, ask);

/**
 * The settings that the run would have, with every default decided; undefined where the form is not complete. Those of a moment ago
 * while the answer to the last change is awaited.
 */
export function useResolved(kind: string, estimated: Estimated | undefined, complete: boolean): unknown {
  const [last, setLast] = useState<{ kind: string; config: unknown }>();
  if (estimated && estimated.config !== last?.config) setLast({ kind, config: estimated.config });
  return complete && last?.kind === kind ? last.config : undefined;
}
