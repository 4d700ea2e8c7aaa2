'use client';
import { createContext, use } from 'react';
import type { TypeTable } from '../../lib/form/types.ts';
import type { Raw, Values } from '../../lib/form/values.ts';
import type { Dataset, Device } from '../../queries/lab.ts';

export interface Form {
  types: TypeTable;
  values: Values;
  /** The settings that the run would have, every default decided; undefined while that is not known. */
  resolved: unknown;
  set(path: string, value: Raw | undefined): void;
  /** What is wrong with a field, by path: found here while typing, or by the server. */
  problems: Readonly<Record<string, string>>;
  projects: readonly string[];
  datasets: readonly Dataset[];
  devices: readonly Device[];
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = use(FormContext);
  if (!form) throw new Error('A field stands outside of its form.');
  return form;
}

/** True when the part at this path, or anything inside it, is wrong. */
export const hasProblem = (problems: Form['problems'], path: string): boolean =>
  Object.keys(problems).some((wrong) => wrong === path || wrong.startsWith(`${path}.`));
