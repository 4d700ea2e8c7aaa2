/** What a network is made of, without weights: for checks before a run starts. */
import { type NetworkForm, networkOf } from './form.ts';
import type { Input } from './input.ts';
import { modulesOf, type NetworkModule, parameterCount } from './modules.ts';

/** The modules of a network for a dataset's shape and classes, in network order, with PyTorch's shapes. */
export function modules(form: NetworkForm, input: Input): NetworkModule[] {
  return modulesOf(networkOf(form, input));
}

/** Entries that training changes. */
export function parametersOfNetwork(form: NetworkForm, input: Input): number {
  return parameterCount(networkOf(form, input));
}
